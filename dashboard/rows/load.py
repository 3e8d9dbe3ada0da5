"""The rows of every source of a catalogue: of all its deliveries, and of its file as it stands."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd

from dashboard.archive import (
    UNRECORDED,
    Archive,
    ArchiveError,
    Rejection,
    SourceLog,
    accept_hint,
    describe_missing_delivery,
)
from dashboard.atomic_files import file_stamp
from dashboard.catalog import Catalog, Source
from dashboard.domain import DTYPES, Problem, system_message, with_advice
from dashboard.domain.dates import end_of_day
from dashboard.ingest import MAX_BYTES, Dialect, frame, read
from dashboard.rows.apply_delivery import apply_delivery, clamp_to_day, rows_replaced_by
from dashboard.rows.guards.expectations import unmet_expectations
from dashboard.rows.replay import replay_deliveries
from dashboard.rows.source_rows import SourceRows
from dashboard.rows.store.parquet_store import RowStore, StoredRows

MOST_ROWS = 250_000  # that are kept between two loads, at 0.2 to 0.4 kB: 100 MB at most


def load_rows(
    catalog: Catalog,
    today: date,
    sources: Collection[str] | None = None,
    state: Path | None = None,
    loads: RowCache | None = None,
) -> SourceRows:
    """The rows of the named sources, or of all; with a `state` folder those of all deliveries in its archive.

    Without one, or where a source has nothing in the archive, its file is read as it stands, and a row without
    publication and receipt counts as received `today`. Nothing is written. With `loads` only those sources are read of
    which something has changed since these were last given.
    """
    parts: list[pd.DataFrame] = [frame([])]
    problems: dict[str, tuple[Problem, ...]] = {}
    kept = (Archive(state), RowStore(state)) if state else None
    names = catalog.sources if sources is None else sources
    for name, (rows, wrong) in (loads or RowCache()).get(names, catalog, today, kept).items():
        if rows is not None:
            parts.append(rows)
        if wrong:
            problems[name] = tuple(wrong)
    return SourceRows(pd.concat(parts, ignore_index=True), problems)


_Found = tuple[pd.DataFrame | None, Sequence[Problem]]  # the rows, None where nothing could be read, and what is wrong
_Kept = tuple[Archive, RowStore] | None


class RowCache:
    """What was loaded of each source, with all that it follows from: found again as long as that stays the same.

    No more than `most` rows are kept, of those sources that come first. While something is wrong with a source as a
    whole it is looked at anew each time, for what kept it from being read may leave no trace when it is over; what was
    over before today keeps nothing from being found again.
    """

    def __init__(self, most: int = MOST_ROWS) -> None:
        self._most = most
        self._known: dict[str, tuple[object, _Found]] = {}

    def get(self, names: Iterable[str], catalog: Catalog, today: date, kept: _Kept) -> dict[str, _Found]:
        """What is found of each source now. Several threads may ask."""
        before, known, found, rows = self._known, dict[str, tuple[object, _Found]](), dict[str, _Found](), 0
        for name in names:
            follows_from = _follows_from(name, catalog, today, kept)  # first: what changes meanwhile is seen next time
            was = before.get(name)
            one = was[1] if was and was[0] == follows_from else _loaded(name, catalog, today, kept)
            found[name] = one
            more = 0 if one[0] is None else len(one[0])
            if rows + more <= self._most and not any(_is_of_now(problem, catalog, today) for problem in one[1]):
                known[name] = follows_from, one
                rows += more
        self._known = known
        return found


def _is_of_now(problem: Problem, catalog: Catalog, today: date) -> bool:
    """Whether it is wrong with a source as a whole, and was not over before today."""
    return problem.file == catalog.file and (problem.held_until is None or problem.held_until >= today)


def _follows_from(name: str, catalog: Catalog, today: date, kept: _Kept) -> object:
    """All that the rows of a source follow from, told apart by the stamps of its files."""
    source = catalog.sources[name]
    stamps = (*kept[0].stamps(name), file_stamp(kept[1].path(name))) if kept else ()
    return source, catalog.folder, today, stamps, _stamp_in_place(source, catalog.folder)


def _stamp_in_place(source: Source, folder: Path) -> object:
    return file_stamp(folder / source.origin.name) if source.origin.is_read_in_place else None


def _loaded(name: str, catalog: Catalog, today: date, kept: _Kept) -> _Found:
    if kept and _is_kept(name, *kept):
        rows, wrong = _from_archive(name, catalog, today, *kept)
        wrong = [*wrong, *_discrepancies(name, catalog, kept[0])]
    else:
        rows, wrong = _as_it_stands(name, catalog, today, "nothing received yet; run `watchfloor refresh`")
    return None if rows is None else rows.assign(source=name), wrong


def _from_archive(name: str, catalog: Catalog, today: date, archive: Archive, store: RowStore) -> _Found:
    """The rows of all deliveries, and of the file where it was edited since. What is damaged leaves what is stored."""
    source = catalog.sources[name]
    try:
        # a file that could not be looked at was an error then; how it stands now is seen below
        log = archive.log(name, source.location)
        stored = replay_deliveries(name, source, archive, store, today, log)
        wrong = [_rejection(name, catalog, one, today) for one in log.rejections]
        if not stored.run_count:
            rows, unread = _as_it_stands(name, catalog, today, "nothing received that could be read")
            return rows, [*wrong, *unread]
        if source.origin.is_read_in_place:
            stored, edited = _with_edit(name, catalog, stored, log, today)
            wrong = wrong if edited is None else [*_until(today, wrong), *edited]
        elif stored.location != source.location and (newest := log.last_received):
            said = describe_missing_delivery(source.location, newest)
            wrong.append(replace(catalog.problem_of_source(name, said), known_at=today))
    except (ArchiveError, OSError) as error:
        said = (
            f"the archive or its rows cannot be read: {system_message(error)}"
            if isinstance(error, OSError)
            else str(error)
        )
        wrong, found = [catalog.problem_of_source(name, said)], _still_stored(name, store)
        if found is None:
            rows, unread = _as_it_stands(name, catalog, today, "")
            return rows, [*wrong, *unread]
        stored = found
    return clamp_to_day(stored.rows, today), [_known_by(one, today) for one in (*wrong, *stored.problems)]


def _is_kept(name: str, archive: Archive, store: RowStore) -> bool:
    """Whether anything was ever received; what the system does not let one see may be there."""
    try:
        return archive.has(name) or store.path(name).exists()
    except OSError:
        return True


def _still_stored(name: str, store: RowStore) -> StoredRows | None:
    """What is stored, where the archive cannot be used; that the store cannot be read either has been said by then or
    changes nothing in what is wrong. Columns that rows of an earlier version lack are blank."""
    try:
        found = store.read(name)
    except OSError:
        return None
    return found and replace(found, rows=found.rows.reindex(columns=[*DTYPES]).astype(DTYPES))


def _discrepancies(name: str, catalog: Catalog, archive: Archive) -> list[Problem]:
    return [catalog.problem_of_source(name, said) for said in describe_archive_faults(name, archive)]


def describe_archive_faults(name: str, archive: Archive) -> list[str]:
    """What is amiss with the stored deliveries of a source: bytes that no line of the journal tells of, for nobody
    knows whether they were in force; and bytes that are damaged or gone, while they may still be had from somewhere."""
    try:
        untold, lost = archive.discrepancies(name)
    except OSError as error:
        return [f"the archive cannot be read: {system_message(error)}"]
    damaged = {path: why for path, why in archive.damages.of(name).items() if path not in lost}
    of_damaged = [f"{path}: {why}; {_DAMAGED}" for path, why in damaged.items()]
    return [*(said for said in (_said(untold, UNRECORDED), _said(lost, _LOST)) if said), *of_damaged]


_DAMAGED = (
    "the rows made of it stand as long as they need not be made anew; put the file back from a backup, or fetch or "
    "save the same delivery again; if it was rejected and nobody needs it any more, delete it"
)
_LOST = (
    "received, but damaged or missing by now; the rows made of it stand as long as they need not be made anew; put the "
    "file back from a backup, or fetch or save the same delivery again; if nobody has it any more, delete its line "
    "from the journal and run `watchfloor rebuild --despite-loss`, which leaves its figures out"
)


def _said(paths: Sequence[Path], message: str) -> str:
    more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    return f"{paths[0]}{more}: {message}" if paths else ""


def _as_it_stands(name: str, catalog: Catalog, today: date, without_file: str) -> _Found:
    """The rows of a source's file alone; none where what it must have (`expect:`) is lacking."""
    source = catalog.sources[name]
    file = source.origin.name
    if not source.origin.is_read_in_place:
        return None, [catalog.problem_of_source(name, without_file)] if without_file else []
    try:
        data = _bytes(catalog.folder, file)
    except (OSError, ValueError, RuntimeError) as error:
        return None, [catalog.problem_of_source(name, _reason(file, error))]
    reading = read(data, file, Dialect.of(source), today)
    if not reading.rejected and (reason := unmet_expectations(source, data, reading, before=None)):
        said = with_advice(f"{file} is held back: {reason}", accept_hint(name))
        return None, [catalog.problem_of_source(name, said)]
    return reading.rows, (*reading.rejected, *reading.quarantined, *reading.near_misses)


