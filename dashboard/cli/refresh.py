"""`refresh`: fetch what is due, once or for as long as it is left running, and publish the board."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dashboard.cli.base import (
    WRONG,
    CatalogOption,
    JsonOption,
    StateOption,
    app,
    catalog_path,
    now,
    plain_errors,
    print_json,
    state_folder,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dashboard.catalog import Catalog
    from dashboard.refresh.refresher import Looked, Refresher


@app.command()
def refresh(
    context: typer.Context,
    sources: Annotated[list[str] | None, typer.Argument(help="Source ids, due or not. [all that are due]")] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on until ended: by the schedule, and whenever a file changes.")
    ] = False,
    wait: Annotated[float, typer.Option(min=0, help="How many seconds to wait for another refresher to end.")] = 0,
    json: JsonOption = False,
    catalog: CatalogOption = None,
    state: StateOption = None,
) -> None:
    """Fetch what is due, keep it, check it, and publish the board; exit code 1 if any source is not well."""
    with plain_errors():
        path = catalog_path(context, catalog, state)
        folder = state_folder(context, path)
        if watch:
            from dashboard.cli.watching import keep_watching

            if sources or json:
                raise typer.BadParameter("--watch looks at all sources, and prints lines")
            keep_watching(path, folder, wait)
        elif not _once(path, folder, sources or [], wait, as_json=json):
            raise typer.Exit(WRONG)


def _once(path: Path, state: Path, names: list[str], wait: float, *, as_json: bool) -> bool:
    """Whether all sources that were looked at are well."""
    from dashboard.refresh.defining import in_force
    from dashboard.refresh.lock import ONCE, sole_refresher
    from dashboard.refresh.refresher import Refresher
    from dashboard.refresh.repair import sweep_all

    with sole_refresher(state, ONCE, now(), wait):
        sweep_all(state)
        catalog = in_force(path, state)
        _expect_known(names, catalog)
        refresher = Refresher(state, os.environ, now)
        refresher.adopt(catalog)
        chosen = names or list(catalog.sources)
        found: dict[str, list[Looked]] = {name: [] for name in chosen}
        with _progress(len(chosen), is_shown=not as_json) as advance:
            for looked in _all_looked_at(refresher, chosen, names):
                found[looked.source].append(looked)
                advance()
                if not as_json:
                    _print(looked)
        if not as_json:
            _print_quiet([name for name, each in found.items() if not each], refresher)
        published = refresher.publish(now().date())
        if as_json:
            told = {name: _as_json(name, each, refresher) for name, each in found.items()}
            print_json({"sources": told, "version": published.version, "is_new": published.is_new})
        else:
            print(f"board {published.version[:12]} {'published' if published.is_new else 'unchanged'}")
        return all(refresher.is_well(name) and not any(one.trouble for one in each) for name, each in found.items())


def _all_looked_at(refresher: Refresher, chosen: list[str], asked: list[str]) -> Iterator[Looked]:
    """What is on this machine first, then what the web brings, in the order in which it comes."""
    yield from refresher.look(chosen, asked)
    while refresher.under_way:
        arrived = refresher.arrived(1)
        if arrived is not None:
            yield arrived


@contextmanager
def _progress(total: int, *, is_shown: bool) -> Iterator[Callable[[], None]]:
    """A bar in a terminal, where somebody waits; it is wiped away in the end. Elsewhere lines alone."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(transient=True, disable=not (is_shown and Console().is_terminal)) as progress:
        task = progress.add_task("refreshing", total=total)
        yield lambda: progress.advance(task)


def _print(looked: Looked) -> None:
    from dashboard.refresh.lines import REPAIRED, line_of

    if looked.is_repaired:
        print(f"{looked.source}: {REPAIRED}")
    elif looked.trouble:
        print(f"{looked.source}: failed: {looked.trouble}")
    elif not looked.runs:
        print(f"{looked.source}: unchanged")
    for run in looked.runs:
        print(line_of(looked.source, run))


def _print_quiet(names: list[str], refresher: Refresher) -> None:
    """Sources that were not due, and when they are; and what was wrong with them the last time."""
    for name in names:
        well = "" if refresher.is_well(name) else ", and not well the last time"
        print(f"{name}: not due until {refresher.next_of(name, now()):%Y-%m-%d %H:%M} UTC{well}")


def _as_json(name: str, looked: list[Looked], refresher: Refresher) -> dict[str, Any]:
    trouble = next((one.trouble for one in looked if one.trouble), "")
    return {
        "is_well": refresher.is_well(name) and not trouble,
        "runs": [run.as_json() for one in looked for run in one.runs],
        "trouble": trouble,
        "next_due": refresher.next_of(name, now()).isoformat(),
    }


def _expect_known(names: list[str], catalog: Catalog) -> None:
    from dashboard.catalog.checks import did_you_mean
    from dashboard.errors import WatchfloorError

    for name in names:
        if name not in catalog.sources:
            raise WatchfloorError(f"no source {name}{did_you_mean(name, list(catalog.sources))}")
