"""What a threshold kind states about itself: its level, what it needs of the catalogue, and its wording."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dashboard.domain import PassedBy

Place = tuple[str | int, ...]  # keys below a threshold in the catalogue


@dataclass(frozen=True)
class Level:
    """What figures are compared with.

    hardness: the level as one number that grows with how hard it is to pass, None for a kind without a number;
    scale: what that number is measured on: on one scale a worse severity must be harder to reach;
    calm: the levels between which, both included, no figure passes; None where they move with the figures, and figures
    pass upwards; is_reached: whether a figure that equals the level passes it.
    """

    hardness: float | None
    scale: tuple[str, ...]
    calm: tuple[float, float] | None = None
    is_reached: bool = False


@dataclass(frozen=True)
class Needs:
    """What the catalogue must give an indicator that uses the threshold.

    limit: a cap, of which the threshold judges a share; own_figures: lines that are no mixture of sources, since it
    compares their figures with each other; events: sources of events, since it counts them; baseline: a source whose
    rows are the bound; indicators: the ids of other indicators, each with its place below the threshold.
    """

    limit: bool = False
    own_figures: bool = False
    events: bool = False
    baseline: str | None = None
    indicators: tuple[tuple[Place, str], ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the other indicators; these are evaluated first."""
        return tuple(name for _, name in self.indicators)


@dataclass(frozen=True)
class Wording:
    """How sentences speak of a breach.

    phrases: the words for the end of a figure's range that passes, where a kind has words of its own; doubt: stands in
    the place of a finding where only the highest end passes, "" for the finding itself; pattern: where a sentence puts
    the figure, its days, and its source.
    """

    phrases: Mapping[PassedBy, str] = field(default_factory=dict)
    doubt: str = ""
    pattern: str = "{figure} {days} ({source})"

    def phrase(self, passed_by: PassedBy) -> str:
        """`even at its lowest`."""
        return self.phrases.get(passed_by, passed_by.phrase)

    def describe(self, figure: str, days: str, source: str) -> str:
        """`73 railcars (70 to 73) on 5 Oct 2023 (Beyond Parallel)`."""
        return self.pattern.format(figure=figure, days=days, source=source)


NO_NEEDS, PLAIN_WORDING = Needs(), Wording()