def _with_edit(
    name: str, catalog: Catalog, stored: StoredRows, log: SourceLog, today: date
) -> tuple[StoredRows, list[Problem] | None]:
    """What is held once the file as it stands has arrived, and what is wrong with that; None where it was rejected."""
    source = catalog.sources[name]
    file = source.origin.name
    try:
        data = _bytes(catalog.folder, file)
    except (OSError, ValueError, RuntimeError) as error:
        return stored, [replace(catalog.problem_of_source(name, _reason(file, error)), known_at=today)]
    sha256, dialect = hashlib.sha256(data).hexdigest(), Dialect.of(source)
    newest = log.last_received
    is_moved = stored.location != source.location
    if newest is not None and newest.sha256 == sha256 and not is_moved:
        return stored, []
    standing = [run for run in log.standing if run.location in ("", source.location)]
    if any(run.sha256 == sha256 and run.layout in ({}, dialect.as_json()) for run in standing):
        return stored, None
    reading = read(data, file, dialect, today)
    if reading.rejected:
        return stored, [*reading.rejected]
    before = int(stored.rows["held_until"].isna().sum()) if is_moved or newest is None else newest.rows
    if reason := unmet_expectations(source, data, reading, before, rows_replaced_by(stored, source.location, [file])):
        held_back = with_advice(f"{file} as it stands is held back: {reason}", "the rows before it stand")
        message = with_advice(held_back, accept_hint(name))
        return stored, [replace(catalog.problem_of_source(name, message), known_at=today)]
    return apply_delivery(stored, source.location, reading, file, end_of_day(today))[0], []


