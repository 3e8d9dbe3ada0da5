"""Finds ambiguous figures like 1.234, whose mark may be a decimal mark or a thousands mark.

A declared decimal mark is believed, unless another figure of the same file contradicts it. An assumed decimal mark
needs a figure in the same file that proves it: 1.5, 0.125 and 1234.500 can be read in one way only. Of a declared
thousands mark the decimal mark is assumed until the file has a figure with it: 1,234 proves that its points do not part
thousands.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa

from dashboard.ingest.validate.cell_formats import CellFormats
from dashboard.ingest.validate.column_prefilter import CheckedRows
from dashboard.ingest.validate.numbers import has_decimal_mark, has_proof, may_mean_thousands

_SAMPLE = 4_096  # rows that prove the decimal mark of most long files


def find_ambiguous_numbers(
    columns: Mapping[str, pa.Array],
    checked: CheckedRows,
    owner: np.ndarray,
    contradictions: Mapping[int, int],
    formats: CellFormats,
) -> Iterator[tuple[int, str, str]]:
    """The row, the column and the message of each ambiguous figure.

    `columns` are those of figures. `contradictions` holds, by the position of a file, the line of a refused figure that
    shows another decimal mark.
    """
    dialect = formats.dialect
    is_declared = dialect.marks_are_declared or dialect.decimal != "."
    if (is_declared and not contradictions) or not len(owner):
        return
    count = int(owner.max()) + 1
    is_proved = np.ones(count, bool) if is_declared else _proved_files(columns, checked, owner, formats)
    is_proved[[file for file in contradictions if file < count]] = False
    rows = np.flatnonzero(~is_proved[owner] & ~checked.is_bad)
    for column, figures in columns.items():
        candidates = figures.take(pa.array(rows))
        for row in rows[may_mean_thousands(candidates, formats)].tolist():
            yield row, column, _message(figures[row].as_py(), contradictions.get(int(owner[row])))


def _proved_files(
    columns: Mapping[str, pa.Array], checked: CheckedRows, owner: np.ndarray, formats: CellFormats
) -> np.ndarray:
    """The files with a figure that proves the decimal mark, or without any mark. Short decimals prove most files."""
    is_proved = np.zeros(int(owner.max()) + 1, bool)
    for part in (slice(_SAMPLE), slice(None)):
        for column, figures in columns.items():
            is_proof = has_proof(figures[part], formats) & ~np.isnan(checked.figures[column][part])
            is_proved[owner[part][is_proof]] = True
            if is_proved.all():
                return is_proved
    rows = np.flatnonzero(~is_proved[owner])
    is_marked = np.zeros(len(is_proved), bool)
    for column, figures in columns.items():
        candidates = figures.take(pa.array(rows))
        has_decimals = has_decimal_mark(candidates, formats)
        is_marked[owner[rows[has_decimals]]] = True
        if has_decimals.any():
            has_decimals &= ~may_mean_thousands(candidates, formats) & ~np.isnan(checked.figures[column][rows])
            is_proved[owner[rows[has_decimals]]] = True
    return is_proved | ~is_marked


def _message(cell: str, line: int | None) -> str:
    if line is not None:
        return f'"{cell}" may be a thousand times as much: line {line} is written with another decimal mark'
    return (
        f'"{cell}" may be a thousand times as much; write decimal: "." if its point is the decimal mark, '
        'or decimal: "," and thousands: "." if it parts the thousands'
    )
