"""The ratio of two figures: a range, and what leaves it open.

Each end of a ratio is the end of the dividend divided by the opposite end of the divisor. A side that lacks days may
grow: a growing dividend can only make the ratio larger; a growing divisor leaves no low end certain.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import permutations
from typing import Self

import numpy as np

from dashboard.domain import Figure, Series
from dashboard.domain.dates import Period, day_of, end_of_day
from dashboard.domain.text import span

UNKNOWN = float("nan")
_BELOW_ZERO = "no ratio of figures below zero"


@dataclass(frozen=True)
class ComparedFigure:
    """One side of a ratio: a figure about some days, its source, and the rows behind it."""

    title: str
    unit: str
    days: Period
    low: float
    value: float
    high: float
    at_least: float
    at_most: float
    or_more: bool
    partial: bool
    known_at: np.datetime64
    rows: tuple[int, ...] = ()

    @classmethod
    def of(cls, series: Series, at: int, rows: tuple[int, ...] = (), *, title: str = "") -> Self:
        low, value, high, at_least, at_most = (
            float(side[at]) for side in (series.low, series.value, series.high, series.at_least, series.at_most)
        )
        days = Period(day_of(series.start[at]), day_of(series.end[at]))
        return cls(
            title or series.title, series.unit, days, low, value, high, at_least, at_most,
            or_more=bool(series.or_more[at]), partial=bool(series.partial[at]), known_at=series.known_at[at], rows=rows,
        )  # fmt: skip

    @property
    def most_known(self) -> float:
        """The largest amount that the figure is known to reach: its high end, else its value, else its low end."""
        return next((side for side in (self.high, self.value, self.low) if not math.isnan(side)), UNKNOWN)

    @property
    def has_negative_end(self) -> bool:
        return any(side < 0 for side in (self.low, self.value, self.high))

    def __str__(self) -> str:
        figure = Figure(self.low, self.value, self.high, self.unit, self.or_more)
        return f"{self.title}: {figure} for {span(self.days)}{', not all of it covered' if self.partial else ''}"


@dataclass(frozen=True)
class Ratio:
    """How many times the second figure the first is, about some days, as known from an instant on.

    note: both figures in words; may_fall: whether the divisor may still grow; partial: whether the ratio cannot show
    that a level was not reached. A ratio without any end is a gap: nothing could be compared.
    """

    days: Period
    known_at: np.datetime64
    note: str
    rows: tuple[int, ...] = ()
    low: float = UNKNOWN
    value: float = UNKNOWN
    high: float = UNKNOWN
    at_least: float = UNKNOWN
    at_most: float = UNKNOWN
    or_more: bool = False
    partial: bool = True
    may_fall: bool = False

    def has_same_figures_as(self, other: Ratio) -> bool:
        """Whether both are ratios of the same figures, whatever was published between them."""
        return (self.days, self.note, self._numbers) == (other.days, other.note, other._numbers)

    @property
    def _numbers(self) -> str:
        return f"{self.low} {self.value} {self.high} {self.at_least} {self.at_most} {self.may_fall}"


def divide(days: Period, first: ComparedFigure, second: ComparedFigure) -> Ratio:
    """How many times the first is the second."""
    if first.has_negative_end or second.has_negative_end:
        return no_ratio(days, [first, second], _BELOW_ZERO)
    may_fall = second.partial or second.days.end < first.days.end
    low, value = _divided(first.low, second.high), _divided(first.value, second.value)
    if may_fall:  # of an "or more" the amount known so far is the value
        low, value = UNKNOWN, low if math.isnan(value) and first.or_more else value
    high = _divided(first.most_known, second.low)
    is_open = first.or_more or math.isnan(first.high) or math.isnan(second.low)
    return Ratio(
        days=days,
        known_at=_known_at([first, second], days.end),
        note=_listed([first, second]),
        rows=_rows([first, second]),
        low=low,
        value=value,
        high=high,
        at_least=UNKNOWN if may_fall else _divided(first.at_least, second.at_most),
        at_most=UNKNOWN if may_fall else _divided(first.at_most, second.at_least),
        or_more=is_open and not (math.isnan(low) and math.isnan(value)),
        partial=first.partial or may_fall,
        may_fall=may_fall,
    )


def largest_ratio(days: Period, figures: Sequence[ComparedFigure]) -> Ratio:
    """The largest ratio of any two; each end is the largest of that end."""
    if len(figures) < 2:
        return no_ratio(days, figures, "nothing to compare it with")
    if len({figure.unit for figure in figures}) > 1:
        return no_ratio(days, figures, "not in the same unit")
    if any(figure.has_negative_end for figure in figures):
        return no_ratio(days, figures, _BELOW_ZERO)
    pairs = [divide(days, first, second) for first, second in permutations(figures, 2)]
    low, value, high, at_least = (
        float(np.fmax.reduce([getattr(pair, side) for pair in pairs])) for side in ("low", "value", "high", "at_least")
    )
    surest = max(pairs, key=lambda pair: (not pair.may_fall, -math.inf if math.isnan(pair.low) else pair.low))
    return Ratio(
        days=days,
        known_at=_known_at(figures, days.end),
        note=_listed(figures),
        rows=_rows(figures),
        low=low,
        value=UNKNOWN if value < low else value,  # the largest gave no central figure
        high=float(np.fmax.reduce([low, value, high])),  # one pair's high end may be unknown
        at_least=at_least,
        at_most=float(np.max([pair.at_most for pair in pairs])),
        or_more=any(pair.or_more for pair in pairs),
        partial=any(pair.partial for pair in pairs),
        may_fall=surest.may_fall,
    )


def none_reported(
    days: Period, first: ComparedFigure, second: str, missing: tuple[int, ...], since: np.datetime64
) -> Ratio:
    """The ratio to a side without any report: somebody looked for one about these days. It has no measure."""
    note = f"{first}; {second}: none for these days"
    known_at = max(_known_at([first], days.end), since)
    return Ratio(days, known_at, note, (*first.rows, *missing), high=math.inf, may_fall=True)


def no_ratio(days: Period, figures: Sequence[ComparedFigure], why: str) -> Ratio:
    """A gap, with the reason why the figures make no ratio."""
    note = f"{_listed(figures)} ({why})" if figures else why
    return Ratio(days, _known_at(figures, days.end), note, _rows(figures))


def ratio_series(ratios: Sequence[Ratio], keys: Sequence[int], title: str, *, by_period: bool = False) -> Series:
    """The ratios as a line, in the order of their days and of the instants from which they were known.

    Ratios with equal keys are vintages of one observation; the last of them is current.
    """
    order = sorted(range(len(ratios)), key=lambda at: (ratios[at].days.end, ratios[at].known_at, at))
    last = {key: at for at, key in enumerate(keys)}
    chosen = [ratios[at] for at in order]

    def side(name: str, dtype: str = "float64") -> np.ndarray:
        return np.array([getattr(ratio, name) for ratio in chosen], dtype=dtype)

    end = np.array([ratio.days.end for ratio in chosen], dtype="datetime64[D]")
    return Series(
        source=title,
        title=title,
        start=np.array([ratio.days.start for ratio in chosen], dtype="datetime64[D]"),
        end=end,
        low=side("low"),
        value=side("value"),
        high=side("high"),
        at_least=side("at_least"),
        at_most=side("at_most"),
        or_more=side("or_more", "bool"),
        partial=side("partial", "bool"),
        known_at=side("known_at", "datetime64[s]"),
        current=np.array([last[keys[at]] == at for at in order], dtype=bool),
        key=np.array([keys[at] for at in order], dtype=int),
        row=np.full(len(order), -1),
        stated_end=end,
        unit="times",
        gap_counts_as_newest=True,
        notes={key: ratios[at].note for key, at in last.items()},
        earlier_notes=_earlier_notes([(key, ratios[at]) for at, key in enumerate(keys) if last[key] != at]),
        rows_behind={key: ratios[at].rows for key, at in last.items()},
        may_fall=side("may_fall", "bool"),
        by_period=by_period,
    )


def _earlier_notes(superseded: Sequence[tuple[int, Ratio]]) -> dict[tuple[int, int], str]:
    """The notes of superseded vintages, by key and instant in seconds."""
    return {(key, int(ratio.known_at.astype(np.int64))): ratio.note for key, ratio in superseded}


def _divided(figure: float, by: float) -> float:
    """NaN where either is unknown; 1 for two zeros, infinity for an amount divided by zero."""
    if math.isnan(figure) or math.isnan(by):
        return UNKNOWN
    return figure / by if by else 1.0 if not figure else math.inf


def _known_at(figures: Sequence[ComparedFigure], end: date) -> np.datetime64:
    """The instant at which the last of the figures became known, never before the end of `end`."""
    instants = np.array([end_of_day(end), *(figure.known_at for figure in figures)], "datetime64[s]")
    return np.datetime64(instants.max(), "s")


def _listed(figures: Sequence[ComparedFigure]) -> str:
    """Each figure with its source and the days that it covers."""
    return "; ".join(map(str, figures))


def _rows(figures: Sequence[ComparedFigure]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(row for figure in figures for row in figure.rows))
