"""What claimants say: a figure with its claimant, days and publication, and several claims side by side."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from dashboard.domain.dates.periods import Period
from dashboard.domain.figure import Figure


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
    looked: date | None = None

    def is_figure_of(self, other: ClaimedFigure) -> bool:
        """Whether it is the same claimant's figure about the same days; unknown ends are equal to each other."""
        return list(map(repr, self[:4])) == list(map(repr, other[:4]))


@dataclass(frozen=True)
class Headline:
    """What several claimants say together of one subject: the span over their standing claims, one for each, and how
    many they are; then the largest and the newest of these claims."""

    subject: str
    figure: Figure  # low and high only: what lies between them nobody claims
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
