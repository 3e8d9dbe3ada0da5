"""Judges each delivery of a group of looks: seen again, rejected, held back, or received with so many rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from dashboard.archive import Archive, ArchiveError, FetchMemory, Outcome, Run, describe_missing_delivery
from dashboard.catalog import Source
from dashboard.domain import RETRY_AFTER, WatchfloorError, system_message
from dashboard.fetch import FetchedFile, FetchError, FileRemark
from dashboard.ingest import Delivery, Dialect, Reading, concatenate_rows, read_all
from dashboard.large_bytes import Bytes
from dashboard.refresh.looks.commit import JudgedRun, RowsBefore
from dashboard.refresh.looks.fetch_pool import OverdueError
from dashboard.rows import (
    Replacement,
    excessive_changes,
    excessive_revisions,
    excessive_shrinkage,
    rows_replaced_by,
    unmet_expectations,
    without_excessive_changes,
)

_MOST_NAMED = 3  # reasons of a rejection that the journal names; `watchfloor inspect` names all


@dataclass(frozen=True, eq=False)
class Fetch:
    """What one look fetched of a source: its files, and the error that ended its fetch or came with them.

    folder: the catalogue's. is_due: whether the schedule or a person asked for the look, so that it is recorded even
    without news. remarks: what the look says of files that it brings no bytes of.
    """

    name: str
    memory: FetchMemory
    folder: Path
    files: Sequence[FetchedFile]
    error: Exception | None
    received_at: datetime
    is_due: bool
    remarks: Sequence[FileRemark] = ()

    @property
    def source(self) -> Source:
        return self.memory.source

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is to be recorded: nothing came, nobody asked, and the looks before found all in order."""
        memory = self.memory
        return not (self.files or self.remarks or self.error or self.is_due or memory.log.superseded) and memory.is_well


def archive_deliveries(fetches: Sequence[Fetch], archive: Archive) -> list[list[Run]]:
    """The run of each delivery, whose bytes are archived first, so that nothing that was received is lost, whatever is
    judged of it: seen again, or received until a judgement says otherwise."""
    checksums = iter(archive.keep_all([(fetch.name, file.data) for fetch in fetches for file in fetch.files]))
    return [[_archived_run(fetch, file, next(checksums)) for file in fetch.files] for fetch in fetches]


def judge_deliveries(
    fetches: Sequence[Fetch], archived: Sequence[Sequence[Run]], before: RowsBefore
) -> list[list[JudgedRun]]:
    """The run of each delivery of each source, and its rows where they are to be merged; all are read together."""
    readings = _read_news(fetches, archived)
    before.read([fetch.name for fetch, runs in zip(fetches, archived, strict=True) if _replaces_any(fetch, runs)])
    quiet = _sources_of_usual_changes(fetches, archived, readings, before)
    left = iter(readings)
    return [
        _judge(fetch, runs, left, before, is_quiet=fetch.name in quiet)
        for fetch, runs in zip(fetches, archived, strict=True)
    ]


def _read_news(fetches: Sequence[Fetch], archived: Sequence[Sequence[Run]]) -> list[Reading]:
    """The readings of all deliveries that were not seen before."""
    deliveries = []
    for fetch, runs in zip(fetches, archived, strict=True):
        dialect = Dialect.of(fetch.source)
        news = (file for file, run in zip(fetch.files, runs, strict=True) if run.outcome == "received")
        deliveries += [Delivery(file.file, file.data, dialect) for file in news]
    return read_all(deliveries, fetches[0].received_at.date()) if deliveries else []


def _sources_of_usual_changes(
    fetches: Sequence[Fetch], archived: Sequence[Sequence[Run]], readings: Sequence[Reading], before: RowsBefore
) -> set[str]:
    """The sources whose deliveries need not be compared one by one with the rows in force."""
    left, replacements = iter(readings), dict[str, Replacement]()
    for fetch, runs in zip(fetches, archived, strict=True):
        news = [next(left) for run in runs if run.outcome == "received"]
        if len(news) != 1 or news[0].rejected or not fetch.source.origin.is_whole_delivery:
            continue
        if _replaces_any(fetch, runs):
            with suppress(ArchiveError, OSError):  # raised again where the source is judged
                replacements[fetch.name] = Replacement(fetch.source, before.of(fetch.name), news[0])
    return without_excessive_changes(replacements)


