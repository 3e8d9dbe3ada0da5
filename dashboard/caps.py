"""Supply against a limit that runs by period: running totals, placed without inventing months.

A row counts in a period when it lies wholly inside it; one that straddles is shown, not split. A total that
does not cover every day of its period from every member is partial: it cannot show what was not reached.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from dashboard.model import SERIES_ARRAYS, Series
from dashboard.periods import Anchor, Period, day_of
from dashboard.series import as_known

_SIDES = ("low", "value", "high")
_ONE_DAY = np.timedelta64(1, "D")


def running_totals(members: Sequence[Series], how: str, anchor: Anchor, title: str, as_of: date) -> Series:
    """The totals of all periods as one series: an observation wherever a row ends.

    A sum runs from its period's start; the largest claim keeps its own days, and its row.

    The last one of a closed period stands for the whole period.
    """
    periods = _periods(members, anchor)
    parts = [total(members, how, period, as_of) for period in periods]
    name = members[0].source if len(members) == 1 else f"{how} of {', '.join(part.source for part in members)}"
    if not parts:
        return members[0].take(np.array([], dtype=int))
    arrays = {field: np.concatenate([getattr(part, field) for part in parts]) for field in SERIES_ARRAYS}
    arrays["key"] = np.arange(len(arrays["end"]))
    return Series(name, title, unit=members[0].unit, windowed=False, **arrays)


def total(members: Sequence[Series], how: str, period: Period, as_of: date) -> Series:
    """The running totals inside one period."""
    inside = [_inside(member, period) for member in members]
    if how == "prefer":
        inside = [next((member for member in inside if len(member)), inside[0])]
    if how == "max":
        return _largest(inside, period, as_of)
    return _added(inside, period, as_of)


def replayed(
    members: Sequence[Series], how: str, period: Period, as_of: date
) -> Iterator[tuple[np.datetime64, Series]]:
    """The period's final total after each instant at which something about it became known, oldest first."""
    instants = np.unique(np.concatenate([member.known_at[_lies_inside(member, period)] for member in members]))
    for instant in instants:
        totals = total([as_known(member, instant) for member in members], how, period, as_of)
        if len(totals):
            yield instant, totals.take(np.array([len(totals) - 1]))


def last_of_each_period(series: Series, anchor: Anchor) -> list[int]:
    """The position of the last running total of each period, oldest first."""
    last = {anchor.period(day_of(end)): position for position, end in enumerate(series.end)}
    return list(last.values())


def straddling(series: Series, anchor: Anchor) -> np.ndarray:
    """Positions of current figures that lie in no single period, and so count in none."""
    return np.array(
        [
            position
            for position in np.flatnonzero(series.current & series.has_figure)
            if day_of(series.end[position]) not in anchor.period(day_of(series.start[position]))
        ],
        dtype=int,
    )


def _periods(members: Sequence[Series], anchor: Anchor) -> list[Period]:
    return sorted(
        {
            anchor.period(day_of(day))
            for member in members
            for day in np.unique(member.end[member.current & member.has_figure])
        }
    )


def _lies_inside(series: Series, period: Period) -> np.ndarray:
    inside = (series.start >= np.datetime64(period.start)) & (series.end <= np.datetime64(period.end))
    return np.asarray(inside & series.has_figure)


def _inside(series: Series, period: Period) -> Series:
    return series.take(np.flatnonzero(series.current & _lies_inside(series, period)))


def _added(members: Sequence[Series], period: Period, as_of: date) -> Series:
    """Amounts added up; complete where every member has reported every day so far."""
    rows = _in_order(members)
    ends = _last_of_each_end(rows.end)
    low, value, high = (np.cumsum(getattr(rows, side))[ends] for side in _SIDES)
    reach = min((_covered_until(member, period) for member in members), default=np.datetime64(period.start))
    until = _asked_until(rows.end[ends], period, as_of)
    partial = (reach < until) | np.logical_or.accumulate(rows.or_more)[ends]
    known_at = np.maximum.accumulate(rows.known_at)[ends]
    return _totals(rows.end[ends], low, value, high, partial, known_at, period)


def _largest(members: Sequence[Series], period: Period, as_of: date) -> Series:
    """The largest of overlapping claims; complete where one claim covers the whole time so far."""
    rows = _in_order(members)
    ends = _last_of_each_end(rows.end)
    low, value, high = (_running_max(getattr(rows, side))[ends] for side in _SIDES)
    value = np.where(value < low, np.nan, value)  # the largest claim gave no central figure
    from_start = np.where(rows.start == np.datetime64(period.start), rows.end, np.datetime64(period.start) - _ONE_DAY)
    reach = np.maximum.accumulate(from_start)[ends] if len(rows) else rows.end[ends]
    until = _asked_until(rows.end[ends], period, as_of)
    largest = rows.take(_position_of_max(rows.low, rows.high)[ends])
    totals = _totals(rows.end[ends], low, value, high, (reach < until) | largest.or_more, largest.known_at, period)
    return replace(totals, start=largest.start, row=largest.row, or_more=largest.or_more)


def _in_order(members: Sequence[Series]) -> Series:
    joined = {field: np.concatenate([getattr(member, field) for member in members]) for field in SERIES_ARRAYS}
    rows = Series(members[0].source, members[0].title, unit="", windowed=False, **joined)
    return rows.take(np.argsort(rows.end, kind="stable"))


def _last_of_each_end(end: np.ndarray) -> np.ndarray:
    return np.flatnonzero(np.append(end[1:] != end[:-1], True)) if len(end) else np.array([], dtype=int)


def _covered_until(member: Series, period: Period) -> np.datetime64:
    """The last day up to which a member's figures leave no day out, counted from the period's start."""
    reach = period.start - timedelta(days=1)
    for position in np.argsort(member.start, kind="stable"):
        if day_of(member.start[position]) > reach + timedelta(days=1):
            break
        reach = max(reach, day_of(member.end[position]))
    return np.datetime64(reach)


def _asked_until(ends: np.ndarray, period: Period, as_of: date) -> np.ndarray:
    """Up to which day each total must be covered: its own end; the last of a closed period, the period's."""
    until = ends.copy()
    if len(until) and period.end < as_of:
        until[-1] = np.datetime64(period.end)
    return until


def _running_max(side: np.ndarray) -> np.ndarray:
    largest = np.maximum.accumulate(np.where(np.isnan(side), -np.inf, side)) if len(side) else side
    return np.where(np.isneginf(largest), np.nan, largest)


def _position_of_max(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """For each prefix the position of the row that sets its largest low (or, without any, its high)."""
    ranked = np.where(np.isnan(low), np.where(np.isnan(high), -np.inf, high) - 1e18, low)
    best, positions = 0, np.zeros(len(ranked), dtype=int)
    for index in range(len(ranked)):
        if ranked[index] > ranked[best]:
            best = index
        positions[index] = best
    return positions


def _totals(
    end: np.ndarray,
    low: np.ndarray,
    value: np.ndarray,
    high: np.ndarray,
    partial: np.ndarray,
    known_at: np.ndarray,
    period: Period,
) -> Series:
    count = len(end)
    return Series(
        source="",
        title="",
        start=np.full(count, np.datetime64(period.start)),
        end=end,
        low=low,
        value=value,
        high=high,
        or_more=partial,
        partial=partial,
        known_at=known_at,
        current=np.ones(count, bool),
        key=np.zeros(count, int),
        row=np.full(count, -1),
    )
