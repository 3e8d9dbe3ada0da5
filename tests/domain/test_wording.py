"""How figures are written."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as some

from dashboard.domain.dates.periods import parse_period
from dashboard.domain.figure import Figure, figure_in_full
from dashboard.domain.text import wording as words

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
    assert str(Figure(low, value, high, "cars", or_more=or_more)) == said


def test_shares_are_percents_with_their_range() -> None:
    assert Figure(0.836, 0.933, 0.933).as_percent() == "83.6 to 93.3 %"
    assert Figure(2, 2, 2, or_more=True).as_percent() == "at least 200 %"
    assert Figure(NAN, NAN, 1.563).as_percent() == "up to 157 %"
    assert Figure(NAN, NAN, 0.9996).as_percent() == "up to just under 100 %"


@pytest.mark.parametrize(("period", "said"), [("2024", "2024"), ("2024-03", "Mar 2024"), ("2024-03-07", "7 Mar 2024")])
def test_a_period_is_as_short_as_it_can_be_said(period: str, said: str) -> None:
    assert words.span(parse_period(period)) == said


def test_ages_are_in_days_until_they_are_years() -> None:
    assert [words.age(days) for days in (0, 1, 162, 1000)] == ["today", "1 day", "162 days", "2.7 years"]
    assert words.day(date(2024, 11, 5)) == "5 Nov 2024"


@pytest.mark.parametrize(
    ("low", "value", "high", "or_more", "said"),
    [
        (18.6, NAN, NAN, True, "18 times or more"),
        (18.6, 18.6, 18.6, True, "18 times or more"),
        (10.54, NAN, 17.2, False, "10 to 18 times"),
        (3.12, NAN, 4.68, False, "3.1 to 4.7 times"),
        (3.19, NAN, 4.61, False, "3.1 to 4.7 times"),
        (18.6, 18.6, 18.6, False, "19 times"),
        (2.04, 2.04, 2.04, False, "2 times"),
        (1.034, 1.034, 1.034, False, "1.03 times"),
        (1.034, NAN, NAN, True, "1.03 times or more"),
        (NAN, NAN, 0.996, False, "at most 0.996 times"),
        (1, 1, 1, False, "1 time"),
    ],
)
def test_no_bound_of_a_multiple_is_rounded_to_its_other_side(
    low: float, value: float, high: float, or_more: bool, said: str
) -> None:
    assert str(Figure(low, value, high, words.MULTIPLE, or_more=or_more)) == said


def test_a_small_number_is_never_written_as_nothing() -> None:
    assert [words.number(one) for one in (0.001, 0.00123456, -0.004, 0.014, 0.0, -0.0)] == [
        "0.001", "0.00123", "-0.004", "0.01", "0", "0",
    ]  # fmt: skip
    assert Figure(0.0004, 0.0004, 0.0004).as_percent() == "0.04 %"


def test_no_share_is_rounded_to_the_other_side_of_a_bound_or_a_level() -> None:
    assert Figure(0.23557, NAN, NAN, or_more=True).as_percent() == "at least 23.5 %"
    assert Figure(0.23557, NAN, 0.30111).as_percent() == "23.5 to 30.2 %"
    assert Figure(0.235, 0.235, 0.235, or_more=True).as_percent() == "at least 23.5 %"  # 100 times that is 23.499...
    assert Figure(0.7496, 0.7496, 0.7496).as_percent() == "74.96 %"
    assert Figure(1.004, NAN, NAN, or_more=True).as_percent() == "at least just over 100 %"
    assert Figure(NAN, NAN, 0.99999).as_percent() == "up to just under 100 %"


def test_a_span_of_claims_is_rounded_outwards() -> None:
    assert Figure(10.126, NAN, 20.121, "t").as_span() == "10.12 to 20.13 t"
    assert Figure(10.126, NAN, 10.126, "t").as_span() == "10.13 t"
    assert Figure(10.126, NAN, 10.126, "t", or_more=True).as_span() == "10.12 or more t"
    assert Figure(NAN, NAN, 10.121, "t").as_span() == "at most 10.13 t"


@given(low=some.floats(0, 1e9), more=some.floats(0, 1e9), unit=some.sampled_from(["t", words.MULTIPLE]))
def test_a_range_in_words_holds_the_range(low: float, more: float, unit: str) -> None:
    text = str(Figure(low, NAN, low + more, unit)).removesuffix(f" {unit}").replace(",", "").split(" to ")
    assert float(text[0]) <= low * (1 + 1e-11)
    assert float(text[-1]) >= (low + more) * (1 - 1e-11)
    floor = Figure(low, NAN, NAN, or_more=True).as_percent().removeprefix("at least ").removesuffix(" %")
    assert float(floor.replace(",", "").removeprefix("just over ").replace("just under 100", "0")) <= low * 100.0000001


def test_a_row_is_written_as_it_states_its_figure() -> None:
    start, end = datetime(2023, 9, 1, tzinfo=UTC), datetime(2024, 9, 4, tzinfo=UTC)
    days = {"start": start, "end": end, "subject": "", "unit": "t"}
    ends = [(NAN, 15279, NAN), (NAN, 15.279, NAN), (1e6, NAN, NAN), (NAN, NAN, 5), (5, NAN, 7)]
    texts = [figure_in_full({**days, "low": low, "value": value, "high": high}) for low, value, high in ends]
    assert texts == ["15,279 t", "15.279 t", "at least 1,000,000 t", "at most 5 t", "5 to 7 t"]
    assert words.days_of(days) == "1 Sep 2023 to 4 Sep 2024"


def test_a_factor_is_never_a_power_of_ten() -> None:
    assert [words.in_full(one, 4) for one in (1e6, 0.001, 7.61905, 1e-7, -1)] == [
        "1,000,000", "0.001", "7.619", "0.0000001", "-1",
    ]  # fmt: skip


def test_a_publication_is_as_precise_as_its_row_states_it() -> None:
    stated = ["", "2024", "2024-03", "2024-03-08", "2024-Q1", "2024-03-08T09:31:12Z"]
    assert [words.publication(text) for text in stated] == [
        "", "2024", "Mar 2024", "8 Mar 2024", "1 Jan 2024 to 31 Mar 2024", "8 Mar 2024 09:31:12 UTC",
    ]  # fmt: skip