def _replaces_any(fetch: Fetch, runs: Sequence[Run]) -> bool:
    """Whether a delivery may replace rows in force, with which it is then compared."""
    news = [run for run in runs if run.outcome == "received"]
    has_superseded = bool(fetch.memory.log.superseded)
    return any(has_superseded or fetch.memory.key(run) in fetch.memory.received for run in news)


def _judge(
    fetch: Fetch, archived: Sequence[Run], readings: Iterator[Reading], before: RowsBefore, *, is_quiet: bool
) -> list[JudgedRun]:
    """The runs of one source. is_quiet: whether `without_excessive_changes` named it."""
    memory, layout = fetch.memory, Dialect.of(fetch.source).as_json() if fetch.files else {}
    judged: list[JudgedRun] = []
    for run, file in zip(archived, fetch.files, strict=True):
        if run.outcome != "received":
            judged.append((run, None))
            continue
        run, reading = replace(run, layout=layout), next(readings)
        if reading.rejected:
            judged.append((_rejected(run, _first_problems(reading)), None))
        elif reason := _why_held_back(fetch, run, file.data, reading, None if is_quiet else before):
            judged.append((_held_back(run, reason), None))
        else:
            quarantined = sum(problem.rows for problem in reading.quarantined)
            notes = "; ".join(reading.notes)
            run = replace(run, rows=reading.row_count, quarantined=quarantined, message=notes)
            judged.append((run, reading))
    received = [(run, reading) for run, reading in judged if reading is not None]
    if reason := _why_move_held_back(fetch, received, before):
        judged = [(run if reading is None else _held_back(run, reason), None) for run, reading in judged]
    for run, _ in judged:
        if run.outcome == "rejected":
            memory.refused[run.file] = run.headers
    return judged


def _archived_run(fetch: Fetch, file: FetchedFile, sha256: str) -> Run:
    run = Run(fetch.received_at, "received", file.file, file.address, sha256, len(file.data), dict(file.headers))
    before = fetch.memory.received.get(fetch.memory.key(run))
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


def _why_held_back(fetch: Fetch, run: Run, data: Bytes, reading: Reading, rows_before: RowsBefore | None) -> str:
    """Why a readable delivery is held back; "" where it is not. rows_before: None where there is nothing to compare."""
    memory, source = fetch.memory, fetch.source
    before = memory.received.get(memory.key(run))
    unmet = unmet_expectations(source, data, reading, before.rows if before else None)
    if rows_before is None or (before is None and (not source.origin.is_whole_delivery or not memory.log.superseded)):
        return unmet  # it replaces nothing, or is judged together with the other files of a new folder
    try:
        in_force = rows_replaced_by(rows_before.of(fetch.name), source.location, [run.file])
    except (ArchiveError, OSError):
        if unmet:
            return unmet
        raise
    reasons = [unmet, excessive_changes(source, reading, in_force)]
    return "; ".join(reason for reason in reasons if reason)


def _why_move_held_back(fetch: Fetch, received: Sequence[tuple[Run, Reading]], before: RowsBefore) -> str:
    """Why the files of a new location together may not replace the deliveries of the one before; "" where they may."""
    memory = fetch.memory
    if not memory.log.superseded or not received:
        return ""
    source, runs = fetch.source, [run for run, _ in received]
    reasons = [_shrinkage_with_move(memory, runs)]
    if not source.origin.is_whole_delivery:
        in_force = rows_replaced_by(before.of(fetch.name), source.location, [run.file for run in runs])
        rows = concatenate_rows([reading for _, reading in received])
        reasons.append(excessive_revisions(in_force, rows, source.expect.revise_at_most))
    return "; ".join(reason for reason in reasons if reason)


