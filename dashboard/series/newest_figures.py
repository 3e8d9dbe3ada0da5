"""The newest figure of each source, and the rows that a cap's periods cannot place."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from dashboard.catalog import Indicator, Source
from dashboard.domain import UNITS_IN_WORDS, LatestFigure, Problem, Series
from dashboard.domain.dates import day_of
from dashboard.series.inputs import IndicatorInputs
from dashboard.series.joined_lines.cap_periods import straddling_positions


def newest_figures(
    indicator: Indicator, inputs: IndicatorInputs, sources: Mapping[str, Source]
) -> tuple[LatestFigure, ...]:
    """The newest current figure of each member that has one.

    An own line made of figures has none: the indicators behind it show theirs.
    """
    if indicator.own_line and not indicator.waits_for_reports:
        return ()
    return tuple(
        _newest(member, inputs, sources[member.origin]) for member in inputs.members if member.newest is not None
    )


def straddling_row_problems(indicator: Indicator, inputs: IndicatorInputs) -> tuple[Problem, ...]:
    """Rows that no single period of the cap holds: shown to the officer, counted nowhere."""
    if indicator.anchor is None:
        return ()
    problems = []
    for member in inputs.members:
        for position in straddling_positions(member, indicator.anchor):
            row = int(member.row[position])
            period = member.period(position)
            message = f"{period} lies in more than one {indicator.period_name}; it is shown, not counted"
            problems.append(Problem(str(inputs.table.file[row]), int(inputs.table.line[row]), 0, "period", message))
    return tuple(problems)


def _newest(member: Series, inputs: IndicatorInputs, source: Source) -> LatestFigure:
    last = member.newest
    assert last is not None
    table, row = inputs.table, int(member.row[last])
    published, unit = table.published_at[row], member.unit or str(table.unit[row])
    is_in_words = member.kind == "event" and unit in UNITS_IN_WORDS
    return LatestFigure(
        source=member.source,
        title=member.title,
        figure=member.figure(last, unit),
        date=day_of(member.end[last]),
        published_at=None if np.isnat(published) else day_of(published),
        data_state=inputs.state_of(member),
        converted=str(inputs.conversions.at(table.frame, row) or ""),
        is_repetition=bool(source.repeats),
        scope=source.scope,
        event=str(table.subject[row]) if is_in_words else "",
        period=member.period(last),
    )
