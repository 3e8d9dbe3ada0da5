"""Kinds that judge other indicators, or sources against each other: what agrees, what fires together."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from dashboard.catalog.loader import parse_catalog
from dashboard.domain.verdict import Verdict
from dashboard.evaluation.evaluate import evaluate
from dashboard.evaluation.evaluation import Evaluation
from tests.shorthand import catalog, evaluation, intake, outcome, row, rows, verdict

APART = """
sources:
  a: {title: A, file: a.csv, kind: flow}
  b: {title: B, file: b.csv, kind: flow}
indicators:
  x: {title: X, unit: times, sources: [a, b], thresholds: [{severity: warning, disagree_above: 1.5}]}
"""


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("150", "100", ("normal", None, "inactive")),
        ("151", "100", ("warning", "value", "firing")),
        ("100", "151", ("warning", "value", "firing")),
        ("200~300", "90~110", ("warning", "lowest", "firing")),
        ("120~200", "100~100", ("warning", "highest", "firing")),
        ("100~140", "100~120", ("normal", None, "inactive")),
        (">200", "100", ("warning", "value", "firing")),
        (">120", "100", (None, None, "inactive")),
        ("0", "0", ("normal", None, "inactive")),
        ("5", "0", ("warning", "value", "firing")),
        ("5", "_", (None, None, "inactive")),
        ("5", ".", (None, None, "inactive")),
    ],
)
def test_two_sources_are_compared_for_the_same_period(
    a: str, b: str, expected: tuple[str | None, str | None, str]
) -> None:
    assert outcome(verdict(catalog(APART), intake(rows("a", a), rows("b", b)), "2024-01-01")) == expected


def test_a_newer_period_of_one_source_alone_is_not_judged_by_an_older_one() -> None:
    inputs = intake(rows("a", "100 500"), rows("b", "100"))
    result = verdict(catalog(APART), inputs, "2024-01-02")
    assert outcome(result) == (None, None, "inactive")
    assert "A: 500 for 2 Jan 2024 (nothing to compare it with)" in result.sentence


def test_a_period_that_cannot_be_compared_is_a_gap_and_not_a_ratio_of_zero() -> None:
    inputs = intake(rows("a", "100 500"), rows("b", "100"))
    line = evaluation(catalog(APART), inputs, "2024-01-02").assessments[0].series
    assert line.has_figure.tolist() == [True, False]
    assert not line.or_more.any()


def test_silence_of_one_source_does_not_resolve_a_disagreement() -> None:
    inputs = intake(rows("a", "100 . 100 100"), rows("b", "300 . . 100"))
    assert verdict(catalog(APART), inputs, "2024-01-03").state.value == "firing"
    assert verdict(catalog(APART), inputs, "2024-01-04").state.value == "resolved"


def test_a_disagreement_is_known_since_the_later_figure_and_names_both() -> None:
    inputs = intake([row("a", "2024-01", "100")], [row("b", "2024-01", "300", published="2024-03-05")])
    assert verdict(catalog(APART), inputs, "2024-03-04").severity is None
    result = verdict(catalog(APART), inputs, "2024-03-05")
    assert (result.figure.value, result.figure.unit, str(result.known_since)) == (3, "times", "2024-03-05")
    assert "A: 100 for Jan 2024; B: 300 for Jan 2024" in result.sentence


def test_tonnes_are_not_compared_with_barrels() -> None:
    inputs = intake([row("a", "2024-01", "100", unit="t")], [row("b", "2024-01", "800", unit="bbl")])
    result = verdict(catalog(APART), inputs, "2024-02-01")
    assert (result.severity, "not in the same unit" in result.sentence) == (None, True)


CAPS = """
sources:
  claim: {title: Claim, file: c.csv, kind: cumulative_claim}
  filed: {title: Filed, file: f.csv, kind: flow}
indicators:
  x: {title: X, unit: times, thresholds: [
      {severity: warning, disagree_above: 1.5, between: [estimated, reported]}]}
  estimated: {title: Estimated, unit: bbl, sources: [claim], combine: max, accumulate: calendar_year, limit: 100,
              thresholds: [{severity: critical, at_percent: 100}]}
  reported: {title: Reported, unit: bbl, sources: [filed], combine: sum, accumulate: calendar_year, limit: 100,
             thresholds: [{severity: critical, at_percent: 100}]}
