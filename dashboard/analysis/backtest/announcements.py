"""Follows announced episodes from one verdict to the next: each is continued, ended or withdrawn, or is new."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from dashboard.analysis.backtest.history import AnnouncedEpisode, Span
from dashboard.domain import Episode, State, rank
from dashboard.evaluation import Evaluation, is_the_same_line

_ONE_DAY = timedelta(days=1)


def follow(
    announced: Sequence[AnnouncedEpisode], evaluation: Evaluation, day: date, *, lasting: int
) -> list[AnnouncedEpisode]:
    """The announced episodes after the verdict of `day`, which stands for `lasting` days."""
    episodes = [episode for episode in evaluation.episodes if episode.state is not State.PENDING]
    by_period = any(assessment.series.by_period for assessment in evaluation.assessments)
    span_of = _span_of_period if by_period else _span
    continued = _continuations(announced, episodes, span_of)
    followed = [
        _continued(earlier, continued[number], span_of, day, lasting)
        if number in continued
        else _without_support(earlier, evaluation, day)
        for number, earlier in enumerate(announced)
    ]
    known = [id(episode) for episode in continued.values()]
    return followed + [
        replace(_opened(episode, span_of, day, lasting), is_assumed=_is_assumed(evaluation, day, episode.known_since))
        for episode in episodes
        if id(episode) not in known
    ]


def _is_assumed(evaluation: Evaluation, *days: date) -> bool:
    """Whether any of these days follows from an assumed publication."""
    return not evaluation.assumed_days.isdisjoint(days)


def _span(episode: Episode) -> Span:
    return episode.first, episode.last


def _span_of_period(episode: Episode) -> Span:
    """A cap's period counts from its first day on: it is the same period however far its figures reach."""
    return episode.began, episode.last


def _continuations(
    announced: Sequence[AnnouncedEpisode], episodes: Sequence[Episode], span_of: Callable[[Episode], Span]
) -> dict[int, Episode]:
    """The episode that continues each announced one, by the announced one's position.

    An episode continues the first announced one like it that no other episode continues. Where a later figure has
    joined two announced episodes, the joint one continues both.
    """
    continued: dict[int, Episode] = {}
    for episode in episodes:
        free = [
            number
            for number, earlier in enumerate(announced)
            if number not in continued and _is_the_same(earlier, episode, span_of(episode))
        ]
        continued |= dict.fromkeys(free[:1], episode)
    for number, earlier in enumerate(announced):
        later = [episode for episode in episodes if _is_the_same(earlier, episode, span_of(episode))]
        if later:
            continued.setdefault(number, later[0])
    return continued


def _is_the_same(announced: AnnouncedEpisode, episode: Episode, span: Span) -> bool:
    """Whether an episode overlaps in time, on the same line, an announced one that was not withdrawn."""
    return (
        announced.state is not State.WITHDRAWN
        and is_the_same_line(announced.source, episode.source)
        and announced.shares_a_day(span)
    )


def _opened(episode: Episode, span_of: Callable[[Episode], Span], day: date, lasting: int) -> AnnouncedEpisode:
    return AnnouncedEpisode(
        source=episode.source,
        severity=episode.severity,
        passed_by=episode.passed_by,
        began=episode.began,
        first=episode.first,
        span=span_of(episode),
        known_from=day,
        published=episode.known_since,
        until=None,
        fired_days=lasting if episode.state.is_on else 0,
        state=episode.state,
    )


def _continued(
    announced: AnnouncedEpisode, episode: Episode, span_of: Callable[[Episode], Span], day: date, lasting: int
) -> AnnouncedEpisode:
    is_on = episode.state.is_on
    is_worse = episode.rank > rank(announced.severity, announced.passed_by)
    return replace(
        announced,
        severity=episode.severity if is_worse else announced.severity,
        passed_by=episode.passed_by if is_worse else announced.passed_by,
        span=span_of(episode),
        until=None if is_on else _last_firing_day(announced, day),
        fired_days=announced.fired_days + (lasting if is_on else 0),
        state=episode.state,
    )


def _without_support(announced: AnnouncedEpisode, evaluation: Evaluation, day: date) -> AnnouncedEpisode:
    """The same where the verdict has no such episode: an ended one stays as it is, any other is withdrawn, unless its
    figures still pass and another source speaks."""
    if announced.state in (State.RESOLVED, State.WITHDRAWN):
        return announced
    state = State.ON_RECORD if _still_passes(announced, evaluation) else State.WITHDRAWN
    return replace(announced, until=_last_firing_day(announced, day), state=state)


def _last_firing_day(announced: AnnouncedEpisode, day: date) -> date | None:
    """The last day on which an episode fired that no longer does on `day`."""
    return day - _ONE_DAY if announced.state.is_on else announced.until


def _still_passes(announced: AnnouncedEpisode, evaluation: Evaluation) -> bool:
    first, last = (np.datetime64(day) for day in announced.span)
    for assessment in evaluation.assessments:
        series = assessment.series
        inside = series.current & (series.end >= first) & (series.end <= last)
        if is_the_same_line(announced.source, series.source) and bool((inside & assessment.is_alarm).any()):
            return True
    return False
