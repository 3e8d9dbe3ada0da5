"""A single refresh: what is due or was named, from the lock to the published board."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from dashboard.archive import SINGLE_RUN_BYTES, Verification, describe_orphans
from dashboard.refresh.heart import write_single_heartbeat
from dashboard.refresh.lock import ONCE, sole_refresher
from dashboard.refresh.looks.fetch_pool import DEADLINE
from dashboard.refresh.publish import Published
from dashboard.refresh.refresher import LookResult, Refresher
from dashboard.refresh.repair import sweep_state
from dashboard.rows import describe_archive_faults
from dashboard.workspace import Workspace, expect_sources

SLICE = 1.0  # seconds that one waits at a time for what the web brings


@dataclass(frozen=True)
class SourceResult:
    """A source after a refresh. looks: empty where it was not due; is_well: whether nothing of it was rejected or
    failed the last time that it was looked at, and its stored deliveries have no `archive_faults`."""

    looks: tuple[LookResult, ...]
    is_well: bool
    next_due: datetime
    archive_faults: tuple[str, ...] = ()


@dataclass(frozen=True)
class RefreshResult:
    """sources: all that are in the catalogue, or those that were named; orphans: what is to be said of archives that
    belong to none."""

    sources: Mapping[str, SourceResult]
    board: Published
    orphans: tuple[str, ...] = ()

    @property
    def is_well(self) -> bool:
        return all(found.is_well for found in self.sources.values())


def refresh(
    workspace: Workspace,
    names: Collection[str],
    environment: Mapping[str, str],
    clock: Callable[[], datetime],
    wait: float = 0,
    deadline: float = DEADLINE,
    note: Callable[[LookResult, int], None] | None = None,
) -> RefreshResult:
    """Fetch the named sources of the catalogue, or all that are due, and publish the board.

    wait: seconds for another refresher to end; deadline: seconds after which an address is given up. `note` is told
    of each look as it comes, and how many sources there are. Raises BusyError where another refresher
    works for longer than that, CatalogError, and UnknownSourceError.
    """
    began, state = clock(), workspace.state
    with sole_refresher(state, ONCE, began, wait) as hold:
        sweep_state(state)
        workspace = workspace.reread()
        catalog = workspace.catalog
        workspace.remember_definitions()
        expect_sources(catalog, names)
        refresher = Refresher(workspace, environment, clock, deadline, hold.check)
        chosen = list(names or catalog.sources)
        looks: dict[str, list[LookResult]] = {name: [] for name in chosen}
        for looked in _all_looks(refresher, chosen, names):
            looks[looked.source].append(looked)
            if note is not None:
                note(looked, len(chosen))
        if not names:
            with suppress(OSError):  # what cannot be remembered is read again by the next one
                Verification(state, hold.check).read_on(clock().date(), SINGLE_RUN_BYTES, to_end_of_file=True)
        published = refresher.publish(clock().date())
        found = {name: _found(name, tuple(each), refresher, clock()) for name, each in looks.items()}
        if not names:
            write_single_heartbeat(state, began, refresher.next_run(clock()))
        return RefreshResult(found, published, describe_orphans(catalog, state))


def _found(name: str, looks: tuple[LookResult, ...], refresher: Refresher, now: datetime) -> SourceResult:
    wrong = tuple(describe_archive_faults(name, refresher.archive))
    is_well = refresher.is_well(name) and not wrong and not any(one.trouble for one in looks)
    return SourceResult(looks, is_well, refresher.next_of(name, now), wrong)


def _all_looks(refresher: Refresher, chosen: Collection[str], asked: Collection[str]) -> Iterator[LookResult]:
    """What is on this machine first, then what the web brings, in the order in which it comes."""
    yield from refresher.look(chosen, asked)
    while refresher.under_way:
        arrived = refresher.arrived(SLICE)
        if arrived is not None:
            yield arrived
