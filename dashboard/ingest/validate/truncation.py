"""Detects a truncated last row: without a final line break, a cell that was cut off can look complete.

500 cut to 50 is still a number, and 2026-11-11 cut to 2026-11 is still a month. A whole file ends with a line break, or
in a cell that is quoted or holds words, unless the YAML says that its publisher writes no final line break.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from dashboard.domain import MEASURES, Problem
from dashboard.ingest.layout.wide_columns import wide_period
from dashboard.ingest.parse.dialect import Dialect
from dashboard.ingest.parse.header import Header
from dashboard.ingest.parse.tokenized_csv import TokenizedCsv
from dashboard.ingest.validate.cell_formats import CellFormats
from dashboard.ingest.validate.row_rules import bad_row_known_on

_MESSAGE = (
    "the file ends with this cell and no line break, so it may be cut off; fetch it again, or if it is whole end it "
    "with a line break; write final_line_break: false if its publisher never writes one"
)


def may_be_truncated(name: str, dialect: Dialect) -> bool:
    """Whether a truncated cell of this column of the file can look complete, or make `where:` leave its row out."""
    if not dialect.final_line_break:
        return False
    layout = dialect.layout
    if name in {part for names in layout.parts.values() for part in names} | {split.column for split in layout.splits}:
        return True
    if name in dialect.where or name in (dialect.columns.get(column, column) for column in MEASURES):
        return True
    return bool(layout.wide and wide_period(name, layout.wide))


def drop_truncated_row(
    table: TokenizedCsv, header: Header, file: str, formats: CellFormats, today: date
) -> tuple[TokenizedCsv, list[Problem]]:
    """The table without its last row where that may be truncated, and then the problem that says so."""
    name = header.names[header.width - 1]
    if not table.has_open_end or not may_be_truncated(name, formats.dialect):
        return table, []
    row = [column[-1].as_py() for column in table.columns]
    if not _may_be_selected(row, header, formats.dialect):
        return table, []
    line, cell = int(table.lines[-1]), row[header.width - 1]
    cells = {column: row[position] for column, position in header.positions.items() if position < header.width - 1}
    known_at = bad_row_known_on(cells, formats, today)
    problem = Problem(file, line, header.width, name, f'"{cell[:60]}": {_MESSAGE}', known_at, cell, rows=1)
    columns = [column.slice(0, len(column) - 1) for column in table.columns]
    return replace(table, columns=columns, lines=table.lines[:-1], has_open_end=False), [problem]


def _may_be_selected(row: list[str], header: Header, dialect: Dialect) -> bool:
    """Whether `where:` may select the row once its last cell is complete. A word of `where:` counts as complete."""
    last = header.names[header.width - 1]
    for name, condition in dialect.where.items():
        if name != last and not condition.names(row[header.position(name)]):
            return False
    if last not in dialect.where:
        return True
    cell, condition = row[header.width - 1], dialect.where[last]
    return not (condition.words and condition.names(cell)) and condition.may_become(cell)
