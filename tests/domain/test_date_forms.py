"""Declared forms of dates: each reads what it writes, and a cell in another form is refused or means the same."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dashboard.domain.dates import Period, ambiguous_cell, date_form, parse_period
from dashboard.domain.dates.form_parts import part_of_year

DAY_FORMS = (
    "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%Y%m%d", "%d %b %Y", "%b %d, %Y", "%d%b%Y", "%a, %d %B %Y",
    "%Y-%j", "%Y-%m-%d", "iso", "%Y%j",
)  # fmt: skip
MONTH_FORMS = ("%b %Y", "%B %Y", "%b-%y", "%Y%m", "%m/%Y", "%Y M%m", "%b%y")
OTHER_FORMS = {
    "quarter": ("Q%q %Y", "%qQ%y", "%Y-Q%q"), "half": ("H%h %Y", "%hH%y"), "week": ("W%V %G", "%G %V"),
    "year": ("%Y", "FY%Y", "%y."),
}  # fmt: skip
SPAN_FORMS = ("%Y-%m-%d - %Y-%m-%d", "%d.%m.%Y-%d.%m.%Y", "%Y%m%d to %Y%m%d", "%d %b %Y - %d %b %Y")
TIME_FORMS = (
    "%Y-%m-%dT%H:%M:%S%z", "%Y/%m/%d %H:%M:%S%z", "%d/%m/%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S UTC", "%m/%d/%Y %I:%M:%S %p",
    "%Y%m%d%H%M%S", "iso", "%a, %d %b %Y %H:%M:%S GMT", "%Y-%m-%d %H:%M:%S.%f",
)  # fmt: skip
ALL_FORMS = (*DAY_FORMS, *MONTH_FORMS, *sum(OTHER_FORMS.values(), ()), *SPAN_FORMS, *TIME_FORMS, "epoch_s", "epoch_ms")
DAYS = st.dates(date(1975, 1, 1), date(2040, 12, 31))
TIMES = st.datetimes(datetime(1975, 1, 1), datetime(2040, 12, 31)).map(lambda time: time.replace(microsecond=0))


def week_of(day: date) -> Period:
    monday = day - timedelta(days=day.weekday())
    return Period(monday, monday + timedelta(days=6))


PERIODS = {
    "day": lambda day: Period(day, day), "month": lambda day: parse_period(f"{day:%Y-%m}"), "week": week_of,
    "quarter": lambda day: part_of_year(day.year, (day.month + 2) // 3, 4),
    "half": lambda day: part_of_year(day.year, (day.month + 5) // 6, 2),
    "year": lambda day: parse_period(f"{day.year}"),
}  # fmt: skip


@given(DAYS, st.sampled_from([*DAY_FORMS, *MONTH_FORMS, *sum(OTHER_FORMS.values(), ())]))
def test_a_period_written_in_a_form_is_read_back(day: date, text: str) -> None:
    form = date_form(text)
    period = PERIODS[form.resolution](day)
    assert form.read(form.write(period)) == period


@given(DAYS, DAYS, st.sampled_from(SPAN_FORMS))
def test_a_span_written_in_a_form_is_read_back(first: date, last: date, text: str) -> None:
    period = Period(*sorted((first, last)))
    assert date_form(text).read(date_form(text).write(period)) == period


@given(TIMES, st.sampled_from((*TIME_FORMS, "epoch_s", "epoch_ms")), st.integers(-47, 47))
def test_a_time_written_in_a_form_is_read_back(time: datetime, text: str, quarters: int) -> None:
    form = date_form(text)
    if "%z" in text:
        time = time.replace(tzinfo=timezone(timedelta(minutes=15 * quarters)))
    elif form.states_zone:
        time = time.replace(tzinfo=UTC)
    assert form.read(form.write(time)) == time


@given(TIMES, st.sampled_from(ALL_FORMS), st.sampled_from(ALL_FORMS))
def test_a_cell_of_another_form_is_refused_or_means_the_same(time: datetime, text: str, other: str) -> None:
    """Pairs of forms for which this does not hold are those that a catalogue may not declare together."""
    form = date_form(text)
    assume(not ambiguous_cell(form, date_form(other)))
    days = PERIODS[form.resolution](time.date())
    value = time.replace(tzinfo=UTC if form.states_zone else None) if form.has_time else days
    try:
        reading = date_form(other).read(form.write(value))
    except ValueError:
        return
    if reading is not None:
        assert reading == form.read(form.write(value)), (form.write(value), text, other)


@pytest.mark.parametrize(
    ("text", "cell", "days"),
    [
        ("%b %Y", "JAN 2024", "2024-01"), ("%b %Y", "Sept 2024", "2024-09"), ("%b-%b %Y", "Jan-Mar 2024", "2024-Q1"),
        ("%d-%d %B %Y", "1-15 March 2024", "2024-03-01/2024-03-15"), ("%qQ%y", "1Q24", "2024-Q1"),
        ("%Y %m", "2024 3", "2024-03"), ("%Y-%Y", "2023-2024", "2023-01-01/2024-12-31"), ("%Y%%", "2024%", "2024"),
        ("%Y [YR%Y]", "2014 [YR2014]", "2014"),
    ],
)  # fmt: skip
def test_a_cell_is_read_as_its_form_says(text: str, cell: str, days: str) -> None:
    assert date_form(text).read(cell) == parse_period(days)


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("%b %Y", "January 2024"), ("%b %Y", "Jan  2024"), ("%b %Y", "Jän 2024"), ("%b %Y", "Jan 24"),
        ("%Y%m", "20243"), ("%Y%m", "2024-03"), ("iso", "2024-03"), ("iso", "2024-03-07T24"), ("epoch_s", "2024"),
        ("epoch_s", "20240307"),
        ("epoch_s", "0"), ("epoch_s", "-1"), ("epoch_ms", "1709803872"), ("%d/%m/%Y %H:%M", "07/03/2024"),
        ("%Y-%m-%dT%H:%M:%S%z", "2024-03-07T09:31:12"), ("%Y%m%d", "２０２４0307"), ("%b %Y", "Jan 2024\n"),
    ],
)  # fmt: skip
def test_a_cell_that_is_not_in_the_form_is_not_read(text: str, cell: str) -> None:
    assert date_form(text).read(cell) is None


@pytest.mark.parametrize(
    ("text", "cell", "reason"),
    [
        ("%d.%m.%Y", "07.00.2024", "calendar"), ("%m/%d/%y", "0/7/24", "calendar"), ("%Y%m", "202400", "calendar"),
        ("%d.%m.%Y", "00.03.2024", "calendar"), ("%Y%m%d", "20240007", "calendar"), ("%G %V", "2024 00", "calendar"),
        ("%Y-%j", "2024-000", "calendar"), ("%d.%m.%Y", "30.02.2024", "calendar"),
        ("%Y%m", "202413", "calendar"), ("%b %Y", "Jan 1066", "years 1900"),
        ("%G-W%V", "2021-W53", "calendar"), ("%Y-%j", "2023-366", "calendar"),
        ("%a %d.%m.%Y", "Fri 07.03.2024", "calendar"),
        ("%b-%b %Y", "Dec-Feb 2024", "ends before it begins"), ("%H:%M %d.%m.%Y", "24:00 07.03.2024", "calendar"),
        ("%d.%m.%Y %I:%M %p", "07.03.2024 13:00 PM", "calendar"), ("epoch_s", "1709803872000", "years 1900"),
        ("iso", "2024-03-07T09:31+25:00", "calendar"), ("%d.%m.%Y %H:%M%z", "07.03.2024 09:31+25", "calendar"),
    ],
)  # fmt: skip
def test_a_cell_of_no_day_is_refused(text: str, cell: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        date_form(text).read(cell)


@pytest.mark.parametrize(
    "text",
    ["", "%", "%d", "%d.%m", "%Y-%d", "%Y %V", "%G", "%y%m%d", "%Y-%m-%d %M", "%Y-%m-%d %I:%M", "%H:%M", "%Y %x",
     "%b %m %Y", "%Y %q %m", "%Y-%m-%d %H - %Y-%m-%d %H", "%Y%Y%Y", "ISO", "%m %H %Y", "%Y-%m-%d %H:%S", "%a %Y"],
)  # fmt: skip
def test_a_form_that_states_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        date_form(text)


def test_a_time_is_of_the_offset_that_it_states() -> None:
    expected = datetime(2019, 7, 20, tzinfo=UTC)
    for offset in ("20 00:00:00+00", "20 00:00:00Z", "20 02:30:00+02:30", "19 20:00:00-0400"):
        assert date_form("%Y/%m/%d %H:%M:%S%z").read(f"2019/07/{offset}") == expected
    assert date_form("epoch_ms").read("1563580800000") == date_form("epoch_s").read("1563580800.0") == expected


def test_forms_that_read_a_cell_differently_are_ambiguous() -> None:
    pairs = [
        ("%d/%m/%Y", "%m/%d/%Y"),
        ("%d.%m.%y", "%y.%m.%d"),
        ("%m.%y", "%y.%m"),
        ("%H:%M %d/%m/%Y", "%H:%M %m/%d/%Y"),
    ]
    assert all(ambiguous_cell(date_form(first), date_form(second)) for first, second in pairs)
    sound = ["%b %Y", "%Y-%m-%d", "Q%q %Y", "%Y%m", "iso", "epoch_ms"]
    assert not any(ambiguous_cell(date_form(first), date_form(second)) for first, second in pairwise(sound))


@given(
    st.sampled_from(["%d.%m.%Y", "%m/%d/%Y", "%Y-%d-%m", "%d %b %Y", "%Y%m%d", "%H:%M %d.%m.%Y", "%Y-%j"]),
    st.tuples(st.integers(1890, 2210), st.integers(0, 14), st.integers(0, 33), st.integers(0, 25), st.integers(0, 61)),
    st.sampled_from(["0", "00", ""]),
)
def test_numbers_are_read_where_the_calendar_has_them_and_only_there(
    text: str, numbers: tuple[int, int, int, int, int], nought: str
) -> None:
    year, month, day, hour, minute = numbers
    names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    name = names[month - 1] if 1 <= month <= 12 else "Foo"
    written = {
        "%Y": f"{year}", "%m": f"{nought}{month}"[-2:].rjust(2 if text == "%Y%m%d" else 1, "0"), "%b": name,
        "%d": f"{day:02}", "%H": f"{hour:02}", "%M": f"{minute:02}", "%j": f"{month * 30 + day:03}",
    }  # fmt: skip
    cell = re.sub("%.", lambda part: written[part[0]], text)
    expected: date | datetime | None = None
    with suppress(ValueError):
        first = date(year, 1, 1) + timedelta(days=month * 30 + day - 1)
        stated = first if "%j" in text else date(year, month, day)
        expected = datetime(year, month, day, hour, minute) if "%H" in text else stated
    if expected is not None and (expected.year != year or not 1900 <= year <= 2199):
        expected = None
    try:
        reading = date_form(text).read(cell)
    except ValueError:
        reading = None
    assert reading == (Period(expected, expected) if type(expected) is date else expected)


@pytest.mark.parametrize(
    ("form", "cell", "in_utc"),
    [
        ("%d.%m.%Y %H:%M UTC+3", "07.03.2024 01:00 UTC+3", "2024-03-06T22:00:00+00:00"),
        ("%Y-%m-%d %H:%M GMT-05:30", "2024-03-07 20:00 GMT-05:30", "2024-03-08T01:30:00+00:00"),
        ("%Y-%m-%d %H:%M UTC", "2024-03-07 20:00 UTC", "2024-03-07T20:00:00+00:00"),
    ],
)
def test_an_offset_in_the_text_of_a_form_counts(form: str, cell: str, in_utc: str) -> None:
    time = date_form(form).read(cell)
    assert isinstance(time, datetime)
    assert time.isoformat() == in_utc
    assert date_form(form).states_zone
    assert date_form(form).write(time) == cell


@pytest.mark.parametrize(("form", "cell"), [("epoch_ms", "202403071200"), ("epoch_s", "2024030712")])
def test_days_without_marks_are_no_seconds(form: str, cell: str) -> None:
    assert date_form(form).read(cell) is None
