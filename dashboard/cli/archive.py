"""`archive rename`: what was received under a source's old name is given to its new one."""

from __future__ import annotations

import sys
from pathlib import Path
from time import monotonic
from typing import Annotated, Literal

import typer

from dashboard.cli.application import CatalogOption, StateOption, app, catalog_path, now, plain_errors, state_folder

_NAME = "watchfloor archive rename"
_SLICE = 0.2  # seconds that one waits for the lock at a time


@app.command()
def archive(
    context: typer.Context,
    action: Annotated[Literal["rename"], typer.Argument(help="What to do.", show_default=False)],
    old: Annotated[str, typer.Argument(help="The name that the source had.", show_default=False)],
    new: Annotated[str, typer.Argument(help="Its name in the catalogue now.", show_default=False)],
    wait: Annotated[float, typer.Option(min=0, help="How many seconds to wait for a refresher that works.")] = 60,
    catalog: CatalogOption = None,
    state: StateOption = None,
) -> None:
    """Give a source that was renamed in the catalogue what was received under its old name.

    A refresher that goes on need not be ended: it does it within its next looks.
    """
    del action  # there is but one
    with plain_errors():
        path = catalog_path(context, catalog, state)
        print(_renamed(path, state_folder(context, path), old, new, wait))
        sys.stdout.flush()


def _renamed(path: Path, state: Path, old: str, new: str, wait: float) -> str:
    """What was done, by this process or by the refresher that holds the lock, whichever comes first."""
    from dashboard.archive import Archive
    from dashboard.cli.loading import definitions_at
    from dashboard.domain import WatchfloorError
    from dashboard.refresh import BusyError, expect_renamed
    from dashboard.refresh import rename_requests as renames

    expect_renamed(definitions_at(path, state).catalog, Archive(state), old, new)
    until, is_asked = monotonic() + wait, False
    try:
        while True:
            try:
                return _renamed_here(path, state, old, new, _SLICE if is_asked else 0)
            except BusyError:
                if monotonic() > until:
                    raise
            if not is_asked:
                renames.ask(state, old, new)
                is_asked = True
            if answered := renames.take_answer(state, old):
                is_done, said = answered
                if not is_done:
                    raise WatchfloorError(said)
                return said
    finally:
        if is_asked:
            renames.withdraw(state, old)


def _renamed_here(path: Path, state: Path, old: str, new: str, wait: float) -> str:
    from dashboard.cli.loading import definitions_at
    from dashboard.refresh import rename, sole_refresher, sweep_all

    with sole_refresher(state, _NAME, now(), wait) as hold:
        sweep_all(state)
        return rename(state, definitions_at(path, state).catalog, old, new, hold.check)
