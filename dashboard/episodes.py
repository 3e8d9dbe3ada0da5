"""Breaches over time -> episodes with their states.

Missing and unjudged observations neither begin nor end anything: silence never resolves an alert.
"""

from __future__ import annotations

from datetime import date

import numpy as np

from dashboard.assess import rank
from dashboard.model import Assessment, Certainty, Episode, Severity, State
from dashboard.periods import Duration, day_of


def find_episodes(assessment: Assessment, fires_for: Duration | None, as_of: date) -> tuple[Episode, ...]:
    """The episodes of one series, oldest first.

    Without `fires_for` a breach lasts until a newer figure is normal. With it (news that ages: events, running
    totals) it fires that long after its newest breaching observation, then stands on record; somebody who looks
    and sees none resolves it, however late.
    """
    episodes: list[Episode] = []
    run: list[int] = []
    for position in _judged(assessment):
        breaches = assessment.severity[position] >= Severity.WARNING
        if run and breaches and _is_over(assessment, run, position, fires_for):
            episodes.append(_episode(assessment, run, State.ON_RECORD, fires_for))
            run = []
        if breaches:
            run.append(position)
        elif run:
            episodes.append(_episode(assessment, run, State.RESOLVED, fires_for))
            run = []
    if run:
        last = day_of(assessment.series.end[run[-1]])
        fires = fires_for is None or as_of <= fires_for.after(last)
        episodes.append(_episode(assessment, run, State.FIRING if fires else State.ON_RECORD, fires_for))
    return tuple(episodes)


def _judged(assessment: Assessment) -> list[int]:
    usable = assessment.series.current & (assessment.severity >= int(Severity.NORMAL))
    return [int(position) for position in np.flatnonzero(usable)]


def _is_over(assessment: Assessment, run: list[int], position: int, fires_for: Duration | None) -> bool:
    """Whether the window after the run's newest breach had passed before the next judged observation."""
    if fires_for is None:
        return False
    return day_of(assessment.series.end[position]) > fires_for.after(day_of(assessment.series.end[run[-1]]))


def _episode(assessment: Assessment, run: list[int], state: State, fires_for: Duration | None) -> Episode:
    head = run[-1]
    severity, certainty = assessment.severity[head], assessment.certainty[head]
    alike = [
        position
        for position in run
        if rank(assessment.severity[position], assessment.certainty[position]) >= rank(severity, certainty)
    ]
    last = day_of(assessment.series.end[head])
    return Episode(
        source=assessment.series.source,
        state=state,
        severity=Severity(int(severity)),
        certainty=Certainty(int(certainty)),
        first=day_of(assessment.series.end[run[0]]),
        since=day_of(assessment.series.end[alike[0]]),
        last=last,
        until=fires_for.after(last) if fires_for else None,
        known_since=min(day_of(assessment.known_since[position]) for position in alike),
        head=head,
    )
