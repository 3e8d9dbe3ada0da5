"""The two sides of a comparison of caps: the totals of each period, after each instant at which more became known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from dashboard.domain import Series
from dashboard.domain.dates import Anchor, Period


@dataclass(frozen=True, eq=False)
class KnownTotal:
    """A total of one period, as known from `since` until the next total of the period.

    figure: a series of the one total, empty where nothing is known; spans: first and last days of the figures in it;
    missing: first and last days of the rows that say that a report is missing; rows, missing_rows: the positions of
    both in the table, for the total that stands; title: the claimant, where the total is the largest of several claims.
    """

    since: np.datetime64
    figure: Series
    spans: np.ndarray
    missing: np.ndarray
    rows: tuple[int, ...] = ()
    missing_rows: tuple[int, ...] = ()
    title: str = ""

    def has_figure_in(self, days: Period) -> bool:
        return bool(_touches(self.spans, days).any())

    def is_missing_in(self, days: Period) -> bool:
        return bool(_touches(self.missing, days).any())

    def rows_missing_in(self, days: Period) -> tuple[int, ...]:
        """The rows that say that reports about any of the days are missing; only the total that stands has them."""
        touch = _touches(self.missing, days)
        return tuple(row for row, touches in zip(self.missing_rows, touch, strict=False) if touches)


@dataclass(frozen=True, eq=False)
class CapSide:
    """One side of a comparison: the cap's title and unit, the day on which its periods begin, and their totals.

    names_claims: whether a total is shown under the title of its claimant.
    """

    title: str
    anchor: Anchor
    totals: Mapping[Period, tuple[KnownTotal, ...]]
    names_claims: bool = False


def _touches(spans: np.ndarray, days: Period) -> np.ndarray:
    """Which of the spans (first and last days) share a day with `days`."""
    first, last = np.datetime64(days.start), np.datetime64(days.end)
    return np.asarray((spans[:, 0] <= last) & (spans[:, 1] >= first))
