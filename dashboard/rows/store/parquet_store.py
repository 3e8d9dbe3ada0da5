"""The rows of each source in one Parquet file, derived from the archive and never the only copy.

A file is written whole and swapped, and records how far the journal went that it was derived from. A file that is
damaged or carries another fingerprint counts as absent, and its rows are derived anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as parquet

from dashboard.atomic_files import delete_partial_files, private_folder, write_atomic
from dashboard.domain import Problem
from dashboard.domain.dates import Duration
from dashboard.domain.text import mask_addresses
from dashboard.rows.store.constant_columns import drop_constant_columns, restore_constant_columns

_RECORD, _CHECKSUM = b"watchfloor", b"watchfloor-sha256"  # metadata keys; Parquet has no checksum of its metadata
_DAYS = ("known_at", "held_from", "held_until", "usable_from")  # fields of a problem
_ALL_DIFFERENT = ("line", "value", "low", "high")  # a dictionary of these would only cost time


@dataclass(frozen=True, eq=False)
class StoredRows:
    """The rows of one source after the deliveries received so far.

    rows: as `versions.merge_delivery` returns them. run_count: the number of journal runs that changed them;
    newest_run: the name of the last of these; fingerprint: how deliveries were read. problems_by_file: the problems of
    each file's newest delivery; past_problems: those that ended earlier, for past boards; unreadable: why deliveries
    could not be read at all. location: where the newest delivery came from; superseded_files: files of an earlier place
    whose rows are still in force until a clean delivery from `location` replaces them. holds: how long a rolling file
    keeps its rows, None where it keeps all. read_again_on: the newest day on which deliveries were read again because
    rows of theirs had lain in the future, None for no such day.
    """

    rows: pd.DataFrame
    run_count: int
    fingerprint: str
    newest_run: str = ""
    problems_by_file: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)
    past_problems: tuple[Problem, ...] = ()
    unreadable: tuple[Problem, ...] = ()
    location: str = ""
    superseded_files: tuple[str, ...] = ()
    holds: Duration | None = None
    read_again_on: date | None = None

    @property
    def current_problems(self) -> tuple[Problem, ...]:
        """The problems of the deliveries in force."""
        return tuple(problem for problems in self.problems_by_file.values() for problem in problems)

    @property
    def next_usable_on(self) -> date | None:
        """The earliest day on which a row that was refused only for lying in the future becomes usable."""
        return min((one.usable_from for one in self.current_problems if one.usable_from), default=None)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The current problems, and those that ended earlier."""
        return (*self.current_problems, *self.past_problems)


class StoredSummary(NamedTuple):
    """What a file of rows records about itself; the fields are those of `StoredRows`."""

    fingerprint: str
    run_count: int
    newest_run: str
    next_usable_on: date | None
    read_again_on: date | None


class RowStore:
    """The files of rows below a state folder."""

    def __init__(self, state: Path) -> None:
        self._folder = state / "rows"

    def rows(self, source: str) -> pd.DataFrame | None:
        """The rows of a source; None where none are stored."""
        stored = self.read(source)
        return stored.rows if stored else None

    def read(self, source: str) -> StoredRows | None:
        """The stored rows of a source; None where the file is absent, damaged, or derived from no delivery."""
        try:
            data = self.path(source).read_bytes()
        except FileNotFoundError:
            return None
        try:
            table = parquet.read_table(pa.BufferReader(data), page_checksum_verification=True)
            record = _record_of(table.schema.metadata)
            kinds = {name: pa.type_for_alias(kind) for name, kind in record["columns"].items()}
            table = restore_constant_columns(_in_seconds(table, kinds), record["alike"], kinds)
            rows = table.to_pandas(ignore_metadata=True)
            del table
            pa.default_memory_pool().release_unused()  # Arrow would keep as much again for later, beside the merge
            return _from_record(rows, record) if record["through"] else None
        except (pa.ArrowException, OSError, ValueError, KeyError, TypeError):
            return None

    def summary(self, source: str) -> StoredSummary | None:
        """What the file of a source records about itself, without reading its rows; None where `read` gives none."""
        try:
            record = _record_of(parquet.read_metadata(self.path(source)).metadata)
            summary = StoredSummary(
                str(record["made_of"]),
                int(record["through"]),
                mask_addresses(str(record["newest"])),
                _day(record["ripens"]),
                _day(record.get("read_again_on")),
            )
            return summary if summary.run_count else None
        except (pa.ArrowException, OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, source: str, stored: StoredRows) -> None:
        """Replace the file of a source in one step and durably; remove it where no delivery is in force."""
        if not stored.run_count:
            self.remove(source)
            return
        table = pa.Table.from_pandas(stored.rows, preserve_index=False)
        columns = {name: str(kind) for name, kind in _kinds(table)}
        table, constants = drop_constant_columns(table)
        record = {**_as_record(stored), "columns": columns, "alike": constants}
        plain = json.dumps(record, ensure_ascii=False).encode("utf-8", "backslashreplace")
        buffer = pa.BufferOutputStream()
        parquet.write_table(
            table.replace_schema_metadata({_RECORD: plain, _CHECKSUM: hashlib.sha256(plain).digest()}),
            buffer,
            compression="zstd",
            use_dictionary=[name for name in table.column_names if name not in _ALL_DIFFERENT],
            column_encoding={"line": "DELTA_BINARY_PACKED"} if "line" in table.column_names else None,
            write_statistics=False,  # the file is read whole
            write_page_checksum=True,
        )
        private_folder(self._folder)
        write_atomic(self.path(source), buffer.getvalue())

    def read_all(self, sources: Iterable[str]) -> dict[str, StoredRows]:
        """The stored rows of those of the sources that have any; see `read`."""
        return {source: stored for source in sources if (stored := self.read(source)) is not None}

    def write_all(self, rows_by_source: Mapping[str, StoredRows]) -> None:
        """Replace the rows of many sources durably."""
        for source, stored in rows_by_source.items():
            self.write(source, stored)

    def remove(self, source: str) -> None:
        """Delete the rows of a source; they are derived anew from the archive."""
        self.path(source).unlink(missing_ok=True)

    def sources(self) -> tuple[str, ...]:
        """The sources that have a file of rows, readable or not."""
        return tuple(sorted(path.stem for path in self._folder.glob("*.parquet")))

    def sweep(self) -> None:
        """Delete what killed writers left; only under the refresher's lock."""
        delete_partial_files(self._folder)

    def path(self, source: str) -> Path:
        return self._folder / f"{source}.parquet"


