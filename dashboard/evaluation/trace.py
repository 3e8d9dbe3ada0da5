"""The rows that a verdict rests on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dashboard.domain import Episode, Series, State
from dashboard.domain.dates import Period, day_of
from dashboard.evaluation.current.current_state import CurrentState
from dashboard.evaluation.current.judging import JudgedIndicator


def contributing_rows(judged: JudgedIndicator) -> tuple[int, ...]:
    """Positions in the table: the rows of the present breach, or else of the newest figures, and of the baselines.

    A computed observation has the rows that it was made of, and not those that other verdicts rest on.
    """
    indicator, inputs, current = judged.indicator, judged.inputs, judged.current
    if (source_rows := _source_rows(current)) is not None:
        return source_rows
    rows: list[int] = []
    breaches = [episode for episode in current.episodes if episode.state is current.state]
    if indicator.anchor:
        for period in _deciding_periods(judged):
            rows += _rows_inside(inputs.members, period)
    elif breaches:
        rows += _rows_of_breaches(breaches, inputs.members)
    else:
        rows += _newest_rows(inputs.members)
    rows += _newest_rows(tuple(inputs.baselines.values()))
    rows += [row for other in inputs.other_indicators.values() for row in other.rests_on]
    return tuple(dict.fromkeys(rows))


def _source_rows(current: CurrentState) -> tuple[int, ...] | None:
    """The rows that the deciding observation was computed from; None for an observation that was not computed."""
    if current.deciding is None:
        return None
    series = current.deciding.assessment.series
    return series.rows_behind.get(int(series.key[current.deciding.position]))


def _deciding_periods(judged: JudgedIndicator) -> list[Period]:
    """The period of the deciding observation; else the closed periods in breach, else the last closed one."""
    anchor, current = judged.indicator.anchor, judged.current
    assert anchor is not None
    if current.deciding:
        return [anchor.period(current.deciding.day)]
    breached = [total for total in current.closed_periods if total.assessment.is_alarm[total.position]]
    totals = breached or current.closed_periods[-1:]
    return [anchor.period(day_of(total.assessment.series.end[total.position])) for total in totals]


def _rows_inside(members: Sequence[Series], period: Period) -> list[int]:
    """Rows of current figures wholly inside a period."""
    start, end = np.datetime64(period.start), np.datetime64(period.end)
    return [
        row
        for member in members
        for row in member.row[
            member.current & member.has_figure & (member.start >= start) & (member.end <= end)
        ].tolist()
    ]


def _rows_of_breaches(breaches: Sequence[Episode], members: Sequence[Series]) -> list[int]:
    """For each breach the rows of current figures of its line that end in its days, and the calm figure behind it."""
    rows: list[int] = []
    since, last = (
        np.array(days, "datetime64[D]") for days in zip(*((each.since, each.last) for each in breaches), strict=True)
    )
    figures = {member.source: _rows_between(member, since, last) for member in members}
    sources = {breach.source for breach in breaches}
    own = {name: [member for member in members if member.source == name] or members for name in sources}
    newest = {name: _newest_rows(lines) for name, lines in own.items()}
    for number, breach in enumerate(breaches):
        for member in own[breach.source]:
            rows += figures[member.source][number]
        if breach.state is State.RESOLVED:  # the verdict now rests on the calm figure
            rows += newest[breach.source]
    return rows


def _rows_between(member: Series, since: np.ndarray, last: np.ndarray) -> list[list[int]]:
    """For each pair of days the rows of current figures that end between them."""
    is_usable = member.current & member.has_figure
    row, end = member.row[is_usable], member.end[is_usable]
    firsts, stops = end.searchsorted(since), end.searchsorted(last, side="right")
    return [row[first:stop].tolist() for first, stop in zip(firsts.tolist(), stops.tolist(), strict=True)]


def _newest_rows(members: Sequence[Series]) -> list[int]:
    return [int(member.row[member.newest]) for member in members if member.newest is not None]
