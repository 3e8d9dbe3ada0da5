"""Opens a delivery as a table, as its layout declares: named columns of cells, which nobody has judged yet."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import NamedTuple

from dashboard.domain import Problem
from dashboard.ingest.formats.containers import unpacked
from dashboard.ingest.formats.doubts import settle_doubts
from dashboard.ingest.formats.grid import Grid, open_grid
from dashboard.ingest.layout.declaration import Layout
from dashboard.ingest.layout.made_columns import add_made_columns
from dashboard.ingest.parse.decode import MAX_BYTES, decode, untrusted
from dashboard.ingest.parse.dialect import Dialect
from dashboard.ingest.parse.header import Header, match_header
from dashboard.ingest.parse.tokenize import IrregularTextError, first_row, position_of_line, tokenize, tokenize_piece
from dashboard.ingest.parse.tokenized_csv import TokenizedCsv, count_line_breaks
from dashboard.ingest.pieces.large_text import LargeText, Piece, begin_large_text
from dashboard.ingest.pieces.needed_rows import NeededRows
from dashboard.large_bytes import Bytes

_LONGEST_FOOTER = 8 << 20  # bytes


class OpenTable(NamedTuple):
    """header: of the columns of `rows`, of which the last ones may be made by the layout; around: the lines above and
    below the table, each with its number and its cells; problems: of rows whose cells could not be split, and of a file
    whose end is not as declared."""

    header: Header
    rows: TokenizedCsv
    around: Sequence[tuple[int, list[str]]]
    problems: tuple[Problem, ...]


def open_table(data: Bytes, file: str, dialect: Dialect) -> OpenTable:
    """The table of a delivery; of a large one the rows that `where:` may mean. Raises UntrustedError."""
    if dialect.where and dialect.layout.format == "csv" and (large := begin_large_text(data, file, dialect)):
        try:
            return _open_in_pieces(large, file, dialect)
        except IrregularTextError as error:
            if len(data) > MAX_BYTES:
                message = (
                    "has quotation marks within cells, NUL bytes or no line breaks, and is too large to be read so"
                )
                raise untrusted(file, f"{message}; split it") from error
    data = unpacked(data, file, dialect.layout)
    if dialect.layout.format != "csv":
        return _open_grid(data, file, dialect)
    text = decode(data, file, dialect)
    names, begin = header_names(text, file, dialect)
    header = match_header(names, file, dialect)
    end = end_of_table(text, begin, dialect.layout.until)
    body = text if end is None else text[:end]
    rows, problems = add_made_columns(tokenize(body, begin, len(names), file, dialect.separator), header, dialect, file)
    around = _lines(text[: position_of_line(text, dialect.layout.first_line)], 1, dialect.separator)
    if end is not None:
        around += _lines(text[end:], count_line_breaks(text[:end]) + 1, dialect.separator)
    return OpenTable(header, rows, around, (*problems, *_without_end(end is None, file, dialect.layout)))


def _open_in_pieces(text: LargeText, file: str, dialect: Dialect) -> OpenTable:
    """The table of a large text, of which no more is in memory at a time than a piece and the rows that are needed."""
    pieces = text.pieces(dialect.layout.first_line)
    first = next(pieces)
    names, begin = header_names(first.text, file, dialect)
    header, kept = match_header(names, file, dialect), NeededRows(dialect, file)
    start = position_of_line(first.text, dialect.layout.first_line)
    around, problems, end = _lines(first.text[:start], 1, dialect.separator), list[Problem](), None
    for piece in chain([first], pieces):
        line = piece.first_line + count_line_breaks(piece.text[:begin])
        end = end_of_table(piece.text, begin, dialect.layout.until)
        body = piece.text if end is None else piece.text[:end]
        table = tokenize_piece(body, begin, line, len(names), file, dialect.separator)
        table, bad = add_made_columns(table, header, dialect, file)
        problems += bad
        kept.add(table, header)
        begin = 0
        if end is not None:
            rest = _rest(piece.text[end:], pieces, piece.first_line + count_line_breaks(body), file)
            around += _lines(rest, piece.first_line + count_line_breaks(body), dialect.separator)
            break
    return OpenTable(header, kept.table(), around, (*problems, *_without_end(end is None, file, dialect.layout)))


def _rest(text: bytes, pieces: Iterator[Piece], line: int, file: str) -> bytes:
    """The text below the table, which is looked at line by line. UntrustedError where that is no footer."""
    for piece in pieces:
        text += piece.text
        if len(text) > _LONGEST_FOOTER:
            most = f"more than {_LONGEST_FOOTER >> 20} MB"
            raise untrusted(file, f"{most} follow this line, which until: describes; correct until:", line)
    return text


def _open_grid(data: bytes, file: str, dialect: Dialect) -> OpenTable:
    """The table of a file that is no text of cells and separators."""
    names, number, cells, around, doubts, has_end = open_grid(_grid(data, file, dialect), file, dialect.layout)
    header = match_header(names, file, dialect, number)
    cells, doubtful = settle_doubts(cells, doubts, header, file, dialect)
    rows, problems = add_made_columns(cells, header, dialect, file)
    return OpenTable(header, rows, around, (*doubtful, *problems, *_without_end(not has_end, file, dialect.layout)))


def _grid(data: bytes, file: str, dialect: Dialect) -> Grid:
    """The rows of words of a file. The libraries behind a format are loaded where it is first read."""
    if dialect.layout.format == "html":
        from dashboard.ingest.formats.web_page import read_page

        return read_page(data, file, dialect)
    if dialect.layout.format == "xlsx":
        from dashboard.ingest.formats.workbook import read_workbook

        return read_workbook(data, file, dialect)
    from dashboard.ingest.formats.json_records import read_json

    return read_json(data, file, dialect)


def _lines(text: bytes, first: int, separator: str) -> list[tuple[int, list[str]]]:
    """Lines outside the table, the first of which has this number. Their quotation marks follow no rule."""
    return [
        (number, next(csv.reader([line], delimiter=separator), []))
        for number, line in enumerate(text.decode().splitlines(), start=first)
    ]


def _without_end(lacks_end: bool, file: str, layout: Layout) -> tuple[Problem, ...]:
    """The problem of a file in which no line is as `until:` describes, since that line shows that it is whole."""
    if not layout.until or not lacks_end:
        return ()
    message = "no line is as until: describes, so the file may be cut off; fetch it again, or correct until:"
    return (Problem(file, 0, 0, "", message),)


def rows_of_words(data: Bytes, file: str, dialect: Dialect) -> list[list[str]]:
    """All rows of a file before anybody says which of them is the header; an object's names come first.

    Blank lines are blank rows. Raises UntrustedError.
    """
    data = unpacked(data, file, dialect.layout)
    if dialect.layout.format != "csv":
        grid = _grid(data, file, dialect)
        return [grid.names, *grid.rows] if grid.names is not None else grid.rows
    text = decode(data, file, dialect)
    reader = csv.reader(io.StringIO(text.decode(), newline=""), delimiter=dialect.separator)
    rows: list[list[str]] = []
    for row in reader:
        rows += [[] for _ in range(reader.line_num - len(rows) - 1)]  # a row of several lines keeps the count of lines
        rows.append(row)
    return rows


def column_names(data: Bytes, dialect: Dialect) -> list[str]:
    """The names of the columns of a file that could be opened."""
    if dialect.where and dialect.layout.format == "csv" and (large := begin_large_text(data, "", dialect)):
        return header_names(next(iter(large.pieces())).text, "", dialect)[0]
    data = unpacked(data, "", dialect.layout)
    if dialect.layout.format != "csv":
        return open_grid(_grid(data, "", dialect), "", dialect.layout).names
    return header_names(decode(data, "", dialect), "", dialect)[0]


def header_names(text: bytes, file: str, dialect: Dialect) -> tuple[list[str], int]:
    """The names of the columns, and the position where the rows begin."""
    layout = dialect.layout
    start = position_of_line(text, layout.first_line)
    if start >= len(text):
        first = "header" if layout.has_header else "first row"
        raise untrusted(file, f"has no line {layout.first_line}, where the YAML says that its {first} stands")
    cells, begin = first_row(text, file, dialect.separator, start)
    if layout.has_header:
        return cells, begin
    names = [str(number) for number in range(1, len(cells) + 1)] if layout.header is None else [*layout.header]
    expected = layout.cells or len(names)
    if len(cells) != expected:
        message = f"its first row has {len(cells)} cells, and the YAML says {expected}; see what each of them is, and "
        raise untrusted(file, message + "correct columns: and header: or cells:", layout.first_line)
    return names, start


def end_of_table(text: bytes, begin: int, until: str) -> int | None:
    """Where the first line stands that `until:` describes; None where there is none."""
    if not until:
        return None
    until = until.removesuffix("$") + r"\r?$" if until.endswith("$") and not until.endswith(r"\$") else until
    match = re.compile(until.encode(), re.MULTILINE).search(text, begin)
    if match is None:
        return None
    return max(text.rfind(b"\n", begin, match.start()) + 1, begin)
