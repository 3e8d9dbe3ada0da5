"""The schema of a rule test, and the strict shorthand for the figures in its `given:`.

`2024-01 200000, 2024-02 40~80 @2024-03-21`: a period and a figure each, between commas. A period is written as in a
CSV's `date`, or as its first and last day, `2024-03-07/2024-11-05`. A figure is a plain number, `40~80` (a range
without a central value), `>5` (more than 5), `<9` (at most 9) or `_` (a row that reports the figure as missing). Its
unit may follow: `2024-01 200 t`.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from pydantic import Field

from dashboard.catalog.entry import Entry
from dashboard.domain import DayText
from dashboard.domain.dates import Period, parse_day, parse_period

_ITEM = re.compile(
    r"(?P<period>\S+)\s+(?P<figure>[^\s@]+)(?:\s+(?P<unit>[^\s@\d][^\s@]*))?(?:\s*@\s*(?P<published>\S+))?"
)
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?", re.ASCII)


class RuleTest(Entry):
    """An example: figures, and the verdict on them that an indicator must give."""

    figures: str | dict[str, str] = Field(
        alias="given",
        description="The figures: `2024-01 200000, 2024-02 40~80 @2024-03-21` (also `>5`, `<9`, `12 t` with its unit, "
        "and `_` for missing; `@` is the day of publication, by default the end of the period). A text is about the "
        "first source; a mapping gives a text by source, cited baselines included.",
    )
    as_of: DayText = Field(description="The day at whose end the figures are judged.")
    expect: Literal["normal", "info", "warning", "critical", "not assessed"] = Field(
        description="The expected severity."
    )
    state: Literal["inactive", "pending", "firing", "recovering", "resolved", "on_record", "withdrawn"] | None = Field(
        default=None, description="The expected state. Default: any."
    )
    passed_by: Literal["highest", "value", "lowest"] | None = Field(
        default=None, description="The end of the range that is expected to pass. Default: any."
    )


@dataclass(frozen=True)
class ExampleFigure:
    """One figure of a rule test. A blank is NaN; all three are NaN where the figure is missing.

    `unit` is "" where none is stated; `published` is the last day of the stated period, or of the figure's own.
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
    """The figures in `text`, none where it is blank; raises ValueError with a quotation of what cannot be read."""
    return tuple(_parse_item(item.strip()) for item in text.split(",")) if text.strip() else ()


def _parse_item(item: str) -> ExampleFigure:
    match = _ITEM.fullmatch(item)
    if not match:
        raise ValueError(f'"{item}" is not a period and a figure like 2024-01 200000 (no thousands mark)')
    period = _parse_period(match["period"])
    published = parse_period(match["published"]).end if match["published"] else period.end
    if published < period.start:
        raise ValueError(f'"{item}" is published before its period begins')
    return ExampleFigure(period, *_parse_range(match["figure"]), published, match["unit"] or "")


def _parse_period(text: str) -> Period:
    first, _, last = text.partition("/")
    if not last:
        return parse_period(text)
    period = Period(parse_day(first), parse_day(last))
    if period.end < period.start:
        raise ValueError(f'"{text}" ends before it begins')
    return period


def _parse_range(text: str) -> tuple[float, float, float]:
    """Low, value and high."""
    if text == "_":
        return math.nan, math.nan, math.nan
    if text.startswith(">"):
        return _parse_number(text[1:], text), _parse_number(text[1:], text), math.nan
    if text.startswith("<"):
        return math.nan, math.nan, _parse_number(text[1:], text)
    low, _, high = text.partition("~")
    if not high:
        return math.nan, _parse_number(text, text), math.nan
    if _parse_number(low, text) > _parse_number(high, text):
        raise ValueError(f'"{text}": the low end is above the high end')
    return _parse_number(low, text), math.nan, _parse_number(high, text)


def _parse_number(text: str, figure: str) -> float:
    if not _NUMBER.fullmatch(text):
        raise ValueError(f'"{figure}" is not a figure like 200000, 40~80, >5, <9 or _')
    return float(text)
