"""Rows of one delivery that say something about the same thing at the same instant: repeated, or contradicting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa

from dashboard.ingest.validate.column_prefilter import Checked
from dashboard.ingest.validate.row_rules import STATUSES

_PROVISIONAL = STATUSES.index("provisional")
_BITS = 7  # a day has 675 x 2^7 seconds, so different days stay different without them
_ROOM = 2**62  # of a 64-bit number


@dataclass(frozen=True, eq=False)
class Twice:
    """Positions of rows: `repeats` say in every cell what one before them says; `contradicting` ones cannot be used
    beside the `others`, one for each of them."""

    repeats: np.ndarray
    contradicting: np.ndarray
    others: np.ndarray


_NONE = np.array([], np.int64)


def told_twice(columns: Mapping[str, pa.Array], checked: Checked, owner: np.ndarray) -> Twice:
    """Of rows that are the same in all cells the first is used; of those that contradict each other none is.

    Where a later vintage in the same file settles the question, they stay: `series` judges them at the instants in
    between. Provisional rows contradict nobody, for none is judged.
    """
    nothing = Twice(_NONE, _NONE, _NONE)
    if _each_begins_later(checked.start, owner):
        return nothing
    is_judged = ~checked.off & (checked.status != _PROVISIONAL)
    about, told, stated = _numbers(checked, owner, slice(None) if is_judged.all() else is_judged)
    if (told[1:] > told[:-1]).all():
        return nothing
    again = np.flatnonzero(pd.Series(told).duplicated(keep=False).to_numpy())
    if not again.size:
        return nothing
    newest = pd.Series(stated).groupby(about).transform("max").to_numpy()
    is_settled = stated[again] < newest[again]
    rows, group = np.flatnonzero(is_judged)[again], pd.factorize(told[again])[0]
    is_repeat = _is_repeat(columns, rows, group)
    is_different = ~is_repeat & ~is_settled
    contradicting, others = _pairs(rows[is_different], group[is_different])
    return Twice(rows[is_repeat], contradicting, others)


def _each_begins_later(start: np.ndarray, owner: np.ndarray) -> bool:
    """Whether no two rows of a file can be about the same thing: each begins later than the one before it."""
    return bool(((start[1:] > start[:-1]) | (owner[1:] != owner[:-1])).all())


def _is_repeat(columns: Mapping[str, pa.Array], rows: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Which rows say in every cell what one before them in their group says."""
    taken = (column.take(pa.array(rows)) for column in columns.values())
    cells = _joined(group, *(column.dictionary_encode().indices.to_numpy() for column in taken))
    return pd.Series(cells).duplicated().to_numpy()


def _pairs(rows: np.ndarray, group: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The rows that are not alone in their group, in their order, and for each another one: the first, of which it is
    the second."""
    order = np.argsort(group, kind="stable")
    rows, group = rows[order], group[order]
    begins = np.searchsorted(group, group)
    counts = np.searchsorted(group, group, side="right") - begins
    place = np.where(np.arange(len(rows)) == begins, begins + 1, begins)
    contradicting, others = rows[counts > 1], rows[place[counts > 1]]
    order = np.argsort(contradicting, kind="stable")
    return contradicting[order], others[order]


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
