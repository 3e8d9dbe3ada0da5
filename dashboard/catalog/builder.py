"""Builds the catalogue from a YAML document: sound entries are loaded, and every problem of all entries is reported."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from dashboard.catalog.catalog import Catalog
from dashboard.catalog.checks.composites import check_needs
from dashboard.catalog.checks.finding import Finding, check_id
from dashboard.catalog.checks.indicators import check_indicator
from dashboard.catalog.checks.sources import check_source
from dashboard.catalog.indicator import CatalogFile, Indicator
from dashboard.catalog.messages.schema_errors import schema_problems
from dashboard.catalog.messages.spelling import did_you_mean
from dashboard.catalog.source import Source
from dashboard.catalog.yaml_text.reader import Document, KeyPath, path_text
from dashboard.domain import MOST_OF_A_KIND, CatalogError, Problem

PlainEntries = Mapping[str, Mapping[str, Any]]  # the values of entries as the YAML has them, by group and id

# paths of an indicator at which a finding holds whatever else is wrong with it; others may be a consequence of that
_INDEPENDENT: tuple[KeyPath, ...] = (("sources",), ("evidence",), ("file",))
_ID_OF_A_SOURCE = "a source has this id already, and file: makes one of that name; choose another id"


def build_catalog(
    document: Document, folder: Path, claims: Collection[str] | None, proven: Container[KeyPath] = ()
) -> tuple[Catalog, PlainEntries]:
    """The catalogue in a document, and the plain values of its entries, by group and id.

    Claims and related sources that the `proven` entries name are not looked up: they were when those entries were
    loaded first. Raises CatalogError where the document has no indicators at all.
    """
    root = document.value
    if not isinstance(root, dict) or not isinstance(root.get("indicators"), dict):
        raise CatalogError(tuple(document.problems or [_no_indicators(document, root)]))
    sources, source_problems = _validate_entries(document, root, "sources", Source)
    indicators, indicator_problems = _validate_entries(document, root, "indicators", Indicator)
    for name in sources:
        is_proven = ("sources", name) in proven
        known_sources, known_claims = (None, None) if is_proven else (list(source_problems), claims)
        findings = list(check_source(name, sources, known_sources, known_claims))
        if source_problems[name]:  # a finding about the source as a whole may only be their consequence
            findings = [finding for finding in findings if finding[0]]
        source_problems[name] += _located(document, ("sources", name), findings)
    sound = {name: source for name, source in sources.items() if not source_problems[name]}
    for name in indicators:
        known_claims = None if ("indicators", name) in proven else claims
        findings = list(check_indicator(name, indicators, sound, list(source_problems), known_claims))
        if indicators[name].file and name in source_problems:
            indicator_problems[name].append(document.problem(("indicators", name), _ID_OF_A_SOURCE))
        if indicator_problems[name]:
            findings = [finding for finding in findings if finding[0][:1] in _INDEPENDENT]
        indicator_problems[name] += _located(document, ("indicators", name), findings)
    broken = {name for name, problems in indicator_problems.items() if problems}
    for name, findings in check_needs(indicators, broken):
        indicator_problems[name] += _located(document, ("indicators", name), findings)
    catalog = _catalog(document, root, folder, sound, indicators, source_problems, indicator_problems)
    return catalog, _plain_entries(root, catalog)


def _no_indicators(document: Document, root: object) -> Problem:
    """The problem that there are no indicators, or that their key is misspelled."""
    for key in root if isinstance(root, dict) else ():
        if key != "indicators" and (hint := did_you_mean(str(key), ["indicators"])):
            return document.problem((key,), f"unknown key{hint}")
    return document.problem(("indicators",), "there must be a mapping indicators:")


def _catalog(
    document: Document,
    root: dict[str, Any],
    folder: Path,
    sound_sources: Mapping[str, Source],
    indicators: Mapping[str, Indicator],
    source_problems: Mapping[str, list[Problem]],
    indicator_problems: Mapping[str, list[Problem]],
) -> Catalog:
    """The catalogue of the entries without problems, with the problems of all."""
    sound = {name: indicator for name, indicator in indicators.items() if not indicator_problems[name]}
    own_sources = {name: _own_source(indicator) for name, indicator in sound.items() if indicator.file}
    problems = {*document.problems, *_top_problems(document, root)}
    problems.update(*source_problems.values(), *indicator_problems.values())
    return Catalog(
        folder=folder,
        file=document.file,
        sources={**sound_sources, **own_sources},
        indicators={name: _with_own_source(name, indicator) for name, indicator in sound.items()},
        problems=tuple(sorted(problems)),
        not_loaded={name: tuple(sorted(reasons)) for name, reasons in indicator_problems.items() if reasons},
        places={**_origin_places(document, sound_sources, own_sources), **_indicator_places(document, sound)},
    )


def _validate_entries(
    document: Document, root: dict[str, Any], group: str, model: type[BaseModel]
) -> tuple[dict[str, Any], dict[str, list[Problem]]]:
    """The entries of one group as models, and for every entry its problems.

    An entry with wrong fields comes without them, so that the checks between entries can report their problems too; its
    problems keep it out of the catalogue.
    """
    entries: dict[str, Any] = {}
    problems: dict[str, list[Problem]] = {}
    values = root.get(group) or {}
    if not isinstance(values, dict):
        return {}, {}
    reader_problems = document.problems_by_ancestor
    for name, value in values.items():
        path: KeyPath = (group, name)
        problems[name] = [*reader_problems.get(path_text(path), ())]
        problems[name] += _located(document, path, check_id(name))
        try:
            entries[name] = model.model_validate(value)
        except ValidationError as error:
            refused = {(problem.line, problem.path) for problem in problems[name]}
            if path_text(path) in {refused_path for _, refused_path in refused}:
                continue  # the reader refused the entry as a whole; that its keys are missing is a consequence
            problems[name] += [
                problem
                for problem in schema_problems(document, path, value, error, model)
                if (problem.line, problem.path) not in refused and not _misses_refused_value(problem, refused)
            ]
            if partial := _without_invalid_keys(value, error, model):
                entries[name] = partial
    return entries, problems


def _misses_refused_value(problem: Problem, refused: Collection[tuple[int, str]]) -> bool:
    """Whether a problem is only that a value is missing which the reader refused, on a later line of its text."""
    return problem.message.endswith("found nothing") and problem.path in {path for _, path in refused}


def _without_invalid_keys(value: object, error: ValidationError, model: type[BaseModel]) -> BaseModel | None:
    """The entry without its invalid keys; None where it is not valid without them."""
    invalid = {str(detail["loc"][0]) for detail in error.errors(include_url=False) if detail["loc"]}
    if not isinstance(value, dict):
        return None
    try:
        return model.model_validate({"title": "", **{key: part for key, part in value.items() if key not in invalid}})
    except ValidationError:
        return None


def _located(document: Document, path: KeyPath, findings: Iterable[Finding]) -> list[Problem]:
    return [document.problem((*path, *below), message) for below, message in findings]


def _top_problems(document: Document, root: dict[str, Any]) -> list[Problem]:
    problems = []
    known = list(CatalogFile.model_fields)
    for number, key in enumerate(key for key in root if key not in known):
        hint = did_you_mean(key, known) if number < MOST_OF_A_KIND else ""  # guessing costs more than reading
        problems.append(document.problem((key,), f"unknown key{hint}"))
    if root.get("version") != 1 or isinstance(root.get("version"), bool):
        problems.append(document.problem(("version",), "write version: 1"))
    if not isinstance(root.get("sources", {}), dict):
        problems.append(document.problem(("sources",), "expected a mapping of sources"))
    return problems


def _plain_entries(root: dict[str, Any], catalog: Catalog) -> PlainEntries:
    """For each entry of a catalogue the plain values from which its model can be validated again."""
    sources, indicators = root.get("sources") or {}, root["indicators"]
    return {
        "sources": {
            name: sources[name] if name in sources else source.model_dump(exclude_unset=True)
            for name, source in catalog.sources.items()
        },
        "indicators": {
            name: {**indicators[name], "sources": entry.sources} if entry.file else indicators[name]
            for name, entry in catalog.indicators.items()
        },
    }


def _own_source(indicator: Indicator) -> Source:
    assert indicator.file is not None
    return Source.model_validate({"title": indicator.title, "file": indicator.file, "kind": indicator.kind})


def _with_own_source(name: str, indicator: Indicator) -> Indicator:
    return indicator.model_copy(update={"sources": [name]}) if indicator.file else indicator


def _origin_places(
    document: Document, sources: Mapping[str, Source], own_sources: Collection[str]
) -> dict[str, tuple[int, int]]:
    places = {name: document.place(("sources", name, source.origin.key)) for name, source in sources.items()}
    places.update({name: document.place(("indicators", name, "file")) for name in own_sources})
    return places


def _indicator_places(document: Document, indicators: Mapping[str, Indicator]) -> dict[str, tuple[int, int]]:
    """The line and column of each indicator, threshold and test, by its path as messages write it."""
    paths: list[KeyPath] = []
    for name, indicator in indicators.items():
        path: KeyPath = ("indicators", name)
        paths += [path, *((*path, "thresholds", index) for index in range(len(indicator.thresholds)))]
        paths += [(*path, "tests", index) for index in range(len(indicator.tests))]
    return {path_text(path): document.place(path) for path in paths}
