"""The current state of an indicator whose lines are judged figure by figure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Sequence
from datetime import date

import numpy as np

from dashboard.catalog import Indicator
from dashboard.domain import DataState, Episode, PassedBy, Series, Severity, State
from dashboard.domain.dates import Duration
from dashboard.evaluation.breaches.episodes import find_episodes
from dashboard.evaluation.current.current_state import CurrentState, DecidingObservation, worst
from dashboard.evaluation.current.preference import lines_with_a_say
from dashboard.series import IndicatorInputs
from dashboard.thresholds import NOT_ASSESSED, Assessment

NEWS_LASTS = Duration(days=90)  # how long an event or a running total fires, unless a threshold says otherwise


def state_by_figures(
    indicator: Indicator,
    inputs: IndicatorInputs,
    assessments: Sequence[Assessment],
    official: Collection[str],
    as_of: date,
) -> CurrentState:
    """The state by the newest figures of all lines; `official` names the sources that count first."""
    episodes = [_episodes(indicator, assessment, inputs, as_of) for assessment in assessments]
    by_line = [_deciding_of_line(*line) for line in zip(assessments, episodes, strict=True)]
    if indicator.combine == "prefer":
        numbers = _preferred_lines(by_line, assessments, inputs)
        by_line, episodes = [by_line[number] for number in numbers] or [None], [episodes[number] for number in numbers]
    deciding = worst(by_line, official)
    state = deciding.state if deciding else State.INACTIVE
    return CurrentState(deciding, tuple(by_line), tuple(each for line in episodes for each in line), state)


def windows_of(indicator: Indicator, series: Series) -> list[Duration | None]:
    """How long a breach of each threshold fires by itself; None: until a newer figure is normal."""
    default = NEWS_LASTS if series.windowed else None
    windows = [threshold.alarm_window for threshold in indicator.thresholds]
    stated = next((window for window in windows if window), None)
    return [window or (stated if default else None) or default for window in windows]


def _episodes(
    indicator: Indicator, assessment: Assessment, inputs: IndicatorInputs, as_of: date
) -> tuple[Episode, ...]:
    """The episodes of one line, memoized: of the instant it only matters which of their windows have passed.

    Lines whose episodes depend on the day in another way are not memoized: a recovery is kept on for days after its
    end, a line of its own counts days, and lesser news may outlast greater.
    """

    def find() -> tuple[Episode, ...]:
        if assessment.series.by_period:
            return _episodes_by_period(indicator, assessment, as_of)
        return find_episodes(assessment, indicator.thresholds, windows_of(indicator, assessment.series), as_of)

    keeps = any(threshold.lifecycle.keep for threshold in indicator.thresholds)
    if keeps or indicator.own_line is not None or _may_fade(indicator, assessment):
        return find()
    remember = inputs.table.memo.get
    day, episodes = remember(lambda: (as_of, find()), "episodes", indicator, assessment, observations=0)
    windows = sorted({episode.until for episode in episodes if episode.until})
    passed = bisect_left(windows, as_of)
    if passed == bisect_left(windows, day):
        return episodes
    return remember(find, "episodes", indicator, assessment, passed, observations=0)


def _may_fade(indicator: Indicator, assessment: Assessment) -> bool:
    """Whether news of less weight may outlast news of more: of another threshold, or passing only at its highest."""
    if not any(windows_of(indicator, assessment.series)):
        return False
    pairs = zip(assessment.passed, indicator.thresholds, strict=True)
    alarms = [passed for passed, threshold in pairs if threshold.is_alarm]
    return len(alarms) > 1 or any((passed == PassedBy.HIGHEST).any() for passed in alarms)


def _episodes_by_period(indicator: Indicator, assessment: Assessment, as_of: date) -> tuple[Episode, ...]:
    """The breaches of a line of cap periods: each period is judged by itself, and none begins or ends another's."""
    windows, series = windows_of(indicator, assessment.series), assessment.series
    episodes: list[Episode] = []
    for key in dict.fromkeys(series.key.tolist()):
        own = np.flatnonzero(series.key == key)
        breaches = find_episodes(assessment.take(own), indicator.thresholds, windows, as_of)
        episodes += [episode._replace(head=int(own[episode.head])) for episode in breaches]
    return tuple(episodes)


def _deciding_of_line(assessment: Assessment, episodes: Sequence[Episode]) -> DecidingObservation | None:
    """The current breach, or else the figure that has the last word, whether it could be judged or not."""
    newest = assessment.series.newest
    if newest is None:
        return None
    if assessment.series.by_period and 0 <= assessment.severity[newest] < Severity.WARNING:
        is_on_record = any(episode.state is State.ON_RECORD for episode in episodes)
        return DecidingObservation(assessment, newest, State.ON_RECORD if is_on_record else State.INACTIVE)
    if episodes and episodes[-1].state is not State.RESOLVED:
        return DecidingObservation(assessment, episodes[-1].head, episodes[-1].state, episodes[-1])
    return DecidingObservation(assessment, _last_word(assessment), State.RESOLVED if episodes else State.INACTIVE)


def _last_word(assessment: Assessment) -> int:
    """The position of the figure that has the last word, where no figure follows several.

    A figure that is not assessed comes first, then the worst, then the one that begins last: so a normal year hides no
    month in it of which nothing can be said.
    """
    series, ranks, places = assessment.series, assessment.ranks, assessment.series.last_words
    if len(places) == 1:
        return int(places[0])
    return int(max(places, key=lambda at: (ranks[at] == NOT_ASSESSED, ranks[at], series.start[at], series.end[at], at)))


def _preferred_lines(
    by_line: Sequence[DecidingObservation | None], assessments: Sequence[Assessment], inputs: IndicatorInputs
) -> list[int]:
    """The numbers of the lines that count with `prefer`: no preferred line has judged their period or a later one.

    A calm figure that cannot be trusted leaves the word to other lines, if there are any. A breach never does, nor does
    a figure that could not be judged.
    """
    states = [None if each is None else inputs.state_on(each.assessment.series.origin, each.day) for each in by_line]
    positions = [None if each is None else each.position for each in by_line]
    subjects = [inputs.subject_of(assessment.series) for assessment in assessments]
    trusted = [state is not None and state.is_trusted for state in states]
    numbers = lines_with_a_say(assessments, subjects, positions, trusted)
    counting = [number for number in numbers if trusted[number] or _is_open(by_line[number], states[number])]
    return counting or numbers


def _is_open(deciding: DecidingObservation | None, state: DataState | None) -> bool:
    """Whether a line is in breach, or cannot be assessed; of a source that has ended only a breach counts."""
    if deciding is None:
        return False
    if deciding.severity is None:
        return state is not DataState.ENDED
    return deciding.severity.is_alarm
