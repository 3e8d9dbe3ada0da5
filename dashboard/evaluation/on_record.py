"""The record of an indicator: a cap's closed periods, and breaches whose window has passed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from dashboard.catalog import Indicator
from dashboard.claims import Claims
from dashboard.domain import (
    ClaimedFigure,
    Episode,
    Figure,
    PassedBy,
    PastBreach,
    Series,
    Severity,
    State,
    Withdrawal,
    rank,
)
from dashboard.domain.dates import Period, day_of
from dashboard.domain.text import wording as words
from dashboard.evaluation import sentences
from dashboard.evaluation.current.judging import JudgedIndicator
from dashboard.series import IndicatorInputs
from dashboard.thresholds import AssessedObservation, Assessment


def past_breaches(judged: JudgedIndicator, claims: Claims) -> tuple[PastBreach, ...]:
    """Closed periods of a cap, breached or not, oldest first; else the episodes whose window has passed."""
    if judged.indicator.anchor:
        closed = sorted(judged.current.closed_periods, key=lambda total: total.assessment.series.end[total.position])
        return tuple(_closed_period(judged, total, claims) for total in closed)
    lines = {assessment.series.source: assessment for assessment in judged.assessments}
    on_record = [episode for episode in judged.current.episodes if episode.state is State.ON_RECORD]
    return tuple(_past_episode(lines[episode.source], episode, claims) for episode in on_record)


def with_withdrawals(
    records: Sequence[PastBreach], withdrawals: Sequence[Withdrawal], indicator: Indicator
) -> tuple[PastBreach, ...]:
    """The record with the breaches of which the figure is gone: marked at their period, or else added to it."""
    marked = list(records)
    for withdrawal in withdrawals:
        if withdrawal.is_open:
            continue
        claim = withdrawal.claim
        period = indicator.anchor.period(claim.period.end) if indicator.anchor else claim.period
        sentence = sentences.withdrawal(withdrawal)
        places = [number for number, record in enumerate(marked) if indicator.anchor and record.period == str(period)]
        for number in places:
            marked[number] = _marked(marked[number], withdrawal, sentence)
        if not places:
            marked.append(_withdrawn_breach(withdrawal, period, sentence))
    return tuple(sorted(marked, key=lambda record: record.period) if indicator.anchor else marked)


def _marked(record: PastBreach, withdrawal: Withdrawal, sentence: str) -> PastBreach:
    """A closed period whose breach lost its figure; where the figure went in silence, the severity stays."""
    marked = replace(record, sentence=f"{record.sentence} {sentence}", is_withdrawn=True)
    is_as_severe = record.severity is not None and record.severity >= withdrawal.severity
    if withdrawal.loss.is_stated or is_as_severe:
        return marked
    passed_by = withdrawal.passed_by
    return replace(marked, severity=withdrawal.severity, passed_by=passed_by, passed_phrase=passed_by.phrase)


def _withdrawn_breach(withdrawal: Withdrawal, period: Period, sentence: str) -> PastBreach:
    claim = withdrawal.claim
    return PastBreach(
        period=str(period),
        source=withdrawal.line,
        severity=withdrawal.severity,
        passed_by=withdrawal.passed_by,
        figure=claim.figure,
        share_of_limit=None,
        known_since=claim.published_at or claim.known_on,
        is_assumed=claim.published_at is None and claim.is_assumed,
        sentence=sentence,
        claim=claim,
        passed_phrase=withdrawal.passed_by.phrase,
        is_withdrawn=True,
    )


def _closed_period(judged: JudgedIndicator, total: AssessedObservation, claims: Claims) -> PastBreach:
    """The record of a closed period by its last total; it is not called normal while anything could not be read."""
    indicator, context, assessment, position = judged.indicator, judged.context, total.assessment, total.position
    assert indicator.anchor is not None
    series = assessment.series
    period = indicator.anchor.period(day_of(series.end[position]))
    severity, passed_by = int(assessment.severity[position]), int(assessment.passed_by[position])
    if judged.inputs.problems and severity == Severity.NORMAL:
        severity = -1
    claim, is_alarm = claims.claim_at(assessment, position), bool(assessment.is_alarm[position])
    first = claims.first_breach_of_cap(period, assessment, rank(severity, passed_by)) if is_alarm else None
    share = "" if context.limit is None else f", {sentences.share(claim, context.limit)} of the cap"
    plainly = "not assessed" if severity < 0 else Severity(severity).word
    level = claims.severity_in_words(assessment, position, period, claim) if is_alarm else plainly
    known_since = day_of(assessment.known_since[position]) if severity >= 0 else None
    return PastBreach(
        period=str(period),
        source=series.source if indicator.combine == "each" else None,
        severity=Severity(severity) if severity >= 0 else None,
        passed_by=PassedBy(passed_by) if passed_by else None,
        figure=replace(claim.figure, unit=context.unit),
        share_of_limit=claim.figure.central_share_of(context.limit),
        known_since=known_since,
        sentence=sentences.past(f"{words.span(period)}: {sentences.claim_in_words(claim)}{share}", level, first, claim),
        claim=claim,
        first_known=first,
        passed_phrase=total.threshold.wording.phrase(PassedBy(passed_by)) if total.threshold and passed_by else "",
        is_assumed=known_since in judged.inputs.assumed_days,
    )


def _past_episode(assessment: Assessment, episode: Episode, claims: Claims) -> PastBreach:
    """A breach whose window has passed: its newest figure; of events, as many as there were."""
    claim = claims.claim_at(assessment, episode.head)
    if assessment.series.kind == "event" and episode.first != episode.last:
        claim = _joint_events(assessment.series, episode, claim, claims.inputs)
    least = rank(int(episode.severity), 0)
    if assessment.series.by_period:
        first = claims.first_breach_beside(episode.head, assessment, least)
    else:
        first = claims.first_breach_in(Period(episode.first, episode.last), assessment, least)
    threshold = assessment.thresholds[assessment.decided_at(episode.head)]
    phrase = threshold.wording.phrase(episode.passed_by)
    if first and first.passed == phrase:
        first = first._replace(passed="")
    level = f"{episode.severity.word}, {phrase}"
    return PastBreach(
        period=str(Period(episode.began, episode.last)),
        source=episode.source,
        severity=episode.severity,
        passed_by=episode.passed_by,
        figure=claim.figure,
        share_of_limit=None,
        known_since=episode.known_since,
        sentence=sentences.past(sentences.claim_in_words(claim, threshold=threshold), level, first, claim),
        claim=claim,
        first_known=first,
        passed_phrase=phrase,
        is_assumed=episode.known_since in claims.inputs.assumed_days,
    )


def _joint_events(series: Series, episode: Episode, newest: ClaimedFigure, inputs: IndicatorInputs) -> ClaimedFigure:
    """The events of an episode together, known once the last of them was."""
    start, end = np.datetime64(episode.first), np.datetime64(episode.last)
    inside = series.current & series.has_figure & (series.end >= start) & (series.end <= end)
    low, value, high = (float(side[inside].sum()) for side in (series.low, series.value, series.high))
    known_on = day_of(series.known_at[inside].max())
    return newest._replace(
        figure=Figure(low, value, high, newest.figure.unit, bool(series.or_more[inside].any())),
        period=Period(episode.began, episode.last),
        published_at=None,
        known_on=known_on,
        is_assumed=known_on in inputs.assumed_days,
        subject="",
        place="",
    )
