"""Whether data can be trusted: the age of the newest figure at the instant, counted from the end of its period."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from dashboard.catalog import Source
from dashboard.domain import DataState, Series
from dashboard.domain.dates import day_of, parse_day


def state_of_source(source: Source, lines: Sequence[Series], *, has_problems: bool, as_of: date) -> DataState:
    """The data state of one source; late and stale count from the end of its newest period with a figure.

    A source with several lines is as old as the oldest of them, and stale while one has no figure at all.
    """
    newest = [day_of(line.end[line.newest]) if line.newest is not None else None for line in lines]
    state = state_on_day(
        source, min((day for day in newest if day), default=None), has_problems=has_problems, as_of=as_of
    )
    return DataState.STALE if state.is_trusted and not all(newest) else state


def state_on_day(source: Source, day: date | None, *, has_problems: bool, as_of: date) -> DataState:
    """The data state of a source's figure about a period that ends on a day; None where it has none."""
    if has_problems:
        return DataState.ERROR
    if day is None:
        return DataState.NO_DATA
    if source.end_day and parse_day(source.end_day) <= as_of:
        return DataState.ENDED
    if as_of > source.stale_age.after(day):
        return DataState.STALE
    return DataState.LATE if as_of > source.late_age.after(day) else DataState.FRESH


def state_of_last_look(source: Source, lines: Sequence[Series], *, has_problems: bool, as_of: date) -> DataState:
    """The data state of a source of awaited reports: as old as the last look that any of its rows records."""
    looks = [day_of(line.known_at.max()) for line in lines if len(line)]
    return state_on_day(source, max(looks, default=None), has_problems=has_problems, as_of=as_of)


def state_of_several(states: Sequence[DataState], *, all_needed: bool) -> DataState:
    """An error anywhere is an error; else the worst state where all are needed, the best where any of them will do."""
    if DataState.ERROR in states:
        return DataState.ERROR
    order = sorted(states, key=lambda state: state.trust_rank)
    if not order:
        return DataState.NO_DATA
    if not all_needed:
        return order[0]
    with_figures = [state for state in order if state is not DataState.NO_DATA]
    return with_figures[-1] if with_figures else DataState.NO_DATA
