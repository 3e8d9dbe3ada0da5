"""Reads cells of days, periods and times in the forms that the dialect declares.

Months, quarters, halves, weeks and years of ISO and SDMX are read in every dialect, days like 2024-03-07 only where the
YAML declares no other form. A cell that two forms read differently is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

import numpy as np

from dashboard.domain.dates import (
    DayOrTime,
    Period,
    date_form,
    end_of_day,
    instant_of,
    parse_period,
)
from dashboard.ingest.dates.fiscal_years import FiscalYears
from dashboard.ingest.dates.form_advice import lines_to_write
from dashboard.ingest.parse.dialect import Dialect

_LONGEST_DATE = 64
_QUOTED = 40
_LONGEST_PLAIN = len("2024-W05")
_MONTH_OR_YEAR = re.compile(r"\d{4}(-\d{2})?", re.ASCII)
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


Meaning = TypeVar("Meaning")


class _UnknownFormError(ValueError):
    """A cell in a form that nobody declared, for which the YAML may need another line."""


class Stated(NamedTuple):
    """When a row was published or received: the days as the source counts them, and the first and last second in UTC.

    text: the days or the second in ISO form.
    """

    days: Period
    begin: np.datetime64
    end: np.datetime64
    text: str


class DateCells:
    """The dates of files in one dialect."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._forms = [date_form(form) for form in dialect.date_forms]
        self._fiscal = FiscalYears(*dialect.fiscal_year) if dialect.fiscal_year else None

    @property
    def reads_iso_days(self) -> bool:
        """Whether 2024-03-07 is read as it stands."""
        return not self._forms

    @property
    def single_form(self) -> str:
        """The only form of days and times that is read; "" where there are several."""
        return "%Y-%m-%d" if not self._forms else self._forms[0].text if len(self._forms) == 1 else ""

    @property
    def form_of_periods(self) -> str:
        """The only form of days and times that is read in columns of figures' periods, as it is; "" for any other."""
        has_other_forms = self._forms and (self._fiscal or self._dialect.layout.wide)
        return "" if has_other_forms else self.single_form

    def period(self, cell: str) -> Period:
        """The days that a figure is about. The day of a time is that in the source's time zone. Raises ValueError."""
        return self._with_advice(cell, self._period)

    def period_or_none(self, cell: str) -> Period | None:
        return _without_error(cell, self._period)

    def stated(self, cell: str) -> Stated:
        """When a row was published or received. Raises ValueError."""
        return self._with_advice(cell, self._stated)

    def stated_or_none(self, cell: str) -> Stated | None:
        return _without_error(cell, self._stated)

    def _with_advice(self, cell: str, read: Callable[[str], Meaning]) -> Meaning:
        try:
            return read(cell)
        except _UnknownFormError as error:
            raise ValueError(f"{error}{lines_to_write(cell, self._dialect)}") from error

    def _period(self, cell: str) -> Period:
        _check_length(cell)
        if self._dialect.layout.wide not in ("", "fiscal_years"):
            return parse_period(cell)  # as the name of a column was read
        if self._fiscal:
            return self._fiscal_period(cell, self._fiscal)
        return self._days(self._read(cell))

    def _stated(self, cell: str) -> Stated:
        _check_length(cell)
        value = self._read(cell)
        if isinstance(value, Period):
            first = np.datetime64(value.start, "s")
            return Stated(value, first, end_of_day(value.end), cell if self.reads_iso_days else str(value))
        second = instant_of(self._in_utc(value))
        return Stated(self._days(value), second, second, f"{second}Z")

    def _read(self, cell: str) -> DayOrTime:
        if self.reads_iso_days:
            try:
                return parse_period(cell)
            except ValueError as error:
                raise _UnknownFormError(error) from error
        readings, problem = self._declared_readings(cell)
        if len(set(map(str, readings.values()))) > 1:
            meanings = ", and ".join(f"{value} as {form}" for form, value in readings.items())
            raise ValueError(f'"{cell}" is {meanings}; declare only one of them')
        if readings:
            return next(iter(readings.values()))
        if problem:
            raise problem
        raise _UnknownFormError(
            f'"{cell}" is not a {self._noun} like {self._examples}, as dates: declares, nor a month or a year'
        )

    def _declared_readings(self, cell: str) -> tuple[dict[str, DayOrTime], ValueError | None]:
        """What each form reads in a cell, and the problem of one that could not."""
        readings: dict[str, DayOrTime] = {}
        problem = None
        for form in self._forms:
            try:
                value = form.read(cell)
            except ValueError as error:
                problem = error
                continue
            if value is not None:
                readings[f'"{form.text}"'] = value
        if len(cell) <= _LONGEST_PLAIN and not _ISO_DAY.match(cell):
            try:
                readings["a month, a year or the like"] = parse_period(cell)
            except ValueError as error:
                problem = problem or (error if _MONTH_OR_YEAR.fullmatch(cell) else None)
        return readings, problem

    def _fiscal_period(self, cell: str, fiscal: FiscalYears) -> Period:
        """A fiscal year, a whole day, or what `dates:` declares: calendar months and quarters could be fiscal ones."""
        if period := fiscal.read(cell):
            return period
        if self.reads_iso_days and _ISO_DAY.match(cell):
            return parse_period(cell)
        readings, problem = self._declared_readings(cell)
        for form in self._forms:
            value = readings.get(f'"{form.text}"')
            if value is not None:
                days = self._days(value)
                return fiscal.of_years(days.start.year, "", cell) if form.resolution == "year" else days
        raise problem or ValueError(f'"{cell}" is not a fiscal year like 2023/24, a day, or a date as dates: declares')

    def _days(self, value: DayOrTime) -> Period:
        if isinstance(value, Period):
            return value
        day = (value.astimezone(self._zone) if value.tzinfo else value).date()
        return Period(day, day)

    def _in_utc(self, value: datetime) -> datetime:
        """A time without a zone is one of the source's; in the hour that comes twice it is the later one."""
        if value.tzinfo is not None:
            return value.astimezone(UTC)
        return max(value.replace(tzinfo=self._zone, fold=fold).astimezone(UTC) for fold in (0, 1))

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self._dialect.zone)

    @property
    def _noun(self) -> str:
        return "day" if all(form.resolution == "day" and not form.has_time for form in self._forms) else "date"

    @property
    def _examples(self) -> str:
        return " or ".join(form.example for form in self._forms)


def _without_error(cell: str, read: Callable[[str], Meaning]) -> Meaning | None:
    try:
        return read(cell)
    except ValueError:
        return None


def _check_length(cell: str) -> None:
    if len(cell) > _LONGEST_DATE:
        raise ValueError(f'"{cell[:_QUOTED]}..." is not a day, a month or a year')
