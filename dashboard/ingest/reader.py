"""Reads a delivery strictly: text that cannot be read as it was meant becomes a problem that names its place.

The reader never guesses and never fills in. A bad row is quarantined and the others are used; the source is then known
to be in error, so that nobody reads the absence of a row as an all-clear. A delivery that cannot be trusted as a whole
is rejected.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa

from dashboard.domain import Problem
from dashboard.ingest.frame import frame
from dashboard.ingest.parse.decode import UntrustedError, untrusted
from dashboard.ingest.parse.dialect import Dialect
from dashboard.ingest.parse.header import Header
from dashboard.ingest.parse.open_table import open_table
from dashboard.ingest.reading import Reading
from dashboard.ingest.selected_rows import ragged_row_problem, select_rows, validate_rows
from dashboard.ingest.validate.cell_formats import CellFormats
from dashboard.ingest.validate.column_prefilter import FIGURES, MANY_ROWS
from dashboard.ingest.validate.near_misses import NO_NEAR_MISSES, find_near_misses
from dashboard.ingest.validate.truncation import drop_truncated_row

_OUTSIDE = "looks like a row, and stands outside the table; correct skip_lines:, header_line: or until:"


def read(data: bytes, file: str, dialect: Dialect, today: date) -> Reading:
    """The reading of a delivery; `file` is its name in messages.

    A row without a publication and a receipt counts as known from `today`.
    """
    formats = CellFormats(dialect)
    try:
        header, table, around, unsplit = open_table(data, file, dialect)
        _refuse_rows_outside(around, header, formats, file)
        table, truncated = drop_truncated_row(table, header, file, formats, today)
        rows = select_rows(table, header, dialect, (file,), np.zeros(len(table.lines), np.int32))
        misses = find_near_misses(table, header, formats, file, today) if dialect.where else NO_NEAR_MISSES
        valid_rows, bad, _ = validate_rows(rows, formats, today)
    except UntrustedError as error:
        return Reading(frame([]), rejected=error.problems)
    ragged = [ragged_row_problem(line, row, header, file, formats, today) for line, row in table.ragged_rows]
    if (lines := table.unlisted_ragged_lines).size:
        message = f"{len(lines):,} more rows from here on are longer or shorter than the header"
        ragged.append(Problem(file, int(lines[0]), 0, "", message, rows=len(lines)))
    if len(valid_rows) > MANY_ROWS:
        del table, rows
        pa.default_memory_pool().release_unused()  # the merge needs the memory of the tokenized cells
    problems = [*unsplit, *ragged, *(problem for _, problem in bad), *truncated]
    if place := dialect.layout.place_in_words:
        problems = [replace(each, message=f"{each.message} ({place.format(each.line)})") for each in problems]
    return Reading.of_rows(valid_rows, problems, misses, file)


def _refuse_rows_outside(
    around: Sequence[tuple[int, list[str]]], header: Header, formats: CellFormats, file: str
) -> None:
    """UntrustedError where a row stands above or below what the YAML declares as the table, since it would be lost."""
    dates = [header.positions[name] for name in ("date", "period_end") if name in header.positions]
    figures = [header.positions[name] for name in FIGURES if name in header.positions and not header.wide]
    for line, cells in around:
        if len(cells) != header.width:
            continue  # a note
        is_dated = any(formats.period_or_none(cells[position]) for position in dates if position < header.width)
        has_figure = any(_may_be_figure(cells[position], formats) for position in figures if position < header.width)
        if (is_dated and (has_figure or not figures)) or any(cells[position].strip() for position in header.wide):
            raise untrusted(file, _OUTSIDE, line)


def _may_be_figure(cell: str, formats: CellFormats) -> bool:
    """Whether a cell holds a figure, a flag behind one, or a mark for none."""
    return cell.strip() in formats.dialect.layout.missing or any(mark.isdigit() for mark in cell)
