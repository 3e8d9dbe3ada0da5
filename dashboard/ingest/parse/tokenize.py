"""The text of a delivery, cut into cells: columns of strings, and for each row the line on which it begins.

Arrow cuts what is written as RFC 4180 has it. Whatever is quoted in another way goes through Python's reader, which
is strict and names what it cannot take. Both leave out blank lines, and set aside rows of another length.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

import numpy as np
import pyarrow as pa
import pyarrow.csv

from dashboard.ingest.parse.decode import untrusted

LF, CR, QUOTE = 10, 13, 34

MOST_TOLD = 10_000  # bad rows of one kind that a file tells one by one; of the others it tells the number

_LONGEST_LINE = 4 << 20  # bytes; no row of figures is as long, and its cells would take a hundred times as much
_LONGEST_HEADER = 1 << 20  # bytes of one with quoted line breaks
_PIECE = 4 << 20  # bytes that are looked at in one go
_ROWS = 1 << 16  # rows that Python's reader gives at a time

_NUL = "holds a NUL byte, so it is damaged or no text of this encoding; fetch it again, or write its encoding"


@dataclass(frozen=True, eq=False)
class Cut:
    """columns: strings, "" for a blank, in the order of the header; lines: of each row, counted from 1;
    ragged: rows that are longer or shorter than the header, each with its line; is_open: whether the last row is as
    long as the header, and nothing shows that its last cell is whole: no line end, no quotation mark; more_ragged: the
    lines of those ragged rows that are not told one by one."""

    columns: Sequence[pa.Array]
    lines: np.ndarray
    ragged: Sequence[tuple[int, list[str]]]
    is_open: bool = False
    more_ragged: np.ndarray = field(default_factory=lambda: np.array([], np.int64))


def first_row(text: bytes, file: str, separator: str) -> tuple[list[str], int]:
    """The cells of the first row, and where in `text` the rest begins; raises UntrustedError."""
    end = _end_of_line(text, 0)
    quotes = text.count(b'"', 0, end)
    while quotes % 2 and end < min(len(text), _LONGEST_HEADER):  # a quoted line break
        begin, end = end, _end_of_line(text, end)
        quotes += text.count(b'"', begin, end)
    if end > _LONGEST_LINE:
        raise untrusted(file, f"no header: the first line is {_TOO_LONG}", 1)
    _no_nul(text[:end], file)
    try:
        return next(_strictly(text[:end], separator)), end
    except csv.Error as error:
        raise untrusted(file, _not_csv(error), 1) from error


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
    _no_long_line(body, first_line, file)
    return _not_torn(_by_python(text[begin:], width, first_line, file, separator), text, width, file)


def _by_arrow(
    text: bytes, body: np.ndarray, begin: int, width: int, first_line: int, quotes: np.ndarray, separator: str
) -> Cut | None:
    """None where Arrow cannot do it."""
    skipped: list[int] = []

    def skip(row: pa.csv.InvalidRow) -> str:
        skipped.append(row.actual_columns)
        return "skip" if len(skipped) <= MOST_TOLD else "error"

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
        if len(skipped) <= MOST_TOLD:
            return None
        return _without_many_ragged(text, body, width, first_line, quotes, separator)
    count, pieces = table.num_rows, table.columns
    del table
    columns = [_joined(pieces.pop(0)) for _ in range(width)]  # one at a time: the memory for two is not needed
    if any(_longest(column) > csv.field_size_limit() for column in columns):
        return None
    if text.find(b"\0", begin) >= 0:
        return None
    if not skipped and not quotes.size and _is_a_line_each(columns, body):
        return Cut(columns, np.arange(first_line, first_line + count), ())
    return _with_lines(columns, count, body, width, first_line, quotes, separator)


def _joined(pieces: pa.ChunkedArray) -> pa.Array:
    return pieces.combine_chunks() if len(pieces) else pa.array([], pa.string())


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
    is_whole = _widths(body, begins, ends, quotes, separator) == width
    if np.count_nonzero(is_whole) != count:
        return None
    told, others = np.split(np.flatnonzero(~is_whole), [MOST_TOLD])
    ragged = [_ragged(body, begins[row], ends[row], lines[row], separator) for row in told.tolist()]
    if others.size:  # the last one shows whether the file was cut off
        ragged.append(_ragged(body, begins[others[-1]], ends[others[-1]], lines[others[-1]], separator))
    return Cut(columns, lines[is_whole], ragged, more_ragged=lines[others[:-1]])


def _widths(body: np.ndarray, begins: np.ndarray, ends: np.ndarray, quotes: np.ndarray, separator: str) -> np.ndarray:
    """How many cells each row has."""
    marks = np.flatnonzero(body == ord(separator))
    if quotes.size:
        marks = marks[np.searchsorted(quotes, marks) % 2 == 0]
    return np.searchsorted(marks, ends) - np.searchsorted(marks, begins) + 1


def _without_many_ragged(
    text: bytes, body: np.ndarray, width: int, first_line: int, quotes: np.ndarray, separator: str
) -> Cut | None:
    """The same where many rows are longer or shorter than the header: Arrow takes its time over each of them, so it is
    given the others alone."""
    begins, ends, _ = _rows_in(body, first_line, quotes)
    is_whole = _widths(body, begins, ends, quotes, separator) == width
    if not is_whole.any():
        return _with_lines([pa.array([], pa.string())] * width, 0, body, width, first_line, quotes, separator)
    steps = np.zeros(body.size + 2, np.int8)
    steps[begins[is_whole]] = 1
    steps[ends[is_whole] + 1] -= 1  # the line break stays
    del begins, ends
    whole = body[np.cumsum(steps[:-2], dtype=np.int8).view(bool)]
    del steps
    own = np.flatnonzero(whole == QUOTE) if quotes.size else quotes
    found = _by_arrow(whole.tobytes(), whole, 0, width, first_line, own, separator)
    if found is None or b"\0" in text:
        return None
    return _with_lines(found.columns, len(found.lines), body, width, first_line, quotes, separator)


def _ragged(body: np.ndarray, begin: int, end: int, line: int, separator: str) -> tuple[int, list[str]]:
    return int(line), next(_strictly(body[begin:end].tobytes(), separator))


def _rows_in(body: np.ndarray, first_line: int, quotes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where each row begins and ends (without its line break), and its line; blank ones are left out.

    Piece by piece: a file may have a hundred times as many blank lines as rows.
    """
    none = np.array([], np.int64)
    begins, ends, lines = [none], [none], [none]
    line, is_inside, was_break, was_return = first_line, False, True, False
    for start in range(0, body.size, _PIECE):
        piece = body[start : start + _PIECE]
        is_return = piece == CR
        is_break = is_return | (piece == LF)
        is_first = is_break & ~((piece == LF) & _after(is_return, was_return))  # CR and LF together are one
        number = np.cumsum(is_first, dtype=np.int32)
        ends_a_row = is_break
        if quotes.size:
            inside = np.logical_xor.accumulate(piece == QUOTE) ^ is_inside
            ends_a_row = is_break & ~inside
            is_inside = bool(inside[-1])
        comes_after = _after(ends_a_row, was_break)
        begin = np.flatnonzero(comes_after & ~ends_a_row)
        begins.append(begin + start)
        lines.append(line + number[begin] - is_first[begin])  # a row may begin with a quoted line break
        ends.append(np.flatnonzero(ends_a_row & ~comes_after) + start)
        line, was_break, was_return = line + int(number[-1]), bool(ends_a_row[-1]), bool(is_return[-1])
    if not was_break:
        ends.append(np.array([body.size]))
    return np.concatenate(begins), np.concatenate(ends), np.concatenate(lines)


