"""Numbers, dates and durations in words. `dashboard.domain.figure` writes figures with their ranges."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import lru_cache
from typing import Any

from dashboard.domain.dates.periods import Period, parse_period

MULTIPLE = "times"  # the unit of a ratio
WITHOUT_MEASURE = "without measure"  # a ratio to zero


DOWN, UP = ROUND_FLOOR, ROUND_CEILING  # how a lower and an upper bound are rounded
NEAREST = ""
_SAME = 1e-12  # relative difference that is numerical noise


def number(value: float, to: str = NEAREST) -> str:
    """`500,000`, `8.33`, `0.5`: thousands separated, at most two decimals; below 0.01 three significant digits."""
    if math.isinf(value):
        return "any number of"
    return rounded(value, decimals_of(value, 0.01, 2), to)


def ratio(value: float, to: str = NEAREST) -> str:
    """`0.42`, `3.1`, `37`: a ratio in two digits below ten and in whole numbers above; `1` only for exactly one."""
    if not 0 < value < math.inf:
        return number(value, to)
    decimals = max(0, 1 - math.floor(math.log10(value)))
    while (text := rounded(value, decimals, to)) == "1" and not is_same_number(value, 1):
        decimals += 1
    return text


def in_full(value: float, digits: int = 15) -> str:
    """`1,000,000`, `15.279`: the number as stated, up to `digits` significant digits, never as a power of ten."""
    text = f"{Decimal(f'{value:.{digits}g}'):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def rounded(value: float, decimals: int, to: str) -> str:
    """The number with at most `decimals` decimals, thousands separated, rounded `to` the named side."""
    text = f"{value:.{decimals}f}"
    if to and math.isfinite(value) and not is_same_number(float(text), value):
        text = str(Decimal(value).quantize(Decimal(1).scaleb(-decimals), rounding=to))
    text = f"{Decimal(text) + 0:,f}"  # no minus before a zero
    return text.rstrip("0").rstrip(".") if "." in text else text


def decimals_of(value: float, small: float, usual: int) -> int:
    """The number of decimals to write: `usual`, and for a number below `small` as many as show three digits."""
    return 2 - math.floor(math.log10(abs(value))) if 0 < abs(value) < small else usual


def is_same_number(first: float, second: float) -> bool:
    return math.isclose(first, second, rel_tol=_SAME)


def days_of(row: Mapping[Any, Any]) -> str:
    """The days and the subject of a row: `Mar 2024 Pyongyang`."""
    return f"{span(Period(row['start'].date(), row['end'].date()))} {row['subject']}".rstrip()


@lru_cache(maxsize=16_384)  # a board says the same few days again and again
def day(value: date) -> str:
    """`26 Nov 2024`."""
    return f"{value.day} {value:%b %Y}"


def day_known(value: date, *, is_assumed: bool) -> str:
    """`26 Nov 2024`, or `26 Nov 2024 (assumed)` for a day that follows from an assumed publication."""
    return f"{day(value)} (assumed)" if is_assumed else day(value)


def span(period: Period) -> str:
    """`2024`, `Mar 2024`, `7 Mar 2024`, or `22 Dec 2023 to 21 Dec 2024`."""
    text = str(period)
    if "/" in text:
        return f"{day(period.start)} to {day(period.end)}"
    return {4: text, 7: f"{period.start:%b %Y}"}.get(len(text), day(period.start))


def publication(text: str) -> str:
    """A publication as its row states it: `2024`, `Mar 2024`, `7 Mar 2024`, `7 Mar 2024 09:31:12 UTC`."""
    if "T" in text:
        return instant(datetime.fromisoformat(text), seconds=True)
    return span(parse_period(text)) if text else ""


def short_span(start: date, end: date) -> str:
    """`7 Mar to 5 Nov 2024`: the year stands once where both ends share it."""
    text = span(Period(start, end))
    return text.replace(f" {start.year} to ", " to ") if start.year == end.year else text


def written_span(text: str) -> str:
    """`2024`, `2024-03` or `2024-03-07/2024-11-05` in words: `2024`, `Mar 2024`, `7 Mar to 5 Nov 2024`."""
    ends = [parse_period(part) for part in text.split("/")]
    return short_span(ends[0].start, ends[-1].end)


def age(days: int) -> str:
    """An age: `today`, `1 day`, `162 days`, `2.4 years`."""
    if days <= 0:
        return "today"
    if days > 730:
        return f"{number(round(days / 365.25, 1))} years"
    return f"{days} day" if days == 1 else f"{days} days"


def instant(value: datetime, *, seconds: bool = False) -> str:
    """`26 Nov 2024 06:15 UTC`; with `seconds` `06:15:03`."""
    own = value.astimezone(UTC)
    return f"{day(own)} {own:%H:%M:%S} UTC" if seconds else f"{day(own)} {own:%H:%M} UTC"


def ago(passed: timedelta) -> str:
    """The time since an instant: `8 s ago`, `12 min ago`, `3 h ago`, `162 days ago`; `just now` for none."""
    seconds = int(passed.total_seconds())
    if seconds <= 0:
        return "just now"
    if seconds < 120:
        return f"{seconds} s ago"
    if seconds < 2 * 3600:
        return f"{seconds // 60} min ago"
    return f"{seconds // 3600} h ago" if seconds < 2 * 86400 else f"{age(seconds // 86400)} ago"


def counted(count: int, noun: str) -> str:
    """`1 note`, `3 notes`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def span_of_days(days: int) -> str:
    """The length of a history: `40 days`, `24 months`, `8 years`."""
    if days < 60:
        return f"{days} days"
    return f"{round(days / 30.44)} months" if days < 3 * 365 else f"{round(days / 365.25)} years"


def listed(names: Sequence[str], conjunction: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {conjunction} {names[-1]}"
