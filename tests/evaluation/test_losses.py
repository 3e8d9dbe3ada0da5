"""Whatever form a loss takes, an alert that stood before it is told of after it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from dashboard.catalog.catalog import Catalog
from dashboard.domain.axes import State
from dashboard.domain.verdict import Verdict
from tests.evaluation.test_withdrawals import ABOVE, BREACH, CALM, CAP, FIRST, OCCURS, SECOND, held, months
from tests.shorthand import catalog, intake, row, rows, rulebook, verdict

Row = dict[str, Any]
STILL, LAST = held("2024-01-05", "70"), held("2024-01-08", "70")


def gone(lost: Row, at: datetime = SECOND) -> Row:
    return {**lost, "held_until": at}


def after_the_loss(made: Catalog, before: list[Row], after: list[Row], day: str = "2024-01-21") -> Verdict:
    """The verdict after a loss: what stood must be named, and nothing may be calm."""
    stood, result = verdict(made, intake(before), day), verdict(made, intake(after), day)
    assert stood.state in (State.FIRING, State.RECOVERING, State.ON_RECORD)
    assert result.state is State.WITHDRAWN or result.withdrawals
    assert not result.is_calm
    return result


@pytest.mark.parametrize(("published", "severity"), [(None, None), ("2024-01-19", 0)])
def test_the_newest_of_two_breaches_is_overwritten_or_revised(published: str | None, severity: int | None) -> None:
    new = held("2024-01-08", "7", held_from=SECOND, published=published)
    result = after_the_loss(rulebook(ABOVE), [STILL, LAST], [STILL, LAST if published else gone(LAST), new])
    assert result.severity == severity


def test_an_event_is_overwritten_by_zero() -> None:
    first, second = held("2024-01-05", "1"), held("2024-01-08", "1")
    after = [first, gone(second), held("2024-01-08", "0", held_from=SECOND)]
    after_the_loss(rulebook(OCCURS, kind="event"), [first, second], after)


def test_the_event_that_kept_an_alert_open_is_lost() -> None:
    first, at = held("2024-01-08", "1"), datetime(2024, 4, 19)
    second = held("2024-03-20", "1", held_from=datetime(2024, 3, 21))
    after_the_loss(rulebook(OCCURS, kind="event"), [first, second], [first, gone(second, at)], "2024-04-20")


def test_a_row_is_lost_on_the_day_of_its_publication() -> None:
    lost = held("2024-01-18", "70", published="2024-01-20", held_from=datetime(2024, 1, 20, 8))
    result = after_the_loss(rulebook(ABOVE), [CALM, lost], [CALM, gone(lost, datetime(2024, 1, 20, 9))], "2024-01-20")
    assert result.severity is None


def test_a_later_provisional_row_does_not_replace_a_lost_figure() -> None:
    later = held("2024-01-08", "70", held_from=SECOND, status="provisional", published="2024-01-19")
    assert verdict(rulebook(ABOVE), intake([CALM, BREACH, later]), "2024-01-21").severity is None


FACTOR = """
sources:
  s:
    title: S
    file: s.csv
    factors: [{from: k, to: u, value: 1000, low: 1000, high: 1000, citation: https://example.org/f}]
indicators:
  x: {title: X, unit: u, sources: [s], thresholds: [{severity: critical, RULE}]}
"""


def test_a_unit_is_overwritten() -> None:
    thousands = held("2024-01-08", "7", unit="k")
    after = [gone(thousands), held("2024-01-08", "7", unit="u", held_from=SECOND)]
    after_the_loss(catalog(FACTOR.replace("RULE", "above: 60")), [thousands], after)


def test_the_unit_of_the_figure_before_is_revised() -> None:
    before = [held("2024-01-05", "10", unit="u"), held("2024-01-08", "7000", unit="u")]
    revised = held("2024-01-05", "10", unit="k", published="2024-01-19", held_from=SECOND)
    after_the_loss(catalog(FACTOR.replace("RULE", "change_above: 30")), before, [*before, revised])


OVERDUE = """
sources: {a: {title: A, file: a.csv, kind: flow, expect_every: 1mo}}
indicators:
  x: {title: X, unit: days, sources: [a], thresholds: [{severity: warning, overdue_after: 30d}]}
"""


def test_the_first_report_from_which_others_are_owed_is_lost() -> None:
    received = datetime(2024, 5, 1)
    first, last = (
        held(month, "5", source="a", published=f"{month}-28", held_from=received) for month in ("2023-01", "2024-04")
    )
    lost = gone(first, datetime(2024, 5, 9))
    assert after_the_loss(catalog(OVERDUE), [first, last], [lost, last], "2024-05-10").severity is None


PREFER = """
sources: {s: {title: S, file: s.csv}, t: {title: T, file: t.csv}}
indicators:
  x: {title: X, unit: units, sources: [s, t], combine: prefer,
      thresholds: [{severity: critical, times_baseline: 2, trailing: median}]}
"""


def test_the_baseline_rows_of_a_preferred_line_are_lost() -> None:
    made = [{**one_row, "held_from": FIRST} for one_row in rows("s", "1 1 1 1 1 20 20 20 20 30")]
    after = [gone(one_row) if number < 4 else one_row for number, one_row in enumerate(made)]
    after_the_loss(catalog(PREFER), made, after, "2024-01-20")


def test_a_breach_that_no_later_figure_ended_is_lost() -> None:
    rules = "severity: warning, above: 40 | severity: critical, above: 60"
    later = held("2024-01-09", ">50")
    after_the_loss(rulebook(rules), [CALM, LAST, later], [CALM, gone(LAST), later])


def test_an_overlapping_row_makes_a_breach_on_record_unusable() -> None:
    before = months(("2024-01", "30", None), ("2024-02", "90", None))
    received = datetime(2025, 5, 9)
    overlap = held("2024-02-01/2024-03-31", "5", source="a", published="2025-05-08", held_from=received)
    after_the_loss(catalog(CAP), before, [*before, overlap], "2025-05-10")


@pytest.mark.parametrize("kind", ["event", "cumulative_claim", "level"])
def test_another_row_contradicts_a_figure(kind: str) -> None:
    other = held("2024-01-08", "80", held_from=datetime(2024, 8, 1), line=9)
    rule = OCCURS if kind == "event" else ABOVE
    after_the_loss(rulebook(rule, kind=kind), [LAST], [LAST, other], "2024-08-02")


def test_an_alert_of_a_cap_is_not_older_than_its_first_known_figure() -> None:
    text = """
sources: {s: {title: S, file: s.csv, kind: cumulative_claim}}
indicators:
  x: {title: X, unit: u, sources: [s], combine: max, accumulate: calendar_year, limit: 60,
      thresholds: [{severity: critical, at_percent: 100}]}
"""
    claims = [
        row("s", "2024-01-01/2024-03-01", "<80", "2024-06-21", subject="m"),
        row("s", "2024-01-01/2024-05-20", ">50", "2024-05-30", subject="n"),
        row("s", "2024-01-01/2024-04-01", "10", "2024-04-01", subject="m"),
    ]
    result = verdict(catalog(text), intake(claims), "2024-06-21")
    assert result.first_known is not None
    assert result.known_since is not None
    assert result.known_since >= result.first_known.known_on
