"""What is held of a source after one delivery more, and how what is held was made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from dashboard.archive import Run
from dashboard.catalog import Source
from dashboard.domain import Problem
from dashboard.domain.dates import day_of, end_of_day
from dashboard.fetch import covers_whole_source
from dashboard.ingest import Dialect, Reading, concatenate_rows, frame
from dashboard.rows.delivery_problems import update_problems
from dashboard.rows.store.parquet_store import StoredRows
from dashboard.rows.versions import MergedRows, accept_missing, merge_delivery

_NO_FILE = "\0"  # is no file's name, so that nothing that is held makes way
_PACKAGE = Path(__file__).parent.parent
_CODE = (  # what makes rows of bytes
    "ingest", "rows", "domain/text", "domain/dates", "domain/row_schema.py",
)  # fmt: skip


def no_rows_yet(source: Source) -> StoredRows:
    """What is held before the first delivery."""
    return StoredRows(frame([]), run_count=0, fingerprint=fingerprint(source), holds=source.rolling_span)


def apply_delivery(
    stored: StoredRows, location: str, reading: Reading, file: str, at: np.datetime64, *, is_accepted: bool = False
) -> tuple[StoredRows, MergedRows]:
    """What is held after a delivery from a place that was read and not rejected, before its run is in the journal: then
    `through_run` names it. `is_accepted`: whether it was held back and a person let it in."""
    stored = _at_place(stored, location, at)
    whole_of = None if covers_whole_source(location) else file
    arrival = merge_delivery(
        stored.rows, reading.rows, at, whole_of,
        is_complete=not reading.quarantined, holds=stored.holds, is_accepted=is_accepted,
    )  # fmt: skip
    stored = update_problems(stored, {file: _wrong(reading)}, day_of(at), is_whole=covers_whole_source(location))
    return replace(stored, rows=arrival.rows), arrival


def apply_deliveries(
    stored: StoredRows,
    location: str,
    deliveries: Sequence[tuple[Reading, str]],
    at: np.datetime64,
    *,
    is_accepted: bool = False,
) -> tuple[StoredRows, list[tuple[int, int]]]:
    """What is held after several deliveries of one instant and place, and how many keys each of them revised and
    dropped. `is_accepted`: whether they were held back and a person let them in.

    Files that a folder did not have before arrive together, for with each arrival all that is held is copied; it comes
    to the same as one by one.
    """
    stored = _at_place(stored, location, at)
    if stored.superseded_files and deliveries:
        return _moved_in(stored, deliveries, at, is_accepted=is_accepted)
    known = {*stored.rows["file"].unique(), *stored.problems_by_file}
    fresh = [(reading, file) for reading, file in deliveries if not covers_whole_source(location) and file not in known]
    together = len(fresh) > 1 and len({file for _, file in fresh}) == len(fresh)
    if together:
        arrival = merge_delivery(stored.rows, concatenate_rows([reading for reading, _ in fresh]), at, _NO_FILE)
        stored = update_problems(stored, {file: _wrong(one) for one, file in fresh}, day_of(at), is_whole=False)
        stored = replace(stored, rows=arrival.rows)
    changed = []
    for reading, file in deliveries:
        if together and file not in known:
            changed.append((0, 0))
            continue
        stored, arrival = apply_delivery(stored, location, reading, file, at, is_accepted=is_accepted)
        changed.append((arrival.revised, arrival.dropped))
    return stored, changed


def rows_replaced_by(stored: StoredRows, location: str, files: Collection[str]) -> pd.DataFrame:
    """The rows in force of which deliveries of files from a place take the place, together where the place is new."""
    is_replaced = stored.rows["held_until"].isna()
    if not covers_whole_source(location):
        leaving = {*stored.rows["file"].unique()} if stored.location != location else {*stored.superseded_files}
        is_replaced &= stored.rows["file"].isin({*files, *leaving})
    return stored.rows[is_replaced]


def _at_place(stored: StoredRows, location: str, at: np.datetime64) -> StoredRows:
    """The same once something comes from a place: what is held of another one is to give way, and is no longer wrong.

    What is in force is put together, since a delivery may be of all of it now, or of each file.
    """
    if stored.location == location:
        return stored
    rows = stored.rows.sort_values(["held_until", "file"], kind="stable", ignore_index=True)
    stored = replace(stored, rows=rows, location=location, superseded_files=())
    if covers_whole_source(location):  # it takes the place of all that is held and of all that is wrong in any case
        return stored
    leaving = {*rows.loc[rows["held_until"].isna(), "file"], *stored.problems_by_file}
    stored = update_problems(stored, dict.fromkeys(stored.problems_by_file, ()), day_of(at), is_whole=False)
    return replace(stored, problems_by_file={}, superseded_files=tuple(sorted(leaving)))


def _moved_in(
    stored: StoredRows, deliveries: Sequence[tuple[Reading, str]], at: np.datetime64, *, is_accepted: bool
) -> tuple[StoredRows, list[tuple[int, int]]]:
    """What is held after files of a folder came while what came from the place before it is held. They take the place
    of that together, as of the files of their names.

    Where rows of theirs are quarantined they take nothing away, and the next ones do.
    """
    newest = {file: reading for reading, file in deliveries}
    is_beside = stored.rows["held_until"].isna() & ~stored.rows["file"].isin([*stored.superseded_files, *newest])
    before = stored.rows[~is_beside].sort_values("held_until", kind="stable", ignore_index=True)
    is_complete = not any(reading.quarantined for reading in newest.values())
    arrival = merge_delivery(
        before, concatenate_rows(list(newest.values())), at,
        is_complete=is_complete, holds=stored.holds, is_accepted=is_accepted,
    )  # fmt: skip
    # what is held of a file lies together
    rows = pd.concat([stored.rows[is_beside], arrival.rows]).sort_values(
        ["held_until", "file"], kind="stable", ignore_index=True
    )
    found = {file: _wrong(reading) for file, reading in newest.items()}
    stored = update_problems(stored, found, day_of(at), is_whole=False)
    leaving = () if is_complete else tuple(file for file in stored.superseded_files if file not in newest)
    counts = [(arrival.revised, arrival.dropped), *[(0, 0)] * (len(deliveries) - 1)]
    return replace(stored, rows=rows, superseded_files=leaving), counts


def _wrong(reading: Reading) -> tuple[Problem, ...]:
    return (*reading.quarantined, *reading.near_misses, *reading.old_dialect_problems)


def apply_acceptance(stored: StoredRows, at: np.datetime64) -> StoredRows:
    """What is held once a person said that the rows were wrong which deliveries no longer have."""
    return replace(stored, rows=accept_missing(stored.rows, at))


def count_run(stored: StoredRows, run: Run) -> StoredRows:
    """The same, as made of one run more that changed what is held."""
    return replace(stored, run_count=stored.run_count + 1, newest_run=run_name(run))


def fingerprint(source: Source, day: date | None = None) -> str:
    """What the rows follow from besides the deliveries: how they are to be read, for how long a rolling file holds
    them, this code, and, where a clock was ahead, the day."""
    told = json.dumps([Dialect.of(source).as_json(), source.holds, _code(), str(day)], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()


def clamp_to_day(rows: pd.DataFrame, today: date) -> pd.DataFrame:
    """Rows of which none came after today: a clock that was ahead then must not hide them now."""
    last = end_of_day(today)
    came = {name: rows[name].to_numpy("datetime64[s]") for name in ("held_from", "held_until", "accepted_at")}
    if not any((instants > last).any() for instants in came.values()):
        return rows
    came["known_at"] = rows["known_at"].to_numpy("datetime64[s]")
    return rows.assign(**{name: np.where(instants > last, last, instants) for name, instants in came.items()})


def run_name(run: Run) -> str:
    return f"{run.at.isoformat()} {run.file} {run.sha256}"


@cache
def _code() -> str:
    """A fingerprint of the code and the libraries that make rows of bytes."""
    digest = hashlib.sha256(f"{pd.__version__} {np.__version__} {pa.__version__}".encode())
    for name in _CODE:
        place = _PACKAGE / name
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
