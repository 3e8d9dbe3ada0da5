"""The one place that decides whether an indicator may be called normal: the reasons against it, in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from dashboard.catalog import Indicator
from dashboard.domain import DataState, Series, Severity
from dashboard.domain.dates import Period, day_of
from dashboard.evaluation import sentences
from dashboard.evaluation.current import trust
from dashboard.evaluation.current.current_state import CurrentState, DecidingObservation
from dashboard.series import IndicatorInputs
from dashboard.thresholds import Assessment


def why_not_normal(
    indicator: Indicator,
    inputs: IndicatorInputs,
    current: CurrentState,
    assessments: Sequence[Assessment],
    data_state: DataState,
    period: Period | None,
    as_of: date,
) -> list[str]:
    """Empty only if everything could be read, and the newest figure of every line was judged, passes nothing, and
    comes from data that can be trusted. Sources that have ended need not speak where another one does."""
    reasons = []
    if inputs.problems:
        reasons.append("what could not be used might hold a breach (see the problems)")
    if current.deciding is None:
        return [*reasons, sentences.nothing_known(period, as_of)]
    several = len(current.by_line) > 1
    for number, deciding in enumerate(current.by_line):
        line = deciding.assessment.series if deciding else assessments[number].series
        state = _state(indicator, inputs, deciding, line, data_state)
        if several and state is DataState.ENDED:
            continue
        said = f"{line.title}: " if several else ""
        reasons += [f"{said}{reason}" for reason in _of_line(indicator, inputs, deciding, state, period, as_of)]
    if several and not reasons and data_state is DataState.ENDED:
        reasons.append("all its sources have ended")
    return reasons


def _state(
    indicator: Indicator,
    inputs: IndicatorInputs,
    deciding: DecidingObservation | None,
    line: Series,
    data_state: DataState,
) -> DataState:
    """Whether a line can be trusted: by the figure that speaks for it, where its own figures are judged."""
    if deciding is None or indicator.waits_for_reports:
        return inputs.data_states.get(line.origin, data_state)
    return trust.of_head(deciding, inputs) or data_state


def _of_line(
    indicator: Indicator,
    inputs: IndicatorInputs,
    deciding: DecidingObservation | None,
    state: DataState,
    period: Period | None,
    as_of: date,
) -> list[str]:
    if deciding is None:
        return [sentences.nothing_known(period, as_of)]
    reasons = [] if deciding.severity is not None else [_why_not_judged(indicator, deciding)]
    if state is DataState.ENDED:
        reasons.append("its source has ended")
    elif not state.is_trusted and state is not DataState.ERROR:
        day = _newest_day(indicator, inputs, deciding)
        reasons.append(sentences.too_old(day, as_of) if day else f"its data are {state.value.replace('_', ' ')}")
    return [] if deciding.severity is not None and deciding.severity > Severity.NORMAL else reasons


def _newest_day(indicator: Indicator, inputs: IndicatorInputs, deciding: DecidingObservation) -> date | None:
    """The day up to which a line's figures reach; None for a line that is made of other verdicts, or of ratios."""
    if indicator.waits_for_reports:
        return max((day_of(line.end[line.newest]) for line in inputs.members if line.newest is not None), default=None)
    if indicator.own_line is not None:
        return None
    return day_of(deciding.assessment.series.end[deciding.position])


def _why_not_judged(indicator: Indicator, deciding: DecidingObservation) -> str:
    series, at = deciding.assessment.series, deciding.position
    if deciding.assessment.reason:
        return deciding.assessment.reason
    said = sentences.figure(deciding.assessment, at)
    if not indicator.thresholds:
        return f"{said}, and no threshold to judge it by"
    if series.partial[at] or np.isnan(series.high[at]):
        return sentences.only_a_part(said)
    return f"{said}: an end of its range passes, though not the one that the rule asks for"
