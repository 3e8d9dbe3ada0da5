"""Chooses the entries of a broken catalogue in whose place last good definitions stand, and no others.

The search puts back edited entries before unedited ones, and the entries that an entry uses before the entry itself.
So a broken source alone is put back where that mends every indicator that reads it, and a sound edit is held back only
where an indicator that was good could not load beside it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from dashboard.catalog.builder import PlainEntries, build_catalog
from dashboard.catalog.catalog import Catalog
from dashboard.catalog.indicator import Indicator
from dashboard.catalog.source import Source
from dashboard.catalog.yaml_text.reader import Document, is_under, path_text
from dashboard.domain import Problem

EntryKey = tuple[str, str]  # group and id
Chosen = dict[EntryKey, str]  # entries to put back, each with the indicator for whose sake

MODELS: Mapping[str, type[BaseModel]] = {"sources": Source, "indicators": Indicator}


def with_last_good(
    document: Document, last_good: PlainEntries, folder: Path, claims: Collection[str] | None
) -> tuple[Catalog, PlainEntries]:
    """The catalogue in force, with its `fallbacks`, and the plain values of its entries.

    Its problems are those of the file as it stands. Raises CatalogError where the document is no catalogue at all.
    """
    return _FallbackSearch(document, last_good, folder, claims).run()


def last_good_alone(last_good: PlainEntries, file: str, folder: Path, reasons: tuple[Problem, ...]) -> Catalog:
    """The catalogue of the last good definitions alone, for a file that cannot be read as a whole."""
    document = Document(file, value={"version": 1, **last_good}, places={(): (0, 0)})
    proven = {(group, name) for group, entries in last_good.items() for name in entries}
    catalog, _ = build_catalog(document, folder, claims=None, proven=proven)
    problems = tuple(sorted({*reasons, *catalog.problems}))
    return replace(catalog, problems=problems, fallbacks=dict.fromkeys(catalog.indicators, reasons), unreadable=reasons)


class _FallbackSearch:
    """Puts last good definitions into a document, a few more with each loading, until nothing that was good is lost.

    `_put_back` holds the entries that were put back, each with the indicator for whose sake.
    """

    def __init__(
        self, document: Document, last_good: PlainEntries, folder: Path, claims: Collection[str] | None
    ) -> None:
        self._document, self._last_good, self._folder, self._claims = document, last_good, folder, claims
        self._put_back: Chosen = {}
        self._catalog, self._plain_entries = build_catalog(document, folder, claims)
        self._file_catalog = self._catalog  # of the file alone
        root: Any = document.value
        self._root: dict[str, Any] = root
        self._in_file = {group: _mapping(root.get(group)) for group in MODELS}

    def run(self) -> tuple[Catalog, PlainEntries]:
        chosen = self._lost_with_their_group()
        while chosen := chosen or self._choose():
            self._put_back.update(chosen)
            chosen = {}
            self._load()
        not_loaded = {name: self._why_not_loaded(name) for name in self._catalog.not_loaded}
        fallbacks = {name: why for name in self._catalog.indicators if (why := self._why_fallback(name))}
        problems = self._file_catalog.problems
        catalog = replace(self._catalog, problems=problems, not_loaded=not_loaded, fallbacks=fallbacks)
        return catalog, self._plain_entries

    def _load(self) -> None:
        values = {group: dict(entries) for group, entries in self._in_file.items()}
        for group, name in self._put_back:
            if name in self._last_good[group]:
                values[group][name] = self._last_good[group][name]
            else:
                del values[group][name]
        problems = [
            problem
            for problem in self._document.problems
            if not any(is_under(problem, entry) for entry in self._put_back)
        ]
        mixed = replace(self._document, value={**self._root, **values}, problems=problems)
        self._catalog, self._plain_entries = build_catalog(mixed, self._folder, self._claims, proven=self._put_back)

    def _lost_with_their_group(self) -> Chosen:
        """Indicators that cannot be seen, although not deleted: `indicators:` stands twice, or is an alias."""
        if not any(problem.path == "indicators" for problem in self._document.problems):
            return {}
        lost = (name for name in self._last_good["indicators"] if name not in self._in_file["indicators"])
        return {("indicators", name): name for name in lost}

    def _choose(self) -> Chosen:
        """The entries to put back next; empty where nothing is broken, or no last good definition is left to try."""
        not_loaded = list(self._catalog.not_loaded)
        return self._broken_edits(not_loaded) or self._edits_nearby(not_loaded) or self._unedited(not_loaded)

    def _broken_edits(self, not_loaded: Iterable[str]) -> Chosen:
        """Edited entries that are broken and use no other such entry."""
        broken: Chosen = {}
        for name in not_loaded:
            for entry in (("indicators", name), *self._used_by(("indicators", name))):
                if self._is_broken(entry) and self._can_be_put_back(entry) and self._is_edited(entry):
                    broken.setdefault(entry, name)
        independent = {
            entry: name for entry, name in broken.items() if not any(used in broken for used in self._used_by(entry))
        }
        return independent or broken

    def _edits_nearby(self, not_loaded: Iterable[str]) -> Chosen:
        """For each indicator that was good, the nearest edited entries that it uses, directly or through others."""
        chosen: Chosen = {}
        for name in not_loaded:
            near: list[EntryKey] = [("indicators", name)] if name in self._last_good["indicators"] else []
            seen = set(near)
            while near and not any(entry in chosen for entry in near):
                near = [used for entry in near for used in self._used_by(entry, was_good=True) if used not in seen]
                seen.update(near)
                # an indicator with a file has a source of its own, whose id another source may have taken
                own_source = ("sources", name)
                edits = [
                    used
                    for used in near
                    if self._is_edited(used) and (self._can_be_put_back(used) or used == own_source)
                ]
                chosen.update({entry: name for entry in edits if entry not in self._put_back})
        return chosen

    def _unedited(self, not_loaded: Iterable[str]) -> Chosen:
        """Entries that nobody edited and that are broken for a reason outside the file: a claim that left seeds/."""
        return {
            entry: name
            for name in not_loaded
            for entry in (("indicators", name), *self._used_by(("indicators", name)))
            if self._is_broken(entry) and self._can_be_put_back(entry)
        }

    def _is_broken(self, entry: EntryKey) -> bool:
        group, name = entry
        if group == "indicators":
            return name in self._catalog.not_loaded
        return name in self._in_file[group] and name not in self._catalog.sources

    def _can_be_put_back(self, entry: EntryKey) -> bool:
        group, name = entry
        return entry not in self._put_back and name in self._last_good[group]

    def _is_edited(self, entry: EntryKey) -> bool:
        """Whether the file defines the entry otherwise than its last good definition, or cannot be understood there."""
        group, name = entry
        if name not in self._last_good[group] or name not in self._in_file[group]:
            return name in self._last_good[group] or name in self._in_file[group]
        is_clear = not any(is_under(problem, entry) for problem in self._document.problems)
        current, previous = self._in_file[group][name], self._last_good[group][name]
        return not is_clear or (current != previous and _model(group, current) != _model(group, previous))

    def _used_by(self, entry: EntryKey, *, was_good: bool = False) -> Iterator[EntryKey]:
        """The entries that an entry reads, needs or names, by the definition in force or else by the last good one."""
        group, name = entry
        current, previous = self._in_file[group].get(name), self._last_good[group].get(name)
        is_previous = was_good or entry in self._put_back
        model = _model(group, previous if is_previous else current) or _model(group, previous)
        if isinstance(model, Source):
            yield from (("sources", other) for other in (model.repeats, *model.independent_of) if other)
        if isinstance(model, Indicator):
            own_source = [name] if model.file else []
            yield from (("sources", source) for source in [*model.sources, *model.baselines, *own_source])
            yield from (("indicators", need) for need in model.needs)

    def _why_fallback(self, name: str) -> tuple[Problem, ...]:
        """Why last good definitions contribute to an indicator; empty where it follows from the file alone."""
        indicators: list[EntryKey] = [("indicators", need) for need in self._catalog.with_needs(name)]
        sources: list[EntryKey] = [("sources", source) for source in self._catalog.sources_of([name])]
        for source in sources:
            sources += [other for other in self._used_by(source) if other not in sources]
        put_back = [entry for entry in (*indicators, *sources) if entry in self._put_back]
        return tuple(sorted({problem for entry in put_back for problem in self._why_put_back(entry)}))

    def _why_put_back(self, entry: EntryKey) -> tuple[Problem, ...]:
        """The problems for which the last good definition of an entry stands."""
        group, name = entry
        if group == "indicators" and name in self._file_catalog.not_loaded:
            return self._file_catalog.not_loaded[name]
        own_problems = tuple(problem for problem in self._file_catalog.problems if is_under(problem, entry))
        if group == "indicators" and name not in self._in_file[group]:
            own_problems = tuple(problem for problem in self._document.problems if problem.path == group)
        return own_problems or self._why_held_back(entry)

    def _why_held_back(self, entry: EntryKey) -> tuple[Problem, ...]:
        """That a sound edit is not live, or an entry is missing, and for the sake of which indicator."""
        group, name = entry
        sake = self._put_back[entry]
        is_deleted = name not in self._in_file[group]
        line, column = self._document.place(("indicators", sake) if is_deleted else entry)
        message = f"the edit is not live: {sake} would not load with it"
        if is_deleted:
            message = f"gone from the file, but {sake} needs it"
        message = f"{message}; its last good definition stands"
        problem = Problem(self._document.file, line, column, path_text(entry), message)
        return problem, *self._file_catalog.not_loaded.get(sake, ())

    def _why_not_loaded(self, name: str) -> tuple[Problem, ...]:
        """The problems in the file; where it has none there, those beside the definitions that were put back."""
        if name in self._file_catalog.not_loaded:
            return self._file_catalog.not_loaded[name]
        put_back = [entry for entry in self._used_by(("indicators", name)) if entry in self._put_back]
        reasons = {problem for entry in put_back for problem in self._why_put_back(entry)}
        return tuple(sorted({*self._catalog.not_loaded[name], *reasons}))


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _model(group: str, value: object) -> BaseModel | None:
    try:
        return MODELS[group].model_validate(value)
    except ValidationError:
        return None
