"""`refresh`: fetch what is due, once or for as long as it is left running, and publish the board."""

from __future__ import annotations

import os
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
    unknown_source,
)

if TYPE_CHECKING:
    from pathlib import Path

    from dashboard.refresh.refresher import Looked, Refresher

SLICE = 0.2  # seconds that one waits for the web before one looks whether anything else is to be done


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
    """Fetch what is due, keep it, check it, and publish the board."""
    with plain_errors():
        path = catalog_path(context, catalog, state)
        folder = state_folder(context, path)
        if watch and (sources or json):
            raise typer.BadParameter("--watch looks at all sources and prints plain lines")
        if watch:
            from dashboard.cli.watching import keep_watching

            keep_watching(path, folder, wait)
        elif not _once(path, folder, sources or [], wait, as_json=json):
            raise typer.Exit(WRONG)


def _once(path: Path, state: Path, names: list[str], wait: float, *, as_json: bool) -> bool:
    """Whether all sources looked at are well."""
    from dashboard.refresh.lock import ONCE, sole_refresher
    from dashboard.refresh.publishing import Publisher
    from dashboard.refresh.refresher import Refresher
    from dashboard.refresh.repair import repair

    with sole_refresher(state, ONCE, now(), wait):
        catalog = current_catalog(path, state)
        for name in names:
            if name not in catalog.sources:
                raise unknown_source(name, catalog)
        refresher = Refresher(state, os.environ, now)
        refresher.adopt(catalog)
        chosen = names or list(catalog.sources)
        repair(state)
        looked = _looked_at(refresher, chosen, names, show=not as_json)
        version, is_new = Publisher(state).publish(catalog, refresher, now().date())
        if as_json:
            print_json({"sources": [_as_json(one, refresher) for one in looked], "version": version})
        else:
            print(f"board {version[:12]} {'published' if is_new else 'unchanged'}")
        return all(one.is_well for one in looked)
