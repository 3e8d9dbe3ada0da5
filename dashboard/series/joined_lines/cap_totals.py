"""The running totals of a cap, whose limit runs by period.

A total that does not cover every day of its period from every member, or that a straddling figure touches, is partial:
it cannot show that a level was not reached.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from dashboard.domain import Series, joined
from dashboard.domain.dates import Anchor, Period
from dashboard.series.joined_lines.cap_periods import is_touched_from_outside, lies_inside, split_by_period
from dashboard.series.joined_lines.combine import title_of
from dashboard.series.joined_lines.daily_cap_totals import certain_amounts, daily_totals
from dashboard.series.source_lines.source_series import known_amounts

_SIDES = ("low", "value", "high")
_ONE_DAY = np.timedelta64(1, "D")


def running_totals(members: Sequence[Series], how: str, anchor: Anchor, title: str, as_of: date) -> Series:
    """The totals of all periods as one series: an observation wherever a row ends.

    A sum runs from its period's start. The largest claim keeps its own days and its row, and is one observation, with
    what later and smaller claims add to its range. The last total of a closed period stands for the whole period.
    """
    if how != "max" and len(members) == 1 and (quick := daily_totals(members[0], anchor, title, as_of)):
        return quick
    periods = _periods(members, anchor)
    parts = [totals_of_period(members, how, period, as_of) for period in periods]
    totals = joined(parts) if parts else members[0].take(np.array([], dtype=int))
    single = len(members) == 1
    return replace(
        totals,
        source=members[0].source if single else f"{how} of {', '.join(member.source for member in members)}",
        title=title,
        kind="flow",
        origin=members[0].origin if single else "",
        key=np.arange(len(totals)),
        notes={} if single else _contributors(members, how, periods, parts),
    )


def _contributors(
    members: Sequence[Series], how: str, periods: Sequence[Period], parts: Sequence[Series]
) -> dict[int, str]:
    """The sources whose figures make each total, for totals to which not all sources contribute."""
    notes, at = {}, 0
    for period, part in zip(periods, parts, strict=True):
        own = [(member, member.end[member.current & lies_inside(member, period)]) for member in members]
        for end in part.end:
            titles = {member.origin: member.title for member, ends in own if (ends <= end).any()}
            if len(titles) < len(members):
                notes[at] = next(iter(titles.values())) if len(titles) == 1 else title_of(how, len(titles))
            at += 1
    return notes


def totals_of_period(members: Sequence[Series], how: str, period: Period, as_of: date) -> Series:
    """The running totals inside one period."""
    inside = [member.take(np.flatnonzero(member.current & lies_inside(member, period))) for member in members]
    totals = _largest(inside, period, as_of) if how == "max" else _added(inside, period, as_of)
    if any(is_touched_from_outside(member, period) for member in members):
        return replace(totals, partial=np.ones(len(totals), bool))
    return totals


def _periods(members: Sequence[Series], anchor: Anchor) -> list[Period]:
    ends = np.sort(np.concatenate([member.end[member.current & member.has_figure] for member in members]))
    return [period for period, _, _ in split_by_period(ends, anchor)]


def _added(members: Sequence[Series], period: Period, as_of: date) -> Series:
    """Running sums; complete where every member has reported every day so far.

    An unknown low end adds nothing to the certain amount. An unknown value or high end leaves that of the sum unknown,
    above a floor that further amounts can only raise.
    """
    rows = _in_order(members)
    ends = _last_of_each_end(rows.end)
    low = np.cumsum(np.where(np.isnan(rows.low), 0.0, rows.low))[ends]
    value, high, at_most = (np.cumsum(side)[ends] for side in (rows.value, rows.high, rows.at_most))
    at_least = np.cumsum(certain_amounts(rows))[ends]
    reach = min((_covered_until(member, period) for member in members), default=np.datetime64(period.start))
    until = _due_until(rows.end[ends], period, as_of)
    partial = (reach < until) | np.logical_or.accumulate(rows.or_more)[ends]
    return replace(
        rows.take(ends),
        start=np.full(len(ends), np.datetime64(period.start)),
        low=low,
        value=value,
        high=high,
        at_least=at_least,
        at_most=at_most,
        value_floor=_floor(rows.value, rows, ends),
        high_floor=_floor(rows.high, rows, ends),
        or_more=partial,
        partial=partial,
        known_at=np.maximum.accumulate(rows.known_at)[ends],
        row=np.full(len(ends), -1),
        stated_end=rows.end[ends],
    )


def _floor(side: np.ndarray, rows: Series, ends: np.ndarray) -> np.ndarray | None:
    """The running total of a side, unknown amounts counted with their known part; None where all are known."""
    return np.cumsum(known_amounts(side, rows))[ends] if np.isnan(side).any() else None


def _largest(members: Sequence[Series], period: Period, as_of: date) -> Series:
    """The largest of overlapping claims; complete where one claim covers the whole time so far."""
    rows = _in_order(members)
    ends = _last_of_each_end(rows.end)
    low, value, high = (_running_max(getattr(rows, side))[ends] for side in _SIDES)
    from_start = np.where(rows.start == np.datetime64(period.start), rows.end, np.datetime64(period.start) - _ONE_DAY)
    reach = np.maximum.accumulate(from_start)[ends] if len(rows) else rows.end[ends]
    position = _position_of_max(rows.low, rows.high)[ends]
    largest = rows.take(position)
    totals = replace(
        largest,
        low=low,
        value=np.where(value < low, np.nan, value),  # the largest claim gave no central figure
        high=np.fmax(high, low),
        at_least=_running_max(rows.at_least)[ends],
        at_most=np.maximum.accumulate(rows.at_most)[ends],
        partial=(reach < _due_until(rows.end[ends], period, as_of)) | largest.or_more,
    )
    return totals.take(_last_of_each_end(position))


def _in_order(members: Sequence[Series]) -> Series:
    rows = joined(members)
    return rows.take(np.argsort(rows.end, kind="stable"))


def _last_of_each_end(end: np.ndarray) -> np.ndarray:
    return np.flatnonzero(np.append(end[1:] != end[:-1], True)) if len(end) else np.array([], dtype=int)


def _covered_until(member: Series, period: Period) -> np.datetime64:
    """The last day up to which a member's figures leave no day out, counted from the period's start."""
    before = np.datetime64(period.start) - _ONE_DAY
    if not len(member):
        return np.datetime64(before)
    order = np.argsort(member.start, kind="stable")
    reach = np.maximum.accumulate(np.append(before, member.end[order]))
    gaps = np.flatnonzero(member.start[order] > reach[:-1] + _ONE_DAY)
    return np.datetime64(reach[gaps[0]] if gaps.size else reach[-1])


def _due_until(ends: np.ndarray, period: Period, as_of: date) -> np.ndarray:
    """Up to which day each total must be covered: its own end; the last of a closed period, the period's."""
    until = ends.copy()
    if len(until) and period.end < as_of:
        until[-1] = np.datetime64(period.end)
    return until


def _running_max(side: np.ndarray) -> np.ndarray:
    return np.fmax.accumulate(side) if len(side) else side


def _position_of_max(low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """For each prefix the first row that has its largest low end (or, without any low end, its largest high end)."""
    ranked = np.where(np.isnan(low), np.where(np.isnan(high), -np.inf, high) - 1e18, low)
    if not len(ranked):
        return np.array([], dtype=int)
    largest = np.maximum.accumulate(ranked)
    is_new = np.append(True, largest[1:] > largest[:-1])
    return np.asarray(np.maximum.accumulate(np.where(is_new, np.arange(len(ranked)), 0)))
