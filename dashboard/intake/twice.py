"""Rows of one delivery that say something about the same thing at the same instant: repeated, or contradicting."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from dashboard.intake.checks import Checked
from dashboard.intake.row import STATUSES

_PROVISIONAL = STATUSES.index("provisional")
_BITS = 7  # a day has 675 x 2^7 seconds, so different days stay different without them
_ROOM = 2**62  # of a 64-bit number


@dataclass(frozen=True)
class Twice:
    """A row that cannot be used beside another one; `is_same` in all cells."""

    row: int
    other: int
    is_same: bool


def told_twice(columns: Mapping[str, pa.Array], checked: Checked, owner: np.ndarray) -> Iterator[Twice]:
    """Of rows that are the same in all cells the first is used; of those that contradict each other none is.

    Where a later vintage in the same file settles the question, they stay: `series` judges them at the instants in
    between. Provisional rows contradict nobody, for none is judged.
    """
    if _each_begins_later(checked.start, owner):
        return
    is_judged = ~checked.off & (checked.status != _PROVISIONAL)
    about, told, known = _numbers(checked, owner, slice(None) if is_judged.all() else is_judged)
    if (told[1:] > told[:-1]).all():
        return
    again = pd.Series(told).duplicated(keep=False).to_numpy()
    if not again.any():
        return
    rows = np.flatnonzero(is_judged)
    newest = pd.Series(known).groupby(about).transform("max").to_numpy()
    for positions in pd.Series(np.flatnonzero(again)).groupby(told[again], sort=False):
        group = positions[1].to_numpy()
        is_settled = bool(known[group[0]] < newest[group[0]])
        yield from _within(rows[group].tolist(), columns, is_settled=is_settled)


def _each_begins_later(start: np.ndarray, owner: np.ndarray) -> bool:
    """Whether no two rows of a file can be about the same thing: each begins later than the one before it."""
    return bool(((start[1:] > start[:-1]) | (owner[1:] != owner[:-1])).all())


def _within(rows: Sequence[int], columns: Mapping[str, pa.Array], *, is_settled: bool) -> Iterator[Twice]:
    first: dict[tuple[str, ...], int] = {}
    for row in rows:
        said = tuple(column[row].as_py() for column in columns.values())
        if said in first:
            yield Twice(row, first[said], is_same=True)
        else:
            first[said] = row
    different = list(first.values())
    if len(different) > 1 and not is_settled:
        for row in different:
            yield Twice(row, different[1] if row == different[0] else different[0], is_same=False)


def _numbers(
    checked: Checked, owner: np.ndarray, rows: np.ndarray | slice
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each row a number for its file, period and subject; one for these and the instant; and the instant."""
    instants = (checked.start, checked.end, checked.stated)
    start, end, known = (one[rows].view(np.int64) + 1 >> _BITS for one in instants)
    subject = [checked.texts["subject"].codes[rows]] if "subject" in checked.texts else []
    about = _joined(owner[rows], start, end - start, *subject)
    return about, _joined(about, known), known


def _joined(*columns: np.ndarray) -> np.ndarray:
    """One number for each row, equal for those that agree in all columns, and rising with the first of them."""
    codes, count = np.zeros(len(columns[0]), np.int64), 1
    for column in columns:
        least, most = (int(column.min()), int(column.max())) if column.size else (0, 0)
        if least == most:
            continue
        span = most - least + 1
        if count * span >= _ROOM:
            codes = pd.factorize(codes)[0].astype(np.int64)
            count = len(codes)
        codes = codes * span + (column - least) if count > 1 else column - least
        count *= span
    return codes
