"""Which figures lie in which period of a cap.

A figure counts in a period when it lies wholly inside it. One that straddles two periods is shown, and never split.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from dashboard.domain import Series
from dashboard.domain.dates import Anchor, Period, day_of


def split_by_period(ends: np.ndarray, anchor: Anchor) -> list[tuple[Period, int, int]]:
    """Each period that holds any of the sorted days, with the positions of the first and one past the last."""
    if not len(ends):
        return []
    periods, starts = anchor.periods(day_of(ends[0]), day_of(ends[-1]))
    edges = [*ends.searchsorted(starts).tolist(), len(ends)]
    return [(period, *edge) for period, edge in zip(periods, pairwise(edges), strict=True) if edge[0] < edge[1]]


def lies_inside(series: Series, period: Period) -> np.ndarray:
    """Which figures lie wholly inside the period."""
    start, end = days_of(period)
    return np.asarray((series.start >= start) & (series.end <= end) & series.has_figure)


def straddling_positions(series: Series, anchor: Anchor) -> list[int]:
    """Positions of current figures that lie in no single period, and so count in none."""
    return [
        int(position)
        for position in np.flatnonzero(series.current & series.has_figure)
        if day_of(series.end[position]) not in anchor.period(day_of(series.start[position]))
    ]


def days_of(period: Period) -> tuple[np.datetime64, np.datetime64]:
    """The first and the last day of a period, as NumPy compares them."""
    return np.datetime64(period.start), np.datetime64(period.end)


def is_touched_from_outside(series: Series, period: Period) -> bool:
    """Whether a current figure straddles an edge of the period."""
    start, end = days_of(period)
    overlaps = (series.start <= end) & (series.end >= start) & series.current & series.has_figure
    return bool((overlaps & ~lies_inside(series, period)).any())
