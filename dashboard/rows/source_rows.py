"""The rows of all sources of a catalogue, and their problems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

import numpy as np

from dashboard.domain import Problem
from dashboard.domain.dates import day_of, end_of_day
from dashboard.late_imports import pd
from dashboard.rows.table import Table


@dataclass(frozen=True)
class SourceRows:
    """The rows of all sources of a catalogue.

    rows: one for each CSV line, columns as in `domain.DTYPES`, in the order of sources and lines. `start` and `end`
    are the first and last day of the period; NaN is a blank; `published` is the publication as stated, `published_at`
    its last second (a month counts as its end), NaT where none is stated; `known_at` is that instant or the receipt,
    whichever came first. `held_from` and `held_until` are the receipts of the first delivery that held the row and of
    the first that no longer did: NaT for always (without an archive) and for until now. `accepted_at` is the instant at
    which a person said that a row no longer held had been wrong: NaT where nobody did, and for all rows held.
    problems: the problems of each source, those that ended included.
    """

    rows: pd.DataFrame
    problems: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)

    def by_receipt(self, today: date) -> SourceRows:
        """The same rows, known from the receipt of the delivery that brought them, according to the archive.

        For a source's first delivery, and without an archive, the receipt that the row states counts; a row without one
        is known from `today`.
        """
        stated, held = (self.rows[name].to_numpy("datetime64[s]") for name in ("received_at", "held_from"))
        first = self.rows.groupby("source")["held_from"].transform("min").to_numpy("datetime64[s]")
        received = np.where(held == first, np.fmin(stated, held), held)
        known_at = np.where(np.isnat(held), np.fmin(stated, end_of_day(today)), received)
        first_receipts = {name: held[part].min() for name, part in self.rows.groupby("source").indices.items()}
        problems = {
            name: tuple(_by_receipt(problem, first_receipts.get(name)) for problem in problems)
            for name, problems in self.problems.items()
        }
        return SourceRows(self.rows.assign(known_at=known_at, held_from=received), problems)

    @cached_property
    def table(self) -> Table:
        """The rows as arrays, for the evaluation."""
        return Table.of(self.rows)

    def all_problems(self, as_of: date) -> tuple[Problem, ...]:
        """The problems that stood at the end of a day."""
        return tuple(problem for problems in self.problems.values() for problem in problems if problem.was_open(as_of))


def _by_receipt(problem: Problem, first_receipt: np.datetime64 | None) -> Problem:
    """The same problem, known from its receipt; a problem of the first delivery from the day that its row states."""
    is_of_first = (
        first_receipt is None
        or np.isnat(first_receipt)
        or not problem.held_from
        or problem.held_from <= day_of(first_receipt)
    )
    return problem if is_of_first else replace(problem, known_at=problem.held_from)
