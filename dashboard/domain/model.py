"""The vocabulary: the words of the axes, and the frozen types that flow between the stages.

Low, value and high are float64 with NaN for unknown; days are datetime64[D]; instants are datetime64[s] in UTC.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import IntEnum, StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from dashboard.domain.dates.periods import Period
from dashboard.domain.errors import Problem
from dashboard.domain.text import wording as words

if TYPE_CHECKING:
    from dashboard.series import Conversions
    from dashboard.thresholds import Assessment

UNITS_IN_WORDS = ("event", "events")  # of events that their subject tells, so that their number says nothing

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


@dataclass(frozen=True, eq=False)
class Series:
    """What one source, or a combination of sources, says over time, as known at an instant.

    All arrays have one entry an observation, ordered by `end`, then `known_at`. `low` and `high` are already
    filled with the value where the source gave none; `at_least` and `at_most` are the ends that somebody vouches
    for: NaN where a number stands alone and its source is not exact. An observation without any figure is a gap: its
    period is known to be missing. `end` is never after the day of `known_at`: what is published inside its own period
    (`stated_end`) can only be about the days up to then. Superseded vintages are present with `current` False, so
    that it can be said since when a verdict was known. `source` names the line; `origin` is the source's id, ""
    where several sources make one line. No change is taken across a day of `breaks`: from that day on the source
    counts in another way. `notes` say by `key` what an observation was made of, where it was computed. `gaps_speak`: a
    gap is what was found, since something is known of its period of which no figure could be made; `earlier_notes`
    those of superseded vintages, by key and instant in seconds. By key as well:
    `made_of` the rows that a computed observation rests on; `looked` the last day on which anybody looked, where an
    observation counts on without a look. `may_fall`: of multiples, which are of something that may still grow.
    `by_period`: each key is a period of a cap, which stands for itself: its breach is no other period's.
    `value_floor` and `high_floor` are what the value and the high end of a sum are at least: parts without one count
    with their low end, or with nothing. None where all parts have both.
    """

    source: str
    title: str
    start: np.ndarray
    end: np.ndarray
    low: np.ndarray
    value: np.ndarray
    high: np.ndarray
    at_least: np.ndarray
    at_most: np.ndarray
    or_more: np.ndarray  # bool: shown as "or more"
    partial: np.ndarray  # bool: a total that leaves days or members out, and so cannot show what was not reached
    known_at: np.ndarray
    current: np.ndarray  # bool
    key: np.ndarray  # int: the same for all vintages of one observation
    row: np.ndarray  # int: position in the frame of rows; -1 where several rows make one observation
    stated_end: np.ndarray
    unit: str = ""
    kind: str = "level"
    breaks: tuple[date, ...] = ()
    origin: str = ""
    gaps_speak: bool = False
    notes: Mapping[int, str] = field(default_factory=dict)
    value_floor: np.ndarray | None = None
    high_floor: np.ndarray | None = None
    earlier_notes: Mapping[tuple[int, int], str] = field(default_factory=dict)
    made_of: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    looked: Mapping[int, date] = field(default_factory=dict)
    may_fall: np.ndarray | None = None  # bool
    by_period: bool = False

    @classmethod
    def computed(cls, *, end: np.ndarray, **arrays: Any) -> Series:
        """A line of observations that no row made, each in one vintage; by the names of the fields, without those that
        follow from that."""
        count = len(end)
        arrays |= {
            "current": np.ones(count, bool),
            "key": np.arange(count),
            "row": np.full(count, -1),
            "stated_end": end,
        }
        return cls(end=end, **arrays)

    def __len__(self) -> int:
        return len(self.end)

    @property
    def windowed(self) -> bool:
        """Events and running totals: news that ages, not a state that lasts."""
        return self.kind in ("event", "cumulative_claim")

    @cached_property
    def is_revised(self) -> bool:
        """Whether any observation has more than one vintage."""
        return not bool(self.current.all())

    @cached_property
    def is_plain(self) -> bool:
        """Nothing superseded, missing or partial: what most long series are, and what can be judged fastest."""
        sides = [self.high, *(side for side in (self.low, self.value) if side is not self.high)]
        return not (self.is_revised or self.partial.any() or any(math.isnan(side.min(initial=0.0)) for side in sides))

    @cached_property
    def is_vouched_for(self) -> bool:
        """Whether anybody vouches for any low end: otherwise no low end can pass."""
        one_for_all = not self.at_least.strides[0]
        return not bool(np.isnan(self.at_least[:1] if one_for_all else self.at_least).all())

    @cached_property
    def known_by(self) -> np.ndarray:
        """The instants by which each observation and all before it were known."""
        instants = self.known_at.view(np.int64)  # much faster than on instants
        if (instants[1:] >= instants[:-1]).all():
            return self.known_at
        return np.asarray(np.maximum.accumulate(instants).view(self.known_at.dtype))

    @cached_property
    def is_sequential(self) -> bool:
        """Whether each period begins after the one before it has ended, so that the newest figure has the last word."""
        start, end = self.start.view(np.int64), self.end.view(np.int64)  # quicker to compare than days
        return bool((start[1:] > end[:-1]).all())

    @cached_property
    def last_words(self) -> np.ndarray:
        """Positions, in order, of the current figures about days after which no other figure begins.

        A year's average says nothing of its October: so the months after which none begins speak beside it. Of running
        totals since one day only the last speaks.
        """
        usable = np.flatnonzero(self.current if self.gaps_speak else self.current & self.has_figure)
        if not usable.size or (self.is_plain and self.is_sequential):
            return usable[-1:]
        speaking = np.asarray(usable[self.end[usable] >= self.start[usable].max()])
        if self.kind == "cumulative_claim":
            _, last = np.unique(self.start[speaking][::-1], return_index=True)
            return np.sort(speaking[len(speaking) - 1 - last])
        return speaking

    def floor_at(self, position: int) -> float | None:
        """What the value at a position is at least, where it has none and more is known than its low end."""
        if self.value_floor is None or not math.isnan(self.value[position]):
            return None
        floor, low = float(self.value_floor[position]), float(self.low[position])
        return floor if math.isnan(low) or floor > low else None

    @cached_property
    def newest(self) -> int | None:
        """The position of the newest current figure, or of a newer gap that speaks."""
        usable = np.flatnonzero(self.current if self.gaps_speak else self.current & self.has_figure)
        return int(usable[-1]) if usable.size else None

    @cached_property
    def has_figure(self) -> np.ndarray:
        unknown = np.isnan(self.value)
        if unknown.any():
            unknown &= np.isnan(self.low) & np.isnan(self.high)
        return np.asarray(~unknown)

    def note(self, position: int) -> str:
        """What the observation at a position was made of; else the line's title."""
        key = int(self.key[position])
        if not self.current[position] and self.earlier_notes:
            return self.earlier_notes.get((key, int(self.known_at[position].astype(np.int64))), self.title)
        return self.notes.get(key, self.title)

    def take(self, chosen: np.ndarray) -> Series:
        """The observations that `chosen` (a mask or positions) picks, in that order."""
        given = {name: getattr(self, name) for name in SERIES_ARRAYS}
        given |= {name: getattr(self, name) for name in _FLOORS if getattr(self, name) is not None}
        taken = {id(array): _taken(array, chosen) for array in given.values()}  # what is one array stays one
        arrays: dict[str, Any] = {name: taken[id(array)] for name, array in given.items()}
        if self.may_fall is not None:
            arrays["may_fall"] = self.may_fall[chosen]
        return replace(self, **arrays)


