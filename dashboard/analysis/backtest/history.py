"""The result of a backtest: an indicator's status over time, and the episodes that it announced."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from dashboard.domain import PassedBy, Severity, State

Span = tuple[date, date]  # first and last day


@dataclass(frozen=True)
class AnnouncedEpisode:
    """An episode as it was announced live, and what became of it.

    severity, passed_by: at worst; began, first: first and last day of the first breaching observation, as announced;
    span: the last days of the first and the newest observation, as last known; of a cap's period it starts on the
    period's first day; known_from: the day of the announcement; published: the first publication that supports it;
    until: the last day on which it fired, None while it fires or where it never did; fired_days: on how many days it
    fired, the days of recovery included; state: as last known, `withdrawn` where the data support it no longer. Where
    another source now speaks (`prefer`), the breach stays on record. A pending breach has not been announced.
    is_assumed: whether `known_from` or `published` follows from an assumed publication.
    """

    source: str
    severity: Severity
    passed_by: PassedBy
    began: date
    first: date
    span: Span
    known_from: date
    published: date
    until: date | None
    fired_days: int
    state: State
    is_assumed: bool = False

    @property
    def days_after_end(self) -> int:
        """Days from the end of the period it is about to its first supporting publication."""
        return (self.published - self.first).days

    @property
    def days_after_start(self) -> int:
        """Days from the start of the period it is about to its first supporting publication."""
        return (self.published - self.began).days

    def shares_a_day(self, span: Span) -> bool:
        """Whether its span and another one overlap."""
        return self.span[0] <= span[1] and span[0] <= self.span[1]

    def as_json(self) -> dict[str, Any]:
        return {
            "source": self.source,
            "severity": self.severity.word,
            "passed_by": self.passed_by.word,
            "period_start": self.began.isoformat(),
            "period_end": self.first.isoformat(),
            "known_from": self.known_from.isoformat(),
            "until": self.until.isoformat() if self.until else None,
            "fired_days": self.fired_days,
            "first_published": self.published.isoformat(),
            "days_after_start": self.days_after_start,
            "days_after_end": self.days_after_end,
            "state": self.state.value,
            **({"published_assumed": True} if self.is_assumed else {}),
        }


@dataclass(frozen=True)
class Status:
    """An indicator's verdict from the end of `day` until the day of the next status."""

    day: date
    severity: Severity | None
    passed_by: PassedBy | None
    state: State


@dataclass(frozen=True)
class History:
    """One indicator's backtest: its statuses, and the episodes it announced, both oldest first."""

    indicator: str
    title: str
    statuses: tuple[Status, ...]
    episodes: tuple[AnnouncedEpisode, ...]

    @property
    def withdrawn(self) -> int:
        """How many announced episodes were withdrawn later."""
        return sum(episode.state is State.WITHDRAWN for episode in self.episodes)

    def status_on(self, day: date) -> Status | None:
        """The status at the end of a day; None before anything was known."""
        return next((status for status in reversed(self.statuses) if status.day <= day), None)

    def known_from(self, day: date) -> History:
        """The history without the episodes announced before a day."""
        return replace(self, episodes=tuple(episode for episode in self.episodes if episode.known_from >= day))

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.indicator,
            "title": self.title,
            "evaluations": len(self.statuses),
            "episodes": [episode.as_json() for episode in self.episodes],
            "withdrawn": self.withdrawn,
        }
