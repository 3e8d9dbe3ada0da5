"""Checks of one indicator: its sources, its cap, how it combines sources, and its evidence."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from dashboard.catalog.checks.finding import Finding
from dashboard.catalog.checks.rule_tests import check_rule_tests
from dashboard.catalog.checks.sources import check_path
from dashboard.catalog.checks.thresholds import check_thresholds
from dashboard.catalog.checks.units import check_limits
from dashboard.catalog.indicator import Indicator
from dashboard.catalog.messages.spelling import did_you_mean
from dashboard.catalog.source import Source


def check_indicator(
    name: str,
    indicators: Mapping[str, Indicator],
    sources: Mapping[str, Source],
    known_sources: Collection[str],
    claims: Collection[str] | None,
) -> Iterator[Finding]:
    """`sources` are the valid ones, `known_sources` all that the file names; `claims` None skips evidence.

    The indicators that it needs are checked apart, once it is known which of them are loaded.
    """
    indicator = indicators[name]
    yield from _sources_exist(indicator, sources, known_sources)
    yield from _sources_can_be_combined(indicator, sources)
    yield from check_thresholds(indicator, sources, known_sources)
    yield from check_limits(indicator, sources)
    yield from check_rule_tests(name, indicators, sources)
    if indicator.limit is not None and indicator.accumulate is None:
        yield ("limit",), "a limit runs by period; add accumulate: calendar_year or {anchor: ...}"
    for index, claim in enumerate(indicator.evidence):
        if claims is not None and claim not in claims:
            yield ("evidence", index), f"no claim {claim} in seeds/{did_you_mean(claim, claims)}"


def _sources_exist(
    indicator: Indicator, sources: Mapping[str, Source], known_sources: Collection[str]
) -> Iterator[Finding]:
    if indicator.file and indicator.sources:
        yield ("file",), "give either file: or sources:, not both"
    if indicator.file:
        yield from check_path("file", indicator.file)
    if indicator.needs:
        if indicator.file or indicator.sources:
            yield (), "it judges other indicators, so it reads no file and no sources of its own"
    elif not indicator.file and not indicator.sources:
        yield (), "it reads nothing; give file: or sources:"
    for index, name in enumerate(indicator.sources):
        if name not in known_sources:
            yield ("sources", index), f"no source {name}{did_you_mean(name, known_sources)}"
        elif name not in sources:
            yield ("sources", index), f"source {name} is not loaded; see its own problem"
        if name in indicator.sources[:index]:
            yield ("sources", index), f"{name} is listed twice"


def _sources_can_be_combined(indicator: Indicator, sources: Mapping[str, Source]) -> Iterator[Finding]:
    if indicator.combine in ("median", "prefer") and indicator.accumulate is not None:
        yield ("combine",), f"{indicator.combine} does not go with accumulate; use sum, max or each"
    if indicator.combine != "sum" and not (indicator.accumulate and indicator.combine == "each"):
        return
    for index, name in enumerate(indicator.sources):
        if name in sources and (kind := sources[name].kind) != "flow":
            message = f"{name} is {kind}; only sources of kind flow can be added up (use combine: max)"
            yield ("sources", index), message
