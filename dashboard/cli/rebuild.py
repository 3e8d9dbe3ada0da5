"""`rebuild`: the rows of sources made anew from the archive of their deliveries."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from dashboard.cli.application import (
    WRONG,
    CatalogOption,
    StateOption,
    app,
    catalog_path,
    now,
    plain_errors,
    state_folder,
    today,
)
from dashboard.cli.loading import catalog_at

if TYPE_CHECKING:
    from collections.abc import Collection

    from dashboard.archive import Archive
    from dashboard.catalog import Catalog
    from dashboard.refresh import Hold
    from dashboard.rows import RowStore


@app.command()
def rebuild(
    context: typer.Context,
    sources: Annotated[list[str] | None, typer.Argument(help="Source ids. [all that are in the archive]")] = None,
    despite_loss: Annotated[
        bool, typer.Option("--despite-loss", help="Also where the journal has lost lines: rows of what it still tells.")
    ] = False,
    catalog: CatalogOption = None,
    state: StateOption = None,
) -> None:
    """Make the rows of sources anew from all their deliveries; exit 1 if any of these cannot be used."""
    with plain_errors():
        from dashboard.archive import Archive, describe_orphans
        from dashboard.refresh import sole_refresher, sweep_all
        from dashboard.rows import RowStore

        path = catalog_path(context, catalog, state)
        loaded, folder = catalog_at(path), state_folder(context, path)
        archive, store = Archive(folder), RowStore(folder)
        names = _named(loaded, {*archive.folders(), *store.sources()}, sources)
        for line in () if sources else describe_orphans(loaded, folder):
            print(line, file=sys.stderr)
        with sole_refresher(folder, "watchfloor rebuild", now()) as hold:
            sweep_all(folder)
            failed = [name for name in names if not _rebuilt(name, loaded, archive, store, hold, despite_loss)]
        if failed:
            raise typer.Exit(WRONG)


def _named(catalog: Catalog, kept: Collection[str], sources: list[str] | None) -> list[str]:
    """The sources asked for, all of which anything is kept where none was; each must be in the catalogue and kept."""
    from dashboard.catalog import did_you_mean
    from dashboard.domain import WatchfloorError

    for name in sources or ():
        if name not in catalog.sources:
            raise WatchfloorError(f"no source {name}{did_you_mean(name, list(catalog.sources))}")
        if name not in kept:
            raise WatchfloorError(f"{name}: nothing in the archive yet; run `watchfloor refresh {name}`")
    return sources or [name for name in sorted(kept) if name in catalog.sources]


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
