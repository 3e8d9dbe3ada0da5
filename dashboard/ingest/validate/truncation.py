"""A last row that nothing ends: where a file is cut off within its last cell, what is left can look whole.

500 is cut to 50, and 2026-11-11 to 2026-11. A file that is whole ends with a line break, or in a cell that is quoted or
holds words; unless the YAML says that its publisher writes none.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from dashboard.domain import Problem
from dashboard.ingest.parse.dialect import Dialect
from dashboard.ingest.parse.header import Header
from dashboard.ingest.parse.tokenize import Cut
from dashboard.ingest.validate.cell_formats import Cells
from dashboard.ingest.validate.row_rules import known_on

_CUT_UNSEEN = ("date", "period_start", "period_end", "value", "low", "high", "published_at", "received_at")
_MESSAGE = (
    "the file ends with this cell and no line break, so it may be cut off; fetch it again, or if it is whole end it "
    "with a line break; write final_line_break: false if its publisher never writes one"
)


def may_be_torn(name: str, layout: Dialect) -> bool:
    """Whether a cell of this column of the file, cut off, can pass for a whole one or make its row be left out."""
    if not layout.final_line_break:
        return False
    return name in layout.where or name in (layout.columns.get(column, column) for column in _CUT_UNSEEN)


def without_torn(found: Cut, header: Header, file: str, cells: Cells, today: date) -> tuple[Cut, list[Problem]]:
    """All rows but the last where that may be torn, and then the problem of it."""
    name = header.names[-1]
    if not found.is_open or not may_be_torn(name, cells.layout):
        return found, []
    row = [column[-1].as_py() for column in found.columns]
    if not _is_meant(row, header, cells.layout):
        return found, []
    line, cell = int(found.lines[-1]), row[-1]
    given = {column: row[place] for column, place in header.places.items() if place < len(row) - 1}
    problem = Problem(
        file, line, len(row), name, f'"{cell[:60]}": {_MESSAGE}', known_on(given, cells, today), cell, rows=1
    )
    whole = replace(found, columns=[column.slice(0, len(column) - 1) for column in found.columns])
    return replace(whole, lines=found.lines[:-1], is_open=False), [problem]


def _is_meant(row: list[str], header: Header, layout: Dialect) -> bool:
    """Whether `where:` may ask for the row once its last cell is whole; a word that it asks for counts as whole."""
    last = header.names[-1]
    for name, wanted in layout.where.items():
        if name != last and row[header.names.index(name)] not in wanted:
            return False
    if last not in layout.where:
        return True
    return row[-1] not in layout.where[last] and any(word.startswith(row[-1]) for word in layout.where[last])
