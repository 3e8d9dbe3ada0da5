"""What is said of one indicator at one instant, and the board of all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from dashboard.domain.axes import DataState, PassedBy, Severity, State
from dashboard.domain.claim import ClaimedFigure, DatedEvents, Headline, Support
from dashboard.domain.dates.periods import Period
from dashboard.domain.errors import Problem
from dashboard.domain.figure import Figure

UNITS_IN_WORDS = ("event", "events")  # of events that their subject tells, so that their number says nothing


Day = date  # inside a class that has a field named date


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
class LatestFigure:
    """The newest figure of one source as known at the instant."""

    source: str
    title: str
    figure: Figure
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
        return self.event or str(self.figure)


@dataclass(frozen=True)
class PastBreach:
    """What stands of a closed period: a cap's year, or an episode whose window has passed."""

    period: str
    source: str | None
    severity: Severity | None
    passed_by: PassedBy | None
    figure: Figure
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
    decided_by: int | None  # the position of the threshold that makes it more than normal
    passed_phrase: str  # by which end that threshold is passed, in its words; "" where none is, or for context alone
    period: Period | None  # the cap's period that holds the instant
    why_not: tuple[str, ...]  # why the severity is not assessed
    withdrawals: tuple[Withdrawal, ...] = ()
    claim: ClaimedFigure | None = None  # the figure that speaks, with its own dates
    first_known: ClaimedFigure | None = None  # the one by which so severe a breach became known, ever
    is_current: bool = True  # whether the figure that decides an open alert is not past its time
    headlines: tuple[Headline, ...] = ()
    events: DatedEvents | None = None
    support: Support | None = None

    @property
    def is_calm(self) -> bool:
        """Whether it says, from data that can be trusted and of which none behind an alert is gone, that nothing is
        wrong."""
        if self.state is State.WITHDRAWN or any(not one.loss.is_stated for one in self.withdrawals):
            return False
        return self.data_state.is_trusted and self.severity is not None and not self.severity.is_alarm

    @property
    def is_open(self) -> bool:
        """Whether an alert is open."""
        return self.state.is_open


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
    fallbacks: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)
    unreadable: tuple[Problem, ...] = ()

    def verdict(self, indicator_id: str) -> Verdict | None:
        return next((verdict for verdict in self.verdicts if verdict.id == indicator_id), None)
