"""What is said of an indicator's alert: the figure that speaks, since when, how current and how supported it is."""

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
)
from dashboard.domain.dates import Anchor, Period, day_of
from dashboard.domain.text import wording as words
from dashboard.evaluation import sentences
from dashboard.evaluation.current.current_state import CurrentState, DecidingObservation
from dashboard.evaluation.support import support_of
from dashboard.thresholds import Assessment, rank


@dataclass(frozen=True, eq=False)
class Alert:
    """What is said of what stands.

    claim: the figure that speaks; first: the one by which so severe a breach became known, ever, or in the cap's open
    period; is_current: false where the figure that decides an open alert is past its time; until: the end of the last
    window of the alert.
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
        said: Claims,
        current: CurrentState,
        assessments: Sequence[Assessment],
        known_since: date | None,
        period: Period | None,
    ) -> Alert:
        deciding, indicator = current.deciding, said.indicator
        claim = said.claim_at(deciding.assessment, deciding.position) if deciding else None
        windows = [one.until for one in _as_bad(current) if deciding and one.state is deciding.state and one.until]
        return cls(
            claims=said,
            current=current,
            claim=claim,
            first_known=_first_known(said, deciding, assessments, period),
            known_since=known_since,
            is_current=claim is None or not current.state.is_open or _is_current(said, claim),
            until=max(windows, default=None),
            headlines=headlines(indicator, said.inputs, said.sources),
            events=dated_events(indicator, said.inputs, said.sources),
            support=support_of(indicator, current, said.inputs, said.sources, said.context),
        )

    @property
    def deciding(self) -> DecidingObservation | None:
        return self.current.deciding


def _first_known(
    said: Claims, deciding: DecidingObservation | None, assessments: Sequence[Assessment], period: Period | None
) -> ClaimedFigure | None:
    if deciding is None or not (deciding.severity and deciding.severity.is_alarm):
        return None
    series = deciding.assessment.series
    if series.looked:
        return None  # of another report that was owed once nothing is said
    least = rank(int(deciding.severity), int(deciding.passed_by or 0))
    if series.by_period:
        return _as_sure(said.first_breach_beside(deciding.position, deciding.assessment, least), deciding)
    if period is not None:
        found = [claim for one in assessments if (claim := said.first_breach_of_cap(period, one, least))]
        return min(found, key=lambda claim: claim.known_on, default=None)
    return _as_sure(said.first_breach_ever(assessments, rank(int(deciding.severity), 0)), deciding)


def _as_sure(first: ClaimedFigure | None, deciding: DecidingObservation) -> ClaimedFigure | None:
    """The figure by which an alert was known first; that it passed by another end than now is told of it."""
    if first is None or deciding.passed_by is None:
        return first
    threshold = deciding.assessment.thresholds[int(deciding.assessment.decided_by[deciding.position])]
    return first._replace(passed="") if first.passed == threshold.wording.phrase(deciding.passed_by) else first


def _is_current(said: Claims, claim: ClaimedFigure) -> bool:
    """Whether the figure that decides is younger than what its sources allow; of several the most patient counts."""
    indicator, as_of = said.indicator, said.context.as_of
    if indicator.own_line and indicator.own_line.caps:
        return True  # it is open only as long as it is news
    if indicator.needs:
        verdicts = (other.verdict for other in said.inputs.other_indicators.values())
        return any(verdict.is_current and verdict.is_open for verdict in verdicts)
    names = [claim.source] if claim.source in said.sources else indicator.sources
    return any(as_of <= said.sources[name].stale_age.after(claim.looked or claim.period.end) for name in names)


def verdict_sentence(
    spoken: Alert,
    newest: Sequence[LatestFigure],
    data_state: DataState,
    reasons: Sequence[str],
    on_record: Sequence[PastBreach],
    withdrawals: Sequence[Withdrawal],
) -> str:
    """The verdict in words: what was found or why nothing can be said, since when, what is gone, and how old it is."""
    context = spoken.claims.context
    parts = [sentences.not_assessed(reasons) if reasons else _finding(spoken), *_since(spoken)]
    parts += [sentences.withdrawal(one) for one in withdrawals if one.is_open]
    if anchor := spoken.claims.indicator.anchor:
        parts.append(sentences.closed_periods(on_record, _unknown_periods(on_record, anchor, context.as_of)))
    if spoken.claim is None or spoken.claim.looked is None:  # else the last look has been told
        parts.append(sentences.trust(newest, data_state, context.as_of))
    return " ".join(part for part in parts if part)


def _unknown_periods(records: Sequence[PastBreach], anchor: Anchor, as_of: date) -> list[str]:
    """The closed periods since the first on record of which nothing can be said, those without any figure too."""
    named = {one.period: one.severity for one in records}
    ends = [one.claim.period.end for one in records if one.claim]
    if not ends:
        return []
    periods = [str(period) for period in anchor.periods(min(ends), as_of)[0] if period.end < as_of]
    return [period for period in periods if named.get(period) is None]


def _since(spoken: Alert) -> list[str]:
    deciding, claim = spoken.deciding, spoken.claim
    if deciding is None or deciding.episode is None or claim is None or spoken.known_since is None:
        return []
    old = "" if spoken.is_current else _last_known(spoken, claim)
    said = sentences.since(spoken.first_known, spoken.known_since, old)
    return [said, sentences.ends(deciding.episode, spoken.until, _newest_report(spoken, claim))]


def _last_known(spoken: Alert, claim: ClaimedFigure) -> str:
    """Up to when an alert that is not current was known; of one over other alerts, up to when the newest of these."""
    if claim.looked:
        return f"last look {words.day(claim.looked)}"
    verdicts = [other.verdict for other in spoken.claims.inputs.other_indicators.values()]
    others = [one.claim.period.end for one in verdicts if one.claim and one.is_open]
    return f"last known on {words.day(max(others, default=claim.period.end))}"


def _newest_report(spoken: Alert, claim: ClaimedFigure) -> date:
    """When anybody who does not only retell published a figure last."""
    own = [one for one in spoken.claims.inputs.members if not spoken.claims.sources[one.origin].repeats]
    known = [one.known_at[one.current & one.has_figure] for one in own]
    newest = [day_of(instants.max()) for instants in known if len(instants)]
    return max([claim.published_at or claim.known_on, *newest])


def _finding(spoken: Alert) -> str:
    deciding, claim = spoken.deciding, spoken.claim
    if deciding is None or claim is None or deciding.severity is None:
        return ""
    said = _told(spoken, deciding, claim)
    if deciding.severity is Severity.NORMAL:
        return f"{said}: no threshold is passed up to {words.day(claim.period.end)}."
    earned = _earned(spoken, deciding, claim)
    return sentences.breach(
        deciding.assessment,
        deciding.position,
        spoken.claims.context,
        claim,
        said=said,
        earned=earned,
        support=spoken.support,
    )


def _earned(spoken: Alert, deciding: DecidingObservation, claim: ClaimedFigure) -> str:
    """By whose figure the end passes that the largest claims pass by together, where it is not the largest one's."""
    anchor = spoken.claims.indicator.anchor
    if anchor is None:
        return ""
    return spoken.claims.passing_claim_in_words(
        deciding.assessment, deciding.position, anchor.period(spoken.claims.context.as_of), claim
    )


