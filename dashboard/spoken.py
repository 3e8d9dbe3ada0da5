"""What is said of an indicator's alert: the figure that speaks, since when, how current and how supported it is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from dashboard import sentences, words
from dashboard.assess import Assessment, rank
from dashboard.claims import Claims, dated_events, headlines, is_multiple
from dashboard.model import (
    ClaimedFigure,
    DataState,
    DatedEvents,
    Episode,
    Headline,
    Newest,
    OnRecord,
    Severity,
    State,
    Support,
    Withdrawal,
)
from dashboard.periods import Period
from dashboard.standing import Head, Standing
from dashboard.support import support_of

_OPEN = (State.FIRING, State.RECOVERING, State.PENDING)


@dataclass(frozen=True, eq=False)
class Spoken:
    """What is said of what stands.

    claim: the figure that speaks; first: the one by which so severe a breach became known, ever, or in the cap's open
    period; is_current: false where the figure that decides an open alert is past its time; until: the end of the last
    window of the alert.
    """

    said: Claims
    standing: Standing
    claim: ClaimedFigure | None
    first: ClaimedFigure | None
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
        standing: Standing,
        assessments: Sequence[Assessment],
        known_since: date | None,
        period: Period | None,
    ) -> Spoken:
        head, indicator = standing.head, said.indicator
        claim = said.at(head.assessment, head.position) if head else None
        windows = [one.until for one in _as_bad(standing) if head and one.state is head.state and one.until]
        return cls(
            said=said,
            standing=standing,
            claim=claim,
            first=_first_known(said, head, assessments, period),
            known_since=known_since,
            is_current=claim is None or standing.state not in _OPEN or _is_current(said, claim),
            until=max(windows, default=None),
            headlines=headlines(indicator, said.gathered, said.sources),
            events=dated_events(indicator, said.gathered, said.sources),
            support=support_of(indicator, standing, said.gathered, said.sources, said.setting),
        )

    @property
    def head(self) -> Head | None:
        return self.standing.head


def _first_known(
    said: Claims, head: Head | None, assessments: Sequence[Assessment], period: Period | None
) -> ClaimedFigure | None:
    if head is None or head.severity is None or head.severity < Severity.WARNING:
        return None
    series = head.assessment.series
    if series.looked:
        return None  # of another report that was owed once nothing is said
    if series.by_period:
        return said.first_of_period(head.assessment, head.severity, head.position)
    if period is not None:
        return said.first_known_in(period, head.assessment, head.severity)
    return said.first_of_all(assessments, head.severity)


def _is_current(said: Claims, claim: ClaimedFigure) -> bool:
    """Whether the figure that decides is younger than what its sources allow; of several the most patient counts."""
    indicator, as_of = said.indicator, said.setting.as_of
    if indicator.own_line and indicator.own_line.needs_caps:
        return True  # it is open only as long as it is news
    if indicator.needs:
        return any(other.is_current and other.state in _OPEN for other in said.gathered.others.values())
    names = [claim.source] if claim.source in said.sources else indicator.sources
    return any(as_of <= said.sources[name].stale.after(claim.looked or claim.period.end) for name in names)


def verdict_sentence(
    spoken: Spoken,
    newest: Sequence[Newest],
    data_state: DataState,
    reasons: Sequence[str],
    on_record: Sequence[OnRecord],
    withdrawals: Sequence[Withdrawal],
) -> str:
    """The verdict in words: what was found or why nothing can be said, since when, what is gone, and how old it is."""
    setting = spoken.said.setting
    parts = [sentences.not_assessed(reasons) if reasons else _finding(spoken), *_since(spoken)]
    parts += [sentences.withdrawal(one) for one in withdrawals if one.is_open]
    if spoken.said.indicator.anchor:
        parts.append(sentences.closed_periods(on_record))
    if spoken.claim is None or spoken.claim.looked is None:  # else the last look has been told
        parts.append(sentences.trust(newest, data_state, setting.as_of))
    return " ".join(part for part in parts if part)


def _since(spoken: Spoken) -> list[str]:
    head, claim = spoken.head, spoken.claim
    if head is None or head.episode is None or claim is None or spoken.known_since is None:
        return []
    last = claim.looked or claim.period.end
    said = sentences.since(spoken.first, spoken.known_since, is_current=spoken.is_current, last=last)
    newest = [one.newest for one in spoken.headlines]
    told = max(one.published_at or one.known_on for one in [claim, *newest])
    return [said, sentences.ends(head.episode, spoken.until, told)]


def _finding(spoken: Spoken) -> str:
    head, claim = spoken.head, spoken.claim
    if head is None or claim is None or head.severity is None:
        return ""
    said = _told(spoken, head, claim)
    if head.severity is Severity.NORMAL:
        return f"{said}: no threshold is passed up to {words.day(claim.period.end)}."
    return sentences.breach(
        head.assessment, head.position, spoken.said.setting, claim, said=said, support=spoken.support
    )


def _told(spoken: Spoken, head: Head, claim: ClaimedFigure) -> str:
    """Of several claimants what they say together, then the figure that decides; of one his figure."""
    gathered = spoken.said.gathered
    row = int(head.assessment.series.row[head.position])
    conversion = gathered.conversions.at(gathered.table.frame, row) if row >= 0 else None
    decided = int(head.assessment.threshold[head.position])
    threshold = head.assessment.thresholds[decided] if decided >= 0 else None
    figure = sentences.told(claim, str(conversion or ""), threshold)
    if not is_multiple(spoken.said.indicator):
        return figure
    together = [sentences.headline(one) for one in spoken.headlines]
    if spoken.events:
        together.append(sentences.dated(spoken.events, claim.unit))
    asks_for_a_number = decided >= 0 and not math.isnan(float(head.assessment.bounds[decided][head.position]))
    return ". ".join([*together, figure] if asks_for_a_number or not together else together)


def _as_bad(standing: Standing) -> list[Episode]:
    """The breaches as severe as the one that speaks, and passed by as low an end: lesser ones prolong nothing."""
    if standing.head is None or standing.head.episode is None:
        return list(standing.episodes)
    least = rank(int(standing.head.episode.severity), int(standing.head.episode.passed_by))
    return [one for one in standing.episodes if rank(int(one.severity), int(one.passed_by)) >= least]
