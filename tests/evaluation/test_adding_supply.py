"""Adding supply never lowers a verdict: not under a cap, and not where sources are added up without one."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from dashboard.domain.axes import Severity
from dashboard.domain.verdict import Verdict
from dashboard.evaluation.evaluate import evaluate
from tests.shorthand import catalog, intake, row, severity_and_end, verdict

SOURCES = """
sources:
  a: {title: A, file: a.csv, kind: flow}
  b: {title: B, file: b.csv, kind: flow, exact: true}
indicators:
"""
CAPS = catalog(
    SOURCES
    + """
  cap: {title: Cap, unit: t, sources: [a, b], combine: sum, accumulate: calendar_year, limit: 100, thresholds: [
        {severity: warning, at_percent: 75}, {severity: critical, at_percent: 100, passed_by: value}]}
  lowest: {title: L, unit: t, sources: [a, b], combine: sum, accumulate: calendar_year, limit: 100, thresholds: [
        {severity: critical, at_percent: 100, passed_by: lowest}, {severity: warning, above: 80}]}
  one: {title: One, unit: t, sources: [a], accumulate: {anchor: "12-22"}, limit: 100, combine: sum, thresholds: [
        {severity: critical, at_percent: 100, passed_by: value}]}
"""
)
SUM = catalog(
    SOURCES
    + """
  summed: {title: S, unit: t, sources: [a, b], combine: sum, thresholds: [
        {severity: critical, above: 100, passed_by: value}, {severity: warning, above: 50}]}
"""
)
JAN, FEB = ("2024-01", "80~95", "2024-02-05"), ("2024-02", "12", "2024-03-05")


def supply(source: str, period: str, figure: str, published: str, line: int = 2, **more: object) -> dict[str, object]:
    return row(source, period, figure, published, line=line, **more)


def reached(indicator: str, *rows: dict[str, object], as_of: str = "2024-12-20") -> Verdict:
    return verdict(SUM if indicator == "summed" else CAPS, intake(rows), as_of, indicator)


@pytest.mark.parametrize("more", ["3~5", "<5", ">3", "0"])
@pytest.mark.parametrize("indicator", ["cap", "one"])
def test_a_further_amount_without_a_value_does_not_end_the_breach_of_a_cap(more: str, indicator: str) -> None:
    """90 (80 to 95), then 12: 102 reach the cap of 100. So they do with any amount besides."""
    rows = [supply("a", *JAN, line=2) | {"value": 90.0}, supply("a", *FEB, line=3)]
    assert severity_and_end(reached(indicator, *rows)) == ("critical", "value")
    third = supply("a", "2024-03", more, "2024-04-05", 4)
    assert severity_and_end(reached(indicator, *rows, third)) == ("critical", "value")


@pytest.mark.parametrize("more", ["1~3", "<3", ">1"])
def test_a_further_source_without_a_value_does_not_end_the_breach_of_a_sum(more: str) -> None:
    rows = [supply("a", "2024-01", "80~110", "2024-02-05") | {"value": 102.0}]
    assert severity_and_end(reached("summed", *rows))[0] == "critical"
    assert severity_and_end(reached("summed", *rows, supply("b", "2024-01", more, "2024-02-06")))[0] == "critical"


def test_several_subjects_of_one_source_and_period_are_added_up() -> None:
    ships = [
        supply("a", "2024-01", "102", "2024-02-05", 2, subject="A"),
        supply("a", "2024-01", "1", "2024-02-05", 3, subject="B"),
    ]
    result = reached("summed", *ships, supply("b", "2024-01", "0", "2024-02-05"))
    assert (result.severity, result.figure.value) == (Severity.CRITICAL, 103)


def test_the_words_of_a_sum_say_that_its_value_is_a_lower_bound() -> None:
    rows = [supply("a", *JAN, line=2) | {"value": 90.0}, supply("a", *FEB, line=3)]
    result = reached("one", *rows, supply("a", "2024-03", "3~5", "2024-04-05", 4))
    assert result.figure.value != result.figure.value
    assert "95 t or more (105 or more if what has no stated value counts at its lowest)" in result.sentence


FIGURE = some.sampled_from(["0", "3", "12", "60", "<5", "<60", ">3", ">30", "3~5", "20~90"])
PLACE = some.tuples(some.sampled_from("ab"), some.integers(1, 11), some.sampled_from(["", "ship"]))


@given(
    places=some.lists(PLACE, min_size=2, max_size=7, unique=True),
    figures=some.lists(FIGURE, min_size=7, max_size=7),
    inner=some.integers(0, 100),
)
def test_a_further_row_never_lowers_the_severity_of_a_cap(
    places: list[tuple[str, int, str]], figures: list[str], inner: int
) -> None:
    rows = []
    for number, ((source, month, subject), figure) in enumerate(zip(places, figures, strict=False)):
        made = supply(source, f"2024-{month:02}", figure, f"2024-{month + 1:02}-05", number + 2, subject=subject)
        if "~" in figure and inner % 3:
            made["value"] = made["low"] + (made["high"] - made["low"]) * inner / 100  # type: ignore[operator]
        rows.append(made)
    before, after = (evaluate(CAPS, intake(given), date(2024, 12, 20)) for given in (rows[:-1], rows))
    for one, other in zip(before.verdicts, after.verdicts, strict=True):
        assert strength(one) <= strength(other), one.id


@given(figures=some.lists(FIGURE, min_size=2, max_size=3), month=some.integers(1, 11))
def test_a_further_part_of_a_period_never_lowers_a_sum(figures: list[str], month: int) -> None:
    places = [("a", ""), ("b", ""), ("a", "ship")]
    published = (date(2024, month, 28) + timedelta(days=20)).isoformat()
    rows = [
        supply(source, f"2024-{month:02}", figure, published, number + 2, subject=subject)
        for number, ((source, subject), figure) in enumerate(zip(places, figures, strict=False))
    ]
    before, after = (reached("summed", *given, as_of=published) for given in (rows[:-1], rows))
    assert strength(before) <= strength(after)


def strength(result: Verdict) -> tuple[int, int]:
    """Severity and end that passes; what is not assessed or normal is nothing that could be lowered."""
    return (int(result.severity or 0), int(result.passed_by or 0)) if result.severity else (0, 0)
