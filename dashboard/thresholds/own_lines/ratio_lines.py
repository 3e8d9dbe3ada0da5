"""The lines of `disagree_above`: ratios between the sources of an indicator, or between the totals of two caps.

Only what both sides have figures of is compared. A side that lacks days or members may be larger than it looks.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar

import numpy as np

from dashboard.domain import Series
from dashboard.domain.dates import Period, day_of
from dashboard.domain.text import span
from dashboard.thresholds.own_lines.cap_sides import CapSide, KnownTotal
from dashboard.thresholds.own_lines.own_line import LineInputs, OwnLine
from dashboard.thresholds.own_lines.ratio import (
    ComparedFigure,
    Ratio,
    divide,
    largest_ratio,
    no_ratio,
    none_reported,
    ratio_series,
)


@dataclass(frozen=True)
class SourceRatios(OwnLine):
    """The largest ratio between any two sources, for exactly the same days."""

    unit: ClassVar[str] = "times"

    def make(self, inputs: LineInputs) -> Series:
        ratios = [largest_ratio(days, figures) for days, figures in _by_days(inputs.members)]
        return ratio_series(ratios, range(len(ratios)), "sources compared")


@dataclass(frozen=True)
class CapRatios(OwnLine):
    """How many times the total of one cap is that of another, one a period that either has a figure of.

    The line holds all vintages; a ratio is unknown where only one cap has a figure.
    """

    unit: ClassVar[str] = "times"

    def make(self, inputs: LineInputs) -> Series:
        first, second = (inputs.cap_sides[name] for name in self.caps)
        vintages = [
            (key, ratio)
            for key, period in enumerate(_periods(first, second, inputs.as_of))
            for ratio in _vintages(period, first, second)
        ]
        keys, title = [key for key, _ in vintages], f"{first.title} to {second.title}"
        return ratio_series([ratio for _, ratio in vintages], keys, title, by_period=True)


def _by_days(members: Sequence[Series]) -> list[tuple[Period, list[ComparedFigure]]]:
    """The current figures of all lines, by the days that they are about, in order of their end."""
    by_days: dict[tuple[date, date], list[ComparedFigure]] = {}
    for member in members:
        for at in map(int, np.flatnonzero(member.current & member.has_figure)):
            days = day_of(member.end[at]), day_of(member.start[at])
            by_days.setdefault(days, []).append(ComparedFigure.of(member, at, (int(member.row[at]),)))
    return [(Period(start, end), by_days[end, start]) for end, start in sorted(by_days)]


def _periods(first: CapSide, second: CapSide, as_of: date) -> list[Period]:
    """The periods that either side has a figure of, and the current one; none before there was any figure."""
    with_figures = {
        period
        for side in (first, second)
        for period, totals in side.totals.items()
        if any(len(total.figure) for total in totals)
    }
    return sorted(with_figures | {first.anchor.period(as_of)}) if with_figures else []


def _vintages(period: Period, first: CapSide, second: CapSide) -> list[Ratio]:
    """The ratio of a period after each instant at which something of either side became known."""
    first_totals, second_totals = first.totals.get(period, ()), second.totals.get(period, ())
    vintages: list[Ratio] = []
    for instant in sorted({total.since for total in (*first_totals, *second_totals)}):
        dividend, divisor = _known_at(first_totals, instant), _known_at(second_totals, instant)
        vintage = _ratio(period, (first, dividend), (second, divisor), instant)
        if vintages and vintage.has_same_figures_as(vintages[-1]):
            vintages[-1] = replace(vintages[-1], rows=vintage.rows)
        else:
            vintages.append(vintage)
    neither = f"neither side has a figure for {span(period)}"
    return vintages or [no_ratio(Period(period.start, period.start), [], neither)]


def _known_at(totals: Sequence[KnownTotal], instant: np.datetime64) -> KnownTotal | None:
    """The last of some totals, oldest first, that was known at an instant."""
    place = bisect_right(totals, instant, key=lambda total: total.since) - 1
    return totals[place] if place >= 0 else None


def _ratio(
    period: Period,
    first: tuple[CapSide, KnownTotal | None],
    second: tuple[CapSide, KnownTotal | None],
    since: np.datetime64,
) -> Ratio:
    dividend, divisor, reports = _figure(*first), _figure(*second), second[1]
    figures = [figure for figure in (dividend, divisor) if figure is not None]
    days = Period(period.start, max((figure.days.end for figure in figures), default=period.start))
    if dividend is not None and reports is not None and _has_no_report(dividend, reports):
        return none_reported(dividend.days, dividend, second[0].title, reports.rows_missing_in(dividend.days), since)
    if dividend is not None and divisor is not None:
        return divide(days, dividend, divisor)
    if not figures:
        return no_ratio(days, [], f"neither side has a figure for {span(period)}")
    lacking = second[0].title if divisor is None else first[0].title
    return no_ratio(days, figures, f"{lacking}: none known")


def _has_no_report(figure: ComparedFigure, reports: KnownTotal) -> bool:
    """Whether somebody looked for reports about the days of a figure above zero, and there are none."""
    if not figure.most_known > 0:
        return False
    return reports.is_missing_in(figure.days) and not reports.has_figure_in(figure.days)


def _figure(side: CapSide, total: KnownTotal | None) -> ComparedFigure | None:
    if total is None or not len(total.figure):
        return None
    title = total.title if side.names_claims and total.title else side.title
    return ComparedFigure.of(total.figure, 0, total.rows, title=title)
