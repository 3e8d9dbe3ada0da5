"""Declared forms of dates: "%b %Y", "%d/%m/%Y %H:%M", iso, epoch_ms. Each reads a cell strictly, or not at all.

Names of months and days are English, whatever the locale. A part that stands twice makes a form of spans: the first is
of their start and the second of their end, as in "%b-%b %Y".
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from dashboard.domain.dates.form_parts import (
    NUMBERS,
    TIMES,
    WORDS,
    check_times,
    pattern_of,
    period_of,
    resolution,
    time_of,
    write_part,
)
from dashboard.domain.dates.periods import FIRST_YEAR, LAST_YEAR, Period, parse_period

DayOrTime = Period | datetime

_PIECE = re.compile(r"%.|[^%]+", re.DOTALL)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)?( ?(Z|[+-]\d{2}(:?\d{2})?))?)?", re.ASCII)
_EPOCH = re.compile(r"\d+(\.\d+)?", re.ASCII)
_UTC = re.compile(r"\b(?:UTC|GMT)\b(?: ?([+-]\d{1,2})(?::?(\d{2}))?)?|^ ?Z\b", re.IGNORECASE)
_DAY_AND_TIME = re.compile(  # 202403071200 and 2024030712, which are no seconds
    r"(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])([01]\d|2[0-3])([0-5]\d)?", re.ASCII
)
_EXAMPLE = datetime(2024, 3, 7, 9, 31, 12)
_AFTER_LAST_YEAR = datetime(LAST_YEAR + 1, 1, 1, tzinfo=UTC).timestamp()
_FEWEST_SECONDS = 1e8  # 3 March 1973, so that no year, day like 20240307 or mark for "none" is taken for seconds


class DateForm(ABC):
    """A form in which a file writes days, periods or times. has_time: whether it may state a time of day; states_zone:
    whether such a time always has its own zone."""

    text: str
    resolution: str
    has_time = False
    states_zone = False

    @abstractmethod
    def read(self, cell: str) -> DayOrTime | None:
        """What a cell states; None where it is not in this form. ValueError where that is not in the calendar."""

    @abstractmethod
    def write(self, value: DayOrTime) -> str:
        """A day, a period or a time in this form."""

    @property
    def example(self) -> str:
        if self.has_time:
            return self.write(_EXAMPLE)
        day = Period(_EXAMPLE.date(), _EXAMPLE.date())
        return self.write(day)


@lru_cache(maxsize=256)
def date_form(text: str) -> DateForm:
    """The form that the YAML declares with this text. ValueError says what is expected."""
    if text == "iso":
        return _Iso()
    if text in ("epoch_s", "epoch_ms"):
        return _Epoch(text)
    return _Written(text)


def ambiguous_cell(first: DateForm, second: DateForm) -> str:
    """A cell that two forms read differently; "" where no cell tried is one."""
    for day in (date(2001, 2, 3), date(2012, 10, 11)):
        for form, other in ((first, second), (second, first)):
            value = datetime(day.year, day.month, day.day, 4, 5, 6) if form.has_time else Period(day, day)
            cell = form.write(value)
            try:
                readings = form.read(cell), other.read(cell)
            except ValueError:
                continue
            if None not in readings and readings[0] != readings[1]:
                return cell
    return ""


class _Written(DateForm):
    """A form of parts, like "%d.%m.%Y"."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._pieces = _PIECE.findall(text)
        parts = [piece[1] for piece in self._pieces if _is_part(piece)]
        unknown = [part for part in parts if part not in NUMBERS and part not in WORDS]
        self._parts = frozenset(parts)
        self._is_span = max(Counter(parts).values(), default=0) == 2
        try:
            if unknown or not parts or max(Counter(parts).values()) > 2 or text.count("%") != _percents(self._pieces):
                raise ValueError
            self.resolution = resolution(self._parts)
            check_times(self._parts & TIMES)
        except ValueError:
            what = f"; %{unknown[0]} is no part of one" if unknown else ""
            raise ValueError(
                f'"{text[:60]}" does not say how dates are written, like "%d.%m.%Y" or "%b %Y"{what}'
            ) from None
        self.has_time = bool(self._parts & TIMES)
        if self.has_time and self._is_span:
            raise ValueError(f'"{text[:60]}": a span of days has no times of day')
        zones = [zone for piece in self._pieces if not _is_part(piece) and (zone := _UTC.search(piece))]
        self._is_utc = self.has_time and bool(zones)
        self._ahead = _ahead_of_utc(zones[0]) if zones else timedelta()
        self.states_zone = self._is_utc or "z" in self._parts
        self._pattern = self._compiled()

    def read(self, cell: str) -> DayOrTime | None:
        match = self._pattern.fullmatch(cell)
        if match is None:
            return None
        groups = match.groupdict()
        first = {part: groups[f"{part}_0"] for part in self._parts}
        try:
            if self.has_time:
                return time_of(first, is_utc=self._is_utc) - self._ahead
            start = period_of(first)
            if not self._is_span:
                return start
            end = period_of({part: groups.get(f"{part}_1") or cell for part, cell in first.items()})
        except ValueError as error:
            raise _not_in_calendar(cell, error) from error
        if end.end < start.start:
            raise ValueError(f'"{cell}" ends before it begins')
        return Period(start.start, end.end)

    def write(self, value: DayOrTime) -> str:
        if isinstance(value, datetime) and value.tzinfo:
            value += self._ahead
        seen: set[str] = set()
        text = ""
        counts = Counter(self._pieces)
        for piece in self._pieces:
            if not _is_part(piece):
                text += piece.replace("%%", "%")
                continue
            is_end = isinstance(value, Period) and (piece in seen or counts[piece] == 1)
            of = Period(value.end, value.end) if is_end and isinstance(value, Period) else value
            text += write_part(piece[1], of)
            seen.add(piece)
        return text

    def _compiled(self) -> re.Pattern[str]:
        seen: Counter[str] = Counter()
        pattern = ""
        for position, piece in enumerate(self._pieces):
            if not _is_part(piece):
                pattern += re.escape(piece.replace("%%", "%"))
                continue
            part = piece[1]
            beside = [*self._pieces[max(position - 1, 0) : position], *self._pieces[position + 1 : position + 2]]
            is_joined = any(_is_part(other) and other[1] in NUMBERS for other in beside)
            if part == "y" and is_joined:
                raise ValueError(f'"{self.text}": two figures for the year need marks between the parts')
            pattern += f"(?P<{part}_{seen[part]}>{pattern_of(part, is_joined=is_joined)})"
            seen[part] += 1
        return re.compile(pattern, re.ASCII)


