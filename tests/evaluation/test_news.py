"""News ages by its own weight: what may have happened prolongs nothing that did, and takes nothing away from it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from dashboard.domain.dates.periods import Duration
from tests.shorthand import catalog, intake, row, rulebook, severity_and_end, verdict

OCCURS = rulebook("severity: critical, occurs: any, window: 60d", kind="event")
SEEN, MAYBE = row("s", "2024-02-22", "1", subject="a"), row("s", "2024-03-31", "<1", subject="b", line=3)


@pytest.mark.parametrize(
    ("day", "state", "passed_by"),
    [
        ("2024-04-10", "firing", "lowest"),
        ("2024-04-22", "firing", "lowest"),
        ("2024-04-23", "firing", "highest"),
        ("2024-05-30", "firing", "highest"),
        ("2024-05-31", "on_record", "lowest"),
    ],
)
def test_a_merely_possible_event_neither_prolongs_nor_weakens_an_earlier_one(
    day: str, state: str, passed_by: str
) -> None:
    result = verdict(OCCURS, intake([SEEN, MAYBE]), day)
    assert (result.state.value, severity_and_end(result)) == (state, ("critical", passed_by))
    assert str(result.date) == ("2024-03-31" if passed_by == "highest" else "2024-02-22")


def test_the_order_of_evaluations_does_not_matter() -> None:
    given = intake([SEEN, MAYBE])
    days = ["2024-05-31", "2024-04-10", "2024-04-23", "2024-04-22"]
    assert [severity_and_end(verdict(OCCURS, given, day))[1] for day in days] == [
        "lowest",
        "lowest",
        "highest",
        "lowest",
    ]


def test_the_sentence_names_the_day_on_which_its_figure_stops_being_news() -> None:
    assert "until 22 Apr 2024" in verdict(OCCURS, intake([SEEN, MAYBE]), "2024-04-10").sentence
    two = catalog(
        """
sources: {a: {title: A, file: a.csv, kind: event}, b: {title: B, file: b.csv, kind: event}}
indicators:
  x: {title: X, unit: u, sources: [a, b], thresholds: [{severity: critical, occurs: any, window: 60d}]}
"""
    )
    result = verdict(two, intake([SEEN | {"source": "a"}, MAYBE | {"source": "b"}]), "2024-04-10")
    assert "until 22 Apr 2024" in result.sentence
    assert "30 May" not in result.sentence


def test_news_of_a_lesser_severity_does_not_prolong_a_worse_one() -> None:
    two = rulebook("severity: critical, above: 100 | severity: warning, above: 50", kind="cumulative_claim")
    rows = [row("s", "2024-01-05", "120"), row("s", "2024-01-01/2024-03-01", "60", line=3)]
    result = verdict(two, intake(rows), "2024-03-30")
    assert severity_and_end(result)[0] == "critical"
    result = verdict(two, intake(rows), "2024-05-01")  # 90 days after 5 January are over, those after 1 March are not
    assert (result.state.value, severity_and_end(result)[0], result.figure.value) == ("firing", "warning", 60)


def test_a_merely_possible_event_weakens_no_composite_while_a_surer_one_lies_in_its_window() -> None:
    result = catalog(
        """
sources: {s: {title: S, file: s.csv, kind: event}, t: {title: T, file: t.csv, kind: event}}
indicators:
  x: {title: X, unit: u, sources: [s], thresholds: [{severity: critical, occurs: any, window: 60d}]}
  y: {title: Y, unit: u, sources: [t], thresholds: [{severity: critical, occurs: any, window: 60d}]}
  both: {title: B, thresholds: [{severity: critical, all_of: [x, y], within: 50d}]}
"""
    )
    given = intake([SEEN, MAYBE], [row("t", "2024-04-01", "1")])
    assert severity_and_end(verdict(result, given, "2024-04-01", "both")) == ("critical", "lowest")
    assert severity_and_end(verdict(result, given, "2024-05-28", "both")) == ("critical", "highest")


EVENT = some.tuples(some.integers(0, 150), some.sampled_from(["1", "<1", "0~1"]))


@given(events=some.lists(EVENT, min_size=1, max_size=5, unique_by=lambda one: one[0]), on=some.integers(0, 260))
def test_an_alert_rests_on_the_surest_figure_that_is_still_news(events: list[tuple[int, str]], on: int) -> None:
    first = date(2024, 1, 1)
    day, window = first + timedelta(days=on), Duration.parse("60d")
    happened = [(first + timedelta(days=after), figure) for after, figure in events]
    rows = [row("s", at.isoformat(), figure, line=n + 2) for n, (at, figure) in enumerate(happened)]
    result = verdict(OCCURS, intake(rows), day.isoformat())
    news = {figure for at, figure in happened if at <= day <= window.after(at)}
    assert (result.state.value == "firing") is bool(news)
    if news:
        assert severity_and_end(result)[1] == ("lowest" if "1" in news else "highest")
