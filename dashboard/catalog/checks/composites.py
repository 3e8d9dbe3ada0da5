"""Checks of indicators that judge other indicators: whether those exist, are loaded, fit and form no circle."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from dashboard.catalog.checks.dependencies import circular_needs, shortest_chain, with_needs
from dashboard.catalog.checks.finding import Finding
from dashboard.catalog.indicator import Indicator
from dashboard.catalog.messages.spelling import did_you_mean
from dashboard.catalog.yaml_text.reader import KeyPath
from dashboard.thresholds import OwnLine

_CHAIN_ENDS = 4  # indicators of a circle that a message names from each end


def check_needs(indicators: Mapping[str, Indicator], broken: Collection[str]) -> Iterator[tuple[str, list[Finding]]]:
    """The findings on each indicator whose needs are not met; `broken` indicators are not loaded."""
    not_loaded, circular = set(broken), circular_needs(indicators)
    for name in with_needs(indicators, indicators):
        if findings := list(_check_needs_of(name, indicators, not_loaded, circular)):
            not_loaded.add(name)
            yield name, findings


def _check_needs_of(
    name: str, indicators: Mapping[str, Indicator], broken: Collection[str], circular: Mapping[str, Collection[str]]
) -> Iterator[Finding]:
    for index, threshold in enumerate(indicators[name].thresholds):
        caps = threshold.own_line.caps if threshold.own_line else ()
        for below, need in threshold.needs.indicators:
            path: KeyPath = ("thresholds", index, *below)
            if need not in indicators:
                yield path, f"no indicator {need}{did_you_mean(need, indicators)}"
            elif name in circular and need in circular and (chain := shortest_chain(need, name, circular)):
                yield path, f"a circle: {_chain_in_words([name, *chain])}"
            elif need in broken:
                yield path, f"indicator {need} is not loaded; see its own problem"
            elif not caps and all(rule.severity == "info" for rule in indicators[need].thresholds):
                yield path, f"{need} never fires; it has no alarm"
            if caps and need in indicators:
                yield from ((path, why) for why in _why_not_comparable(indicators[need], indicators, caps))
        for below, message in _check_only_sources(threshold.own_line, indicators):
            yield ("thresholds", index, *below), message
        if len(set(threshold.needs.ids)) < len(threshold.needs.ids):
            yield ("thresholds", index), "it names an indicator twice"


def _chain_in_words(names: Sequence[str]) -> str:
    """`a needs b needs a`; of a long chain its ends."""
    shown = [*names[:_CHAIN_ENDS], f"({len(names) - 2 * _CHAIN_ENDS} more)", *names[-_CHAIN_ENDS:]]
    return " needs ".join(names if len(names) <= len(shown) else shown)


def _check_only_sources(own_line: OwnLine | None, indicators: Mapping[str, Indicator]) -> Iterator[Finding]:
    """The sources that alone count must be sources of the compared indicators, at least one of each."""
    if own_line is None or not own_line.only_sources:
        return
    only = own_line.only_sources
    compared = {cap: indicators[cap].sources for cap in own_line.caps if cap in indicators}
    if len(compared) < len(own_line.caps):
        return
    known = [source for sources in compared.values() for source in sources]
    for index, source in enumerate(only):
        if source not in known:
            yield ("sources", index), f"{source} is no source of {' or '.join(compared)}{did_you_mean(source, known)}"
    for need, sources in compared.items():
        if not set(sources) & set(only):
            yield ("sources",), f"none of them is a source of {need}"


def _why_not_comparable(
    indicator: Indicator, indicators: Mapping[str, Indicator], needs: Collection[str]
) -> Iterator[str]:
    """Why the totals of an indicator cannot be compared with those of the others in `needs`."""
    others = [indicators[need] for need in needs if need in indicators]
    if indicator.anchor is None or (indicator.combine == "each" and len(indicator.sources) > 1):
        yield "only totals of a cap are compared; it needs accumulate: and one total (combine: sum or max)"
    elif indicator.limit_in:
        yield "it is judged now in one unit, now in another (limit_in), so its totals cannot be compared"
    elif any(other.anchor not in (None, indicator.anchor) for other in others):
        yield "the two run by different periods"
    elif any(other.unit != indicator.unit for other in others):
        yield "the two have different units"
