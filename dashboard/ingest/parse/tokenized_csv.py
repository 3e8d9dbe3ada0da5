"""A delivery cut into cells: columns of strings, and for each row the line on which it begins."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

LF, CR, QUOTE = 10, 13, 34

MAX_LISTED = 10_000  # bad rows of one kind that are listed one by one; the others are only counted
CHUNK_BYTES = 4 << 20  # for one step over the text
LONGEST_LINE = 4 << 20  # bytes; no row of figures is longer, and its cells would take a hundred times the memory
TOO_LONG = f"longer than {LONGEST_LINE >> 20} MB, so this is no CSV as it stands; see whether it is the right file"


@dataclass(frozen=True, eq=False)
class TokenizedCsv:
    """The rows and cells of a delivery without its header and its blank lines.

    columns: strings in the order of the header, "" for a blank cell; lines: the line of each row, counted from 1.
    ragged_rows: rows with more or fewer cells than the header, each with its line; unlisted_ragged_lines: the lines of
    the ragged rows beyond `MAX_LISTED`. has_open_end: whether the last row is as long as the header, but neither a line
    end nor a quotation mark shows that its last cell is whole.
    """

    columns: Sequence[pa.Array]
    lines: np.ndarray
    ragged_rows: Sequence[tuple[int, list[str]]]
    has_open_end: bool = False
    unlisted_ragged_lines: np.ndarray = field(default_factory=lambda: np.array([], np.int64))


def strict_reader(text: bytes, separator: str) -> Iterator[list[str]]:
    """The rows of a text in UTF-8; csv.Error where its quotation marks break the rules."""
    return csv.reader(io.TextIOWrapper(io.BytesIO(text), "utf-8", newline=""), delimiter=separator, strict=True)


def count_line_breaks(text: bytes) -> int:
    return text.count(b"\n") + text.count(b"\r") - text.count(b"\r\n")


def cell_ends(column: pa.Array) -> np.ndarray:
    """The positions in a column's text where its cells end; the first entry is where the first cell begins."""
    return np.frombuffer(column.buffers()[1], np.int32)[column.offset : column.offset + len(column) + 1]
