"""Columns of numbers, read at once: what is plainly a number in the declared form is one, all else is off."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dashboard.ingest.parse.tokenize import ends_of
from dashboard.ingest.validate.cell_formats import MOST, Cells

_ZERO = ord("0")


def numbers(column: pa.Array, cells: Cells) -> tuple[np.ndarray, np.ndarray]:
    """Each cell as a float, NaN where it is blank or off; and where it is off."""
    off = _off_by_its_edges(column) if cells.is_plain and _has_only_figures(column) else None
    if off is None:
        off = _off_by_pattern(column, cells)
    try:
        return _read(column, off, cells)
    except pa.ArrowInvalid:  # marks that stand more than once: 1.2.3, 1-2
        return _read(column, off | _off_by_pattern(column, cells), cells)


def may_mean_thousands(column: pa.Array, cells: Cells) -> np.ndarray:
    """Where a decimal mark stands before just three figures, as a thousands mark would."""
    if cells.layout.thousands:
        return np.zeros(len(column), bool)  # which mark is which was declared
    mark = re.escape(cells.layout.decimal)
    found = pc.match_substring_regex(column, f"^-?[1-9][0-9]{{0,2}}{mark}[0-9]{{3}}$")
    return np.asarray(found.to_numpy(zero_copy_only=False))


def has_mark(column: pa.Array, cells: Cells) -> np.ndarray:
    """Where a decimal mark stands."""
    return np.asarray(pc.match_substring(column, cells.layout.decimal).to_numpy(zero_copy_only=False))


def has_short_decimals(column: pa.Array, cells: Cells) -> np.ndarray:
    """Where just one or two characters stand behind a decimal mark, so that it can be no thousands mark."""
    ends = ends_of(column)
    if not len(column) or not column.buffers()[2]:
        return np.zeros(len(column), bool)
    text, stops = np.frombuffer(column.buffers()[2], np.uint8), ends[1:]
    mark = ord(cells.layout.decimal)
    found = (text[np.maximum(stops - 2, 0)] == mark) | (text[np.maximum(stops - 3, 0)] == mark)
    return np.asarray(found & (stops - ends[:-1] > 2))


def _read(column: pa.Array, off: np.ndarray, cells: Cells) -> tuple[np.ndarray, np.ndarray]:
    ends = ends_of(column)
    blank = ends[1:] == ends[:-1]
    off = off & ~blank
    if (unread := off | blank).any():
        column = _without(column, unread)
    for mark in cells.marks:
        if mark.isascii() or not _is_ascii(column):
            column = pc.replace_substring(column, mark, "")
    if cells.layout.decimal != ".":
        column = pc.replace_substring(column, cells.layout.decimal, ".")
    read = pc.cast(column, pa.float64()).to_numpy(zero_copy_only=False)
    read = read + 0.0  # no negative zero
    too_large_message = (read > MOST) | (read < -MOST)
    if too_large_message.any():
        read[too_large_message] = np.nan
    return read, off | too_large_message


def _is_ascii(column: pa.Array) -> bool:
    return column.buffers()[2] is None or not (np.frombuffer(column.buffers()[2], np.uint8) & 0x80).any()


def _without(column: pa.Array, unread: np.ndarray) -> pa.Array:
    """The same text, with nothing where nothing can be read."""
    is_there = pa.py_buffer(np.packbits(~unread, bitorder="little"))
    whole = column if not column.offset else pa.concat_arrays([column])
    return pa.Array.from_buffers(pa.string(), len(whole), [is_there, *whole.buffers()[1:]])


def _has_only_figures(column: pa.Array) -> bool:
    """Whether no cell has any other character than figures, minus and point."""
    if column.buffers()[2] is None:
        return True
    ends = ends_of(column)
    text = memoryview(column.buffers()[2])[int(ends[0]) : int(ends[-1])]
    return not bytes(text).translate(None, b"0123456789.-")


def _off_by_its_edges(column: pa.Array) -> np.ndarray:
    """Of cells made of figures, minus and point: which begin or end as no plain number does. Anything of a blank."""
    off = np.zeros(len(column), bool)
    if not len(column) or not column.buffers()[2]:
        return off
    ends = ends_of(column)
    text = np.frombuffer(column.buffers()[2], np.uint8)
    first, last = text[np.minimum(ends[:-1], text.size - 1)], text[np.maximum(ends[1:] - 1, 0)]
    at = np.flatnonzero((first <= _ZERO) | (last < _ZERO))  # a minus, a point or a zero first; a minus or a point last
    off[at] = _off_by_pattern(column.take(pa.array(at)), Cells.plain())
    return off


def _off_by_pattern(column: pa.Array, cells: Cells) -> np.ndarray:
    fits = pc.match_substring_regex(column, f"^(?:{cells.number_pattern})$")
    return np.asarray(~fits.to_numpy(zero_copy_only=False))
