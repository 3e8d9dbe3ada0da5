"""Finds rows of one delivery about the same file, period, subject and instant: repetitions and contradictions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from dashboard.domain import STATUSES
from dashboard.ingest.validate.column_prefilter import CheckedRows
from dashboard.late_imports import pd

_PROVISIONAL = STATUSES.index("provisional")
_BITS = 7  # a day has 675 x 2^7 seconds, so different days stay different without these bits
_MAX_CODES = 2**62  # codes that a 64-bit number has room for


@dataclass(frozen=True, eq=False)
class Duplicates:
    """Positions of rows.

    `repetitions` equal an earlier row in every cell. `contradictions` differ from a row about the same thing, so that
    neither can be used; `counterparts` holds one such row for each of them.
    """

    repetitions: np.ndarray
    contradictions: np.ndarray
    counterparts: np.ndarray


_NONE = np.array([], np.int64)
_NO_DUPLICATES = Duplicates(_NONE, _NONE, _NONE)


def find_duplicates(columns: Mapping[str, pa.Array], checked: CheckedRows, owner: np.ndarray) -> Duplicates:
    """Of equal rows the first is used; of contradicting rows none is.

    Where a later vintage in the same file settles a contradiction, the rows stay: `series` judges them at the instants
    in between. Provisional rows contradict no other row, since none of them is judged.
    """
    if _each_is_later(checked, owner):
        return _NO_DUPLICATES
    is_judged = ~checked.is_bad & (checked.status != _PROVISIONAL)
    topic, statement, instant = _keys(checked, owner, slice(None) if is_judged.all() else is_judged)
    if (statement[1:] > statement[:-1]).all():
        return _NO_DUPLICATES
    repeated = np.flatnonzero(pd.Series(statement).duplicated(keep=False).to_numpy())
    if not repeated.size:
        return _NO_DUPLICATES
    newest = pd.Series(instant).groupby(topic).transform("max").to_numpy()
    is_settled = instant[repeated] < newest[repeated]
    rows, group = np.flatnonzero(is_judged)[repeated], pd.factorize(statement[repeated])[0]
    is_repetition = _equals_earlier_row(columns, rows, group)
    is_different = ~is_repetition & ~is_settled
    contradictions, counterparts = _pairs(rows[is_different], group[is_different])
    return Duplicates(rows[is_repetition], contradictions, counterparts)


def _each_is_later(checked: CheckedRows, owner: np.ndarray) -> bool:
    """Whether each row of a file begins later than the row before it, or begins with it and was stated later, so that
    no two say something about the same period at the same instant."""
    start = checked.start.view(np.int64)
    is_later = (start[1:] > start[:-1]) | (owner[1:] != owner[:-1])
    if is_later.all():
        return True
    if not (is_later | (start[1:] == start[:-1])).all():
        return False
    stated = checked.stated_at.view(np.int64)
    return bool((is_later | (stated[1:] > stated[:-1])).all())


def _equals_earlier_row(columns: Mapping[str, pa.Array], rows: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Which rows equal an earlier row of their group in every cell."""
    cells = (column.take(pa.array(rows)) for column in columns.values())
    codes = _combined(group, *(column.dictionary_encode().indices.to_numpy() for column in cells))
    return pd.Series(codes).duplicated().to_numpy()


def _pairs(rows: np.ndarray, group: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The rows in groups of two or more, in their order, each with its counterpart: the first row of its group, or for
    that row the second."""
    order = np.argsort(group, kind="stable")
    rows, group = rows[order], group[order]
    begins = np.searchsorted(group, group)
    counts = np.searchsorted(group, group, side="right") - begins
    counterpart = np.where(np.arange(len(rows)) == begins, begins + 1, begins)
    contradictions, counterparts = rows[counts > 1], rows[counterpart[counts > 1]]
    order = np.argsort(contradictions, kind="stable")
    return contradictions[order], counterparts[order]


def _keys(
    checked: CheckedRows, owner: np.ndarray, rows: np.ndarray | slice
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each row a code for its file, period and subject; a code for these and the instant; and the instant."""
    instants = (checked.start, checked.end, checked.stated_at)
    start, end, instant = (times[rows].view(np.int64) + 1 >> _BITS for times in instants)
    subject = [checked.texts["subject"].codes[rows]] if "subject" in checked.texts else []
    topic = _combined(owner[rows], start, end - start, *subject)
    return topic, _combined(topic, instant), instant


def _combined(*columns: np.ndarray) -> np.ndarray:
    """One code for each row: equal where all columns are equal, and in the order of the first column."""
    codes, count = np.zeros(len(columns[0]), np.int64), 1
    for column in columns:
        least, most = (int(column.min()), int(column.max())) if column.size else (0, 0)
        if least == most:
            continue
        span = most - least + 1
        if count * span >= _MAX_CODES:
            codes = pd.factorize(codes)[0].astype(np.int64)
            count = len(codes)
        codes = codes * span + (column - least) if count > 1 else column - least
        count *= span
    return codes
