"""Runs of figures that a line may join; between two runs lies a gap."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from dashboard.domain import Series
from dashboard.domain.dates import Anchor

LONGEST = 31  # days: between the totals of longer periods a line would show a course that nobody knows


def joined_runs(series: Series, anchor: Anchor | None = None) -> list[list[int]]:
    """Groups the positions of a series into runs that a line may join, in order.

    Running totals of a cap are joined inside the period that begins at its `anchor`, unless they are claims,
    which keep rows of their own. Other figures are joined where their periods follow each other without a day
    between: what lies between two counts nobody counted. A count of days of silence is the exception, for it
    grows by one a day.
    """
    if not len(series):
        return []
    cuts = (np.flatnonzero(~_joins_next(series, anchor)) + 1).tolist()
    return [[*range(first, stop)] for first, stop in pairwise([0, *cuts, len(series)])]


def _joins_next(series: Series, anchor: Anchor | None) -> np.ndarray:
    """bool, for each figure but the last: whether a line may join it with the next one."""
    if anchor is not None:
        periods = [anchor.period(day) for day in series.end.tolist()]
        same_period = np.array([period == following for period, following in pairwise(periods)], bool)
        return np.asarray(same_period & (series.row[1:] == -1))
    if series.windowed:
        return np.zeros(len(series) - 1, bool)
    days_between = (series.start[1:] - series.end[:-1]).astype(int)
    lengths = (series.end - series.start).astype(int)
    follows = (days_between == 1) & (np.maximum(lengths[1:], lengths[:-1]) < LONGEST)
    if series.unit == "days":
        follows |= series.value[1:] - series.value[:-1] == days_between
    return np.asarray(follows)
