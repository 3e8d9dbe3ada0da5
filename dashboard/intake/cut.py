"""The text of a delivery, cut into cells: columns of strings, and for each row the line on which it begins.

Arrow cuts what is written as RFC 4180 has it. Whatever is quoted in another way goes through Python's reader, which
is strict and names what it cannot take. Both leave out blank lines, and set aside rows of another length.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.csv

from dashboard.intake.text import untrusted

LF, CR, QUOTE = 10, 13, 34


@dataclass(frozen=True, eq=False)
class Cut:
    """columns: strings, "" for a blank, in the order of the header; lines: of each row, counted from 1;
    ragged: rows that are longer or shorter than the header, each with its line; is_open: whether the last row is as
    long as the header, and nothing shows that its last cell is whole: no line end, no quotation mark."""

    columns: Sequence[pa.Array]
    lines: np.ndarray
    ragged: Sequence[tuple[int, list[str]]]
    is_open: bool = False


def first_row(text: bytes, file: str, separator: str) -> tuple[list[str], int]:
    """The cells of the first row, and where in `text` the rest begins; raises UntrustedError."""
    end = _end_of_line(text, 0)
    while text[:end].count(b'"') % 2 and end < len(text):  # a quoted line break
        end = _end_of_line(text, end)
    _no_nul(text[:end], file)
    try:
        return next(_strictly(text[:end].decode(), separator)), end
    except csv.Error as error:
        raise untrusted(file, f"not CSV: {error}", 1) from error


def cut(text: bytes, begin: int, width: int, file: str, separator: str) -> Cut:
    """All rows from position `begin` on, under a header of `width` cells; raises UntrustedError."""
    body = np.frombuffer(text, np.uint8, offset=begin)
    first_line = 1 + _count_lines(text[:begin])
    quotes = np.flatnonzero(body == QUOTE) if text.find(b'"', begin) >= 0 else np.array([], np.int64)
    if _is_regular(body, quotes, ord(separator)):
        found = _by_arrow(text, body, begin, width, first_line, quotes, separator)
        if found is not None:
            return _not_torn(found, text, width, file)
    _no_nul(text, file)
    return _not_torn(_by_python(text[begin:], width, first_line, file, separator), text, width, file)


def _by_arrow(
    text: bytes, body: np.ndarray, begin: int, width: int, first_line: int, quotes: np.ndarray, separator: str
) -> Cut | None:
    """None where Arrow cannot do it."""
    skipped: list[int] = []

    def skip(row: pa.csv.InvalidRow) -> str:
        skipped.append(row.actual_columns)
        return "skip"

    names = [str(place) for place in range(width)]
    try:
        table = pa.csv.read_csv(
            pa.BufferReader(pa.py_buffer(text).slice(begin)),
            read_options=pa.csv.ReadOptions(column_names=names),
            parse_options=pa.csv.ParseOptions(
                delimiter=separator,
                quote_char='"' if quotes.size else False,
                newlines_in_values=bool(quotes.size),
                invalid_row_handler=skip,
            ),
            convert_options=pa.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), check_utf8=False, strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:  # nothing to read, or a row larger than its buffer
        return None
    if not table.num_rows:
        return None
    count, pieces = table.num_rows, table.columns
    del table
    columns = [pieces.pop(0).combine_chunks() for _ in range(width)]  # one at a time: the memory for two is not needed
    if any(_longest(column) > csv.field_size_limit() for column in columns):
        return None
    if text.find(b"\0", begin) >= 0:
        return None
    if not skipped and not quotes.size and _is_a_line_each(columns, body):
        return Cut(columns, np.arange(first_line, first_line + count), ())
    return _with_lines(columns, count, body, width, first_line, quotes, separator)


def _with_lines(
    columns: Sequence[pa.Array],
    count: int,
    body: np.ndarray,
    width: int,
    first_line: int,
    quotes: np.ndarray,
    separator: str,
) -> Cut | None:
    """The lines of rows between which blank lines, quoted line breaks or rows of another length stand."""
    begins, ends, lines = _rows_in(body, first_line, quotes)
    marks = np.flatnonzero(body == ord(separator))
    marks = marks[np.searchsorted(quotes, marks) % 2 == 0]
    widths = np.searchsorted(marks, ends) - np.searchsorted(marks, begins) + 1
    is_whole = widths == width
    if np.count_nonzero(is_whole) != count:
        return None
    ragged = []
    for row in np.flatnonzero(~is_whole).tolist():
        piece = body[begins[row] : ends[row]].tobytes().decode()
        ragged.append((int(lines[row]), next(_strictly(piece, separator))))
    return Cut(columns, lines[is_whole], ragged)


def _rows_in(body: np.ndarray, first_line: int, quotes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where each row begins and ends (without its line break), and its line; blank ones are left out."""
    breaks = np.flatnonzero((body == LF) | (body == CR))
    is_second = (body[breaks] == LF) & (breaks > 0) & (body[breaks - 1] == CR)
    breaks = breaks[~is_second]
    pairs = (body[breaks] == CR) & (body[np.minimum(breaks + 1, body.size - 1)] == LF)
    ends_a_row = np.searchsorted(quotes, breaks) % 2 == 0
    begins = np.append(0, (breaks + 1 + pairs)[ends_a_row])
    ends = np.append(breaks[ends_a_row], body.size)
    lines = first_line + np.append(0, np.flatnonzero(ends_a_row) + 1)
    is_blank = begins >= ends
    return begins[~is_blank], ends[~is_blank], lines[~is_blank]


