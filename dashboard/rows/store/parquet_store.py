"""The rows that all deliveries of a source make, in one Parquet file each: made from the archive, never the only copy.

A file is written whole and swapped, and says itself how far the journal goes that it was made of. One that is
damaged, or was made otherwise, counts as none and is made anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as parquet

from dashboard.atomic_files import private_folder, sweep, write_whole
from dashboard.domain import Problem
from dashboard.domain.dates import Duration
from dashboard.domain.text import mask_addresses
from dashboard.rows.store.constant_columns import drop_constant_columns, restore_constant_columns

_TOLD, _SUM = b"watchfloor", b"watchfloor-sha256"  # keys in the Parquet's metadata, which has no checksum of its own
_DAYS = ("known_at", "held_from", "held_until", "sound_from")  # of a problem
_ALL_DIFFERENT = ("line", "value", "low", "high")  # a dictionary of them would only cost time


@dataclass(frozen=True, eq=False)
class StoredRows:
    """rows: as `vintages.arrive` gives them; through: how many runs of the journal that changed them they are made of;
    newest: what the last of these was; made_of: how deliveries were read; wrong: by file, what is wrong in its newest
    delivery; mended: what was wrong in earlier ones, for boards of then; unread: deliveries that nothing could be
    made of; place: from where the last of these came; leaving: files of an earlier place, of which what is held has not
    yet given way to that; holds: for how long a rolling file holds its rows, None where all stay in it."""

    rows: pd.DataFrame
    through: int
    made_of: str
    newest: str = ""
    wrong: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)
    mended: tuple[Problem, ...] = ()
    unread: tuple[Problem, ...] = ()
    place: str = ""
    leaving: tuple[str, ...] = ()
    holds: Duration | None = None

    @property
    def in_force(self) -> tuple[Problem, ...]:
        """What is wrong in the deliveries in force."""
        return tuple(problem for found in self.wrong.values() for problem in found)

    @property
    def ripens(self) -> date | None:
        """The first day on which a row of them may be used that was refused for its day alone."""
        return min((one.sound_from for one in self.in_force if one.sound_from), default=None)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All that is wrong, and that was."""
        return (*self.in_force, *self.mended)


class StoredSummary(NamedTuple):
    """How stored rows were made, of how many runs, what the last of these was, and until which day they hold."""

    made_of: str
    through: int
    newest: str
    ripens: date | None


class RowStore:
    """The files of rows below a state folder."""

    def __init__(self, state: Path) -> None:
        self._folder = state / "rows"

    def rows(self, source: str) -> pd.DataFrame | None:
        """The rows of a source; None where none are stored."""
        found = self.read(source)
        return found.rows if found else None

    def read(self, source: str) -> StoredRows | None:
        """What is stored of a source; None where nothing is, or nothing whole, or rows made of no delivery: these are
        the rows of any journal."""
        try:
            data = self.path(source).read_bytes()
        except FileNotFoundError:
            return None
        try:
            table = parquet.read_table(pa.BufferReader(data), page_checksum_verification=True)
            told = _told(table.schema.metadata)
            kinds = {name: pa.type_for_alias(kind) for name, kind in told.pop("columns").items()}
            table = restore_constant_columns(_in_seconds(table, kinds), told.pop("alike"), kinds)
            rows = table.to_pandas(ignore_metadata=True)
            del table
            pa.default_memory_pool().release_unused()  # Arrow would keep as much again for later, beside the merge
            return StoredRows(rows=rows, **_parsed(told)) if told["through"] else None
        except (pa.ArrowException, OSError, ValueError, KeyError, TypeError):
            return None

    def told(self, source: str) -> StoredSummary | None:
        """What the stored rows say of themselves, without reading them; None where `read` gives none for what they
        say."""
        try:
            told = _told(parquet.read_metadata(self.path(source)).metadata)
            newest = mask_addresses(str(told["newest"]))
            found = StoredSummary(str(told["made_of"]), int(told["through"]), newest, _day(told["ripens"]))
            return found if found.through else None
        except (pa.ArrowException, OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, source: str, stored: StoredRows) -> None:
        """Replace what is stored of a source, in one step and durably; nothing is where no delivery is in force."""
        if not stored.through:
            self.remove(source)
            return
        table = pa.Table.from_pandas(stored.rows, preserve_index=False)
        told = {**_plain(stored), "columns": {name: str(kind) for name, kind in _kinds(table)}}
        table, told["alike"] = drop_constant_columns(table)
        plain = json.dumps(told, ensure_ascii=False).encode("utf-8", "backslashreplace")
        buffer = pa.BufferOutputStream()
        parquet.write_table(
            table.replace_schema_metadata({_TOLD: plain, _SUM: hashlib.sha256(plain).digest()}),
            buffer,
            compression="zstd",
            use_dictionary=[name for name in table.column_names if name not in _ALL_DIFFERENT],
            column_encoding={"line": "DELTA_BINARY_PACKED"} if "line" in table.column_names else None,
            write_statistics=False,  # the file is read whole
            write_page_checksum=True,
        )
        private_folder(self._folder)
        write_whole(self.path(source), buffer.getvalue())

    def remove(self, source: str) -> None:
        """Rows that are to be made anew from the archive."""
        self.path(source).unlink(missing_ok=True)

    def sources(self) -> tuple[str, ...]:
        """The sources of which rows are stored, whole or not."""
        return tuple(sorted(path.stem for path in self._folder.glob("*.parquet")))

    def sweep(self) -> None:
        """Delete what killed writers left; only under the refresher's lock."""
        sweep(self._folder)

    def path(self, source: str) -> Path:
        return self._folder / f"{source}.parquet"


