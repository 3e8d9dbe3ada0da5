"""Numbers, ranges and dates in words: the one place that says how a figure is written.

A lower bound is never rounded up and an upper bound never down; an exact number is rounded to the nearest one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any

from dashboard.domain.dates.periods import Period, parse_period

MULTIPLE = "times"  # the unit of how many times one figure is another
WITHOUT_MEASURE = "without measure"  # something against nothing


DOWN, UP = ROUND_FLOOR, ROUND_CEILING  # how a lower and an upper bound are rounded
_NEAREST = ""
_SAME = 1e-12  # of a number: a difference that is noise of its computation


def number(value: float, to: str = _NEAREST) -> str:
    """`500,000`, `8.33`, `0.5`: thousands separated, at most two decimals; below 0.01 three significant digits."""
    if math.isinf(value):
        return "any number of"
    return _written(value, _decimals(value, 0.01, 2), to)


def ratio(value: float, to: str = _NEAREST) -> str:
    """`0.42`, `3.1`, `37`: how many times, in two digits below ten and in whole numbers above; `1` only for one."""
    if not 0 < value < math.inf:
        return number(value, to)
    decimals = max(0, 1 - math.floor(math.log10(value)))
    while (text := _written(value, decimals, to)) == "1" and not _is_same(value, 1):
        decimals += 1
    return text


def in_full(value: float, digits: int = 15) -> str:
    """`1,000,000`, `15.279`: as it was stated, up to so many significant digits, and never as a power of ten."""
    text = f"{Decimal(f'{value:.{digits}g}'):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _written(value: float, decimals: int, to: str) -> str:
    """With so many decimals at most."""
    text = f"{value:.{decimals}f}"
    if to and math.isfinite(value) and not _is_same(float(text), value):
        text = str(Decimal(value).quantize(Decimal(1).scaleb(-decimals), rounding=to))
    text = f"{Decimal(text) + 0:,f}"  # no minus before a zero
    return text.rstrip("0").rstrip(".") if "." in text else text


def _decimals(value: float, small: float, usual: int) -> int:
    """How many decimals are written: the usual ones, and as many as show three digits of what is small."""
    return 2 - math.floor(math.log10(abs(value))) if 0 < abs(value) < small else usual


def _is_same(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=_SAME)


def amount(low: float, value: float, high: float, unit: str = "", *, or_more: bool = False) -> str:
    """A figure with its range and unit; NaN is unknown.

    `73 railcars (70 to 73)`, `1,000,000 bbl or more`, `1,015,588 to 1,523,381 bbl`, `at most 781,497 bbl`.
    """
    if math.isnan(value):
        return _range(low, math.nan if or_more else high, unit, f" {unit}" if unit else "")
    named = f" {_one(unit) if value == 1 else unit}".rstrip()
    said = f"{_rounded(value, unit)}{named}"
    if or_more or math.isnan(high):
        if low == value or math.isnan(low):
            return f"{_rounded(value, unit, DOWN)}{named} or more"
        return f"{said} ({_range(low, math.nan, unit, '')})"
    ends = {_rounded(low, unit, DOWN), _rounded(value, unit), _rounded(high, unit, UP)}
    is_one = low == value == high or (unit == MULTIPLE and len(ends) == 1)
    return said if is_one else f"{said} ({_range(low, high, unit, '')})"


def told(low: float, value: float, high: float, unit: str = "") -> str:
    """A figure as its row gives it, blanks as NaN: a low end alone means "or more"."""
    or_more = math.isnan(high) and not math.isnan(low)
    first, last = (value if math.isnan(end) else end for end in (low, high))
    return amount(first, value, last, unit, or_more=or_more)


def figure_of(row: Mapping[Any, Any]) -> str:
    """The figure of a row in full, as it states it: `15,279 t`, `at least 5 t`, `5 to 7 t`."""
    low, value, high = (float(row[side]) for side in ("low", "value", "high"))
    if math.isnan(value) and not (math.isnan(low) or math.isnan(high)):
        said = f"{in_full(low)} to {in_full(high)}"
    else:
        end = next((end for end in (value, low, high) if not math.isnan(end)), math.nan)
        bound = "" if not math.isnan(value) else "at most " if math.isnan(low) else "at least "
        said = f"{bound}{in_full(end)}"
    return f"{said} {row['unit']}".rstrip()


def days_of(row: Mapping[Any, Any]) -> str:
    """The days that a row is about, and whom: `Mar 2024 Pyongyang`."""
    return f"{span(Period(row['start'].date(), row['end'].date()))} {row['subject']}".rstrip()


def _one(unit: str) -> str:
    """The unit of one: `call` for `calls`."""
    return unit[:-1] if len(unit) > 3 and unit.endswith("s") and not unit.endswith("ss") else unit


def _rounded(value: float, unit: str, to: str = _NEAREST) -> str:
    return ratio(value, to) if unit == MULTIPLE else number(value, to)


def _range(low: float, high: float, unit: str, named: str) -> str:
    """A range of a unit, which stands behind it as `named`."""
    if math.isnan(low) and math.isnan(high):
        return "no figure"
    first, last = _rounded(low, unit, DOWN), _rounded(high, unit, UP)
    if math.isnan(low):
        return WITHOUT_MEASURE if math.isinf(high) else f"at most {last}{named}"
    if math.isnan(high) or math.isinf(high):
        return f"{first}{named} or more"
    if first == last and unit == MULTIPLE:
        return f"{first}{named}"
    return f"{first} to {last}{named}"


def spread(low: float, high: float, unit: str = "", *, or_more: bool = False) -> str:
    """The span over several claims: `70 to 240 guns`, `4 to 12 million or more rounds`."""
    ends = [end for end in (low, high) if not math.isnan(end)]
    if not ends:
        return "no figure"
    scale = 1e6 if all(end >= 1e6 and end % 1e5 == 0 for end in ends) else 1
    rounding = (DOWN, DOWN) if or_more else (_NEAREST, _NEAREST) if low == high else (DOWN, UP)
    sides = zip((low, high), rounding, strict=True)
    told = [number(end / scale, to) for end, to in sides if not math.isnan(end)]
    said = " to ".join(dict.fromkeys(told))
    said += " million" if scale > 1 else ""
    said = said if low == low else f"at most {said}"
    return f"{said}{' or more' if or_more else ''} {unit}".rstrip()


def percent(low: float, value: float, high: float, *, or_more: bool = False) -> str:
    """Shares 0 to 1 as percents, with the range: `83.6 % to 93.3 %`."""
    shares = [share for share in (low, value, high) if not math.isnan(share)]
    if not shares:
        return "no share"
    least, most = min(shares), max(shares)
    if or_more:
        return f"at least {_in_percent(least, DOWN)} %"
    if math.isnan(value) and math.isnan(low):
        return f"up to {_in_percent(most, UP)} %"
    if math.isnan(high):
        first, last = _in_percent(least, DOWN), _in_percent(most, DOWN)
        return f"at least {first} %" if first == last else f"at least {first} to {last} %"
    if least == most:
        return f"{_in_percent(most)} %"
    first, last = _in_percent(least, DOWN), _in_percent(most, UP)
    return f"{first} %" if first == last else f"{first} to {last} %"


def _in_percent(share: float, to: str = _NEAREST) -> str:
    """A share as a percentage: whole from 100 on, else with one decimal.

    It is never rounded to the other side of 100, nor below that to a whole number, which may be a level.
    """
    value = 100 * share
    decimals = 0 if value >= 100 else _decimals(value, 0.1, 1)
    said = _written(value, decimals, to)
    if said == "100" and not _is_same(value, 100):
        return "just over 100" if value > 100 else "just under 100"
    while value < 100 and "." not in said and not _is_same(float(said), value):
        decimals += 1
        said = _written(value, decimals, to)
    return said


def day(value: date) -> str:
    """`26 Nov 2024`."""
    return f"{value.day} {value:%b %Y}"


def span(period: Period) -> str:
    """`2024`, `Mar 2024`, `7 Mar 2024`, or `22 Dec 2023 to 21 Dec 2024`."""
    said = str(period)
    if "/" in said:
        return f"{day(period.start)} to {day(period.end)}"
    return {4: said, 7: f"{period.start:%b %Y}"}.get(len(said), day(period.start))


def short_span(start: date, end: date) -> str:
    """`7 Mar to 5 Nov 2024`: the year stands once where both ends share it."""
    text = span(Period(start, end))
    return text.replace(f" {start.year} to ", " to ") if start.year == end.year else text


def written_span(text: str) -> str:
    """`2024`, `2024-03` or `2024-03-07/2024-11-05` in words: `2024`, `Mar 2024`, `7 Mar to 5 Nov 2024`."""
    ends = [parse_period(part) for part in text.split("/")]
    return short_span(ends[0].start, ends[-1].end)


def age(days: int) -> str:
    """How old something is: `today`, `1 day`, `162 days`, `2.4 years`."""
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
    """How long ago something was: `8 s ago`, `12 min ago`, `3 h ago`, `162 days ago`; `just now` for none."""
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
    """How long a history is: `40 days`, `24 months`, `8 years`."""
    if days < 60:
        return f"{days} days"
    return f"{round(days / 30.44)} months" if days < 3 * 365 else f"{round(days / 365.25)} years"


def listed(names: Sequence[str], conjunction: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {conjunction} {names[-1]}"
