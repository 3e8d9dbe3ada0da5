"""An alert of which the figure is gone is withdrawn, and never an all-clear."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain.axes import State
from dashboard.domain.verdict import Loss, Verdict
from tests.shorthand import catalog, intake, row, rows, rulebook, verdict

ABOVE = "severity: critical, above: 60"
FIRST, SECOND, THIRD = datetime(2024, 1, 10, 8), datetime(2024, 1, 20, 8), datetime(2024, 1, 25, 8)


def held(period: str, figure: str, *, source: str = "s", until: datetime | None = None, **more: Any) -> dict[str, Any]:
    """A row that the delivery of 10 January brought, and that was held until another one came."""
    more = {"held_from": FIRST, **more}
    return row(source, period, figure, more.pop("published", None), held_until=until, **more)


def short(result: Verdict) -> tuple[str, str]:
    return "?" if result.severity is None else result.severity.word, result.state.value


CALM = held("2024-01-01", "30")
BREACH = held("2024-01-08", "70", until=SECOND)


def test_a_breach_that_is_no_longer_delivered_is_withdrawn_and_not_assessed() -> None:
    result = verdict(rulebook(ABOVE), intake([CALM, BREACH]), "2024-01-21")
    assert short(result) == ("?", "withdrawn")
    (gone,) = result.withdrawals
    assert (gone.loss, gone.claim.figure.value, gone.lost_at.isoformat()) == (
        Loss.DROPPED,
        70,
        "2024-01-20T08:00:00+00:00",
    )
    assert "70 units on 8 Jan 2024 (S, published 8 Jan 2024)" in result.sentence
    assert "run `watchfloor accept s --by NAME --because TEXT`" in result.sentence
    assert not result.is_calm


def test_before_the_loss_it_fires_and_was_never_withdrawn() -> None:
    assert short(verdict(rulebook(ABOVE), intake([CALM, BREACH]), "2024-01-19")) == ("critical", "firing")


def test_a_loss_on_the_day_of_the_receipt_is_a_withdrawal_too() -> None:
    breach = held("2024-01-08", "70", until=datetime(2024, 1, 10, 9))
    assert short(verdict(rulebook(ABOVE), intake([CALM, breach]), "2024-01-10")) == ("?", "withdrawn")


def test_a_later_judged_period_ends_a_withdrawal() -> None:
    later = held("2024-01-22", "20", held_from=THIRD)
    assert short(verdict(rulebook(ABOVE), intake([CALM, BREACH, later]), "2024-01-26")) == ("normal", "inactive")
    missing = held("2024-01-22", "_", held_from=THIRD)
    assert short(verdict(rulebook(ABOVE), intake([CALM, BREACH, missing]), "2024-01-26")) == ("?", "withdrawn")


def test_the_acceptance_of_a_row_as_wrong_ends_the_withdrawal_from_then_on() -> None:
    breach = held("2024-01-08", "70", until=SECOND, accepted_at=THIRD)
    assert short(verdict(rulebook(ABOVE), intake([CALM, breach]), "2024-01-24")) == ("?", "withdrawn")
    assert short(verdict(rulebook(ABOVE), intake([CALM, breach]), "2024-01-25")) == ("normal", "inactive")


def test_a_row_that_comes_back_leaves_no_trace() -> None:
    back = held("2024-01-08", "70", held_from=THIRD)
    result = verdict(rulebook(ABOVE), intake([CALM, BREACH, back]), "2024-01-26")
    assert (short(result), result.withdrawals) == (("critical", "firing"), ())


def test_a_figure_overwritten_in_place_is_withdrawn_and_both_are_named() -> None:
    other = held("2024-01-08", "7", held_from=SECOND)
    result = verdict(rulebook(ABOVE), intake([CALM, BREACH, other]), "2024-01-21")
    assert short(result) == ("?", "withdrawn")
    (gone,) = result.withdrawals
    assert gone.instead is not None
    assert (gone.loss, gone.claim.figure.value, gone.instead.figure.value) == (Loss.OVERWRITTEN, 70, 7)
    assert "overwritten" in result.sentence


@pytest.mark.parametrize("is_replaced_in_the_file", [False, True])
def test_a_later_publication_about_the_same_period_withdraws_it_with_its_own_severity(
    is_replaced_in_the_file: bool,
) -> None:
    breach = held("2024-01-08", "70", until=SECOND if is_replaced_in_the_file else None, published="2024-01-09")
    other = held("2024-01-08", "7", held_from=SECOND, published="2024-01-19")
    result = verdict(rulebook(ABOVE), intake([CALM, breach, other]), "2024-01-21")
    assert short(result) == ("normal", "withdrawn")
    (gone,) = result.withdrawals
    assert gone.instead is not None
    assert (gone.loss, gone.claim.figure.value, gone.instead.figure.value) == (Loss.REPLACED, 70, 7)
    assert "was replaced by 7 units on 8 Jan 2024 (S, published 19 Jan 2024)" in result.sentence
    assert not result.is_calm


def test_a_figure_that_its_claimant_takes_back_is_withdrawn() -> None:
    taken = held("2024-01-08", "!", published="2024-01-19", held_from=SECOND)
    result = verdict(rulebook(ABOVE), intake([CALM, held("2024-01-08", "70"), taken]), "2024-01-21")
    assert (result.state, [gone.loss for gone in result.withdrawals]) == (State.WITHDRAWN, [Loss.TAKEN_BACK])


def test_the_breach_of_a_subject_that_is_no_longer_delivered_is_withdrawn() -> None:
    north = held("2024-01-08", "70", subject="north", until=SECOND)
    south = [held("2024-01-08", "5", subject="south"), held("2024-01-22", "5", subject="south", held_from=THIRD)]
    result = verdict(rulebook(ABOVE), intake([north, *south]), "2024-01-26")
    assert short(result) == ("?", "withdrawn")
    assert [gone.line for gone in result.withdrawals] == ["s: north"]


def test_an_alert_that_still_stands_by_another_figure_goes_on() -> None:
    still = held("2024-01-05", "70")
    result = verdict(rulebook(ABOVE), intake([CALM, still, BREACH]), "2024-01-21")
    assert (short(result), result.withdrawals) == (("critical", "firing"), ())


def test_a_lost_worse_figure_is_named_beside_the_remaining_alert() -> None:
    rules = "severity: warning, above: 40 | severity: critical, above: 60"
    still = held("2024-01-05", "50")
    result = verdict(rulebook(rules), intake([CALM, still, BREACH]), "2024-01-21")
    assert short(result) == ("warning", "firing")
    assert [gone.severity.word for gone in result.withdrawals] == ["critical"]
    assert "Withdrawn: 70 units" in result.sentence


def test_a_breach_that_a_later_figure_ended_is_not_withdrawn_when_its_row_goes() -> None:
    calm_since = held("2024-01-09", "30")
    result = verdict(rulebook(ABOVE), intake([CALM, BREACH, calm_since]), "2024-01-21")
    assert (short(result)[0], result.withdrawals) == ("normal", ())


CAP = """
sources: {a: {title: A, file: a.csv, kind: flow, expect_every: 1mo}}
indicators:
  x:
    {title: X, unit: bbl, sources: [a], combine: sum, accumulate: calendar_year, limit: 100,
     thresholds: [{severity: warning, at_percent: 75}, {severity: critical, at_percent: 100}]}
