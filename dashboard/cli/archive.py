"""`archive rename`: what was received under a source's old name is given to its new one."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from dashboard.cli.application import Paths, command, now

if TYPE_CHECKING:
    from dashboard.workspace import Workspace

_NAME = "watchfloor archive rename"
_SLICE = 0.2  # seconds of one wait for the lock


@command()
def archive(
    paths: Paths,
    action: Annotated[Literal["rename"], typer.Argument(help="What to do.", show_default=False)],
    old: Annotated[str, typer.Argument(help="The name that the source had.", show_default=False)],
    new: Annotated[str, typer.Argument(help="Its name in the catalogue now.", show_default=False)],
    wait: Annotated[float, typer.Option(min=0, help="How many seconds to wait for a refresher that works.")] = 60,
) -> None:
    """Give a source that was renamed in the catalogue what was received under its old name.

    A refresher that goes on need not be ended: it does it within its next looks.
    """
    del action  # there is but one
    print(_renamed(paths.workspace(), old, new, wait))


def _renamed(workspace: Workspace, old: str, new: str, wait: float) -> str:
    """What was done, by this process or by the refresher that holds the lock, whichever comes first."""
    from dashboard.archive import Archive
    from dashboard.domain import WatchfloorError
    from dashboard.refresh import BusyError, expect_renamed
    from dashboard.refresh import rename_requests as renames

    state = workspace.state
    expect_renamed(workspace.catalog, Archive(state), old, new)
    until, is_asked = monotonic() + wait, False
    try:
        while True:
            try:
                return _renamed_here(workspace, old, new, _SLICE if is_asked else 0)
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


def _renamed_here(workspace: Workspace, old: str, new: str, wait: float) -> str:
    from dashboard.refresh import rename, sole_refresher, sweep_state

    with sole_refresher(workspace.state, _NAME, now(), wait) as hold:
        sweep_state(workspace.state)
        return rename(workspace.state, workspace.reread().catalog, old, new, hold.check)
