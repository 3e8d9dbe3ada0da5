"""Records the runs of a look in the journal, from where deliveries count, and then merges them into the rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from dashboard.archive import Archive, Run
from dashboard.catalog import Source
from dashboard.domain.dates import instant_of
from dashboard.ingest import Reading
from dashboard.rows import RowStore, StoredRows, apply_deliveries, count_run, is_current, replay_deliveries

JudgedRun = tuple[Run, Reading | None]  # the rows of a run are None where nothing is to be merged


class RowsBefore:
    """The stored rows of a source before a look, read when they are first needed, and released as they are merged: they
    are large."""

    def __init__(self, read: Callable[[], StoredRows]) -> None:
        self._read = read
        self._stored: StoredRows | None = None

    def look(self) -> StoredRows:
        if self._stored is None:
            self._stored = self._read()
        return self._stored

    def take(self) -> StoredRows:
        stored, self._stored = self.look(), None
        return stored


def commit_runs(
    name: str,
    judged: Sequence[JudgedRun],
    source: Source,
    archive: Archive,
    store: RowStore,
    before: RowsBefore | None = None,
) -> list[Run]:
    """Record the runs of one look, and merge what was received; returns the runs as they were recorded.

    before: the stored rows, where they were read already. If the process is killed between journal and row store, the
    next look merges the delivery.
    """
    judged = [(replace(run, location=source.location), reading) for run, reading in judged]
    received = [(run, reading) for run, reading in judged if reading is not None]
    if not received:
        runs = [run for run, _ in judged]
        _record(name, runs, archive)
        return runs
    first = received[0][0]
    stored = before.take() if before else replay_deliveries(name, source, archive, store, first.at.date())
    stored, changes = apply_deliveries(
        stored,
        source.location,
        [(reading, run.file) for run, reading in received],
        instant_of(first.at),
        is_accepted=all(run.by for run, _ in received),
    )
    counts = iter(changes)
    runs = [run if reading is None else _with_counts(run, *next(counts)) for run, reading in judged]
    for run, (_, reading) in zip(runs, judged, strict=True):
        stored = stored if reading is None else count_run(stored, run)
    _record(name, runs, archive)
    store.write(name, stored)
    return runs


def _with_counts(run: Run, revised: int, dropped: int) -> Run:
    return replace(run, revised=revised, dropped=dropped)


def catch_up(
    name: str, source: Source, archive: Archive, store: RowStore, today: date, *, is_suspect: bool = False
) -> bool:
    """Make the stored rows current: with deliveries that only the journal has, rows whose day has come, and all rows
    anew where another version made them. Returns whether there was anything to do.

    is_suspect: whether the rows may be damaged, so that they are read to find out.
    """
    if is_current(name, source, archive, store, today) and not (is_suspect and store.read(name) is None):
        return False
    store.write(name, replay_deliveries(name, source, archive, store, today))
    return True


def _record(name: str, runs: Sequence[Run], archive: Archive) -> None:
    """Write the runs. Forcing the last to the disk forces the others with it; runs without news are not forced."""
    for number, run in enumerate(runs, start=1):
        is_last = number == len(runs)
        archive.record(name, run, durable=is_last and any(each.outcome != "seen again" for each in runs))
