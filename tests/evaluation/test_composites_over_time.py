"""Indicators that judge others, with what goes over time: backtests, courses of episodes, tests in the YAML."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from dashboard.analysis.backtest import backtest, replay
from dashboard.analysis.lint import lint
from dashboard.analysis.rule_tests import run_tests
from dashboard.app.charts.drawing import indicator_charts
from dashboard.app.watch.headline_figure import headline_figure
from dashboard.catalog.catalog import Catalog
from dashboard.catalog.loader import parse_catalog
from dashboard.evaluation.evaluate import evaluate, evaluation_of
from dashboard.reporting.summary.board_summary import deciding_level
from dashboard.rows.source_rows import SourceRows
from tests.shorthand import catalog, intake, rows, verdict

TOGETHER = """
sources:
  a: {title: A, file: a.csv, kind: level, stale_after: 9d}
  b: {title: B, file: b.csv, kind: level, stale_after: 20d}
indicators:
  both:
    title: Both
    thresholds: [{severity: critical, all_of: [one, other], within: 5d%s}]
    tests: [%s]
  one: {title: One, sources: [a], thresholds: [{severity: warning, above: 50%s}]}
  other: {title: Other, sources: [b], thresholds: [{severity: warning, above: 50}]}
"""
APART = """
sources:
  a: {title: A, file: a.csv, kind: flow, stale_after: 9d}
  b: {title: B, file: b.csv, kind: flow, stale_after: 20d}
indicators:
  both: {title: X, unit: times, sources: [a, b], thresholds: [{severity: warning, disagree_above: 1.5}]}
"""


def together(*, course: str = "", test: str = "", one: str = "") -> Catalog:
    return catalog(TOGETHER % (course, test, one))


def states(of: Catalog, known: SourceRows, days: int) -> str:
    result = [evaluation_of("both", of, known, date(2024, 1, day)) for day in range(1, days + 1)]
    return " ".join("-" if one.verdict.state.value == "inactive" else one.verdict.state.value for one in result)


def said(of: Catalog, known: SourceRows) -> dict[date, tuple[object, ...]]:
    """What the backtest says of every day."""
    return {
        day: (result.verdict.severity, result.verdict.passed_by, result.verdict.state, result.verdict.data_state)
        for first, last, result in replay("both", of, known, date(2024, 3, 15))
        for day in (first + timedelta(days=number) for number in range((last - first).days + 1))
    }


@pytest.mark.parametrize(
    "of", [together(), together(one=", keep_firing_for: 4d"), together(course=", for: 2d"), catalog(APART)]
)
@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("70 . . 0", "0 0 70"),
        ("70 70 0 0 0 0 70", "0 70 70 0"),
        ("0 70", "70 . . . . . . 0"),
        ("7 . 9", ". 1 20 . . 3"),
    ],
)
def test_a_backtest_of_composites_agrees_with_the_board_of_every_day(of: Catalog, a: str, b: str) -> None:
    known = intake(rows("a", a, lag=1), rows("b", b, lag=3))
    for day, result in said(of, known).items():
        (live,) = (one for one in evaluate(of, known, day).verdicts if one.id == "both")
        assert result == (live.severity, live.passed_by, live.state, live.data_state), day


def test_a_verdict_evaluated_alone_equals_the_verdict_on_the_board() -> None:
    known = intake(rows("a", "70 70"), rows("b", "0 70"))
    alone = evaluation_of("both", together(), known, date(2024, 1, 2))
    assert alone.verdict.state.value == "firing"
    assert alone.verdict.sentence == verdict(together(), known, "2024-01-02", "both").sentence


def test_a_pending_indicator_does_not_count_as_firing() -> None:
    known = intake(rows("a", "70 70 70 70"), rows("b", "70 70 70 70"))
    assert states(together(one=", for: 2d"), known, 4).split()[1:] == ["-", "firing", "firing"]


def test_an_indicator_kept_firing_counts_as_firing() -> None:
    known = intake(rows("a", "70 0 0 0 0 0 0 0 0 0 0 0"), rows("b", "0 0 0 0 0 0 70 70 70 70 70 70"))
    assert "firing" not in states(together(), known, 9)
    assert "firing" in states(together(one=", keep_firing_for: 4d"), known, 9)


def test_the_announcement_of_a_composite_is_in_its_history() -> None:
    known = intake(rows("a", "0 70 70"), rows("b", "0 0 70"))
    (result,) = backtest(together(), known, ["both"], date(2024, 1, 31))
    assert [(str(one.known_from), one.severity.word) for one in result.episodes] == [("2024-01-03", "critical")]


def test_a_rule_test_of_a_composite_states_figures_for_the_sources_of_its_members() -> None:
    given = '{given: {a: "2024-01-01 70", b: "2024-01-02 70"}, as_of: 2024-01-02, expect: critical, state: firing}'
    (result,) = run_tests(together(test=given), ["both"])
    assert result.has_passed, str(result)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ('"2024-01-01 70"', "figures of which source? give a mapping; it rests on a, b"),
        ('{one: "2024-01-01 70"}', "it reads no source one"),
    ],
)
def test_a_rule_test_of_a_composite_that_names_no_source_is_refused(given: str, message: str) -> None:
    test = f"{{given: {given}, as_of: 2024-01-02, expect: critical}}"
    result = parse_catalog("version: 1\n" + TOGETHER % ("", test, ""), "test.yaml", Path())
    assert [problem.message for problem in result.problems if message in problem.message]


def test_a_count_of_indicators_gets_no_note_of_an_unreached_level() -> None:
    known = intake(rows("a", "70"), rows("b", "0"))
    assert not [one for one in lint(together(), known, ["both"], date(2024, 1, 9)) if one.rule == "outside_all_seen"]


@pytest.mark.parametrize(
    ("a", "b", "day"), [("70", "70", 1), ("70 0", "70 0", 2), ("70 70", "70 70", 28), (".", ".", 5)]
)
@pytest.mark.parametrize("of", [together(), catalog(APART)])
def test_the_app_shows_composites(of: Catalog, a: str, b: str, day: int) -> None:
    known = intake(rows("a", a), rows("b", b))
    result = evaluation_of("both", of, known, date(2024, 1, day))
    assert headline_figure(result.verdict, deciding_level(result), of.indicators["both"], of).figure
    indicator_charts(result, of.indicators["both"], {"a": "A", "b": "B"}, date(2024, 1, day))
