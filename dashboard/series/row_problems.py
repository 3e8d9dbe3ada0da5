"""The problems and counts of rows that verdicts and pages show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from dashboard.domain import Problem, RowCounts
from dashboard.rows import Table


def known_problems(problems: Sequence[Problem], as_of: date) -> list[Problem]:
    """The problems that stood at the end of a day."""
    return [problem for problem in problems if problem.was_open(as_of)]


def row_counts(name: str, problems: Mapping[str, Sequence[Problem]], table: Table, as_of: date) -> RowCounts:
    """How many rows of a source are known, and how many are quarantined."""
    quarantined = sum(problem.rows for problem in known_problems(problems.get(name, ()), as_of))
    return RowCounts(len(table.known(name, as_of)), quarantined)
