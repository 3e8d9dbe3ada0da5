"""A person's word against the guards: what is held back comes in, or rows that went missing count as wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd

from dashboard.archive import Archive, ArchiveError, Run
from dashboard.catalog import Source
from dashboard.domain import figure_in_full
from dashboard.domain.text import wording as words
from dashboard.ingest import Dialect, Reading, read
from dashboard.refresh.looks.commit import commit_runs
from dashboard.rows import RowStore, StoredRows, apply_acceptance, are_missing, count_run, replay_deliveries

MOST_NAMED = 5  # rows that a line names


@dataclass(frozen=True)
class Acceptance:
    """What somebody asks for. file: which of several held-back files is meant, "" for all; seen: the SHA-256 of those
    that were held back when it was asked for, None where nobody had looked."""

    source: str
    by: str
    because: str
    file: str = ""
    seen: tuple[str, ...] | None = None


@dataclass(frozen=True)
class AcceptanceResult:
    """What became of it, in lines for whoever asked, and whether all of it was done."""

    lines: tuple[str, ...]
    is_done: bool


def rejections_in_force(name: str, source: Source, archive: Archive, file: str = "") -> list[Run]:
    """The deliveries of the place that the source has now which were rejected, and that nothing else came after."""
    here = source.location
    own = [
        run for run in archive.log(name, here).standing if run.outcome == "rejected" and (run.location or here) == here
    ]
    return [run for run in own if file in ("", run.file)]


def checksums_of(runs: Sequence[Run]) -> tuple[str, ...]:
    """What tells whether the same deliveries are still held back."""
    return tuple(sorted(run.sha256 for run in runs))


def missing_rows(name: str, source: Source, archive: Archive, store: RowStore, today: date) -> list[str]:
    """The rows that no delivery has any more and nobody accounted for, newest first, each in words."""
    try:
        rows = replay_deliveries(name, source, archive, store, today).rows
    except (ArchiveError, OSError):
        return []  # whoever reads them next says what is wrong
    return [_figure(row) for row in _newest_first(rows[are_missing(rows)]).to_dict("records")]


def carry_out(asked: Acceptance, source: Source, archive: Archive, store: RowStore, now: datetime) -> AcceptanceResult:
    """Do what is asked for, and record who asked and why. The caller holds the lock. Raises ArchiveError."""
    runs = rejections_in_force(asked.source, source, archive, asked.file)
    if asked.seen is not None and asked.seen != checksums_of(runs):
        what = "what is held back has changed meanwhile, and nothing was accepted"
        changed = [f"{asked.source}: {what}; look at it and run the command again"]
        return AcceptanceResult((*changed, *map(_told_held, runs)), is_done=False)
    readings = [(run, _read(asked.source, run, source, archive, now)) for run in runs]
    unreadable = [f"{_receipt(run)} cannot be let in: {one}" for run, one in readings if isinstance(one, str)]
    readable = [(run, one) for run, one in readings if isinstance(one, Reading)]
    if readable:
        lines = _let_in(asked, readable, source, archive, store, now)
        return AcceptanceResult((*lines, *unreadable), is_done=not unreadable)
    if asked.file:
        nothing = f"nothing of {asked.file} is held back"
        return AcceptanceResult((*(unreadable or [nothing]),), is_done=False)
    return _account_for_lost(asked, source, archive, store, now, unreadable)


def _read(name: str, run: Run, source: Source, archive: Archive, now: datetime) -> Reading | str:
    """What a delivery holds that was held back; or why it cannot be let in, and what to do."""
    mend = "mend the file or the source's entry in the YAML, and deliver it again"
    if not run.sha256:
        return f"{run.message}; {mend}"
    try:
        data = archive.data(name, run.sha256)
    except ArchiveError as error:
        return str(error)
    reading = read(data, run.file, Dialect.of(source), now.date())
    return f"it cannot be read as a whole: {reading.rejected[0]}; {mend}" if reading.rejected else reading


def _let_in(
    asked: Acceptance,
    readings: Sequence[tuple[Run, Reading]],
    source: Source,
    archive: Archive,
    store: RowStore,
    now: datetime,
) -> list[str]:
    """The deliveries are received with this instant; what they lack that was in force counts as wrong."""
    told = [(_received(asked, run, one, source, now), one) for run, one in readings]
    before = replay_deliveries(asked.source, source, archive, store, now.date()).rows
    runs = commit_runs(asked.source, told, source, archive, store)
    lines = [
        f"accepted: {words.counted(run.rows, 'row')} of {_receipt(held_back)}{_lost(run)}, in force since "
        f"{_instant(now)}; {asked.by}: {asked.because}"
        for run, (held_back, _) in zip(runs, readings, strict=True)
    ]
    after = replay_deliveries(asked.source, source, archive, store, now.date()).rows
    lost, still_lost = before[are_missing(before)], int(are_missing(after).sum())
    if len(lost) > still_lost:
        more = f"and {words.counted(len(lost) - still_lost, 'row')} that earlier deliveries lost"
        lines.append(f"{more}, accepted as wrong with it ; newest of what was lost: {_named(lost)}")
    if still_lost:
        more = "earlier deliveries lost, and nobody has said that they were wrong; the same command again says so"
        lines.append(f"{words.counted(still_lost, 'row')} of {asked.source} {more}")
    return lines


def _received(asked: Acceptance, run: Run, reading: Reading, source: Source, now: datetime) -> Run:
    return replace(
        run, at=now, outcome="received", held_back=False, by=asked.by, message=asked.because,
        rows=len(reading.rows), quarantined=sum(one.rows for one in reading.quarantined),
        layout=Dialect.of(source).as_json(),
    )  # fmt: skip


def _account_for_lost(
    asked: Acceptance, source: Source, archive: Archive, store: RowStore, now: datetime, unreadable: list[str]
) -> AcceptanceResult:
    stored = replay_deliveries(asked.source, source, archive, store, now.date())
    lost = stored.rows[are_missing(stored.rows)]
    if lost.empty:
        nothing = f"nothing of {asked.source} is held back, and no row of it is missing"
        return AcceptanceResult((*(unreadable or [nothing]),), is_done=False)
    run = Run(
        now, "accepted", source.origin.name, source.origin.name, message=asked.because, rows=len(lost),
        location=source.location, by=asked.by,
    )  # fmt: skip
    archive.record(asked.source, run)
    store.write(asked.source, _with_run(stored, run))
    what = f"{words.counted(len(lost), 'row')} of {asked.source} that no delivery has any more"
    said = f"accepted: {what}, counted as wrong from now on: {_named(lost)}; {asked.by}: {asked.because}"
    return AcceptanceResult((said, *unreadable), is_done=True)


def _with_run(stored: StoredRows, run: Run) -> StoredRows:
    return count_run(apply_acceptance(stored, np.datetime64(run.at.replace(tzinfo=None), "s")), run)


def _lost(run: Run) -> str:
    """What was in force and goes with a delivery, as the person who let it in says."""
    return f" ({run.dropped} no longer there)" if run.dropped else ""


def _named(rows: pd.DataFrame) -> str:
    told = [_figure(row) for row in _newest_first(rows).head(MOST_NAMED).to_dict("records")]
    more = len(rows) - len(told)
    return "; ".join(told) + (f" and {more} more" if more > 0 else "")


def _newest_first(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.sort_values(["end", "start"], ascending=False, kind="stable")


def _figure(row: Mapping[Any, Any]) -> str:
    """`16,400 containers, 1 Sep 2023 to 4 Sep 2024 (us.csv:5)`"""
    return f"{figure_in_full(row)}, {words.days_of(row)} ({row['file']}:{row['line']})"


def _told_held(run: Run) -> str:
    return f"{_receipt(run)}: {run.message}"


def _receipt(run: Run) -> str:
    return f"{run.file} received {_instant(run.at)}"


def _instant(at: datetime) -> str:
    return words.instant(at)
