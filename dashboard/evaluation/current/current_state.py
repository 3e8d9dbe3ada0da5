"""Where an indicator stands: which observation speaks for it now, and what stands on record."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from dashboard.catalog import Indicator
from dashboard.domain import DataState, Episode, PassedBy, Series, Severity, State
from dashboard.domain.dates import Duration, Period, day_of
from dashboard.evaluation.breaches.episodes import find_episodes, find_period_episodes
from dashboard.evaluation.current.preference import lines_with_a_say
from dashboard.series import (
    IndicatorInputs,
    cap_groups,
    evaluation_context,
    lies_inside,
    replay_totals,
    split_by_period,
)
from dashboard.thresholds import NOT_ASSESSED, AssessedObservation, Assessment, assess, rank

NEWS_LASTS = Duration(days=90)  # how long an event or a running total fires, unless a threshold says otherwise


@dataclass(frozen=True, eq=False)
class DecidingObservation(AssessedObservation):
    """The observation that a line's verdict rests on now; `episode` is its breach, None where it belongs to none."""

    state: State
    episode: Episode | None = None

    @property
    def severity(self) -> Severity | None:
        """The breach's severity; else what the figure says."""
        if self.episode is not None:
            return self.episode.severity
        severity = int(self.assessment.severity[self.position])
        return Severity(severity) if severity >= 0 else None

    @property
    def passed_by(self) -> PassedBy | None:
        """The end that the breach passes by; else the figure's."""
        if self.episode is not None:
            return self.episode.passed_by
        passed_by = int(self.assessment.passed_by[self.position])
        return PassedBy(passed_by) if passed_by else None

    @property
    def day(self) -> date:
        """The last day that its figure is about."""
        return day_of(self.assessment.series.end[self.position])


@dataclass(frozen=True, eq=False)
class CurrentState:
    """What the lines say now.

    deciding: the worst of `by_line`, None where nothing is known now; by_line: one observation a line, None where that
    line has nothing to say now; closed_periods: the last total of each closed period.
    """

    deciding: DecidingObservation | None
    by_line: tuple[DecidingObservation | None, ...]
    episodes: tuple[Episode, ...]
    state: State
    closed_periods: tuple[tuple[Assessment, int], ...] = ()


def of_figures(
    indicator: Indicator,
    inputs: IndicatorInputs,
    assessments: Sequence[Assessment],
    official: Collection[str],
    as_of: date,
) -> CurrentState:
    """For series that are judged figure by figure; `official` names the sources that speak first."""
    found = [_episodes(indicator, one, inputs, as_of) for one in assessments]
    by_line = [_head_of_line(one, episodes) for one, episodes in zip(assessments, found, strict=True)]
    if indicator.combine == "prefer":
        numbers = _with_a_say(by_line, assessments, inputs)
        by_line, found = [by_line[number] for number in numbers] or [None], [found[number] for number in numbers]
    spoken = [deciding for deciding in by_line if deciding is not None]
    deciding = _worst(spoken, official) if spoken else None
    episodes = tuple(episode for each in found for episode in each)
    return CurrentState(deciding, tuple(by_line), episodes, deciding.state if deciding else State.INACTIVE)


def of_periods(
    indicator: Indicator,
    inputs: IndicatorInputs,
    assessments: Sequence[Assessment],
    period: Period,
    as_of: date,
    *,
    is_dated: bool = True,
) -> tuple[CurrentState, tuple[Assessment, ...]]:
    """For totals of a cap: the current period speaks, closed ones stand on record; since when is replayed, but where
    nobody asks for it (`is_dated`).

    Of the instant only the open period matters.
    """
    baselines = tuple(inputs.baselines.values())
    return inputs.table.memo.get(
        lambda: _of_periods(indicator, inputs, assessments, period, as_of, is_dated=is_dated),
        "periods", is_dated, indicator, inputs.members, inputs.unit, baselines, tuple(assessments), period,
        observations=sum(len(one.series) for one in assessments),
    )  # fmt: skip


