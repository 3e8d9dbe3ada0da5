"""`serve`: the dashboard."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Annotated

import typer

from dashboard.cli.base import CatalogOption, StateOption, app, catalog_path, plain_errors
from dashboard.cli.loading import load


@app.command()
def serve(
    context: typer.Context,
    port: Annotated[
        int, typer.Option(min=1, max=65535, help="The port of the dashboard, on this machine only.")
    ] = 8501,
    catalog: CatalogOption = None,
    state: StateOption = None,
) -> None:
    """Serve the dashboard on this machine and print its address."""
    with plain_errors():
        from dashboard.app.server import CATALOG_VARIABLE, STATE_VARIABLE, serve_command

        path = catalog_path(context, catalog, state)
        problems = load(path)[0].problems
        if problems:
            print(f"{len(problems)} problems in {path.name}; `watchfloor check` names them", file=sys.stderr)
        print(f"Watchfloor is at http://127.0.0.1:{port} (stop it with Ctrl+C)", flush=True)
        folder = context.obj["state"].resolve()
        environment = {**os.environ, CATALOG_VARIABLE: str(path.resolve()), STATE_VARIABLE: str(folder)}
        try:
            code = subprocess.run(serve_command(port), env=environment, check=False).returncode
        except KeyboardInterrupt:
            code = 0
        raise typer.Exit(code)
