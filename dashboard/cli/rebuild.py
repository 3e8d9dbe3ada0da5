"""`rebuild`: the rows of sources made anew from the archive of their deliveries."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from dashboard.cli.application import WRONG, Paths, command, now, today

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from dashboard.archive import Archive, SourceLog
    from dashboard.catalog import Catalog, Source
    from dashboard.refresh import Hold
    from dashboard.rows import RowStore, StoredRows


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
        sources_to_rebuild = {name: catalog.sources[name] for name in names}
        with archive.single_glance(), store.single_glance():
            are_rebuilt = _rebuild_all(sources_to_rebuild, archive, store, hold, despite_loss=despite_loss)
    if not are_rebuilt:
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


def _rebuild_all(
    sources: Mapping[str, Source], archive: Archive, store: RowStore, hold: Hold, *, despite_loss: bool
) -> bool:
    """Whether all deliveries of all sources could be used; what is stored stays where one is damaged or lost."""
    from dashboard.rows import replay_all, replay_groups

    logs = _whole_logs(sources, archive, None if despite_loss else store)
    is_well = len(logs) == len(sources)
    for group in replay_groups(logs):
        rows = replay_all(group, archive, None, today())
        rows |= _replay_each({name: logs[name] for name in group if name not in rows}, archive)
        hold.check()
        store.write_all(rows)
        is_well &= len(rows) == len(group)
        for name, stored in rows.items():
            _describe(name, stored, archive.count_received(name))
            is_well &= not stored.unreadable
    return is_well


def _whole_logs(
    sources: Mapping[str, Source], archive: Archive, store: RowStore | None
) -> dict[str, tuple[Source, SourceLog]]:
    """The sources with their logs; one whose log cannot be used is reported. With a `store` a log must record all that
    was received."""
    from dashboard.archive import ArchiveError
    from dashboard.rows import expect_whole_journal

    logs = {}
    for name, source in sources.items():
        try:
            if store is not None:
                expect_whole_journal(name, archive, store)
            logs[name] = source, archive.log(name, source.location)
        except ArchiveError as error:
            print(error, file=sys.stderr)
    return logs


def _replay_each(logs: Mapping[str, tuple[Source, SourceLog]], archive: Archive) -> dict[str, StoredRows]:
    """The rows of sources that could not be derived together; what is wrong with a source is reported."""
    from dashboard.archive import ArchiveError
    from dashboard.domain import system_message
    from dashboard.rows import replay_deliveries

    rows = {}
    for name, (source, log) in logs.items():
        try:
            rows[name] = replay_deliveries(name, source, archive, None, today(), log)
        except ArchiveError as error:
            print(error, file=sys.stderr)
        except OSError as error:
            print(f"{name}: cannot read or write: {system_message(error)}", file=sys.stderr)
    return rows


def _describe(name: str, stored: StoredRows, receipts: int) -> None:
    from dashboard.domain.text import wording as words

    print(f"{name}: {words.counted(stored.row_count, 'row')} of {words.counted(receipts, 'receipt')}")
    for problem in stored.unreadable:
        print(problem, file=sys.stderr)
