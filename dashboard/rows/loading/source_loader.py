"""Loads the rows of sources: of all deliveries in the archive, and of a source's file where that was edited since."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import date

from dashboard.archive import Archive, ArchiveError, Rejection, accept_hint, describe_missing_delivery
from dashboard.catalog import Catalog
from dashboard.domain import DTYPES, Problem, system_message, with_advice
from dashboard.rows.joint_replay import advance_together
from dashboard.rows.loading.archive_faults import describe_archive_faults
from dashboard.rows.loading.file_in_place import LoadedRows, PlacedFiles, apply_edit, read_in_place
from dashboard.rows.replay import Replay
from dashboard.rows.store.row_store import RowStore
from dashboard.rows.store.stored_rows import StoredRows


class SourceLoader:
    """Loads sources at one moment; their stored rows are read together, and share frames.

    Without an archive, the rows are those of the files where they lie.
    """

    def __init__(self, catalog: Catalog, today: date, archive: Archive | None, store: RowStore | None) -> None:
        self._catalog, self._today, self._archive, self._store = catalog, today, archive, store
        self._files = PlacedFiles(catalog.folder)

    def load(self, names: Collection[str]) -> dict[str, LoadedRows]:
        """The rows of each source, and its problems."""
        stored = self._read_stored(names)
        # the journal is read after the rows, which then are made of no run that it lacks
        with self._archive.single_glance() if self._archive else nullcontext():
            without = [] if isinstance(stored, OSError) else [name for name in names if self._is_new(name, stored)]
            in_place = self._read_in_place(without, "nothing received yet; run `watchfloor refresh`")
            begun = {name: self._begin(name, stored) for name in names if name not in in_place}
            advance_together([replay for _, replay in begun.values() if isinstance(replay, Replay)])
            return {name: in_place[name] if name in in_place else self._load(name, *begun[name]) for name in names}

    def _read_stored(self, names: Collection[str]) -> Mapping[str, StoredRows] | OSError:
        """The stored rows of the sources, or why the system does not let them be read."""
        try:
            return self._store.read_all(names) if self._store else {}
        except OSError as error:
            return error

    def _is_new(self, name: str, stored: Mapping[str, StoredRows]) -> bool:
        """Whether nothing was ever received; a folder that the system does not let us see may hold deliveries."""
        try:
            return name not in stored and not (self._archive and self._archive.has(name))
        except OSError:
            return False

    def _begin(
        self, name: str, all_stored: Mapping[str, StoredRows] | OSError
    ) -> tuple[StoredRows | None, Replay | ArchiveError | OSError]:
        """The stored rows of a source, and their replay, or why there is none."""
        assert self._archive is not None
        stored = None if isinstance(all_stored, OSError) else all_stored.get(name)
        source = self._catalog.sources[name]
        try:
            log = self._archive.log(name, source.location)
            if isinstance(all_stored, OSError):
                return None, all_stored
            return stored, Replay.begin(name, source, self._archive, stored, self._today, log)
        except (ArchiveError, OSError) as error:
            return stored, error

    def _load(self, name: str, stored: StoredRows | None, replay: Replay | ArchiveError | OSError) -> LoadedRows:
        assert self._archive is not None
        rows, problems = self._load_archived(name, stored, replay)
        faults = describe_archive_faults(name, self._archive)
        return rows, [*problems, *(self._catalog.problem_of_source(name, fault) for fault in faults)]

    def _read_in_place(self, names: Collection[str], without_file: str) -> dict[str, LoadedRows]:
        return read_in_place(names, self._catalog, self._today, self._files, without_file)

    def _load_archived(
        self, name: str, stored: StoredRows | None, replay: Replay | ArchiveError | OSError
    ) -> LoadedRows:
        """The rows of all deliveries, and of the file where it was edited since; the stored rows where the archive is
        damaged."""
        catalog, today, source = self._catalog, self._today, self._catalog.sources[name]
        try:
            if not isinstance(replay, Replay):
                raise replay
            current, log = replay.finish(), replay.log
            # the board keeps the error of a file that could not be looked at; the file as it is now is read below
            problems = [_problem_of_rejection(name, catalog, rejection, today) for rejection in log.rejections]
            if not current.run_count:
                rows, in_place = self._read_in_place([name], "nothing received that could be read")[name]
                return rows, [*problems, *in_place]
            if source.origin.is_read_in_place:
                current, edited = apply_edit(name, catalog, current, log, today, self._files)
                problems = problems if edited is None else [*_end(problems, today), *edited]
            elif current.location != source.location and (newest := log.last_received):
                message = describe_missing_delivery(source.location, newest)
                problems.append(replace(catalog.problem_of_source(name, message), known_at=today))
        except (ArchiveError, OSError) as error:
            problems = [catalog.problem_of_source(name, _describe(error))]
            if stored is None:
                rows, in_place = self._read_in_place([name], "")[name]
                return rows, [*problems, *in_place]
            current = _in_present_columns(stored)
        return current.place, [_clamp_problem(problem, today) for problem in (*problems, *current.problems)]


def _describe(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"the archive or its rows cannot be read: {system_message(error)}"
    return str(error)


def _in_present_columns(stored: StoredRows) -> StoredRows:
    """The same rows; columns that rows of an earlier version lack are blank."""
    if [*stored.batch_rows.columns] == [*DTYPES]:
        return stored
    return stored.with_rows(stored.rows.reindex(columns=[*DTYPES]).astype(DTYPES))


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


def _clamp_problem(problem: Problem, today: date) -> Problem:
    """The problem without days after today, for the same reason."""
    days = {name: getattr(problem, name) for name in ("known_at", "held_from", "held_until")}
    return replace(problem, **{name: min(day, today) for name, day in days.items() if day})
