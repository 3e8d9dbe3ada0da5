"""Looks at many sources, recorded together: archived in one go, read and merged at once, and one journal for all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial

from dashboard.archive import Run
from dashboard.refresh.lock import LostLockError
from dashboard.refresh.looks.commit import Commit, RowsBefore, commit_all
from dashboard.refresh.looks.look_result import LookResult
from dashboard.refresh.looks.receive import Fetch, archive_deliveries, judge_deliveries, runs_to_record
from dashboard.refresh.looks.source_refresher import SourceRefresher, Tools, log_internal_error

Look = tuple[SourceRefresher, Fetch]

MOST_SOURCES = 1_000
MOST_BYTES = 32 << 20  # of new deliveries, which are in memory together


class LookGroup:
    """What looks fetched, until it is recorded. A fault of one source ends its look, and no other source's."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._looks: list[Look] = []
        self._bytes = 0

    def add(self, refresher: SourceRefresher, fetch: Fetch) -> None:
        self._looks.append((refresher, fetch))
        self._bytes += sum(len(file.data) for file in fetch.files)

    @property
    def is_full(self) -> bool:
        return len(self._looks) >= MOST_SOURCES or self._bytes >= MOST_BYTES

    def record(self) -> Iterator[LookResult]:
        """Record everything that was brought; the group is empty then.

        Where something fails, each source is recorded by itself, so that a fault meets its own source only. What was
        recorded before the failure is then seen again.
        """
        looks, self._looks, self._bytes = self._looks, [], 0
        results = self._record_together(looks)
        yield from self._record_each(looks) if results is None else results

    def _record_together(self, looks: Sequence[Look]) -> list[LookResult] | None:
        """None where that fails: each source then meets its own fault."""
        were_unrecorded = [refresher.is_unrecorded for refresher, _ in looks]
        try:
            return self._record(looks) if looks else []
        except LostLockError:
            raise
        except Exception as error:
            if len(looks) == 1:
                return [looks[0][0].fail(error)]
            log_internal_error(error)
            for (refresher, _), was_unrecorded in zip(looks, were_unrecorded, strict=True):
                refresher.is_unrecorded = was_unrecorded
            return None

    def _record_each(self, looks: Sequence[Look]) -> Iterator[LookResult]:
        for refresher, fetch in looks:
            try:
                again, repair = refresher.reconsider(fetch)
            except LostLockError:
                raise
            except Exception as error:
                refresher.is_unrecorded |= bool(fetch.files)  # still marked as receiving
                yield refresher.fail(error)
                continue
            if repair is not None:
                yield repair
            yield from self._record_together([(refresher, again)]) or ()

    def _record(self, looks: Sequence[Look]) -> list[LookResult]:
        """Archive, judge, record and merge what came. What repeats known facts is recorded where a source was due."""
        self._tools.check()
        with self._receiving(looks):
            runs = self._commit([fetch for _, fetch in looks if not fetch.is_quiet])
        return [refresher.end(fetch, runs.get(refresher.name, ())) for refresher, fetch in looks]

    def _receiving(self, looks: Sequence[Look]) -> AbstractContextManager[None]:
        """Mark the sources that bring something as receiving."""
        names = [refresher.name for refresher, fetch in looks if fetch.files or refresher.is_unrecorded]
        first_tries = [refresher.name for refresher, _ in looks if not refresher.is_unrecorded]
        for refresher, _ in looks:
            refresher.is_unrecorded = True  # until it is recorded
        tried_again = {*names} & {*first_tries} if self._tools.retries else ()
        return self._tools.archive.receiving(names, tried_again) if names else nullcontext()

    def _commit(self, fetches: Sequence[Fetch]) -> dict[str, list[Run]]:
        if not fetches:
            return {}
        archive, store = self._tools.archive, self._tools.store
        sources = {fetch.name: (fetch.source, fetch.memory.log) for fetch in fetches}
        before = RowsBefore(sources, archive, store, fetches[0].received_at.date())
        judged = judge_deliveries(fetches, archive_deliveries(fetches, archive), before)
        commits = [
            Commit(fetch.name, fetch.source, runs_to_record(fetch, runs), partial(before.take, fetch.name))
            for fetch, runs in zip(fetches, judged, strict=True)
        ]
        before.read([commit.name for commit in commits if commit.brings_rows])
        self._tools.check()  # to read them may have taken a while
        return commit_all(commits, archive, store)
