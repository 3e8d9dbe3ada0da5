"""`check`, `test`, `backtest`, `schema`: for those who write the catalogue."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dashboard.cli.application import (
    WIDE,
    WRONG,
    IndicatorsArgument,
    JsonOption,
    Paths,
    app,
    command,
    past_day,
    print_json,
    today,
)

if TYPE_CHECKING:
    from dashboard.analysis import Difference, History, Note
    from dashboard.domain import Problem
    from dashboard.workspace import Workspace


@command()
def check(
    paths: Paths,
    lint: Annotated[bool, typer.Option("--lint", help="Add notes on what is worth a look; no problems.")] = False,
    archive: Annotated[
        bool, typer.Option("--archive", help="Also read all stored deliveries, and say which are damaged.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Name every problem of the catalogue and of its CSV files, with its place; exit 1 if there is any."""
    from dashboard.workspace import Workspace

    workspace = Workspace(paths.catalog, paths.state, is_as_written=True)
    problems, notes, counts = _problems_and_notes(workspace, lint=lint)
    problems += _damaged(problems, paths.state) if archive else []
    if json:
        listed = [problem.as_json() for problem in problems]
        print_json({"problems": listed, "notes": [note.as_json() for note in notes]} if lint else listed)
    else:
        _print_check(problems, notes if lint else None, paths.catalog.name, counts)
    # a catalogue in order is in force as it is written, and its cards need not be read again
    _warn_of_orphans(Workspace(paths.catalog, paths.state) if problems else workspace)
    if problems:
        raise typer.Exit(WRONG)


@command("test")
def run_rule_tests(paths: Paths, indicators: IndicatorsArgument = None, json: JsonOption = False) -> None:
    """Run the `tests:` of the indicators through the board's own evaluation; exit 1 if any fails."""
    from dashboard.analysis import run_tests, unexercised
    from dashboard.reporting import outcomes_as_text
    from dashboard.workspace import chosen_indicators

    catalog = paths.workspace(is_as_written=True).catalog
    names = chosen_indicators([catalog], indicators)
    outcomes = list(run_tests(catalog, names))
    without = list(unexercised(catalog, names, outcomes))
    failed = sum(not outcome.has_passed for outcome in outcomes)
    not_loaded = [] if indicators else list(catalog.not_loaded)
    if json:
        print_json(
            {
                "passed": len(outcomes) - failed,
                "failed": failed,
                "tests": [outcome.as_json() for outcome in outcomes],
                "without_example": [threshold.as_json() for threshold in without],
                "not_loaded": not_loaded,
            }
        )
    else:
        print("\n".join(outcomes_as_text(outcomes, without)))
    for name in not_loaded:
        print(f"{name} is not loaded, so its tests did not run; `watchfloor check` says why", file=sys.stderr)
    if failed or not_loaded:
        raise typer.Exit(WRONG)


@command()
def backtest(
    paths: Paths,
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
) -> None:
    """What each indicator would have announced, as known then, and what an edit would have changed."""
    from dashboard.analysis import compare
    from dashboard.workspace import chosen_indicators

    begin = past_day(known_from, "--from") if known_from else date.min
    workspaces = [paths.workspace(is_as_written=True), *([_edited(edited, paths)] if edited else [])]
    names = chosen_indicators([workspace.catalog for workspace in workspaces], indicators)
    before, *after = [_histories(workspace, names) for workspace in workspaces]
    differences = (
        [difference for difference in compare(before, after[0]) if difference.known_from >= begin] if after else None
    )
    histories = [history.known_from(begin) for history in before]
    if json:
        print_json(
            {
                "as_of": today().isoformat(),
                "indicators": [history.as_json() for history in histories],
                "differences": None if differences is None else [each.as_json() for each in differences],
            }
        )
    else:
        _print_backtest(histories, differences)


@app.command()
def schema(
    reference: Annotated[bool, typer.Option("--reference", help="Print the reference for people.")] = False,
    board: Annotated[bool, typer.Option("--board", help="Print the schema of `evaluate --json`.")] = False,
) -> None:
    """Print the JSON Schema of the catalogue, for editors."""
    if reference:
        from dashboard.reporting import reference as reference_text

        print(reference_text(), end="")
        return
    if board:
        from dashboard.reporting import board_schema

        print_json(board_schema())
        return
    from dashboard.catalog import json_schema

    print_json(json_schema())