"""


def caps(claim: str, filed: str, day: str = "2024-04-05") -> Verdict:
    inputs = intake([row("claim", "2024-01-01/2024-03-31", claim)], [row("filed", "2024-01-01/2024-03-31", filed)])
    return verdict(catalog(CAPS), inputs, day)


@pytest.mark.parametrize(
    ("claim", "filed", "expected"),
    [
        ("160", "100", ("warning", "value", "firing")),
        ("150", "100", ("normal", None, "inactive")),
        ("50", "100", ("normal", None, "inactive")),
        ("160~170", "90~100", ("warning", "lowest", "firing")),
        ("140~170", "100", ("warning", "highest", "firing")),
        (">160", "90~100", ("warning", "lowest", "firing")),
        (">100", "100", (None, None, "inactive")),
        (">300", ">100", ("warning", "highest", "firing")),
        ("160", "_", ("warning", "highest", "firing")),
        ("0", "_", (None, None, "inactive")),
    ],
)
def test_two_caps_are_compared_by_period(claim: str, filed: str, expected: tuple[str | None, str | None, str]) -> None:
    assert outcome(caps(claim, filed)) == expected


def test_a_comparison_names_the_days_that_each_side_covers() -> None:
    sentence = caps(">300", ">100").sentence
    assert "Estimated: 300 bbl or more for 1 Jan 2024 to 31 Mar 2024, not all of it covered" in sentence
    assert "Reported: 100 bbl or more for 1 Jan 2024 to 31 Mar 2024, not all of it covered" in sentence


def test_a_disagreement_of_an_old_period_stands_on_record_and_the_new_one_is_not_assessed() -> None:
    assert caps("160", "100", day="2024-06-29").state.value == "firing"
    assert caps("160", "100", day="2025-02-01").state.value == "on_record"
    assert caps("150", "100", day="2025-01-02").severity is None


FIRING = """
sources:
  a: {{title: A, file: a.csv}}
  b: {{title: B, file: b.csv}}
  c: {{title: C, file: c.csv, kind: event}}
indicators:
  x: {{title: X, thresholds: [{{severity: critical, {rule}, within: 10d}}]}}
  a: {{title: A, sources: [a], thresholds: [{{severity: warning, above: 50}}]}}
  b: {{title: B, sources: [b], thresholds: [{{severity: warning, above: 50}}]}}
  c: {{title: C, sources: [c], thresholds: [{{severity: warning, occurs: any, window: 5d}}]}}
