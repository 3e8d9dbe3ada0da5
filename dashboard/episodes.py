"""Breaches over time -> episodes with their states.

Missing and unjudged observations neither begin nor end anything: silence never resolves an alert.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np

from dashboard.assess import rank
from dashboard.model import Assessment, Certainty, Episode, Severity, State
from dashboard.periods import Duration, day_of


def find_episodes(assessment: Assessment, windows: Sequence[Duration | None], as_of: date) -> tuple[Episode, ...]:
    """The episodes of one series, oldest first.

    `windows` says for each threshold how long a breach of it fires by itself; None: until a newer figure is normal.
    After its window a breach stands on record; somebody who looks and sees none resolves it, however late.
    """
    episodes: list[Episode] = []
    run: list[int] = []
    for position in _judged(assessment):
        breaches = assessment.severity[position] >= Severity.WARNING
        if run and breaches and _window_has_passed(assessment, run, position, windows):
            episodes.append(episode_of(assessment, run, State.ON_RECORD, windows))
            run = []
        if breaches:
            run.append(position)
        elif run:
            episodes.append(episode_of(assessment, run, State.RESOLVED, windows))
            run = []
    if run:
        until = _until(assessment, run[-1], windows)
        state = State.FIRING if until is None or as_of <= until else State.ON_RECORD
        episodes.append(episode_of(assessment, run, state, windows))
    return tuple(episodes)


def episode_of(
    assessment: Assessment, run: Sequence[int], state: State, windows: Sequence[Duration | None] = ()
) -> Episode:
    """The episode of breaching observations `run`, in order; since when is counted without a break."""
    series, head = assessment.series, run[-1]
    severity, certainty = int(assessment.severity[head]), int(assessment.certainty[head])
    least = rank(severity, certainty)
    lasting = len(run)
    while lasting > 1 and rank(*_level(assessment, run[lasting - 2])) >= least:
        lasting -= 1
    alike = run[lasting - 1 :]
    return Episode(
        source=series.source,
        state=state,
        severity=Severity(severity),
        certainty=Certainty(certainty),
        began=day_of(series.start[run[0]]),
        first=day_of(series.end[run[0]]),
        since=day_of(series.end[alike[0]]),
        last=day_of(series.end[head]),
        until=_until(assessment, head, windows) if windows else None,
        known_since=min(day_of(assessment.known_since[position]) for position in alike),
        head=head,
    )


def _level(assessment: Assessment, position: int) -> tuple[int, int]:
    return int(assessment.severity[position]), int(assessment.certainty[position])


def _judged(assessment: Assessment) -> list[int]:
    usable = assessment.series.current & (assessment.severity >= int(Severity.NORMAL))
    return [int(position) for position in np.flatnonzero(usable)]


def _until(assessment: Assessment, position: int, windows: Sequence[Duration | None]) -> date | None:
    window = windows[int(assessment.threshold[position])]
    return window.after(day_of(assessment.series.end[position])) if window else None


def _window_has_passed(
    assessment: Assessment, run: Sequence[int], position: int, windows: Sequence[Duration | None]
) -> bool:
    until = _until(assessment, run[-1], windows)
    return until is not None and day_of(assessment.series.end[position]) > until
