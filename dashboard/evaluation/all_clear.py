"""The only place that decides whether an indicator may be called normal: the reasons against it, in words.

The sentence of an all-clear itself is `sentences.all_clear`.
"""

from __future__ import annotations

from datetime import date

import numpy as np

from dashboard.catalog import Indicator
from dashboard.domain import DataState, Series, Severity
from dashboard.domain.dates import day_of
from dashboard.evaluation import sentences
from dashboard.evaluation.current import trust
from dashboard.evaluation.current.current_state import DecidingObservation
from dashboard.evaluation.current.judging import JudgedIndicator


def why_not_normal(judged: JudgedIndicator, data_state: DataState) -> list[str]:
    """The reasons why an indicator may not be called normal, empty if it may.

    It may only if everything could be read, and the newest figure of every line was judged, passes nothing, and comes
    from data that can be trusted. Sources that have ended need no figure where another source has one.
    """
    current, reasons = judged.current, []
    if judged.inputs.problems:
        reasons.append("what could not be used might hold a breach (see the problems)")
    if current.deciding is None:
        return [*reasons, sentences.nothing_known(judged.period, judged.as_of)]
    has_several_lines = len(current.by_line) > 1
    for number, deciding in enumerate(current.by_line):
        line = deciding.assessment.series if deciding else judged.assessments[number].series
        state = _data_state(judged, deciding, line, data_state)
        if has_several_lines and state is DataState.ENDED:
            continue
        prefix = f"{line.title}: " if has_several_lines else ""
        reasons += [f"{prefix}{reason}" for reason in _reasons_of_line(judged, deciding, state)]
    if has_several_lines and not reasons and data_state is DataState.ENDED:
        reasons.append("all its sources have ended")
    return reasons


def _data_state(
    judged: JudgedIndicator, deciding: DecidingObservation | None, line: Series, data_state: DataState
) -> DataState:
    """The data state of a line: of its deciding figure where its figures are judged, else of its source."""
    if deciding is None or judged.indicator.waits_for_reports:
        return judged.inputs.data_states.get(line.origin, data_state)
    return trust.of_observation(deciding, judged.inputs) or data_state


def _reasons_of_line(judged: JudgedIndicator, deciding: DecidingObservation | None, state: DataState) -> list[str]:
    if deciding is None:
        return [sentences.nothing_known(judged.period, judged.as_of)]
    if deciding.severity is not None and deciding.severity > Severity.NORMAL:
        return []
    reasons = [] if deciding.severity is not None else [_why_not_judged(judged.indicator, deciding)]
    if state is DataState.ENDED:
        reasons.append("its source has ended")
    elif not state.is_trusted and state is not DataState.ERROR:
        day, words = _newest_day(judged, deciding), state.value.replace("_", " ")
        reasons.append(sentences.too_old(day, judged.as_of) if day else f"its data are {words}")
    return reasons


def _newest_day(judged: JudgedIndicator, deciding: DecidingObservation) -> date | None:
    """The day up to which a line's figures reach; None for a line that is made of other verdicts, or of ratios."""
    if judged.indicator.waits_for_reports:
        members = judged.inputs.members
        return max((day_of(line.end[line.newest]) for line in members if line.newest is not None), default=None)
    return None if judged.indicator.own_line is not None else deciding.day


def _why_not_judged(indicator: Indicator, deciding: DecidingObservation) -> str:
    series, at = deciding.assessment.series, deciding.position
    if deciding.assessment.reason:
        return deciding.assessment.reason
    figure = sentences.figure(deciding.assessment, at)
    if not indicator.thresholds:
        return f"{figure}, and no threshold to judge it by"
    if series.partial[at] or np.isnan(series.high[at]):
        return sentences.only_a_part(figure)
    return f"{figure}: an end of its range passes, though not the one that the rule asks for"
