"""Tokenizes the text of a delivery into rows and cells. Blank lines are dropped, ragged rows are set aside.

Arrow reads text that follows RFC 4180. Text with quotation marks in other places goes through Python's reader, which is
strict and names what it cannot read.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import numpy as np
import pyarrow as pa

from dashboard.ingest.parse.arrow_tokenizer import CsvBody, tokenize_with_arrow
from dashboard.ingest.parse.decode import untrusted
from dashboard.ingest.parse.tokenized_csv import (
    CHUNK_BYTES,
    CR,
    LF,
    LONGEST_LINE,
    MAX_LISTED,
    QUOTE,
    TOO_LONG,
    TokenizedCsv,
    count_line_breaks,
    strict_reader,
)

_LONGEST_HEADER = 1 << 20  # bytes of a header with quoted line breaks
_BATCH_ROWS = 1 << 16  # rows that Python's reader yields at a time

_NUL = "holds a NUL byte, so it is damaged or no text of this encoding; fetch it again, or write its encoding"


def first_row(text: bytes, file: str, separator: str, start: int = 0) -> tuple[list[str], int]:
    """The cells of the row at position `start`, and the position in `text` where the rest begins.

    Raises UntrustedError.
    """
    end = _next_line(text, start)
    quotes = text.count(b'"', start, end)
    while quotes % 2 and end < min(len(text), _LONGEST_HEADER):  # a quoted line break
        begin, end = end, _next_line(text, end)
        quotes += text.count(b'"', begin, end)
    line = count_line_breaks(text[:start]) + 1
    if end - start > LONGEST_LINE:
        raise untrusted(file, f"no header: the first line is {TOO_LONG}", line)
    _refuse_nul(text[:end], file)
    try:
        return next(strict_reader(text[start:end], separator), []), end
    except csv.Error as error:
        raise untrusted(file, _not_csv(error), line) from error


def position_of_line(text: bytes, line: int) -> int:
    """The position where a line begins, counted from 1; the end of the text where it has fewer."""
    position = 0
    for _ in range(line - 1):
        position = _next_line(text, position)
    return position


def tokenize(text: bytes, begin: int, width: int, file: str, separator: str) -> TokenizedCsv:
    """All rows from position `begin` on, under a header of `width` cells. Raises UntrustedError."""
    table = _tokenize_body(csv_body(text, begin, width, separator), file)
    return _with_checked_end(table, text, width, file)


def _tokenize_body(body: CsvBody, file: str) -> TokenizedCsv:
    table = tokenize_with_arrow(body) if body.is_regular else None
    if table is not None:
        return table
    _refuse_nul(body.text, file)
    _refuse_long_line(body.bytes, body.first_line, file)
    return _tokenize_with_python(body.bytes.tobytes(), body.width, body.first_line, file, body.separator)


class IrregularTextError(Exception):
    """A piece of a text has quotation marks, or other bytes, for which the whole text is needed."""


def tokenize_piece(text: bytes, begin: int, first_line: int, width: int, file: str, separator: str) -> TokenizedCsv:
    """The rows of one piece of a text, which begins and ends between rows; `first_line` is that of position `begin`.
    Raises UntrustedError and IrregularTextError."""
    body = replace(csv_body(text, begin, width, separator), first_line=first_line)
    if not body.is_regular or b"\0" in text:
        raise IrregularTextError
    return _with_checked_end(_tokenize_body(body, file), text, width, file)


def csv_body(text: bytes, begin: int, width: int, separator: str) -> CsvBody:
    """The text from position `begin` on, below a header of `width` cells."""
    bytes_ = np.frombuffer(text, np.uint8, offset=begin)
    quotes = np.flatnonzero(bytes_ == QUOTE) if text.find(b'"', begin) >= 0 else np.array([], np.int64)
    return CsvBody(text, begin, bytes_, quotes, width, 1 + count_line_breaks(text[:begin]), separator)


def _tokenize_with_python(body: bytes, width: int, first_line: int, file: str, separator: str) -> TokenizedCsv:
    reader = _NumberedRows(strict_reader(body, separator), first_line)
    batches: list[list[pa.Array]] = [[pa.array([], pa.string())] for _ in range(width)]
    lines: list[int] = []
    ragged_rows: list[tuple[int, list[str]]] = []
    unlisted: list[int] = []
    try:
        while rows := list(islice(reader, _BATCH_ROWS)):
            even = [(line, cells) for line, cells in rows if len(cells) == width]
            ragged_rows += [(line, cells) for line, cells in rows if cells and len(cells) != width]
            unlisted += [line for line, _ in ragged_rows[MAX_LISTED:-1]]
            del ragged_rows[MAX_LISTED:-1]
            lines += [line for line, _ in even]
            for position, column in enumerate(batches):
                column.append(pa.array([cells[position] for _, cells in even], pa.string()))
    except csv.Error as error:
        raise untrusted(file, _not_csv(error), reader.line) from error
    columns = [pa.concat_arrays(column) for column in batches]
    unlisted_lines = np.array(unlisted, np.int64)
    return TokenizedCsv(columns, np.array(lines, np.int64), ragged_rows, unlisted_ragged_lines=unlisted_lines)


class _NumberedRows:
    """The rows of a reader, each with the line on which it begins; `line` is that of the next row."""

    def __init__(self, reader: Iterator[list[str]], first_line: int) -> None:
        self._reader, self._first_line, self.line = reader, first_line, first_line

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        return self

    def __next__(self) -> tuple[int, list[str]]:
        cells, line = next(self._reader), self.line
        self.line = self._first_line + self._reader.line_num  # type: ignore[attr-defined]
        return line, cells


def _with_checked_end(table: TokenizedCsv, text: bytes, width: int, file: str) -> TokenizedCsv:
    """Marks an open end. UntrustedError where the last row is too short and has no line end: the file is truncated."""
    if text.endswith((b"\n", b"\r")):
        return table
    if not table.ragged_rows or (table.lines.size and table.lines[-1] > table.ragged_rows[-1][0]):
        return replace(table, has_open_end=bool(table.lines.size) and not text.endswith(b'"'))
    line, cells = table.ragged_rows[-1]
    if len(cells) < width:
        message = f"the file ends within its last row ({len(cells)} cells of {width}, no line end); fetch it again"
        raise untrusted(file, message, line)
    return table


def _refuse_nul(text: bytes, file: str) -> None:
    if (nul := text.find(b"\0")) >= 0:
        raise untrusted(file, _NUL, count_line_breaks(text[:nul]) + 1)


def _refuse_long_line(body: np.ndarray, first_line: int, file: str) -> None:
    """UntrustedError for a line longer than any row, since Python's reader would read it cell by cell."""
    begin, line = 0, first_line
    for start in range(0, body.size, CHUNK_BYTES):
        chunk = body[start : start + CHUNK_BYTES]
        breaks = np.flatnonzero((chunk == LF) | (chunk == CR)) + start
        if breaks.size:
            begin, line = int(breaks[-1]) + 1, line + count_line_breaks(chunk.tobytes())
        elif start + chunk.size - begin > LONGEST_LINE:
            raise untrusted(file, TOO_LONG, line)


def _not_csv(error: csv.Error) -> str:
    if "unexpected end" in str(error):
        return "not CSV: the file ends within a quoted cell; it was cut off, or a quotation mark is never closed"
    if "field limit" in str(error):
        return f"not CSV: a cell of more than {csv.field_size_limit():,} characters; is a quotation mark never closed?"
    if "expected after" in str(error):
        return "not CSV: text follows a closing quotation mark; write quotation marks within a quoted cell twice"
    return "not CSV as its quotation marks stand; save it as CSV again"


def _next_line(text: bytes, start: int) -> int:
    """The position after the next line break."""
    feed = text.find(b"\n", start)
    carriage = text.find(b"\r", start, feed if feed >= 0 else len(text))
    if carriage >= 0:
        return carriage + 2 if feed == carriage + 1 else carriage + 1
    return feed + 1 if feed >= 0 else len(text)
