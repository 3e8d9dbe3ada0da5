"""Numbers, ranges and dates in words: the one place that says how a figure is written."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from dashboard.periods import Period

MULTIPLE = "times"  # the unit of how many times one figure is another
WITHOUT_MEASURE = "without measure"  # something against nothing


def number(value: float) -> str:
    """`500,000`, `8.33`, `0.5`: thousands separated, at most two decimals."""
    if math.isinf(value):
        return "any number of"
    text = f"{value:,.2f}"
    return text.rstrip("0").rstrip(".")


def ratio(value: float) -> str:
    """`0.42`, `3.1`, `37`: how many times, in two digits below ten and in whole numbers above."""
    if not 0 < value < math.inf:
        return number(value)
    decimals = max(0, 1 - math.floor(math.log10(value)))
    text = f"{value:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def amount(low: float, value: float, high: float, unit: str = "", *, or_more: bool = False) -> str:
    """A figure with its range and unit; NaN is unknown.

    `73 railcars (70 to 73)`, `1,000,000 bbl or more`, `1,015,588 to 1,523,381 bbl`, `at most 781,497 bbl`.
    """
    if math.isnan(value):
        return _range(low, math.nan if or_more else high, unit, f" {unit}" if unit else "")
    said = f"{_rounded(value, unit)} {_one(unit) if value == 1 else unit}".rstrip()
    if or_more or math.isnan(high):
        return f"{said} or more" if low == value or math.isnan(low) else f"{said} ({_range(low, math.nan, unit, '')})"
    ends = {_rounded(side, unit) for side in (low, value, high)}
    is_one = low == value == high or (unit == MULTIPLE and len(ends) == 1)
    return said if is_one else f"{said} ({_range(low, high, unit, '')})"


def told(low: float, value: float, high: float, unit: str = "") -> str:
    """A figure as its row gives it, blanks as NaN: a low end alone means "or more"."""
    or_more = math.isnan(high) and not math.isnan(low)
    first, last = (value if math.isnan(end) else end for end in (low, high))
    return amount(first, value, last, unit, or_more=or_more)


def _one(unit: str) -> str:
    """The unit of one: `call` for `calls`."""
    return unit[:-1] if len(unit) > 3 and unit.endswith("s") and not unit.endswith("ss") else unit


def _rounded(value: float, unit: str) -> str:
    return ratio(value) if unit == MULTIPLE else number(value)


def _range(low: float, high: float, unit: str, named: str) -> str:
    """A range of a unit, which stands behind it as `named`."""
    if math.isnan(low) and math.isnan(high):
        return "no figure"
    first, last = _rounded(low, unit), _rounded(high, unit)
    if math.isnan(low):
        return WITHOUT_MEASURE if math.isinf(high) else f"at most {last}{named}"
    if math.isnan(high) or math.isinf(high):
        return f"{first}{named} or more"
    if first == last and unit == MULTIPLE:
        return f"{first}{named}"
    return f"{first} to {last}{named}"


def spread(low: float, high: float, unit: str = "", *, or_more: bool = False) -> str:
    """The span over several claims: `70 to 240 guns`, `4 to 12 million or more rounds`."""
    ends = sorted({end for end in (low, high) if not math.isnan(end)})
    if not ends:
        return "no figure"
    in_millions = all(end >= 1e6 and end % 1e5 == 0 for end in ends)
    said = " to ".join(number(end / 1e6 if in_millions else end) for end in ends)
    said += " million" if in_millions else ""
    said = said if low == low else f"at most {said}"
    return f"{said}{' or more' if or_more else ''} {unit}".rstrip()


def percent(low: float, value: float, high: float, *, or_more: bool = False) -> str:
    """Shares 0 to 1 as percents, with the range: `83.6 % to 93.3 %`."""
    shares = [share for share in (low, value, high) if not math.isnan(share)]
    if not shares:
        return "no share"
    first, last = _in_percent(min(shares)), _in_percent(max(shares))
    if or_more:
        return f"at least {first} %"
    if math.isnan(value) and math.isnan(low):
        return f"up to {last} %"
    said = f"{first} %" if first == last else f"{first} to {last} %"
    return f"at least {said}" if math.isnan(high) else said


def _in_percent(share: float) -> str:
    """A share as a percentage: whole from 100 on, else with one decimal, and never rounded to the other side of 100."""
    value = 100 * share
    said = f"{value:,.0f}" if value >= 100 else f"{value:.1f}".removesuffix(".0")
    if (value > 100 and said == "100") or (value < 100 and said == "100"):
        return "just over 100" if value > 100 else "just under 100"
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
