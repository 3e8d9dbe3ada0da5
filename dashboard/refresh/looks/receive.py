"""Judges each delivery of a look: seen again, rejected, held back, or received with so many rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from dashboard.archive import Archive, ArchiveError, FetchMemory, Run
from dashboard.catalog import Source
from dashboard.domain import RETRY_AFTER, WatchfloorError, system_message
from dashboard.fetch import FetchedFile, FetchError
from dashboard.ingest import Dialect, Reading, concatenate_rows, read_many
from dashboard.refresh.looks.commit import JudgedRun
from dashboard.refresh.looks.fetch_pool import OverdueError
from dashboard.rows import (
    StoredRows,
    excessive_changes,
    excessive_revisions,
    excessive_shrinkage,
    rows_replaced_by,
    unmet_expectations,
)

_MOST_NAMED = 3  # reasons of a rejection that the journal names; `watchfloor inspect` names all


def judge_deliveries(
    name: str,
    files: Sequence[FetchedFile],
    memory: FetchMemory,
    archive: Archive,
    now: datetime,
    stored: Callable[[], StoredRows],
) -> list[JudgedRun]:
    """The run of each delivery, and its rows where they are to be merged.

    The bytes are archived first, so that nothing that was received is lost, whatever is judged of it. stored: gives the
    stored rows; called only where a delivery replaces an earlier one.
    """
    runs = [_archived_run(name, file, memory, archive, now) for file in files]
    dialect = Dialect.of(memory.source)
    news = [number for number, run in enumerate(runs) if run.outcome == "received"]
    readings = read_many([(files[number].file, files[number].data) for number in news], dialect, now.date())
    judged: list[JudgedRun] = [(run, None) for run in runs]
    for number, reading in zip(news, readings, strict=True):
        run = replace(runs[number], layout=dialect.as_json())
        if reading.rejected:
            judged[number] = _rejected(run, _first_problems(reading)), None
        elif reason := _why_held_back(memory, run, files[number].data, reading, stored):
            judged[number] = _held_back(run, reason), None
        else:
            quarantined = sum(problem.rows for problem in reading.quarantined)
            notes = "; ".join(reading.notes)
            judged[number] = replace(run, rows=len(reading.rows), quarantined=quarantined, message=notes), reading
    received = [(run, reading) for run, reading in judged if reading is not None]
    if reason := _why_move_held_back(memory, received, stored):
        judged = [(run if reading is None else _held_back(run, reason), None) for run, reading in judged]
    return judged


def _archived_run(name: str, file: FetchedFile, memory: FetchMemory, archive: Archive, now: datetime) -> Run:
    """The run of a delivery whose bytes are archived: seen again, or received until a judgement says otherwise."""
    sha256 = archive.keep(name, file.data)
    run = Run(now, "received", file.file, file.address, sha256, len(file.data), dict(file.headers))
    before = memory.received.get(memory.key(run))
    if before is None or before.sha256 != sha256:
        return run
    return replace(run, outcome="seen again", rows=before.rows, quarantined=before.quarantined, layout=before.layout)


def _rejected(run: Run, reason: str) -> Run:
    return replace(run, outcome="rejected", message=reason, rows=0, quarantined=0)


def _held_back(run: Run, reason: str) -> Run:
    return replace(_rejected(run, reason), held_back=True)


def _first_problems(reading: Reading) -> str:
    """Why a delivery as a whole cannot be read."""
    problems = [str(problem) for problem in reading.rejected[:_MOST_NAMED]]
    more = len(reading.rejected) - len(problems)
    return "; ".join([*problems, *([f"and {more} more"] if more else [])])


def _why_held_back(
    memory: FetchMemory, run: Run, data: bytes, reading: Reading, stored: Callable[[], StoredRows]
) -> str:
    """Why a readable delivery is held back; "" where it is not."""
    source, before = memory.source, memory.received.get(memory.key(run))
    unmet = unmet_expectations(source, data, reading, before.rows if before else None)
    if before is None and (not source.origin.is_whole_delivery or not memory.log.superseded):
        return unmet  # it replaces nothing, or is judged together with the other files of a new folder
    try:
        in_force = rows_replaced_by(stored(), source.location, [run.file])
    except (ArchiveError, OSError):
        if unmet:
            return unmet
        raise
    reasons = [unmet, excessive_changes(source, reading, in_force)]
    return "; ".join(reason for reason in reasons if reason)


def _why_move_held_back(
    memory: FetchMemory, received: Sequence[tuple[Run, Reading]], stored: Callable[[], StoredRows]
) -> str:
    """Why the files of a new location together may not replace the deliveries of the one before; "" where they may."""
    if not memory.log.superseded or not received:
        return ""
    source, runs = memory.source, [run for run, _ in received]
    reasons = [_shrinkage_with_move(memory, runs)]
    if not source.origin.is_whole_delivery:
        in_force = rows_replaced_by(stored(), source.location, [run.file for run in runs])
        rows = concatenate_rows([reading for _, reading in received])
        reasons.append(excessive_revisions(in_force, rows, source.expect.revise_at_most))
    return "; ".join(reason for reason in reasons if reason)


def _shrinkage_with_move(memory: FetchMemory, runs: Sequence[Run]) -> str:
    """Why the new location seems to deliver fewer rows than the one before had; "" where it does not."""
    rows = sum(run.rows for run in {**memory.received, **{memory.key(run): run for run in runs}}.values())
    reason = excessive_shrinkage(memory.source.expect, rows, memory.rows_superseded)
    return reason and f"with {memory.source.location} in the place of {memory.log.superseded[0].location} {reason}"


def failed_runs(source: Source, error: Exception, now: datetime) -> list[Run]:
    """The runs of a failed fetch: of the source, or of each file of a folder, since each might hold a breach."""
    refusals = error.refused if isinstance(error, FetchError) else ()
    place = source.origin.name
    of_place = [refusal.message for refusal in refusals if refusal.file == place]
    runs = [
        Run(now, "rejected", refusal.file, refusal.file, message=refusal.message)
        for refusal in refusals
        if refusal.file != place
    ]
    if not refusals:
        runs.append(_failed_run(source, error, now))
    elif of_place:
        runs.append(Run(now, "failed", place, place, message=" | ".join(of_place)))
    return runs


def _failed_run(source: Source, error: Exception, now: datetime) -> Run:
    """The run of a source that could not be fetched, with the reason and the delay that the server asked for."""
    retry_after = getattr(error, "retry_after", None)
    headers = {} if retry_after is None else {RETRY_AFTER: f"{retry_after:g}"}
    return Run(now, "failed", source.origin.name, source.origin.name, headers=headers, message=describe_error(error))


def describe_error(error: Exception) -> str:
    """An error in words; one that neither Watchfloor nor the system raised on purpose is a fault of the code."""
    if isinstance(error, (WatchfloorError, OverdueError)):
        return str(error)
    if isinstance(error, OSError):
        return f"cannot read or write: {system_message(error)}"
    return f"internal error: {error}; please report it"
