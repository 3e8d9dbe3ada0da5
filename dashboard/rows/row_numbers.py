"""Numbers that are equal for equal rows: how rows are grouped and looked up without comparing them in pairs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from dashboard.late_imports import pd

_MOST_NUMBERS = 2**62  # that fit into 64 bits


def number_rows(columns: Iterable[np.ndarray | pd.Series]) -> np.ndarray:
    """A number from 0 for each row, equal for rows that agree in all columns, in the order in which they first come.

    Blanks agree with each other.
    """
    numbers, count = np.zeros(1, np.int64), 1
    for column in columns:
        own, values = pd.factorize(column, use_na_sentinel=False)
        if count * len(values) > _MOST_NUMBERS:
            numbers, distinct = pd.factorize(numbers)
            count = len(distinct)
        numbers, count = numbers * len(values) + own, count * max(len(values), 1)
    return pd.factorize(numbers)[0].astype(np.int64)


def number_rows_of_both(
    left: pd.DataFrame, right: pd.DataFrame, columns: Sequence[str]
) -> tuple[np.ndarray, np.ndarray]:
    """The numbers of the rows of two frames, equal also across them, by the named columns."""
    numbers = number_rows(pd.concat([left[name], right[name]], ignore_index=True) for name in columns)
    return numbers[: len(left)], numbers[len(left) :]
