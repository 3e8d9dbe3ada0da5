"""The rows of a source as its archive has them: every delivery read, and each row with the instants it was held."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import groupby
from pathlib import Path

import numpy as np

from dashboard.archive import UNRECORDED, Archive, ArchiveError, Run, SourceLog
from dashboard.catalog import Source
from dashboard.domain import Problem, with_advice
from dashboard.domain.dates import day_of
from dashboard.fetch import covers_whole_source
from dashboard.ingest import Dialect, Reading, read, read_many
from dashboard.rows.apply_delivery import (
    apply_acceptance,
    apply_deliveries,
    count_run,
    fingerprint,
    no_rows_yet,
    run_name,
)
from dashboard.rows.delivery_problems import update_problems
from dashboard.rows.store.parquet_store import RowStore, StoredRows


def replay_deliveries(
    name: str,
    source: Source,
    archive: Archive,
    store: RowStore | None,
    today: date | None = None,
    log: SourceLog | None = None,
) -> StoredRows:
    """The rows of all deliveries in the archive; nothing is written. `log`: the source's, where the caller has it.

    What is stored is used as far as it goes and was made in the same way; without a store all is made anew. Raises
    ArchiveError where a delivery that is needed is missing or damaged, and where the store knows of one that the
    journal does not: rows made of such a journal would lack it. Rows that were refused for their day alone are used
    from that day on, up to `today`. Where the journal has a receipt after `today`, a clock was ahead and took rows of
    the future in: then all is read anew, by the day that it is.
    """
    log = log or archive.log(name, source.location)
    runs, believed = log.changes, log.last_of_their_layout
    made = fingerprint(source, _ahead_of(today, runs))
    stored = store.read(name) if store else None
    if store and stored:
        _expect_begun_by(store.path(name), stored.run_count, stored.newest_run, runs)
    if stored is None or stored.fingerprint != made:
        stored = replace(no_rows_yet(source), fingerprint=made)

    def read_on(numbers: Sequence[int], day: date) -> list[Reading]:
        again = _read_again(source, [(run := runs[one], archive.data(name, run.sha256)) for one in numbers], day)
        return [
            one if number in believed else replace(one, old_dialect_problems=())
            for number, one in zip(numbers, again, strict=True)
        ]

    def what_came_together(number: int) -> tuple[datetime, str, str, str]:
        run = runs[number]
        return run.at, run.location or source.location, run.outcome, run.by

    for (at, place, outcome, _), together in groupby(range(stored.run_count, len(runs)), key=what_came_together):
        numbers = list(together)
        day = min(at.date(), today or at.date())
        stored = _ripened(stored, runs, day, read_on)
        of_numbers = [runs[number] for number in numbers]
        if outcome == "accepted":
            stored = _with_acceptances(stored, of_numbers)
        else:
            stored = _with_runs(stored, place, of_numbers, read_on(numbers, day))
    return _ripened(stored, runs, today, read_on) if today else stored


def _ripened(
    stored: StoredRows,
    runs: Sequence[Run],
    today: date,
    read_on: Callable[[Sequence[int], date], Sequence[Reading]],
) -> StoredRows:
    """The same on a day: where rows were refused for their day alone, their delivery is read again on that day, as if
    it had come with its first instant. Once for each such day, be they refused for it still."""
    while (day := stored.next_usable_on) and day <= today:
        files = {file for file, found in stored.problems_by_file.items() if any(one.sound_from == day for one in found)}
        received = [number for number in range(stored.run_count) if runs[number].outcome == "received"]
        newest = {runs[number].file: number for number in received if runs[number].file in files}
        numbers = list(newest.values())
        at = np.datetime64(day, "s")
        readings = read_on(numbers, day)
        stored = _with_readings(stored, stored.location, [runs[number] for number in numbers], readings, at)
        stored = replace(
            stored, problems_by_file={file: _ripe(found, day) for file, found in stored.problems_by_file.items()}
        )
    return stored


def _ripe(problems: Sequence[Problem], day: date) -> tuple[Problem, ...]:
    """The same, of which none is to be read again on a day any more."""
    return tuple(replace(one, sound_from=None) if one.sound_from and one.sound_from <= day else one for one in problems)


def is_current(name: str, source: Source, archive: Archive, store: RowStore, today: date) -> bool:
    """Whether the store has the rows of all that was received, made as they would be now; no row is read for that."""
    (count, newest), told = archive.extent(name), store.summary(name)
    if newest is None or told is None:
        return newest is None and told is None
    if told.next_usable_on and told.next_usable_on <= today:
        return False
    return told[:3] in [(fingerprint(source, day), count, run_name(newest)) for day in (None, today)]


def _ahead_of(today: date | None, runs: Sequence[Run]) -> date | None:
    """Today, where the journal has a receipt after it: what is made of that holds for today alone."""
    return today if today and any(run.at.date() > today for run in runs) else None


def expect_whole_journal(name: str, archive: Archive, store: RowStore) -> None:
    """ArchiveError where the stored rows or the bytes that were kept know of a delivery that the journal does not:
    rows made of it would lack that."""
    told = store.summary(name)
    if told is not None:
        _expect_begun_by(store.path(name), told[1], told[2], archive.changes(name))
    if untold := archive.unrecorded(name):
        raise ArchiveError(f"{untold[0]}: {UNRECORDED}")


def _expect_begun_by(rows: Path, through: int, newest: str, runs: Sequence[Run]) -> None:
    """ArchiveError where rows were not made of the runs with which the journal begins."""
    if not (0 < through <= len(runs) and newest == run_name(runs[through - 1])):
        raise ArchiveError(
            f"{rows}: made of {through} received, the last one {newest!r}, but the journal tells of {len(runs)} and "
            "not of that one at its place: it has lost lines; put the newer journal back from a backup, or run "
            "`watchfloor rebuild --despite-loss` and receive again what is missing"
        )


def _read_again(source: Source, received: Sequence[tuple[Run, bytes]], today: date) -> list[Reading]:
    """Deliveries as the catalogue declares them now.

    Bytes that do not go with it any more are read as they were when they came: a publisher who renames a column ends
    no history.
    """
    readings = read_many([(run.file, data) for run, data in received], Dialect.of(source), today)
    return [
        _as_it_came(run, data, reading, today) if reading.rejected and run.layout else reading
        for reading, (run, data) in zip(readings, received, strict=True)
    ]


def _as_it_came(run: Run, data: bytes, now: Reading, today: date) -> Reading:
    then = read(data, run.file, Dialect.from_json(run.layout), today)
    if then.rejected:
        return then
    standing = f"{_receipt(run)}, does not go with the catalogue as it is now; read as declared when it came"
    return replace(then, old_dialect_problems=_told_with(now.rejected, standing, run))


def _with_runs(stored: StoredRows, place: str, runs: Sequence[Run], readings: Sequence[Reading]) -> StoredRows:
    """What is held after runs of one instant and place."""
    stored = _with_readings(stored, place, runs, readings, np.datetime64(runs[0].at.replace(tzinfo=None), "s"))
    for run in runs:
        stored = count_run(stored, run)
    return stored


def _with_acceptances(stored: StoredRows, runs: Sequence[Run]) -> StoredRows:
    for run in runs:
        stored = count_run(apply_acceptance(stored, np.datetime64(run.at.replace(tzinfo=None), "s")), run)
    return stored


def _with_readings(
    stored: StoredRows, place: str, runs: Sequence[Run], readings: Sequence[Reading], at: np.datetime64
) -> StoredRows:
    """What is held after readings of one instant; what can no longer be read, or not as it is declared now, is said."""
    told = list(zip(runs, readings, strict=True))
    stored, _ = apply_deliveries(
        stored, place, [(reading, run.file) for run, reading in told if not reading.rejected], at,
        is_accepted=bool(runs) and all(run.by for run in runs),
    )  # fmt: skip
    for run, reading in told:
        stored = _unread(stored, run, reading, day_of(at)) if reading.rejected else stored
    return stored


def _unread(stored: StoredRows, run: Run, reading: Reading, day: date) -> StoredRows:
    """The same, and that nothing could be made of a delivery."""
    wrong = _told_with(reading.rejected, f"{_receipt(run)}, no longer readable", run)
    stored = update_problems(stored, {run.file: wrong}, day, is_whole=covers_whole_source(stored.location))
    return replace(stored, unreadable=(*stored.unreadable, *wrong))


def _told_with(problems: Sequence[Problem], standing: str, run: Run) -> tuple[Problem, ...]:
    """Problems of a delivery since its receipt, and how it stands with it."""
    return tuple(replace(one, message=with_advice(one.message, standing), known_at=run.at.date()) for one in problems)


def _receipt(run: Run) -> str:
    return f"received {run.at:%Y-%m-%d %H:%M} UTC (sha256 {run.sha256[:12]})"
