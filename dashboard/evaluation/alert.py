"""An indicator's alert: its figure, since when it is known, how current and how well supported it is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from dashboard.claims import Claims, dated_events, headlines, is_multiple
from dashboard.domain import (
    ClaimedFigure,
    DataState,
    DatedEvents,
    Episode,
    Headline,
    LatestFigure,
    PastBreach,
    Severity,
    Support,
    Withdrawal,
    rank,
)
from dashboard.domain.dates import Anchor, Period, day_of
from dashboard.domain.text import wording as words
from dashboard.evaluation import sentences
from dashboard.evaluation.current.current_state import CurrentState, DecidingObservation
from dashboard.evaluation.support import support_of
from dashboard.thresholds import Assessment


@dataclass(frozen=True, eq=False)
class Alert:
    """An indicator's alert, or its calm, with all that its sentence is made of.

    claim: the deciding figure; first_known: the figure by which so severe a breach became known first, ever, or in the
    cap's open period; is_current: false where the deciding figure of an open alert is past its time; until: the end of
    the last window of the alert.
    """

    claims: Claims
    current: CurrentState
    claim: ClaimedFigure | None
    first_known: ClaimedFigure | None
    known_since: date | None
    is_current: bool
    until: date | None
    headlines: tuple[Headline, ...]
    events: DatedEvents | None
    support: Support | None

    @classmethod
    def of(
        cls,
        claims: Claims,
        current: CurrentState,
        assessments: Sequence[Assessment],
        known_since: date | None,
        period: Period | None,
    ) -> Alert:
        deciding, indicator = current.deciding, claims.indicator
        claim = claims.claim_at(deciding.assessment, deciding.position) if deciding else None
        windows = [one.until for one in _as_severe(current) if deciding and one.state is deciding.state and one.until]
        return cls(
            claims=claims,
            current=current,
            claim=claim,
            first_known=_first_known(claims, deciding, assessments, period),
            known_since=known_since,
            is_current=claim is None or not current.state.is_open or _is_current(claims, claim),
            until=max(windows, default=None),
            headlines=headlines(indicator, claims.inputs, claims.sources),
            events=dated_events(indicator, claims.inputs, claims.sources),
            support=support_of(indicator, current, claims.inputs, claims.sources, claims.context),
        )

    @property
    def deciding(self) -> DecidingObservation | None:
        return self.current.deciding


def _first_known(
    claims: Claims, deciding: DecidingObservation | None, assessments: Sequence[Assessment], period: Period | None
) -> ClaimedFigure | None:
    if deciding is None or not (deciding.severity and deciding.severity.is_alarm):
        return None
    series = deciding.assessment.series
    if series.last_looks:
        return None  # what is known first may be about another owed report
    least = rank(int(deciding.severity), int(deciding.passed_by or 0))
    if series.by_period:
        return _with_other_end(claims.first_breach_beside(deciding.position, deciding.assessment, least), deciding)
    if period is not None:
        firsts = [claim for line in assessments if (claim := claims.first_breach_of_cap(period, line, least))]
        return min(firsts, key=lambda claim: claim.known_on, default=None)
    return _with_other_end(claims.first_breach_ever(assessments, rank(int(deciding.severity), 0)), deciding)


def _with_other_end(first: ClaimedFigure | None, deciding: DecidingObservation) -> ClaimedFigure | None:
    """The first figure; it says by which end it passed only where the alert now passes by another."""
    if first is None or deciding.passed_by is None:
        return first
    threshold = deciding.assessment.thresholds[deciding.assessment.decided_at(deciding.position)]
    return first._replace(passed="") if first.passed == threshold.wording.phrase(deciding.passed_by) else first


def _is_current(claims: Claims, claim: ClaimedFigure) -> bool:
    """Whether the deciding figure is not stale for its source; of several sources the most patient counts."""
    indicator, as_of = claims.indicator, claims.context.as_of
    if indicator.own_line and indicator.own_line.caps:
        return True  # it is open only as long as it is news
    if indicator.needs:
        verdicts = (other.verdict for other in claims.inputs.other_indicators.values())
        return any(verdict.is_current and verdict.is_open for verdict in verdicts)
    names = [claim.source] if claim.source in claims.sources else indicator.sources
    return any(as_of <= claims.sources[name].stale_age.after(claim.last_look or claim.period.end) for name in names)


def verdict_sentence(
    alert: Alert,
    newest: Sequence[LatestFigure],
    data_state: DataState,
    reasons: Sequence[str],
    on_record: Sequence[PastBreach],
    withdrawals: Sequence[Withdrawal],
) -> str:
    """The verdict in words: the finding or why there is none, since when, what is gone, and how old the data are."""
    context = alert.claims.context
    parts = [sentences.not_assessed(reasons) if reasons else _finding(alert), *_since(alert)]
    parts += [sentences.withdrawal(one) for one in withdrawals if one.is_open]
    if anchor := alert.claims.indicator.anchor:
        parts.append(sentences.closed_periods(on_record, _unknown_periods(on_record, anchor, context.as_of)))
    if alert.claim is None or alert.claim.last_look is None:  # else the last look has been told
        parts.append(sentences.trust(newest, data_state, context.as_of))
    return " ".join(part for part in parts if part)


def _unknown_periods(records: Sequence[PastBreach], anchor: Anchor, as_of: date) -> list[str]:
    """The closed periods since the first on record of which nothing can be said, with or without figures."""
    named = {one.period: one.severity for one in records}
    ends = [one.claim.period.end for one in records if one.claim]
    if not ends:
        return []
    periods = [str(period) for period in anchor.periods(min(ends), as_of)[0] if period.end < as_of]
    return [period for period in periods if named.get(period) is None]


def _since(alert: Alert) -> list[str]:
    deciding, claim = alert.deciding, alert.claim
    if deciding is None or deciding.episode is None or claim is None or alert.known_since is None:
        return []
    old = "" if alert.is_current else _last_known(alert, claim)
    text = sentences.since(alert.first_known, _known_day(alert, alert.known_since), old)
    return [text, sentences.ends(deciding.episode, alert.until, _newest_report(alert, claim))]


def _known_day(alert: Alert, day: date) -> str:
    return words.day_known(day, is_assumed=day in alert.claims.inputs.assumed_days)


def _last_known(alert: Alert, claim: ClaimedFigure) -> str:
    """Up to when an alert that is not current was known; of one over other alerts, up to when the newest of these."""
    if claim.last_look:
        return f"last look {words.day(claim.last_look)}"
    verdicts = [other.verdict for other in alert.claims.inputs.other_indicators.values()]
    others = [one.claim.period.end for one in verdicts if one.claim and one.is_open]
    return f"last known on {words.day(max(others, default=claim.period.end))}"


def _newest_report(alert: Alert, claim: ClaimedFigure) -> str:
    """The day of the last publication of a source that does not only repeat another."""
    own = [one for one in alert.claims.inputs.members if not alert.claims.sources[one.origin].repeats]
    known = [one.known_at[one.current & one.has_figure] for one in own]
    newest = [day_of(instants.max()) for instants in known if len(instants)]
    return _known_day(alert, max([claim.published_at or claim.known_on, *newest]))


def _finding(alert: Alert) -> str:
    deciding, claim = alert.deciding, alert.claim
    if deciding is None or claim is None or deciding.severity is None:
        return ""
    statement = _statement(alert, deciding, claim)
    if deciding.severity is Severity.NORMAL:
        return sentences.all_clear(statement, claim.period.end)
    passing_claim = _passing_claim(alert, deciding, claim)
    return sentences.breach(
        deciding.assessment,
        deciding.position,
        alert.claims.context,
        claim,
        statement=statement,
        passing_claim=passing_claim,
        support=alert.support,
    )


def _passing_claim(alert: Alert, deciding: DecidingObservation, claim: ClaimedFigure) -> str:
    """The claimant by whose figure the largest claims pass together; "" where it is the largest claim's own."""
    anchor = alert.claims.indicator.anchor
    if anchor is None:
        return ""
    return alert.claims.passing_claim_in_words(
        deciding.assessment, deciding.position, anchor.period(alert.claims.context.as_of), claim
    )


