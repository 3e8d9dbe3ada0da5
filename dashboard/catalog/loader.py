"""`indicators.yaml` -> Catalog: what is sound is loaded, and every problem is named with its place, at once."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping
from pathlib import Path as FilePath
from typing import Any

from pydantic import BaseModel, ValidationError

from dashboard.catalog.active import parse_cache as cache
from dashboard.catalog.catalog import Catalog
from dashboard.catalog.checks.composites import check_needs
from dashboard.catalog.checks.finding import Finding, check_id
from dashboard.catalog.checks.indicators import check_indicator
from dashboard.catalog.checks.rule_tests import check_rule_tests
from dashboard.catalog.checks.sources import check_source, check_source_relations
from dashboard.catalog.checks.units import check_factors, check_limits
from dashboard.catalog.indicator import CatalogFile, Indicator
from dashboard.catalog.messages.schema_errors import schema_problems
from dashboard.catalog.messages.spelling import did_you_mean
from dashboard.catalog.source import Source
from dashboard.catalog.yaml_text.reader import Document, KeyPath, path_text, read_yaml
from dashboard.domain import MOST_OF_A_KIND, CatalogError, Problem

# what can be said of an entry with other faults: the rest may only be their consequence
_INDEPENDENT: tuple[KeyPath, ...] = (("sources",), ("evidence",), ("file",))


def load_catalog(path: FilePath, claims: Collection[str] | None = None, folder: FilePath | None = None) -> Catalog:
    """The catalogue at `path`; `claims` are the ids that `evidence:` may name (None: not checked).

    Its own paths are relative to `folder`, or else to where it lies. It is parsed once; the cache knows it after that.
    Raises CatalogError where there is no catalogue at all to speak of.
    """
    return cached_catalog(read_content(path), path.name, folder or path.parent, claims)


def read_content(path: FilePath) -> bytes:
    """The bytes of a catalogue; CatalogError where there is no file, or it is not text."""
    try:
        content = path.read_bytes()
        content.decode("utf-8-sig")
    except FileNotFoundError as error:
        raise CatalogError((Problem(str(path), 0, 0, "", "no such file; name it with --catalog"),)) from error
    except UnicodeDecodeError as error:
        raise CatalogError((_not_utf8(path, error),)) from error
    except OSError as error:
        raise CatalogError((Problem(str(path), 0, 0, "", f"cannot be read: {error}"),)) from error
    return content


def _not_utf8(path: FilePath, error: UnicodeDecodeError) -> Problem:
    """Another encoding, told with the line where the first of its letters stands."""
    data, at = error.object, error.start
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Problem(str(path), 1, 0, "", "cannot be read: it begins as UTF-16 does; save it as UTF-8")
    line, column = data.count(b"\n", 0, at) + 1, at - data.rfind(b"\n", 0, at)
    said = f"cannot be read: byte {data[at]:#04x} is no UTF-8; save the file as UTF-8, or write the letter anew"
    return Problem(str(path), line, column, "", said)


def cached_catalog(content: bytes, file: str, folder: FilePath, claims: Collection[str] | None = None) -> Catalog:
    """The catalogue in the bytes of a file, from the cache where it was parsed before."""
    name = cache.catalog_fingerprint(content, file, claims)
    if name and (known := cache.read(name, file, folder, content)):
        return known
    catalog, given = build_catalog(read_yaml(content.decode("utf-8-sig"), file), folder, claims)
    if name:
        cache.write(name, catalog, given)
    return catalog


def parse_catalog(text: str, file: str, folder: FilePath, claims: Collection[str] | None = None) -> Catalog:
    """The catalogue in `text`; `file` is its name in messages, `folder` what its paths are relative to."""
    return build_catalog(read_yaml(text, file), folder, claims)[0]


def build_catalog(
    document: Document, folder: FilePath, claims: Collection[str] | None, proven: Container[KeyPath] = ()
) -> tuple[Catalog, dict[str, dict[str, Any]]]:
    """The catalogue in a document, and what its entries were validated from: plain values by group and id.

    The claims, and the sources they relate to, that the `proven` entries name are not looked up: they were, when those
    were loaded first.
    """
    root = document.value
    if not isinstance(root, dict) or not isinstance(root.get("indicators"), dict):
        raise CatalogError(tuple(document.problems or [_without_indicators(document, root)]))
    sources, source_problems = _entries(document, root, "sources", Source)
    indicators, indicator_problems = _entries(document, root, "indicators", Indicator)
    for name, source in sources.items():
        is_proven = ("sources", name) in proven
        said = [
            *check_source(source),
            *check_source_relations(name, sources, None if is_proven else list(source_problems)),
        ]
        said += [*check_factors(source, None if is_proven else claims)]
        # of an entry with wrong fields, what is said of it as a whole may only be their consequence
        said = [finding for finding in said if finding[0] or not source_problems[name]]
        source_problems[name] += _located(document, ("sources", name), said)
    sound = {name: source for name, source in sources.items() if not source_problems[name]}
    for name in indicators:
        known_claims = None if ("indicators", name) in proven else claims
        findings = _findings(name, indicators, sound, list(source_problems), known_claims)
        if indicators[name].file and name in source_problems:
            message = "a source has this id already, and file: makes one of that name; choose another id"
            indicator_problems[name].append(document.problem(("indicators", name), message))
        if indicator_problems[name]:
            findings = [finding for finding in findings if finding[0][:1] in _INDEPENDENT]
        indicator_problems[name] += _located(document, ("indicators", name), findings)
    for name, findings in check_needs(indicators, {name for name, found in indicator_problems.items() if found}):
        indicator_problems[name] += _located(document, ("indicators", name), findings)
    catalog = _catalog(document, root, folder, sound, indicators, source_problems, indicator_problems)
    return catalog, _given(root, catalog)


def _without_indicators(document: Document, root: object) -> Problem:
    """That there are none, or that their key is misspelled."""
    for key in root if isinstance(root, dict) else ():
        if key != "indicators" and (hint := did_you_mean(str(key), ["indicators"])):
            return document.problem((key,), f"unknown key{hint}")
    return document.problem(("indicators",), "there must be a mapping indicators:")


def _findings(
    name: str,
    indicators: Mapping[str, Indicator],
    sound: Mapping[str, Source],
    known_sources: Collection[str],
    claims: Collection[str] | None,
) -> list[Finding]:
    """What is wrong with an indicator beside its sources, but not with what it needs."""
    return [
        *check_indicator(indicators[name], sound, known_sources, claims),
        *check_limits(indicators[name], sound),
        *check_rule_tests(name, indicators, sound),
    ]


def _catalog(
    document: Document,
    root: dict[str, Any],
    folder: FilePath,
    sound_sources: Mapping[str, Source],
    indicators: Mapping[str, Indicator],
    source_problems: Mapping[str, list[Problem]],
    indicator_problems: Mapping[str, list[Problem]],
) -> Catalog:
    """What nothing is wrong with, and all that is wrong."""
    sound = {name: indicator for name, indicator in indicators.items() if not indicator_problems[name]}
    own_sources = {name: _own_source(indicator) for name, indicator in sound.items() if indicator.file}
    problems = {*document.problems, *_top_problems(document, root)}
    problems.update(*source_problems.values(), *indicator_problems.values())
    return Catalog(
        folder=folder,
        file=document.file,
        sources={**sound_sources, **own_sources},
        indicators={name: _with_source(name, indicator) for name, indicator in sound.items()},
        problems=tuple(sorted(problems)),
        not_loaded={name: tuple(sorted(found)) for name, found in indicator_problems.items() if found},
        places={**_file_places(document, sound_sources, own_sources), **_places_in(document, sound)},
    )


def _entries(
    document: Document, root: dict[str, Any], group: str, model: type[BaseModel]
) -> tuple[dict[str, Any], dict[str, list[Problem]]]:
    """The entries of one group that fit their model, and for every entry its problems."""
    entries: dict[str, Any] = {}
    problems: dict[str, list[Problem]] = {}
    given = root.get(group) or {}
    if not isinstance(given, dict):
        return {}, {}
    wrong = document.problems_by_ancestor
    for name, value in given.items():
        path: KeyPath = (group, name)
        problems[name] = [*wrong.get(path_text(path), ())]
        problems[name] += _located(document, path, check_id(name))
        try:
            entries[name] = model.model_validate(value)
        except ValidationError as error:
            refused = {(problem.line, problem.path) for problem in problems[name]}
            if path_text(path) in {problem.path for problem in problems[name]}:
                continue  # the entry as a whole is refused; what it lacks besides is no news
            found = schema_problems(document, path, value, error, model)
            problems[name] += [
                one for one in found if (one.line, one.path) not in refused and not _is_told(one, refused)
            ]
            if salvaged := _salvaged(value, error, model):
                entries[name] = salvaged
    return entries, problems


def _is_told(problem: Problem, refused: Collection[tuple[int, str]]) -> bool:
    """Whether it only misses a value that was refused, further down in its text."""
    return problem.message.endswith("found nothing") and problem.path in {path for _, path in refused}


def _salvaged(value: object, error: ValidationError, model: type[BaseModel]) -> BaseModel | None:
    """The entry without its wrong keys, so that the checks between entries can name their problems too.

    It is never loaded: its problems keep it out.
    """
    wrong = {str(detail["loc"][0]) for detail in error.errors(include_url=False) if detail["loc"]}
    if not isinstance(value, dict):
        return None
    try:
        return model.model_validate({"title": "", **{key: part for key, part in value.items() if key not in wrong}})
    except ValidationError:
        return None


def _located(document: Document, path: KeyPath, findings: Iterable[tuple[KeyPath, str]]) -> list[Problem]:
    return [document.problem((*path, *below), message) for below, message in findings]


def _top_problems(document: Document, root: dict[str, Any]) -> list[Problem]:
    problems = []
    known = list(CatalogFile.model_fields)
    for number, key in enumerate(key for key in root if key not in known):
        hint = did_you_mean(key, known) if number < MOST_OF_A_KIND else ""  # to guess costs more than to read
        problems.append(document.problem((key,), f"unknown key{hint}"))
    if root.get("version") != 1 or isinstance(root.get("version"), bool):
        problems.append(document.problem(("version",), "write version: 1"))
    if not isinstance(root.get("sources", {}), dict):
        problems.append(document.problem(("sources",), "expected a mapping of sources"))
    return problems


def _given(root: dict[str, Any], catalog: Catalog) -> dict[str, dict[str, Any]]:
    """For each entry of a catalogue the plain values that its model is valid for."""
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


def _with_source(name: str, indicator: Indicator) -> Indicator:
    return indicator.model_copy(update={"sources": [name]}) if indicator.file else indicator


def _file_places(
    document: Document, sources: Mapping[str, Source], own_sources: Collection[str]
) -> dict[str, tuple[int, int]]:
    places = {name: document.place(("sources", name, source.origin.key)) for name, source in sources.items()}
    places.update({name: document.place(("indicators", name, "file")) for name in own_sources})
    return places


def _places_in(document: Document, indicators: Mapping[str, Indicator]) -> dict[str, tuple[int, int]]:
    """Where each indicator, each of its thresholds and each of its tests stands, by its path in words."""
    paths: list[KeyPath] = []
    for name, indicator in indicators.items():
        here: KeyPath = ("indicators", name)
        paths += [here, *((*here, "thresholds", index) for index in range(len(indicator.thresholds)))]
        paths += [(*here, "tests", index) for index in range(len(indicator.tests))]
    return {path_text(path): document.place(path) for path in paths}
