"""What one threshold finds about each observation of a series."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

NOT_JUDGED, NOT_PASSED = -1, 0  # below all of PassedBy
NEVER = np.datetime64("NaT", "s")


@dataclass(frozen=True, eq=False)
class Judgement:
    """One entry an observation, as arrays.

    passed: int8, a `PassedBy`, NOT_PASSED, or NOT_JUDGED; bound: float, the level compared to, NaN where there is none;
    bound_known_at: the instants from which the bound itself was known, NaT (or None for all) for always; reason: why an
    observation was not judged, or ""; finding: the words for the figure at a position, where a bound alone does not
    give them; expected: float, the expected figures, for a kind that computes them.
    """

    passed: np.ndarray
    bound: np.ndarray
    bound_known_at: np.ndarray | None = None
    reason: str = ""
    finding: Callable[[int], str] | None = None
    expected: np.ndarray | None = None

    def take(self, chosen: np.ndarray) -> Judgement:
        """The judgement of the observations at some positions, without words and expected figures."""
        known_at = None if self.bound_known_at is None else self.bound_known_at[chosen]
        return Judgement(self.passed[chosen], self.bound[chosen], known_at, self.reason)
