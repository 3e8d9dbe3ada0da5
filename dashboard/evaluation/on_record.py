"""What stands on record: a cap's closed periods, and breaches whose window has passed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from dashboard.catalog import Indicator
from dashboard.claims import Claims
from dashboard.domain import ClaimedFigure, Episode, Figure, PassedBy, PastBreach, Series, Severity, State, Withdrawal
from dashboard.domain.dates import Period, day_of
from dashboard.domain.text import wording as words
from dashboard.evaluation import sentences
from dashboard.evaluation.current.current_state import CurrentState
from dashboard.thresholds import Assessment, EvaluationContext, rank


def of_record(
    indicator: Indicator,
    context: EvaluationContext,
    current: CurrentState,
    assessments: Sequence[Assessment],
    said: Claims,
    *,
    in_doubt: bool,
) -> tuple[PastBreach, ...]:
    """Closed periods of a cap, breached or not, oldest first; else the episodes whose window has passed.

    `in_doubt`: something could not be read, so no closed period is called normal.
    """
    if indicator.anchor:
        closed = sorted(current.closed_periods, key=lambda one: one[0].series.end[one[1]])
        return tuple(_closed_period(indicator, context, *one, said, in_doubt=in_doubt) for one in closed)
    lines = {one.series.source: one for one in assessments}
    return tuple(
        _past_episode(lines[one.source], one, said) for one in current.episodes if one.state is State.ON_RECORD
    )


def with_withdrawals(
    records: Sequence[PastBreach], withdrawals: Sequence[Withdrawal], indicator: Indicator
) -> tuple[PastBreach, ...]:
    """The record with the breaches of which the figure is gone: marked at their period, or else added to it."""
    kept = list(records)
    for one in withdrawals:
        if one.is_open:
            continue
        period = indicator.anchor.period(one.claim.period.end) if indicator.anchor else one.claim.period
        said = sentences.withdrawal(one)
        places = [number for number, record in enumerate(kept) if indicator.anchor and record.period == str(period)]
        for number in places:
            kept[number] = _marked(kept[number], one, said)
        if not places:
            kept.append(_withdrawn(one, period, said))
    return tuple(sorted(kept, key=lambda record: record.period) if indicator.anchor else kept)


def _marked(record: PastBreach, one: Withdrawal, sentence: str) -> PastBreach:
    """A closed period whose breach lost its figure: what went in silence keeps its severity."""
    marked = replace(record, sentence=f"{record.sentence} {sentence}", is_withdrawn=True)
    if one.loss.is_stated or (record.severity is not None and record.severity >= one.severity):
        return marked
    return replace(marked, severity=one.severity, passed_by=one.passed_by, passed_phrase=one.passed_by.phrase)


def _withdrawn(one: Withdrawal, period: Period, sentence: str) -> PastBreach:
    claim = one.claim
    return PastBreach(
        period=str(period),
        source=one.line,
        severity=one.severity,
        passed_by=one.passed_by,
        figure=claim.figure,
        share_of_limit=None,
        known_since=claim.published_at or claim.known_on,
        sentence=sentence,
        claim=claim,
        passed_phrase=one.passed_by.phrase,
        is_withdrawn=True,
    )


def _closed_period(
    indicator: Indicator,
    context: EvaluationContext,
    assessment: Assessment,
    position: int,
    said: Claims,
    *,
    in_doubt: bool,
) -> PastBreach:
    assert indicator.anchor is not None
    series = assessment.series
    period = indicator.anchor.period(day_of(series.end[position]))
    severity, passed_by = int(assessment.severity[position]), int(assessment.passed_by[position])
    if in_doubt and severity == Severity.NORMAL:
        severity = -1
    claim, is_alarm = said.claim_at(assessment, position), bool(assessment.is_alarm[position])
    first = said.first_breach_of_cap(period, assessment, rank(severity, passed_by)) if is_alarm else None
    share = "" if context.limit is None else f", {sentences.share(claim, context.limit)} of the cap"
    how = said.severity_in_words(assessment, position, period, claim) if is_alarm else _plainly(severity)
    return PastBreach(
        period=str(period),
        source=series.source if indicator.combine == "each" else None,
        severity=Severity(severity) if severity >= 0 else None,
        passed_by=PassedBy(passed_by) if passed_by else None,
        figure=replace(claim.figure, unit=context.unit),
        share_of_limit=claim.figure.central_share_of(context.limit),
        known_since=day_of(assessment.known_since[position]) if severity >= 0 else None,
        sentence=sentences.past(f"{words.span(period)}: {sentences.told(claim)}{share}", how, first, claim),
        claim=claim,
        first_known=first,
        passed_phrase=_phrase(assessment, position),
    )


def _phrase(assessment: Assessment, position: int) -> str:
    decided, passed_by = int(assessment.decided_by[position]), int(assessment.passed_by[position])
    return assessment.thresholds[decided].wording.phrase(PassedBy(passed_by)) if decided >= 0 and passed_by else ""


def _plainly(severity: int) -> str:
    return "not assessed" if severity < 0 else Severity(severity).word


def _past_episode(assessment: Assessment, episode: Episode, said: Claims) -> PastBreach:
    """A breach whose window has passed: its newest figure; of events, as many as there were."""
    claim = said.claim_at(assessment, episode.head)
    if assessment.series.kind == "event" and episode.first != episode.last:
        claim = _events(assessment.series, episode, claim)
    days = Period(episode.first, episode.last)
    least = rank(int(episode.severity), 0)
    first = said.first_breach_in(days, assessment, least)
    if assessment.series.by_period:
        first = said.first_breach_beside(episode.head, assessment, least)
    threshold = assessment.thresholds[int(assessment.decided_by[episode.head])]
    if first and first.passed == threshold.wording.phrase(episode.passed_by):
        first = first._replace(passed="")
    how = f"{episode.severity.word}, {threshold.wording.phrase(episode.passed_by)}"
    return PastBreach(
        period=str(Period(episode.began, episode.last)),
        source=episode.source,
        severity=episode.severity,
        passed_by=episode.passed_by,
        figure=claim.figure,
        share_of_limit=None,
        known_since=episode.known_since,
        sentence=sentences.past(sentences.told(claim, threshold=threshold), how, first, claim),
        claim=claim,
        first_known=first,
        passed_phrase=threshold.wording.phrase(episode.passed_by),
    )


def _events(series: Series, episode: Episode, newest: ClaimedFigure) -> ClaimedFigure:
    """The events of an episode together, known once the last of them was."""
    start, end = np.datetime64(episode.first), np.datetime64(episode.last)
    inside = series.current & series.has_figure & (series.end >= start) & (series.end <= end)
    low, value, high = (float(side[inside].sum()) for side in (series.low, series.value, series.high))
    return newest._replace(
        figure=Figure(low, value, high, newest.figure.unit, bool(series.or_more[inside].any())),
        period=Period(episode.began, episode.last),
        published_at=None,
        known_on=day_of(series.known_at[inside].max()),
        subject="",
        place="",
    )
