"""A quick way to the totals of a cap for a source with one plain figure a day: all periods at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from dashboard.domain import Series
from dashboard.domain.dates import Anchor, Period, day_of
from dashboard.series.joined_lines.cap_periods import split_by_period


def daily_totals(member: Series, anchor: Anchor, title: str, as_of: date) -> Series | None:
    """The totals of a source with one plain figure for each day; None for any other source."""
    end = member.end
    if not (member.is_plain and len(member) and _is_daily(member)):
        return None
    parts = split_by_period(end, anchor)
    sides = (member.low, member.value, member.high, certain_amounts(member), member.at_most)
    totals = {id(side): side for side in sides}  # most series have one array for all of them
    totals = {key: _restarted(side, parts) for key, side in totals.items()}
    low, value, high, at_least, at_most = (totals[id(side)] for side in sides)
    partial = np.zeros(len(end), bool)
    (first, _, stop), (last, _, _) = parts[0], parts[-1]
    partial[:stop] = day_of(end[0]) > first.start
    partial[-1] |= last.end < as_of and day_of(end[-1]) < last.end
    return replace(
        member,
        title=title,
        start=np.repeat(anchor.periods(first.start, last.start)[1], [stop - at for _, at, stop in parts]),
        low=low,
        value=value,
        high=high,
        at_least=at_least,
        at_most=at_most,
        or_more=partial,
        partial=partial,
        known_at=_known_by(member, parts),
        row=np.full(len(end), -1),
        kind="flow",
    )


def _is_daily(member: Series) -> bool:
    start, end = member.start.view(np.int64), member.end.view(np.int64)  # quicker to compare than days
    return bool((start == end).all() and (end[1:] - end[:-1] == 1).all())


def _known_by(member: Series, parts: Sequence[tuple[Period, int, int]]) -> np.ndarray:
    """The instants by which each figure, and all before it in its period, were known."""
    instants = member.known_at.view(np.int64)  # much quicker than on instants
    if (instants[1:] >= instants[:-1]).all():
        return member.known_at
    return np.concatenate([np.maximum.accumulate(member.known_at[first:stop]) for _, first, stop in parts])


def _restarted(side: np.ndarray, parts: Sequence[tuple[Period, int, int]]) -> np.ndarray:
    """The running sum of a side, from zero in each period; NaN for a side that is NaN throughout."""
    if not side.strides[0] and np.isnan(side[0]):
        return side
    totals = np.empty(len(side))
    for _, first, stop in parts:
        np.add.accumulate(side[first:stop], out=totals[first:stop])
    return totals


def certain_amounts(member: Series) -> np.ndarray:
    """The certain amount of each figure: zero where nobody vouches for it; NaN if nobody vouches for any figure."""
    unknown = np.isnan(member.at_least)
    return np.where(unknown, 0.0, member.at_least) if member.is_vouched_for and unknown.any() else member.at_least
