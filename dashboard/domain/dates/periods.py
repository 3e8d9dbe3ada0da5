"""Days, periods, durations and the periods that caps run by.

Everything is a whole day in UTC; a period holds both its first and its last day. No clock is read here.
"""

from __future__ import annotations

import calendar
import math
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

import numpy as np

Days = np.ndarray  # of dtype datetime64[D]

_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
_YEAR = re.compile(r"(\d{4})", re.ASCII)
_STATISTICAL = re.compile(
    r"(?P<year>\d{4})-?(Q(?P<quarter>[1-4])|[SH](?P<half>[12])|M(?P<month>\d{2})|W(?P<week>\d{2}))"
    r"|(?P<first>\d{4}-\d{2}-\d{2})/(?P<last>\d{4}-\d{2}-\d{2})",
    re.ASCII,
)
_DURATION = re.compile(r"([1-9]\d{0,4})(d|w|mo|y)", re.ASCII)
_ANCHOR = re.compile(r"(\d{2})-(\d{2})", re.ASCII)

FIRST_YEAR, LAST_YEAR = 1900, 2199  # a date outside these years is a slip, and arithmetic near it would overflow
LONGEST_DAYS = 100 * 366


@dataclass(frozen=True, order=True)
class Period:
    """The days from `start` to `end`, both included."""

    start: date
    end: date

    def __str__(self) -> str:
        """`2024`, `2024-03`, `2024-03-07`, or `2024-03-07/2024-11-05`: in the shortest form."""
        if self.start == self.end:
            return self.start.isoformat()
        if self == _year(self.start.year):
            return f"{self.start.year}"
        if self == _month(self.start.year, self.start.month):
            return f"{self.start:%Y-%m}"
        return f"{self.start}/{self.end}"

    def a_year_earlier(self) -> Period:
        """The same days of the year before: whole months stay whole, and 29 February becomes the 28th."""
        months = self.start.day == 1 and self.end == _month(self.end.year, self.end.month).end
        start, end = _in_year(self.start, self.start.year - 1), _in_year(self.end, self.end.year - 1)
        return Period(start, _month(end.year, end.month).end if months else end)

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end


@lru_cache(maxsize=16_384)  # the rows of a file repeat the same days
def parse_period(text: str) -> Period:
    """The days that a text covers: `2024-03-07`, `2024-03` or `2024`, or the ISO and SDMX forms `2024-Q1`, `2024-S1`,
    `2024-M03`, `2024-W05` and `2024-03-07/2024-03-09`, with or without their hyphen. ValueError says what was expected.
    """
    if not (text[:4].isascii() and text[:4].isdigit()):
        raise _no_period(text)
    if not FIRST_YEAR <= int(text[:4]) <= LAST_YEAR:
        raise ValueError(f'"{text}" is not in the years {FIRST_YEAR} to {LAST_YEAR}')
    try:
        if match := _DAY.fullmatch(text):
            day = date(*map(int, match.groups()))
            return Period(day, day)
        if match := _MONTH.fullmatch(text):
            return _month(int(match[1]), int(match[2]))
        if match := _YEAR.fullmatch(text):
            return _year(int(match[1]))
        period = _statistical_period(text)
    except ValueError as error:
        raise ValueError(f'"{text}" is not in the calendar') from error
    if period is not None:
        if period.end < period.start:
            raise ValueError(f'"{text}" ends before it begins')
        return period
    raise _no_period(text)


def _no_period(text: str) -> ValueError:
    return ValueError(f'"{text}" is not a day (2024-03-07), a month (2024-03) or a year (2024)')


def stated_days(text: str) -> Period:
    """The days of a publication as rows state it: a day, a month, or a time like 2024-03-07T09:31:12Z."""
    return parse_period(text[:10] if "T" in text else text)


def part_of_year(year: int, number: int, count: int) -> Period:
    """The `number`-th of the `count` equal parts of a year: quarters of four, halves of two."""
    months = 12 // count
    return Period(_month(year, months * (number - 1) + 1).start, _month(year, months * number).end)


def parse_day(text: str) -> date:
    """`2024-03-07` as a date; ValueError says what was expected."""
    if not _DAY.fullmatch(text):
        raise ValueError(f'"{text}" is not a day like 2024-03-07')
    return parse_period(text).start


@lru_cache(maxsize=16_384)
def end_of_day(day: date) -> np.datetime64:
    """The last second of a day in UTC: what was published on it was known by then."""
    return np.datetime64(day, "s") + np.timedelta64(86_399, "s")


