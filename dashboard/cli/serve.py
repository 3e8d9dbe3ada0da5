"""`serve`: the dashboard and the refresher behind it, as two processes.

The dashboard goes on where no refresher can run: a board of yesterday's figures, under an alarm, is better than none.
"""

from __future__ import annotations

import errno
import os
import socket
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dashboard.cli.application import IMPOSSIBLE, Paths, command, now
from dashboard.cli.processes import EndSignal, Process, keep_running

if TYPE_CHECKING:
    from dashboard.app import RefresherAbsence
    from dashboard.refresh import Holder

HANDOVER = 3600  # seconds for which the refresher waits while a single refresh holds the lock


@command()
def serve(
    paths: Paths,
    port: Annotated[
        int, typer.Option(min=1, max=65535, help="The port of the dashboard, on this machine only.")
    ] = 8501,
) -> None:
    """Serve the dashboard on this machine, keep its figures current, and print its address."""
    from dashboard.app import RefresherAbsence

    path, state = paths.catalog.absolute(), paths.state.absolute()
    problems = Paths(path, state).workspace().catalog.problems
    if problems:
        print(f"{len(problems)} problems in {path.name}; `watchfloor check` names them", file=sys.stderr)
    _expect_free(port)
    ending, absence = EndSignal(), RefresherAbsence()
    processes = [_dashboard(port, path, state, absence), *_refresher(path, state, absence)]
    print(f"Watchfloor is at http://127.0.0.1:{port} (stop it with Ctrl+C)", flush=True)
    if not keep_running(processes, lambda: ending.has_come):
        raise typer.Exit(IMPOSSIBLE)


def _expect_free(port: int) -> None:
    """OSError where something else listens on the port, before a process is started that would end again and again."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise OSError(f"port {port} is in use; choose another with --port") from error
            raise


def _dashboard(port: int, path: Path, folder: Path, absence: RefresherAbsence) -> Process:
    from dashboard.app import ABSENCE_VARIABLE, CATALOG_VARIABLE, STATE_VARIABLE, serve_command

    own = {CATALOG_VARIABLE: str(path), STATE_VARIABLE: str(folder), ABSENCE_VARIABLE: str(absence.handle)}
    return Process("the dashboard", serve_command(port), {**os.environ, **own}, inherits=[absence.handle])


def _refresher(path: Path, folder: Path, absence: RefresherAbsence) -> list[Process]:
    """The process of the refresher, unless one is running already; then a line says so."""
    from dashboard.refresh import WATCHING

    holder, _ = _lock_state(folder)
    if holder and holder.name == WATCHING:
        print(f"{folder} is kept current by {holder}: only the dashboard is started", flush=True)
        return []
    command = [sys.executable, "-m", "dashboard", "--catalog", str(path), "--state", str(folder)]
    command += ["refresh", "--watch", "--wait", str(HANDOVER)]
    hindrance = partial(why_no_refresher, folder, absence)
    return [
        Process(
            "the refresher", command, os.environ, is_vital=False, hindrance=hindrance, on_trouble=absence.set_reason
        )
    ]


def why_no_refresher(folder: Path, absence: RefresherAbsence) -> str:
    """Why no refresher can work in the state folder, "" where one can; the dashboard shows the reason.

    It shows none while another refresher beats, perhaps on another machine.
    """
    from dashboard.refresh import read_pulse

    _, why = _lock_state(folder)
    shown = "" if read_pulse(folder, now()).is_well else why
    if why and absence.set_reason(shown) and shown:
        print(f"no refresher can run: {why}. The dashboard runs without, under an alarm", file=sys.stderr, flush=True)
    return why


def _lock_state(folder: Path) -> tuple[Holder | None, str]:
    """The holder of the lock of the state folder, as far as it is known, and why no process here can take it."""
    from dashboard.domain import system_message
    from dashboard.refresh import BusyError, sole_refresher

    try:
        with sole_refresher(folder, "watchfloor serve", now()):
            return None, ""
    except BusyError as busy:
        return busy.holder, ""
    except OSError as error:
        return None, system_message(error)