def _of_periods(
    indicator: Indicator,
    inputs: IndicatorInputs,
    assessments: Sequence[Assessment],
    period: Period,
    as_of: date,
    *,
    is_dated: bool,
) -> tuple[CurrentState, tuple[Assessment, ...]]:
    assert indicator.anchor is not None
    by_line: list[DecidingObservation | None] = []
    episodes, closed, exact = [], [], []
    for one, (members, how) in zip(assessments, cap_groups(indicator, inputs), strict=True):
        parts = split_by_period(one.series.end, indicator.anchor)
        replayed = _replayed(indicator, one, parts, members, how, inputs, as_of) if is_dated else one
        exact.append(replayed)
        found = find_period_episodes(replayed, parts, period)
        episodes += [episode for episode in found if episode]
        speaks: DecidingObservation | None = None
        for (own, _, stop), episode in zip(parts, found, strict=True):
            if own == period:
                speaks = DecidingObservation(replayed, stop - 1, episode.state if episode else State.INACTIVE, episode)
            else:
                closed.append((replayed, stop - 1))
        by_line.append(speaks)
    spoken = [deciding for deciding in by_line if deciding is not None]
    deciding = _worst(spoken, ()) if spoken else None
    on_record = any(episode.state is State.ON_RECORD for episode in episodes)
    fires = deciding is not None and deciding.state is State.FIRING
    state = State.FIRING if fires else State.ON_RECORD if on_record else State.INACTIVE
    return CurrentState(deciding, tuple(by_line), tuple(episodes), state, tuple(closed)), tuple(exact)


def windows_of(indicator: Indicator, series: Series) -> list[Duration | None]:
    """For each threshold how long a breach of it fires by itself; None: until a newer figure is normal."""
    default = NEWS_LASTS if series.windowed else None
    stated = next((one.alarm_window for one in indicator.thresholds if one.alarm_window), None)
    return [one.alarm_window or (stated if default else None) or default for one in indicator.thresholds]


def _episodes(
    indicator: Indicator, assessment: Assessment, inputs: IndicatorInputs, as_of: date
) -> tuple[Episode, ...]:
    """The episodes of one line; of the instant it only matters which of their windows have passed."""

    def found() -> tuple[Episode, ...]:
        if assessment.series.by_period:
            return _of_each_period(indicator, assessment, as_of)
        return find_episodes(assessment, indicator.thresholds, windows_of(indicator, assessment.series), as_of)

    keeps = any(threshold.lifecycle.keep for threshold in indicator.thresholds)
    if keeps or indicator.own_line is not None or _fades(indicator, assessment):
        return (
            found()
        )  # it also matters what day it is, how long each is kept on after its end, or what is news longest
    remember = inputs.table.memo.get
    day, episodes = remember(lambda: (as_of, found()), "episodes", indicator, assessment, observations=0)
    windows = sorted({one.until for one in episodes if one.until})
    passed = bisect_left(windows, as_of)
    if passed == bisect_left(windows, day):
        return episodes
    return remember(found, "episodes", indicator, assessment, passed, observations=0)


def _fades(indicator: Indicator, assessment: Assessment) -> bool:
    """Whether news of less weight may outlast news of more: of another threshold, or passing only at its highest."""
    if not any(windows_of(indicator, assessment.series)):
        return False
    alarms = [passed for passed, one in zip(assessment.passed, indicator.thresholds, strict=True) if one.is_alarm]
    return len(alarms) > 1 or any((passed == PassedBy.HIGHEST).any() for passed in alarms)


def _of_each_period(indicator: Indicator, assessment: Assessment, as_of: date) -> tuple[Episode, ...]:
    """The breaches of a line of cap periods: each period is judged by itself, and none begins or ends another's."""
    windows, series = windows_of(indicator, assessment.series), assessment.series
    episodes = []
    for key in dict.fromkeys(series.key.tolist()):
        own = np.flatnonzero(series.key == key)
        found = find_episodes(assessment.take(own), indicator.thresholds, windows, as_of)
        episodes += [episode._replace(head=int(own[episode.head])) for episode in found]
    return tuple(episodes)


def _head_of_line(assessment: Assessment, episodes: Sequence[Episode]) -> DecidingObservation | None:
    """The current breach, or else the figure that has the last word, whether it could be judged or not."""
    newest = assessment.series.newest
    if newest is None:
        return None
    if assessment.series.by_period and _is_calm(assessment, newest):
        on_record = any(one.state is State.ON_RECORD for one in episodes)
        return DecidingObservation(assessment, newest, State.ON_RECORD if on_record else State.INACTIVE)
    if episodes and episodes[-1].state is not State.RESOLVED:
        return DecidingObservation(assessment, episodes[-1].head, episodes[-1].state, episodes[-1])
    return DecidingObservation(assessment, _last_word(assessment), State.RESOLVED if episodes else State.INACTIVE)