def _problems_and_notes(workspace: Workspace, *, lint: bool) -> tuple[list[Problem], Sequence[Note], str]:
    """All problems, the notes if they are wanted, and what was read, counted."""
    from dashboard.analysis import lint as lint_notes
    from dashboard.domain import CatalogError
    from dashboard.refresh import current_parts

    day = today()
    try:
        catalog = workspace.catalog
    except CatalogError as error:
        if not workspace.path.exists():
            raise
        return [*error.problems, *workspace.claims.problems], (), ""
    parts = current_parts(workspace, day)
    row_count = sum(source.rows for source in parts.sources.values())
    counts = f"{len(catalog.indicators)} indicators, {len(catalog.sources)} sources, {row_count} rows"
    notes = lint_notes(catalog, workspace.rows(day), catalog.indicators, day) if lint else ()
    return sorted({*catalog.problems, *parts.problems()}), notes, counts


def _print_check(problems: Sequence[Problem], notes: Sequence[Note] | None, file: str, counts: str) -> None:
    """The problems, of each kind the first ones; then the notes, where there are to be any."""
    from dashboard.domain import first_of_each_kind
    from dashboard.domain.text import counted

    few, more = first_of_each_kind(problems)
    for line in (*few, *more):
        print(line)
    print(counted(len(problems), "problem") if problems else f"{file}: no problems; {counts}")
    if notes is None:
        return
    few, more = first_of_each_kind([note.place for note in notes])
    for line in (*few, *more):
        print(f"note: {line}")
    print(counted(len(notes), "note"))


def _edited(path: Path, paths: Paths) -> Workspace:
    """An edited catalogue with the files of the present one.

    CatalogError unless all of it loads: an indicator that is left out would look as if it had been deleted.
    """
    from dashboard.domain import CatalogError
    from dashboard.workspace import Workspace

    workspace = Workspace(path, paths.state, is_as_written=True, folder=paths.catalog.parent)
    problems = [problem for problem in workspace.catalog.problems if problem not in workspace.claims.problems]
    if problems:
        raise CatalogError(tuple(problems))
    return workspace


def _histories(workspace: Workspace, names: Sequence[str]) -> tuple[History, ...]:
    """What the named indicators would have announced; what could not be read is named on stderr."""
    from dashboard.analysis import backtest

    catalog, day = workspace.catalog, today()
    if catalog.not_loaded:
        print(f"not loaded, so left out: {', '.join(catalog.not_loaded)}; see `watchfloor check`", file=sys.stderr)
    own = [name for name in names if name in catalog.indicators]
    rows = workspace.rows(day, own)
    if incomplete := [name for name, problems in rows.problems.items() if any(one.was_open(day) for one in problems)]:
        print(f"not all could be read of: {', '.join(incomplete)}; see `watchfloor check`", file=sys.stderr)
    return backtest(catalog, rows, own, day)


def _damaged(known: Sequence[Problem], state: Path) -> list[Problem]:
    """The damage in the archive that is not among the `known` problems."""
    from dashboard.archive import Archive, problems_of_archive

    problems = problems_of_archive(Archive(state))
    beginnings = [(problem, f"{problem.file}: {problem.message.partition(';')[0]}") for problem in problems]
    return [problem for problem, text in beginnings if not any(text in one.message for one in known)]


def _warn_of_orphans(in_force: Workspace) -> None:
    """Name archives that no definition in force reads; no problem of the catalogue, so the exit code stays."""
    from dashboard.archive import describe_orphans
    from dashboard.domain import CatalogError

    try:
        catalog = in_force.catalog
    except CatalogError:
        return
    for line in describe_orphans(catalog, in_force.state):
        print(f"warning: {line}", file=sys.stderr)


def _print_backtest(histories: Sequence[History], differences: Sequence[Difference] | None) -> None:
    from rich.console import Console

    from dashboard.reporting import backtest_as_table, backtest_as_text, differences_as_text

    console = Console(highlight=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console = Console(highlight=False, width=WIDE)  # in a file or a pipe nothing needs to be cut off
    console.print(backtest_as_table(histories))
    print("\n".join(backtest_as_text(histories)))
    if differences is not None:
        print("\n".join(["", "What the edit would have changed:", *differences_as_text(differences)]))
