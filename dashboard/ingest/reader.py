"""Reads a delivery strictly: text that cannot be read as it was meant becomes a problem that names its place.

The reader never guesses and never fills in. A bad row is quarantined and the others are used; the source is then known
to be in error, so that nobody reads the absence of a row as an all-clear. A delivery that cannot be trusted as a whole
is rejected.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa

from dashboard.domain import Problem
from dashboard.ingest.frame import frame
from dashboard.ingest.parse.decode import UntrustedError, decode
from dashboard.ingest.parse.dialect import Dialect
from dashboard.ingest.parse.header import match_header
from dashboard.ingest.parse.tokenize import first_row, tokenize
from dashboard.ingest.reading import Reading
from dashboard.ingest.selected_rows import ragged_row_problem, select_rows, validate_rows
from dashboard.ingest.validate.cell_formats import CellFormats
from dashboard.ingest.validate.column_prefilter import MANY_ROWS
from dashboard.ingest.validate.near_misses import NO_NEAR_MISSES, find_near_misses
from dashboard.ingest.validate.truncation import drop_truncated_row


def read(data: bytes, file: str, dialect: Dialect, today: date) -> Reading:
    """The reading of a delivery; `file` is its name in messages.

    A row without a publication and a receipt counts as known from `today`.
    """
    formats = CellFormats(dialect)
    try:
        text = decode(data, file, dialect)
        names, begin = first_row(text, file, dialect.separator)
        header = match_header(names, file, dialect)
        table = tokenize(text, begin, len(names), file, dialect.separator)
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
    problems = [*ragged, *(problem for _, problem in bad), *truncated]
    return Reading.of_rows(valid_rows, problems, misses, file)