def _statement(alert: Alert, deciding: DecidingObservation, claim: ClaimedFigure) -> str:
    """The joint claims of several claimants, then the deciding figure; of one claimant the figure alone."""
    inputs = alert.claims.inputs
    row = int(deciding.assessment.series.row[deciding.position])
    conversion = inputs.conversions.at(inputs.table.frame, row) if row >= 0 else None
    decided = deciding.assessment.decided_at(deciding.position)
    threshold = deciding.assessment.thresholds[decided] if decided >= 0 else None
    figure = sentences.claim_in_words(claim, str(conversion or ""), threshold)
    if not is_multiple(alert.claims.indicator):
        return figure
    together = [sentences.headline(one) for one in alert.headlines]
    if alert.events:
        together.append(sentences.events_in_words(alert.events, claim.figure.unit))
    asks_for_a_number = decided >= 0 and not math.isnan(float(deciding.assessment.bounds[decided][deciding.position]))
    return ". ".join([*together, figure] if asks_for_a_number or not together else together)


def _as_severe(current: CurrentState) -> list[Episode]:
    """The breaches at least as severe as the deciding one, and passed by as low an end: lesser ones prolong nothing."""
    if current.deciding is None or current.deciding.episode is None:
        return list(current.episodes)
    return current.episodes_from(current.deciding.episode.rank)