def _after(is_so: np.ndarray, before: bool) -> np.ndarray:
    """Of each byte whether it is so of the one before it."""
    return np.concatenate([[before], is_so[:-1]])


def _by_python(body: bytes, width: int, first_line: int, file: str, separator: str) -> Cut:
    reader = _Rows(_strictly(body, separator), first_line)
    pieces: list[list[pa.Array]] = [[pa.array([], pa.string())] for _ in range(width)]
    lines: list[int] = []
    ragged: list[tuple[int, list[str]]] = []
    more_ragged: list[int] = []
    try:
        while found := list(islice(reader, _ROWS)):
            whole = [(line, cells) for line, cells in found if len(cells) == width]
            ragged += [(line, cells) for line, cells in found if cells and len(cells) != width]
            more_ragged += [line for line, _ in ragged[MOST_TOLD:-1]]
            del ragged[MOST_TOLD:-1]
            lines += [line for line, _ in whole]
            for place, column in enumerate(pieces):
                column.append(pa.array([cells[place] for _, cells in whole], pa.string()))
    except csv.Error as error:
        raise untrusted(file, _not_csv(error), reader.line) from error
    columns = [pa.concat_arrays(column) for column in pieces]
    return Cut(columns, np.array(lines, np.int64), ragged, more_ragged=np.array(more_ragged, np.int64))


class _Rows:
    """The rows of a reader, each with the line on which it begins; `line`: that of the one that comes next."""

    def __init__(self, reader: Iterator[list[str]], first_line: int) -> None:
        self._reader, self._first_line, self.line = reader, first_line, first_line

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        return self

    def __next__(self) -> tuple[int, list[str]]:
        cells, line = next(self._reader), self.line
        self.line = self._first_line + self._reader.line_num  # type: ignore[attr-defined]
        return line, cells


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
        raise untrusted(file, _NUL, _count_lines(text[:nul]) + 1)


_TOO_LONG = f"longer than {_LONGEST_LINE >> 20} MB, so this is no CSV as it stands; see whether it is the right file"


def _no_long_line(body: np.ndarray, first_line: int, file: str) -> None:
    """Raises UntrustedError where a line is longer than any row: Python's reader would take its cells one by one."""
    begin, line = 0, first_line
    for start in range(0, body.size, _PIECE):
        piece = body[start : start + _PIECE]
        breaks = np.flatnonzero((piece == LF) | (piece == CR)) + start
        if breaks.size:
            begin, line = int(breaks[-1]) + 1, line + _count_lines(piece.tobytes())
        elif start + piece.size - begin > _LONGEST_LINE:
            raise untrusted(file, _TOO_LONG, line)


def _not_csv(error: csv.Error) -> str:
    if "unexpected end" in str(error):
        return "not CSV: the file ends within a quoted cell; it was cut off, or a quotation mark is never closed"
    if "field limit" in str(error):
        return f"not CSV: a cell of more than {csv.field_size_limit():,} characters; is a quotation mark never closed?"
    if "expected after" in str(error):
        return "not CSV: text follows a closing quotation mark; write quotation marks within a quoted cell twice"
    return "not CSV as its quotation marks stand; save it as CSV again"


def _strictly(text: bytes, separator: str) -> Iterator[list[str]]:
    return csv.reader(io.TextIOWrapper(io.BytesIO(text), "utf-8", newline=""), delimiter=separator, strict=True)


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
    feed = text.find(b"\n", start)
    carriage = text.find(b"\r", start, feed if feed >= 0 else len(text))
    if carriage >= 0:
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
