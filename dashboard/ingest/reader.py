"""Reads a delivery strictly: text that cannot be read as it was meant becomes a problem that names its place.

The reader never guesses and never fills in. A bad row is quarantined and the others are used; the source is then known
to be in error, so that nobody reads the absence of a row as an all-clear. A delivery that cannot be trusted as a whole
is rejected.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
from dashboard.large_bytes import Bytes

_OUTSIDE = "looks like a row, and stands outside the table; correct skip_lines:, header_line: or until:"


def read(data: Bytes, file: str, dialect: Dialect, today: date) -> Reading:
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
    figures = [header.positions[name] for name in FIGURES if name in header.positions and not header.wide]
    for line, cells in around:
        is_note = line < formats.dialect.layout.first_line and figures and not _holds_figure(cells, figures, formats)
        if not is_note and (_is_dated(cells, header, formats) or any(_words_at(cells, header.wide))):
            raise untrusted(file, _OUTSIDE, line)


def _is_dated(cells: Sequence[str], header: Header, formats: CellFormats) -> bool:
    """Whether a line has a period where the rows have theirs, however many cells it has."""
    dates = [header.positions[name] for name in ("date", "period_end") if name in header.positions]
    if any(formats.period_or_none(word) for word in _words_at(cells, dates)):
        return True
    parts = formats.dialect.layout.parts.get("date", ())
    words = _words_at(cells, [header.position(name) for name in parts])
    return bool(parts) and len(words) == len(parts) and all(map(str.isalnum, words)) and words[0].isdecimal()


def _holds_figure(cells: Sequence[str], figures: Sequence[int], formats: CellFormats) -> bool:
    """Whether a line has a figure, with a flag or without, or a mark for none where the rows have theirs."""
    missing = formats.dialect.layout.missing
    return any(word in missing or any(map(str.isdigit, word)) for word in _words_at(cells, figures))


def _words_at(cells: Sequence[str], positions: Iterable[int]) -> list[str]:
    return [cells[position].strip() for position in positions if position < len(cells)]
