"""One source of a refresher: the memory of its looks, and how each look begins and ends; a group records it."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

from dashboard.archive import Archive, ArchiveError, FetchMemory, Run
from dashboard.atomic_files import file_stamp
from dashboard.catalog import Source
from dashboard.domain import WatchfloorError, is_due, next_due
from dashboard.domain.text import mask_all
from dashboard.fetch import FetchedFile, FetchError, FileRemark, Look
from dashboard.refresh.lock import LostLockError
from dashboard.refresh.looks.commit import catch_up
from dashboard.refresh.looks.fetch_pool import FetchPool, OverdueError
from dashboard.refresh.looks.look_result import LookResult
from dashboard.refresh.looks.receive import Fetch, describe_error
from dashboard.rows import RowStore

FetchOutcome = tuple[FetchedFile | FileRemark, ...] | Exception


@dataclass(frozen=True)
class Tools:
    """What all sources of one refresher share.

    check: called before anything is written; raises LostLockError where the lock is lost. retries: whether a look that
    failed to record what came is followed by another, so that only the second failure counts as a loss. caught_up: the
    sources that caught up with the archive together, and whether there was anything to do.
    """

    archive: Archive
    store: RowStore
    fetches: FetchPool[FetchOutcome]
    environment: Mapping[str, str]
    clock: Callable[[], datetime]
    check: Callable[[], None]
    retries: bool
    caught_up: dict[str, bool] = field(default_factory=dict)


class SourceRefresher:
    """Looks at one source. Its failures end the look, and no other source's."""

    def __init__(self, name: str, source: Source, folder: Path, tools: Tools) -> None:
        self.name, self.source, self._folder, self._tools = name, source, folder, tools
        self.trouble = ""  # why the last look could not be recorded
        self._memory: FetchMemory | None = None
        self._quiet_key: object = None  # see `_look_key`: of the newest look, where that found nothing new
        self._begun_key: object = None  # the same of the look that goes on
        self._next_due = datetime.max.replace(tzinfo=UTC)  # of a quiet source
        self._caught_up_on: date | None = None
        self._stamps: tuple[object, ...] | None = None  # of the stored files, as the last look left them
        self._fetched_from: str | None = None  # the location that is being fetched
        self._was_touched = False  # whether another process changed the stored files since
        self.is_unrecorded = False  # whether the deliveries of the last look could not be recorded

    def define(self, source: Source, folder: Path) -> None:
        """Use another definition: rejected files are looked at anew, and stored deliveries are read anew."""
        if source != self.source:
            self.forget()
            self._caught_up_on = None
        self.source, self._folder = source, folder

    def forget(self) -> None:
        """Read the journal again with the next look."""
        self._memory = self._quiet_key = None

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

    def is_behind(self, today: date) -> bool:
        """Whether it has yet to catch up with the archive on a day, and its journal can be read."""
        return self._caught_up_on != today and not self.damage

    def begin(self, now: datetime, *, is_requested: bool) -> tuple[list[LookResult], Fetch | None]:
        """Catch up with the archive, then look at the source where it is due or was requested.

        Returns the results that stand already, and what was fetched, which `end` or `fail` must follow. An address
        brings it later, to `take`.
        """
        key = self._look_key(now)  # first: what changes later shows next time
        if key is not None and key == self._quiet_key and not is_requested and now < self._next_due:
            return [LookResult(self.name)], None
        self._notice_changes()
        self._quiet_key, self._begun_key = None, key
        repair = self._guarded(partial(self._catch_up, now.date()))
        results = [] if repair is None else [repair]
        if repair is not None and repair.trouble:
            return results, None
        if repair is not None or self._stamps is None:
            self._stamps = self._stamps_now()
        try:
            return results, self._fetch(now, is_requested=is_requested)
        except LostLockError:
            raise
        except Exception as error:  # a fault of one source must not keep the others from being read
            return [*results, self.fail(error)], None

    def take(self, outcome: FetchOutcome, now: datetime) -> tuple[list[LookResult], Fetch | None]:
        """The same for what an address brought; nothing of it counts where the source has another location by now."""
        if self.source.location != self._fetched_from:
            return [LookResult(self.name)], None
        self._notice_changes()
        try:
            return [], self._fetched(outcome, now, is_due=True)
        except Exception as error:
            return [self.fail(error)], None

    def end(self, fetch: Fetch, runs: Sequence[Run]) -> LookResult:
        """End a look whose runs were recorded."""
        for run in runs:
            self.memory.add(run)
        self.is_unrecorded, self.trouble = False, ""
        if self.memory.is_well and not (runs or fetch.files or fetch.error or self.memory.log.superseded):
            self._quiet_key, self._next_due = self._begun_key, self._due_after(fetch.received_at)
        if runs and not self._was_touched:
            self._stamps = self._stamps_now()
        return LookResult(self.name, tuple(runs), self.memory.is_well)

    def end_receiving(self) -> None:
        """End a look that brings nothing: what the one before received and could not record is told of now."""
        if self.is_unrecorded:
            self._tools.check()
            with suppress(OSError), self._tools.archive.receiving([self.name]):
                self.is_unrecorded = False

    def fail(self, error: Exception) -> LookResult:
        """End a look with an error; the next one reads the journal again."""
        result = self._failure(error)
        if not self._was_touched:
            self._stamps = self._stamps_now()
        return result

    def reconsider(self, fetch: Fetch) -> tuple[Fetch, LookResult | None]:
        """The same once more, by what the journal says now, since a group could not record it, or only in part; and the
        result where rows had to be made of what it did record."""
        tools, today = self._tools, fetch.received_at.date()
        self.forget()
        is_repaired = catch_up(self.name, self.source, tools.archive, tools.store, today)
        self.memory.begin(today)
        repair = LookResult(self.name, (), self.memory.is_well, is_repaired) if is_repaired else None
        return replace(fetch, memory=self.memory), repair

    def _notice_changes(self) -> None:
        """Read everything anew where another process has changed the stored files, which it may have damaged."""
        if self._stamps is not None and self._stamps != self._stamps_now():
            self.forget()
            self._caught_up_on = None
            self._was_touched = True

    def _look_key(self, now: datetime) -> object:
        """What a look at a file that is read in place follows from: while it stays the same, the next look finds what
        this one did. None for a source of which only a look tells."""
        if not self.source.origin.is_read_in_place:
            return None
        return now.date(), file_stamp(self._folder / self.source.origin.name), self._stamps_now()

    def _due_after(self, now: datetime) -> datetime:
        """When the schedule asks for the next look; never where it asks for none."""
        has_schedule = self.source.schedule is not None
        return next_due(self.source, self.memory.log.last, now) if has_schedule else datetime.max.replace(tzinfo=UTC)

    def _stamps_now(self) -> tuple[object, ...]:
        return *self._tools.archive.stamps(self.name), self._tools.store.snapshot().version(self.name)

    def _guarded(self, work: Callable[[], LookResult | None]) -> LookResult | None:
        try:
            result = work()
        except LostLockError:
            raise
        except Exception as error:
            return self._failure(error)
        if result is not None:
            self.trouble = ""
        return result

    def _failure(self, error: Exception) -> LookResult:
        self.forget()
        if isinstance(error, ArchiveError):
            self._caught_up_on = None
        log_internal_error(error)
        self.trouble = describe_error(error)
        return LookResult(self.name, is_well=False, trouble=self.trouble)

    def _catch_up(self, today: date) -> LookResult | None:
        """Once a day and definition: merge what a killed refresher recorded only, and use rows whose day has come."""
        tools = self._tools
        if self._caught_up_on == today:
            return None
        memory, was_touched = self.memory, self._was_touched
        tools.check()
        if self.name in tools.caught_up and not was_touched:
            is_repaired = tools.caught_up.pop(self.name)
        else:
            is_repaired = catch_up(self.name, self.source, tools.archive, tools.store, today, is_suspect=was_touched)
        self._caught_up_on, self._was_touched = today, False
        has_news = is_repaired or was_touched or bool(self.trouble)  # the end of a trouble is news
        return LookResult(self.name, (), memory.is_well, is_repaired, was_touched) if has_news else None

    def _fetch(self, now: datetime, *, is_requested: bool) -> Fetch | None:
        """None where the source is an address, which is not due or is being fetched."""
        source, memory = self.source, self.memory
        memory.begin(now.date())
        must_fetch = is_requested or is_due(source, memory.log.last, now)
        # an address is asked for what it last brought that is in force: only then is "not modified" good news
        marks = memory.log.fetch_marks if source.origin.is_remote else memory.known_marks
        is_all_or_nothing = bool(memory.log.superseded)
        look = Look(
            self._folder, dict(marks), self._tools.environment, now,
            is_all_or_nothing=is_all_or_nothing, rows=source.rows, zone=source.timezone,
        )  # fmt: skip
        if source.origin.depends_on_day:
            look = replace(
                look, received=frozenset(memory.received), rejected=memory.rejected_files,
                failing=frozenset(memory.failing),
            )  # fmt: skip
        work = partial(source.origin.fetch, look)
        if source.origin.is_remote:
            if must_fetch and self.name not in self._tools.fetches.under_way:
                self._fetched_from = source.location
                self._tools.fetches.begin(self.name, work, source.origin.longest_fetch)
            return None
        outcome: FetchOutcome
        try:
            outcome = work()
        except FetchError as error:
            outcome = error
        return self._fetched(outcome, now, is_due=is_requested or (must_fetch and bool(source.refresh)))

    def _fetched(self, outcome: FetchOutcome, now: datetime, *, is_due: bool) -> Fetch:
        if isinstance(outcome, Exception):
            log_internal_error(outcome)
            files: Sequence[FetchedFile] = outcome.fetched if isinstance(outcome, FetchError) else ()
            remarks = outcome.remarks if isinstance(outcome, FetchError) else ()
            return Fetch(self.name, self.memory, self._folder, files, outcome, now, is_due, remarks)
        files = [file for file in outcome if isinstance(file, FetchedFile)]
        remarks = tuple(remark for remark in outcome if isinstance(remark, FileRemark))
        return Fetch(self.name, self.memory, self._folder, files, None, now, is_due, remarks)


def log_internal_error(error: Exception) -> None:
    """Print the traceback of an error of this code, for its maintainer; other errors speak for themselves."""
    if not isinstance(error, (WatchfloorError, OSError, OverdueError)):
        print(mask_all("".join(traceback.format_exception(error))), file=sys.stderr, end="")
