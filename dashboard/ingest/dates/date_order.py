"""Finds days like 01/02/2024 in a file whose own cells show that day and month stand in the other order.

A declared form is believed, unless a refused cell of the file can only be read in the other order and no cell of it can
only be read in the declared one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from dashboard.domain.dates import date_form
from dashboard.ingest.parse.dialect import Dialect

_MONTHS = 12
_UNIX_MONTH, _UNIX_DAY = "datetime64[M]", "datetime64[D]"


def other_order(dialect: Dialect) -> str:
    """The declared form with day and month in the other order; "" where it has not both, or begins with the year."""
    form = dialect.date_forms[0] if len(dialect.date_forms) == 1 else ""
    if dialect.layout.wide or form.startswith(("%Y", "%y")) or form.count("%d") != 1 or form.count("%m") != 1:
        return ""
    return form.replace("%d", "%\0").replace("%m", "%d").replace("%\0", "%m")


def is_in_order(cell: str, form: str) -> bool:
    """Whether a form reads a cell."""
    try:
        return date_form(form).read(cell) is not None
    except ValueError:
        return False


def find_doubtful_days(
    contradictions: Mapping[int, int], first_days: np.ndarray, owner: np.ndarray, is_bad: np.ndarray
) -> Iterator[tuple[int, int]]:
    """The positions of the rows whose day may be a month, each with the line that shows the other order.

    `contradictions` holds, by the position of a file, the line of a refused day that only the other order reads.
    """
    days = first_days.astype(_UNIX_DAY)
    day_of_month = (days - days.astype(_UNIX_MONTH).astype(_UNIX_DAY)).astype(np.int64) + 1
    for file, line in contradictions.items():
        rows = np.flatnonzero((owner == file) & ~is_bad)
        if not (day_of_month[rows] > _MONTHS).any():
            yield from ((row, line) for row in rows.tolist())
