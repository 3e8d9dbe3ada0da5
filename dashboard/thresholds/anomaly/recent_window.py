"""The newest few values: how many are judged together, and the sums of as many neighbours before them."""

from __future__ import annotations

import numpy as np

from dashboard.thresholds.anomaly.arrays import Bools, Floats, Ints, sums

MOST_TOGETHER = 4
LONG_GAP = 0.8  # the newest few are those within one and a half long gaps, which four gaps in five do not exceed:
GAPS_TOGETHER = 1.5  # at least two, as where the series is regular, up to four pictures where they come in bursts

BACK = np.arange(MOST_TOGETHER)[::-1]  # how far the newest few are behind the newest, oldest first


def which_together(days: Floats, newest: Ints, inside: Bools) -> Bools:
    """Which of the newest few, whose positions stand in rows, are judged together with the newest."""
    ages = days[newest[:, -1:]] - days[newest]
    return np.asarray((BACK < 2) | (ages < GAPS_TOGETHER * _long_gap(days, inside)))


def _long_gap(days: Floats, inside: Bools) -> Floats:
    """The days between neighbours that `LONG_GAP` of the gaps do not exceed, one a row, as a column."""
    gaps = np.sort(np.where(inside[:, :-1] & inside[:, 1:], np.diff(days), np.inf), axis=1)
    place = np.ceil(LONG_GAP * (inside.sum(1) - 1)).astype(np.int64) - 1
    return np.take_along_axis(gaps, place[:, None], axis=1)


def seen_together(seen: Floats, inside: Bools, few: Ints) -> tuple[Floats, Floats]:
    """Mean and maximum, in each row's baseline, of as many neighbours together as its `few` says."""
    mean, most = np.full((2, len(seen)), np.nan)
    for width in np.unique(few):
        rows = few == width
        complete = sums(inside[rows].astype(float), width) == width
        added = sums(seen[rows], width)
        mean[rows] = np.where(complete, added, 0.0).sum(1) / complete.sum(1)
        most[rows] = np.where(complete, added, -np.inf).max(1)
    return mean, most
