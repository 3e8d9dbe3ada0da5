"""Finds the rows of deliveries that sources had before, for many sources at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dashboard.domain import BOOKKEEPING
from dashboard.late_imports import pd
from dashboard.rows.row_numbers import number_rows
from dashboard.rows.row_spans import Span, join_spans

Pairs = tuple[np.ndarray, np.ndarray]  # positions of matched rows, before and in the deliveries


@dataclass(frozen=True, eq=False)
class JointRows:
    """Rows of several sources, one source after the other; `owner` has the number of each row's source."""

    frame: pd.DataFrame
    owner: np.ndarray

    @classmethod
    def of(cls, spans: Sequence[Span]) -> JointRows:
        """The rows of spans, each of which is a source of its own."""
        lengths = [end - begin for _, begin, end in spans]
        return cls(join_spans(spans), np.repeat(np.arange(len(spans)), lengths))

    @classmethod
    def of_one(cls, rows: pd.DataFrame) -> JointRows:
        """The rows of a single source."""
        return cls(rows, np.zeros(len(rows), np.int64))

    def __len__(self) -> int:
        return len(self.owner)

    def take(self, positions: np.ndarray) -> JointRows:
        """The rows at ascending positions; those that follow one another are not copied."""
        begin = int(positions[0]) if len(positions) else 0
        if len(positions) == 0 or positions[-1] - begin + 1 == len(positions):
            part = slice(begin, begin + len(positions))
            return JointRows(self.frame.iloc[part], self.owner[part])
        return JointRows(self.frame.take(positions), self.owner[positions])

    def where(self, chosen: np.ndarray) -> JointRows:
        return self.take(np.flatnonzero(chosen))

    def assign(self, **columns: np.ndarray) -> JointRows:
        return JointRows(self.frame.assign(**columns), self.owner)

    def instants(self, column: str) -> np.ndarray:
        return self.frame[column].to_numpy("datetime64[s]")

    def counts(self, sources: int) -> np.ndarray:
        """The number of rows of each source."""
        return np.bincount(self.owner, minlength=sources)


def number_joint_rows(left: JointRows, right: JointRows, columns: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of the rows of both, equal for rows of one source that agree in the named columns."""
    owners = np.concatenate([left.owner, right.owner])
    texts = (pd.concat([left.frame[name], right.frame[name]], ignore_index=True) for name in columns)
    numbers = number_rows((owners, *texts))
    return numbers[: len(left)], numbers[len(left) :]


def match_rows(before: JointRows, delivery: JointRows) -> tuple[np.ndarray, JointRows, JointRows]:
    """For each row of the deliveries the position of an equal row before, -1 for none; and the unmatched rows of both.

    Each row is matched with one of its source's equals at most. Most rows stand where they stood, counted from the
    source's first row or from its last: these are found by comparing, and only the others are looked up.
    """
    match = np.full(len(delivery), -1)
    here, there = np.arange(len(before)), np.arange(len(delivery))
    for match_some in (_match_in_place, _match_from_the_end, _match_anywhere):
        if not len(before) or not len(delivery):
            break
        matched, matching = match_some(before, delivery)
        match[there[matching]] = here[matched]
        here, before = _without(matched, here, before)
        there, delivery = _without(matching, there, delivery)
    return match, before, delivery


def _without(positions: np.ndarray, numbers: np.ndarray, rows: JointRows) -> tuple[np.ndarray, JointRows]:
    """Numbers and rows without those at some positions."""
    if not len(positions):
        return numbers, rows
    left = np.delete(np.arange(len(rows)), positions)
    return numbers[left], rows.take(left)


def _match_in_place(before: JointRows, delivery: JointRows) -> Pairs:
    return _equal_pairs(before, delivery, _ranks(before.owner), _ranks(delivery.owner))


def _match_from_the_end(before: JointRows, delivery: JointRows) -> Pairs:
    from_end = (_ranks(rows.owner[::-1])[::-1] for rows in (before, delivery))
    return _equal_pairs(before, delivery, *from_end)


def _equal_pairs(before: JointRows, delivery: JointRows, ranks: np.ndarray, other_ranks: np.ndarray) -> Pairs:
    """The pairs of equal rows with the same rank in their source."""
    sources = 1 + int(max(before.owner[-1], delivery.owner[-1]))
    common = np.minimum(before.counts(sources), delivery.counts(sources))
    here = np.flatnonzero(ranks < common[before.owner])
    there = np.flatnonzero(other_ranks < common[delivery.owner])
    is_same = _are_equal(before.take(here).frame, delivery.take(there).frame)
    return here[is_same], there[is_same]


def _match_anywhere(before: JointRows, delivery: JointRows) -> Pairs:
    """Each row is matched with one of its equals, in their order."""
    here, there = number_joint_rows(before, delivery, _content(delivery.frame))
    if max(np.bincount(here).max(), np.bincount(there).max()) > 1:
        nth = np.concatenate([count_earlier(here), count_earlier(there)])
        numbers = pd.factorize(np.concatenate([here, there]) * (int(nth.max()) + 1) + nth)[0]
        here, there = np.split(numbers, [len(before)])
    position = np.full(1 + int(max(here.max(), there.max())), -1)
    position[here] = np.arange(len(here))
    matching = np.flatnonzero(position[there] >= 0)
    return position[there[matching]], matching


def _are_equal(left: pd.DataFrame, right: pd.DataFrame) -> np.ndarray:
    """Which rows have the same content as the row at their position in the other frame; blanks are equal."""
    same = np.ones(len(left), bool)
    for column in _content(left):
        ours, theirs = left[column].array, right[column].array
        if left[column].dtype.kind in "fM":
            same &= np.asarray(ours == theirs) | (np.asarray(ours.isna()) & np.asarray(theirs.isna()))
        else:
            same &= np.asarray(ours == theirs, bool)
    return same


def _content(rows: pd.DataFrame) -> list[str]:
    return [name for name in rows.columns if name not in BOOKKEEPING]


def _ranks(owner: np.ndarray) -> np.ndarray:
    """The position of each row among those of its source, which lie together."""
    is_first = np.concatenate([[True], owner[1:] != owner[:-1]])
    starts = np.flatnonzero(is_first)
    return np.arange(len(owner)) - np.repeat(starts, np.diff([*starts, len(owner)]))


def count_earlier(numbers: np.ndarray) -> np.ndarray:
    """For each entry, how many equal ones stand before it."""
    order = np.argsort(numbers, kind="stable")
    ordered = numbers[order]
    first = np.searchsorted(ordered, ordered)
    counts = np.empty(len(numbers), np.int64)
    counts[order] = np.arange(len(numbers)) - first
    return counts
