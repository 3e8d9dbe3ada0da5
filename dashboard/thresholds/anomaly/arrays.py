"""The arrays of the adaptive bound: a row for each value judged, a column for each earlier value."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Days = NDArray[np.datetime64]


def sums(rows: Floats, few: int) -> Floats:
    """Sums of `few` neighbours, along each row."""
    count = rows.shape[1] - few + 1
    added: Floats = np.sum([rows[:, skip : skip + count] for skip in range(few)], axis=0)
    return added
