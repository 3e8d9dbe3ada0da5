"""The shorthand of a rule test's `given:`: text -> figures, strictly.

`2024-01 200000, 2024-02 40~80 @2024-03-21`: a period and a figure each, between commas. A period is written as in a
CSV's `date`, or as its first and last day, `2024-03-07/2024-11-05`. A figure is a plain number, `40~80` (a range
without a central value), `>5` (more than 5), `<9` (at most 9) or `_` (a row that says that it is missing). Its unit may
follow: `2024-01 200 t`.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date

from dashboard.domain.dates import Period, parse_day, parse_period

_ITEM = re.compile(
    r"(?P<period>\S+)\s+(?P<figure>[^\s@]+)(?:\s+(?P<unit>[^\s@\d][^\s@]*))?(?:\s*@\s*(?P<published>\S+))?"
)
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?", re.ASCII)


@dataclass(frozen=True)
class ExampleFigure:
    """One figure of a rule test; NaN is a blank, and all three are NaN where the figure is missing.

    `unit` is "" where none is stated; `published` is the last day of what was stated, or of the figure's own period.
    """

    period: Period
    low: float
    value: float
    high: float
    published: date
    unit: str = ""

    @property
    def is_missing(self) -> bool:
        return all(map(math.isnan, (self.low, self.value, self.high)))

    @property
    def is_negative(self) -> bool:
        return any(side < 0 for side in (self.low, self.value, self.high))


def parse_figures(text: str) -> tuple[ExampleFigure, ...]:
    """The figures in `text`, none where it is blank; ValueError quotes what could not be read."""
    return tuple(_given(item.strip()) for item in text.split(",")) if text.strip() else ()


def _given(item: str) -> ExampleFigure:
    found = _ITEM.fullmatch(item)
    if not found:
        raise ValueError(f'"{item}" is not a period and a figure like 2024-01 200000 (no thousands mark)')
    period = _period(found["period"])
    published = parse_period(found["published"]).end if found["published"] else period.end
    if published < period.start:
        raise ValueError(f'"{item}" is published before its period begins')
    return ExampleFigure(period, *_figure(found["figure"]), published, found["unit"] or "")


def _period(text: str) -> Period:
    first, _, last = text.partition("/")
    if not last:
        return parse_period(text)
    period = Period(parse_day(first), parse_day(last))
    if period.end < period.start:
        raise ValueError(f'"{text}" ends before it begins')
    return period


def _figure(text: str) -> tuple[float, float, float]:
    """Low, value and high."""
    if text == "_":
        return math.nan, math.nan, math.nan
    if text.startswith(">"):
        return _number(text[1:], text), _number(text[1:], text), math.nan
    if text.startswith("<"):
        return math.nan, math.nan, _number(text[1:], text)
    low, _, high = text.partition("~")
    if not high:
        return math.nan, _number(text, text), math.nan
    if _number(low, text) > _number(high, text):
        raise ValueError(f'"{text}": the low end is above the high end')
    return _number(low, text), math.nan, _number(high, text)


def _number(text: str, whole: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise ValueError(f'"{whole}" is not a figure like 200000, 40~80, >5, <9 or _')
    return float(text)