def _last_word(assessment: Assessment) -> int:
    """Where several figures are followed by none: one that is not assessed, else the worst, else what begins last.

    So a normal year hides no month in it of which nothing can be said.
    """
    series, ranks, places = assessment.series, assessment.ranks, assessment.series.last_words
    if len(places) == 1:
        return int(places[0])
    return int(max(places, key=lambda at: (ranks[at] == NOT_ASSESSED, ranks[at], series.start[at], series.end[at], at)))


def _with_a_say(
    by_line: Sequence[DecidingObservation | None], assessments: Sequence[Assessment], inputs: IndicatorInputs
) -> list[int]:
    """Numbers of the lines that count with `prefer`: those of which no preferred one has judged the period, or a later.

    A calm figure that cannot be trusted leaves the word to the others, if there are any. A breach never does, nor what
    could not be judged.
    """
    states = [
        None
        if deciding is None
        else inputs.state_on(_origin(deciding), day_of(deciding.assessment.series.end[deciding.position]))
        for deciding in by_line
    ]
    positions = [None if deciding is None else deciding.position for deciding in by_line]
    subjects = [inputs.subject_of(one.series) for one in assessments]
    trusted = [state is not None and state.is_trusted for state in states]
    numbers = lines_with_a_say(assessments, subjects, positions, trusted)
    speaking = [number for number in numbers if trusted[number] or _is_open(by_line[number], states[number])]
    return speaking or numbers


def _origin(deciding: DecidingObservation) -> str:
    return deciding.assessment.series.origin


def _is_open(deciding: DecidingObservation | None, state: DataState | None) -> bool:
    """Whether a breach stands there, or nothing can be said; of a source that has ended only a breach counts."""
    if deciding is None:
        return False
    if deciding.severity is None:
        return state is not DataState.ENDED
    return deciding.severity.is_alarm


def _is_calm(assessment: Assessment, position: int) -> bool:
    return bool(0 <= assessment.severity[position] < Severity.WARNING)


def _worst(by_line: Sequence[DecidingObservation], official: Collection[str]) -> DecidingObservation:
    """Firing before recovering, pending, on record and the rest; then severity, end that passes, official, date."""
    order = {State.FIRING: 5, State.RECOVERING: 4, State.PENDING: 3, State.ON_RECORD: 2}

    def weight(deciding: DecidingObservation) -> tuple[int, int, bool, date]:
        severity = -1 if deciding.severity is None else int(deciding.severity)
        series = deciding.assessment.series
        newest = day_of(series.end[deciding.position])
        return (
            order.get(deciding.state, 0),
            rank(severity, int(deciding.passed_by or 0)),
            series.origin in official,
            newest,
        )

    return max(by_line, key=weight)


def _replayed(
    indicator: Indicator,
    assessment: Assessment,
    parts: Sequence[tuple[Period, int, int]],
    members: Sequence[Series],
    how: str,
    inputs: IndicatorInputs,
    as_of: date,
) -> Assessment:
    """The assessment with the exact instant since which each period's verdict has been known."""
    context = evaluation_context(indicator, inputs, as_of)
    known_since = assessment.known_since.copy()
    for period, first, stop in parts:
        least = rank(int(assessment.severity[stop - 1]), int(assessment.passed_by[stop - 1]))
        if how == "sum" and _was_told_in_order(members, period):
            levels = zip(assessment.severity[first:stop], assessment.passed_by[first:stop], strict=True)
            path = [(int(severity), int(passed_by)) for severity, passed_by in levels]
            told = list(assessment.series.known_at[first:stop])
        else:
            path, told = [], []
            for instant, totals in replay_totals(members, how, period, as_of):
                then = assess(totals, indicator.thresholds, context)
                path.append((int(then.severity[-1]), int(then.passed_by[-1])))
                told.append(instant)
        since = _since(path, least)
        if since is not None:
            known_since[stop - 1] = told[since]
    return assessment.with_known_since(known_since)


def _was_told_in_order(members: Sequence[Series], period: Period) -> bool:
    """Without revisions, and each later figure published later: then the running totals are what was known when."""
    own = [member.take(np.flatnonzero(lies_inside(member, period))) for member in members]
    known_at = np.concatenate([member.known_at for member in own])
    end = np.concatenate([member.end for member in own])
    in_order = known_at[np.argsort(end, kind="stable")]
    return all(bool(member.current.all()) for member in own) and bool((in_order[1:] >= in_order[:-1]).all())


def _since(path: Sequence[tuple[int, int]], least: int) -> int | None:
    """Where the unbroken stretch begins in which it was at least as bad and as certain as at the end."""
    since = None
    for number in range(len(path) - 1, -1, -1):
        if rank(*path[number]) < least:
            break
        since = number
    return since
