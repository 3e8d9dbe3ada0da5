"""The data of one chart of figures, and the extent of its axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from dashboard.app.charts.chart_records import Record, highest_of, instant
from dashboard.app.charts.levels import Level

SHORTEST = timedelta(days=120)  # of the time axis, so that one event has some time around it


@dataclass(frozen=True)
class ChartData:
    """The records that a chart of figures draws."""

    figures: list[Record]
    provisional: list[Record]
    missing: list[Record]
    breaches: list[Record]
    levels: list[Level]
    moving: list[Record]
    ahead: list[Record]
    unit: str
    as_of: date
    off_axis: tuple[Record, ...] = ()  # records without a height on the axis, for the text below

    def on_axis(self) -> ChartData:
        """Moves records without a height on the axis into `off_axis`, so that they are not drawn as zero."""
        off_axis = [record for record in self.points if record["y"] is None]
        figures, provisional = (
            [record for record in records if record["y"] is not None] for records in (self.figures, self.provisional)
        )
        return replace(self, figures=figures, provisional=provisional, off_axis=(*self.off_axis, *off_axis))

    @property
    def points(self) -> list[Record]:
        return [*self.figures, *self.provisional]

    @property
    def top(self) -> float:
        """The top of the axis, a little above the highest mark."""
        highest = [
            *(highest_of(record) for record in [*self.points, *self.ahead]),
            *(level.value for level in self.levels),
            *(record["y"] for record in self.moving),
        ]
        return 1.05 * max(highest, default=0.0) or 1.0

    @property
    def last(self) -> str:
        """The end of the axis: the instant, or the end of the projection, which alone lies after it."""
        return str(max([instant(self.as_of), *(record["end"] for record in self.ahead)]))

    @property
    def first(self) -> str:
        starts = [record["start"] for record in [*self.points, *self.missing, *self.breaches]]
        return str(min([*starts, instant(self.as_of - SHORTEST)]))


def titles_of(records: Sequence[Record]) -> list[str]:
    """Sources in the order of their first record, so that each keeps its shape and colour."""
    return list(dict.fromkeys(str(record["source"]) for record in records))
