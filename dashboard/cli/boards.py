"""`evaluate`, `history`, `explain`: what the board says."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from dashboard.cli.application import (
    AsOfOption,
    ByOption,
    CatalogOption,
    IndicatorsArgument,
    JsonOption,
    StateOption,
    app,
    catalog_path,
    day_asked,
    plain_errors,
    state_folder,
)
from dashboard.cli.loading import board_of, evaluations_of

if TYPE_CHECKING:
    from dashboard.domain import Board, Problem


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
    with plain_errors():
        path = catalog_path(context, catalog, state)
        board = board_of(path, state_folder(context, path), as_of, by)
        if json:
            from dashboard.reporting import board_as_json

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
    with plain_errors():
        from dashboard.reporting import history_as_csv

        path = catalog_path(context, catalog, state)
        folder = state_folder(context, path)
        if indicators:
            evaluations, kept = evaluations_of(path, folder, as_of, by, indicators)
        else:
            board = board_of(path, folder, as_of, by)
            evaluations, kept = [board.evaluations[verdict.id] for verdict in board.verdicts], board.fallbacks
        _say_kept([evaluation.verdict.id for evaluation in evaluations], kept)
        print(history_as_csv(evaluations), end="")


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
    with plain_errors():
        from dashboard.reporting import explanation

        path = catalog_path(context, catalog, state)
        (evaluation,), kept = evaluations_of(path, state_folder(context, path), as_of, by, [indicator])
        print(explanation(evaluation, day_asked(as_of), kept.get(indicator, ())))


def _say_kept(names: Iterable[str], kept: Mapping[str, Sequence[Problem]]) -> None:
    """For people, where the output itself is for programs."""
    alike: dict[Problem, list[str]] = {}
    for name in names:
        for problem in kept.get(name, ()):
            alike.setdefault(problem, []).append(name)
    for problem, judged in alike.items():
        print(f"judged by last good definitions: {', '.join(judged)}: {problem}", file=sys.stderr)


def _print_board(board: Board) -> None:
    from rich.console import Console
    from rich.padding import Padding
    from rich.text import Text

    console = Console(highlight=False)
    colours = {"critical": "bold red", "warning": "bold yellow", "info": "cyan", "normal": "green"}
    console.print(f"As of {board.as_of}, the end of the day (UTC)")
    for verdict in board.verdicts:
        severity = "not assessed" if verdict.severity is None else verdict.severity.word
        passed_by = f", {verdict.passed_phrase}" if verdict.passed_phrase else ""
        state, data = (one.value.replace("_", " ") for one in (verdict.state, verdict.data_state))
        states = f"  {state}{passed_by}; {data if 'data' in data else f'data {data}'}"
        console.print(Text.assemble("\n", (severity, colours.get(severity, "bold")), states, f"  {verdict.id}"))
        console.print(Padding(Text(verdict.sentence), (0, 0, 0, 4)))
    for problem in board.unreadable:
        console.print(Text(f"\nlast good definitions of all: {problem}", style="bold"))
    kept = {} if board.unreadable else board.fallbacks
    for title, group in (("not loaded", board.not_loaded), ("last good definition", kept)):
        for name, problems in group.items():
            console.print(Text(f"\n{title}  {name}", style="bold"))
            for problem in problems:
                console.print(Padding(Text(str(problem)), (0, 0, 0, 4)))
