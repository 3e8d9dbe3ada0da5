"""Figures like 1.234 of which nothing tells whether they mean a thousandth or a thousand times as much.

A decimal mark that the YAML declares is believed, unless a figure of the same file is written otherwise. One that is
only assumed needs a figure in the same file that shows it: 1.5, 0.125 or 1234.500 can be read in one way only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa

from dashboard.ingest.validate.cell_formats import Cells
from dashboard.ingest.validate.column_prefilter import Checked
from dashboard.ingest.validate.numbers import has_mark, has_short_decimals, may_mean_thousands


def doubtful_marks(
    columns: Mapping[str, pa.Array], checked: Checked, owner: np.ndarray, refused: Mapping[int, int], cells: Cells
) -> Iterator[tuple[int, str, str]]:
    """Row, column and what is wrong with it; `columns` are those of figures, `refused` the files (by their position) of
    which a line was refused that is written with other marks, and that line."""
    is_declared = cells.layout.marks_are_declared or cells.layout.decimal != "."
    if cells.layout.thousands or (is_declared and not refused) or not len(owner):
        return
    sure = np.ones(int(owner.max()) + 1, bool) if is_declared else _sure(columns, checked, owner, cells)
    sure[[file for file in refused if file < len(sure)]] = False
    rows = np.flatnonzero(~sure[owner] & ~checked.off)
    for column, figures in columns.items():
        in_question = figures.take(pa.array(rows))
        for row in rows[may_mean_thousands(in_question, cells)].tolist():
            yield row, column, _message(figures[row].as_py(), refused.get(int(owner[row])))


def _sure(columns: Mapping[str, pa.Array], checked: Checked, owner: np.ndarray, cells: Cells) -> np.ndarray:
    """The files with a figure that can only have decimals, or with none that has any; most show it at a glance."""
    sure = np.zeros(int(owner.max()) + 1, bool)
    for column, figures in columns.items():
        sure[owner[has_short_decimals(figures, cells) & ~np.isnan(checked.figures[column])]] = True
        if sure.all():
            return sure
    rows = np.flatnonzero(~sure[owner])
    marked = np.zeros(len(sure), bool)
    for column, figures in columns.items():
        in_question = figures.take(pa.array(rows))
        has_decimals = has_mark(in_question, cells)
        marked[owner[rows[has_decimals]]] = True
        if has_decimals.any():
            has_decimals &= ~may_mean_thousands(in_question, cells) & ~np.isnan(checked.figures[column][rows])
            sure[owner[rows[has_decimals]]] = True
    return sure | ~marked


def _message(cell: str, line: int | None) -> str:
    if line is not None:
        return f'"{cell}" may be a thousand times as much: line {line} is written with another decimal mark'
    return (
        f'"{cell}" may be a thousand times as much; write decimal: "." if its point is the decimal mark, '
        'or decimal: "," and thousands: "." if it parts the thousands'
    )