def _told(spoken: Alert, deciding: DecidingObservation, claim: ClaimedFigure) -> str:
    """Of several claimants what they say together, then the figure that decides; of one his figure."""
    inputs = spoken.claims.inputs
    row = int(deciding.assessment.series.row[deciding.position])
    conversion = inputs.conversions.at(inputs.table.frame, row) if row >= 0 else None
    decided = int(deciding.assessment.decided_by[deciding.position])
    threshold = deciding.assessment.thresholds[decided] if decided >= 0 else None
    figure = sentences.told(claim, str(conversion or ""), threshold)
    if not is_multiple(spoken.claims.indicator):
        return figure
    together = [sentences.headline(one) for one in spoken.headlines]
    if spoken.events:
        together.append(sentences.dated(spoken.events, claim.figure.unit))
    asks_for_a_number = decided >= 0 and not math.isnan(float(deciding.assessment.bounds[decided][deciding.position]))
    return ". ".join([*together, figure] if asks_for_a_number or not together else together)


def _as_bad(current: CurrentState) -> list[Episode]:
    """The breaches as severe as the one that speaks, and passed by as low an end: lesser ones prolong nothing."""
    if current.deciding is None or current.deciding.episode is None:
        return list(current.episodes)
    least = rank(int(current.deciding.episode.severity), int(current.deciding.episode.passed_by))
    return [one for one in current.episodes if rank(int(one.severity), int(one.passed_by)) >= least]
