"""The rows of words that a file of another format holds, put into the columns that all later steps take."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from dashboard.ingest.formats.doubts import Doubt
from dashboard.ingest.layout.declaration import Layout
from dashboard.ingest.parse.decode import MAX_BYTES, too_large_message, untrusted
from dashboard.ingest.parse.tokenized_csv import MAX_LISTED, TokenizedCsv

MOST_COLUMNS, MOST_CELLS = 2_000, 20_000_000  # more is no table of figures
_HALF_CHARACTER = re.compile("[\0\ud800-\udfff]")


@dataclass
class Grid:
    """The rows of a table by their numbers in the file. names: of the columns, None where a row holds them.

    doubts: cells that are not plainly words.
    """

    rows: list[list[str]]
    numbers: Sequence[int]
    names: list[str] | None = None
    doubts: list[Doubt] = field(default_factory=list)


class OpenGrid(NamedTuple):
    """names: of the columns; number: of the row that holds them, 0 where none does; rows: those below it;
    around: those above it, and from the row of `until:` on; has_end: whether there is such a row."""

    names: list[str]
    number: int
    rows: TokenizedCsv
    around: list[tuple[int, list[str]]]
    doubts: Sequence[Doubt]
    has_end: bool


def open_grid(grid: Grid, file: str, layout: Layout) -> OpenGrid:
    """The named columns of a grid, as its layout declares. Raises UntrustedError."""
    names, begin = _names(grid, file, layout)
    _refuse_what_is_no_table(grid, len(names), file)
    end = _end(grid.rows, begin, layout.until)
    numbered = list(zip(grid.numbers, grid.rows, strict=True))
    body = [(number, row) for number, row in numbered[begin:end] if any(row)]
    first = grid.numbers[begin - 1] if grid.names is None and begin and layout.has_header else 0
    doubts = [doubt for doubt in grid.doubts if begin < len(grid.rows) and doubt.number >= grid.numbers[begin]]
    above = begin - 1 if layout.has_header and grid.names is None else begin
    around = numbered[: max(above, 0)] + numbered[end:]
    return OpenGrid(names, first, _table(body, len(names)), around, doubts, end < len(grid.rows))


def _names(grid: Grid, file: str, layout: Layout) -> tuple[list[str], int]:
    """The names of the columns, and the position of the first row below them."""
    if grid.names is not None:
        return grid.names, 0
    position = layout.first_line - 1
    if position >= len(grid.rows):
        first = "header" if layout.has_header else "first row"
        raise untrusted(file, f"has no {layout.unit} {layout.first_line}, where its {first} should stand")
    cells = grid.rows[position]
    if layout.has_header:
        return _without_blank_end(cells, grid.rows[position + 1 :]), position + 1
    names = [*layout.header] if layout.header else [str(number) for number in range(1, len(cells) + 1)]
    expected = layout.cells or len(names)
    if len(cells) != expected:
        message = f"its first row has {len(cells)} cells, and the YAML says {expected}; see what each of them is, and "
        raise untrusted(file, message + "correct columns: and header: or cells:", grid.numbers[position])
    return names, position


def _without_blank_end(cells: list[str], rows: Iterable[list[str]]) -> list[str]:
    """The header without blank names behind the others, below which nothing stands either."""
    width = len(cells)
    while width and not cells[width - 1]:
        width -= 1
    used = max((_width(row) for row in rows), default=0) if width < len(cells) else width
    return cells[: max(width, min(used, len(cells)))]


def _width(row: list[str]) -> int:
    return next((position + 1 for position in reversed(range(len(row))) if row[position]), 0)


def _end(rows: Sequence[list[str]], begin: int, until: str) -> int:
    """The position of the first row whose words `until:` describes; the number of rows where there is none."""
    if not until:
        return len(rows)
    pattern = re.compile(until.encode())
    matches = (position for position in range(begin, len(rows)) if pattern.search(",".join(rows[position]).encode()))
    return next(matches, len(rows))


def _table(body: Sequence[tuple[int, list[str]]], width: int) -> TokenizedCsv:
    even = [(number, row) for number, row in body if len(row) == width or _width(row) <= width < len(row)]
    ragged = [(number, row) for number, row in body if len(row) != width and not _width(row) <= width < len(row)]
    columns = [pa.array([row[position] for _, row in even], pa.string()) for position in range(width)]
    lines = np.array([number for number, _ in even], np.int64)
    unlisted = np.array([number for number, _ in ragged[MAX_LISTED:]], np.int64)
    return TokenizedCsv(columns, lines, ragged[:MAX_LISTED], unlisted_ragged_lines=unlisted)


def _refuse_what_is_no_table(grid: Grid, width: int, file: str) -> None:
    if width > MOST_COLUMNS or width * len(grid.rows) > MOST_CELLS:
        message = f"{len(grid.rows):,} rows of {width:,} columns are no table of figures; see whether it is the right"
        raise untrusted(file, f"{message} part of the file")
    size = 0
    for number, row in zip(grid.numbers, grid.rows, strict=True):
        size += sum(map(len, row))
        if size > MAX_BYTES:
            raise untrusted(file, too_large_message())
        if any(map(_HALF_CHARACTER.search, row)):
            raise untrusted(file, "holds a NUL or half a character, so it is damaged; fetch it again", number)
