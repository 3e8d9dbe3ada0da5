"""Finds the rows in the bytes of a CSV text: their positions, their lines, and how many cells each has."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from dashboard.ingest.parse.tokenized_csv import CHUNK_BYTES, CR, LF, QUOTE


class RowPositions(NamedTuple):
    """One entry a row that is not blank. `ends` are the positions of the line breaks."""

    begins: np.ndarray
    ends: np.ndarray
    lines: np.ndarray


def find_rows(body: np.ndarray, first_line: int, quotes: np.ndarray) -> RowPositions:
    """The rows of a body whose first line has the number `first_line`; `quotes` are the positions of all quotes.

    This works chunk by chunk, since a file may have a hundred times as many blank lines as rows.
    """
    none = np.array([], np.int64)
    begins, ends, lines = [none], [none], [none]
    line, is_quoted, was_break, was_return = first_line, False, True, False
    for start in range(0, body.size, CHUNK_BYTES):
        chunk = body[start : start + CHUNK_BYTES]
        is_return = chunk == CR
        is_break = is_return | (chunk == LF)
        is_first = is_break & ~((chunk == LF) & _shifted(is_return, was_return))  # CR and LF together are one break
        breaks_so_far = np.cumsum(is_first, dtype=np.int32)
        ends_row = is_break
        if quotes.size:
            is_inside = np.logical_xor.accumulate(chunk == QUOTE) ^ is_quoted
            ends_row = is_break & ~is_inside
            is_quoted = bool(is_inside[-1])
        follows_break = _shifted(ends_row, was_break)
        begin = np.flatnonzero(follows_break & ~ends_row)
        begins.append(begin + start)
        lines.append(line + breaks_so_far[begin] - is_first[begin])  # a row may begin with a quoted line break
        ends.append(np.flatnonzero(ends_row & ~follows_break) + start)
        line, was_break, was_return = line + int(breaks_so_far[-1]), bool(ends_row[-1]), bool(is_return[-1])
    if not was_break:
        ends.append(np.array([body.size]))
    return RowPositions(np.concatenate(begins), np.concatenate(ends), np.concatenate(lines))


def count_cells(body: np.ndarray, rows: RowPositions, quotes: np.ndarray, separator: str) -> np.ndarray:
    """The number of cells of each row."""
    marks = np.flatnonzero(body == ord(separator))
    if quotes.size:
        marks = marks[np.searchsorted(quotes, marks) % 2 == 0]
    return np.searchsorted(marks, rows.ends) - np.searchsorted(marks, rows.begins) + 1


def _shifted(flags: np.ndarray, first: bool) -> np.ndarray:
    """The flag of the byte before each byte."""
    return np.concatenate([[first], flags[:-1]])
