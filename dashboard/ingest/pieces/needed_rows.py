"""Keeps of a large table the rows that `where:` selects, and those without which near misses would not be noticed."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from dashboard.ingest.parse.decode import MAX_BYTES, untrusted
from dashboard.ingest.parse.dialect import Dialect
from dashboard.ingest.parse.header import Header
from dashboard.ingest.parse.tokenized_csv import MAX_LISTED, TokenizedCsv
from dashboard.ingest.validate.cell_formats import CellFormats
from dashboard.ingest.validate.near_misses import needed_rows

_MOST_BETWEEN = 1 << 16  # rows that are added before all are looked at again


class NeededRows:
    """The needed rows of the pieces of a table, one after the other."""

    def __init__(self, dialect: Dialect, file: str) -> None:
        self._formats, self._file = CellFormats(dialect), file
        self._parts: list[TokenizedCsv] = []
        self._rows = self._rows_before = 0

    def add(self, piece: TokenizedCsv, header: Header) -> None:
        """UntrustedError where more is needed than memory holds."""
        self._parts.append(self._needed(piece, header))
        self._rows += len(self._parts[-1].lines)
        if self._rows > 2 * self._rows_before + _MOST_BETWEEN:
            self._parts = [self._needed(self.table(), header)]
            self._rows = self._rows_before = len(self._parts[0].lines)
            if sum(column.nbytes for column in self._parts[0].columns) > MAX_BYTES:
                message = f"where: leaves more than {MAX_BYTES >> 20} MB of it; ask for less, or split the file"
                raise untrusted(self._file, message)

    def table(self) -> TokenizedCsv:
        parts = self._parts
        columns = [pa.concat_arrays(columns) for columns in zip(*(part.columns for part in parts), strict=True)]
        lines = np.concatenate([part.lines for part in parts])
        ragged = [row for part in parts for row in part.ragged_rows]
        unlisted = [part.unlisted_ragged_lines for part in parts]
        if len(ragged) > MAX_LISTED + 1:  # the last row is listed in any case
            unlisted.append(np.array([line for line, _ in ragged[MAX_LISTED:-1]], np.int64))
            ragged = [*ragged[:MAX_LISTED], ragged[-1]]
        return TokenizedCsv(columns, lines, ragged, parts[-1].has_open_end, np.sort(np.concatenate(unlisted)))

    def flags(self, table: TokenizedCsv, header: Header) -> np.ndarray:
        """Which rows of a piece are needed. A last row that may be cut off is, since another step judges it."""
        whole = slice(0, len(table.lines) - table.has_open_end)
        judged = TokenizedCsv([column[whole] for column in table.columns], table.lines[whole], ())
        flags = np.ones(len(table.lines), bool)
        flags[whole] = needed_rows(judged, header, self._formats)
        return flags

    def _needed(self, table: TokenizedCsv, header: Header) -> TokenizedCsv:
        mask = self.flags(table, header)
        kept = pa.array(mask)
        columns = [column.filter(kept) for column in table.columns]
        return TokenizedCsv(
            columns, table.lines[mask], table.ragged_rows, table.has_open_end, table.unlisted_ragged_lines
        )
