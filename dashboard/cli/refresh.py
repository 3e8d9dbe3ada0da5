"""`refresh`: fetch what is due, once or for as long as it is left running, and publish the board."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dashboard.cli.application import WRONG, JsonOption, Paths, command, now, print_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboard.refresh import LookResult, SourceResult


@command()
def refresh(
    paths: Paths,
    sources: Annotated[list[str] | None, typer.Argument(help="Source ids, due or not. [all that are due]")] = None,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on until ended: by the schedule, and whenever a file changes.")
    ] = False,
    wait: Annotated[float, typer.Option(min=0, help="How many seconds to wait for another refresher to end.")] = 0,
    as_json: JsonOption = False,
) -> None:
    """Fetch what is due, keep it, check it, and publish the board; exit code 1 if any source is not well."""
    if watch:
        from dashboard.cli.watching import keep_watching

        if sources or as_json:
            raise typer.BadParameter("--watch looks at all sources, and prints lines")
        keep_watching(paths, wait)
    elif not _refresh_once(paths, sources or [], wait, as_json=as_json):
        raise typer.Exit(WRONG)


def _refresh_once(paths: Paths, names: list[str], wait: float, *, as_json: bool) -> bool:
    """Whether all sources that were looked at are well."""
    from dashboard.refresh import refresh as refresh_once

    workspace = paths.workspace()
    with _progress(is_shown=not as_json) as on_look:
        done = refresh_once(workspace, names, os.environ, now, wait, on_look=on_look)
    if as_json:
        sources = {name: _as_json(name, result) for name, result in done.sources.items()}
        version = {"version": done.board.version, "is_new": done.board.is_new}
        print_json({"sources": sources, "unclaimed": list(done.orphans), **version})
        return done.is_well
    for name, result in done.sources.items():
        if not result.looks:
            trouble = "" if result.is_well else ", and not well the last time"
            print(f"{name}: not due until {result.next_due:%Y-%m-%d %H:%M} UTC{trouble}")
    for name, result in done.sources.items():
        for fault in result.archive_faults:
            print(f"{name}: {fault}", file=sys.stderr)
    for line in done.orphans:
        print(f"warning: {line}", file=sys.stderr)
    print(f"board {done.board.version[:12]} {'published' if done.board.is_new else 'unchanged'}")
    return done.is_well


@contextmanager
def _progress(*, is_shown: bool) -> Iterator[Callable[[LookResult, int], None]]:
    """Print the lines of each look; a terminal also shows a progress bar, which is wiped away in the end."""
    if not (is_shown and sys.stdout.isatty()):
        yield lambda look, _total: _print(look) if is_shown else None
        return
    from rich.console import Console
    from rich.progress import Progress

    console = Console(highlight=False, markup=False, soft_wrap=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("refreshing", total=None)

        def on_look(look: LookResult, total: int) -> None:
            progress.update(task, total=total, advance=1)
            _print(look)

        yield on_look


def _print(look: LookResult) -> None:
    from dashboard.refresh import describe_look

    for line in describe_look(look):
        print(line)


def _as_json(name: str, result: SourceResult) -> dict[str, Any]:
    from dashboard.archive import accept_hint

    runs = [run for look in result.looks for run in look.runs]
    return {
        "is_well": result.is_well,
        "runs": [run.as_json() for run in runs],
        "way_in": accept_hint(name) if any(run.held_back or run.dropped for run in runs) else "",
        "trouble": next((look.trouble for look in result.looks if look.trouble), ""),
        "amiss": list(result.archive_faults),
        "next_due": result.next_due.isoformat(),
    }
