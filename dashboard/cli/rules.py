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
    CatalogOption,
    IndicatorsArgument,
    JsonOption,
    StateOption,
    app,
    catalog_path,
    day_asked,
    plain_errors,
    print_json,
    state_folder,
    today,
)
from dashboard.cli.loading import (
    catalog_at,
    definitions_at,
    edited_catalog,
    histories_of,
    judge,
    load,
    named_indicators,
)

if TYPE_CHECKING:
    from dashboard.analysis import Difference, History, Note
    from dashboard.domain import Problem


@app.command()
def check(
    context: typer.Context,
    lint: Annotated[bool, typer.Option("--lint", help="Add notes on what is worth a look; no problems.")] = False,
    archive: Annotated[
        bool, typer.Option("--archive", help="Also read all stored deliveries, and say which are damaged.")
    ] = False,
    json: JsonOption = False,
    catalog: CatalogOption = None,
    state: StateOption = None,
) -> None:
    """Name every problem of the catalogue and of its CSV files, with its place; exit 1 if there is any."""
    with plain_errors():
        from dashboard.domain import few_of_each_kind
        from dashboard.domain.text import wording as words

        path = catalog_path(context, catalog, state)
        problems, notes, counted = _checked(path, state_folder(context, path), lint=lint)
        problems += _damaged(problems, state_folder(context, path)) if archive else []
        if json:
            found = [problem.as_json() for problem in problems]
            print_json({"problems": found, "notes": [note.as_json() for note in notes]} if lint else found)
        else:
            few, more = few_of_each_kind(problems)
            for line in (*few, *more):
                print(line)
            print(words.counted(len(problems), "problem") if problems else f"{path.name}: no problems; {counted}")
            few, more = few_of_each_kind([note.place for note in notes])
            for line in (*few, *more):
                print(f"note: {line}")
            if lint:
                print(words.counted(len(notes), "note"))
        _warn_of_unclaimed(path, state_folder(context, path))
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
    with plain_errors():
        from dashboard.analysis import run_tests, unexercised
        from dashboard.reporting import outcomes_as_text

        loaded = catalog_at(catalog_path(context, catalog, state))
        names = named_indicators([loaded], indicators)
        outcomes = list(run_tests(loaded, names))
        without = list(unexercised(loaded, names, outcomes))
        failed = sum(not outcome.has_passed for outcome in outcomes)
        not_loaded = [] if indicators else list(loaded.not_loaded)
        if json:
            print_json(
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
    with plain_errors():
        from dashboard.analysis import compare

        path, begin = catalog_path(context, catalog, state), day_asked(known_from, "--from") if known_from else date.min
        catalogs = [catalog_at(path), *([edited_catalog(edited, path)] if edited else [])]
        names = named_indicators(catalogs, indicators)
        before, *after = [histories_of(one, state_folder(context, path), names) for one in catalogs]
        differences = [one for one in compare(before, after[0]) if one.known_from >= begin] if after else None
        histories = [one.known_from(begin) for one in before]
        if json:
            found = {
                "as_of": today().isoformat(),
                "indicators": [one.as_json() for one in histories],
                "differences": None if differences is None else [one.as_json() for one in differences],
            }
            print_json(found)
        else:
            _print_backtest(histories, differences)


@app.command()
def schema(
    reference: Annotated[bool, typer.Option("--reference", help="Print the reference for people.")] = False,
) -> None:
    """Print the JSON Schema of the catalogue, for editors."""
    from dashboard.catalog import json_schema

    if reference:
        from dashboard.reporting import reference as written

        print(written(), end="")
        return
    print_json(json_schema())


def _checked(path: Path, state: Path, *, lint: bool) -> tuple[list[Problem], Sequence[Note], str]:
    """All problems, the notes if they are wanted, and what was read."""
    from dashboard.analysis import lint as notes_on
    from dashboard.domain import CatalogError

    try:
        catalog, intake = load(path, state)
    except CatalogError as error:
        if not path.exists():
            raise
        return list(error.problems), (), ""
    day = today()
    on_board = {problem for verdict in judge(catalog, intake, day).verdicts for problem in verdict.problems}
    counted = f"{len(catalog.indicators)} indicators, {len(catalog.sources)} sources, {len(intake.rows)} rows"
    notes = notes_on(catalog, intake, catalog.indicators, day) if lint else ()
    return sorted({*catalog.problems, *intake.all_problems(day), *on_board}), notes, counted


def _damaged(known: Sequence[Problem], state: Path) -> list[Problem]:
    """What is damaged in the archive and is not among the problems that are `known`."""
    from dashboard.archive import Archive, problems_of_archive

    found = problems_of_archive(Archive(state))
    return [problem for problem in found if not any(problem.file in one.message for one in known)]


def _warn_of_unclaimed(path: Path, state: Path) -> None:
    """Of archives that no definition in force reads; no problem of the catalogue, so the exit code stays."""
    from dashboard.archive import describe_orphans
    from dashboard.domain import CatalogError

    try:
        catalog = definitions_at(path, state).catalog
    except CatalogError:
        return
    for line in describe_orphans(catalog, state):
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