def _record_of(metadata: Mapping[bytes, bytes]) -> dict[str, Any]:
    """The JSON record in a file's metadata. Raises KeyError or ValueError where it is missing or damaged."""
    if hashlib.sha256(metadata[_RECORD]).digest() != metadata[_CHECKSUM]:
        raise ValueError("damaged")
    record: dict[str, Any] = json.loads(metadata[_RECORD])
    return record


def _in_seconds(table: pa.Table, kinds: Mapping[str, pa.DataType]) -> pa.Table:
    """The table with its instants in seconds again, which Parquet stores as milliseconds. ValueError where any other
    column came back with another type."""
    restored = {name: pa.timestamp("s") if kind == pa.timestamp("ms") else kind for name, kind in _kinds(table)}
    if any(kinds[name] != kind for name, kind in restored.items()):
        raise ValueError("its columns are damaged")
    return table.cast(pa.schema(restored), safe=False)


def _kinds(table: pa.Table) -> list[tuple[str, pa.DataType]]:
    return list(zip(table.schema.names, table.schema.types, strict=True))


# The keys of the record are those of the versions before, so that older files still say how far they go.


def _as_record(stored: StoredRows) -> dict[str, Any]:
    return {
        "through": stored.run_count,
        "made_of": stored.fingerprint,
        "newest": stored.newest_run,
        "ripens": _text(stored.next_usable_on),
        "read_again_on": _text(stored.read_again_on),
        "wrong": {file: list(map(_plain_problem, problems)) for file, problems in stored.problems_by_file.items()},
        "mended": list(map(_plain_problem, stored.past_problems)),
        "unread": list(map(_plain_problem, stored.unreadable)),
        "place": stored.location,
        "leaving": list(stored.superseded_files),
        "holds": asdict(stored.holds) if stored.holds else None,
    }


def _from_record(rows: pd.DataFrame, record: Mapping[str, Any]) -> StoredRows:
    return StoredRows(
        rows=rows,
        run_count=record["through"],
        fingerprint=record["made_of"],
        newest_run=mask_addresses(record["newest"]),
        problems_by_file={file: tuple(map(_problem, problems)) for file, problems in record["wrong"].items()},
        past_problems=tuple(map(_problem, record["mended"])),
        unreadable=tuple(map(_problem, record["unread"])),
        location=mask_addresses(record["place"]),
        superseded_files=tuple(record["leaving"]),
        holds=Duration(**record["holds"]) if record.get("holds") else None,
        read_again_on=_day(record.get("read_again_on")),
    )


def _plain_problem(problem: Problem) -> dict[str, Any]:
    return {**asdict(problem), **{name: _text(getattr(problem, name)) for name in _DAYS}}


def _problem(plain: dict[str, Any]) -> Problem:
    return Problem(**plain | {name: _day(plain[name]) for name in _DAYS})


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
