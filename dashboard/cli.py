"""The command line. It reads the clock, calls the stages, prints, and sets the exit code.

Exit codes: 0 done; 1 something that was checked is wrong (`check`, `test`, `evidence`); 2 the command could not do its
work (wrong options, no catalogue, an unknown indicator, an instant nobody can ask about).

What a command needs is imported inside it, so that `--help` answers without loading pandas.
"""

from __future__ import annotations

import json as json_module
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from dashboard.backtest import History
    from dashboard.catalog import Catalog
    from dashboard.comparison import Difference
    from dashboard.errors import Problem, UnknownIndicatorError
    from dashboard.intake import Intake
    from dashboard.lint import Note
    from dashboard.model import Board, Verdict

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
    typer.Option("--state", help="Folder for what is kept between runs; nothing yet, alerts are computed."),
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
    context.obj = {"catalog": catalog or Path("indicators.yaml"), "state": state or Path("var")}


@app.command()
def evaluate(
    context: typer.Context,
    as_of: AsOfOption = None,
    by: ByOption = "published",
    json: JsonOption = False,
    catalog: CatalogOption = None,
    state: StateOption = None,
) -> None:
    """Judge every indicator, today or as of a day in the past."""
    with _plain_errors():
        board = _board(_path(context, catalog, state), as_of, by)
        if json:
            from dashboard.export import board_as_json

            print(board_as_json(board))
        else:
            _print_board(board)


@app.command()
def history(
    context: typer.Context,
    indicators: IndicatorsArgument = None,
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV, which is also the default.")] = True,
    as_of: AsOfOption = None,
    by: ByOption = "published",
    catalog: CatalogOption = None,
    state: StateOption = None,
) -> None:
    """Every judged observation, one line each, with severity, state and since when it has been known."""
    del csv
    with _plain_errors():
        from dashboard.export import history_as_csv

        path = _path(context, catalog, state)
        chosen = _verdicts(path, as_of, by, indicators) if indicators else _board(path, as_of, by).verdicts
        print(history_as_csv(chosen), end="")


@app.command()
def explain(
    context: typer.Context,
    indicator: Annotated[str, typer.Argument(help="The indicator's id.")],
    as_of: AsOfOption = None,
    by: ByOption = "published",
    catalog: CatalogOption = None,
    state: StateOption = None,
) -> None:
    """One verdict as a sentence, with the rows it rests on: file and line, source, citation."""
    with _plain_errors():
        from dashboard.export import explanation

        (verdict,) = _verdicts(_path(context, catalog, state), as_of, by, [indicator])
        print(explanation(verdict, _day(as_of)))


@app.command()
def check(
    context: typer.Context,
    lint: Annotated[bool, typer.Option("--lint", help="Add notes on what is worth a look; no problems.")] = False,
    json: JsonOption = False,
    catalog: CatalogOption = None,
    state: StateOption = None,
) -> None:
    """Name every problem of the catalogue and of its CSV files, with its place; exit 1 if there is any."""
    with _plain_errors():
        from dashboard import words

        path = _path(context, catalog, state)
        problems, notes, counted = _checked(path, lint=lint)
        if json:
            found = [problem.as_json() for problem in problems]
            _print_json({"problems": found, "notes": [note.as_json() for note in notes]} if lint else found)
        else:
            for problem in problems:
                print(problem)
            print(words.counted(len(problems), "problem") if problems else f"{path.name}: no problems; {counted}")
            for note in notes:
                print(f"note: {note}")
            if lint:
                print(words.counted(len(notes), "note"))
        if problems:
            raise typer.Exit(WRONG)


@app.command("test")
def run_rule_tests(
    context: typer.Context,
    indicators: IndicatorsArgument = None,
    json: JsonOption = False,
    catalog: CatalogOption = None,
    state: StateOption = None,
) -> None:
    """Run the `tests:` of the indicators through the board's own evaluation; exit 1 if any fails."""
    with _plain_errors():
        from dashboard.reports import outcomes_as_text
        from dashboard.rule_tests import run_tests, unexercised

        loaded = _catalog(_path(context, catalog, state))
        names = _chosen([loaded], indicators)
        outcomes = list(run_tests(loaded, names))
        without = list(unexercised(loaded, names, outcomes))
        failed = sum(not outcome.has_passed for outcome in outcomes)
        not_loaded = [] if indicators else list(loaded.not_loaded)
        if json:
            _print_json(
                {
                    "passed": len(outcomes) - failed,
                    "failed": failed,
                    "tests": [outcome.as_json() for outcome in outcomes],
                    "without_example": [one.as_json() for one in without],
                    "not_loaded": not_loaded,
                }
            )
        else:
            print("\n".join(outcomes_as_text(outcomes, without)))
        for name in not_loaded:
            print(f"{name} is not loaded, so its tests did not run; `watchfloor check` says why", file=sys.stderr)
        if failed or not_loaded:
            raise typer.Exit(WRONG)