"""
ALL, ANY, TWO = "all_of: [a, b]", "any_of: [a, b]", "n_of: {n: 2, of: [a, b, c]}"


def together(rule: str, day: int = 1, *, a: str = ".", b: str = ".", c: str = ".") -> Verdict:
    return evaluated_together(rule, day, a=a, b=b, c=c).verdict


def evaluated_together(rule: str, day: int = 1, *, a: str = ".", b: str = ".", c: str = ".") -> Evaluation:
    inputs = intake(rows("a", a), rows("b", b), rows("c", c))
    return evaluation(catalog(FIRING.format(rule=rule)), inputs, date.fromordinal(day + 738885).isoformat())


@pytest.mark.parametrize(
    ("rule", "a", "b", "c", "expected"),
    [
        (ALL, "70", "70", ".", ("critical", "value", "firing")),
        (ALL, "60~70", "60~70", ".", ("critical", "lowest", "firing")),
        (ALL, "60~70", "40~70", ".", ("critical", "highest", "firing")),
        (ALL, "70", "5", ".", ("normal", None, "inactive")),
        (ALL, "70", ".", ".", (None, None, "inactive")),
        (ALL, "5", ".", ".", ("normal", None, "inactive")),
        (ALL, ".", ".", ".", (None, None, "inactive")),
        (ANY, "70", ".", ".", ("critical", "value", "firing")),
        (ANY, "5", "5", ".", ("normal", None, "inactive")),
        (ANY, "5", ".", ".", (None, None, "inactive")),
        (TWO, "70", ".", "1", ("critical", "value", "firing")),
        (TWO, "70", "5", ".", (None, None, "inactive")),
        (TWO, "70", "5", "0", ("normal", None, "inactive")),
        (TWO, "5", "5", ".", ("normal", None, "inactive")),
    ],
)
def test_a_composite_fires_when_enough_indicators_fire(
    rule: str, a: str, b: str, c: str, expected: tuple[str | None, str | None, str]
) -> None:
    assert outcome(together(rule, a=a, b=b, c=c)) == expected


def test_indicators_count_together_only_within_the_window() -> None:
    assert together(ALL, 9, a="70 5", b="5 . . . . . . . 70").state.value == "firing"
    assert together(ALL, 14, a="70 5", b="5 . . . . . . . . . . . . 70").state.value == "inactive"


def test_a_new_figure_ends_a_composite_breach_and_time_alone_does_not() -> None:
    assert together(ALL, 5, a="70 5", b="70").state.value == "firing"
    assert together(ALL, 40, a="70 5", b="70").state.value == "on_record"
    assert together(ALL, 40, a="70 5", b="70 " + ". " * 30 + "70").state.value == "resolved"


def test_a_level_without_a_new_figure_goes_on_firing_with_its_partner() -> None:
    assert together(ALL, 200, a="70", b="70").state.value == "firing"


def test_an_event_whose_window_has_passed_leaves_the_composite_open() -> None:
    assert together(TWO, 15, a="70", b="5", c="1").state.value == "firing"
    assert together(TWO, 40, a="70", b="5", c="1").state.value == "on_record"
    assert together(TWO, 40, a="70", b="5", c="1 " + ". " * 30 + "0").state.value == "resolved"


def test_a_composite_names_the_firing_indicators_and_rests_on_their_rows() -> None:
    evaluated = evaluated_together(ALL, a="70", b="80")
    result = evaluated.verdict
    assert "2 of 2 firing" in result.sentence
    assert (
        "A (warning, at its stated value, of 1 Jan 2024), B (warning, at its stated value, of 1 Jan 2024)"
        in result.sentence
    )
    assert len(evaluated.rests_on) == 2
    assert result.rules == (
        "Critical when both of A and B fire within 10 days; it fires for 10 days after the newest.",
    )


def test_a_composite_names_the_indicators_that_cannot_be_judged() -> None:
    assert "B cannot be judged" in together(ALL, a="70").sentence


def test_a_composite_is_known_since_the_last_indicator_that_it_needs_became_known() -> None:
    inputs = intake([row("a", "2024-01-01", "70")], [row("b", "2024-01-01", "70", published="2024-01-04")])
    rulebook = catalog(FIRING.format(rule=ALL))
    assert verdict(rulebook, inputs, "2024-01-03").state.value == "inactive"
    result = verdict(rulebook, inputs, "2024-01-05")
    assert (result.state.value, str(result.known_since)) == ("firing", "2024-01-04")


def test_the_order_of_the_definitions_does_not_matter() -> None:
    text = FIRING.format(rule=TWO)
    head, body = text.split("indicators:\n")
    lines = body.strip("\n").split("\n")
    inputs = intake(rows("a", "70"), rows("b", "5"), rows("c", "1"))
    item, other = (
        evaluate(catalog(f"{head}indicators:\n" + "\n".join(order)), inputs, date(2024, 1, 1)).verdict("x")
        for order in (lines, lines[::-1])
    )
    assert item is not None
    assert other is not None
    assert (item.sentence, item.severity) == (other.sentence, other.severity)


@pytest.mark.parametrize(
    ("x", "message"),
    [
        ("any_of: [a, nobody]", "thresholds[0].any_of[1]: no indicator nobody"),
        ("any_of: [a, x]", "thresholds[0].any_of[1]: a circle: x needs x"),
        ("any_of: [a, y]", "thresholds[0].any_of[1]: a circle: x needs y needs x"),
        ("any_of: [a, a]", "thresholds[0]: it names an indicator twice"),
        ("any_of: [a, info]", "thresholds[0].any_of[1]: info never fires; it has no alarm"),
        ("n_of: {n: 3, of: [a, y]}", "thresholds[0].n_of: 3 of 2 can never fire"),
    ],
)
def test_a_mistake_about_other_indicators_is_named_with_its_place(x: str, message: str) -> None:
    text = f"""version: 1
indicators:
  x: {{title: X, thresholds: [{{severity: warning, {x}}}]}}
  y: {{title: Y, thresholds: [{{severity: warning, all_of: [x, a]}}]}}
  a: {{title: A, file: a.csv, thresholds: [{{severity: warning, above: 1}}]}}
  info: {{title: I, file: i.csv, thresholds: [{{severity: info, above: 1}}]}}
"""
    result = parse_catalog(text, "x.yaml", Path())
    assert any(f"indicators.x.{message}" in str(problem) for problem in result.problems), result.problems
    assert set(result.indicators) == {"a", "info"}
