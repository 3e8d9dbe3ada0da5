"""Looks at all sources of a workspace, lets in what a person accepts, and publishes the board of what was received."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date, datetime

from dashboard.archive import Archive, ArchiveError
from dashboard.catalog import Source
from dashboard.refresh.looks.commit import catch_up_all
from dashboard.refresh.looks.fetch_pool import DEADLINE, FetchPool
from dashboard.refresh.looks.look_group import LookGroup
from dashboard.refresh.looks.look_result import LookResult
from dashboard.refresh.looks.receive import describe_error
from dashboard.refresh.looks.source_refresher import FetchOutcome, SourceRefresher, Tools
from dashboard.refresh.publish import Published, Publisher
from dashboard.refresh.requests.accept import Acceptance, carry_out
from dashboard.refresh.requests.mailbox import Answer
from dashboard.rows import RowStore
from dashboard.workspace import Workspace


class Refresher:
    """The caller holds the lock of the state folder, and calls the methods in one thread only.

    check: called before anything is written; raises LostLockError where the lock is lost. retries: whether a look that
    failed to record what came is followed by another one, so that only the second failure counts as a loss.
    """

    def __init__(
        self,
        workspace: Workspace,
        environment: Mapping[str, str],
        clock: Callable[[], datetime],
        deadline: float = DEADLINE,
        check: Callable[[], None] = lambda: None,
        *,
        retries: bool = False,
    ) -> None:
        self._workspace = workspace
        self.archive, self.store = Archive(workspace.state), RowStore(workspace.state)
        self._fetches: FetchPool[FetchOutcome] = FetchPool(deadline=deadline)
        self._tools = Tools(self.archive, self.store, self._fetches, environment, clock, check, retries)
        self._refreshers: dict[str, SourceRefresher] = {}
        self._publisher = Publisher(workspace.state)

    def adopt(self, workspace: Workspace) -> None:
        """Use the definitions of this workspace."""
        self._workspace = workspace
        for name, refresher in self._refreshers.items():
            if name in self.sources:
                refresher.define(self.sources[name], workspace.catalog.folder)
            else:
                refresher.forget()

    @property
    def workspace(self) -> Workspace:
        return self._workspace

    @property
    def sources(self) -> Mapping[str, Source]:
        return self._workspace.catalog.sources

    def source(self, name: str) -> SourceRefresher:
        """What is known of a source of the catalogue."""
        refresher = self._refreshers.get(name)
        if refresher is None:
            folder = self._workspace.catalog.folder
            refresher = self._refreshers[name] = SourceRefresher(name, self.sources[name], folder, self._tools)
        return refresher

    def look(self, names: Iterable[str], requested: Collection[str] = ()) -> Iterator[LookResult]:
        """Look at the sources that are due or requested; `arrivals` gives later what addresses brought."""
        now, group = self._tools.clock(), LookGroup(self._tools)
        with self.archive.single_glance(), self.store.single_glance():
            names = [*names]
            self._catch_up(names, now.date())
            for name in names:
                source = self.source(name)
                results, fetch = source.begin(now, is_requested=name in requested)
                yield from results
                if fetch is not None:
                    group.add(source, fetch)
                elif name not in self.under_way:
                    source.end_receiving()
                if group.is_full:
                    yield from group.record()
            yield from group.record()

    def _catch_up(self, names: Iterable[str], today: date) -> None:
        """Make the stored rows of all sources current at once, where a refresher was killed or has another version;
        what goes wrong is reported as each source is looked at."""
        behind = {name: source for name in names if (source := self.source(name)).is_behind(today)}
        logs = {name: (source.source, source.memory.log) for name, source in behind.items()}
        self._tools.check()
        self._tools.caught_up.clear()
        self._tools.caught_up.update(catch_up_all(logs, self.archive, self.store, today))

    def arrivals(self, wait: float) -> Iterator[LookResult]:
        """The looks at sources whose fetches have ended, well or not; none where none ends within `wait` seconds."""
        arrival, group = self._fetches.next_result(wait), LookGroup(self._tools)
        now = self._tools.clock()  # what has come by now is received at one instant
        while arrival is not None:
            name, outcome = arrival
            arrival = self._fetches.next_result(0)
            if name not in self.sources:  # deleted from the catalogue meanwhile
                yield LookResult(name)
                continue
            source = self.source(name)
            results, fetch = source.take(outcome, now)
            yield from results
            if fetch is not None:
                group.add(source, fetch)
            if group.is_full:
                yield from group.record()
        yield from group.record()

    @property
    def under_way(self) -> frozenset[str]:
        """The sources that are being fetched."""
        return frozenset(self._fetches.under_way)

    def next_run(self, now: datetime) -> datetime | None:
        """When a schedule next asks for a look; None where none does."""
        scheduled = (self.source(name) for name, source in self.sources.items() if source.schedule)
        times = (each.next_due(now) for each in scheduled if each.name not in self.under_way and not each.damage)
        return min(times, default=None)

    def accept(self, acceptance: Acceptance) -> Answer:
        """Let in what is held back, or account for missing rows as wrong; the next look reads what has changed."""
        self._tools.check()
        name = acceptance.source
        if name not in self.sources:
            return Answer((f"no source {name}",), is_done=False)
        try:
            answer = carry_out(acceptance, self.sources[name], self.archive, self.store, self._tools.clock())
        except (ArchiveError, OSError) as error:
            return Answer((f"{name}: {describe_error(error)}",), is_done=False)
        self.source(name).forget()
        return answer

    def publish(self) -> Published:
        """Publish the board of what was received, as of today, unless it is published already."""
        self._tools.check()
        workspace, now = self._workspace, self._tools.clock()
        with self.archive.single_glance():
            fingerprints = workspace.source_fingerprints()
            cause = self._cause(workspace.fingerprint(now.date(), fingerprints))
            return self._publisher.publish(workspace, fingerprints, cause, now, self._tools.check)

    def _cause(self, fingerprint: str) -> str:
        """Identifies the files that the board follows from, and what leaves no trace in them when it is over."""
        troubles = sorted((name, each.trouble) for name, each in self._refreshers.items() if each.trouble)
        text = repr([fingerprint, troubles])
        return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()