"""


def months(*figures: tuple[str, str, datetime | None]) -> list[dict[str, Any]]:
    return [
        held(period, figure, source="a", until=until, published=f"{period}-28", held_from=datetime(2024, 5, 1))
        for period, figure, until in figures
    ]


def test_a_total_that_falls_with_a_lost_month_is_withdrawn() -> None:
    given_rows = months(("2024-01", "30", None), ("2024-02", "60", datetime(2024, 5, 9)), ("2024-03", "30", None))
    assert short(verdict(catalog(CAP), intake(given_rows), "2024-05-08")) == ("critical", "firing")
    result = verdict(catalog(CAP), intake(given_rows), "2024-05-10")
    assert short(result) == ("?", "withdrawn")
    assert [(gone.loss, gone.severity.word) for gone in result.withdrawals] == [(Loss.DROPPED, "critical")]
    assert (
        "a part of it, 60 bbl in Feb 2024 (A, published 28 Feb 2024), is missing from what was received"
        in result.sentence
    )
    assert "watchfloor accept a --by NAME" in result.sentence


def test_a_closed_year_with_a_lost_month_stays_on_record_marked_withdrawn() -> None:
    given_rows = months(("2024-01", "30", None), ("2024-02", "90", datetime(2025, 5, 9)))
    result = verdict(catalog(CAP), intake(given_rows), "2025-05-10")
    (record,) = [one for one in result.on_record if one.period == "2024"]
    assert record.is_withdrawn
    assert "Withdrawn: " in record.sentence


OCCURS = "severity: critical, occurs: any"


def test_an_event_on_record_that_is_no_longer_delivered_stays_there_marked_withdrawn() -> None:
    event = held("2024-01-08", "1", until=datetime(2024, 8, 1))
    result = verdict(rulebook(OCCURS, kind="event"), intake([event]), "2024-08-02")
    assert [(record.is_withdrawn, record.severity and record.severity.word) for record in result.on_record] == [
        (True, "critical")
    ]


def test_a_withdrawn_member_of_a_composite_counts_as_possibly_firing() -> None:
    text = """
