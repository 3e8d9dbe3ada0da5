"""A person overrules a guard: a delivery that is held back comes in, or rows that went missing count as wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from dashboard.archive import Archive, ArchiveError, Run
from dashboard.catalog import Source
from dashboard.domain import figure_in_full
from dashboard.domain.dates import instant_of
from dashboard.domain.text import wording as words
from dashboard.ingest import Dialect, Reading, read
from dashboard.late_imports import pd
from dashboard.refresh.looks.commit import Commit, commit_all
from dashboard.refresh.requests.mailbox import Answer, Mailbox
from dashboard.rows import RowStore, StoredRows, apply_acceptance, are_missing, count_run, replay_deliveries

MOST_NAMED = 5  # rows that a line names


@dataclass(frozen=True)
class Acceptance:
    """What a person asks for: who, why, and of which source.

    file: the held-back file that is meant, "" for all. held_back_checksums: the SHA-256 of the deliveries that were
    held back when the person asked, None where nobody had looked.
    """

    source: str
    by: str
    because: str
    file: str = ""
    held_back_checksums: tuple[str, ...] | None = None


def acceptances_of(state: Path) -> Mailbox[Acceptance]:
    def parse(fields: Mapping[str, Any]) -> Acceptance:
        held_back = fields["held_back_checksums"]
        return Acceptance(**{**fields, "held_back_checksums": None if held_back is None else tuple(held_back)})

    return Mailbox(state, "acceptances", parse)


def rejections_in_force(name: str, source: Source, archive: Archive, file: str = "") -> list[Run]:
    """The rejected deliveries from the source's present location that no later run has ended."""
    here = source.location
    own = [
        run
        for run in archive.log(name, here).open_rejections
        if run.outcome == "rejected" and (run.location or here) == here
    ]
    return [run for run in own if file in ("", run.file)]


def checksums_of(runs: Sequence[Run]) -> tuple[str, ...]:
    """The checksums of deliveries, which are the same as long as the same deliveries are held back."""
    return tuple(sorted(run.sha256 for run in runs))


def missing_rows(name: str, source: Source, archive: Archive, store: RowStore, today: date) -> list[str]:
    """The rows that no delivery has any more and nobody accounted for, newest first, each in words."""
    try:
        rows = replay_deliveries(name, source, archive, store, today).rows
    except (ArchiveError, OSError):
        return []  # the next look reports it
    return [_describe_row(row) for row in _newest_first(rows[are_missing(rows)]).to_dict("records")]


def carry_out(acceptance: Acceptance, source: Source, archive: Archive, store: RowStore, now: datetime) -> Answer:
    """Do what is asked for, and record who asked and why. The caller holds the lock. Raises ArchiveError."""
    name = acceptance.source
    runs = rejections_in_force(name, source, archive, acceptance.file)
    if acceptance.held_back_checksums is not None and acceptance.held_back_checksums != checksums_of(runs):
        message = "what is held back has changed meanwhile, and nothing was accepted"
        line = f"{name}: {message}; look at it and run the command again"
        return Answer((line, *(f"{_receipt(run)}: {run.message}" for run in runs)), is_done=False)
    readings = [(run, _read(name, run, source, archive, now)) for run in runs]
    unreadable = [f"{_receipt(run)} cannot be let in: {why}" for run, why in readings if isinstance(why, str)]
    readable = [(run, reading) for run, reading in readings if isinstance(reading, Reading)]
    if readable:
        lines = _receive(acceptance, readable, source, archive, store, now)
        return Answer((*lines, *unreadable), is_done=not unreadable)
    if acceptance.file:
        nothing = f"nothing of {acceptance.file} is held back"
        return Answer((*(unreadable or [nothing]),), is_done=False)
    return _account_for_missing(acceptance, source, archive, store, now, unreadable)


def _read(name: str, run: Run, source: Source, archive: Archive, now: datetime) -> Reading | str:
    """The rows of a held-back delivery; or why it cannot be let in, and what to do."""
    mend = "mend the file or the source's entry in the YAML, and deliver it again"
    if not run.sha256:
        return f"{run.message}; {mend}"
    try:
        data = archive.data(name, run.sha256)
    except ArchiveError as error:
        return str(error)
    reading = read(data, run.file, Dialect.of(source), now.date())
    return f"it cannot be read as a whole: {reading.rejected[0]}; {mend}" if reading.rejected else reading


