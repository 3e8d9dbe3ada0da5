"""Loads the rows of one source: of all deliveries in its archive, and of its file where that was edited since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from dashboard.archive import Archive, ArchiveError, Rejection, accept_hint, describe_missing_delivery
from dashboard.catalog import Catalog
from dashboard.domain import DTYPES, Problem, system_message, with_advice
from dashboard.domain.dates import end_of_day
from dashboard.rows.loading.archive_faults import describe_archive_faults
from dashboard.rows.loading.file_in_place import LoadedRows, apply_edit, read_in_place
from dashboard.rows.replay import replay_deliveries
from dashboard.rows.store.row_store import RowStore
from dashboard.rows.store.stored_rows import StoredRows


def load_source(
    name: str, catalog: Catalog, today: date, archive: Archive | None, store: RowStore | None
) -> LoadedRows:
    """The rows of a source with its name, and its problems; without an archive those of its file where it lies."""
    if archive and store and _is_archived(name, archive, store):
        rows, problems = _load_archived(name, catalog, today, archive, store)
        faults = describe_archive_faults(name, archive)
        problems = [*problems, *(catalog.problem_of_source(name, fault) for fault in faults)]
    else:
        rows, problems = read_in_place(name, catalog, today, "nothing received yet; run `watchfloor refresh`")
    return None if rows is None else rows.assign(source=name), problems


def _is_archived(name: str, archive: Archive, store: RowStore) -> bool:
    """Whether anything was ever received; a folder that the system does not let us see may hold deliveries."""
    try:
        return archive.has(name) or store.summary(name) is not None
    except OSError:
        return True


def _load_archived(name: str, catalog: Catalog, today: date, archive: Archive, store: RowStore) -> LoadedRows:
    """The rows of all deliveries, and of the file where it was edited since; the stored rows where the archive is
    damaged."""
    source = catalog.sources[name]
    try:
        log = archive.log(name, source.location)
        stored = replay_deliveries(name, source, archive, store, today, log)
        # the board keeps the error of a file that could not be looked at; the file as it is now is read below
        problems = [_problem_of_rejection(name, catalog, rejection, today) for rejection in log.rejections]
        if not stored.run_count:
            rows, in_place = read_in_place(name, catalog, today, "nothing received that could be read")
            return rows, [*problems, *in_place]
        if source.origin.is_read_in_place:
            stored, edited = apply_edit(name, catalog, stored, log, today)
            problems = problems if edited is None else [*_end(problems, today), *edited]
        elif stored.location != source.location and (newest := log.last_received):
            message = describe_missing_delivery(source.location, newest)
            problems.append(replace(catalog.problem_of_source(name, message), known_at=today))
    except (ArchiveError, OSError) as error:
        problems, readable = [catalog.problem_of_source(name, _describe(error))], _read_stored(name, store)
        if readable is None:
            rows, in_place = read_in_place(name, catalog, today, "")
            return rows, [*problems, *in_place]
        stored = readable
    rows = _clamp_rows(stored.rows, today)
    return rows, [_clamp_problem(problem, today) for problem in (*problems, *stored.problems)]


def _describe(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"the archive or its rows cannot be read: {system_message(error)}"
    return str(error)


def _read_stored(name: str, store: RowStore) -> StoredRows | None:
    """The stored rows, where the archive cannot be used; None where they cannot be read either. Columns that rows of an
    earlier version lack are blank."""
    try:
        stored = store.read(name)
    except OSError:
        return None
    return stored and stored.with_rows(stored.rows.reindex(columns=[*DTYPES]).astype(DTYPES))


def _problem_of_rejection(name: str, catalog: Catalog, rejection: Rejection, today: date) -> Problem:
    run, until = rejection.run, rejection.until and rejection.until.date()
    until = today if until is None and run.outcome == "failed" else until
    at = f"{run.at:%Y-%m-%d %H:%M} UTC"
    if run.sha256:
        fate = "is held back" if run.held_back else "was rejected"
        event = f"{run.file}, received {at}, {fate}: {run.message}"
    else:
        event = run.message if run.file in run.message else f"{run.file}: {run.message}"
        event = with_advice(event, f"so since {at}")
    message, day = with_advice(event, "the rows before it stand"), run.at.date()
    message = with_advice(message, accept_hint(name)) if run.held_back else message
    return replace(catalog.problem_of_source(name, message), known_at=day, held_from=day, held_until=until)


def _end(problems: Sequence[Problem], today: date) -> list[Problem]:
    """The problems of rejections, ended today if not before."""
    return [problem if problem.held_until else replace(problem, held_until=today) for problem in problems]


def _clamp_rows(rows: pd.DataFrame, today: date) -> pd.DataFrame:
    """The rows without instants after today: a clock that was ahead at their receipt must not hide them now."""
    last = end_of_day(today)
    instants = {name: rows[name].to_numpy("datetime64[s]") for name in ("held_from", "held_until", "accepted_at")}
    if not any((column > last).any() for column in instants.values()):
        return rows
    instants["known_at"] = rows["known_at"].to_numpy("datetime64[s]")
    return rows.assign(**{name: np.where(column > last, last, column) for name, column in instants.items()})


def _clamp_problem(problem: Problem, today: date) -> Problem:
    """The problem without days after today, for the same reason."""
    days = {name: getattr(problem, name) for name in ("known_at", "held_from", "held_until")}
    return replace(problem, **{name: min(day, today) for name, day in days.items() if day})
