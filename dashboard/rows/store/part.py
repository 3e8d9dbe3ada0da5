"""One part of the row store: a Parquet file with the rows of several sources, and what is recorded about each.

A part is written once and never changed; its checksums cover the rows (those of the pages) and the record (SHA-256).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet

from dashboard.atomic_files import Stamp, file_stamp, write_atomic
from dashboard.late_imports import pd
from dashboard.rows.row_spans import join_spans, positions_of
from dashboard.rows.store.constant_columns import drop_constant_columns, restore_constant_columns
from dashboard.rows.store.stored_rows import StoredRows, as_record

_RECORD, _CHECKSUM = b"watchfloor", b"watchfloor-sha256"  # metadata keys; Parquet has no checksum of its metadata
_ALL_DIFFERENT = ("line", "value", "low", "high")  # a dictionary of these would only cost time
_GROUP = 1 << 15  # rows that are read at least, if only for one source
_FEW = 4  # as many rows are read as are wanted, or more: then only those wanted become a frame
_LARGE = 1 << 18  # rows, whose memory Arrow should not keep for later


class DamageError(Exception):
    """A part whose bytes are not those that were written."""


class Entry(NamedTuple):
    """A source in a part: its first row and that after its last one, the version of its rows, and what is recorded
    about them."""

    begin: int
    end: int
    version: str
    record: Mapping[str, Any]

    @classmethod
    def of(cls, rows: int, record: Mapping[str, Any]) -> Entry:
        """An entry of so many rows, whose version is the checksum of its record."""
        return cls(0, rows, hashlib.sha256(json.dumps([rows, record]).encode()).hexdigest()[:16], record)


@dataclass(frozen=True, eq=False)
class Part:
    """A part as its record describes it, without the rows.

    removed: sources whose rows in earlier parts count no more. is_touched: whether the file was written to later.
    """

    path: Path
    stamp: Stamp
    entries: Mapping[str, Entry]
    removed: frozenset[str]
    columns: Mapping[str, str]
    constants: Mapping[str, str | None]
    checksum: bytes
    is_touched: bool

    @classmethod
    def read(cls, path: Path, stamp: Stamp) -> Part:
        """The part in a file; one without sources where it is damaged. Raises OSError."""
        try:
            with path.open("rb") as file, raising_damage():
                return cls._of_metadata(path, stamp, parquet.read_metadata(file).metadata)
        except DamageError:
            return cls.damaged(path, stamp)

    @classmethod
    def _of_metadata(cls, path: Path, stamp: Stamp, metadata: Mapping[bytes, bytes]) -> Part:
        checksum, record = metadata[_CHECKSUM], json.loads(_checked(metadata))
        entries = {name: Entry(*entry) for name, entry in record["sources"].items()}
        return cls(
            path, stamp, entries, frozenset(record["removed"]), record["columns"], record["alike"], checksum,
            is_touched=stamp[1] != record["written"],
        )  # fmt: skip

    @classmethod
    def damaged(cls, path: Path, stamp: Stamp) -> Part:
        return cls(path, stamp, {}, frozenset(), {}, {}, b"", is_touched=True)

    def version(self, source: str) -> str:
        """Changes with the rows of a source, and with the file if anybody writes to it later."""
        version = self.entries[source].version
        return f"{version} {self.stamp[1:]}" if self.is_touched else version

    def weight(self, sources: Collection[str]) -> int:
        """How much it takes to write the rows of some sources again."""
        return len(sources) + sum(self.entries[name].end - self.entries[name].begin for name in sources)

    def table(self, sources: Collection[str]) -> tuple[pa.Table, dict[str, tuple[int, int]]]:
        """The rows around those of some sources, and the span of each source in them; only groups that have rows of
        theirs are read. Raises OSError or DamageError."""
        with self.path.open("rb") as data, raising_damage():
            kinds = {name: pa.type_for_alias(kind) for name, kind in self.columns.items()}
            file = parquet.ParquetFile(data, page_checksum_verification=True)
            if file.metadata.metadata[_CHECKSUM] != self.checksum:
                raise ValueError("damaged")
            groups, spans = _chosen_groups(file.metadata, [self.entries[name][:2] for name in sources])
            table = file.read_row_groups(groups) if groups else file.schema_arrow.empty_table()
            table = restore_constant_columns(_in_seconds(table, kinds), self.constants, kinds)
            if spans and max(end for _, end in spans) > table.num_rows:
                raise ValueError("damaged")
        return table, dict(zip(sources, spans, strict=True))

    def piece(self, sources: Collection[str]) -> Piece:
        """The rows of some sources for another part. Raises as `table` does."""
        return self._chosen(sources, *self.table(sources))

    def _chosen(self, sources: Collection[str], table: pa.Table, spans: Mapping[str, tuple[int, int]]) -> Piece:
        """The rows of the spans of some sources, and nothing else."""
        positions = positions_of(spans.values())
        begin = int(positions[0]) if len(positions) else 0
        entries = _one_after_the_other({name: self.entries[name] for name in sources})
        if bool((positions == np.arange(begin, begin + len(positions))).all()):
            return Piece(table.slice(begin, len(positions)), entries)
        return Piece(table.take(pa.array(positions)), entries)

    def rows(self, sources: Collection[str]) -> tuple[pd.DataFrame, dict[str, tuple[int, int]]]:
        """The rows of some sources as a frame, and the span of each in it, with little else in the frame."""
        table, spans = self.table(sources)
        if _FEW * sum(end - begin for begin, end in spans.values()) < table.num_rows:
            table, entries = self._chosen(sources, table, spans)
            spans = {name: entry[:2] for name, entry in entries.items()}
        is_large = table.num_rows > _LARGE
        rows = table.to_pandas(ignore_metadata=True)
        del table
        if is_large:
            pa.default_memory_pool().release_unused()  # Arrow would keep as much again, beside a merge
        return rows, spans


class Piece(NamedTuple):
    """Rows for a part, and the sources to which they belong, in order."""

    table: pa.Table
    entries: Mapping[str, Entry]

    @classmethod
    def of(cls, rows_by_source: Mapping[str, StoredRows]) -> Piece:
        rows = join_spans(stored.place for stored in rows_by_source.values())
        table = pa.Table.from_pandas(rows, preserve_index=False).replace_schema_metadata(None)
        entries = {name: Entry.of(stored.row_count, as_record(stored)) for name, stored in rows_by_source.items()}
        return cls(table, _one_after_the_other(entries))

    @property
    def columns(self) -> dict[str, str]:
        return {name: str(kind) for name, kind in kinds_of(self.table)}

    @property
    def weight(self) -> int:
        return int(self.table.num_rows) + len(self.entries)


def write_part(path: Path, pieces: Sequence[Piece], removed: Collection[str]) -> None:
    """Write a part durably, of pieces with the same columns; its folder must exist."""
    table = pa.concat_tables([piece.table for piece in pieces])
    entries = _one_after_the_other({name: entry for piece in pieces for name, entry in piece.entries.items()})
    columns = pieces[0].columns
    table, constants = drop_constant_columns(table)
    # a part says itself when it was written, so that every process sees whether it was written to later
    written = path.parent.stat().st_mtime_ns // 10**9 * 10**9
    record = {
        "sources": entries, "removed": sorted(removed), "columns": columns, "alike": constants, "written": written,
    }  # fmt: skip
    plain = json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")
    buffer = pa.BufferOutputStream()
    with parquet.ParquetWriter(
        buffer,
        table.schema,
        compression="zstd",
        use_dictionary=[name for name in table.column_names if name not in _ALL_DIFFERENT],
        column_encoding={"line": "DELTA_BINARY_PACKED"} if "line" in table.column_names else None,
        write_statistics=False,
        write_page_checksum=True,
    ) as file:
        file.write_table(table, row_group_size=_GROUP if len(entries) > 1 else None)
        # beside the schema, which Parquet would store with all that is in it a second time
        file.add_key_value_metadata({_RECORD: plain, _CHECKSUM: hashlib.sha256(plain).hexdigest()})
    write_atomic(path, buffer.getvalue())
    os.utime(path, ns=(written, written))


def kinds_of(table: pa.Table) -> list[tuple[str, pa.DataType]]:
    return list(zip(table.schema.names, table.schema.types, strict=True))


def _one_after_the_other(entries: Mapping[str, Entry]) -> dict[str, Entry]:
    """The entries with the positions that they have if their rows follow one another."""
    ends = accumulate(entry.end - entry.begin for entry in entries.values())
    return {
        name: entry._replace(begin=end - entry.end + entry.begin, end=end)
        for (name, entry), end in zip(entries.items(), ends, strict=True)
    }


def _checked(metadata: Mapping[bytes, bytes]) -> bytes:
    """The JSON record in a file's metadata. Raises KeyError or ValueError where it is missing or damaged."""
    if hashlib.sha256(metadata[_RECORD]).hexdigest().encode() != metadata[_CHECKSUM]:
        raise ValueError("damaged")
    return metadata[_RECORD]