class _Iso(DateForm):
    """ISO 8601: a day, or a day and a time with or without seconds, their fraction and an offset from UTC."""

    text, resolution, has_time = "iso", "day", True

    def read(self, cell: str) -> DayOrTime | None:
        if not _ISO.fullmatch(cell):
            return None
        try:
            day = parse_period(cell[:10])
            time = cell[11:].replace(" ", "").replace(",", ".")
            return datetime.fromisoformat(f"{cell[:10]}T{time}") if time else day
        except ValueError as error:
            raise _not_in_calendar(cell, error) from error

    def write(self, value: DayOrTime) -> str:
        return value.isoformat() if isinstance(value, datetime) else str(value.start)


class _Epoch(DateForm):
    """Seconds or milliseconds since 1970 in UTC."""

    resolution, has_time, states_zone = "day", True, True

    def __init__(self, text: str) -> None:
        self.text = text
        self._in_a_second = 1_000 if text == "epoch_ms" else 1

    def read(self, cell: str) -> DayOrTime | None:
        if not _EPOCH.fullmatch(cell) or _DAY_AND_TIME.fullmatch(cell):
            return None
        seconds = float(cell) / self._in_a_second
        if seconds < _FEWEST_SECONDS:
            return None
        if seconds >= _AFTER_LAST_YEAR:
            raise ValueError(f'"{cell}" is not in the years {FIRST_YEAR} to {LAST_YEAR} as {self.text}')
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)

    def write(self, value: DayOrTime) -> str:
        time = value if isinstance(value, datetime) else datetime(value.start.year, value.start.month, value.start.day)
        return str(int((time.replace(tzinfo=time.tzinfo or UTC)).timestamp() * self._in_a_second))


def _ahead_of_utc(zone: re.Match[str]) -> timedelta:
    """How far the times of a form are ahead of UTC that has "UTC+3" in its text."""
    if not zone[1]:
        return timedelta()
    minutes = int(zone[2] or 0)
    return timedelta(hours=int(zone[1]), minutes=-minutes if zone[1].startswith("-") else minutes)


def _is_part(piece: str) -> bool:
    return piece.startswith("%") and piece != "%%"


def _percents(pieces: list[str]) -> int:
    return sum(2 if piece == "%%" else 1 for piece in pieces if piece.startswith("%"))


def _not_in_calendar(cell: str, error: ValueError) -> ValueError:
    """The error of a cell that has the form, in the words of the cell."""
    if "is not in the years" in str(error):
        return ValueError(f'"{cell}" is not in the years {FIRST_YEAR} to {LAST_YEAR}')
    return ValueError(f'"{cell}" is not in the calendar')
