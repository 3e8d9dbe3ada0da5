"""One source of a refresher: the memory of its looks, and each look: fetch, archive, judge, record, merge."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path

from dashboard.archive import Archive, ArchiveError, FetchMemory, Run, describe_missing_delivery
from dashboard.atomic_files import file_stamp
from dashboard.catalog import Source
from dashboard.domain import WatchfloorError, is_due, next_due
from dashboard.domain.text import mask_all
from dashboard.fetch import FetchedFile, FetchError, Look
from dashboard.refresh.lock import LostLockError
from dashboard.refresh.looks.commit import JudgedRun, RowsBefore, catch_up, commit_runs
from dashboard.refresh.looks.fetch_pool import FetchPool, OverdueError
from dashboard.refresh.looks.look_result import LookResult
from dashboard.refresh.looks.receive import describe_error, failed_runs, judge_deliveries
from dashboard.rows import RowStore, replay_deliveries

FetchOutcome = tuple[FetchedFile, ...] | Exception


@dataclass(frozen=True)
class Tools:
    """What all sources of one refresher share.

    check: called before anything is written; raises LostLockError where the lock is lost. retries: whether a look that
    failed to record what came is followed by another, so that only the second failure counts as a loss.
    """

    archive: Archive
    store: RowStore
    fetches: FetchPool[FetchOutcome]
    environment: Mapping[str, str]
    clock: Callable[[], datetime]
    check: Callable[[], None]
    retries: bool


class SourceRefresher:
    """Looks at one source. Its failures end the look, and no other source's."""

    def __init__(self, name: str, source: Source, folder: Path, tools: Tools) -> None:
        self.name, self.source, self._folder, self._tools = name, source, folder, tools
        self.trouble = ""  # why the last look could not be recorded
        self._memory: FetchMemory | None = None
        self._caught_up_on: date | None = None
        self._stamps: tuple[object, ...] | None = None  # of the stored files, as the last look left them
        self._fetched_from: str | None = None  # the location that is being fetched
        self._was_touched = False  # whether another process changed the stored files since
        self._is_unrecorded = False  # whether the deliveries of the last look could not be recorded

    def define(self, source: Source, folder: Path) -> None:
        """Use another definition: rejected files are looked at anew, and stored deliveries are read anew."""
        if source != self.source:
            self.forget()
            self._caught_up_on = None
        self.source, self._folder = source, folder

    def forget(self) -> None:
        """Read the journal again with the next look."""
        self._memory = None

    @property
    def memory(self) -> FetchMemory:
        """What the journal says; raises ArchiveError or OSError where it cannot be read."""
        if self._memory is None:
            self._memory = FetchMemory(self.source, self._tools.archive.log(self.name, self.source.location))
        return self._memory

    @property
    def damage(self) -> str:
        """Why the journal cannot be read; "" where it can."""
        try:
            _ = self.memory
        except (ArchiveError, OSError) as error:
            return describe_error(error)
        return ""

    @property
    def last_run(self) -> Run | None:
        return None if self.damage else self.memory.log.last

    @property
    def is_well(self) -> bool:
        return not self.damage and self.memory.is_well

    def next_due(self, now: datetime) -> datetime:
        """When the source is due; as if it was never looked at where its journal cannot be read."""
        return next_due(self.source, self.last_run, now)

    def discrepancies(self) -> object:
        """Missing, unrecorded and damaged files, or why they cannot be looked for; the board shows them too."""
        try:
            archive = self._tools.archive
            return archive.discrepancies(self.name), sorted(archive.damages.of(self.name).items())
        except OSError as error:
            return describe_error(error)

    def look(self, *, is_requested: bool) -> list[LookResult]:
        """Catch up with the archive, then look at the source where it is due or was requested.

        The result of an address comes later, to `take`.
        """
        self._notice_changes()
        repair = self._guarded(self._catch_up)
        if repair is not None and repair.trouble:
            return [repair]
        result = self._guarded(partial(self._look, is_requested=is_requested))
        if repair or self._stamps is None or (result and (result.runs or result.trouble)):
            self._stamps = self._stamps_now()
        return [each for each in (repair, result) if each is not None]

    def take(self, outcome: FetchOutcome) -> LookResult:
        """Record what an address brought; nothing where the source has another location by now."""
        if self.source.location != self._fetched_from:
            return LookResult(self.name)
        self._notice_changes()
        result = self._guarded(lambda: self._record(outcome, is_due=True))
        if not self._was_touched:
            self._stamps = self._stamps_now()
        assert result is not None
        return result

    def _notice_changes(self) -> None:
        """Read everything anew where another process has changed the stored files, which it may have damaged."""
        if self._stamps is not None and self._stamps != self._stamps_now():
            self.forget()
            self._caught_up_on = None
            self._was_touched = True

    def _stamps_now(self) -> tuple[object, ...]:
        return *self._tools.archive.stamps(self.name), file_stamp(self._tools.store.path(self.name))

    def _guarded(self, work: Callable[[], LookResult | None]) -> LookResult | None:
        try:
            result = work()
        except LostLockError:
            raise
        except Exception as error:  # a fault of one source must not keep the others from being read
            result = self._failure(error)
        if result is not None:
            self.trouble = result.trouble
        return result

    def _failure(self, error: Exception) -> LookResult:
        """The look that an error has ended; the next one reads the journal again."""
        self.forget()
        if isinstance(error, ArchiveError):
            self._caught_up_on = None
        _log_internal_error(error)
        return LookResult(self.name, is_well=False, trouble=describe_error(error))

    def _catch_up(self) -> LookResult | None:
        """Once a day and definition: merge what a killed refresher recorded only, and use rows whose day has come."""
        tools, today = self._tools, self._tools.clock().date()
        if self._caught_up_on == today:
            return None
        memory, was_touched = self.memory, self._was_touched
        tools.check()
        is_repaired = catch_up(self.name, self.source, tools.archive, tools.store, today, is_suspect=was_touched)
        self._caught_up_on, self._was_touched = today, False
        has_news = is_repaired or was_touched or bool(self.trouble)  # the end of a trouble is news
        return LookResult(self.name, (), memory.is_well, is_repaired, was_touched) if has_news else None

    def _look(self, *, is_requested: bool) -> LookResult | None:
        """None where the source is not due, or its address is being fetched."""
        source, memory, now = self.source, self.memory, self._tools.clock()
        memory.begin(now.date())
        must_fetch = is_requested or is_due(source, memory.log.last, now)
        # an address is asked for what it last brought that is in force: only then is "not modified" good news
        marks = memory.log.fetch_marks if source.origin.is_remote else memory.known_marks
        is_all_or_nothing = bool(memory.log.superseded)
        look = Look(self._folder, dict(marks), self._tools.environment, now, is_all_or_nothing=is_all_or_nothing)
        fetch = partial(source.origin.fetch, look)
        if source.origin.is_remote:
            if must_fetch and self.name not in self._tools.fetches.under_way:
                self._fetched_from = source.location
                self._tools.fetches.begin(self.name, fetch)
            return None
        outcome: FetchOutcome
        try:
            outcome = fetch()
        except FetchError as error:
            outcome = error
        return self._record(outcome, is_due=is_requested or (must_fetch and bool(source.refresh)))

    def _record(self, outcome: FetchOutcome, *, is_due: bool) -> LookResult:
        """Archive, judge, record and merge what came. What repeats known facts is recorded where the source was due."""
        self._tools.check()
        if isinstance(outcome, Exception):
            files: Sequence[FetchedFile] = outcome.fetched if isinstance(outcome, FetchError) else ()
        else:
            files = outcome
        was_unrecorded = self._is_unrecorded
        is_tried_again = self._tools.retries and not was_unrecorded
        self._is_unrecorded = True  # until it is recorded
        receiving = self._tools.archive.receiving(self.name, is_tried_again=is_tried_again)
        with receiving if files or was_unrecorded else nullcontext():
            runs = self._commit(outcome, files, is_due=is_due)
        self._is_unrecorded = False
        return LookResult(self.name, tuple(runs), self.memory.is_well)

    def _commit(self, outcome: FetchOutcome, files: Sequence[FetchedFile], *, is_due: bool) -> list[Run]:
        tools, memory, now = self._tools, self.memory, self._tools.clock()
        before = RowsBefore(lambda: replay_deliveries(self.name, memory.source, tools.archive, tools.store, now.date()))
        deliveries = judge_deliveries(self.name, files, memory, tools.archive, now, before.look)
        for run, _ in deliveries:
            if run.outcome == "rejected":
                memory.refused[run.file] = run.headers
        failures = self._failures(outcome, deliveries, now)
        candidates = [*deliveries, *((run, None) for run in failures)]
        judged = [(run, reading) for run, reading in candidates if is_due or memory.is_news(run)]
        if all(run.outcome == "rejected" for run in failures):
            names = {run.file for run in (*(run for run, _ in deliveries), *failures)}
            judged += [(run, None) for run in memory.quiet_runs(self._folder, now, names, is_due=is_due)]
        tools.check()  # to read them may have taken a while
        runs = commit_runs(self.name, judged, memory.source, tools.archive, tools.store, before)
        for run in runs:
            memory.add(run)
        return runs

    def _failures(self, outcome: FetchOutcome, deliveries: Sequence[JudgedRun], now: datetime) -> list[Run]:
        """The runs of what could not be fetched, and that of a new location without a first delivery."""
        source, memory = self.memory.source, self.memory
        if isinstance(outcome, Exception):
            _log_internal_error(outcome)
            return failed_runs(source, outcome, now)
        if memory.log.superseded and not memory.received and not deliveries:
            message = describe_missing_delivery(source.location, memory.log.superseded[0])
            return [Run(now, "failed", source.origin.name, source.origin.name, message=message)]
        return []


def _log_internal_error(error: Exception) -> None:
    """Print the traceback of an error of this code, for its maintainer; other errors speak for themselves."""
    if not isinstance(error, (WatchfloorError, OSError, OverdueError)):
        print(mask_all("".join(traceback.format_exception(error))), file=sys.stderr, end="")
