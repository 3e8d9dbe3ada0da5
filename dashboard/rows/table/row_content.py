"""Each row as one line of text, without its place in a file and its history: what tells two sets of rows apart.

The text is that of a CSV writer, made column by column: a value that many rows have is written once.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from dashboard.late_imports import pc, pd
from dashboard.rows.table.text_codes import TextCodes

_LEFT_OUT = ("file", "line", "held_from", "held_until", "accepted_at")
_END = "\x1e"  # of a line
_TEXT = pa.large_string()
_MAY_NEED_QUOTES = r'[,"\x1e\n\r]|^ '


@dataclass(frozen=True, eq=False)
class RowContent:
    """The lines of some rows, sorted, each with its end; `order` says which row each line is of."""

    lines: pa.LargeStringArray
    order: np.ndarray

    @classmethod
    def of(cls, frame: pd.DataFrame) -> RowContent:
        """The lines of all rows of a frame, which has the columns that `SourceRows` names."""
        columns = [_written(frame[name]) for name in frame.columns if name not in _LEFT_OUT]
        lines = pc.binary_join_element_wise(*columns, pa.scalar(",", _TEXT))
        order = pc.array_sort_indices(lines)
        ended = pc.binary_join_element_wise(lines.take(order), pa.scalar("", _TEXT), pa.scalar(_END, _TEXT))
        return cls(ended, order.to_numpy())

    def joined(self, chosen: np.ndarray, part: slice = slice(None)) -> memoryview:
        """The lines of the chosen rows as one text, in which the order of the rows leaves no trace.

        `chosen`: bool, one entry a row. `part`: where the rows of one source stand; all rows without it. The texts
        of several sources in the order of their names are the text of all.
        """
        lines, is_chosen = self.lines[part], chosen[self.order[part]]
        lines = lines if is_chosen.all() else lines.filter(pa.array(is_chosen))
        if not len(lines):
            return memoryview(b"")
        _, places, text = lines.buffers()
        first, last = np.frombuffer(places, np.int64)[[lines.offset, lines.offset + len(lines)]]
        return memoryview(text)[first:last]


def _written(column: pd.Series) -> pa.LargeStringArray:
    """The cells of a column as a CSV file has them; a blank is empty."""
    if column.dtype.kind in "Mf":
        codes, values = pd.factorize(column.to_numpy().view(np.int64))  # by bits: -0.0 is not 0.0
        return pa.array(_in_digits(values.view(column.to_numpy().dtype)), _TEXT).take(pa.array(codes))
    cells = TextCodes.of(column)
    return _quoted(cells.texts).take(pa.array(cells.codes))


def _in_digits(values: np.ndarray) -> np.ndarray:
    """Numbers in their shortest form, instants to the second."""
    texts = np.datetime_as_string(values, unit="s") if values.dtype.kind == "M" else values.astype(str)
    return np.where(pd.isna(values), "", texts).astype(object)


def _quoted(texts: pa.LargeStringArray) -> pa.LargeStringArray:
    if not (may_need := pc.match_substring_regex(texts, _MAY_NEED_QUOTES)).true_count:
        return texts
    quoted = []
    for text in texts.filter(may_need).to_pylist():
        cell = io.StringIO()
        csv.writer(cell, lineterminator=_END).writerow([text, ""])
        quoted.append(cell.getvalue()[: -len(f",{_END}")])
    return pc.replace_with_mask(texts, may_need, pa.array(quoted, _TEXT))
