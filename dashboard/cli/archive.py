"""`archive`: a renamed source gets what was received under its old name; a source is forgotten, and its space freed."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from dashboard.cli.accept import line_of_text
from dashboard.cli.application import Paths, command, now

_NAMES = {"rename": ("OLD", "NEW"), "forget": ("NAME",), "compact": ()}


@command()
def archive(
    paths: Paths,
    action: Annotated[Literal["rename", "forget", "compact"], typer.Argument(help="What to do.", show_default=False)],
    names: Annotated[
        list[str] | None,
        typer.Argument(help="rename: the old name and the one in the catalogue now; forget: the name."),
    ] = None,
    by: Annotated[str, typer.Option(help="forget: who says so.")] = "",
    because: Annotated[str, typer.Option(help="forget: why, in a line.")] = "",
    unrecorded: Annotated[
        bool, typer.Option("--unrecorded", help="compact: drop deliveries that the journal does not record, too.")
    ] = False,
    wait: Annotated[float, typer.Option(min=0, help="How many seconds to wait for a refresher that works.")] = 60,
) -> None:
    """Give a source that was renamed in the catalogue what was received under its old name; forget all that was
    received of a source that is no longer in the catalogue; or free the space of what was forgotten, and of what
    `keep:` of a source in the catalogue lets go.

    A refresher that goes on need not be ended: it does it within its next looks.
    """
    if len(names or ()) != len(_NAMES[action]):
        raise typer.BadParameter(f"archive {action} takes {' and '.join(_NAMES[action]) or 'no name'}")
    if action == "forget":
        by, because = line_of_text("--by", by), line_of_text("--because", because)
    from dashboard.refresh import ArchiveChange, run_archive_change

    source, new = (*(names or ()), "", "")[:2]
    print(run_archive_change(paths.workspace(), ArchiveChange(action, source, new, by, because, unrecorded), now, wait))
