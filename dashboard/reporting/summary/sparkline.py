"""The small curve of a board's row, in pixels: figures as dots, ranges as bars, gaps as gaps, the threshold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from dashboard.domain import Series
from dashboard.domain.dates import Anchor
from dashboard.domain.text import day
from dashboard.evaluation import Evaluation
from dashboard.reporting.summary.joined_runs import joined_runs

WIDTH, HEIGHT, MARGIN = 100, 30, 4
SPAN = timedelta(days=3 * 365)  # what is drawn; longer ago only where nothing newer is known

Dot = tuple[float, float]


@dataclass(frozen=True)
class Sparkline:
    """The marks in a box of WIDTH by HEIGHT, x to the right and y downwards; `label` describes them."""

    label: str
    dots: tuple[Dot, ...]
    bars: tuple[tuple[float, float, float], ...]  # x, y of the low end, y of the high end
    lines: tuple[tuple[Dot, ...], ...]
    level: float | None  # y of the threshold that matters


def sparkline(evaluation: Evaluation, anchor: Anchor | None, as_of: date) -> Sparkline | None:
    """The curve of all lines over the last three years before the instant; None where there is no figure."""
    all_drawn = [(each.series, _drawn(each.series)) for each in evaluation.assessments]
    with_figures = [(series, drawn) for series, drawn in all_drawn if drawn.any()]
    if not with_figures:
        return None
    first = _first_day([series.end[drawn] for series, drawn in with_figures], as_of)
    lines = [_only(series, drawn & (series.end >= np.datetime64(first))) for series, drawn in with_figures]
    level = _level(evaluation)
    scale = _Scale(first, as_of, _top(lines, level))
    runs = [run for line in lines for run in scale.runs(line, anchor)]
    return Sparkline(
        label=_label(evaluation, lines, first, as_of, level),
        dots=tuple(run[-1] for run in runs),  # figures that stand alone, and the newest that a line joins
        bars=tuple(bar for line in lines for bar in scale.bars(line)),
        lines=tuple(run for run in runs if len(run) > 1),
        level=None if level is None else scale.y(np.array([level]))[0],
    )


@dataclass(frozen=True)
class _Scale:
    first: date
    last: date
    top: float

    def x(self, days: np.ndarray) -> list[float]:
        whole = max((self.last - self.first).days, 1)
        passed = (days - np.datetime64(self.first)).astype(int)
        return _tenths(MARGIN + (WIDTH - 2 * MARGIN) * passed / whole)

    def y(self, values: np.ndarray) -> list[float]:
        return _tenths(HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * np.clip(values, 0.0, self.top) / self.top)

    def runs(self, line: Series, anchor: Anchor | None) -> Iterator[tuple[Dot, ...]]:
        """The figures, in stretches that a line joins."""
        dots = [*zip(self.x(line.end), self.y(_middle(line)), strict=True)]
        return (tuple(dots[run[0] : run[-1] + 1]) for run in joined_runs(line, anchor))

    def bars(self, line: Series) -> Iterator[tuple[float, float, float]]:
        is_wide = line.high > line.low
        if not is_wide.any():
            return iter(())
        days, low, high = line.end[is_wide], line.low[is_wide], line.high[is_wide]
        return zip(self.x(days), self.y(low), self.y(high), strict=True)


def _tenths(pixels: np.ndarray) -> list[float]:
    rounded: list[float] = np.round(pixels, 1).tolist()
    return rounded


def _drawn(series: Series) -> np.ndarray:
    """Which figures are drawn: a figure without measure has no height."""
    return np.asarray(series.current & series.has_figure & ~np.isinf(_middle(series)))


def _middle(series: Series) -> np.ndarray:
    """The value; where there is none the low end, or the high."""
    middle = np.where(np.isnan(series.value), series.low, series.value)
    return np.where(np.isnan(middle), series.high, middle)


def _only(series: Series, is_chosen: np.ndarray) -> Series:
    return series if is_chosen.all() else series.take(np.flatnonzero(is_chosen))


def _first_day(ends: Sequence[np.ndarray], as_of: date) -> date:
    newest = max(days.max() for days in ends).astype(object)
    oldest = min(days.min() for days in ends).astype(object)
    recent = as_of - SPAN
    return recent if newest >= recent else min(oldest, recent)


def _top(lines: Sequence[Series], level: float | None) -> float:
    sides = [side for line in lines for side in (line.high, line.value, line.low)]
    figures = np.concatenate(sides) if sides else np.array([])
    figures = figures[np.isfinite(figures)]
    return max(float(figures.max(initial=1.0)), level or 0.0)


def _level(evaluation: Evaluation) -> float | None:
    """The cap; otherwise the level that the deciding observation is compared with."""
    if evaluation.verdict.limit is not None:
        return evaluation.verdict.limit
    deciding = evaluation.deciding
    bound = np.nan if deciding is None else deciding.bound
    return None if np.isnan(bound) else float(bound)


def _label(evaluation: Evaluation, lines: Sequence[Series], first: date, as_of: date, level: float | None) -> str:
    count = sum(len(line) for line in lines)
    figures = "1 figure" if count == 1 else f"{count} figures"
    text = f"{figures} between {day(first)} and {day(as_of)}"
    return (
        text if level is None else f"{text}; the line is the threshold at {level:,.0f} {evaluation.verdict.figure.unit}"
    )
