"""Records the runs of looks in the journal, from where deliveries count, and then merges them into the rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date

from dashboard.archive import Archive, Run, SourceLog
from dashboard.catalog import Source
from dashboard.domain.dates import instant_of
from dashboard.ingest import Reading
from dashboard.rows import (
    Arrival,
    RowStore,
    StoredRows,
    apply_arrivals,
    count_run,
    is_current,
    replay_all,
    replay_deliveries,
    replay_groups,
)

JudgedRun = tuple[Run, Reading | None]  # the rows of a run are None where nothing is to be merged


class RowsBefore:
    """The stored rows of the sources of one group of looks, read together when they are first needed."""

    def __init__(
        self, sources: Mapping[str, tuple[Source, SourceLog]], archive: Archive, store: RowStore, today: date
    ) -> None:
        self._sources, self._archive, self._store, self._today = sources, archive, store, today
        self._stored: dict[str, StoredRows] = {}

    def read(self, names: Sequence[str]) -> None:
        """Read the rows of these sources in one go; an error of a source is raised once its rows are asked for."""
        missing = {name: self._sources[name] for name in names if name not in self._stored}
        self._stored |= replay_all(missing, self._archive, self._store, self._today)

    def of(self, name: str) -> StoredRows:
        """The stored rows of one source. Raises as `replay_deliveries` does."""
        if name not in self._stored:
            source, log = self._sources[name]
            self._stored[name] = replay_deliveries(name, source, self._archive, self._store, self._today, log)
        return self._stored[name]

    def take(self, name: str) -> StoredRows:
        """The same, and nothing is kept of them here: they are large."""
        stored = self.of(name)
        del self._stored[name]
        return stored


@dataclass(frozen=True, eq=False)
class Commit:
    """The runs of one look at a source, in their order, and how to get its stored rows where some are to be merged."""

    name: str
    source: Source
    judged: Sequence[JudgedRun]
    rows_before: Callable[[], StoredRows]

    @property
    def brings_rows(self) -> bool:
        return any(reading is not None for _, reading in self.judged)


def commit_all(commits: Sequence[Commit], archive: Archive, store: RowStore) -> dict[str, list[Run]]:
    """Record the runs of one look at each source, and merge what was received; returns the runs as they were recorded.

    The journal is written first: if the process is killed before the rows are, the next look merges the deliveries.
    """
    judged = {
        commit.name: [(replace(run, location=commit.source.location), reading) for run, reading in commit.judged]
        for commit in commits
    }
    merged = apply_arrivals(
        {commit.name: _arrival(commit, judged[commit.name]) for commit in commits if commit.brings_rows}
    )
    runs_by_source: dict[str, list[Run]] = {}
    stored_by_source: dict[str, StoredRows] = {}
    for name, entries in judged.items():
        runs = runs_by_source[name] = [run for run, _ in entries]
        if name in merged:
            stored, changes = merged[name]
            runs = runs_by_source[name] = _with_counts(entries, changes)
            received = [run for run, (_, reading) in zip(runs, entries, strict=True) if reading is not None]
            stored_by_source[name] = _count_runs(stored, received)
    archive.record_all([(name, run) for name, runs in runs_by_source.items() for run in runs])
    store.write_all(stored_by_source)
    return runs_by_source


def _arrival(commit: Commit, judged: Sequence[JudgedRun]) -> Arrival:
    received = [(run, reading) for run, reading in judged if reading is not None]
    return Arrival(
        commit.rows_before(),
        commit.source.location,
        [(reading, run.file) for run, reading in received],
        instant_of(received[0][0].at),
        is_accepted=all(run.by for run, _ in received),
    )


def _with_counts(judged: Sequence[JudgedRun], changes: Sequence[tuple[int, int]]) -> list[Run]:
    """The runs, those of received deliveries with the numbers of figures that these revised and dropped."""
    counts = iter(changes)
    runs = []
    for run, reading in judged:
        revised, dropped = (run.revised, run.dropped) if reading is None else next(counts)
        runs.append(replace(run, revised=revised, dropped=dropped) if revised or dropped else run)
    return runs


def _count_runs(stored: StoredRows, runs: Sequence[Run]) -> StoredRows:
    for run in runs:
        stored = count_run(stored, run)
    return stored


def catch_up_all(
    sources: Mapping[str, tuple[Source, SourceLog]], archive: Archive, store: RowStore, today: date
) -> dict[str, bool]:
    """Do for many sources what `catch_up` does for one, and return the same for each. Sources of which the archive or
    the rows cannot be read are left out."""
    results, behind = dict[str, bool](), dict[str, tuple[Source, SourceLog]]()
    for name, (source, log) in sources.items():
        with suppress(OSError):
            if is_current(name, source, log, store, today):
                results[name] = False
            else:
                behind[name] = source, log
    for group in replay_groups(behind):
        rows = replay_all(group, archive, store, today)
        with suppress(OSError):
            store.write_all(rows)
            results |= dict.fromkeys(rows, True)
    return results


def catch_up(
    name: str, source: Source, archive: Archive, store: RowStore, today: date, *, is_suspect: bool = False
) -> bool:
    """Make the stored rows current: with deliveries that only the journal has, rows whose day has come, and all rows
    anew where another version made them. Returns whether there was anything to do.

    is_suspect: whether the rows may be damaged, so that they are read to find out.
    """
    log = archive.log(name, source.location)
    if is_current(name, source, log, store, today) and not (is_suspect and store.read(name) is None):
        return False
    store.write(name, replay_deliveries(name, source, archive, store, today, log))
    return True
