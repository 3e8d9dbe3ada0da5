"""From a verdict back to the rows that it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from dashboard.catalog import Indicator
from dashboard.domain import Series, State
from dashboard.domain.dates import Period, day_of
from dashboard.evaluation.current.current_state import CurrentState
from dashboard.series import IndicatorInputs


def rows_behind(indicator: Indicator, inputs: IndicatorInputs, current: CurrentState) -> tuple[int, ...]:
    """Positions in the table: the rows of the breach that stands (or the newest figures), and baselines.

    Of a computed observation they are those that it was made of, and not those that other verdicts rest on.
    """
    if (made_of := _made_of(current)) is not None:
        return made_of
    rows: list[int] = []
    breaching = [one for one in current.episodes if one.state is current.state]
    if indicator.anchor:
        for period in _periods_asked(indicator, current):
            rows += _rows(inputs.members, "start", period.start, period.end)
    elif breaching:
        for episode in breaching:
            own = [member for member in inputs.members if member.source == episode.source]
            spoken = own or inputs.members
            rows += _rows(spoken, "end", episode.since, episode.last)
            if episode.state is State.RESOLVED:  # what it rests on now is the figure that calmed it
                rows += _newest(spoken)
    else:
        rows += _newest(inputs.members)
    rows += _newest(tuple(inputs.baselines.values()))
    rows += [row for other in inputs.other_indicators.values() for row in other.rests_on]
    return tuple(dict.fromkeys(rows))


def _made_of(current: CurrentState) -> tuple[int, ...] | None:
    """The rows that the observation that speaks was made of; None where it does not say."""
    if current.deciding is None:
        return None
    series = current.deciding.assessment.series
    return series.made_of.get(int(series.key[current.deciding.position]))


def _periods_asked(indicator: Indicator, current: CurrentState) -> list[Period]:
    """The period of the deciding observation; else the closed periods in breach, else the last closed one."""
    assert indicator.anchor is not None
    at = [(current.deciding.assessment, current.deciding.position)] if current.deciding else []
    if not at:
        breached = [one for one in current.closed_periods if one[0].is_alarm[one[1]]]
        at = breached or list(current.closed_periods[-1:])
    return [indicator.anchor.period(day_of(one.series.end[position])) for one, position in at]


def _rows(members: Sequence[Series], days: str, start: date, end: date) -> list[int]:
    """Rows of current figures: those wholly inside the days (`days` = "start"), or ending in them ("end")."""
    return [
        int(row)
        for member in members
        for row in member.row[
            member.current
            & member.has_figure
            & (getattr(member, days) >= np.datetime64(start))
            & (member.end <= np.datetime64(end))
        ]
    ]


def _newest(members: Sequence[Series]) -> list[int]:
    return [int(member.row[member.newest]) for member in members if member.newest is not None]
