"""What a schema cannot say of units: factors that fit each other, caps with a limit in two units, units of examples."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import combinations

from dashboard.catalog.checks.entries import Finding, did_you_mean, figures_of, indicators_read
from dashboard.catalog.indicator import Indicator
from dashboard.catalog.rule_test import parse_figures
from dashboard.catalog.source import Factor, Source
from dashboard.catalog.yaml_text.reader import KeyPath
from dashboard.domain.text import in_full


def check_factors(source: Source, claims: Collection[str] | None) -> Iterator[Finding]:
    """`claims` are the ids that `document:` may name; None skips that."""
    for index, factor in enumerate(source.factors):
        here: KeyPath = ("factors", index)
        if factor.to_unit == factor.from_unit:
            yield (*here, "to"), f"from {factor.from_unit} to {factor.to_unit} there is nothing to convert"
        if not factor.low <= factor.value <= factor.high:
            yield (*here, "value"), "low, value and high are not in order"
        if factor.days.end < factor.days.start:
            yield (*here, "until"), f"{factor.until} lies before since: {factor.since}"
        if not factor.citation and not factor.document:
            yield here, "who says so? give citation: (a web address) or document: (a claim of seeds/)"
        if factor.document and claims is not None and factor.document not in claims:
            yield (*here, "document"), f"no claim {factor.document} in seeds/{did_you_mean(factor.document, claims)}"
    for (first, one), (second, other) in combinations(enumerate(source.factors), 2):
        if _clash(one, other):
            message = f"factors[{first}] is good for some of the same days; give each its own since: and until:"
            yield ("factors", second), message


def _clash(one: Factor, other: Factor) -> bool:
    days, others = one.days, other.days
    same = (one.from_unit, one.to_unit) == (other.from_unit, other.to_unit)
    return same and days.start <= others.end and others.start <= days.end


def check_limits(indicator: Indicator, sources: Mapping[str, Source]) -> Iterator[Finding]:
    """A cap whose limit is stated in several units; `sources` are the valid ones."""
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
        if not threshold.needs_limit:
            message = "a level in which unit? with limit_in: only shares of the limit can be judged (at_percent)"
            yield ("thresholds", index, threshold.key), message
    for unit, limit in indicator.limit_in.items():
        yield from _range_reaches_the_cap(indicator, unit, indicator.limit / limit, sources)


def _range_reaches_the_cap(
    indicator: Indicator, unit: str, ratio: float, sources: Mapping[str, Source]
) -> Iterator[Finding]:
    """Else figures that reach the limit in one unit would, once converted, lie below the limit in the other.

    What passes only at its highest goes by a factor's high end. What passes at its value rests on the low end of a
    range without a value, so that the whole factor must reach as far, as for what passes even at its lowest.
    """
    strictest = max(indicator.thresholds, key=lambda one: one.demanded, default=None)
    passed_by = strictest.passed_by if strictest else "highest"
    for name in indicator.sources:
        for factor in sources[name].factors if name in sources else ():
            end = factor.high if passed_by == "highest" else factor.low
            if (factor.from_unit, factor.to_unit) == (unit, indicator.unit) and end < ratio * (1 - 1e-12):
                does, mend = "ends", "let its high: reach that far"
                if passed_by != "highest":
                    does, mend = "begins", f"let its low: reach that far, or demand no passed_by: {passed_by}"
                apart, at = (in_full(one, 6) for one in (ratio, end))
                yield (
                    ("limit_in", unit),
                    f"the two limits are {apart} {indicator.unit}/{unit} apart, but a factor of {name} {does} at "
                    f"{at}: what reaches the cap in {unit} would seem below it in {indicator.unit}; {mend}",
                )


def check_test_units(
    name: str, indicators: Mapping[str, Indicator], sources: Mapping[str, Source]
) -> Iterator[Finding]:
    """Whether the figures of an indicator's `tests:` are in units that it reads, and state them where they must."""
    for index, test in enumerate(indicators[name].tests):
        for below, source, text in figures_of(test, name, indicators):
            readers = _readers(source, name, indicators)
            try:
                units = [one.unit for one in parse_figures(text) if not one.is_missing]
            except ValueError:
                continue  # said where tests are checked
            known = _units_read(readers, sources.get(source))
            kind = sources[source].kind if source in sources else indicators.get(source, indicators[name]).kind
            message = _wrong_unit(units, known, must_state=_must_state(readers, sources.get(source)))
            if message and kind != "event":  # events may count in a unit of their own
                yield ("tests", index, *below), message


def _readers(source: str, name: str, indicators: Mapping[str, Indicator]) -> list[Indicator]:
    """The indicators behind one that read a source, or cite it."""
    return [
        indicators[one]
        for one in indicators_read(name, indicators)
        if source in (*indicators[one].sources, one, *(each.cites for each in indicators[one].thresholds))
    ]


def _units_read(readers: Sequence[Indicator], source: Source | None) -> list[str]:
    stated = [unit for one in readers for unit in (one.unit, *one.limit_in) if unit]
    return list(dict.fromkeys([*stated, *(factor.from_unit for factor in (source.factors if source else ()))]))


def _must_state(readers: Sequence[Indicator], source: Source | None) -> bool:
    judged = [one for one in readers if not any(each.silence for each in one.thresholds)]
    return any(one.limit_in or (source and source.factors) for one in judged)


def _wrong_unit(units: Sequence[str], known: Sequence[str], *, must_state: bool) -> str:
    if must_state and "" in units:
        return f"which unit? write it behind each figure: 2024-01 200 {known[0] if known else 't'}"
    unknown = next((unit for unit in units if unit and known and unit not in known), None)
    return f'"{unknown}" is no unit that it reads; it reads {", ".join(known)}' if unknown else ""
