"""`rebuild`: the rows of sources made anew from the archive of their deliveries."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from dashboard.cli.application import WRONG, Paths, command, now, today

if TYPE_CHECKING:
    from collections.abc import Collection

    from dashboard.archive import Archive
    from dashboard.catalog import Catalog
    from dashboard.refresh import Hold
    from dashboard.rows import RowStore


@command()
def rebuild(
    paths: Paths,
    sources: Annotated[list[str] | None, typer.Argument(help="Source ids. [all that are in the archive]")] = None,
    despite_loss: Annotated[
        bool, typer.Option("--despite-loss", help="Also where the journal has lost lines: rows of what it still tells.")
    ] = False,
) -> None:
    """Make the rows of sources anew from all their deliveries; exit 1 if any of these cannot be used."""
    from dashboard.archive import Archive, describe_orphans
    from dashboard.refresh import sole_refresher, sweep_state
    from dashboard.rows import RowStore

    catalog, state = paths.workspace(is_as_written=True).catalog, paths.state
    archive, store = Archive(state), RowStore(state)
    names = _chosen_sources(catalog, {*archive.sources(), *store.sources()}, sources)
    for line in () if sources else describe_orphans(catalog, state):
        print(line, file=sys.stderr)
    with sole_refresher(state, "watchfloor rebuild", now()) as hold:
        sweep_state(state)
        failed = [name for name in names if not _rebuilt(name, catalog, archive, store, hold, despite_loss)]
    if failed:
        raise typer.Exit(WRONG)


def _chosen_sources(catalog: Catalog, kept: Collection[str], names: list[str] | None) -> list[str]:
    """The named sources, or all of which anything is kept; each must be in the catalogue and kept."""
    from dashboard.domain import WatchfloorError
    from dashboard.workspace import expect_sources

    for name in names or ():
        expect_sources(catalog, [name])
        if name not in kept:
            raise WatchfloorError(f"{name}: nothing in the archive yet; run `watchfloor refresh {name}`")
    return names or [name for name in sorted(kept) if name in catalog.sources]


def _rebuilt(name: str, catalog: Catalog, archive: Archive, store: RowStore, hold: Hold, despite_loss: bool) -> bool:
    """Whether all deliveries of a source could be used; what is stored stays where one is damaged or lost."""
    from dashboard.archive import ArchiveError
    from dashboard.domain.text import wording as words
    from dashboard.rows import expect_whole_journal, replay_deliveries

    try:
        if not despite_loss:
            expect_whole_journal(name, archive, store)
        stored = replay_deliveries(name, catalog.sources[name], archive, None, today())
    except ArchiveError as error:
        print(error, file=sys.stderr)
        return False
    hold.check()
    store.write(name, stored)
    print(
        f"{name}: {words.counted(len(stored.rows), 'row')} of {words.counted(archive.count_received(name), 'receipt')}"
    )
    for problem in stored.unreadable:
        print(problem, file=sys.stderr)
    return not stored.unreadable
