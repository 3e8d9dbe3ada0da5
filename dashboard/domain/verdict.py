"""A verdict: what the board says about one indicator at one instant; and the board of all verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from dashboard.domain.axes import DataState, PassedBy, Severity, State, rank
from dashboard.domain.claim import ClaimedFigure, DatedEvents, Headline, Support
from dashboard.domain.dates.periods import Period
from dashboard.domain.errors import Problem
from dashboard.domain.figure import Figure

UNITS_IN_WORDS = ("event", "events")  # the subject of such a row is the news, and its number says nothing


Day = date  # inside a class that has a field named date


class Episode(NamedTuple):  # a tuple is created six times as fast as a dataclass, and there are ten thousands
    """One breach on one line, from its first to its last breaching observation.

    began, first: the first and the last day of the first breaching observation. fired: the last day of the observation
    at which the episode first fired, None while it is pending. since: the last day of the observation from which on
    severity and passing end have been as bad as now without a break. head: the position of the newest breaching
    observation in the line's series. until: the last day on which the episode fires by itself, None where only a newer
    figure ends it. ended: the day of the figure that ended it, or the end of a cap's period.
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

    @property
    def rank(self) -> int:
        """How bad the episode is, and how low an end passes; see `axes.rank`."""
        return rank(self.severity, self.passed_by)


class Loss(StrEnum):
    """How the figure behind an alert disappeared."""

    REPLACED = "replaced"  # its claimant published another figure about the same period
    TAKEN_BACK = "taken back"  # its claimant withdrew it and named no other figure
    OVERWRITTEN = "overwritten"  # the row changed without a new publication
    DROPPED = "no longer delivered"
    CONTRADICTED = "contradicted"  # another row about the same days contradicts it, so neither is used
    # the row itself is still delivered, but figures that it is compared with were revised, or are missing
    REVISED = "no longer supported, after a revision"
    UNSUPPORTED = "no longer supported"

    @property
    def is_stated(self) -> bool:
        """Whether the claimant published the loss. An unpublished loss is silence, and never an all-clear."""
        return self in (Loss.REPLACED, Loss.TAKEN_BACK, Loss.REVISED)


@dataclass(frozen=True)
class Withdrawal:
    """An alert that lost its figure: `claim` supported it until `lost_at`.

    instead: the claimant's present figure about the same period, None where there is none. is_open: whether no later
    period of the line has been judged since; otherwise the withdrawal stands on record only. part: the row that
    disappeared, where several rows made the figure.
    """

    line: str
    claim: ClaimedFigure
    severity: Severity
    passed_by: PassedBy
    loss: Loss
    lost_at: datetime
    instead: ClaimedFigure | None
    is_open: bool
    part: ClaimedFigure | None = None

    @property
    def source(self) -> str:
        """The source whose row disappeared, "" where no such row is known."""
        return self.part.source if self.part else self.claim.source


@dataclass(frozen=True)
class LatestFigure:
    """The newest figure of one source as known at the instant."""

    source: str
    title: str
    figure: Figure
    date: Day
    published_at: Day | None
    data_state: DataState
    converted: str = ""  # from which figure, and how; "" where it came in this unit
    is_repetition: bool = False  # whether it only repeats another source
    scope: str = ""  # of which part it speaks; "" where of the whole
    event: str = ""  # what happened, where an event is told in words
    period: Period | None = None  # the days that it is about

    @property
    def text(self) -> str:
        """The figure with its range and unit, or what happened."""
        return self.event or str(self.figure)


@dataclass(frozen=True)
class PastBreach:
    """The record of a closed period of a cap, or of an episode whose window has passed."""

    period: str
    source: str | None
    severity: Severity | None
    passed_by: PassedBy | None
    figure: Figure
    share_of_limit: float | None
    known_since: date | None
    sentence: str
    claim: ClaimedFigure | None = None  # the deciding figure with its own dates
    first_known: ClaimedFigure | None = None
    passed_phrase: str = ""
    is_withdrawn: bool = False  # its figure disappeared
    is_assumed: bool = False  # whether `known_since` follows from an assumed publication


@dataclass(frozen=True, eq=False)
class Verdict:
    """Everything that the board says about one indicator at one instant."""

    id: str
    title: str
    severity: Severity | None
    state: State
    passed_by: PassedBy | None
    data_state: DataState
    figure: Figure
    limit: float | None
    share_of_limit: float | None
    date: Day | None
    since: Day | None
    known_since: Day | None
    sentence: str
    newest: tuple[LatestFigure, ...]
    on_record: tuple[PastBreach, ...]
    problems: tuple[Problem, ...]
    rules: tuple[str, ...]
    decided_by: int | None  # the position of the threshold that raises the severity above normal
    passed_phrase: str  # the end that passes, in the threshold's words; "" for none and for context
    period: Period | None  # the cap's period that holds the instant
    why_not: tuple[str, ...]  # the reasons for a severity that is not assessed
    withdrawals: tuple[Withdrawal, ...] = ()
    claim: ClaimedFigure | None = None  # the deciding figure with its own dates
    first_known: ClaimedFigure | None = None  # the figure by which a breach of this severity first became known
    is_current: bool = True  # whether the deciding figure of an open alert is younger than its sources allow
    headlines: tuple[Headline, ...] = ()
    events: DatedEvents | None = None
    support: Support | None = None
    is_assumed: bool = False  # whether `known_since` follows from an assumed publication

    @property
    def is_calm(self) -> bool:
        """Whether the verdict is an all-clear: trusted data, no alarm, no figure behind an alert lost in silence."""
        if self.state is State.WITHDRAWN or any(not one.loss.is_stated for one in self.withdrawals):
            return False
        return self.data_state.is_trusted and self.severity is not None and not self.severity.is_alarm

    @property
    def is_open(self) -> bool:
        """Whether an alert is open."""
        return self.state.is_open


@dataclass(frozen=True)
class RowCounts:
    """The number of a source's rows known at an instant, and of further rows that cannot be used."""

    rows: int
    quarantined: int


@dataclass(frozen=True, eq=False)
class Board:
    """All verdicts at one instant, and the definitions that could not be loaded.

    fallbacks: the reasons for each indicator that is judged by last good definitions, its own or those of its sources,
    instead of the file as it stands; every indicator where the file as a whole is `unreadable`.
    """

    as_of: date
    data_version: str
    verdicts: tuple[Verdict, ...]
    not_loaded: Mapping[str, tuple[Problem, ...]]
    newest_published: date | None
    sources: Mapping[str, RowCounts] = field(default_factory=dict)
    fallbacks: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)
    unreadable: tuple[Problem, ...] = ()

    def verdict(self, indicator_id: str) -> Verdict | None:
        return next((verdict for verdict in self.verdicts if verdict.id == indicator_id), None)
