"""Where an indicator stands: which observation speaks for it now, and what stands on record."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from dashboard import caps
from dashboard.assess import assess, rank
from dashboard.catalog import Indicator
from dashboard.episodes import find_episodes
from dashboard.gather import Gathered, cap_groups
from dashboard.model import Assessment, Certainty, Episode, Series, Severity, State
from dashboard.periods import Anchor, Duration, Period, day_of
from dashboard.thresholds import Setting

NEWS_LASTS = Duration(days=90)  # how long an event or a running total fires, unless a threshold says otherwise


@dataclass(frozen=True, eq=False)
class Head:
    """The observation that speaks for the indicator: `position` in the series of `assessment`."""

    assessment: Assessment
    position: int
    state: State
    severity: Severity | None
    certainty: Certainty | None
    since: date | None = None
    known_since: date | None = None
    episode: Episode | None = None


@dataclass(frozen=True, eq=False)
class Standing:
    """The head (None where nothing is known now), all episodes, and the last observation of closed periods."""

    head: Head | None
    episodes: tuple[Episode, ...]
    state: State
    closed: tuple[tuple[Assessment, int], ...] = ()


def of_figures(
    indicator: Indicator, assessments: Sequence[Assessment], official: Collection[str], as_of: date
) -> Standing:
    """For series that are judged figure by figure; `official` names the sources that speak first."""
    found = [find_episodes(one, _fires_for(indicator, one), as_of) for one in assessments]
    heads = [head for one, episodes in zip(assessments, found, strict=True) if (head := _head_of_line(one, episodes))]
    if not heads:
        return Standing(None, (), State.INACTIVE)
    if indicator.combine == "prefer":
        head = heads[0]
        found = [each for each in found if each and each[0].source == head.assessment.series.source]
    else:
        head = _worst(heads, official)
    episodes = tuple(episode for each in found for episode in each)
    return Standing(head, episodes, head.state)


def of_periods(
    indicator: Indicator, gathered: Gathered, assessments: Sequence[Assessment], period: Period, as_of: date
) -> tuple[Standing, tuple[Assessment, ...]]:
    """For totals of a cap: the current period speaks, closed ones stand on record; since when is replayed."""
    assert indicator.anchor is not None
    heads, episodes, closed, exact = [], [], [], []
    for one, (members, how) in zip(assessments, cap_groups(indicator, gathered), strict=True):
        last = caps.last_of_each_period(one.series, indicator.anchor)
        replayed = _replayed(indicator, one, last, members, how, gathered, as_of)
        exact.append(replayed)
        for position in last:
            is_open = day_of(one.series.end[position]) in period
            breaches = one.severity[position] >= Severity.WARNING
            state = (State.FIRING if is_open else State.ON_RECORD) if breaches else State.INACTIVE
            episode = _period_episode(replayed, position, state, indicator.anchor) if breaches else None
            if episode:
                episodes.append(episode)
            if is_open:
                heads.append(_head(replayed, position, state, episode))
            else:
                closed.append((replayed, position))
    head = _worst(heads, ()) if heads else None
    on_record = any(episode.state is State.ON_RECORD for episode in episodes)
    fires = head is not None and head.state is State.FIRING
    state = State.FIRING if fires else State.ON_RECORD if on_record else State.INACTIVE
    return Standing(head, tuple(episodes), state, tuple(closed)), tuple(exact)


def _fires_for(indicator: Indicator, assessment: Assessment) -> Duration | None:
    stated: list[Duration] = [one.fires_for for one in indicator.thresholds if one.fires_for]
    if stated:
        return max(stated, key=lambda duration: (duration.months, duration.days))
    return NEWS_LASTS if assessment.series.windowed else None


def _head_of_line(assessment: Assessment, episodes: Sequence[Episode]) -> Head | None:
    usable = np.flatnonzero(assessment.series.current & assessment.series.has_figure)
    if not usable.size:
        return None
    judged = [int(position) for position in usable if assessment.severity[position] >= 0]
    newest = judged[-1] if judged else int(usable[-1])
    if episodes and episodes[-1].state in (State.FIRING, State.ON_RECORD):
        episode = episodes[-1]
        return _head(assessment, episode.head, episode.state, episode)
    state = State.RESOLVED if episodes else State.INACTIVE
    return _head(assessment, newest, state, None)


def _head(assessment: Assessment, position: int, state: State, episode: Episode | None) -> Head:
    severity, certainty = int(assessment.severity[position]), int(assessment.certainty[position])
    return Head(
        assessment=assessment,
        position=position,
        state=state,
        severity=Severity(severity) if severity >= 0 else None,
        certainty=Certainty(certainty) if certainty else None,
        since=episode.since if episode else None,
        known_since=episode.known_since if episode else None,
        episode=episode,
    )


def _worst(heads: Sequence[Head], official: Collection[str]) -> Head:
    """Firing before on record before the rest; then severity, certainty, official sources, the newest date.

    Several lines that fire alike have one beginning: the earliest.
    """
    order = {State.FIRING: 3, State.ON_RECORD: 2}

    def weight(head: Head) -> tuple[int, int, bool, date]:
        severity = -1 if head.severity is None else int(head.severity)
        series = head.assessment.series
        newest = day_of(series.end[head.position])
        return (
            order.get(head.state, 0),
            rank(severity, int(head.certainty or 0)),
            series.source in official,
            newest,
        )

    worst = max(heads, key=weight)
    alike = [head for head in heads if weight(head)[:2] == weight(worst)[:2] and head.since and head.known_since]
    if not alike:
        return worst
    since = min(head.since for head in alike if head.since)
    known_since = min(head.known_since for head in alike if head.known_since)
    return replace(worst, since=since, known_since=known_since)


def _replayed(
    indicator: Indicator,
    assessment: Assessment,
    last: Sequence[int],
    members: Sequence[Series],
    how: str,
    gathered: Gathered,
    as_of: date,
) -> Assessment:
    """The assessment with the exact instant since which each period's verdict has been known."""
    assert indicator.anchor is not None
    setting = Setting(as_of, indicator.unit, indicator.limit, indicator.period_name, gathered.baselines)
    known_since = assessment.known_since.copy()
    for position in last:
        period = indicator.anchor.period(day_of(assessment.series.end[position]))
        least = rank(assessment.severity[position], assessment.certainty[position])
        since = None
        for instant, final in caps.replayed(members, how, period, as_of):
            then = assess(final, indicator.thresholds, setting)
            if rank(then.severity[0], then.certainty[0]) < least:
                since = None
            elif since is None:
                since = instant
        if since is not None:
            known_since[position] = since
    return replace(assessment, known_since=known_since)


def _period_episode(assessment: Assessment, position: int, state: State, anchor: Anchor) -> Episode:
    series = assessment.series
    period = anchor.period(day_of(series.end[position]))
    least = rank(assessment.severity[position], assessment.certainty[position])
    inside = [other for other in range(position + 1) if day_of(series.end[other]) in period]
    breaching = [other for other in inside if assessment.severity[other] >= Severity.WARNING]
    alike = [other for other in inside if rank(assessment.severity[other], assessment.certainty[other]) >= least]
    return Episode(
        source=series.source,
        state=state,
        severity=Severity(int(assessment.severity[position])),
        certainty=Certainty(int(assessment.certainty[position])),
        first=day_of(series.end[breaching[0]]),
        since=day_of(series.end[alike[0]]),
        last=day_of(series.end[position]),
        until=None,
        known_since=day_of(assessment.known_since[position]),
        head=position,
    )
