"""`evaluate`, `history`, `explain`: what the board says."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from dashboard.cli.application import (
    AsOfOption,
    ByOption,
    IndicatorsArgument,
    JsonOption,
    Paths,
    command,
    past_day,
    today,
)

if TYPE_CHECKING:
    from dashboard.domain import Board, Problem


@command()
def evaluate(paths: Paths, as_of: AsOfOption = None, by: ByOption = "published", json: JsonOption = False) -> None:
    """Judge every indicator, today or as of a day in the past."""
    workspace, day = paths.workspace(), past_day(as_of)
    if json and day == today() and by == "published":
        from dashboard.refresh import current_parts

        parts = current_parts(workspace, day)
        print(parts.board_json(parts.whole(workspace.catalog)))
        return
    board = workspace.board(day, workspace.rows(today(), by=by))
    if json:
        from dashboard.reporting import board_as_json

        print(board_as_json(board))
    else:
        _print_board(board)


@command()
def history(
    paths: Paths,
    indicators: IndicatorsArgument = None,
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV, which is also the default.")] = True,
    as_of: AsOfOption = None,
    by: ByOption = "published",
) -> None:
    """Every judged observation, one line each, with severity, state and since when it has been known."""
    del csv
    from dashboard.reporting import history_as_csv
    from dashboard.workspace import chosen_indicators

    workspace, day = paths.workspace(), past_day(as_of)
    names = chosen_indicators([workspace.catalog], indicators)
    rows = workspace.rows(today(), names if indicators else None, by)
    if indicators:
        evaluations = [workspace.evaluation(name, day, rows) for name in names]
    else:
        board = workspace.board(day, rows)
        evaluations = [board.evaluations[verdict.id] for verdict in board.verdicts]
    _print_kept(names, workspace.catalog.fallbacks)
    print(history_as_csv(evaluations), end="")


@command()
def explain(
    paths: Paths,
    indicator: Annotated[str, typer.Argument(help="The indicator's id.")],
    as_of: AsOfOption = None,
    by: ByOption = "published",
) -> None:
    """One verdict as a sentence, with the rows it rests on: file and line, source, citation."""
    from dashboard.reporting import explanation
    from dashboard.workspace import chosen_indicators

    workspace, day = paths.workspace(), past_day(as_of)
    chosen_indicators([workspace.catalog], [indicator])  # the error where there is no such indicator
    evaluation = workspace.evaluation(indicator, day, workspace.rows(today(), [indicator], by))
    print(explanation(evaluation, day, workspace.catalog.fallbacks.get(indicator, ())))


def _print_kept(names: Iterable[str], kept: Mapping[str, Sequence[Problem]]) -> None:
    """Name the indicators with last good definitions on stderr; the output itself is for programs."""
    indicators_of: dict[Problem, list[str]] = {}
    for name in names:
        for problem in kept.get(name, ()):
            indicators_of.setdefault(problem, []).append(name)
    for problem, kept_indicators in indicators_of.items():
        print(f"judged by last good definitions: {', '.join(kept_indicators)}: {problem}", file=sys.stderr)


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
