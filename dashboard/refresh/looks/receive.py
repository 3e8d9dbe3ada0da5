"""What becomes of one delivery: seen again, rejected, or received with so many rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from dashboard.archive import Archive, ArchiveError, FetchMemory, Run
from dashboard.catalog import Source
from dashboard.domain import WatchfloorError, system_message
from dashboard.domain.dates import RETRY_AFTER
from dashboard.fetch import FetchedFile, FetchError
from dashboard.ingest import Dialect, Reading, concatenate_rows, read_many
from dashboard.refresh.looks.fetch_pool import OverdueError
from dashboard.rows import (
    StoredRows,
    excessive_changes,
    excessive_revisions,
    excessive_shrinkage,
    rows_replaced_by,
    unmet_expectations,
)

_MOST_NAMED = 3  # reasons of a rejection that the journal repeats; `watchfloor inspect` names all


def judge_deliveries(
    name: str,
    came: Sequence[FetchedFile],
    past: FetchMemory,
    archive: Archive,
    now: datetime,
    stored: Callable[[], StoredRows],
) -> list[tuple[Run, Reading | None]]:
    """The run of each delivery, its bytes kept; and what it holds, where it is to be merged. `stored` gives what is
    held, and is asked only where something was received before.

    They are kept before anything else, whatever is thought of them: what was received is never lost.
    """
    runs = [_kept(name, got, past, archive, now) for got in came]
    dialect = Dialect.of(past.source)
    news = [number for number, run in enumerate(runs) if run.outcome == "received"]
    readings = read_many([(came[number].file, came[number].data) for number in news], dialect, now.date())
    told: list[tuple[Run, Reading | None]] = [(run, None) for run in runs]
    for number, reading in zip(news, readings, strict=True):
        run = replace(runs[number], layout=dialect.as_json())
        before = past.received.get(past.key(run))
        if reading.rejected:
            told[number] = _refused(run, _unreadable(reading)), None
        elif reason := _disbelief(past, run, came[number].data, reading, before, stored):
            told[number] = _held_back(run, reason), None
        else:
            bad = sum(one.rows for one in reading.quarantined)
            run = replace(run, rows=len(reading.rows), quarantined=bad, message="; ".join(reading.notes))
            told[number] = run, reading
    if reason := _changed_with_move(past, [one for one in told if one[1] is not None], stored):
        told = [(run if reading is None else _held_back(run, reason), None) for run, reading in told]
    return told


def _refused(run: Run, reason: str) -> Run:
    return replace(run, outcome="rejected", message=reason, rows=0, quarantined=0)


def _held_back(run: Run, reason: str) -> Run:
    return replace(_refused(run, reason), held_back=True)


def _disbelief(
    past: FetchMemory, run: Run, data: bytes, reading: Reading, before: Run | None, stored: Callable[[], StoredRows]
) -> str:
    """Why a delivery that could be read is held back; empty where it is not."""
    source = past.source
    counted = unmet_expectations(source, data, reading, before.rows if before else None)
    if before is None and (not source.origin.is_whole_delivery or not past.log.superseded):
        return counted  # nothing that it replaces, or it is judged together with the other files of a new folder
    try:
        in_force = rows_replaced_by(stored(), source.location, [run.file])
    except (ArchiveError, OSError):
        if counted:
            return counted
        raise
    found = [counted, excessive_changes(source, reading, in_force)]
    return "; ".join(reason for reason in found if reason)


def _changed_with_move(
    past: FetchMemory, came: Sequence[tuple[Run, Reading | None]], stored: Callable[[], StoredRows]
) -> str:
    """Why files of a new folder together are not believed to take the place of what is held of the place before."""
    if not past.log.superseded or not came:
        return ""
    found = [_lost_with_move(past, [run for run, _ in came])]
    if not past.source.origin.is_whole_delivery:
        in_force = rows_replaced_by(stored(), past.source.location, [run.file for run, _ in came])
        rows = concatenate_rows([reading for _, reading in came if reading is not None])
        found.append(excessive_revisions(in_force, rows, past.source.expect.revise_at_most))
    return "; ".join(reason for reason in found if reason)


def _lost_with_move(past: FetchMemory, came: Sequence[Run]) -> str:
    """Why what came from the place of a source is not believed to be all of what came from the place before."""
    if not past.log.superseded or not came:
        return ""
    rows = sum(run.rows for run in {**past.received, **{past.key(run): run for run in came}}.values())
    reason = excessive_shrinkage(past.source.expect, rows, past.rows_superseded)
    return reason and f"with {past.source.location} in the place of {past.log.superseded[0].location} {reason}"


def _kept(name: str, got: FetchedFile, past: FetchMemory, archive: Archive, now: datetime) -> Run:
    """The run of a delivery that is in the archive now: seen again, or received if nothing is found against it."""
    sha256 = archive.keep(name, got.data)
    run = Run(now, "received", got.file, got.address, sha256, len(got.data), dict(got.headers))
    before = past.received.get(past.key(run))
    if before is None or before.sha256 != sha256:
        return run
    return replace(run, outcome="seen again", rows=before.rows, quarantined=before.quarantined, layout=before.layout)


def _unreadable(reading: Reading) -> str:
    """Why a delivery as a whole cannot be read."""
    said = [f"{problem}" for problem in reading.rejected[:_MOST_NAMED]]
    more = len(reading.rejected) - len(said)
    return "; ".join([*said, *([f"and {more} more"] if more else [])])


def failed_runs(source: Source, error: Exception, now: datetime) -> list[Run]:
    """The runs of what could not be fetched: the source, or files of a folder, each of which might hold a breach."""
    refused = error.refused if isinstance(error, FetchError) else ()
    of_files = [one for one in refused if one.file != source.origin.name]
    of_place = [one.message for one in refused if one.file == source.origin.name]
    runs = [Run(now, "rejected", one.file, one.file, message=one.message) for one in of_files]
    if not refused:
        runs.append(_failed(source, error, now))
    elif of_place:
        runs.append(Run(now, "failed", source.origin.name, source.origin.name, message=" | ".join(of_place)))
    return runs


def _failed(source: Source, error: Exception, now: datetime) -> Run:
    """The run of a source that could not be fetched, with the reason, and when it may be asked again."""
    asked = getattr(error, "retry_after", None)
    headers = {} if asked is None else {RETRY_AFTER: f"{asked:g}"}
    return Run(now, "failed", source.origin.name, source.origin.name, headers=headers, message=describe_error(error))


def describe_error(error: Exception) -> str:
    """An error in words: what Watchfloor raises speaks for itself, anything else is for whoever maintains it."""
    if isinstance(error, (WatchfloorError, OverdueError)):
        return str(error)
    if isinstance(error, OSError):
        return f"cannot read or write: {system_message(error)}"
    return f"an error in Watchfloor itself: {error}; tell whoever looks after it"
