"""One indicator's verdict: severity, state, figure and sentence from what was judged at the instant."""

from __future__ import annotations

from typing import NamedTuple

from dashboard.claims import Claims
from dashboard.domain import DataState, Figure, PassedBy, Severity, State, Verdict, Withdrawal
from dashboard.evaluation import sentences
from dashboard.evaluation.alert import Alert, verdict_sentence
from dashboard.evaluation.all_clear import why_not_normal
from dashboard.evaluation.current import trust
from dashboard.evaluation.current.duration import since_when
from dashboard.evaluation.current.judging import JudgedIndicator
from dashboard.evaluation.on_record import past_breaches, with_withdrawals
from dashboard.evaluation.withdrawn.losses import sources_with_losses
from dashboard.series import newest_figures, straddling_row_problems
from dashboard.thresholds import rule_sentence


class _Outcome(NamedTuple):
    """`severity` is None where the indicator is not assessed, for the `reasons`."""

    severity: Severity | None
    passed_by: PassedBy | None
    state: State
    data_state: DataState
    reasons: tuple[str, ...]


def verdict_of(name: str, judged: JudgedIndicator, withdrawals: tuple[Withdrawal, ...]) -> Verdict:
    """The verdict on a judged indicator; `withdrawals` are its alerts of which the figure is gone."""
    indicator, inputs, context, deciding = judged.indicator, judged.inputs, judged.context, judged.current.deciding
    outcome = _outcome(judged, withdrawals)
    since, known_since = since_when(judged.current)
    claims = Claims(indicator, inputs, judged.catalog.sources, context)
    alert = Alert.of(claims, judged.current, judged.assessments, known_since, judged.period)
    on_record = with_withdrawals(past_breaches(judged, claims), withdrawals, indicator)
    newest, figure = newest_figures(indicator, inputs, judged.catalog.sources), _figure(judged)
    return Verdict(
        id=name,
        title=indicator.title,
        severity=outcome.severity,
        state=outcome.state,
        passed_by=outcome.passed_by,
        data_state=outcome.data_state,
        figure=figure,
        limit=context.limit,
        share_of_limit=figure.central_share_of(context.limit),
        date=deciding.day if deciding else None,
        since=since,
        known_since=known_since,
        sentence=verdict_sentence(alert, newest, outcome.data_state, outcome.reasons, on_record, withdrawals),
        newest=newest,
        on_record=on_record,
        problems=(*inputs.problems, *straddling_row_problems(indicator, inputs)),
        rules=tuple(rule_sentence(threshold, context) for threshold in indicator.thresholds),
        decided_by=_decided_by(judged),
        passed_phrase=_passed_phrase(judged, outcome),
        period=judged.period,
        why_not=outcome.reasons,
        withdrawals=withdrawals,
        claim=alert.claim,
        first_known=alert.first_known,
        is_current=alert.is_current,
        headlines=alert.headlines,
        events=alert.events,
        support=alert.support,
        is_assumed=known_since in inputs.assumed_days,
    )


def _outcome(judged: JudgedIndicator, withdrawals: tuple[Withdrawal, ...]) -> _Outcome:
    """An alarm counts whatever else is in doubt; anything less is assessed only if nothing speaks against it."""
    deciding = judged.current.deciding
    severity = deciding.severity if deciding else None
    data_state = trust.data_state(judged.indicator, judged.inputs, judged.current)
    lossy = sources_with_losses(judged.indicator, judged.inputs, judged.as_of)
    reasons = [] if severity and severity.is_alarm else sentences.missing_figures(withdrawals, lossy)
    if severity is None or severity is Severity.NORMAL:
        reasons += why_not_normal(judged, data_state)
    if reasons:
        severity = None
    elif severity is None:
        severity = Severity.NORMAL
    return _Outcome(
        severity=severity,
        passed_by=deciding.passed_by if deciding and severity is not None else None,
        state=_state(judged.current.state, withdrawals, has_losses=severity is None and bool(lossy)),
        data_state=data_state,
        reasons=tuple(reasons),
    )


def _state(state: State, withdrawals: tuple[Withdrawal, ...], *, has_losses: bool) -> State:
    """Withdrawn where no other alert is open and a figure behind one is gone; else the current state."""
    if state.is_open:
        return state
    if has_losses or any(withdrawal.is_open for withdrawal in withdrawals):
        return State.WITHDRAWN
    is_on_record = any(not withdrawal.loss.is_stated for withdrawal in withdrawals)
    return State.ON_RECORD if is_on_record else state


def _decided_by(judged: JudgedIndicator) -> int | None:
    """The position of the threshold that the deciding figure passes."""
    deciding = judged.current.deciding
    return None if deciding is None or deciding.severity is None else deciding.threshold_index


def _passed_phrase(judged: JudgedIndicator, outcome: _Outcome) -> str:
    """By which end the deciding threshold is passed, in its words; "" where none is, or for context alone."""
    if outcome.passed_by is None or outcome.severity is Severity.INFO:
        return ""
    decided_by = _decided_by(judged)
    if decided_by is None or not judged.assessments:
        return outcome.passed_by.phrase
    return str(judged.assessments[0].thresholds[decided_by].wording.phrase(outcome.passed_by))


def _figure(judged: JudgedIndicator) -> Figure:
    """The deciding figure; an unknown one where several sources are not combined."""
    indicator, deciding, unit = judged.indicator, judged.current.deciding, judged.context.unit
    if deciding is None:
        return Figure(unit=unit)
    series = deciding.assessment.series
    if indicator.combine == "each" and len(indicator.sources) > 1 and series.origin:
        return Figure(unit=unit)
    return series.figure(deciding.position, unit)
