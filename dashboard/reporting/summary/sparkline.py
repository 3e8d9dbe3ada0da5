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
    lines = [one.series.take(np.flatnonzero(_drawn(one.series))) for one in evaluation.assessments]
    lines = [line for line in lines if len(line)]
    if not lines:
        return None
    first = _first_day(lines, as_of)
    lines = [line.take(np.flatnonzero(line.end >= np.datetime64(first))) for line in lines]
    level = _level(evaluation)
    scale = _Scale(first, as_of, _top(lines, level), anchor)
    return Sparkline(
        label=_label(evaluation, lines, first, as_of, level),
        dots=tuple(dot for line in lines for dot in scale.ends(line)),
        bars=tuple(bar for line in lines for bar in scale.bars(line)),
        lines=tuple(run for line in lines for run in scale.runs(line)),
        level=None if level is None else scale.y(np.array([level]))[0],
    )


@dataclass(frozen=True)
class _Scale:
    first: date
    last: date
    top: float
    anchor: Anchor | None

    def x(self, days: np.ndarray) -> list[float]:
        whole = max((self.last - self.first).days, 1)
        passed = (days - np.datetime64(self.first)).astype(int)
        return _tenths(MARGIN + (WIDTH - 2 * MARGIN) * passed / whole)

    def y(self, values: np.ndarray) -> list[float]:
        return _tenths(HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * np.clip(values, 0.0, self.top) / self.top)

    def dots(self, line: Series) -> list[Dot]:
        return list(zip(self.x(line.end), self.y(_middle(line)), strict=True))

    def ends(self, line: Series) -> Iterator[Dot]:
        """Figures that stand alone, and the newest of each stretch that a line joins."""
        dots = self.dots(line)
        yield from (dots[run[-1]] for run in joined_runs(line, self.anchor))

    def bars(self, line: Series) -> Iterator[tuple[float, float, float]]:
        wide = line.take(line.high > line.low)
        yield from zip(self.x(wide.end), self.y(wide.low), self.y(wide.high), strict=True)

    def runs(self, line: Series) -> Iterator[tuple[Dot, ...]]:
        dots = self.dots(line)
        for run in joined_runs(line, self.anchor):
            if len(run) > 1:
                yield tuple(dots[position] for position in run)


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


def _first_day(lines: Sequence[Series], as_of: date) -> date:
    newest = max(line.end.max() for line in lines).astype(object)
    oldest = min(line.end.min() for line in lines).astype(object)
    recent = as_of - SPAN
    return recent if newest >= recent else min(oldest, recent)


def _top(lines: Sequence[Series], level: float | None) -> float:
    sides = [side for line in lines for side in (line.high, line.value, line.low)]
    figures = np.concatenate(sides) if sides else np.array([])
    figures = figures[np.isfinite(figures)]
    return float(max([*figures, level or 0.0, 1.0]))


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
