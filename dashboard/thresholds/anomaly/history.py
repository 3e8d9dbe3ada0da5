"""The earlier values that a value is compared with, and how rarely chance may raise an alarm."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dashboard.thresholds.anomaly.arrays import Bools, Floats, Ints

YEAR = 365.25  # days
FEWEST = 12  # values a baseline needs, beside those of the guard
LARGEST_LEVEL = 0.05  # nobody wants more than one false alarm in twenty values


@dataclass(frozen=True)
class Yardstick:
    """How rarely chance may raise an alarm, how far back the baseline goes, and how many values it leaves out."""

    false_alarm_every_days: float = 5 * YEAR
    window_days: float = 7 * YEAR
    guard: int = 3


@dataclass(frozen=True, eq=False)
class History:
    """The values that are not missing, and the yardstick that judges them."""

    days: Floats
    values: Floats
    yardstick: Yardstick

    def baseline(self, place: Ints) -> tuple[Ints, Ints]:
        """Half-open ranges of the values to which those at `place` are compared."""
        if not len(self.days):
            return np.zeros(len(place), np.int64), np.zeros(len(place), np.int64)
        first = np.searchsorted(self.days, self.days[place] - self.yardstick.window_days)
        return first, place - self.yardstick.guard

    def level(self, first: Ints, end: Ints) -> Floats:
        """The chance of a false alarm that one value may have: typical spacing over `false_alarm_every_days`."""
        spacing = (self.days[end - 1] - self.days[first]) / (end - first - 1)
        return np.minimum(spacing / self.yardstick.false_alarm_every_days, LARGEST_LEVEL)

    def any_negative(self, place: Ints) -> Bools:
        """Whether a value at `place`, or one before it, is negative."""
        if not len(self.values):
            return np.zeros(len(place), np.bool_)
        negative: Bools = np.minimum.accumulate(self.values)[place] < 0
        return negative