def _until(today: date, rejections: Sequence[Problem]) -> list[Problem]:
    """Rejections that have come to an end, today if not before."""
    return [one if one.held_until else replace(one, held_until=today) for one in rejections]


def _known_by(problem: Problem, today: date) -> Problem:
    """The same, with no day after today: a clock that was ahead then must not hide it now."""
    days = {name: getattr(problem, name) for name in ("known_at", "held_from", "held_until")}
    return replace(problem, **{name: min(day, today) for name, day in days.items() if day})


def _rejection(name: str, catalog: Catalog, rejection: Rejection, today: date) -> Problem:
    run, until = rejection.run, rejection.until and rejection.until.date()
    until = today if until is None and run.outcome == "failed" else until
    at = f"{run.at:%Y-%m-%d %H:%M} UTC"
    if run.sha256:
        fate = "is held back" if run.held_back else "was rejected"
        said = f"{run.file}, received {at}, {fate}: {run.message}"
    else:
        said = run.message if run.file in run.message else f"{run.file}: {run.message}"
        said = with_advice(said, f"so since {at}")
    message, day = with_advice(said, "the rows before it stand"), run.at.date()
    message = with_advice(message, accept_hint(name)) if run.held_back else message
    return replace(catalog.problem_of_source(name, message), known_at=day, held_from=day, held_until=until)


def _bytes(folder: Path, file: str) -> bytes:
    path = folder / file
    if not path.resolve().is_relative_to(folder.resolve()):
        raise ValueError("it leads out of the catalogue's folder")
    if path.exists() and not path.is_file():
        raise ValueError("it is not a file")
    if path.stat().st_size > MAX_BYTES:
        raise ValueError(f"it is larger than {MAX_BYTES // 2**20} MB")
    return path.read_bytes()


def _reason(file: str, error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return f"no such file: {file}"
    said = error.strerror or error if isinstance(error, OSError) else error
    return f"{file} cannot be read: {said}; mend the file, its permissions or the source's path in the YAML"
