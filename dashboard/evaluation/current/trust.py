"""The data state of a verdict: that of the figure that speaks; where none is in breach, the worst of all that speak."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.catalog import Indicator
from dashboard.domain import DataState, Severity, State
from dashboard.domain.dates import day_of
from dashboard.evaluation.current.current_state import Head, Standing
from dashboard.series import IndicatorInputs, freshness


def data_state(indicator: Indicator, inputs: IndicatorInputs, standing: Standing) -> DataState:
    """Whether what speaks can be trusted; on record, when its window has passed, it is stale at best."""
    if inputs.problems:
        return DataState.ERROR
    if standing.head is None:
        return DataState.NO_DATA
    state = _state(indicator, inputs, standing, standing.head)
    if indicator.needs and state is DataState.NO_DATA:
        state = DataState.STALE  # something was known once, or nothing would stand here
    window_has_passed = standing.state is State.ON_RECORD and standing.head.episode is not None
    return DataState.STALE if window_has_passed and state.is_trusted else state


def of_head(head: Head, inputs: IndicatorInputs) -> DataState | None:
    """How old the figure of a source's line is, and no fresher than whom it retells; None for other lines."""
    series = head.assessment.series
    if not series.origin:
        return None
    own = inputs.state_on(series.origin, day_of(series.end[head.position]))
    original = inputs.sources[series.origin].repeats
    if original is None or original not in inputs.data_states:
        return own
    return freshness.state_of_several([own, inputs.data_states[original]], all_needed=True)


def _state(indicator: Indicator, inputs: IndicatorInputs, standing: Standing, head: Head) -> DataState:
    if indicator.own_line is not None:
        states = [inputs.data_states[name] for name in _asked(indicator, inputs, head)]
        return freshness.state_of_several(states, all_needed=not indicator.waits_for_reports)
    if (own := of_head(head, inputs)) is None:
        return _of_several_sources(indicator, inputs, head)
    if head.severity is not None and head.severity > Severity.NORMAL:
        return own
    states = [*_states_of_lines(inputs, standing), own]
    going_on = [state for state in states if state is not DataState.ENDED]
    return freshness.state_of_several(going_on or states, all_needed=True)


def _states_of_lines(inputs: IndicatorInputs, standing: Standing) -> list[DataState]:
    """By the figure that speaks for each line; of a line that says nothing the state of its source."""
    found = [of_head(head, inputs) for head in standing.heads if head is not None]
    if len(standing.heads) == len(inputs.members):
        lines = zip(inputs.members, standing.heads, strict=True)
        found += [inputs.data_states[member.origin] for member, head in lines if head is None]
    return [state for state in found if state is not None]


def _of_several_sources(indicator: Indicator, inputs: IndicatorInputs, head: Head) -> DataState:
    """A figure of several sources is as old as its days, by the most patient of them; a sum waits for all of them."""
    series = head.assessment.series
    spoken = {member.origin for member in inputs.members if member.newest is not None}
    names = [name for name in _claimants(indicator, inputs) if name in spoken] or sorted(spoken)
    on_its_day = freshness.state_of_several(
        [inputs.state_on(name, day_of(series.end[head.position])) for name in names], all_needed=False
    )
    if indicator.combine != "sum":
        return on_its_day
    return freshness.state_of_several([on_its_day, *(inputs.data_states[name] for name in names)], all_needed=True)


def _asked(indicator: Indicator, inputs: IndicatorInputs, head: Head) -> Sequence[str]:
    """Whose data must be trusted: all sources, or all other indicators; or, where their calm decides, the calm."""
    if not indicator.needs:
        return _claimants(indicator, inputs)
    calm = [name for name in indicator.needs if inputs.other_indicators[name].verdict.is_calm]
    decided = head.severity is Severity.NORMAL
    waits = indicator.own_line is None or indicator.own_line.needs_all_calm
    return calm if decided and calm and not waits else indicator.needs


def _claimants(indicator: Indicator, inputs: IndicatorInputs) -> Sequence[str]:
    """The sources that speak for themselves, and do not only retell another one of them."""
    names = indicator.sources
    return [name for name in names if inputs.sources[name].repeats not in names] or names
