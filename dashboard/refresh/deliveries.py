"""What becomes of one delivery: seen again, rejected, or received with so many rows."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from dashboard.archive import Archive, Run
from dashboard.catalog import Source
from dashboard.errors import WatchfloorError
from dashboard.fetch import Fetched
from dashboard.intake import Layout, Reading, read
from dashboard.refresh.fetches import OverdueError
from dashboard.refresh.guards import refusal
from dashboard.refresh.past import Past
from dashboard.schedule import RETRY_AFTER

_MOST_NAMED = 3  # reasons of a rejection that the journal repeats; `watchfloor inspect` names all


def judged(name: str, got: Fetched, past: Past, archive: Archive, now: datetime) -> tuple[Run, Reading | None]:
    """The run of a delivery, its bytes kept; and what it holds, where it is to be merged.

    It is kept before anything else, whatever is thought of it: what was received is never lost.
    """
    sha256 = archive.keep(name, got.data)
    run = Run(now, "seen again", got.file, got.address, sha256, len(got.data), dict(got.headers))
    before = past.received.get(past.key(run))
    if before is not None and before.sha256 == sha256:
        return replace(run, rows=before.rows, quarantined=before.quarantined, layout=before.layout), None
    source = past.source
    layout = Layout.of(source)
    reading = read(got.data, got.file, layout, now.date())
    run = replace(run, rows=len(reading.rows), quarantined=len(reading.quarantined), layout=layout.as_json())
    if reason := _reason(source, got.data, reading, before):
        return replace(run, outcome="rejected", message=reason, rows=0, quarantined=0), None
    return replace(run, outcome="received"), reading


def _reason(source: Source, data: bytes, reading: Reading, before: Run | None) -> str:
    """Why a delivery is rejected; empty where it is not."""
    if reading.rejected:
        said = [f"{problem}" for problem in reading.rejected[:_MOST_NAMED]]
        more = len(reading.rejected) - len(said)
        return "; ".join([*said, *([f"and {more} more"] if more else [])])
    header = _header(data, Layout.of(source)) if source.expect.columns else []
    return refusal(source.expect, len(reading.rows), header, before.rows if before else None)


def _header(data: bytes, layout: Layout) -> Sequence[str]:
    """The columns of a file that could be read."""
    text = data.decode("utf-8-sig" if layout.encoding == "utf-8" else layout.encoding)
    return next(csv.reader(text.splitlines(keepends=True), delimiter=layout.separator), [])


def failed(source: Source, error: Exception, now: datetime) -> Run:
    """The run of a source that could not be fetched, with the reason, and when it may be asked again."""
    asked = getattr(error, "retry_after", None)
    headers = {} if asked is None else {RETRY_AFTER: f"{asked:g}"}
    return Run(now, "failed", source.place, source.place, headers=headers, message=told_of(error))


def told_of(error: Exception) -> str:
    """An error in words: what Watchfloor raises speaks for itself, of anything else the kind is named."""
    if isinstance(error, (WatchfloorError, OverdueError)):
        return str(error)
    if isinstance(error, OSError):
        return f"cannot read or write: {error}"
    return f"unexpected {type(error).__name__}: {error}"