def _receive(
    acceptance: Acceptance,
    readings: Sequence[tuple[Run, Reading]],
    source: Source,
    archive: Archive,
    store: RowStore,
    now: datetime,
) -> list[str]:
    """Receive the deliveries at this instant; the rows in force that they lack count as wrong."""
    name = acceptance.source
    deliveries = [(_received_run(acceptance, run, reading, source, now), reading) for run, reading in readings]
    stored = replay_deliveries(name, source, archive, store, now.date())
    before, commit = stored.rows, Commit(name, source, deliveries, lambda: stored)
    runs = commit_all([commit], archive, store)[name]
    lines = [
        f"accepted: {words.counted(run.rows, 'row')} of {_receipt(held_back)}{_dropped_rows(run)}, in force since "
        f"{words.instant(now)}; {acceptance.by}: {acceptance.because}"
        for run, (held_back, _) in zip(runs, readings, strict=True)
    ]
    after = replay_deliveries(name, source, archive, store, now.date()).rows
    missing, still_missing = before[are_missing(before)], int(are_missing(after).sum())
    if len(missing) > still_missing:
        more = f"and {words.counted(len(missing) - still_missing, 'row')} that earlier deliveries lost"
        lines.append(f"{more}, accepted as wrong with it; newest of what was lost: {_name_newest(missing)}")
    if still_missing:
        more = "earlier deliveries lost, and nobody has said that they were wrong; the same command again says so"
        lines.append(f"{words.counted(still_missing, 'row')} of {name} {more}")
    return lines


def _received_run(acceptance: Acceptance, run: Run, reading: Reading, source: Source, now: datetime) -> Run:
    return replace(
        run, at=now, outcome="received", held_back=False, by=acceptance.by, message=acceptance.because,
        rows=len(reading.rows), quarantined=sum(problem.rows for problem in reading.quarantined),
        layout=Dialect.of(source).as_json(),
    )  # fmt: skip


def _account_for_missing(
    acceptance: Acceptance, source: Source, archive: Archive, store: RowStore, now: datetime, unreadable: list[str]
) -> Answer:
    """Record that the missing rows of a source were wrong."""
    name = acceptance.source
    stored = replay_deliveries(name, source, archive, store, now.date())
    missing = stored.rows[are_missing(stored.rows)]
    if missing.empty:
        nothing = f"nothing of {name} is held back, and no row of it is missing"
        return Answer((*(unreadable or [nothing]),), is_done=False)
    run = Run(
        now, "accepted", source.origin.name, source.origin.name, message=acceptance.because, rows=len(missing),
        location=source.location, by=acceptance.by,
    )  # fmt: skip
    archive.record(name, run)
    store.write(name, _with_run(stored, run))
    rows = f"{words.counted(len(missing), 'row')} of {name} that no delivery has any more"
    line = f"accepted: {rows}, counted as wrong from now on: {_name_newest(missing)}"
    return Answer((f"{line}; {acceptance.by}: {acceptance.because}", *unreadable), is_done=True)


def _with_run(stored: StoredRows, run: Run) -> StoredRows:
    return count_run(apply_acceptance(stored, instant_of(run.at)), run)


def _dropped_rows(run: Run) -> str:
    """How many rows in force a delivery removes, which the person who let it in confirms."""
    return f" ({run.dropped} no longer there)" if run.dropped else ""


def _name_newest(rows: pd.DataFrame) -> str:
    lines = [_describe_row(row) for row in _newest_first(rows).head(MOST_NAMED).to_dict("records")]
    more = len(rows) - len(lines)
    return "; ".join(lines) + (f" and {more} more" if more > 0 else "")


def _newest_first(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.sort_values(["end", "start"], ascending=False, kind="stable")


def _describe_row(row: Mapping[Any, Any]) -> str:
    """`16,400 containers, 1 Sep 2023 to 4 Sep 2024 (us.csv:5)`"""
    return f"{figure_in_full(row)}, {words.days_of(row)} ({row['file']}:{row['line']})"


def _receipt(run: Run) -> str:
    return f"{run.file} received {words.instant(run.at)}"
