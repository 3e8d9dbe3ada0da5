"""The parts of a declared form of dates, like the `%b` and `%Y` of "%b %Y": their patterns, and what they add up to."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone

from dashboard.domain.dates.periods import Period, parse_period, part_of_year

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
NUMBERS = {
    "Y": r"\d{4}", "y": r"\d{2}", "G": r"\d{4}", "m": r"\d{1,2}", "d": r"\d{1,2}", "j": r"\d{3}", "V": r"\d{1,2}",
    "q": r"0?[1-4]", "h": r"0?[12]", "H": r"\d{1,2}", "I": r"\d{1,2}", "M": r"\d{2}", "S": r"\d{2}", "f": r"\d{1,9}",
}  # fmt: skip
WORDS = {
    "b": f"(?i:Sept|{'|'.join(name[:3] for name in MONTHS)})",
    "B": f"(?i:{'|'.join(MONTHS)})",
    "a": f"(?i:{'|'.join(name[:3] for name in WEEKDAYS)})",
    "A": f"(?i:{'|'.join(WEEKDAYS)})",
    "p": "(?i:AM|PM)",
    "z": r"(?:Z|[+-]\d{2}(?::?\d{2})?)",
}
TIMES = frozenset("HIMSfpz")
_YEARS, _NAMES_OF_MONTHS, _WEEKDAY_PARTS = frozenset("YyG"), frozenset("mbB"), frozenset("aA")
_RESOLUTIONS = {  # by the part beside the year and the month, and the number of months
    ("", 0): "year", ("h", 0): "half", ("q", 0): "quarter", ("", 1): "month", ("V", 0): "week", ("d", 1): "day",
    ("j", 0): "day",
}  # fmt: skip
_CENTURY_ENDS = 68  # %y: 69 is 1969 and 68 is 2068, as POSIX has it

Parts = Mapping[str, str]


def pattern_of(part: str, *, is_joined: bool) -> str:
    """A regular expression for a part; `is_joined` where a number stands beside it without a mark between them."""
    pattern = NUMBERS.get(part) or WORDS[part]
    return r"\d{2}" if is_joined and pattern == r"\d{1,2}" else pattern


def resolution(parts: frozenset[str]) -> str:
    """A day, week, month, quarter, half or year: what these parts state. ValueError where they do not fit."""
    calendar = parts - TIMES - _WEEKDAY_PARTS
    years, months = calendar & _YEARS, calendar & _NAMES_OF_MONTHS
    name = _RESOLUTIONS.get(("".join(calendar - years - months), len(months)))
    is_week = name == "week"
    if name is None or len(years) != 1 or is_week != ("G" in years) or (name != "day" and parts != calendar):
        raise ValueError
    return name


def check_times(times: frozenset[str]) -> None:
    """ValueError where the parts of a time of day do not fit: an hour, then minutes, seconds and their fraction."""
    hours = times & {"H", "I"}
    requirements = (("M", hours), ("S", times & {"M"}), ("f", times & {"S"}), ("p", times & {"I"}), ("z", hours))
    if len(hours) > 1 or any(part in times and not required for part, required in requirements):
        raise ValueError
    if "I" in times and "p" not in times:
        raise ValueError


def period_of(parts: Parts) -> Period:
    """The days that these parts state. ValueError where they are not in the calendar."""
    if "V" in parts:
        return parse_period(f"{parts['G']}-W{int(parts['V']):02}")
    year = parts.get("Y") or str(int(parts["y"]) + (1900 if int(parts["y"]) > _CENTURY_ENDS else 2000))
    if part := parts.get("q"):
        return part_of_year(int(year), int(part), 4)
    if part := parts.get("h"):
        return part_of_year(int(year), int(part), 2)
    if "j" in parts:
        day = parse_period(year).start + timedelta(days=int(parts["j"]) - 1)
        period = parse_period(day.isoformat())
        if str(day.year) != year:
            raise ValueError("no such day of the year")
    elif (month := _month(parts)) is not None:
        period = parse_period(f"{year}-{month:02}" + (f"-{int(parts['d']):02}" if "d" in parts else ""))
    else:
        return parse_period(year)
    if (weekday := parts.get("a") or parts.get("A")) and not _names_weekday(weekday, period.start):
        raise ValueError(f"{period.start} is no {weekday}")
    return period


def time_of(parts: Parts, *, is_utc: bool) -> datetime:
    """The time that these parts state; without a zone where they state none."""
    day = period_of(parts).start
    hour = int(parts.get("H") or parts["I"])
    if "I" in parts:
        if not 1 <= hour <= 12:
            raise ValueError("no such hour")
        hour = hour % 12 + (12 if parts["p"].upper() == "PM" else 0)
    zone = _zone(parts["z"]) if "z" in parts else UTC if is_utc else None
    fraction = int(parts.get("f", "0")[:6].ljust(6, "0"))
    return datetime(
        day.year, day.month, day.day, hour, int(parts.get("M", 0)), int(parts.get("S", 0)), fraction, tzinfo=zone
    )


def write_part(part: str, value: Period | datetime) -> str:
    """A part of a day or a time, as a form with this part writes it."""
    day = value if isinstance(value, datetime) else value.start
    if part == "q":
        return str((day.month + 2) // 3)
    if part == "h":
        return str((day.month + 5) // 6)
    if part in "bB":
        return MONTHS[day.month - 1][: 3 if part == "b" else None]
    if part in "aA":
        return WEEKDAYS[day.weekday()][: 3 if part == "a" else None]
    if part == "p":
        return "AM" if isinstance(day, datetime) and day.hour < 12 else "PM"
    return f"{day:%{part}}" if part != "z" else f"{day:%z}" or "+0000"


def _month(parts: Parts) -> int | None:
    if "m" in parts:
        return int(parts["m"])
    name = (parts.get("b") or parts.get("B") or "")[:3].title()
    return [month[:3] for month in MONTHS].index(name) + 1 if name else None


def _names_weekday(name: str, day: date) -> bool:
    return WEEKDAYS[day.weekday()][:3].lower() == name[:3].lower()


def _zone(text: str) -> timezone:
    if text == "Z":
        return UTC
    hours, minutes = int(text[1:3]), int(re.sub(r"\D", "", text)[2:] or 0)
    if hours > 15 or minutes > 59:
        raise ValueError("no such offset from UTC")
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(-offset if text[0] == "-" else offset)
