"""What all commands share: the application, its options, paths and exit codes, errors as plain lines, and the clock.

Exit codes: 0 done; 1 something that was checked is wrong (`check`, `test`, `evidence`); 2 the command could not do its
work (wrong options, no catalogue, an unknown indicator, an instant nobody can ask about).
"""

from __future__ import annotations

import gc
import inspect
import json as json_module
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import wraps
from inspect import Parameter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from dashboard.workspace import Workspace

WRONG, IMPOSSIBLE = 1, 2
WIDE = 180  # columns of a table that goes to a file
# most of what a command makes lives until its end, and looking for circles in it takes a tenth of the command's time
_OBJECTS_BETWEEN_COLLECTIONS = 100_000

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
    """Print an error of Watchfloor or of the system as one line without a traceback, and exit with code 2."""
    from dashboard.domain import WatchfloorError, system_message

    try:
        yield
        sys.stdout.flush()
    except WatchfloorError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(IMPOSSIBLE) from error
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has seen enough
        raise typer.Exit(0) from None
    except OSError as error:
        print(f"cannot read or write: {system_message(error)}", file=sys.stderr)
        raise typer.Exit(IMPOSSIBLE) from error


@dataclass(frozen=True)
class Paths:
    """Where a command works: the catalogue, and the folder for what is kept between runs."""

    catalog: Path
    state: Path

    def workspace(self, *, is_as_written: bool = False) -> Workspace:
        """The workspace of these paths; the problems of its evidence cards are printed for people, and stop nothing."""
        from dashboard.workspace import Workspace

        workspace = Workspace(self.catalog, self.state, is_as_written=is_as_written)
        for problem in workspace.claims.problems:
            print(f"problem: {problem}; no evidence: is checked until it is mended", file=sys.stderr)
        return workspace


def command(name: str | None = None) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a function of `Paths` as a command, with the options `--catalog` and `--state` and with plain errors."""

    def register(function: Callable[..., None]) -> Callable[..., None]:
        @wraps(function)
        def run(context: typer.Context, catalog: Path | None, state: Path | None, **options: Any) -> None:
            gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
            with plain_errors():
                function(_paths(context, catalog, state), **options)

        own = [*inspect.signature(function, eval_str=True).parameters.values()][1:]
        parameters = [
            Parameter("context", Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context),
            *own,
            Parameter("catalog", Parameter.POSITIONAL_OR_KEYWORD, annotation=CatalogOption, default=None),
            Parameter("state", Parameter.POSITIONAL_OR_KEYWORD, annotation=StateOption, default=None),
        ]
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        app.command(name)(run)
        return function

    return register


def _paths(context: typer.Context, catalog: Path | None, state: Path | None) -> Paths:
    """The paths named before or after the command; without a state folder, `var` beside the catalogue."""
    path: Path = catalog or context.obj["catalog"]
    path = path / "indicators.yaml" if path.is_dir() else path
    return Paths(path, state or context.obj["state"] or path.parent / "var")


def now() -> datetime:
    """The present, in UTC and whole seconds: the one clock of the command line."""
    return datetime.now(UTC).replace(microsecond=0)


def today() -> date:
    return now().date()


def past_day(text: str | None, option: str = "--as-of") -> date:
    """The day that an option names, today without one; AsOfError for text that is no day, or a later day."""
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


def print_json(value: object) -> None:
    print(json_module.dumps(value, indent=2, ensure_ascii=False))
