"""Derives the rows of a source from its archive: reads every delivery and dates from when until when rows were held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby

import numpy as np

from dashboard.archive import UNRECORDED, Archive, ArchiveError, Run, SourceLog
from dashboard.catalog import Source
from dashboard.domain import Problem, with_advice
from dashboard.domain.dates import day_of, instant_of
from dashboard.fetch import covers_whole_source
from dashboard.ingest import Delivery, Dialect, Reading, read, read_all
from dashboard.large_bytes import Bytes
from dashboard.rows.merging.apply_delivery import apply_acceptance, apply_deliveries, count_run, no_rows_yet
from dashboard.rows.merging.delivery_problems import update_problems
from dashboard.rows.store.fingerprint import fingerprint, run_name
from dashboard.rows.store.row_store import RowStore
from dashboard.rows.store.stored_rows import StoredRows


def replay_deliveries(
    name: str,
    source: Source,
    archive: Archive,
    store: RowStore | None,
    today: date | None = None,
    log: SourceLog | None = None,
) -> StoredRows:
    """The rows of all deliveries in the archive; nothing is written. `log`: the source's, where the caller has it.

    Stored rows are continued if their fingerprint is right; without a `store` all rows are derived anew. Rows that were
    refused only for lying in the future are used from their day on, up to `today`. A receipt after `today` means that a
    clock was ahead and took in rows of the future: then all deliveries are read again, as of `today`. So they are where
    such rows are stored since a day after `today`, because the clock was set back.

    Raises ArchiveError where a needed delivery is missing or damaged, and where the stored rows were derived from a
    delivery that the journal does not record, since rows of such a journal would lack it.
    """
    log = log or archive.log(name, source.location)
    return Replay.begin(name, source, archive, store.read(name) if store else None, today, log).finish()


@dataclass
class Replay:
    """The stored rows of a source, and the log of its runs by which they are continued."""

    name: str
    source: Source
    archive: Archive
    stored: StoredRows
    as_of: date | None
    log: SourceLog

    @classmethod
    def begin(
        cls, name: str, source: Source, archive: Archive, stored: StoredRows | None, today: date | None, log: SourceLog
    ) -> Replay:
        """A replay from the stored rows of a source, or from none where they are to be derived anew. Raises
        ArchiveError where the journal does not record what the stored rows are made of."""
        if stored:
            _expect_begun_by(name, stored.run_count, stored.newest_run, log.changes)
        current = fingerprint(source, _day_if_clock_was_ahead(today, log.changes))
        if stored is None or stored.fingerprint != current or _is_after(today, stored.read_again_on):
            stored = replace(no_rows_yet(source), fingerprint=current)
        return cls(name, source, archive, stored, today, log)

    @property
    def runs(self) -> Sequence[Run]:
        """The runs that changed the rows, oldest first."""
        return self.log.changes

    def finish(self) -> StoredRows:
        """The stored rows after all runs. Raises ArchiveError or OSError."""
        for _, together in groupby(range(self.stored.run_count, len(self.runs)), key=self.occasion):
            numbers = list(together)
            day = self.day_of(numbers[0])
            self.stored = self._apply(self.read_again_when_usable(self.stored, day), numbers, day)
        if self.as_of:
            self.stored = self.read_again_when_usable(self.stored, self.as_of)
        return self.stored

    def day_of(self, number: int) -> date:
        """The day as of which the delivery of a run is read."""
        day = self.runs[number].at.date()
        return min(day, self.as_of or day)

    def usual_run(self) -> Run | None:
        """The next run, if it is a delivery of the whole source that is read and merged alone."""
        number = self.stored.run_count
        if number >= len(self.runs) or self.runs[number].outcome != "received":
            return None
        if number + 1 < len(self.runs) and self.occasion(number + 1) == self.occasion(number):
            return None
        usable_on = self.stored.next_usable_on
        if usable_on and usable_on <= self.day_of(number):
            return None
        return self.runs[number] if covers_whole_source(self.occasion(number)[1]) else None

    def occasion(self, number: int) -> tuple[datetime, str, str, str]:
        """What runs that are applied together have in common."""
        run = self.runs[number]
        return run.at, run.location or self.source.location, run.outcome, run.by

    def _apply(self, stored: StoredRows, numbers: Sequence[int], day: date) -> StoredRows:
        """The stored rows after the runs of one occasion."""
        at, location, outcome, _ = self.occasion(numbers[0])
        instant, runs = instant_of(at), [self.runs[number] for number in numbers]
        if outcome == "accepted":
            for run in runs:
                stored = count_run(apply_acceptance(stored, instant), run)
            return stored
        stored = self._apply_readings(stored, location, numbers, day, instant)
        for run in runs:
            stored = count_run(stored, run)
        return stored

    def read_again_when_usable(self, stored: StoredRows, today: date) -> StoredRows:
        """The stored rows on a day. Deliveries with rows that were refused only for lying in the future are read again
        on the day of these rows, as if received at its first instant; once for each such day, even if rows are refused
        again."""
        while (day := stored.next_usable_on) and day <= today:
            files = {file for file, problems in stored.problems_by_file.items() if _any_usable_on(day, problems)}
            received = [number for number in range(stored.run_count) if self.runs[number].outcome == "received"]
            newest = {self.runs[number].file: number for number in received if self.runs[number].file in files}
            numbers = list(newest.values())
            stored = self._apply_readings(stored, stored.location, numbers, day, np.datetime64(day, "s"))
            problems_by_file = {
                file: _without_days_until(day, problems) for file, problems in stored.problems_by_file.items()
            }
            stored = replace(stored, problems_by_file=problems_by_file, read_again_on=day)
        return stored

    def _apply_readings(
        self, stored: StoredRows, location: str, numbers: Sequence[int], day: date, at: np.datetime64
    ) -> StoredRows:
        runs = [self.runs[number] for number in numbers]
        readings = list(zip(runs, self._read(numbers, day), strict=True))
        readable = [(reading, run.file) for run, reading in readings if not reading.rejected]
        is_accepted = bool(readings) and all(run.by for run, _ in readings)
        stored, _ = apply_deliveries(stored, location, readable, at, is_accepted=is_accepted)
        for run, reading in readings:
            stored = _note_unreadable(stored, run, reading, day_of(at)) if reading.rejected else stored
        return stored

    def _read(self, numbers: Sequence[int], day: date) -> list[Reading]:
        """Deliveries in the dialect that the catalogue declares now. Bytes that do not fit it any more are read in that
        of their receipt, so that a publisher who renames a column does not end the history."""
        runs = [self.runs[number] for number in numbers]
        dialect, last_of_their_layout = Dialect.of(self.source), self.log.last_of_their_layout
        deliveries = [Delivery(run.file, self.archive.data(self.name, run.sha256), dialect) for run in runs]
        readings = []
        for number, run, delivery, reading in zip(numbers, runs, deliveries, read_all(deliveries, day), strict=True):
            reading = _in_old_dialect(run, delivery.data, reading, day) if reading.rejected and run.layout else reading
            is_reported = number in last_of_their_layout  # only these can have problems with an edited catalogue
            readings.append(reading if is_reported else replace(reading, old_dialect_problems=()))
        return readings


def _any_usable_on(day: date, problems: Sequence[Problem]) -> bool:
    return any(problem.usable_from == day for problem in problems)


def _without_days_until(day: date, problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """The problems, none of which asks for reading again up to a day any more."""
    return tuple(
        replace(problem, usable_from=None) if problem.usable_from and problem.usable_from <= day else problem
        for problem in problems
    )


def is_current(name: str, source: Source, log: SourceLog, store: RowStore, today: date) -> bool:
    """Whether the stored rows are derived from all changes of the source's log, and as they would be now; no row is
    read for that. Raises OSError."""
    summary = store.summary(name)
    if not log.changes or summary is None:
        return not log.changes and summary is None
    if summary.next_usable_on and summary.next_usable_on <= today:
        return False
    if _is_after(today, summary.read_again_on):
        return False
    if summary[1:3] != (len(log.changes), run_name(log.changes[-1])):
        return False
    return any(summary.fingerprint == fingerprint(source, day) for day in (None, today))


def _is_after(today: date | None, day: date | None) -> bool:
    """Whether a day lies in the future."""
    return today is not None and day is not None and day > today


def _day_if_clock_was_ahead(today: date | None, runs: Sequence[Run]) -> date | None:
    """Today if the journal has a receipt after it: rows derived from such a journal are right for today alone."""
    return today if today and any(run.at.date() > today for run in runs) else None


def expect_whole_journal(name: str, archive: Archive, store: RowStore) -> None:
    """Raise ArchiveError where the stored rows or the stored bytes include a delivery that the journal does not record:
    rows derived from the journal would lack it."""
    summary = store.summary(name)
    if summary is not None:
        _expect_begun_by(name, summary.run_count, summary.newest_run, archive.changes(name))
    if unrecorded := archive.unrecorded(name):
        raise ArchiveError(f"{unrecorded[0]}: {UNRECORDED}")


def _expect_begun_by(name: str, run_count: int, newest_run: str, runs: Sequence[Run]) -> None:
    """Raise ArchiveError unless rows were derived from the first runs of the journal."""
    if not (0 < run_count <= len(runs) and newest_run == run_name(runs[run_count - 1])):
        raise ArchiveError(
            f"the stored rows of {name} are made of {run_count} received, the last one {newest_run!r}, but the journal "
            f"tells of {len(runs)} and not of that one at its place: it has lost lines; put the newer journal back "
            "from a backup, or run `watchfloor rebuild --despite-loss` and receive again what is missing"
        )


def _in_old_dialect(run: Run, data: Bytes, now: Reading, today: date) -> Reading:
    """The reading of a delivery in the dialect of its receipt, with the problems that it has in that of now."""
    reading = read(data, run.file, Dialect.from_json(run.layout), today)
    if reading.rejected:
        return reading
    advice = f"{_receipt(run)}, does not go with the catalogue as it is now; read as declared when it came"
    return replace(reading, old_dialect_problems=_since_receipt(now.rejected, advice, run))


def _note_unreadable(stored: StoredRows, run: Run, reading: Reading, day: date) -> StoredRows:
    """The stored rows with the problems of a delivery that can no longer be read in any dialect."""
    problems = _since_receipt(reading.rejected, f"{_receipt(run)}, no longer readable", run)
    stored = update_problems(stored, {run.file: problems}, day, is_whole=covers_whole_source(stored.location))
    return replace(stored, unreadable=(*stored.unreadable, *problems))


def _since_receipt(problems: Sequence[Problem], advice: str, run: Run) -> tuple[Problem, ...]:
    """Problems of a delivery, known since its receipt, each with an advice."""
    known_at = run.at.date()
    return tuple(replace(one, message=with_advice(one.message, advice), known_at=known_at) for one in problems)


def _receipt(run: Run) -> str:
    return f"received {run.at:%Y-%m-%d %H:%M} UTC (sha256 {run.sha256[:12]})"