def _told(metadata: Mapping[bytes, bytes]) -> dict[str, Any]:
    """Raises KeyError or ValueError where that is missing or damaged."""
    if hashlib.sha256(metadata[_TOLD]).digest() != metadata[_SUM]:
        raise ValueError("damaged")
    told: dict[str, Any] = json.loads(metadata[_TOLD])
    return told


def _in_seconds(table: pa.Table, kinds: Mapping[str, pa.DataType]) -> pa.Table:
    """Parquet knows no seconds: they come back as milliseconds. ValueError where anything else came back otherwise."""
    came = {name: pa.timestamp("s") if kind == pa.timestamp("ms") else kind for name, kind in _kinds(table)}
    if any(kinds[name] != kind for name, kind in came.items()):
        raise ValueError("its columns are damaged")
    return table.cast(pa.schema(came), safe=False)


def _kinds(table: pa.Table) -> list[tuple[str, pa.DataType]]:
    return list(zip(table.schema.names, table.schema.types, strict=True))


def _plain(stored: StoredRows) -> dict[str, Any]:
    return {
        "through": stored.through,
        "made_of": stored.made_of,
        "newest": stored.newest,
        "ripens": _text(stored.ripens),
        "wrong": {file: list(map(_plain_problem, found)) for file, found in stored.wrong.items()},
        "mended": list(map(_plain_problem, stored.mended)),
        "unread": list(map(_plain_problem, stored.unread)),
        "place": stored.place,
        "leaving": list(stored.leaving),
        "holds": asdict(stored.holds) if stored.holds else None,
    }


def _parsed(told: dict[str, Any]) -> dict[str, Any]:
    return {
        **{name: told[name] for name in ("through", "made_of")},
        **{name: mask_addresses(told[name]) for name in ("newest", "place")},
        "wrong": {file: tuple(map(_problem, found)) for file, found in told["wrong"].items()},
        "mended": tuple(map(_problem, told["mended"])),
        "unread": tuple(map(_problem, told["unread"])),
        "leaving": tuple(told["leaving"]),
        "holds": Duration(**told["holds"]) if told.get("holds") else None,
    }


def _plain_problem(problem: Problem) -> dict[str, Any]:
    return {**asdict(problem), **{name: _text(getattr(problem, name)) for name in _DAYS}}


def _problem(plain: dict[str, Any]) -> Problem:
    return Problem(**plain | {name: _day(plain[name]) for name in _DAYS})


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
