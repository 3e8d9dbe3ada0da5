"""Claims: a figure with its claimant, days and publication, and several claims side by side."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from dashboard.domain.dates.periods import Period
from dashboard.domain.figure import Figure


class ClaimedFigure(NamedTuple):
    """A figure with its claimant, the days that it is about, and its publication. One claim never mixes two rows.

    known_on: the latest day on which the figure became known; it stands for the publication where `published_at` is
    None, because the row states none or several rows made the figure. is_assumed: whether `known_on` follows from an
    assumed publication. published: the publication as the row states it,
    a day, a month or a year. place: the file and line of the row, "" for several rows. scope: the part that the figure
    covers, "" for the whole. passed: the end by which the figure passed, in words, "" where the verdict says it.
    value_floor: the least that the value of a sum can be, None where the sum has a value. may_fall: whether the figure
    is a multiple of something that may still grow. last_look: the last day on which the claimant looked, for delays
    that grow without a look; else None.
    """

    claimant: str
    source: str
    figure: Figure
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
    last_look: date | None = None
    is_assumed: bool = False

    def is_figure_of(self, other: ClaimedFigure) -> bool:
        """Whether both are one figure of one claimant about the same days. Unknown ends equal each other."""
        return list(map(repr, self[:4])) == list(map(repr, other[:4]))


@dataclass(frozen=True)
class Headline:
    """The span over the standing claims about one subject, one claim for each claimant.

    largest, newest: the claims with the highest figure and with the latest publication among them.
    """

    subject: str
    figure: Figure  # low and high only, since nobody claims a value between them
    claimants: int
    official: int
    parts: int  # further claimants whose figures cover a part only
    largest: ClaimedFigure
    newest: ClaimedFigure


@dataclass(frozen=True)
class DatedEvents:
    """The number of different events that claimants date one by one, and the day of the first one."""

    count: float
    since: date
    claimants: int


@dataclass(frozen=True)
class Support:
    """The support of a breach: how many claimants pass the level, how they know it, and whether they are independent.

    known_by: the number of claimants for each way of knowing, "" for an unstated one. is_corroborated: whether two of
    them are declared to be independent. Support never changes the severity.
    """

    claimants: int
    known_by: tuple[tuple[str, int], ...]
    is_corroborated: bool

    @property
    def is_unproven(self) -> bool:
        """Whether only the press or the author of a document claims it."""
        return bool(self.known_by) and all(how in ("press", "author") for how, _ in self.known_by)
