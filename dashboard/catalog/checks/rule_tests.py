"""Checks of an indicator's `tests:`: whether their figures can be read, and are of sources and units that it reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from dashboard.catalog.checks.dependencies import with_needs
from dashboard.catalog.checks.finding import Finding
from dashboard.catalog.indicator import Indicator
from dashboard.catalog.messages.spelling import did_you_mean
from dashboard.catalog.rule_test import RuleTest, parse_figures
from dashboard.catalog.source import Source
from dashboard.catalog.yaml_text.reader import KeyPath


def check_rule_tests(
    name: str, indicators: Mapping[str, Indicator], sources: Mapping[str, Source]
) -> Iterator[Finding]:
    """`sources` are the valid ones."""
    indicator = indicators[name]
    known = _sources_read(name, indicators) if indicator.tests else []
    for index, test in enumerate(indicator.tests):
        path: KeyPath = ("tests", index)
        if indicator.needs and isinstance(test.figures, str):
            yield (*path, "given"), f"figures of which source? give a mapping; it rests on {', '.join(known)}"
            continue
        if test.passed_by and test.expect in ("normal", "not assessed"):
            yield (*path, "passed_by"), f"{test.expect} passes nothing; take passed_by: out"
        for below, source, text in _figures_by_source(test, indicator, known):
            if source not in known:
                yield (*path, *below), f"it reads no source {source}{did_you_mean(source, known)}"
                continue
            yield from (
                ((*path, *below), message) for message in _check_figures(text, source, name, indicators, sources)
            )


def _figures_by_source(
    test: RuleTest, indicator: Indicator, known: Sequence[str]
) -> Iterator[tuple[KeyPath, str, str]]:
    """For each text of `given:` its path below the test, its source and the text."""
    if isinstance(test.figures, dict):
        yield from ((("given", source), source, text) for source, text in test.figures.items())
    elif not indicator.needs:
        yield ("given",), known[0], test.figures


def _sources_read(name: str, indicators: Mapping[str, Indicator]) -> list[str]:
    """The sources of an indicator and of those that it needs, and then the baselines of all of them."""
    judged = [(need, indicators[need]) for need in with_needs([name], indicators)]
    read = [source for need, entry in judged if not entry.needs for source in entry.sources or [need]]
    baselines = [baseline for _, entry in judged for baseline in entry.baselines]
    return list(dict.fromkeys([*read, *baselines]))


def _check_figures(
    text: str, source_id: str, name: str, indicators: Mapping[str, Indicator], sources: Mapping[str, Source]
) -> Iterator[str]:
    try:
        figures = parse_figures(text)
    except ValueError as error:
        yield str(error)
        return
    source = sources.get(source_id)
    kind = source.kind if source else indicators.get(source_id, indicators[name]).kind
    if kind != "level" and any(figure.is_negative for figure in figures):
        yield "an amount or a count cannot be negative"
    units = [figure.unit for figure in figures if not figure.is_missing]
    if kind != "event":  # events may count in a unit of their own
        yield from _check_units(units, _readers(source_id, name, indicators), source)


def _readers(source: str, name: str, indicators: Mapping[str, Indicator]) -> list[Indicator]:
    """Of an indicator and those that it needs, the ones that read a source or compare with it."""
    judged = {need: indicators[need] for need in with_needs([name], indicators)}
    return [
        indicator for need, indicator in judged.items() if source in (*indicator.sources, need, *indicator.baselines)
    ]


def _check_units(units: Sequence[str], readers: Sequence[Indicator], source: Source | None) -> Iterator[str]:
    factors = source.factors if source else []
    stated = [unit for reader in readers for unit in (reader.unit, *reader.limit_in) if unit]
    known = list(dict.fromkeys([*stated, *(factor.from_unit for factor in factors)]))
    judged = [reader for reader in readers if not reader.waits_for_reports]
    unknown = next((unit for unit in units if unit and known and unit not in known), None)
    if "" in units and any(reader.limit_in or factors for reader in judged):
        yield f"which unit? write it behind each figure: 2024-01 200 {known[0] if known else 't'}"
    elif unknown:
        yield f'"{unknown}" is no unit that it reads; it reads {", ".join(known)}'
