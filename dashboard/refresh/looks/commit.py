"""Deliveries -> the journal and the rows: a delivery counts from its line in the journal on; its rows follow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from dashboard.archive import Archive, Run
from dashboard.catalog import Source
from dashboard.ingest import Reading
from dashboard.rows import RowStore, StoredRows, apply_deliveries, count_run, is_current, replay_deliveries

JudgedRun = tuple[Run, Reading | None]


class RowsBefore:
    """What is held of a source before a look: read once somebody asks, and let go by who merges, for it is large."""

    def __init__(self, read: Callable[[], StoredRows]) -> None:
        self._read = read
        self._found: StoredRows | None = None

    def look(self) -> StoredRows:
        if self._found is None:
            self._found = self._read()
        return self._found

    def take(self) -> StoredRows:
        found, self._found = self.look(), None
        return found


def commit_runs(
    name: str,
    told: Sequence[JudgedRun],
    source: Source,
    archive: Archive,
    store: RowStore,
    before: RowsBefore | None = None,
) -> list[Run]:
    """Record the runs of one look, and merge what was received; gives them as recorded. `before` has what is held
    before them, where that was read already.

    Killed in between, the journal knows of a delivery that the store does not: the next look merges it.
    """
    told = [(replace(run, location=source.location), reading) for run, reading in told]
    if all(reading is None for _, reading in told):
        runs = [run for run, _ in told]
        _record(name, runs, archive)
        return runs
    received = [(run, reading) for run, reading in told if reading is not None]
    stored = before.take() if before else replay_deliveries(name, source, archive, store, received[0][0].at.date())
    at = np.datetime64(received[0][0].at.replace(tzinfo=None), "s")
    stored, changed = apply_deliveries(
        stored,
        source.location,
        [(reading, run.file) for run, reading in received],
        at,
        is_accepted=all(run.by for run, _ in received),
    )
    counts = iter(changed)
    runs = [run if reading is None else _counted(run, *next(counts)) for run, reading in told]
    for run, (_, reading) in zip(runs, told, strict=True):
        stored = stored if reading is None else count_run(stored, run)
    _record(name, runs, archive)
    store.write(name, stored)
    return runs


def _counted(run: Run, revised: int, dropped: int) -> Run:
    return replace(run, revised=revised, dropped=dropped)


def catch_up(
    name: str, source: Source, archive: Archive, store: RowStore, today: date, *, is_suspect: bool = False
) -> bool:
    """Merge what the journal knows of and the store does not, or what may be used from today on, or make all rows anew
    where the store's are made otherwise, or damaged, for which they are read where that `is_suspect`; whether there was
    anything to do."""
    if is_current(name, source, archive, store, today) and not (is_suspect and store.read(name) is None):
        return False
    store.write(name, replay_deliveries(name, source, archive, store, today))
    return True


def _record(name: str, runs: Sequence[Run], archive: Archive) -> None:
    """What forces the last line to the disk forces those before it too; that something was seen again may be lost."""
    for number, run in enumerate(runs, start=1):
        is_last = number == len(runs)
        archive.record(name, run, durable=is_last and any(one.outcome != "seen again" for one in runs))