@app.command()
def backtest(
    context: typer.Context,
    indicators: IndicatorsArgument = None,
    edited: Annotated[
        Path | None,
        typer.Option(
            "--with", metavar="FILE", help="An edited catalogue to compare with; it reads the same CSV files."
        ),
    ] = None,
    known_from: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="Only episodes that were announced from this day on.")
    ] = None,
    json: JsonOption = False,
    catalog: CatalogOption = None,
    state: StateOption = None,
) -> None:
    """What each indicator would have announced, as known then, and what an edit would have changed."""
    with _plain_errors():
        from dashboard.comparison import compare

        path, begin = _path(context, catalog, state), _day(known_from, "--from") if known_from else date.min
        catalogs = [_catalog(path), *([_edited(edited, path)] if edited else [])]
        names = _chosen(catalogs, indicators)
        before, *after = [_histories(one, names) for one in catalogs]
        differences = [one for one in compare(before, after[0]) if one.known_from >= begin] if after else None
        histories = [one.known_from(begin) for one in before]
        if json:
            found = {
                "as_of": _today().isoformat(),
                "indicators": [one.as_json() for one in histories],
                "differences": None if differences is None else [one.as_json() for one in differences],
            }
            _print_json(found)
        else:
            _print_backtest(histories, differences)


@app.command()
def schema(
    reference: Annotated[bool, typer.Option("--reference", help="Print the reference for people.")] = False,
) -> None:
    """Print the JSON Schema of the catalogue, for editors."""
    from dashboard.catalog import json_schema

    if reference:
        from dashboard.reference import reference as written

        print(written(), end="")
        return
    _print_json(json_schema())


@app.command()
def evidence(
    context: typer.Context,
    documents: Annotated[
        Path | None, typer.Option(help="The original documents, to prove every claim against.")
    ] = None,
    catalog: CatalogOption = None,
    state: StateOption = None,
) -> None:
    """List the claims of seeds/; with the originals, prove that each span holds its figure."""
    with _plain_errors():
        from dashboard.evidence import load_cards, prove

        cards = load_cards(_path(context, catalog, state).parent / "seeds")
        if documents is None:
            for card in cards:
                for claim in card.claims:
                    print(f"{claim.id}  {claim.claim}")
            return
        mismatches = prove(cards, documents)
        for mismatch in mismatches:
            print(f"{mismatch.claim or mismatch.document}: {mismatch.message}")
        claims = sum(len(card.claims) for card in cards)
        if mismatches:
            print(f"{len(mismatches)} mismatches")
            raise typer.Exit(WRONG)
        print(f"{claims} claims in {len(cards)} documents stand where the cards say")


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
    with _plain_errors():
        from dashboard.app.server import CATALOG_VARIABLE, serve_command

        path = _path(context, catalog, state)
        problems = _load(path)[0].problems
        if problems:
            print(f"{len(problems)} problems in {path.name}; `watchfloor check` names them", file=sys.stderr)
        print(f"Watchfloor is at http://127.0.0.1:{port} (stop it with Ctrl+C)", flush=True)
        environment = {**os.environ, CATALOG_VARIABLE: str(path.resolve())}
        try:
            code = subprocess.run(serve_command(port), env=environment, check=False).returncode
        except KeyboardInterrupt:
            code = 0
        raise typer.Exit(code)


@contextmanager
def _plain_errors() -> Iterator[None]:
    """What Watchfloor raises on purpose, and what the system refuses, is one line and exit code 2, no traceback."""
    from dashboard.errors import WatchfloorError

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
        print(f"cannot read or write: {error}", file=sys.stderr)
        raise typer.Exit(IMPOSSIBLE) from error


def _path(context: typer.Context, catalog: Path | None, state: Path | None) -> Path:
    """The catalogue's path, from before or after the command. `state` is taken, and will be kept in, later."""
    context.obj["state"] = state or context.obj["state"]
    path: Path = catalog or context.obj["catalog"]
    return path / "indicators.yaml" if path.is_dir() else path


def _today() -> date:
    return datetime.now(UTC).date()


def _day(text: str | None, option: str = "--as-of") -> date:
    from dashboard.errors import AsOfError
    from dashboard.periods import parse_day

    if text is None:
        return _today()
    try:
        day = parse_day(text)
    except ValueError as error:
        raise AsOfError(f"{option} {error}") from error
    if day > _today():
        raise AsOfError(f"{option} {text} is in the future; today is {_today()} (UTC)")
    return day


def _load(path: Path) -> tuple[Catalog, Intake]:
    from dashboard.intake import load_rows

    catalog = _catalog(path)
    return catalog, load_rows(catalog, _today())


def _catalog(path: Path, folder: Path | None = None) -> Catalog:
    """The catalogue at `path`, with the CSV files and the seeds/ of `folder`, or else of where it lies."""
    from dashboard.catalog import load_catalog
    from dashboard.evidence import claims_by_id, load_cards

    folder = folder or path.parent
    seeds = folder / "seeds"
    claims = claims_by_id(load_cards(seeds)) if seeds.is_dir() else None
    return load_catalog(path, claims, folder)