def _chosen_groups(
    metadata: parquet.FileMetaData, spans: Sequence[tuple[int, int]]
) -> tuple[list[int], list[tuple[int, int]]]:
    """The row groups with rows of the spans, and the spans within these groups."""
    sizes = np.array([metadata.row_group(number).num_rows for number in range(metadata.num_row_groups)], np.int64)
    ends = np.cumsum(sizes)
    begins = ends - sizes
    wanted = np.array([*spans], np.int64).reshape(-1, 2)
    wanted = wanted[wanted[:, 0] < wanted[:, 1]]
    if len(wanted) and wanted.max() > (ends[-1] if len(ends) else 0):
        raise ValueError("damaged")
    marks = np.zeros(len(sizes) + 1, np.int64)
    np.add.at(marks, np.searchsorted(ends, wanted[:, 0], side="right"), 1)
    np.add.at(marks, np.searchsorted(begins, wanted[:, 1], side="left"), -1)
    is_chosen = np.cumsum(marks)[:-1] > 0
    skipped = np.cumsum(np.where(is_chosen, 0, sizes))  # rows before the end of each group that are not read
    local = []
    for begin, end in spans:
        shift = int(skipped[np.searchsorted(ends, begin, side="right")]) if begin < end else begin
        local.append((begin - shift, end - shift) if begin < end else (0, 0))
    return np.flatnonzero(is_chosen).tolist(), local


def _in_seconds(table: pa.Table, kinds: Mapping[str, pa.DataType]) -> pa.Table:
    """The table with its instants in seconds again, which Parquet stores as milliseconds. ValueError where any other
    column came back with another type."""
    restored = {name: pa.timestamp("s") if kind == pa.timestamp("ms") else kind for name, kind in kinds_of(table)}
    if any(kinds[name] != kind for name, kind in restored.items()):
        raise ValueError("its columns are damaged")
    return table.cast(pa.schema(restored), safe=False)


@contextmanager
def raising_damage() -> Iterator[None]:
    """Raise DamageError for what a damaged file leads to; errors of the system stay as they are."""
    try:
        yield
    except (OSError, pa.ArrowException, ValueError, KeyError, TypeError, IndexError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise DamageError from error


def stamp_of(path: Path) -> Stamp:
    """The stamp of a part. Raises FileNotFoundError where it is gone."""
    stamp = file_stamp(path)
    if stamp[1] == -1:
        path.stat()
    return stamp
