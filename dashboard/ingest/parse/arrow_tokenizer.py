"""Tokenizes with Arrow, which is fast but reports no lines: these are counted in the bytes where they matter."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.csv

from dashboard.ingest.parse.row_positions import count_cells, find_rows
from dashboard.ingest.parse.tokenized_csv import CR, LF, MAX_LISTED, QUOTE, TokenizedCsv, cell_ends, strict_reader

_BLOCK_ROWS = 1_000
_SHORT = 1 << 20  # bytes of one block of Arrow, which threads cannot share


@dataclass(frozen=True, eq=False)
class CsvBody:
    """The text below a header of `width` cells: the bytes of `text` from `begin` on, the first of them on `first_line`.

    `quotes` are the positions of the quotation marks in `bytes`.
    """

    text: bytes
    begin: int
    bytes: np.ndarray
    quotes: np.ndarray
    width: int
    first_line: int
    separator: str

    @property
    def is_regular(self) -> bool:
        """Whether quotation marks stand only around whole cells, and doubled within those."""
        if self.quotes.size % 2:
            return False
        opening, closing = self.quotes[::2], self.quotes[1::2]
        outside = (ord(self.separator), LF, CR, QUOTE)
        preceding = self.bytes[opening[opening > 0] - 1]
        following = self.bytes[closing[closing < self.bytes.size - 1] + 1]
        return bool(np.isin(preceding, outside).all() and np.isin(following, outside).all())

    def row(self, begin: int, end: int) -> list[str]:
        return next(strict_reader(self.bytes[begin:end].tobytes(), self.separator))


def tokenize_with_arrow(body: CsvBody) -> TokenizedCsv | None:
    """The cells of a regular body; None where Arrow cannot read them."""
    ragged_widths: list[int] = []

    def skip(row: pa.csv.InvalidRow) -> str:
        ragged_widths.append(row.actual_columns)
        return "skip" if len(ragged_widths) <= MAX_LISTED else "error"

    try:
        table = _read(body, skip)
    except pa.ArrowInvalid:  # nothing to read, or a row larger than Arrow's buffer
        return None if len(ragged_widths) <= MAX_LISTED else _tokenize_even_rows(body)
    count, chunked = table.num_rows, table.columns
    del table
    columns = [_joined(chunked.pop(0)) for _ in range(body.width)]  # one at a time, to save the memory of the others
    if any(_has_longer_cell(column, csv.field_size_limit()) for column in columns):
        return None
    if body.text.find(b"\0", body.begin) >= 0:
        return None
    if not ragged_widths and not body.quotes.size and _has_a_line_for_each_row(columns, body):
        return TokenizedCsv(columns, np.arange(body.first_line, body.first_line + count), ())
    return _with_lines(columns, count, body)


def _read(body: CsvBody, skip: object) -> pa.Table:
    names = [str(position) for position in range(body.width)]
    return pa.csv.read_csv(
        pa.BufferReader(pa.py_buffer(body.text).slice(body.begin)),
        read_options=pa.csv.ReadOptions(column_names=names, use_threads=body.bytes.size > _SHORT),
        parse_options=pa.csv.ParseOptions(
            delimiter=body.separator,
            quote_char='"' if body.quotes.size else False,
            newlines_in_values=bool(body.quotes.size),
            invalid_row_handler=skip,
        ),
        convert_options=pa.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), check_utf8=False, strings_can_be_null=False
        ),
    )


def _joined(chunks: pa.ChunkedArray) -> pa.Array:
    return chunks.combine_chunks() if len(chunks) else pa.array([], pa.string())


def _with_lines(columns: Sequence[pa.Array], count: int, body: CsvBody) -> TokenizedCsv | None:
    """Adds the lines of the rows where blank lines, quoted line breaks or ragged rows stand between them."""
    rows = find_rows(body.bytes, body.first_line, body.quotes)
    is_even = count_cells(body.bytes, rows, body.quotes, body.separator) == body.width
    if np.count_nonzero(is_even) != count:
        return None
    listed, unlisted = np.split(np.flatnonzero(~is_even), [MAX_LISTED])
    if unlisted.size:  # the last row is listed in any case: it shows whether the file was truncated
        listed, unlisted = np.append(listed, unlisted[-1]), unlisted[:-1]
    ragged_rows = [(int(rows.lines[row]), body.row(rows.begins[row], rows.ends[row])) for row in listed.tolist()]
    return TokenizedCsv(columns, rows.lines[is_even], ragged_rows, unlisted_ragged_lines=rows.lines[unlisted])


def _tokenize_even_rows(body: CsvBody) -> TokenizedCsv | None:
    """Tokenizes a body with many ragged rows. Arrow is slow for each of these, so it gets the other rows only."""
    rows = find_rows(body.bytes, body.first_line, body.quotes)
    is_even = count_cells(body.bytes, rows, body.quotes, body.separator) == body.width
    if not is_even.any():
        return _with_lines([pa.array([], pa.string())] * body.width, 0, body)
    steps = np.zeros(body.bytes.size + 2, np.int8)
    steps[rows.begins[is_even]] = 1
    steps[rows.ends[is_even] + 1] -= 1  # the line break stays
    del rows
    even = body.bytes[np.cumsum(steps[:-2], dtype=np.int8).view(bool)]
    del steps
    quotes = np.flatnonzero(even == QUOTE) if body.quotes.size else body.quotes
    part = CsvBody(even.tobytes(), 0, even, quotes, body.width, body.first_line, body.separator)
    table = tokenize_with_arrow(part)
    if table is None or b"\0" in body.text:
        return None
    return _with_lines(table.columns, len(table.lines), body)


def _has_a_line_for_each_row(columns: Sequence[pa.Array], body: CsvBody) -> bool:
    """Whether each row ends with just one line break, so that no line is blank: a text without quotation marks then has
    no other bytes than cells, separators and these. The last row may lack its end."""
    rows = len(columns[0])
    is_open = body.bytes.size > 0 and int(body.bytes[-1]) not in (LF, CR)
    cell_bytes = sum(int(ends[-1] - ends[0]) for ends in map(cell_ends, columns))
    rest = body.bytes.size - (cell_bytes + rows * len(columns) - is_open)
    return rest == 0 or rest == body.text.count(b"\r\n", body.begin)


def _has_longer_cell(column: pa.Array, limit: int) -> bool:
    """Whether a cell has more than `limit` bytes. Most columns have no block of cells that long, let alone a cell."""
    ends = cell_ends(column)
    block_ends = np.append(ends[::_BLOCK_ROWS], ends[-1])
    return bool((np.diff(block_ends) > limit).any() and (np.diff(ends) > limit).any())
