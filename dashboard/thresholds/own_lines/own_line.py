"""The contract of a line that a threshold kind makes itself, and what such a line is made of."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar

from dashboard.domain import Series
from dashboard.thresholds.evaluation_context import OtherIndicator
from dashboard.thresholds.own_lines.cap_sides import CapSide
from dashboard.thresholds.own_lines.report_delays import OverdueReports


@dataclass(frozen=True)
class LineInputs:
    """What an own line is made of.

    members: the lines of the sources; levels: those of the thresholds that judge the line; cap_sides: the totals of the
    caps that the line compares, by the id of the indicator; overdue_reports: for a line that waits for reports.
    """

    as_of: date
    members: Sequence[Series] = ()
    levels: Sequence[float] = ()
    other_indicators: Mapping[str, OtherIndicator] = field(default_factory=dict)
    cap_sides: Mapping[str, CapSide] = field(default_factory=dict)
    overdue_reports: OverdueReports | None = None


@dataclass(frozen=True, kw_only=True)
class OwnLine(ABC):
    """A line made by a kind. All thresholds of one indicator must make an equal one.

    unit: the unit that the indicator must name, None for any; needs_all_calm: whether no verdict is normal while one of
    the other indicators cannot be trusted; waits_for_reports: whether the line counts the days until reports come: then
    the units of rows do not matter, and the last look, not the newest figure, keeps a source fresh;
    caps: the indicators whose totals are compared; only_sources: the sources of these that count, all where empty.
    """

    unit: ClassVar[str | None] = None
    needs_all_calm: ClassVar[bool] = True
    waits_for_reports: ClassVar[bool] = False

    caps: tuple[str, ...] = ()
    only_sources: tuple[str, ...] = ()

    @abstractmethod
    def make(self, inputs: LineInputs) -> Series:
        """The line as known at the instant."""
