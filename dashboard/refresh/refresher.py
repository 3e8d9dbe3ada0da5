"""Looks at sources, each by itself: fetched, kept, judged, merged, recorded; one that fails spoils no other."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from dashboard.archive import Archive, ArchiveError, FetchMemory, Run, describe_missing_delivery
from dashboard.atomic_files import file_stamp
from dashboard.catalog import Catalog, Source, catalog_fingerprint
from dashboard.domain import WatchfloorError
from dashboard.domain.dates import is_due, next_due
from dashboard.domain.text import mask_all
from dashboard.evaluation import EvaluatedBoard
from dashboard.fetch import FetchedFile, FetchError, Look
from dashboard.refresh.lock import LostLockError
from dashboard.refresh.looks.commit import RowsBefore, catch_up, commit_runs
from dashboard.refresh.looks.fetch_pool import DEADLINE, FetchPool, OverdueError
from dashboard.refresh.looks.receive import describe_error, failed_runs, judge_deliveries
from dashboard.refresh.publish import FILE, Published, publish
from dashboard.refresh.requests.accept import Acceptance, AcceptanceResult, carry_out
from dashboard.rows import RowStore, replay_deliveries
from dashboard.workspace import Workspace

FetchOutcome = tuple[FetchedFile, ...] | Exception


@dataclass(frozen=True)
class LookResult:
    """One look at a source. runs: what was recorded, none where nothing changed; is_well: whether nothing of it was
    rejected or failed the last time that it was looked at; is_repaired: whether its rows were made anew from the
    archive; was_touched: whether another hand changed what is kept of it; trouble: why nothing could be recorded."""

    source: str
    runs: tuple[Run, ...] = ()
    is_well: bool = True
    is_repaired: bool = False
    was_touched: bool = False
    trouble: str = ""

    @property
    def has_news(self) -> bool:
        """Whether the board may read otherwise now; what is seen again may have ended a rejection."""
        return self.is_repaired or self.was_touched or bool(self.runs)


class Refresher:
    """Whoever uses it holds the lock of the state folder, and calls its methods in one thread only.

    check: called before anything is written; raises LostLockError where the lock is lost; goes_on: whether a look that
    failed to record what came is followed by another one, and only that one's failure is told as a loss.
    """

    def __init__(
        self,
        workspace: Workspace,
        environment: Mapping[str, str],
        clock: Callable[[], datetime],
        deadline: float = DEADLINE,
        check: Callable[[], None] = lambda: None,
        *,
        goes_on: bool = False,
    ) -> None:
        self._workspace = workspace
        self._state, self.archive, self.store = workspace.state, Archive(workspace.state), RowStore(workspace.state)
        self._environment, self._clock, self._check = environment, clock, check
        self._fetches: FetchPool[FetchOutcome] = FetchPool(deadline=deadline)
        self._past: dict[str, FetchMemory] = {}
        self._caught_up: dict[str, date] = {}
        self._stamps: dict[str, tuple[object, ...]] = {}  # of what is kept of a source, as this left it
        self._asked: dict[str, str] = {}  # the places that are being fetched
        self._touched: set[str] = set()
        self._goes_on = goes_on
        self._unrecorded: set[str] = set()  # sources of which the last look could not be recorded
        self._troubles: dict[str, str] = {}

    def adopt(self, workspace: Workspace) -> None:
        """Use the definitions of this workspace. What was rejected under another definition is looked at anew, what was
        received is read anew."""
        self._workspace = workspace
        catalog = workspace.catalog
        for name, past in list(self._past.items()):
            if name not in catalog.sources or catalog.sources[name] != past.source:
                del self._past[name]
                self._caught_up.pop(name, None)

    def look(self, names: Iterable[str], asked: Collection[str] = ()) -> Iterator[LookResult]:
        """Look at sources that are due, or were asked for; what comes from the web is told by `arrived` later."""
        for name in names:
            self._notice(name)
            repaired = self._alone(name, partial(self._caught_up_with, name))
            if repaired is not None and repaired.trouble:
                yield repaired
                continue
            looked = self._alone(name, partial(self._look, name, is_asked=name in asked))
            if repaired or name not in self._stamps or (looked and (looked.runs or looked.trouble)):
                self._stamps[name] = self._stamped(name)  # before anybody is told, who may look no further
            yield from (one for one in (repaired, looked) if one is not None)

    def arrived(self, wait: float) -> LookResult | None:
        """One source of which something has arrived, or did not; None where that takes longer than `wait` seconds."""
        came = self._fetches.next_arrived(wait)
        if came is None:
            return None
        name, got = came
        if name not in self.sources or self.sources[name].location != self._asked[name]:
            return LookResult(name)  # taken out of the catalogue, or sent elsewhere, meanwhile
        self._notice(name)
        looked = self._alone(name, lambda: self._taken(name, got, is_due=True))
        if name not in self._touched:
            self._stamps[name] = self._stamped(name)
        return looked

    def _notice(self, name: str) -> None:
        """What is kept of a source is read again where another hand has changed it, which may have damaged it."""
        if name in self._stamps and self._stamps[name] != self._stamped(name):
            self._past.pop(name, None)
            self._caught_up.pop(name, None)
            self._touched.add(name)

    def _stamped(self, name: str) -> tuple[object, ...]:
        return *self.archive.stamps(name), file_stamp(self.store.path(name))

    def _alone(self, name: str, work: Callable[[], LookResult | None]) -> LookResult | None:
        try:
            looked = work()
        except LostLockError:
            raise
        except Exception as error:  # whatever is wrong with one source must not keep the others from being read
            looked = self._trouble(name, error)
        if looked is not None:
            self._troubles[name] = looked.trouble
        return looked

    @property
    def under_way(self) -> frozenset[str]:
        """The sources that are being fetched."""
        return frozenset(self._fetches.under_way)

    def next_run(self, now: datetime) -> datetime | None:
        """When the schedule asks for something next."""
        scheduled = (name for name, source in self.sources.items() if source.schedule)
        times = (
            self.next_of(name, now) for name in scheduled if name not in self.under_way and not self._damage_of(name)
        )
        return min(times, default=None)

    def next_of(self, name: str, now: datetime) -> datetime:
        """When a source is due; as if it was never looked at where its journal cannot be read."""
        return next_due(self.sources[name], self.last_of(name), now)

    def last_of(self, name: str) -> Run | None:
        return None if self._damage_of(name) else self._past_of(name).log.last

    def is_well(self, name: str) -> bool:
        return not self._damage_of(name) and self._past_of(name).is_well

    def accept(self, asked: Acceptance) -> AcceptanceResult:
        """Let in what is held back, or account for missing rows, as somebody asks; the next look finds it changed."""
        self._check()
        source = self.sources.get(asked.source)
        if source is None:
            return AcceptanceResult((f"no source {asked.source}",), is_done=False)
        try:
            found = carry_out(asked, source, self.archive, self.store, self._clock())
        except (ArchiveError, OSError) as error:
            return AcceptanceResult((f"{asked.source}: {describe_error(error)}",), is_done=False)
        self._past.pop(asked.source, None)
        return found

    def publish(self, today: date) -> Published:
        """See to it that the published board is the one of what was received, as of `today`."""
        workspace = self._workspace

        def made() -> EvaluatedBoard:
            board = workspace.board(today, workspace.rows(today))
            self._check()
            return board

        self._check()
        return publish(self._state, self._made_of(today), made)

    def _made_of(self, today: date) -> str:
        """A name for all that the board follows from; "" where this code cannot tell its version."""
        catalog = self.catalog
        wrong = [
            catalog.problems,
            catalog.unreadable,
            *sorted([*catalog.not_loaded.items(), *catalog.fallbacks.items()]),
        ]
        told = [catalog.canonical_json, repr([wrong, sorted(self._troubles.items()), today]).encode()]
        for name in sorted(catalog.sources):
            told += [name.encode(), self._damage_of(name).encode("utf-8", "backslashreplace")]
            if self._damage_of(name):
                continue
            past = self._past_of(name)
            told.append(repr(self._discrepancies_of(name)).encode())
            told += [*(run.as_line() for runs in (past.received, past.failing) for run in runs.values())]
            told += [past.log.accepted.as_line()] if past.log.accepted else []
        return catalog_fingerprint(b"\n".join(told), FILE, None) or ""

    @property
    def catalog(self) -> Catalog:
        return self._workspace.catalog

    @property
    def sources(self) -> Mapping[str, Source]:
        return self.catalog.sources

    def _past_of(self, name: str) -> FetchMemory:
        past = self._past.get(name)
        if past is None:
            past = FetchMemory(self.sources[name], self.archive.log(name, self.sources[name].location))
            self._past[name] = past
        return past

    def _damage_of(self, name: str) -> str:
        """Why the archive of a source cannot be read; "" where it can. It keeps no other source from being told of."""
        try:
            self._past_of(name)
        except (ArchiveError, OSError) as error:
            return describe_error(error)
        return ""

    def _discrepancies_of(self, name: str) -> object:
        """What is amiss with the bytes of a source, or why they cannot be looked at, which the board says too."""
        try:
            return self.archive.discrepancies(name), sorted(self.archive.damages.of(name).items())
        except OSError as error:
            return describe_error(error)

    def _caught_up_with(self, name: str) -> LookResult | None:
        """Once a day for each source and definition: what a killed refresher recorded and did not merge is merged, and
        rows whose day has come are used."""
        today = self._clock().date()
        if self._caught_up.get(name) == today:
            return None
        past, was_touched = self._past_of(name), name in self._touched
        self._check()
        is_repaired = catch_up(name, self.sources[name], self.archive, self.store, today, is_suspect=was_touched)
        self._caught_up[name] = today
        self._touched.discard(name)
        is_news = is_repaired or was_touched or bool(self._troubles.get(name))  # what was damaged is mended
        return LookResult(name, (), past.is_well, is_repaired, was_touched) if is_news else None

    def _look(self, name: str, *, is_asked: bool) -> LookResult | None:
        """None where it is not due, or is fetched from the web meanwhile."""
        source, past, now = self.sources[name], self._past_of(name), self._clock()
        past.begin(now.date())
        must_fetch = is_asked or is_due(source, past.log.last, now)
        # an address is asked for what it last brought that is in force: only then is "not modified" good news
        marks = past.log.fetch_marks if source.origin.is_remote else past.known_marks
        look = Look(
            self.catalog.folder, dict(marks), self._environment, now, is_all_or_nothing=bool(past.log.superseded)
        )
        work = partial(source.origin.fetch, look)
        if source.origin.is_remote:
            if must_fetch and name not in self.under_way:
                self._asked[name] = source.location
                self._fetches.begin(name, work)
            return None
        got: FetchOutcome
        try:
            got = work()
        except FetchError as error:
            got = error
        return self._taken(name, got, is_due=is_asked or (must_fetch and bool(source.refresh)))

    def _taken(self, name: str, got: FetchOutcome, *, is_due: bool) -> LookResult:
        """What came, recorded. What only repeats what is known is recorded where the source was due."""
        self._check()
        came = got if isinstance(got, tuple) else got.fetched if isinstance(got, FetchError) else ()
        was_unrecorded = name in self._unrecorded
        is_tried_again = self._goes_on and not was_unrecorded
        self._unrecorded.add(name)  # until it is
        with self.archive.receiving(name, is_tried_again=is_tried_again) if came or was_unrecorded else nullcontext():
            looked = self._recorded(name, got, came, is_due=is_due)
        self._unrecorded.discard(name)
        return looked

    def _recorded(self, name: str, got: FetchOutcome, came: Sequence[FetchedFile], *, is_due: bool) -> LookResult:
        past, now = self._past_of(name), self._clock()
        before = RowsBefore(lambda: replay_deliveries(name, past.source, self.archive, self.store, now.date()))
        deliveries = judge_deliveries(name, came, past, self.archive, now, before.look)
        for run, _ in deliveries:
            if run.outcome == "rejected":
                past.refused[run.file] = run.headers
        told = [one for one in deliveries if is_due or past.is_news(one[0])]
        refused = failed_runs(past.source, got, now) if isinstance(got, Exception) else []
        if isinstance(got, Exception):
            _log_own(got)
        elif past.log.superseded and not past.received and not deliveries:
            message = describe_missing_delivery(past.source.location, past.log.superseded[0])
            refused = [Run(now, "failed", past.source.origin.name, past.source.origin.name, message=message)]
        told += [(run, None) for run in refused if is_due or past.is_news(run)]
        if all(run.outcome == "rejected" for run in refused):
            names = {run.file for run in (*(run for run, _ in deliveries), *refused)}
            told += [(run, None) for run in past.quiet_runs(self.catalog.folder, now, names, is_due=is_due)]
        self._check()  # to read them may have taken a while
        runs = commit_runs(name, told, past.source, self.archive, self.store, before)
        for run in runs:
            past.add(run)
        return LookResult(name, tuple(runs), past.is_well)

    def _trouble(self, name: str, error: Exception) -> LookResult:
        """What keeps a source from being recorded; what the journal says is read again the next time."""
        self._past.pop(name, None)
        if isinstance(error, ArchiveError):
            self._caught_up.pop(name, None)
        _log_own(error)
        return LookResult(name, is_well=False, trouble=describe_error(error))


def _log_own(error: Exception) -> None:
    """What is an error of this code, and not of what it met, is told in full where its maintainer looks."""
    if not isinstance(error, (WatchfloorError, OSError, OverdueError)):
        print(mask_all("".join(traceback.format_exception(error))), file=sys.stderr, end="")
