"""All rows of a catalogue with what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd

from dashboard.domain import Problem
from dashboard.domain.dates import day_of, end_of_day
from dashboard.rows.table import Table


@dataclass(frozen=True)
class SourceRows:
    """All rows of a catalogue's sources.

    rows: one a CSV line, columns as in `DTYPES`, in the order of sources and lines. `start` and `end` are the
    first and last day of the period; NaN is a blank; `published` is what was stated and `published_at` its last second
    (a month counts as its end), NaT where nothing was; `known_at` is that instant or the receipt, whichever came first.
    `held_from` and `held_until` are the receipts of the deliveries that first held the row and that no longer did: NaT
    for from ever (no archive tells) and until now. `accepted_at` is the instant at which a person said that a row which
    deliveries no longer hold had been wrong: NaT where nobody has, and of all that is held.
    problems: what is wrong, and what was and has been mended since, by source.
    """

    rows: pd.DataFrame
    problems: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)

    def by_receipt(self, today: date) -> SourceRows:
        """The same rows, known from their receipt: from that of the delivery that brought them, as the archive tells.

        Of what a source's first delivery brought, and where no archive tells, the receipt that the row states counts;
        without any the row is known from `today`.
        """
        stated, held = (self.rows[name].to_numpy("datetime64[s]") for name in ("received_at", "held_from"))
        first = self.rows.groupby("source")["held_from"].transform("min").to_numpy("datetime64[s]")
        came = np.where(held == first, np.fmin(stated, held), held)
        known_at = np.where(np.isnat(held), np.fmin(stated, end_of_day(today)), came)
        begun = {name: held[part].min() for name, part in self.rows.groupby("source").indices.items()}
        problems = {
            name: tuple(_by_receipt(one, begun.get(name)) for one in found) for name, found in self.problems.items()
        }
        return SourceRows(self.rows.assign(known_at=known_at, held_from=came), problems)

    @cached_property
    def table(self) -> Table:
        """The rows as arrays, for the evaluation."""
        return Table.of(self.rows)

    def all_problems(self, as_of: date) -> tuple[Problem, ...]:
        """What was wrong at the end of a day."""
        return tuple(problem for found in self.problems.values() for problem in found if problem.stood(as_of))


def _by_receipt(problem: Problem, begun: np.datetime64 | None) -> Problem:
    """The same, known from its receipt; of the first delivery, with which all `begun`, the day that its row states."""
    is_of_first = begun is None or np.isnat(begun) or not problem.held_from or problem.held_from <= day_of(begun)
    return problem if is_of_first else replace(problem, known_at=problem.held_from)
