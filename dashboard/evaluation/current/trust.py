"""The data state of a verdict: the state of its deciding figure; without a breach, the worst state of all lines."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.catalog import Indicator
from dashboard.domain import DataState, Severity, State
from dashboard.domain.dates import day_of
from dashboard.evaluation.current.current_state import CurrentState, DecidingObservation
from dashboard.series import IndicatorInputs, state_of_several


def data_state(indicator: Indicator, inputs: IndicatorInputs, current: CurrentState) -> DataState:
    """Whether the verdict's data can be trusted; a breach on record, whose window has passed, is stale at best."""
    if inputs.problems:
        return DataState.ERROR
    if current.deciding is None:
        return DataState.NO_DATA
    state = _state(indicator, inputs, current, current.deciding)
    if indicator.needs and state is DataState.NO_DATA:
        state = DataState.STALE  # something was known once, or nothing would stand here
    window_has_passed = current.state is State.ON_RECORD and current.deciding.episode is not None
    return DataState.STALE if window_has_passed and state.is_trusted else state


def of_observation(deciding: DecidingObservation, inputs: IndicatorInputs) -> DataState | None:
    """The data state of a source's line, no fresher than the source that it repeats; None for other lines."""
    series = deciding.assessment.series
    if not series.origin:
        return None
    own = inputs.state_on(series.origin, day_of(series.end[deciding.position]))
    original = inputs.sources[series.origin].repeats
    if original is None or original not in inputs.data_states:
        return own
    return state_of_several([own, inputs.data_states[original]], all_needed=True)


def _state(
    indicator: Indicator, inputs: IndicatorInputs, current: CurrentState, deciding: DecidingObservation
) -> DataState:
    if indicator.own_line is not None:
        states = [inputs.data_states[name] for name in _required(indicator, inputs, deciding)]
        return state_of_several(states, all_needed=not indicator.waits_for_reports)
    if (own := of_observation(deciding, inputs)) is None:
        return _of_several_sources(indicator, inputs, deciding)
    if deciding.severity is not None and deciding.severity > Severity.NORMAL:
        return own
    states = [*_states_of_lines(inputs, current), own]
    going_on = [state for state in states if state is not DataState.ENDED]
    return state_of_several(going_on or states, all_needed=True)


def _states_of_lines(inputs: IndicatorInputs, current: CurrentState) -> list[DataState]:
    """The state of each line's deciding figure; of a line without one, the state of its source."""
    states = [of_observation(deciding, inputs) for deciding in current.by_line if deciding is not None]
    if len(current.by_line) == len(inputs.members):
        lines = zip(inputs.members, current.by_line, strict=True)
        states += [inputs.data_states[member.origin] for member, deciding in lines if deciding is None]
    return [state for state in states if state is not None]


def _of_several_sources(indicator: Indicator, inputs: IndicatorInputs, deciding: DecidingObservation) -> DataState:
    """A figure of several sources is as old as its days, by the most patient source; a sum waits for all sources."""
    series = deciding.assessment.series
    with_figures = {member.origin for member in inputs.members if member.newest is not None}
    names = [name for name in _claimants(indicator, inputs) if name in with_figures] or sorted(with_figures)
    on_its_day = state_of_several(
        [inputs.state_on(name, day_of(series.end[deciding.position])) for name in names], all_needed=False
    )
    if indicator.combine != "sum":
        return on_its_day
    return state_of_several([on_its_day, *(inputs.data_states[name] for name in names)], all_needed=True)


def _required(indicator: Indicator, inputs: IndicatorInputs, deciding: DecidingObservation) -> Sequence[str]:
    """The names whose data must be trusted: all sources, or all other indicators, or the calm ones if they decide."""
    if not indicator.needs:
        return _claimants(indicator, inputs)
    calm = [name for name in indicator.needs if inputs.other_indicators[name].verdict.is_calm]
    decided = deciding.severity is Severity.NORMAL
    waits = indicator.own_line is None or indicator.own_line.needs_all_calm
    return calm if decided and calm and not waits else indicator.needs


def _claimants(indicator: Indicator, inputs: IndicatorInputs) -> Sequence[str]:
    """The sources that do not only repeat another source of the indicator."""
    names = indicator.sources
    return [name for name in names if inputs.sources[name].repeats not in names] or names