def _by_python(body: bytes, width: int, first_line: int, file: str, separator: str) -> Cut:
    reader = _strictly(body.decode(), separator)
    rows: list[list[str]] = []
    lines: list[int] = []
    ragged: list[tuple[int, list[str]]] = []
    line = first_line
    try:
        for cells in reader:
            if len(cells) == width:
                rows.append(cells)
                lines.append(line)
            elif cells:
                ragged.append((line, cells))
            line = first_line + reader.line_num  # type: ignore[attr-defined]
    except csv.Error as error:
        raise untrusted(file, _not_csv(error), line) from error
    columns = [pa.array([row[place] for row in rows], pa.string()) for place in range(width)]
    return Cut(columns, np.array(lines, np.int64), ragged)


def _not_torn(found: Cut, text: bytes, width: int, file: str) -> Cut:
    """Unless the last row is too short and its line has no end: then the file was cut off while it was written."""
    if text.endswith((b"\n", b"\r")):
        return found
    if not found.ragged or (found.lines.size and found.lines[-1] > found.ragged[-1][0]):
        return replace(found, is_open=bool(found.lines.size) and not text.endswith(b'"'))
    line, cells = found.ragged[-1]
    if len(cells) < width:
        message = f"the file ends within its last row ({len(cells)} cells of {width}, no line end); fetch it again"
        raise untrusted(file, message, line)
    return found


def _no_nul(text: bytes, file: str) -> None:
    if (nul := text.find(b"\0")) >= 0:
        raise untrusted(file, "holds a NUL byte, so it is damaged or no text", _count_lines(text[:nul]) + 1)


def _not_csv(error: csv.Error) -> str:
    if "unexpected end" in str(error):
        return "the file ends within a quoted cell; it was cut off, or a quotation mark is never closed"
    return f"not CSV: {error}"


def _strictly(text: str, separator: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)


def _is_regular(body: np.ndarray, quotes: np.ndarray, separator: int) -> bool:
    """Whether quotation marks stand only around whole cells, and doubled within those."""
    if quotes.size % 2:
        return False
    opening, closing = quotes[::2], quotes[1::2]
    outside = (separator, LF, CR, QUOTE)
    before = body[opening[opening > 0] - 1]
    after = body[closing[closing < body.size - 1] + 1]
    return bool(np.isin(before, outside).all() and np.isin(after, outside).all())


def _end_of_line(text: bytes, start: int) -> int:
    """The position after the line break that comes next."""
    feed, carriage = text.find(b"\n", start), text.find(b"\r", start, start + (1 << 20))
    if carriage >= 0 and (feed < 0 or carriage < feed):
        return carriage + 2 if feed == carriage + 1 else carriage + 1
    return feed + 1 if feed >= 0 else len(text)


def _count_lines(text: bytes) -> int:
    return text.count(b"\n") + text.count(b"\r") - text.count(b"\r\n")


def _is_a_line_each(columns: Sequence[pa.Array], body: np.ndarray) -> bool:
    """Whether the cells and the marks between them leave just one byte to end each row: then no line is blank.

    Without quotation marks only; the last row may lack its end.
    """
    rows = len(columns[0])
    is_open = body.size > 0 and int(body[-1]) not in (LF, CR)
    cells = sum(int(ends[-1] - ends[0]) for ends in map(ends_of, columns))
    return bool(cells + rows * len(columns) - is_open == body.size)


def ends_of(column: pa.Array) -> np.ndarray:
    """Where the cells of a column end in its text; the first begins at the first of them."""
    return np.frombuffer(column.buffers()[1], np.int32)[column.offset : column.offset + len(column) + 1]


def _longest(column: pa.Array) -> int:
    """In bytes."""
    return int(np.diff(ends_of(column)).max()) if len(column) else 0
