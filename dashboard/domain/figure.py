"""A figure: a number with its range and unit, and how it is written.

A lower bound is never rounded up and an upper bound never down; an exact number is rounded to the nearest one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from dashboard.domain.text.wording import (
    DOWN,
    MULTIPLE,
    NEAREST,
    UP,
    WITHOUT_MEASURE,
    decimals_of,
    in_full,
    is_same_number,
    number,
    ratio,
    rounded,
)

_NAN = math.nan


@dataclass(frozen=True)
class Figure:
    """A number with its range; NaN is unknown. `or_more`: the figure is a lower bound of itself."""

    low: float = _NAN
    value: float = _NAN
    high: float = _NAN
    unit: str = ""
    or_more: bool = False

    @classmethod
    def exact(cls, value: float, unit: str = "") -> Figure:
        """A number without a range."""
        return cls(value, value, value, unit)

    @classmethod
    def from_cells(cls, low: float, value: float, high: float, unit: str = "") -> Figure:
        """A figure as its row states it, blanks as NaN: a low end alone means "or more"."""
        first, last = (value if math.isnan(end) else end for end in (low, high))
        return cls(first, value, last, unit, or_more=math.isnan(high) and not math.isnan(low))

    @property
    def is_known(self) -> bool:
        """Whether any end is known."""
        return not (math.isnan(self.low) and math.isnan(self.value) and math.isnan(self.high))

    @property
    def central(self) -> float:
        """The value; the low end where there is none."""
        return self.low if math.isnan(self.value) else self.value

    @property
    def highest(self) -> float:
        """The highest end that is known, NaN where none is; "or more" has no other end than its number."""
        return max((end for end in (self.low, self.value, self.high) if not math.isnan(end)), default=_NAN)

    @property
    def lowest(self) -> float:
        """The low end or the value, whichever is less; NaN for "at most"."""
        return min((end for end in (self.low, self.value) if not math.isnan(end)), default=_NAN)

    @property
    def without_unit(self) -> Figure:
        return replace(self, unit="")

    def share_of(self, limit: float) -> Figure:
        """The figure as a share, 1 being the whole limit."""
        return Figure(self.low / limit, self.value / limit, self.high / limit, or_more=self.or_more)

    def central_share_of(self, limit: float | None) -> float | None:
        """The share of a limit that the central number is; None where either is unknown."""
        return None if limit is None or math.isnan(self.central) else self.central / limit

    def __str__(self) -> str:
        """`73 railcars (70 to 73)`, `1,000,000 bbl or more`, `1,015,588 to 1,523,381 bbl`, `at most 781,497 bbl`."""
        unit = self.unit
        if math.isnan(self.value):
            return self._range(math.nan if self.or_more else self.high, f" {unit}" if unit else "")
        named = f" {_singular(unit) if self.value == 1 else unit}".rstrip()
        text = f"{_number(self.value, unit)}{named}"
        if self.or_more or math.isnan(self.high):
            if self.low == self.value or math.isnan(self.low):
                return f"{_number(self.value, unit, DOWN)}{named} or more"
            return f"{text} ({self._range(math.nan, '')})"
        ends = {_number(self.low, unit, DOWN), _number(self.value, unit), _number(self.high, unit, UP)}
        is_exact = self.low == self.value == self.high or (unit == MULTIPLE and len(ends) == 1)
        return text if is_exact else f"{text} ({self._range(self.high, '')})"

    def _range(self, high: float, named: str) -> str:
        """The range up to `high`, with the unit behind it as `named`."""
        low, unit = self.low, self.unit
        if math.isnan(low) and math.isnan(high):
            return "no figure"
        first, last = _number(low, unit, DOWN), _number(high, unit, UP)
        if math.isnan(low):
            return WITHOUT_MEASURE if math.isinf(high) else f"at most {last}{named}"
        if math.isnan(high) or math.isinf(high):
            return f"{first}{named} or more"
        if first == last and unit == MULTIPLE:
            return f"{first}{named}"
        return f"{first} to {last}{named}"

    def as_span(self) -> str:
        """The span over several claims: `70 to 240 guns`, `4 to 12 million or more rounds`."""
        ends = [end for end in (self.low, self.high) if not math.isnan(end)]
        if not ends:
            return "no figure"
        scale = 1e6 if all(end >= 1e6 and end % 1e5 == 0 for end in ends) else 1
        rounding = (DOWN, DOWN) if self.or_more else (NEAREST, NEAREST) if self.low == self.high else (DOWN, UP)
        sides = zip((self.low, self.high), rounding, strict=True)
        text = " to ".join(dict.fromkeys(number(end / scale, to) for end, to in sides if not math.isnan(end)))
        text += " million" if scale > 1 else ""
        text = f"at most {text}" if math.isnan(self.low) else text
        return f"{text}{' or more' if self.or_more else ''} {self.unit}".rstrip()

    def as_percent(self) -> str:
        """A share as percents, with the range: `83.6 % to 93.3 %`."""
        shares = [share for share in (self.low, self.value, self.high) if not math.isnan(share)]
        if not shares:
            return "no share"
        least, most = min(shares), max(shares)
        if self.or_more:
            return f"at least {_percent(least, DOWN)} %"
        if math.isnan(self.value) and math.isnan(self.low):
            return f"up to {_percent(most, UP)} %"
        if math.isnan(self.high):
            first, last = _percent(least, DOWN), _percent(most, DOWN)
            return f"at least {first} %" if first == last else f"at least {first} to {last} %"
        if least == most:
            return f"{_percent(most)} %"
        first, last = _percent(least, DOWN), _percent(most, UP)
        return f"{first} %" if first == last else f"{first} to {last} %"


def figure_in_full(row: Mapping[Any, Any]) -> str:
    """The figure of a row in full, as it states it: `15,279 t`, `at least 5 t`, `5 to 7 t`."""
    low, value, high = (float(row[side]) for side in ("low", "value", "high"))
    if math.isnan(value) and not (math.isnan(low) or math.isnan(high)):
        text = f"{in_full(low)} to {in_full(high)}"
    else:
        end = next((end for end in (value, low, high) if not math.isnan(end)), math.nan)
        bound = "" if not math.isnan(value) else "at most " if math.isnan(low) else "at least "
        text = f"{bound}{in_full(end)}"
    return f"{text} {row['unit']}".rstrip()


def _singular(unit: str) -> str:
    """The unit of one: `call` for `calls`."""
    return unit[:-1] if len(unit) > 3 and unit.endswith("s") and not unit.endswith("ss") else unit


def _number(value: float, unit: str, to: str = NEAREST) -> str:
    return ratio(value, to) if unit == MULTIPLE else number(value, to)


def _percent(share: float, to: str = NEAREST) -> str:
    """A share as a percentage: whole from 100 on, else with one decimal.

    It is never rounded to the other side of 100, nor below that to a whole number, which may be a level.
    """
    value = 100 * share
    decimals = 0 if value >= 100 else decimals_of(value, 0.1, 1)
    text = rounded(value, decimals, to)
    if text == "100" and not is_same_number(value, 100):
        return "just over 100" if value > 100 else "just under 100"
    while value < 100 and "." not in text and not is_same_number(float(text), value):
        decimals += 1
        text = rounded(value, decimals, to)
    return text
