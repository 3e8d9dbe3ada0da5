"""The verdict of the history on a value: its bound, the expected value, and the chance of so large a value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dashboard.thresholds.anomaly.arrays import Floats, Ints


@dataclass(frozen=True)
class Bound:
    """The verdict of the history on one value.

    bound: the smallest value that would be unusual; expected: the mean of the newest value; p_value: the chance of
    one at least this large, both looks (alone, and the newest few together) allowed for; together: how many of the
    newest together are the least likely; seen_mean, seen_max: of as many together in the baseline; periods: how many
    values the baseline has. All are NaN or 0 where `reason` says why nothing was judged.
    """

    bound: float
    expected: float
    p_value: float
    seen_mean: float
    seen_max: float
    periods: int
    together: int
    reason: str


@dataclass(frozen=True, eq=False)
class Bounds:
    """A `Bound` for each value judged, as arrays in their order."""

    bound: Floats
    expected: Floats
    p_value: Floats
    seen_mean: Floats
    seen_max: Floats
    periods: Ints
    together: Ints
    reason: NDArray[np.str_]

    @classmethod
    def empty(cls, count: int) -> Bounds:
        """Bounds of `count` values before any of them is judged."""
        bound, expected, p_value, seen_mean, seen_max = np.full((5, count), np.nan)
        periods, together = np.zeros((2, count), np.int64)
        return cls(bound, expected, p_value, seen_mean, seen_max, periods, together, np.full(count, "", "<U80"))

    def at(self, index: int) -> Bound:
        """The verdict on the value at one position."""
        return Bound(
            float(self.bound[index]),
            float(self.expected[index]),
            float(self.p_value[index]),
            float(self.seen_mean[index]),
            float(self.seen_max[index]),
            int(self.periods[index]),
            int(self.together[index]),
            str(self.reason[index]),
        )
