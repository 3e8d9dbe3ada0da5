"""Ages in business days: weekends and holidays do not count."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from dashboard.domain.dates.periods import Duration, parse_day
from dashboard.domain.errors import truncated

_BUSINESS_DAYS = re.compile(r"([1-9]\d{0,3}) business days?", re.ASCII)
_CODE = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?", re.ASCII)
_YEARS_AROUND = 2  # enough for any number of days that a source may be late, in years before and after a day
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class BusinessDays:
    """A number of business days. holidays: days like 2026-12-25, and the codes of countries like US or RU."""

    days: int
    holidays: tuple[str, ...] = ()

    def __str__(self) -> str:
        return "1 business day" if self.days == 1 else f"{self.days} business days"

    @property
    def fewest_days(self) -> int:
        """The fewest days that they can be."""
        return self.days

    def times(self, factor: float) -> BusinessDays:
        """So many times the days, rounded down to whole days."""
        return BusinessDays(math.floor(self.days * factor), self.holidays)

    def after(self, day: date) -> date:
        """The last day until which no more than this number of business days has begun since `day`."""
        closed = _closed_days(self.holidays, day.year, day.year + self.days // 250 + _YEARS_AROUND)
        following = np.busday_offset(np.datetime64(day), self.days + 1, roll="backward", holidays=closed)
        return parse_day(str(following)) - _ONE_DAY


Age = Duration | BusinessDays


def parse_age(text: str, holidays: tuple[str, ...] = ()) -> Age:
    """A duration, or `1 business day`; ValueError says what was expected."""
    if match := _BUSINESS_DAYS.fullmatch(text):
        return BusinessDays(int(match[1]), holidays)
    if "business" in text:
        raise ValueError(f'"{truncated(text)}" is not a number of business days like 1 business day')
    return Duration.parse(text)


def parse_holiday(text: str) -> None:
    """A day, or the code of a country whose holidays are known; ValueError says what was expected."""
    if _CODE.fullmatch(text):
        _holidays_of(text, 2026, 2026)
        return
    try:
        parse_day(text)
    except ValueError as error:
        raise ValueError(f"{error}, or the code of a country like US") from error


@lru_cache(maxsize=256)
def _closed_days(holidays: tuple[str, ...], first: int, last: int) -> np.ndarray:
    """The holidays in the years from `first` to `last`, and in the year before."""
    days: set[date] = set()
    for holiday in holidays:
        days |= _holidays_of(holiday, first - 1, last) if _CODE.fullmatch(holiday) else {parse_day(holiday)}
    return np.array(sorted(days), "datetime64[D]")


def _holidays_of(code: str, first: int, last: int) -> set[date]:
    """The holidays of a country, or of a part of it like US-NY."""
    import holidays  # lazy: few sources need it

    country, _, part = code.partition("-")
    try:
        return set(holidays.country_holidays(country, subdiv=part or None, years=range(first, last + 1)))
    except NotImplementedError as error:
        raise ValueError(f'"{code}" is not the code of a country like US, or of a part of one like US-NY') from error
