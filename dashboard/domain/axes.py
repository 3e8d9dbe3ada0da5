"""The five axes of a verdict: severity, which end passes, state, trust in the data, support; and their words."""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Severity(IntEnum):
    """How bad the figure is. `None` means "not assessed"; it is never `NORMAL`."""

    NORMAL = 0
    INFO = 1
    WARNING = 2
    CRITICAL = 3

    def __bool__(self) -> bool:
        return True  # `if severity` asks whether the indicator was assessed, and normal is a severity

    @property
    def word(self) -> str:
        return self.name.lower()

    @property
    def is_alarm(self) -> bool:
        """Whether it is a warning or worse; context raises no alarm."""
        return self >= Severity.WARNING


class PassedBy(IntEnum):
    """The end of a figure's range that passes a threshold. It does not judge whether the claimant is right."""

    HIGHEST = 1
    VALUE = 2
    LOWEST = 3

    @property
    def word(self) -> str:
        return self.name.lower()

    @property
    def phrase(self) -> str:
        """The words beside a figure: `even at its lowest`."""
        return _PHRASES[self]


_PHRASES = {
    PassedBy.HIGHEST: "only at its highest",
    PassedBy.VALUE: "at its stated value",
    PassedBy.LOWEST: "even at its lowest",
}


def rank(severity: int, passed_by: int) -> int:
    """One number that grows with severity, then with how low an end passes."""
    return 4 * int(severity) + int(passed_by)


class State(StrEnum):
    """The state of an episode."""

    INACTIVE = "inactive"
    PENDING = "pending"
    FIRING = "firing"
    RECOVERING = "recovering"
    RESOLVED = "resolved"
    ON_RECORD = "on_record"
    WITHDRAWN = "withdrawn"

    @property
    def is_on(self) -> bool:
        """Whether an alert fires, a recovery that is not complete included."""
        return self in (State.FIRING, State.RECOVERING)

    @property
    def is_open(self) -> bool:
        """Whether an alert fires or is about to: it is on, or pending."""
        return self.is_on or self is State.PENDING


class DataState(StrEnum):
    """How far the data can be trusted. The members stand in the order of trust, the most trusted first."""

    FRESH = "fresh"
    LATE = "late"
    STALE = "stale"
    ENDED = "ended"
    NO_DATA = "no_data"
    ERROR = "error"

    @property
    def is_trusted(self) -> bool:
        """Whether the figures may support an all-clear: they are fresh, or late and not yet stale."""
        return self in (DataState.FRESH, DataState.LATE)

    @property
    def trust_rank(self) -> int:
        """0 for the most trusted state, growing with doubt."""
        return _TRUST_RANKS[self]


_TRUST_RANKS = {state: rank for rank, state in enumerate(DataState)}
