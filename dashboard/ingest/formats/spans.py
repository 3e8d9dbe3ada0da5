"""Lays cells that span several rows or columns out as a grid: each place has the words of the cell that covers it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from dashboard.ingest.formats.doubts import Doubt
from dashboard.ingest.formats.grid import MOST_CELLS, MOST_COLUMNS, Grid

SPANS = "of a cell that spans {} rows and {} columns; nobody knows for which it is"


class SpanningCell(NamedTuple):
    """rows, columns: how many it covers; reason: why its words cannot be used, "" where they can."""

    words: str
    rows: int = 1
    columns: int = 1
    reason: str = ""

    @property
    def is_wide(self) -> bool:
        return self.rows > 1 or self.columns > 1


class TooLargeError(ValueError):
    """More cells than any table of figures has."""


def laid_out(table: Iterable[Sequence[SpanningCell]]) -> Grid:
    """The rows of a table, numbered from 1. Raises TooLargeError."""
    rows: list[list[str]] = []
    doubts: list[Doubt] = []
    open_cells: dict[int, tuple[SpanningCell, int]] = {}  # by column: a cell from above, and how many rows it has left
    total = 0
    for number, cells in enumerate(table, start=1):
        placed, open_cells = _placed(cells, open_cells)
        width = max(placed, default=-1) + 1
        if width > MOST_COLUMNS or (total := total + width) > MOST_CELLS:
            raise TooLargeError(f"row {number} has {width:,} columns")
        rows.append([placed[position].words if position in placed else "" for position in range(width)])
        for position, cell in placed.items():
            if cell.is_wide:
                doubts.append(Doubt(number, position, SPANS.format(cell.rows, cell.columns), "figure"))
            if cell.reason:
                doubts.append(Doubt(number, position, cell.reason))
    return Grid(rows, range(1, len(rows) + 1), doubts=doubts)


def _placed(
    cells: Sequence[SpanningCell], open_cells: dict[int, tuple[SpanningCell, int]]
) -> tuple[dict[int, SpanningCell], dict[int, tuple[SpanningCell, int]]]:
    """The cells of a row by column, and those that go on below it."""
    placed = {position: cell for position, (cell, _) in open_cells.items()}
    below = {position: (cell, left - 1) for position, (cell, left) in open_cells.items() if left > 1}
    position = 0
    for cell in cells:
        while position in placed:
            position += 1
        if position + cell.columns > MOST_COLUMNS:
            raise TooLargeError(f"a cell spans {cell.columns} columns")
        for column in range(position, position + cell.columns):
            placed[column] = cell
            if cell.rows > 1:
                below[column] = (cell, cell.rows - 1)
        position += cell.columns
    return placed, below
