"""A single refresh: the sources that are due or named, from the lock to the published board."""

from __future__ import annotations

import gc
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

from dashboard.archive import SINGLE_RUN_BYTES, Verification, describe_orphans
from dashboard.refresh.heartbeat import write_single_heartbeat
from dashboard.refresh.lock import SINGLE, sole_refresher
from dashboard.refresh.looks.fetch_pool import DEADLINE
from dashboard.refresh.looks.look_result import LookResult
from dashboard.refresh.publish import Published
from dashboard.refresh.refresher import Refresher
from dashboard.refresh.repair import sweep_state
from dashboard.refresh.requests.archive_changes import thin_and_compact
from dashboard.rows import describe_archive_faults
from dashboard.workspace import Workspace, expect_sources

SLICE = 1.0  # seconds of one wait for what addresses bring
_OBJECTS = 50_000  # that are made between two searches for garbage; almost all of a run stay until its end


@dataclass(frozen=True)
class SourceResult:
    """A source after a refresh.

    looks: empty where it was not due. is_well: whether the newest runs of its files were neither rejected nor failed,
    and its stored deliveries have no `archive_faults`.
    """

    looks: tuple[LookResult, ...]
    is_well: bool
    next_due: datetime
    archive_faults: tuple[str, ...] = ()


@dataclass(frozen=True)
class RefreshResult:
    """sources: those that were named, or all of the catalogue. orphans: lines about archives that belong to none."""

    sources: Mapping[str, SourceResult]
    board: Published
    orphans: tuple[str, ...] = ()

    @property
    def is_well(self) -> bool:
        return all(source.is_well for source in self.sources.values())


def refresh(
    workspace: Workspace,
    names: Collection[str],
    environment: Mapping[str, str],
    clock: Callable[[], datetime],
    wait: float = 0,
    deadline: float = DEADLINE,
    on_look: Callable[[LookResult, int], None] | None = None,
) -> RefreshResult:
    """Fetch the named sources of the catalogue, or all that are due, and publish the board.

    wait: seconds to wait for the lock. deadline: seconds after which an address is given up. on_look: called with each
    look as it comes, and with the number of sources. Raises BusyError where another refresher holds the lock for
    longer, CatalogError and UnknownSourceError.
    """
    began, state = clock(), workspace.state
    with sole_refresher(state, SINGLE, began, wait) as hold, _few_garbage_collections():
        sweep_state(state)
        workspace = workspace.reread()
        workspace.remember_definitions()
        thin_and_compact(state, workspace.catalog, began, hold.check)
        expect_sources(workspace.catalog, names)
        refresher = Refresher(workspace, environment, clock, deadline, hold.check)
        chosen = list(names or refresher.sources)
        looks: dict[str, list[LookResult]] = {name: [] for name in chosen}
        for look in _all_looks(refresher, chosen, names):
            looks[look.source].append(look)
            if on_look is not None:
                on_look(look, len(chosen))
        if not names:
            with suppress(OSError):  # what cannot be written down now is read again by the next refresh
                Verification(state, hold.check).read_on(clock().date(), SINGLE_RUN_BYTES, to_end_of_file=True)
        published = refresher.publish()
        with refresher.archive.single_glance():
            results = {name: _result(name, tuple(each), refresher, clock()) for name, each in looks.items()}
        if not names:
            write_single_heartbeat(state, began, refresher.next_run(clock()))
        return RefreshResult(results, published, describe_orphans(workspace.catalog, state))


@contextmanager
def _few_garbage_collections() -> Iterator[None]:
    """Search for garbage less often than Python does by itself, which takes a sixth of a run over many sources."""
    before = gc.get_threshold()
    gc.set_threshold(max(_OBJECTS, before[0]), *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _all_looks(refresher: Refresher, chosen: Collection[str], requested: Collection[str]) -> Iterator[LookResult]:
    """Files and folders of this machine first, then what addresses bring, in the order in which it comes."""
    yield from refresher.look(chosen, requested)
    while refresher.under_way:
        yield from refresher.arrivals(SLICE)


def _result(name: str, looks: tuple[LookResult, ...], refresher: Refresher, now: datetime) -> SourceResult:
    faults = tuple(describe_archive_faults(name, refresher.archive))
    source = refresher.source(name)
    is_well = source.is_well and not faults and not any(look.trouble for look in looks)
    return SourceResult(looks, is_well, source.next_due(now), faults)
