"""Checks of units: the conversion factors of a source, and a cap whose limit is stated in several units."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import combinations

from dashboard.catalog.checks.finding import Finding
from dashboard.catalog.indicator import Indicator
from dashboard.catalog.messages.spelling import did_you_mean
from dashboard.catalog.source import Factor, Source
from dashboard.catalog.yaml_text.reader import KeyPath
from dashboard.domain.text import in_full


def check_factors(source: Source, claims: Collection[str] | None) -> Iterator[Finding]:
    """`claims` are the ids that `document:` may name; None skips that."""
    for index, factor in enumerate(source.factors):
        path: KeyPath = ("factors", index)
        if factor.to_unit == factor.from_unit:
            yield (*path, "to"), f"from {factor.from_unit} to {factor.to_unit} there is nothing to convert"
        if not factor.low <= factor.value <= factor.high:
            yield (*path, "value"), "low, value and high are not in order"
        if factor.days.end < factor.days.start:
            yield (*path, "until"), f"{factor.until} lies before since: {factor.since}"
        if not factor.citation and not factor.document:
            yield path, "who says so? give citation: (a web address) or document: (a claim of seeds/)"
        if factor.document and claims is not None and factor.document not in claims:
            yield (*path, "document"), f"no claim {factor.document} in seeds/{did_you_mean(factor.document, claims)}"
    for (first, factor), (second, other) in combinations(enumerate(source.factors), 2):
        if _overlap(factor, other):
            message = f"factors[{first}] is good for some of the same days; give each its own since: and until:"
            yield ("factors", second), message


def _overlap(factor: Factor, other: Factor) -> bool:
    """Whether two factors convert the same units on a common day."""
    same_units = (factor.from_unit, factor.to_unit) == (other.from_unit, other.to_unit)
    return same_units and factor.days.start <= other.days.end and other.days.start <= factor.days.end


def check_limits(indicator: Indicator, sources: Mapping[str, Source]) -> Iterator[Finding]:
    """Checks a cap whose limit is stated in several units; `sources` are the valid ones."""
    if not indicator.limit_in:
        return
    if indicator.limit is None:
        yield ("limit_in",), "the same cap in other units than which? give limit: and unit:"
        return
    if not indicator.unit:
        yield ("limit_in",), "which unit is limit: in? give unit:"
        return
    if indicator.unit in indicator.limit_in:
        yield ("limit_in", indicator.unit), "that is the indicator's own unit; its limit is limit:"
    for index, threshold in enumerate(indicator.thresholds):
        if not threshold.needs.limit:
            message = "a level in which unit? with limit_in: only shares of the limit can be judged (at_percent)"
            yield ("thresholds", index, threshold.key), message
    for unit, limit in indicator.limit_in.items():
        yield from _factors_reach_the_cap(indicator, unit, indicator.limit / limit, sources)


def _factors_reach_the_cap(
    indicator: Indicator, unit: str, ratio: float, sources: Mapping[str, Source]
) -> Iterator[Finding]:
    """Every factor must be able to convert the limit in `unit` to at least the limit in the indicator's own unit.

    Otherwise figures that reach the limit in one unit would lie below the limit in the other once they are converted.
    A threshold that is passed only at its highest compares with a factor's high end. One that is passed at its value
    rests on the low end of a range without a value, so that, as for one passed even at its lowest, the whole factor
    must reach that far.
    """
    strictest = max(indicator.thresholds, key=lambda threshold: threshold.demanded_end, default=None)
    passed_by = strictest.passed_by if strictest else "highest"
    for name in indicator.sources:
        for factor in sources[name].factors if name in sources else ():
            end = factor.high if passed_by == "highest" else factor.low
            if (factor.from_unit, factor.to_unit) == (unit, indicator.unit) and end < ratio * (1 - 1e-12):
                verb, advice = "ends", "let its high: reach that far"
                if passed_by != "highest":
                    verb, advice = "begins", f"let its low: reach that far, or demand no passed_by: {passed_by}"
                apart, factor_end = in_full(ratio, 6), in_full(end, 6)
                yield (
                    ("limit_in", unit),
                    f"the two limits are {apart} {indicator.unit}/{unit} apart, but a factor of {name} {verb} at "
                    f"{factor_end}: what reaches the cap in {unit} would seem below it in {indicator.unit}; {advice}",
                )
