"""The rows that all deliveries of a source make, in one Parquet file each: made from the archive, never the only copy.

A file is written whole and swapped, and says itself how far the journal goes that it was made of. One that is
damaged, or was made otherwise, counts as none and is made anew.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as parquet

from dashboard.durable import private_folder, sweep, write_whole
from dashboard.errors import Problem

_TOLD = b"watchfloor"  # the key in the Parquet's metadata
_DAYS = ("known_at", "held_from", "held_until", "sound_from")  # of a problem
_ALL_DIFFERENT = ("line", "value", "low", "high")  # a dictionary of them would only cost time


@dataclass(frozen=True, eq=False)
class Stored:
    """rows: as `vintages.arrive` gives them; through: how many received runs of the journal they are made of;
    newest: what the last of these was; made_of: how deliveries were read; wrong: by file, what is wrong in its newest
    delivery; mended: what was wrong in earlier ones, for boards of then; unread: deliveries that nothing could be
    made of."""

    rows: pd.DataFrame
    through: int
    made_of: str
    newest: str = ""
    wrong: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)
    mended: tuple[Problem, ...] = ()
    unread: tuple[Problem, ...] = ()

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


class Told(NamedTuple):
    """How stored rows were made, of how many runs, what the last of these was, and until which day they hold."""

    made_of: str
    through: int
    newest: str
    ripens: date | None


class Store:
    """The files of rows below a state folder."""

    def __init__(self, state: Path) -> None:
        self._folder = state / "rows"

    def rows(self, source: str) -> pd.DataFrame | None:
        """The rows of a source; None where none are stored."""
        found = self.read(source)
        return found.rows if found else None

    def read(self, source: str) -> Stored | None:
        """What is stored of a source; None where nothing is, or nothing whole."""
        try:
            data = self.path(source).read_bytes()
        except FileNotFoundError:
            return None
        try:
            table = parquet.read_table(pa.BufferReader(data), page_checksum_verification=True)
            told = json.loads(table.schema.metadata[_TOLD])
            return Stored(rows=_in_seconds(table).to_pandas(), **_parsed(told))
        except (pa.ArrowException, OSError, ValueError, KeyError, TypeError):
            return None

    def told(self, source: str) -> Told | None:
        """What the stored rows say of themselves, without reading them; None where nothing whole tells."""
        try:
            told = json.loads(parquet.read_metadata(self.path(source)).metadata[_TOLD])
            return Told(str(told["made_of"]), int(told["through"]), str(told["newest"]), _day(told["ripens"]))
        except (pa.ArrowException, OSError, ValueError, KeyError, TypeError):
            return None

    def write(self, source: str, stored: Stored) -> None:
        """Replace what is stored of a source, in one step and durably."""
        table = pa.Table.from_pandas(stored.rows, preserve_index=False)
        told = json.dumps(_plain(stored), ensure_ascii=False).encode("utf-8", "backslashreplace")
        buffer = pa.BufferOutputStream()
        parquet.write_table(
            table.replace_schema_metadata({**(table.schema.metadata or {}), _TOLD: told}),
            buffer,
            compression="zstd",
            use_dictionary=[name for name in table.column_names if name not in _ALL_DIFFERENT],
            column_encoding={"line": "DELTA_BINARY_PACKED"},
            write_statistics=False,  # the file is read whole
            write_page_checksum=True,
        )
        private_folder(self._folder)
        write_whole(self.path(source), buffer.getvalue())

    def sweep(self) -> None:
        """Delete what killed writers left; only under the refresher's lock."""
        sweep(self._folder)

    def path(self, source: str) -> Path:
        return self._folder / f"{source}.parquet"


def _in_seconds(table: pa.Table) -> pa.Table:
    """Parquet knows no seconds: they come back as milliseconds."""
    kinds = {name: pa.timestamp("s") if pa.types.is_timestamp(kind) else kind for name, kind in _kinds(table)}
    return table.cast(pa.schema(kinds.items(), metadata=table.schema.metadata), safe=False)


def _kinds(table: pa.Table) -> list[tuple[str, pa.DataType]]:
    return list(zip(table.schema.names, table.schema.types, strict=True))


def _plain(stored: Stored) -> dict[str, Any]:
    return {
        "through": stored.through,
        "made_of": stored.made_of,
        "newest": stored.newest,
        "ripens": _text(stored.ripens),
        "wrong": {file: list(map(_plain_problem, found)) for file, found in stored.wrong.items()},
        "mended": list(map(_plain_problem, stored.mended)),
        "unread": list(map(_plain_problem, stored.unread)),
    }


def _parsed(told: dict[str, Any]) -> dict[str, Any]:
    return {
        **{name: told[name] for name in ("through", "made_of", "newest")},
        "wrong": {file: tuple(map(_problem, found)) for file, found in told["wrong"].items()},
        "mended": tuple(map(_problem, told["mended"])),
        "unread": tuple(map(_problem, told["unread"])),
    }


def _plain_problem(problem: Problem) -> dict[str, Any]:
    return {**asdict(problem), **{name: _text(getattr(problem, name)) for name in _DAYS}}


def _problem(plain: dict[str, Any]) -> Problem:
    return Problem(**plain | {name: _day(plain[name]) for name in _DAYS})


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
