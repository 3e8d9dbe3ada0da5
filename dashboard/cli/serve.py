"""`serve`: the dashboard and the refresher behind it, as two processes."""

from __future__ import annotations

import errno
import os
import socket
import sys
from pathlib import Path
from typing import Annotated

import typer

from dashboard.cli.base import (
    IMPOSSIBLE,
    CatalogOption,
    StateOption,
    app,
    catalog_path,
    now,
    plain_errors,
    state_folder,
)
from dashboard.cli.ending import Ending
from dashboard.cli.loading import definitions_at
from dashboard.cli.processes import Process, keep_running

HANDOVER = 3600  # seconds for which the refresher waits while a single refresh holds the lock


@app.command()
def serve(
    context: typer.Context,
    port: Annotated[
        int, typer.Option(min=1, max=65535, help="The port of the dashboard, on this machine only.")
    ] = 8501,
    catalog: CatalogOption = None,
    state: StateOption = None,
) -> None:
    """Serve the dashboard on this machine, keep its figures current, and print its address."""
    with plain_errors():
        path = catalog_path(context, catalog, state).absolute()
        folder = state_folder(context, path).absolute()
        problems = definitions_at(path, folder).catalog.problems
        if problems:
            print(f"{len(problems)} problems in {path.name}; `watchfloor check` names them", file=sys.stderr)
        _expect_free(port)
        ending = Ending()
        processes = [_dashboard(port, path, folder), *_refresher(path, folder)]
        print(f"Watchfloor is at http://127.0.0.1:{port} (stop it with Ctrl+C)", flush=True)
        if not keep_running(processes, lambda: ending.is_asked):
            raise typer.Exit(IMPOSSIBLE)


def _expect_free(port: int) -> None:
    """OSError where something else listens on the port: better said once than by a process that dies every time."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise OSError(f"port {port} is in use; choose another with --port") from error
            raise


def _dashboard(port: int, path: Path, folder: Path) -> Process:
    from dashboard.app.server import CATALOG_VARIABLE, STATE_VARIABLE, serve_command

    environment = {**os.environ, CATALOG_VARIABLE: str(path), STATE_VARIABLE: str(folder)}
    return Process("the dashboard", serve_command(port), environment)


def _refresher(path: Path, folder: Path) -> list[Process]:
    """The refresher, unless one is running already, which is said."""
    from dashboard.refresh.lock import WATCHING, BusyError, sole_refresher

    try:
        with sole_refresher(folder, "watchfloor serve", now()):
            pass
    except BusyError as busy:
        if busy.holder and busy.holder.name == WATCHING:
            print(f"{folder} is kept current by {busy.holder}: only the dashboard is started", flush=True)
            return []
    command = [sys.executable, "-m", "dashboard", "--catalog", str(path), "--state", str(folder)]
    return [Process("the refresher", [*command, "refresh", "--watch", "--wait", str(HANDOVER)], os.environ)]
