"""`combine: prefer`: of one period the first source is believed, and its silence answers no other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from dashboard.analysis.rule_tests import run_tests
from dashboard.domain.verdict import Verdict
from dashboard.evaluation.evaluation import Evaluation
from tests.shorthand import catalog, evaluation, intake, row, severity_and_end

TEXT = """
sources:
  a: {title: A, file: a.csv}
  b: {title: B, file: b.csv}
  c: {title: C, file: c.csv}
indicators:
  x: {title: X, unit: railcars, sources: [a, b, c], combine: prefer, thresholds: [{severity: critical, above: 20}]}
"""
CATALOG = catalog(TEXT)


def verdict_on(*figures: tuple[str, str, str], as_of: str = "2024-04-05", **more: str) -> Verdict:
    return evaluated(*figures, as_of=as_of, **more).verdict


def evaluated(*figures: tuple[str, str, str], as_of: str = "2024-04-05", **more: str) -> Evaluation:
    rows = [row(source, period, figure, line=n + 2, **more) for n, (source, period, figure) in enumerate(figures)]
    return evaluation(CATALOG, intake(rows), as_of)


def test_a_preferred_source_is_no_all_clear_for_days_without_its_figures() -> None:
    result = verdict_on(("a", "2024-01", "10"), ("b", "2024-03", "80"))
    assert (severity_and_end(result)[0], result.figure.value, result.data_state.value) == ("critical", 80, "fresh")


def test_a_newer_calm_figure_of_a_less_preferred_source_ends_no_breach_of_a_preferred_one() -> None:
    result = verdict_on(("a", "2024-01", "80"), ("b", "2024-03", "10"))
    assert (severity_and_end(result)[0], result.figure.value) == ("critical", 80)


def test_a_less_preferred_source_ends_no_breach_of_a_stale_preferred_source() -> None:
    result = verdict_on(("a", "2023-01", "80"), ("b", "2024-03", "10"))
    assert (severity_and_end(result)[0], result.figure.value, result.data_state.value) == ("critical", 80, "stale")


@pytest.mark.parametrize("later", ["2024-02", "2024-03"])
def test_the_preferred_source_decides_about_its_own_and_earlier_periods(later: str) -> None:
    result = evaluated(("b", "2024-02", "80"), ("a", later, "10"))
    assert (severity_and_end(result.verdict)[0], result.verdict.figure.value, result.episodes) == ("normal", 10, ())


def test_a_yearly_figure_of_the_preferred_source_overrules_no_month() -> None:
    assert severity_and_end(verdict_on(("b", "2024-03", "80"), ("a", "2024-01-01/2024-04-04", "10")))[0] == "critical"


def test_the_newest_figure_decides_where_all_figures_are_calm() -> None:
    result = verdict_on(("a", "2024-01", "10"), ("b", "2024-03", "9"))
    assert (severity_and_end(result)[0], result.figure.value, str(result.date)) == ("normal", 9, "2024-03-31")


def test_a_newer_breach_of_a_less_preferred_source_stays_open() -> None:
    assert verdict_on(("a", "2024-01", "10"), ("b", "2024-03", ">5")).severity is None
    assert severity_and_end(verdict_on(("b", "2024-02", ">5"), ("a", "2024-03", "10")))[0] == "normal"


def test_a_stale_calm_source_gives_way_to_the_next_source() -> None:
    result = verdict_on(("a", "2023-01", "10"), ("b", "2024-03", "9"))
    assert (severity_and_end(result)[0], result.figure.value, result.data_state.value) == ("normal", 9, "fresh")


def test_a_yard_of_the_preferred_source_overrules_no_other_yard() -> None:
    rows = [
        row("a", "2024-03", "1", subject="north"),
        row("a", "2024-03", "80", subject="south", line=3),
        row("b", "2024-02", "90", subject="west"),
        row("b", "2024-03", "90", subject="north", line=3),
    ]
    result = evaluation(CATALOG, intake(rows), "2024-04-05")
    assert sorted(one.source for one in result.episodes) == ["a: south", "b: west"]


def test_an_officers_example_gets_the_same_verdict() -> None:
    rule = """
sources: {a: {title: A, file: a.csv}, b: {title: B, file: b.csv}}
indicators:
  x:
    {title: X, unit: railcars, sources: [a, b], combine: prefer, thresholds: [{severity: critical, above: 20}],
     tests: [{given: {a: "2024-01 10", b: "2024-03 80"}, as_of: 2024-04-05, expect: critical}]}
"""
    (outcome,) = run_tests(catalog(rule), ["x"])
    assert outcome.has_passed, outcome


FIGURE = some.tuples(some.sampled_from("abc"), some.integers(1, 8), some.sampled_from(["5", "80", ">5", "<30"]))


@given(figures=some.lists(FIGURE, min_size=1, max_size=9, unique_by=lambda one: one[:2]))
def test_a_verdict_is_not_normal_while_no_preferred_source_overrules_a_breach(
    figures: list[tuple[str, int, str]],
) -> None:
    result = verdict_on(*((source, f"2024-0{month}", figure) for source, month, figure in figures), as_of="2024-09-20")
    judged = [one for one in figures if one[2] in ("5", "80")]
    for source, month, figure in judged:
        newest = max(one[1] for one in judged if one[0] == source)
        answered = any(one[0] < source and one[1] >= month for one in judged)
        if figure == "80" and month == newest and not answered:
            assert severity_and_end(result)[0] == "critical"