@dataclass(frozen=True)
class Duration:
    """A span in calendar months and days: `90d`, `2w`, `1mo`, `1y`."""

    months: int = 0
    days: int = 0

    @classmethod
    def parse(cls, text: str) -> Duration:
        match = _DURATION.fullmatch(text)
        if not match:
            raise ValueError(f'"{text}" is not a duration like 90d, 2w, 1mo or 1y')
        count, unit = int(match[1]), match[2]
        if count * {"d": 1, "w": 7, "mo": 30, "y": 365}[unit] > LONGEST_DAYS:
            raise ValueError(f'"{text}" is longer than 100 years')
        return {
            "d": cls(days=count),
            "w": cls(days=7 * count),
            "mo": cls(months=count),
            "y": cls(months=12 * count),
        }[unit]

    def __str__(self) -> str:
        if self.months and self.months % 12 == 0:
            return _counted(self.months // 12, "year")
        return _counted(self.months, "month") if self.months else _counted(self.days, "day")

    @property
    def in_days(self) -> float:
        """Its mean length in days."""
        return self.months * 365.25 / 12 + self.days

    @property
    def fewest_days(self) -> int:
        """The fewest days that it can be: a month has 28."""
        end_of_january = date(2023, 1, 31)
        return (self.after(end_of_january) - end_of_january).days

    def times(self, factor: float) -> Duration:
        """The duration times a factor, rounded down to whole days, since ages are whole days.

        A month counts 30 days and a year 365.
        """
        years, months = divmod(self.months, 12)
        return Duration(days=math.floor((365 * years + 30 * months + self.days) * factor))

    def after(self, day: date) -> date:
        """The day this long after `day`; the last day of a month leads to the last day of a month."""
        if self.months:
            year, month = divmod(day.year * 12 + day.month - 1 + self.months, 12)
            last = calendar.monthrange(year, month + 1)[1]
            is_month_end = day == _month(day.year, day.month).end
            day = date(year, month + 1, last if is_month_end else min(day.day, last))
        return day + timedelta(days=self.days)


@dataclass(frozen=True)
class Anchor:
    """The day of the year on which a cap's period begins: `01-01`, or `12-22` for crude oil."""

    month: int = 1
    day: int = 1

    @classmethod
    def parse(cls, text: str) -> Anchor:
        match = _ANCHOR.fullmatch(text)
        if not match:
            raise ValueError(f'"{text}" is not a day of the year like "12-22"')
        month, day = int(match[1]), int(match[2])
        if (month, day) == (2, 29):
            raise ValueError('"02-29" is not in every year; use "02-28" or "03-01"')
        try:
            date(2023, month, day)
        except ValueError as error:
            raise ValueError(f'"{text}" is not in the calendar') from error
        return cls(month, day)

    @classmethod
    def of(cls, period: Period) -> Anchor:
        """The anchor of a cap's period."""
        return cls(period.start.month, period.start.day)

    def __str__(self) -> str:
        return f"{self.day} {calendar.month_name[self.month]}"

    def period(self, day: date) -> Period:
        """The cap's period that holds `day`."""
        return _anchored(self, self._year(day))

    def periods(self, first: date, last: date) -> tuple[tuple[Period, ...], Days]:
        """All periods from the one that holds `first` to the one that holds `last`, and their first days."""
        return _all_anchored(self, self._year(first), self._year(last))

    def _year(self, day: date) -> int:
        """The year in which the period that holds `day` begins."""
        return day.year if (day.month, day.day) >= (self.month, self.day) else day.year - 1


@lru_cache(maxsize=1024)
def _anchored(anchor: Anchor, year: int) -> Period:
    """The period that begins in `year`."""
    following = date(year + 1, anchor.month, anchor.day)
    return Period(date(year, anchor.month, anchor.day), following - timedelta(days=1))


@lru_cache(maxsize=64)
def _all_anchored(anchor: Anchor, first: int, last: int) -> tuple[tuple[Period, ...], Days]:
    periods = tuple(_anchored(anchor, year) for year in range(first, last + 1))
    starts = np.array([period.start for period in periods], "datetime64[D]")
    starts.flags.writeable = False
    return periods, starts


def instant_of(at: datetime) -> np.datetime64:
    """A time in UTC as a NumPy instant, in seconds."""
    return np.datetime64(at.replace(tzinfo=None), "s")


def day_of(value: np.datetime64) -> date:
    """A NumPy day or instant as a `date`; NaT is an error of the caller."""
    day = value.item()
    if isinstance(day, datetime):
        return day.date()
    if isinstance(day, date):
        return day
    raise ValueError("no day")


def _statistical_period(text: str) -> Period | None:
    """A quarter, a half, a month or a week as statistical offices write it, or a span; None where it is none."""
    match = _STATISTICAL.fullmatch(text)
    if match is None:
        return None
    if match["first"]:
        return Period(parse_period(match["first"]).start, parse_period(match["last"]).end)
    year = int(match["year"])
    if match["week"]:
        monday = date.fromisocalendar(year, int(match["week"]), 1)
        return Period(monday, monday + timedelta(days=6))
    if match["month"]:
        return _month(year, int(match["month"]))
    return part_of_year(year, int(match["quarter"] or match["half"]), 4 if match["quarter"] else 2)


def _month(year: int, month: int) -> Period:
    return Period(date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]))


def _year(year: int) -> Period:
    return Period(date(year, 1, 1), date(year, 12, 31))


def _in_year(day: date, year: int) -> date:
    return date(year, day.month, min(day.day, calendar.monthrange(year, day.month)[1]))


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