def _shrinkage_with_move(memory: FetchMemory, runs: Sequence[Run]) -> str:
    """Why the new location seems to deliver fewer rows than the one before had; "" where it does not."""
    rows = sum(run.rows for run in {**memory.received, **{memory.key(run): run for run in runs}}.values())
    reason = excessive_shrinkage(memory.source.expect, rows, memory.rows_superseded)
    return reason and f"with {memory.source.location} in the place of {memory.log.superseded[0].location} {reason}"


def runs_to_record(fetch: Fetch, judged: Sequence[JudgedRun]) -> list[JudgedRun]:
    """The runs of a look that add information, or were asked for: those of its deliveries, of what could not be
    fetched, and of a source that was found in order."""
    memory, failures = fetch.memory, _failures(fetch, judged)
    candidates = [*judged, *((run, None) for run in failures)]
    recorded = [(run, reading) for run, reading in candidates if fetch.is_due or memory.is_news(run)]
    remarks = [(run, None) for run in _remark_runs(fetch) if memory.is_news(run)]
    candidates, recorded = [*remarks, *candidates], [*remarks, *recorded]
    if all(run.outcome == "rejected" for run in failures):
        files = {run.file for run, _ in candidates}
        quiet_runs = memory.quiet_runs(fetch.folder, fetch.received_at, files, is_due=fetch.is_due)
        recorded += [(run, None) for run in quiet_runs]
    return recorded


def _remark_runs(fetch: Fetch) -> list[Run]:
    return [
        Run(fetch.received_at, "seen again", each.file, each.file, headers=each.headers, message=each.message)
        for each in fetch.remarks
    ]


def _failures(fetch: Fetch, judged: Sequence[JudgedRun]) -> list[Run]:
    """The runs of what could not be fetched, and that of a new location without a first delivery."""
    source, memory, now = fetch.source, fetch.memory, fetch.received_at
    if fetch.error is not None:
        return failed_runs(source, fetch.error, now)
    if memory.log.superseded and not memory.received and not judged:
        message = describe_missing_delivery(source.location, memory.log.superseded[0])
        return [Run(now, "failed", source.origin.name, source.origin.name, message=message)]
    return []


def failed_runs(source: Source, error: Exception, now: datetime) -> list[Run]:
    """The runs of a failed fetch: of the source, or of each file of a folder, since each might hold a breach. A file
    behind an address that cannot be had is a failure of its server, as for a single address."""
    outcome: Outcome = "failed" if source.origin.is_remote else "rejected"
    headers = _retry_headers(error)
    refusals = error.refused if isinstance(error, FetchError) else ()
    place = source.origin.name
    of_place = [refusal.message for refusal in refusals if refusal.file == place]
    runs = [
        Run(now, outcome, refusal.file, refusal.file, headers=headers, message=refusal.message)
        for refusal in refusals
        if refusal.file != place
    ]
    if not refusals:
        runs.append(_failed_run(source, error, now))
    elif of_place:
        runs.append(Run(now, "failed", place, place, headers=headers, message=" | ".join(of_place)))
    return runs


def _failed_run(source: Source, error: Exception, now: datetime) -> Run:
    """The run of a source that could not be fetched, with the reason and the delay that the server asked for."""
    place, headers = source.origin.name, _retry_headers(error)
    return Run(now, "failed", place, place, headers=headers, message=describe_error(error))


def _retry_headers(error: Exception) -> dict[str, str]:
    retry_after = getattr(error, "retry_after", None)
    return {} if retry_after is None else {RETRY_AFTER: f"{retry_after:g}"}


def describe_error(error: Exception) -> str:
    """An error in words; one that neither Watchfloor nor the system raised on purpose is a fault of the code."""
    if isinstance(error, (WatchfloorError, OverdueError)):
        return str(error)
    if isinstance(error, OSError):
        return f"cannot read or write: {system_message(error)}"
    return f"internal error: {error}; please report it"
