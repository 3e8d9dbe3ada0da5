"""The five axes of a verdict: severity, which end passes, state, trust in the data, support; and their words."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Severity(IntEnum):
    """What the value says. "Not assessed" is the absence of a severity: `None`, never `NORMAL`."""

    NORMAL = 0
    INFO = 1
    WARNING = 2
    CRITICAL = 3

    def __bool__(self) -> bool:
        return True  # "if severity" asks whether there is one, and normal is one

    @property
    def word(self) -> str:
        return self.name.lower()


class PassedBy(IntEnum):
    """Which end of a figure's range passes a threshold. It says nothing about whether the claimant is right."""

    HIGHEST = 1
    VALUE = 2
    LOWEST = 3

    @property
    def word(self) -> str:
        return self.name.lower()

    @property
    def phrase(self) -> str:
        """How it reads beside a figure: `even at its lowest`."""
        return _PHRASES[self]


_PHRASES = {
    PassedBy.HIGHEST: "only at its highest",
    PassedBy.VALUE: "at its stated value",
    PassedBy.LOWEST: "even at its lowest",
}


class State(StrEnum):
    """Where the episode is."""

    INACTIVE = "inactive"
    PENDING = "pending"
    FIRING = "firing"
    RECOVERING = "recovering"
    RESOLVED = "resolved"
    ON_RECORD = "on_record"
    WITHDRAWN = "withdrawn"


class DataState(StrEnum):
    """Whether the data can be trusted."""

    FRESH = "fresh"
    LATE = "late"
    STALE = "stale"
    ENDED = "ended"
    NO_DATA = "no_data"
    ERROR = "error"
