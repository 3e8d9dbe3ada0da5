"""Figures like 1.234 of which nothing tells whether they mean a thousandth or a thousand times as much.

A decimal mark that the YAML declares is believed, unless a figure of the same file is written otherwise. One that is
only assumed needs a figure in the same file that shows it: 1.5, 0.125 or 1234.500 can be read in one way only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa

from dashboard.intake.cells import Cells
from dashboard.intake.checks import Checked
from dashboard.intake.figures import has_mark, may_mean_thousands


def doubtful_marks(
    columns: Mapping[str, pa.Array], checked: Checked, owner: np.ndarray, shown: Mapping[int, int], cells: Cells
) -> Iterator[tuple[int, str, str]]:
    """Row, column and what is wrong with it; `columns` are those of figures, `shown` the files (by their position) of
    which a line was refused that is written with other marks, and that line."""
    is_declared = cells.layout.marks_are_declared or cells.layout.decimal != "."
    if cells.layout.thousands or (is_declared and not shown):
        return
    marked = {column: has_mark(column_cells, cells) for column, column_cells in columns.items()}
    if not any(places.any() for places in marked.values()):
        return
    doubted = {column: may_mean_thousands(column_cells, cells) for column, column_cells in columns.items()}
    unshown = np.isin(owner, list(shown))
    if not is_declared:
        unshown |= ~np.isin(owner, _sure(marked, doubted, checked, owner))
    for column, places in doubted.items():
        for row in np.flatnonzero(places & unshown & ~checked.off).tolist():
            yield row, column, _message(columns[column][row].as_py(), shown.get(int(owner[row])))


def _sure(
    marked: Mapping[str, np.ndarray], doubted: Mapping[str, np.ndarray], checked: Checked, owner: np.ndarray
) -> np.ndarray:
    """The files with a figure that can only have decimals."""
    rows = np.zeros(len(owner), bool)
    for column, places in marked.items():
        rows |= places & ~doubted[column] & ~np.isnan(checked.figures[column])
    return np.unique(owner[rows])


def _message(cell: str, line: int | None) -> str:
    if line is not None:
        return f'"{cell}" may be a thousand times as much: line {line} is written with another decimal mark'
    return (
        f'"{cell}" may be a thousand times as much; write decimal: "." if its point is the decimal mark, '
        'or decimal: "," and thousands: "." if it parts the thousands'
    )