SERIES_ARRAYS = (
    "start", "end", "low", "value", "high", "at_least", "at_most", "or_more", "partial", "known_at", "current", "key",
    "row", "stated_end",
)  # fmt: skip


_FLOORS = {"value_floor": "value", "high_floor": "high"}  # each with the side that stands for it where there is none


def _taken(array: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    taken = array[chosen]
    return taken if not len(array) or array.strides[0] else np.broadcast_to(array[0], taken.shape)


def joined(parts: Sequence[Series]) -> Series:
    """The observations of all parts, one part behind the other; the rest is the first part's."""
    arrays: dict[str, Any] = {name: np.concatenate([getattr(part, name) for part in parts]) for name in SERIES_ARRAYS}
    for name, side in _FLOORS.items():
        if any(getattr(part, name) is not None for part in parts):
            own = [getattr(part, side) if getattr(part, name) is None else getattr(part, name) for part in parts]
            arrays[name] = np.concatenate(own)
    return replace(parts[0], **arrays)


class Episode(NamedTuple):  # made by the ten thousand, and a tuple is made six times as fast as a dataclass
    """One breach over time on one line: from its first to its last breaching observation.

    `began` and `first` are the first and last day of its first breaching observation; `fired` is the last day of the
    one at which it first fired, None while it is pending; `since` is the last day of the first one from which it has
    been as bad, and passed by as low an end, as now without a break. `head` is the position of the newest breaching
    observation in the line's series. `until` is the last day on which it fires by itself: None where only a newer
    figure can end it. `ended` is the day of the figure that did, or the end of a cap's period.
    """

    source: str
    state: State
    severity: Severity
    passed_by: PassedBy
    began: date
    first: date
    since: date
    last: date
    until: date | None
    ended: date | None
    known_since: date
    head: int
    fired: date | None = None


class ClaimedFigure(NamedTuple):
    """A figure, who claims it, what days it is about, and when that was published: one thing, never of two rows.

    `published_at` is None where its row states no publication, or several rows made it; `known_on` is the day on which
    it was known at the latest, and stands for it then. `place` is the row's file and line, "" for several rows.
    `published` is the publication as its row states it: a day, a month or a year. `scope` is the part that it speaks
    of, "" for the whole. `passed` says by which end it passed, where that is told of it alone.
    `value_floor` is what the value of a sum is at least where it has none, None elsewhere. `may_fall`: a multiple of
    something that may still grow. `looked`: of days that are counted on without a look, the day of the last one; the
    claimant then says it all.
    """

    claimant: str
    source: str
    low: float
    value: float
    high: float
    or_more: bool
    unit: str
    period: Period
    published_at: date | None
    known_on: date
    kind: str = "level"
    subject: str = ""
    place: str = ""
    published: str = ""
    scope: str = ""
    passed: str = ""
    value_floor: float | None = None
    may_fall: bool = False
    looked: date | None = None

    def is_figure_of(self, other: ClaimedFigure) -> bool:
        """Whether it is the same claimant's figure about the same days; unknown ends are equal to each other."""
        return list(map(str, self[:8])) == list(map(str, other[:8]))


@dataclass(frozen=True)
class Headline:
    """What several claimants say together of one subject: the span over their standing claims, one for each, and how
    many they are; then the largest and the newest of these claims."""

    subject: str
    low: float
    high: float
    or_more: bool
    unit: str
    claimants: int
    official: int
    parts: int  # further claimants who speak of a part only
    largest: ClaimedFigure
    newest: ClaimedFigure


@dataclass(frozen=True)
class DatedEvents:
    """Events that claimants date one by one: how many different ones since the first, and how many claimants."""

    count: float
    since: date
    claimants: int


@dataclass(frozen=True)
class Support:
    """How a breach is supported: how many claimants pass, how they know it, whether two are stated to be independent.

    `known_by` counts the claimants by how they know it; "" where nothing is stated. It is never folded into severity.
    """

    claimants: int
    known_by: tuple[tuple[str, int], ...]
    is_corroborated: bool

    @property
    def is_unproven(self) -> bool:
        """Whether only the press or the author of a document says so."""
        return bool(self.known_by) and all(how in ("press", "author") for how, _ in self.known_by)


class Loss(StrEnum):
    """How a figure that stood behind an alert went."""

    REPLACED = "replaced"  # by a later publication of its claimant about the same period
    TAKEN_BACK = "taken back"  # by its claimant, with no other figure in its place
    OVERWRITTEN = "overwritten"  # in place, without a new publication
    DROPPED = "no longer delivered"
    CONTRADICTED = "contradicted"  # by another row about the same days, so that neither is used
    REVISED = (
        "no longer supported, after a revision"  # its row is there, and figures that it was judged with were revised
    )
    UNSUPPORTED = "no longer supported"  # its row is there, and figures that it was judged with went in silence

    @property
    def is_stated(self) -> bool:
        """Whether the claimant himself said so; else it is silence, and no all-clear."""
        return self in (Loss.REPLACED, Loss.TAKEN_BACK, Loss.REVISED)


@dataclass(frozen=True)
class Withdrawal:
    """An alert of which the figure is gone: `claim` stood behind it until `lost_at`.

    `instead` is what its claimant says now about the same period, None where that is nothing. `is_open`: no later
    period of its line has been judged since; else it stands in the record alone.
    """

    line: str
    claim: ClaimedFigure
    severity: Severity
    passed_by: PassedBy
    loss: Loss
    lost_at: datetime
    instead: ClaimedFigure | None
    is_open: bool
    part: ClaimedFigure | None = None  # which of the rows that made the figure went; None where one row made it

    @property
    def source(self) -> str:
        """The source whose row went; "" where none is known to have gone."""
        return self.part.source if self.part else self.claim.source


@dataclass(frozen=True)
class Newest:
    """The newest figure of one source as known at the instant."""

    source: str
    title: str
    low: float
    value: float
    high: float
    or_more: bool
    unit: str
    date: Day
    published_at: Day | None
    data_state: DataState
    converted: str = ""  # from which figure, and how; "" where it came in this unit
    retells: bool = False  # whether it only repeats another source
    scope: str = ""  # of which part it speaks; "" where of the whole
    event: str = ""  # what happened, where an event is told in words
    period: Period | None = None  # the days that it is about

    @property
    def said(self) -> str:
        """The figure with its range and unit, or what happened."""
        return self.event or words.amount(self.low, self.value, self.high, self.unit, or_more=self.or_more)


@dataclass(frozen=True)
class OnRecord:
    """What stands of a closed period: a cap's year, or an episode whose window has passed."""

    period: str
    source: str | None
    severity: Severity | None
    passed_by: PassedBy | None
    low: float
    value: float
    high: float
    or_more: bool
    unit: str
    share_of_limit: float | None
    known_since: date | None
    sentence: str
    claim: ClaimedFigure | None = None  # the figure that speaks for it, with its own dates
    first_known: ClaimedFigure | None = None
    passed_phrase: str = ""
    is_withdrawn: bool = False  # the figure that it stood by is gone


@dataclass(frozen=True, eq=False)
class Verdict:
    """Everything that is said of one indicator at one instant."""

    id: str
    title: str
    severity: Severity | None
    state: State
    passed_by: PassedBy | None
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
    decided_by: int | None  # the position of the threshold that makes it more than normal
    period: Period | None  # the cap's period that holds the instant
    assessments: tuple[Assessment, ...]
    episodes: tuple[Episode, ...]
    why_not: tuple[str, ...]  # why the severity is not assessed
    speaks: tuple[int, int] | None  # which assessment, and which position in its series
    rests_on: tuple[int, ...]  # positions in `all_rows`
    known: np.ndarray  # positions in `all_rows` of its sources' rows known at the instant
    gone: np.ndarray  # of those that were known before it, and are no longer held
    all_rows: pd.DataFrame
    conversions: Conversions
    withdrawals: tuple[Withdrawal, ...] = ()
    claim: ClaimedFigure | None = None  # the figure that speaks, with its own dates
    first_known: ClaimedFigure | None = None  # the one by which so severe a breach became known, ever
    is_current: bool = True  # whether the figure that decides an open alert is not past its time
    headlines: tuple[Headline, ...] = ()
    events: DatedEvents | None = None
    support: Support | None = None
    lines: tuple[Series, ...] = ()  # of its sources, as they were known

    @property
    def is_calm(self) -> bool:
        """Whether it says, from data that can be trusted and of which none behind an alert is gone, that nothing is
        wrong."""
        if self.state is State.WITHDRAWN or any(not one.loss.is_stated for one in self.withdrawals):
            return False
        trusted = self.data_state in (DataState.FRESH, DataState.LATE)
        return trusted and self.severity is not None and self.severity < Severity.WARNING

    @property
    def is_open(self) -> bool:
        """Whether an alert is open."""
        return self.state in (State.FIRING, State.RECOVERING, State.PENDING)

    @property
    def passed_phrase(self) -> str:
        """By which end the threshold that decides is passed, in its words; "" where none is, or for context alone."""
        if self.passed_by is None or self.severity is Severity.INFO:
            return ""
        if self.decided_by is None or not self.assessments:
            return self.passed_by.phrase
        return str(self.assessments[0].thresholds[self.decided_by].phrase(self.passed_by))

    @cached_property
    def rows(self) -> pd.DataFrame:
        """The rows of its sources known at the instant, superseded and provisional ones too."""
        return self.all_rows.iloc[self.known]

    @cached_property
    def rows_ever(self) -> pd.DataFrame:
        """The rows of its sources known at the instant or before, those no longer held too."""
        return self.all_rows.iloc[np.union1d(self.known, self.gone)]


@dataclass(frozen=True)
class RowCounts:
    """Of one source at an instant: how many of its rows are known, and how many more cannot be used."""

    rows: int
    quarantined: int


@dataclass(frozen=True, eq=False)
class Board:
    """All verdicts at one instant, and what could not be loaded.

    `kept` names each indicator that is judged by last good definitions, its own or of what it rests on, and not by the
    file as it stands, with the reasons; all of them where the file as a whole is `unreadable`.
    """

    as_of: date
    data_version: str
    verdicts: tuple[Verdict, ...]
    not_loaded: Mapping[str, tuple[Problem, ...]]
    newest_published: date | None
    sources: Mapping[str, RowCounts] = field(default_factory=dict)
    kept: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)
    unreadable: tuple[Problem, ...] = ()

    def verdict(self, indicator_id: str) -> Verdict | None:
        return next((verdict for verdict in self.verdicts if verdict.id == indicator_id), None)
