"""The result of reading one delivery: its rows and its problems."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, pairwise
from typing import Literal

from dashboard.domain import Problem
from dashboard.ingest.frame import frame
from dashboard.ingest.validate.near_misses import NearMisses
from dashboard.late_imports import pd

MAX_BAD_ROWS = 10_000  # a delivery with more bad rows than this, and more bad rows than valid ones, is rejected


@dataclass(frozen=True, eq=False)
class Reading:
    """The rows and the problems of one delivery.

    rows: the valid rows, columns as in `DTYPES`, `source` blank; quarantined: one problem for each row that cannot be
    used; near_misses: rows that `where:` leaves out and that may be meant, as far as they are not quarantined; notes:
    what else is new in the file; rejected: why the delivery as a whole cannot be trusted, and then there are no rows;
    old_dialect_problems: why it was read with the dialect of its receipt, and not with the present one.
    Rows that were read together with those of other files stand in `batch_rows`; `span` is their slice of these.
    """

    batch_rows: pd.DataFrame
    quarantined: tuple[Problem, ...] = ()
    rejected: tuple[Problem, ...] = ()
    span: tuple[int, int] | None = None
    old_dialect_problems: tuple[Problem, ...] = ()
    near_misses: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()

    @classmethod
    def of_rows(
        cls,
        batch_rows: pd.DataFrame,
        problems: Sequence[Problem],
        misses: NearMisses,
        file: str,
        span: tuple[int, int] | None = None,
    ) -> Reading:
        """A reading of valid rows and the problems of bad ones; rejected where most rows of a long file are bad."""
        problems = [*problems, *misses.rows]
        begin, end = span or (0, len(batch_rows))
        bad_rows = sum(problem.rows for problem in problems)
        if bad_rows > max(MAX_BAD_ROWS, end - begin):
            total = bad_rows + end - begin
            message = f"{bad_rows:,} of {total:,} rows cannot be used, the first of them {min(problems)}"
            return cls(frame([]), rejected=(Problem(file, 0, 0, "", message),))
        quarantined = tuple(sorted(problems))
        return cls(batch_rows, quarantined, span=span, near_misses=misses.problems, notes=misses.notes)

    @cached_property
    def rows(self) -> pd.DataFrame:
        return self.batch_rows if self.span is None else self.batch_rows.iloc[slice(*self.span)].reset_index(drop=True)

    @property
    def row_count(self) -> int:
        return len(self.batch_rows) if self.span is None else self.span[1] - self.span[0]

    @property
    def outcome(self) -> Literal["accept", "quarantine", "reject"]:
        return "reject" if self.rejected else "quarantine" if self.quarantined or self.near_misses else "accept"


def concatenate_rows(readings: Sequence[Reading]) -> pd.DataFrame:
    """The rows of all readings in order. Adjacent rows of one batch are taken in one slice, to save copies."""
    parts: list[pd.DataFrame] = []
    for _, group in groupby(readings, key=lambda reading: id(reading.batch_rows)):
        batch = list(group)
        rows, spans = batch[0].batch_rows, [reading.span or (0, len(reading.batch_rows)) for reading in batch]
        if all(left[1] == right[0] for left, right in pairwise(spans)):
            parts.append(rows.iloc[spans[0][0] : spans[-1][1]])
        else:
            parts += [reading.rows for reading in batch]
    return parts[0].reset_index(drop=True) if len(parts) == 1 else pd.concat([*parts, frame([])], ignore_index=True)