def _edited(path: Path, present: Path) -> Catalog:
    """An edited catalogue with the files of the present one.

    All of it must load, or what is left out would look as if it had been edited out.
    """
    from dashboard.errors import CatalogError

    catalog = _catalog(path, present.parent)
    if catalog.problems:
        raise CatalogError(catalog.problems)
    return catalog


def _chosen(catalogs: Sequence[Catalog], names: Sequence[str] | None) -> list[str]:
    """The ids asked for, all of those loaded where none was; each must be loaded in one of the catalogues."""
    loaded = list(dict.fromkeys(name for catalog in catalogs for name in catalog.indicators))
    for name in names or ():
        if name not in loaded:
            raise _unknown(name, catalogs[0].not_loaded.get(name), loaded)
    return list(names or loaded)


def _histories(catalog: Catalog, names: Sequence[str]) -> tuple[History, ...]:
    from dashboard.backtest import backtest as replayed
    from dashboard.intake import load_rows

    if catalog.not_loaded:
        print(f"not loaded, so left out: {', '.join(catalog.not_loaded)}; see `watchfloor check`", file=sys.stderr)
    today = _today()
    own = [name for name in names if name in catalog.indicators]
    return replayed(catalog, load_rows(catalog, today, catalog.read_by(own)), own, today)


def _checked(path: Path, *, lint: bool) -> tuple[list[Problem], Sequence[Note], str]:
    """All problems, the notes if they are wanted, and what was read."""
    from dashboard.errors import CatalogError
    from dashboard.lint import lint as notes_on

    try:
        catalog, intake = _load(path)
    except CatalogError as error:
        if not path.exists():
            raise
        return list(error.problems), (), ""
    today = _today()
    on_board = {problem for verdict in _judge(catalog, intake, today).verdicts for problem in verdict.problems}
    counted = f"{len(catalog.indicators)} indicators, {len(catalog.sources)} sources, {len(intake.rows)} rows"
    notes = notes_on(catalog, intake, catalog.indicators, today) if lint else ()
    return sorted({*catalog.problems, *intake.all_problems(), *on_board}), notes, counted


def _judge(catalog: Catalog, intake: Intake, as_of: date) -> Board:
    from dashboard.evaluate import evaluate as judge

    return judge(catalog, intake, as_of)


def _board(path: Path, as_of: str | None, by: str) -> Board:
    day = _day(as_of)
    catalog, intake = _load(path)
    return _judge(catalog, intake.by_receipt(_today()) if by == "received" else intake, day)


def _verdicts(path: Path, as_of: str | None, by: str, names: Sequence[str]) -> list[Verdict]:
    """The board's verdicts on the named indicators, from the files of their own sources alone."""
    from dashboard.evaluate import verdict_on
    from dashboard.intake import load_rows

    day, catalog = _day(as_of), _catalog(path)
    chosen = _chosen([catalog], names)
    rows = load_rows(catalog, _today(), catalog.read_by(chosen))
    intake = rows.by_receipt(_today()) if by == "received" else rows
    return [verdict_on(name, catalog, intake, day) for name in chosen]


def _unknown(name: str, reasons: Sequence[Problem] | None, known: Sequence[str]) -> UnknownIndicatorError:
    """Why there is nothing to say of an indicator: it is not loaded, or the name is a slip."""
    from dashboard.catalog.checks import did_you_mean
    from dashboard.errors import UnknownIndicatorError

    if reasons:
        return UnknownIndicatorError("\n".join([f"{name} is not loaded:", *map(str, reasons)]))
    return UnknownIndicatorError(f"no indicator {name}{did_you_mean(name, known)}")


def _print_json(found: object) -> None:
    print(json_module.dumps(found, indent=2, ensure_ascii=False))


def _print_backtest(histories: Sequence[History], differences: Sequence[Difference] | None) -> None:
    from rich.console import Console

    from dashboard.reports import backtest_as_table, backtest_as_text, differences_as_text

    console = Console(highlight=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console = Console(highlight=False, width=WIDE)  # in a file or a pipe nothing needs to be cut off
    console.print(backtest_as_table(histories))
    print("\n".join(backtest_as_text(histories)))
    if differences is not None:
        print("\n".join(["", "What the edit would have changed:", *differences_as_text(differences)]))


def _print_board(board: Board) -> None:
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    console = Console(highlight=False)
    colours = {"critical": "bold red", "warning": "bold yellow", "info": "cyan", "normal": "green"}
    console.print(f"As of {board.as_of}, the end of the day (UTC)")
    for verdict in board.verdicts:
        severity = "not assessed" if verdict.severity is None else verdict.severity.word
        certainty = f", {verdict.certainty.word}" if verdict.certainty else ""
        state, data = (one.value.replace("_", " ") for one in (verdict.state, verdict.data_state))
        states = f"  {state}{certainty}; data {data}"
        console.print(Text.assemble("\n", (severity, colours.get(severity, "bold")), states, f"  {verdict.id}"))
        console.print(Padding(Text(verdict.sentence), (0, 0, 0, 4)))
    for name, problems in board.not_loaded.items():
        console.print(Text(f"\nnot loaded  {name}", style="bold"))
        for problem in problems:
            console.print(Padding(Text(str(problem)), (0, 0, 0, 4)))
