"""What all commands share: the application, its options and exit codes, errors as plain lines, and the clock.

Exit codes: 0 done; 1 something that was checked is wrong (`check`, `test`, `evidence`); 2 the command could not do its
work (wrong options, no catalogue, an unknown indicator, an instant nobody can ask about).
"""

from __future__ import annotations

import json as json_module
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

WRONG, IMPOSSIBLE = 1, 2
WIDE = 180  # columns of a table that goes to a file

app = typer.Typer(
    name="watchfloor",
    help="A sanctions-violation monitor: indicators in YAML, figures in CSV, alerts with their evidence.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    epilog="Exit codes: 0 done; 1 something that was checked is wrong; 2 the command could not do its work.",
)

CatalogOption = Annotated[
    Path | None, typer.Option("--catalog", help="The catalogue; its paths are relative to its own folder.")
]
StateOption = Annotated[
    Path | None,
    typer.Option("--state", help="Folder for what is kept between runs. [var beside the catalogue]"),
]
AsOfOption = Annotated[
    str | None, typer.Option("--as-of", metavar="DATE", help="What was known at the end of that day, UTC. [today]")
]
ByOption = Annotated[
    Literal["published", "received"],
    typer.Option("--by", help="Known from its publication, or from the day on which it came to us."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
IndicatorsArgument = Annotated[list[str] | None, typer.Argument(help="Indicator ids. [all]")]


@app.callback()
def common(context: typer.Context, catalog: CatalogOption = None, state: StateOption = None) -> None:
    """Options that may stand before or after a command."""
    context.obj = {"catalog": catalog or Path("indicators.yaml"), "state": state}


@contextmanager
def plain_errors() -> Iterator[None]:
    """What Watchfloor raises on purpose, and what the system refuses, is one line and exit code 2, no traceback."""
    from dashboard.domain import WatchfloorError, refused

    try:
        yield
        sys.stdout.flush()
    except WatchfloorError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(IMPOSSIBLE) from error
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # whoever read it has seen enough
        raise typer.Exit(0) from None
    except OSError as error:
        print(f"cannot read or write: {refused(error)}", file=sys.stderr)
        raise typer.Exit(IMPOSSIBLE) from error


def catalog_path(context: typer.Context, catalog: Path | None, state: Path | None) -> Path:
    """The catalogue's path, from before or after the command, as `state` is for `state_folder`."""
    context.obj["state"] = state or context.obj["state"]
    path: Path = catalog or context.obj["catalog"]
    return path / "indicators.yaml" if path.is_dir() else path


def state_folder(context: typer.Context, path: Path) -> Path:
    """The folder for what is kept between runs: the one that was named, or `var` beside the catalogue at `path`."""
    named: Path | None = context.obj["state"]
    return named or path.parent / "var"


def now() -> datetime:
    """The present, in UTC and whole seconds: the one clock of the command line."""
    return datetime.now(UTC).replace(microsecond=0)


def today() -> date:
    return now().date()


def day_asked(text: str | None, option: str = "--as-of") -> date:
    from dashboard.domain import AsOfError
    from dashboard.domain.dates import parse_day

    if text is None:
        return today()
    try:
        day = parse_day(text)
    except ValueError as error:
        raise AsOfError(f"{option} {error}") from error
    if day > today():
        raise AsOfError(f"{option} {text} is in the future; today is {today()} (UTC)")
    return day


def print_json(found: object) -> None:
    print(json_module.dumps(found, indent=2, ensure_ascii=False))
