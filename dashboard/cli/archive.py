"""`archive rename`: what was received under a source's old name is given to its new one."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from dashboard.cli.application import Paths, command, now


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
    from dashboard.refresh import run_rename

    print(run_rename(paths.workspace(), old, new, now, wait))
