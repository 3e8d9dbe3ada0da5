"""`evaluate`, `history`, `explain`: what the board says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from dashboard.cli.base import (
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
)
from dashboard.cli.loading import board_of, verdicts_of

if TYPE_CHECKING:
    from dashboard.model import Board


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
        board = board_of(catalog_path(context, catalog, state), as_of, by)
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
    with plain_errors():
        from dashboard.export import history_as_csv

        path = catalog_path(context, catalog, state)
        chosen = verdicts_of(path, as_of, by, indicators) if indicators else board_of(path, as_of, by).verdicts
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
    with plain_errors():
        from dashboard.export import explanation

        (verdict,) = verdicts_of(catalog_path(context, catalog, state), as_of, by, [indicator])
        print(explanation(verdict, day_asked(as_of)))


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
