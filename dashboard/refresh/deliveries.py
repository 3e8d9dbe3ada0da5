"""What becomes of one delivery: seen again, rejected, or received with so many rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from dashboard.archive import Archive
from dashboard.catalog import Source
from dashboard.errors import WatchfloorError, refused
from dashboard.fetch import Fetched, FetchError
from dashboard.intake import Layout, Reading, disbelief, read_many
from dashboard.intake.guards import shrunk
from dashboard.journal import Run
from dashboard.refresh.fetches import OverdueError
from dashboard.refresh.past import Past
from dashboard.schedule import RETRY_AFTER

_MOST_NAMED = 3  # reasons of a rejection that the journal repeats; `watchfloor inspect` names all


def judged(
    name: str, came: Sequence[Fetched], past: Past, archive: Archive, now: datetime
) -> list[tuple[Run, Reading | None]]:
    """The run of each delivery, its bytes kept; and what it holds, where it is to be merged.

    They are kept before anything else, whatever is thought of them: what was received is never lost.
    """
    runs = [_kept(name, got, past, archive, now) for got in came]
    layout = Layout.of(past.source)
    news = [number for number, run in enumerate(runs) if run.outcome == "received"]
    readings = read_many([(came[number].file, came[number].data) for number in news], layout, now.date())
    told: list[tuple[Run, Reading | None]] = [(run, None) for run in runs]
    for number, reading in zip(news, readings, strict=True):
        run = replace(runs[number], layout=layout.as_json())
        before = past.received.get(past.key(run))
        if reason := _reason(past.source, came[number].data, reading, before):
            told[number] = _refused(run, reason), None
        else:
            told[number] = replace(run, rows=len(reading.rows), quarantined=len(reading.quarantined)), reading
    if reason := _lost_with_move(past, [run for run, reading in told if reading is not None]):
        told = [(run if reading is None else _refused(run, reason), None) for run, reading in told]
    return told


def _refused(run: Run, reason: str) -> Run:
    return replace(run, outcome="rejected", message=reason, rows=0, quarantined=0)


def _lost_with_move(past: Past, came: Sequence[Run]) -> str:
    """Why what came from the place of a source is not believed to be all of what came from the place before."""
    if not past.leaving or not came:
        return ""
    rows = sum(run.rows for run in {**past.received, **{past.key(run): run for run in came}}.values())
    reason = shrunk(past.source.expect, rows, past.rows_leaving)
    return reason and f"with {past.source.place_told} in the place of {past.leaving[0].place} {reason}"


def _kept(name: str, got: Fetched, past: Past, archive: Archive, now: datetime) -> Run:
    """The run of a delivery that is in the archive now: seen again, or received if nothing is found against it."""
    sha256 = archive.keep(name, got.data)
    run = Run(now, "received", got.file, got.address, sha256, len(got.data), dict(got.headers))
    before = past.received.get(past.key(run))
    if before is None or before.sha256 != sha256:
        return run
    return replace(run, outcome="seen again", rows=before.rows, quarantined=before.quarantined, layout=before.layout)


def _reason(source: Source, data: bytes, reading: Reading, before: Run | None) -> str:
    """Why a delivery is rejected; empty where it is not."""
    if reading.rejected:
        said = [f"{problem}" for problem in reading.rejected[:_MOST_NAMED]]
        more = len(reading.rejected) - len(said)
        return "; ".join([*said, *([f"and {more} more"] if more else [])])
    return disbelief(source, data, reading, before.rows if before else None)


def failures(source: Source, error: Exception, now: datetime) -> list[Run]:
    """The runs of what could not be fetched: the source, or files of a folder, each of which might hold a breach."""
    refused = error.refused if isinstance(error, FetchError) else ()
    of_files = [one for one in refused if one.file != source.place]
    of_place = [one.message for one in refused if one.file == source.place]
    runs = [Run(now, "rejected", one.file, one.file, message=one.message) for one in of_files]
    if not refused:
        runs.append(_failed(source, error, now))
    elif of_place:
        runs.append(Run(now, "failed", source.place, source.place, message=" | ".join(of_place)))
    return runs


def _failed(source: Source, error: Exception, now: datetime) -> Run:
    """The run of a source that could not be fetched, with the reason, and when it may be asked again."""
    asked = getattr(error, "retry_after", None)
    headers = {} if asked is None else {RETRY_AFTER: f"{asked:g}"}
    return Run(now, "failed", source.place, source.place, headers=headers, message=told_of(error))


def told_of(error: Exception) -> str:
    """An error in words: what Watchfloor raises speaks for itself, anything else is for whoever maintains it."""
    if isinstance(error, (WatchfloorError, OverdueError)):
        return str(error)
    if isinstance(error, OSError):
        return f"cannot read or write: {refused(error)}"
    return f"an error in Watchfloor itself: {error}; tell whoever looks after it"
