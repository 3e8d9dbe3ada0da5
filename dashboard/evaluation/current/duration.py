"""Since when an alert has been there: the breaches of all lines that hand it on to each other without a break."""

from __future__ import annotations

from datetime import date

from dashboard.domain import Episode, State
from dashboard.evaluation.current.current_state import CurrentState


def since_when(current: CurrentState) -> tuple[date | None, date | None]:
    """Since when the present breach has been there, and since when that has been known; None without a breach."""
    episode = _present_breach(current)
    chain = _unbroken_chain(current, episode) if episode else []
    return min((each.since for each in chain), default=None), min((each.known_since for each in chain), default=None)


def _present_breach(current: CurrentState) -> Episode | None:
    """The breach of the deciding observation, else the newest on record."""
    if current.deciding is not None and current.deciding.episode is not None:
        return current.deciding.episode
    on_record = [episode for episode in current.episodes if episode.state is State.ON_RECORD]
    return on_record[-1] if on_record and current.state is State.ON_RECORD else None


def _unbroken_chain(current: CurrentState, episode: Episode) -> list[Episode]:
    """The episodes of all lines, at least as bad and as certain, that hand the alert on to each other until now."""
    if current.deciding is None or current.deciding.episode is None or current.deciding.assessment.series.by_period:
        return [episode]
    as_bad = current.episodes_from(episode.rank)
    chain = [each for each in as_bad if each.state is episode.state] if episode.state.is_open else [episode]
    while joining := [each for each in as_bad if each not in chain and _reaches(each, min(e.since for e in chain))]:
        chain += joining
    return chain


def _reaches(earlier: Episode, day: date) -> bool:
    last = earlier.ended or earlier.until
    return earlier.since <= day and (last is None or last >= day)
