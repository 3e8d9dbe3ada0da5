"""The vocabulary: the words of the five axes, and the frozen types that flow between the stages.

Low, value and high are float64 with NaN for unknown; days are datetime64[D]; instants are datetime64[s] in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import IntEnum, StrEnum

import numpy as np
import pandas as pd

from dashboard.errors import Problem
from dashboard.periods import Period

Day = date  # inside a class that has a field named date


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


class Certainty(IntEnum):
    """Which end of the range passes a threshold: only the high one, the value, or even the low one."""

    POSSIBLE = 1
    LIKELY = 2
    CONFIRMED = 3

    @property
    def word(self) -> str:
        return self.name.lower()


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


@dataclass(frozen=True, eq=False)
class Series:
    """What one source, or a combination of sources, says over time, as known at an instant.

    All arrays have one entry an observation, ordered by `end`, then `known_at`. `low` and `high` are already
    filled with the value where the source gave none. An observation without any figure is a gap: its period
    is known to be missing. Superseded vintages are present with `current` False, so that it can be said since
    when a verdict was known.
    """

    source: str
    title: str
    start: np.ndarray
    end: np.ndarray
    low: np.ndarray
    value: np.ndarray
    high: np.ndarray
    or_more: np.ndarray  # bool: shown as "or more"
    partial: np.ndarray  # bool: a total that leaves days or members out, and so cannot show what was not reached
    known_at: np.ndarray
    current: np.ndarray  # bool
    key: np.ndarray  # int: the same for all vintages of one observation
    row: np.ndarray  # int: position in the frame of rows; -1 where several rows make one observation
    unit: str = ""
    windowed: bool = False  # events and running totals: news that ages, not a state that lasts

    def __len__(self) -> int:
        return len(self.end)

    @property
    def has_figure(self) -> np.ndarray:
        return np.asarray(~(np.isnan(self.low) & np.isnan(self.value) & np.isnan(self.high)))

    def take(self, chosen: np.ndarray) -> Series:
        """The observations that `chosen` (a mask or positions) picks, in that order."""
        arrays = {name: getattr(self, name)[chosen] for name in SERIES_ARRAYS}
        return Series(self.source, self.title, unit=self.unit, windowed=self.windowed, **arrays)


SERIES_ARRAYS = (
    "start", "end", "low", "value", "high", "or_more", "partial", "known_at", "current", "key", "row",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Assessment:
    """A series with what its thresholds say of each observation.

    severity: int8, a `Severity` or -1 for "not assessed"; certainty: int8, a `Certainty` or 0 for none;
    known_since: the instant from which this severity and certainty have been known without a break;
    threshold: int, which threshold decided (-1 none). `bounds` holds for each threshold the level compared
    to, one float an observation (NaN where there is none); `reason` says why something was not judged.
    """

    series: Series
    severity: np.ndarray
    certainty: np.ndarray
    known_since: np.ndarray
    threshold: np.ndarray
    bounds: tuple[np.ndarray, ...]
    reason: str


@dataclass(frozen=True)
class Episode:
    """One breach over time on one line: from its first to its last breaching observation.

    `first` is the end of its first breaching observation, `since` that of the first which breached as badly as
    the last. `head` is the position of the newest breaching observation in the line's series. `until` is the
    last day on which it fires by itself: None where only a newer figure can end it.
    """

    source: str
    state: State
    severity: Severity
    certainty: Certainty
    first: date
    since: date
    last: date
    until: date | None
    known_since: date
    head: int


@dataclass(frozen=True)
class Newest:
    """The newest figure of one source as known at the instant."""

    source: str
    title: str
    low: float
    value: float
    high: float
    or_more: bool
    date: Day
    published_at: Day | None
    data_state: DataState


@dataclass(frozen=True)
class OnRecord:
    """What stands of a closed period: a cap's year, or an episode whose window has passed."""

    period: str
    source: str | None
    severity: Severity | None
    certainty: Certainty | None
    low: float
    value: float
    high: float
    or_more: bool
    share_of_limit: float | None
    known_since: date | None
    sentence: str


@dataclass(frozen=True, eq=False)
class Verdict:
    """Everything that is said of one indicator at one instant."""

    id: str
    title: str
    severity: Severity | None
    state: State
    certainty: Certainty | None
    data_state: DataState
    low: float
    value: float
    high: float
    or_more: bool
    unit: str
    limit: float | None
    share_of_limit: float | None
    date: Day | None
    since: Day | None
    known_since: Day | None
    sentence: str
    newest: tuple[Newest, ...]
    on_record: tuple[OnRecord, ...]
    problems: tuple[Problem, ...]
    rules: tuple[str, ...]
    period: Period | None  # the cap's period that holds the instant
    assessments: tuple[Assessment, ...]
    episodes: tuple[Episode, ...]
    rests_on: tuple[int, ...]  # positions in `rows`
    rows: pd.DataFrame  # the rows of its sources known at the instant, superseded and provisional ones too


@dataclass(frozen=True, eq=False)
class Board:
    """All verdicts at one instant, and what could not be loaded."""

    as_of: date
    data_version: str
    verdicts: tuple[Verdict, ...]
    not_loaded: Mapping[str, tuple[Problem, ...]]
    newest_published: date | None

    def verdict(self, indicator_id: str) -> Verdict | None:
        return next((verdict for verdict in self.verdicts if verdict.id == indicator_id), None)
