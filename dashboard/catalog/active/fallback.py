"""A catalogue in which last good definitions stand in for what is wrong in the file, and for nothing else.

What the officer edited is to blame before what he left alone, and what an entry rests on before the entry. So a
broken source is brought back alone where that mends all that read it, and a sound edit is held back only where an
indicator that was good could not stand beside it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Any

from pydantic import BaseModel, ValidationError

from dashboard.catalog.catalog import Catalog
from dashboard.catalog.indicator import Indicator
from dashboard.catalog.loader import build_catalog
from dashboard.catalog.source import Source
from dashboard.catalog.yaml_text.reader import Document, is_under, path_text
from dashboard.domain import Problem

Entry = tuple[str, str]  # group and id
Good = Mapping[str, Mapping[str, Any]]  # plain values by group and id: what entries were when they were last good
Given = dict[str, dict[str, Any]]

MODELS: Mapping[str, type[BaseModel]] = {"sources": Source, "indicators": Indicator}


def with_last_good(
    document: Document, good: Good, folder: FilePath, claims: Collection[str] | None
) -> tuple[Catalog, Given]:
    """The catalogue in force, which says what is `kept`, and the plain values of its entries.

    Its problems are those of the file as it stands. CatalogError where the document is no catalogue at all.
    """
    return _Mix(document, good, folder, claims).settled()


def all_last_good(good: Good, file: str, folder: FilePath, why: tuple[Problem, ...]) -> Catalog:
    """The last good definitions alone, for a file that cannot be read as a whole."""
    document = Document(file, value={"version": 1, **good}, places={(): (0, 0)})
    proven = {(group, name) for group, entries in good.items() for name in entries}
    catalog, _ = build_catalog(document, folder, claims=None, proven=proven)
    kept = dict.fromkeys(catalog.indicators, why)
    return replace(catalog, problems=tuple(sorted({*why, *catalog.problems})), fallbacks=kept, unreadable=why)


class _Mix:
    """A document, and the entries whose last good definitions stand, more of them with each loading.

    `_stands` says of each for which indicator's sake.
    """

    def __init__(self, document: Document, good: Good, folder: FilePath, claims: Collection[str] | None) -> None:
        self._document, self._good, self._folder, self._claims = document, good, folder, claims
        self._stands: dict[Entry, str] = {}
        self._catalog, self._given = self._first, _ = build_catalog(document, folder, claims)
        root: Any = document.value
        self._root: dict[str, Any] = root
        self._present = {group: _mapping(root.get(group)) for group in MODELS}

    def settled(self) -> tuple[Catalog, Given]:
        more = self._lost_with_their_group()
        while more := more or self._next():
            self._stands.update(more)
            more = {}
            self._load()
        late = {name: self._why_left_out(name) for name in self._catalog.not_loaded}
        kept = {name: why for name in self._catalog.indicators if (why := self._why_kept(name))}
        return replace(self._catalog, problems=self._first.problems, not_loaded=late, fallbacks=kept), self._given

    def _load(self) -> None:
        values = {group: dict(present) for group, present in self._present.items()}
        for group, name in self._stands:
            if name in self._good[group]:
                values[group][name] = self._good[group][name]
            else:
                del values[group][name]
        problems = [one for one in self._document.problems if not any(is_under(one, entry) for entry in self._stands)]
        mixed = replace(self._document, value={**self._root, **values}, problems=problems)
        self._catalog, self._given = build_catalog(mixed, self._folder, self._claims, proven=self._stands)

    def _lost_with_their_group(self) -> dict[Entry, str]:
        """Indicators that were not deleted, but cannot be seen: their group stands there twice, or as an alias."""
        if not any(problem.path == "indicators" for problem in self._document.problems):
            return {}
        gone = (name for name in self._good["indicators"] if name not in self._present["indicators"])
        return {("indicators", name): name for name in gone}

    def _next(self) -> dict[Entry, str]:
        """The entries to be brought back next; none where all is well, or nothing is left to try."""
        faulty = list(self._catalog.not_loaded)
        return self._broken(faulty) or self._around(faulty) or self._unchanged(faulty)

    def _broken(self, faulty: Iterable[str]) -> dict[Entry, str]:
        """What was edited, is faulty, and rests on nothing else that is."""
        broken: dict[Entry, str] = {}
        for name in faulty:
            for entry in (("indicators", name), *self._rests_on(("indicators", name))):
                if self._is_faulty(entry) and self._can_stand(entry) and self._is_edited(entry):
                    broken.setdefault(entry, name)
        first = {
            entry: name for entry, name in broken.items() if not any(one in broken for one in self._rests_on(entry))
        }
        return first or broken

    def _around(self, faulty: Iterable[str]) -> dict[Entry, str]:
        """Of each indicator that was good, and is not at fault itself: the nearest entries around it that changed."""
        found: dict[Entry, str] = {}
        for name in faulty:
            near: list[Entry] = [("indicators", name)] if name in self._good["indicators"] else []
            seen = set(near)
            while near and not any(entry in found for entry in near):
                near = [one for entry in near for one in self._rests_on(entry, was_good=True) if one not in seen]
                seen.update(near)
                own = ("sources", name)  # of an indicator with a file: of its own, another source took its id
                blamed = [one for one in near if self._is_edited(one) and (self._can_stand(one) or one == own)]
                found.update({entry: name for entry in blamed if entry not in self._stands})
        return found

    def _unchanged(self, faulty: Iterable[str]) -> dict[Entry, str]:
        """What is as it was, and faulty for a reason outside the file: a claim that left seeds/."""
        entries = {
            entry: name
            for name in faulty
            for entry in (("indicators", name), *self._rests_on(("indicators", name)))
            if self._is_faulty(entry)
        }
        return {entry: name for entry, name in entries.items() if self._can_stand(entry)}

    def _is_faulty(self, entry: Entry) -> bool:
        group, name = entry
        if group == "indicators":
            return name in self._catalog.not_loaded
        return name in self._present[group] and name not in self._catalog.sources

    def _can_stand(self, entry: Entry) -> bool:
        group, name = entry
        return entry not in self._stands and name in self._good[group]

    def _is_edited(self, entry: Entry) -> bool:
        """Whether the file says another thing than when the entry was last good, or what cannot be understood."""
        group, name = entry
        if name not in self._good[group] or name not in self._present[group]:
            return name in self._good[group] or name in self._present[group]
        is_clear = not any(is_under(problem, entry) for problem in self._document.problems)
        present, before = self._present[group][name], self._good[group][name]
        return not is_clear or (present != before and _model(group, present) != _model(group, before))

    def _rests_on(self, entry: Entry, *, was_good: bool = False) -> Iterator[Entry]:
        """What an entry reads, needs or names, as it is in force or, if that cannot be understood, as it was good."""
        group, name = entry
        before, present = self._good[group].get(name), self._present[group].get(name)
        is_before = was_good or entry in self._stands
        found = _model(group, before if is_before else present) or _model(group, before)
        if isinstance(found, Source):
            yield from (("sources", one) for one in (found.repeats, *found.independent_of) if one)
        if isinstance(found, Indicator):
            cited = (one.cites for one in found.thresholds if one.cites)
            yield from (("sources", one) for one in [*found.sources, *cited, *([name] if found.file else [])])
            yield from (("indicators", one) for one in found.needs)

    def _why_kept(self, name: str) -> tuple[Problem, ...]:
        """Why an indicator does not follow from the file alone; nothing where it does."""
        needed: list[Entry] = [("indicators", one) for one in self._catalog.with_needs(name)]
        read: list[Entry] = [("sources", one) for one in self._catalog.sources_of([name])]
        for source in read:
            read += [one for one in self._rests_on(source) if one not in read]
        return tuple(sorted({one for entry in (*needed, *read) if entry in self._stands for one in self._why(entry)}))

    def _why(self, entry: Entry) -> tuple[Problem, ...]:
        """Why the last good definition of an entry stands."""
        group, name = entry
        if group == "indicators" and name in self._first.not_loaded:
            return self._first.not_loaded[name]
        at_fault = tuple(one for one in self._first.problems if is_under(one, entry))
        if group == "indicators" and name not in self._present[group]:
            at_fault = tuple(one for one in self._document.problems if one.path == group)
        if at_fault:
            return at_fault
        sake = self._stands[entry]
        gone = name not in self._present[group]
        line, column = self._document.place(("indicators", sake) if gone else entry)
        said = (
            f"gone from the file, but {sake} needs it"
            if gone
            else f"the edit is not live: {sake} would not load with it"
        )
        own = Problem(self._document.file, line, column, path_text(entry), f"{said}; its last good definition stands")
        return own, *self._first.not_loaded.get(sake, ())

    def _why_left_out(self, name: str) -> tuple[Problem, ...]:
        """What is wrong in the file; of what is sound there, what is wrong beside the definitions that stand."""
        if name in self._first.not_loaded:
            return self._first.not_loaded[name]
        beside = {
            one for entry in self._rests_on(("indicators", name)) if entry in self._stands for one in self._why(entry)
        }
        return tuple(sorted({*self._catalog.not_loaded[name], *beside}))


def _mapping(given: object) -> dict[str, Any]:
    return given if isinstance(given, dict) else {}


def _model(group: str, value: object) -> BaseModel | None:
    try:
        return MODELS[group].model_validate(value)
    except ValidationError:
        return None
