"""Ages in business days: what a publisher owes who rests on weekends and holidays."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.domain.dates import BusinessDays, parse_age, parse_holiday

DAYS = st.dates(date(1990, 1, 1), date(2100, 1, 1))


@pytest.mark.parametrize(
    ("newest", "days", "holidays", "last"),
    [
        ("2024-02-02", 1, (), "2024-02-05"),  # Friday: until Monday
        ("2024-02-01", 1, (), "2024-02-04"),  # Thursday: the figure of Friday comes on Monday
        ("2024-02-06", 1, (), "2024-02-07"),  # Tuesday: a missing Wednesday is late on Thursday
        ("2024-02-03", 1, (), "2024-02-05"),  # a Saturday counts as the Friday before
        ("2024-02-02", 3, (), "2024-02-07"),
        ("2024-02-02", 1, ("2024-02-05",), "2024-02-06"),
        ("2024-07-03", 1, ("US",), "2024-07-07"),  # Independence Day, then a weekend
        ("2024-07-03", 1, ("RU",), "2024-07-04"),
    ],
)
def test_a_source_is_in_time_until_one_business_day_more_has_begun(
    newest: str, days: int, holidays: tuple[str, ...], last: str
) -> None:
    assert str(BusinessDays(days, holidays).after(date.fromisoformat(newest))) == last


@given(DAYS, st.integers(1, 300), st.sets(DAYS, max_size=5))
def test_no_more_business_days_than_the_age_lie_after_the_newest_day(day: date, count: int, closed: set[date]) -> None:
    last = BusinessDays(count, tuple(map(str, sorted(closed)))).after(day)
    days = [day + timedelta(days=number) for number in range(1, (last - day).days + 2)]
    open_days = [one for one in days if one.weekday() < 5 and one not in closed]
    assert len(open_days) == count + 1
    assert open_days[-1] == days[-1]


def test_an_age_is_a_duration_or_business_days() -> None:
    assert str(parse_age("2 business days")) == "2 business days"
    assert str(parse_age("1 business day").times(1.5)) == "1 business day"
    assert str(parse_age("1mo")) == "1 month"
    for text in ("business day", "0 business days", "1 business week"):
        with pytest.raises(ValueError, match="not a number of business days"):
            parse_age(text)


def test_a_holiday_is_a_day_or_the_code_of_a_country() -> None:
    for text in ("2026-12-25", "US", "US-NY"):
        parse_holiday(text)
    for text in ("XX", "US-XX", "christmas", "us"):
        with pytest.raises(ValueError, match="is not"):
            parse_holiday(text)