sources: {s: {title: S, file: s.csv}, t: {title: T, file: t.csv}}
indicators:
  a: {title: A, sources: [s], thresholds: [{severity: critical, above: 60}]}
  b: {title: B, sources: [t], thresholds: [{severity: critical, above: 60}]}
  x: {title: X, thresholds: [{severity: critical, any_of: [a, b]}]}
"""
    calm = held("2024-01-09", "5", source="t")
    replaced = [held("2024-01-08", "70"), held("2024-01-08", "7", held_from=SECOND, published="2024-01-19")]
    for gone in ([CALM, BREACH], [CALM, *replaced]):
        assert verdict(catalog(text), intake([*gone, calm]), "2024-01-21").severity is None


@pytest.mark.parametrize(
    ("rule", "words", "lost"),
    [
        ("severity: critical, above: 80, recover_below: 75", "85 78", {0}),
        ("severity: critical, above: 60, keep_firing_for: 30d", "70 50", {0}),
        ("severity: critical, above: 60, for: 3 figures", "70 70 70", {1}),
        ("severity: critical, change_above: 50", "10 70", {0}),
        ("severity: critical, times_baseline: 2, trailing: median", "1 1 1 1 1 20 20 20 20 30", {0, 1, 2, 3}),
    ],
)
def test_losing_any_figure_does_not_calm_a_rule_about_several_figures(rule: str, words: str, lost: set[int]) -> None:
    made = [{**one_row, "held_from": FIRST} for one_row in rows("s", words)]
    after = [{**one_row, "held_until": SECOND} if number in lost else one_row for number, one_row in enumerate(made)]
    day = "2024-01-10"
    assert verdict(rulebook(rule), intake(made), day).state in (State.FIRING, State.RECOVERING)
    result = verdict(rulebook(rule), intake(after), "2024-01-20")
    assert result.severity is None or result.severity.word != "normal"
    assert result.state is not State.INACTIVE


FIGURES = st.sampled_from(["5", "30", "70", "80", "40~70", "_"])


@given(
    figures=st.lists(FIGURES, min_size=1, max_size=6),
    losses=st.dictionaries(st.integers(0, 5), st.sampled_from(["dropped", "30", "7", "_", "provisional"]), min_size=1),
    rule=st.sampled_from(
        [
            ABOVE,
            "severity: critical, above: 60, for: 2 figures",
            "severity: warning, below: 20",
            "severity: critical, above: 60, recover_below: 20",
            "severity: critical, change_above: 30",
            "severity: warning, outside: [20, 60]",
        ]
    ),
)
def test_no_delivery_that_lacks_or_overwrites_rows_turns_a_firing_alert_normal(
    figures: list[str], losses: dict[int, str], rule: str
) -> None:
    """Whatever is dropped or overwritten in place, an alert that fired goes on or is withdrawn."""
    kept = [{**one_row, "held_from": FIRST} for one_row in rows("s", " ".join(figures))]
    after = [changed for number, one_row in enumerate(kept) for changed in _after(one_row, losses.get(number))]
    before = verdict(rulebook(rule), intake(kept), "2024-01-19")
    now = verdict(rulebook(rule), intake(after), "2024-01-20")
    if before.state is State.FIRING:
        assert now.state in (State.FIRING, State.WITHDRAWN, State.RECOVERING, State.PENDING)
        assert now.severity is None or now.severity.word != "normal"


def _after(kept: dict[str, Any], loss: str | None) -> list[dict[str, Any]]:
    """A row as a second delivery leaves it: kept, dropped, made provisional, or overwritten by another figure; what was
    missing stays so, for a figure of a later day may end an alert."""
    if loss is None or kept["status"] == "missing":
        return [kept]
    gone = {**kept, "held_until": SECOND}
    if loss == "dropped":
        return [gone]
    if loss == "provisional":
        return [gone, {**kept, "status": "provisional", "held_from": SECOND}]
    other = row("s", kept["start"].isoformat()[:10], loss, kept["published"])
    return [gone, {**other, "line": kept["line"], "held_from": SECOND}]


def test_a_figure_overwritten_with_another_unit_or_status_is_lost() -> None:
    other = held("2024-01-08", "70", held_from=SECOND, status="provisional")
    assert short(verdict(rulebook(ABOVE), intake([CALM, BREACH, other]), "2024-01-21")) == ("?", "withdrawn")


def test_a_breach_lost_with_rows_about_the_same_days_is_withdrawn_whatever_their_publication() -> None:
    text = CAP.replace("a.csv, kind: flow, expect_every: 1mo", "a.csv, kind: flow")
    lost = held("2024-01", "120", source="a", until=SECOND, published="2024-01-09", start=date(2024, 1, 1))
    for published in ("2024-01-18", "2024-01-20"):
        restated = held("2024-01-01/2024-01-15", "50", source="a", held_from=SECOND, published=published)
        result = verdict(catalog(text), intake([lost, restated]), "2024-01-21")
        assert short(result) == ("?", "withdrawn"), published


def test_a_breach_on_record_with_a_lost_row_is_not_calm_and_stays_on_record() -> None:
    lost = months(("2023-01", "30", None), ("2023-02", "90", datetime(2024, 5, 9)))
    calm = months(("2024-01", "1", None))
    result = verdict(catalog(CAP), intake([*lost, *calm]), "2024-05-10")
    (record,) = [one_record for one_record in result.on_record if one_record.period == "2023"]
    assert (record.severity and record.severity.word, record.is_withdrawn) == ("critical", True)
    assert (result.state, result.is_calm) == (State.ON_RECORD, False)
    assert "withdrawn in 2023" in result.sentence


RATIO = """
sources:
  a: {title: A, file: a.csv, kind: flow}
  b: {title: B, file: b.csv, kind: flow}
