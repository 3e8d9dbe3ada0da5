"""Days, periods, durations and anchors, with the traps of the calendar."""

from __future__ import annotations

from datetime import date

import pytest

from dashboard.domain.dates.periods import Anchor, Duration, Period, parse_day, parse_period


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2024-03-07", "2024-03-07", "2024-03-07"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2023-02", "2023-02-01", "2023-02-28"),
        ("2024", "2024-01-01", "2024-12-31"),
    ],
)
def test_a_period_holds_its_first_and_its_last_day(text: str, start: str, end: str) -> None:
    period = parse_period(text)
    assert period == Period(date.fromisoformat(start), date.fromisoformat(end))
    assert str(period) == text


@pytest.mark.parametrize(
    "text", ["2023-02-29", "2024-13", "24-01-01", "2024-1-1", "01/02/2024", "2024-03-07 ", "", "0000"]
)
def test_what_is_not_in_the_calendar_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not"):
        parse_period(text)


def test_a_day_is_a_whole_date() -> None:
    with pytest.raises(ValueError, match="is not a day"):
        parse_day("2024-03")


@pytest.mark.parametrize(
    ("duration", "day", "after"),
    [
        ("1mo", "2024-01-31", "2024-02-29"),
        ("1mo", "2023-02-28", "2023-03-31"),
        ("1mo", "2024-01-30", "2024-02-29"),
        ("1mo", "2024-01-15", "2024-02-15"),
        ("1y", "2024-02-29", "2025-02-28"),
        ("90d", "2024-11-05", "2025-02-03"),
        ("2w", "2024-12-25", "2025-01-08"),
    ],
)
def test_durations_lead_from_month_end_to_month_end(duration: str, day: str, after: str) -> None:
    assert Duration.parse(duration).after(date.fromisoformat(day)) == date.fromisoformat(after)


@pytest.mark.parametrize("text", ["90", "d", "0d", "-1d", "1.5mo", "90 d", "1m"])
def test_a_duration_needs_a_count_and_a_unit(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        Duration.parse(text)


@pytest.mark.parametrize(
    ("anchor", "day", "period"),
    [
        ("01-01", "2024-12-31", "2024"),
        ("01-01", "2025-01-01", "2025"),
        ("12-22", "2024-12-21", "2023-12-22/2024-12-21"),
        ("12-22", "2024-12-22", "2024-12-22/2025-12-21"),
        ("03-01", "2024-02-29", "2023-03-01/2024-02-29"),
    ],
)
def test_a_cap_runs_from_its_anchor_to_the_day_before_the_next(anchor: str, day: str, period: str) -> None:
    assert str(Anchor.parse(anchor).period(date.fromisoformat(day))) == period


@pytest.mark.parametrize("text", ["02-29", "13-01", "02-30", "12/22", "1-1"])
def test_an_anchor_is_a_day_that_every_year_has(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not"):
        Anchor.parse(text)


@pytest.mark.parametrize(("every", "days"), [("1d", 1), ("3d", 4), ("7d", 10), ("1mo", 45), ("1y", 547)])
def test_one_and_a_half_times_a_cadence_is_never_rounded_up(every: str, days: int) -> None:
    """A daily figure that is two days old is older than a day and a half."""
    assert Duration.parse(every).times(1.5) == Duration(days=days)
