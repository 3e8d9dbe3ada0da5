"""How figures are written."""

from __future__ import annotations

from datetime import date

import pytest

from dashboard import words
from dashboard.periods import parse_period

NAN = float("nan")


@pytest.mark.parametrize(
    ("low", "value", "high", "or_more", "said"),
    [
        (73, 73, 73, False, "73 cars"),
        (70, 73, 73, False, "73 cars (70 to 73)"),
        (1e6, 1e6, 1e6, True, "1,000,000 cars or more"),
        (1015588, NAN, 1523381, False, "1,015,588 to 1,523,381 cars"),
        (NAN, NAN, 781497, False, "at most 781,497 cars"),
        (500, NAN, NAN, False, "500 cars or more"),
        (1, 1, 1, False, "1 car"),
        (0, 0, 0, False, "0 cars"),
        (400, 450.25, 500, False, "450.25 cars (400 to 500)"),
        (400, 450, 500, True, "450 cars (400 or more)"),
    ],
)
def test_a_figure_is_written_with_its_range(low: float, value: float, high: float, or_more: bool, said: str) -> None:
    assert words.amount(low, value, high, "cars", or_more=or_more) == said


def test_shares_are_percents_with_their_range() -> None:
    assert words.percent(0.836, 0.933, 0.933) == "83.6 to 93.3 %"
    assert words.percent(2, 2, 2, or_more=True) == "at least 200.0 %"
    assert words.percent(NAN, NAN, 1.563) == "at most 156.3 %"


@pytest.mark.parametrize(("period", "said"), [("2024", "2024"), ("2024-03", "Mar 2024"), ("2024-03-07", "7 Mar 2024")])
def test_a_period_is_as_short_as_it_can_be_said(period: str, said: str) -> None:
    assert words.span(parse_period(period)) == said


def test_ages_are_in_days_until_they_are_years() -> None:
    assert [words.age(days) for days in (0, 1, 162, 1000)] == ["today", "1 day", "162 days", "2.7 years"]
    assert words.day(date(2024, 11, 5)) == "5 Nov 2024"