indicators:
  one: {title: One, unit: bbl, sources: [a], accumulate: calendar_year, limit: 9000, combine: sum,
        thresholds: [{severity: critical, at_percent: 100}]}
  two: {title: Two, unit: bbl, sources: [b], accumulate: calendar_year, limit: 9000, combine: sum,
        thresholds: [{severity: critical, at_percent: 100}]}
  x: {title: X, unit: times, thresholds: [{severity: warning, disagree_above: 1.5, between: [one, two]}]}
"""


def test_a_ratio_whose_figures_were_overwritten_in_silence_is_not_assessed() -> None:
    divisor = held("2024-01", "100", source="b", published="2024-02-01", held_from=datetime(2024, 2, 2))
    before = held("2024-01", "300", source="a", published="2024-02-01", held_from=datetime(2024, 2, 2))
    now = datetime(2024, 2, 9)
    assert verdict(catalog(RATIO), intake([before, divisor]), "2024-02-08").state is State.FIRING
    rows_after = [{**before, "held_until": now}, {**before, "value": 120.0, "held_from": now}, divisor]
    result = verdict(catalog(RATIO), intake(rows_after), "2024-02-10")
    assert (result.severity, result.is_calm) == (None, False)
    assert "watchfloor accept a" in result.sentence


def test_the_withdrawal_names_a_ratio_that_a_later_publication_ended() -> None:
    divisor = row("b", "2024-01", "100", "2024-02-01")
    rows_given = [row("a", "2024-01", "300", "2024-02-01"), row("a", "2024-01", "120", "2024-02-05"), divisor]
    result = verdict(catalog(RATIO), intake(rows_given), "2024-02-10")
    assert result.state is State.WITHDRAWN
    assert "Withdrawn: 3 times" in result.sentence


def test_an_open_member_with_stale_data_counts_as_possibly_firing() -> None:
    text = """
sources: {s: {title: S, file: s.csv, stale_after: 30d}}
indicators:
  a: {title: A, sources: [s], thresholds: [{severity: critical, above: 60}]}
  x: {title: X, thresholds: [{severity: critical, any_of: [a]}]}
""".replace("any_of: [a]", "any_of: [a, b]").replace(
        "  x:", "  b: {title: B, sources: [s], thresholds: [{severity: critical, above: 90}]}\n  x:"
    )
    given_rows = intake([row("s", "2024-01-08", "70")])
    fresh, old = (verdict(catalog(text), given_rows, day) for day in ("2024-01-20", "2024-03-20"))
    assert (fresh.passed_by and fresh.passed_by.word, old.passed_by and old.passed_by.word) == ("value", "highest")
