"""Whether data can be trusted: how old the newest figure is, from the end of its period, at the instant."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from dashboard.catalog import Source
from dashboard.model import DataState, Series
from dashboard.periods import day_of, parse_day

_BEST_FIRST = (
    DataState.FRESH,
    DataState.LATE,
    DataState.STALE,
    DataState.ENDED,
    DataState.NO_DATA,
    DataState.ERROR,
)

TRUSTED = (DataState.FRESH, DataState.LATE)


def newest_end(series: Series) -> date | None:
    """The last day of the newest period that holds a figure."""
    filed = series.end[series.current & series.has_figure]
    return day_of(filed.max()) if len(filed) else None


def of_source(source: Source, series: Series, *, has_problems: bool, as_of: date) -> DataState:
    """The data state of one source; late and stale count from the end of its newest period with a figure."""
    if has_problems:
        return DataState.ERROR
    newest = newest_end(series)
    if source.ended_on and parse_day(source.ended_on) <= as_of:
        return DataState.ENDED if newest else DataState.NO_DATA
    if newest is None:
        return DataState.NO_DATA
    if as_of > source.stale.after(newest):
        return DataState.STALE
    return DataState.LATE if as_of > source.late.after(newest) else DataState.FRESH


def of_several(states: Sequence[DataState], *, all_needed: bool) -> DataState:
    """An error anywhere is an error; else the worst state where all are needed, the best where one will do."""
    if DataState.ERROR in states:
        return DataState.ERROR
    order = sorted(states, key=_BEST_FIRST.index)
    if not order:
        return DataState.NO_DATA
    if not all_needed:
        return order[0]
    with_figures = [state for state in order if state is not DataState.NO_DATA]
    return with_figures[-1] if with_figures else DataState.NO_DATA
