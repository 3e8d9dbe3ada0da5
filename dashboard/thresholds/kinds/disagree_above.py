"""`disagree_above: 1.5`: sources, or two indicators, say things too far apart about the same period.

Only what both sides have figures of is compared, and the figures stand beside the ratio with the days they cover. A
side that lacks days or members may be larger than it looks: as the divisor it lets the ratio pass only at its highest.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Annotated, ClassVar, Self

import numpy as np
from pydantic import Field, field_validator, model_validator

from dashboard.domain import PassedBy, Series
from dashboard.domain.dates import Duration, Period, day_of
from dashboard.domain.text import DOWN, UP, listed, number, ratio, span
from dashboard.thresholds.own_lines.cap_sides import CapSide, KnownTotal
from dashboard.thresholds.own_lines.ratio import ComparedFigure, Ratio, apart, divided, largest, none_reported, series_of
from dashboard.thresholds.threshold import EvaluationContext, Judgement, Place, Threshold, compare_above, constant

_MANY = 3  # sources to name them all in a rule


class DisagreeAbove(Threshold):
    """Fires while the largest figure for a period is more than so many times the smallest.

    Compared are the sources of the indicator, for exactly the same days; or, with `between`, the totals of two caps in
    each period: then how many times the second the first is. Where only one side has a figure, nothing is judged. It
    judges ratios, so it stands in an indicator of its own with `unit: times`.
    """

    key: ClassVar[str] = "disagree_above"

    disagree_above: float = Field(gt=0, allow_inf_nan=False, description="How many times, at most, is no disagreement.")
    between: Annotated[list[str], Field(min_length=2, max_length=2)] | None = Field(
        default=None, description="In place of sources: two indicators with the same `accumulate`, by cap period."
    )
    sources: Annotated[list[str], Field(min_length=2)] | None = Field(
        default=None,
        description="With `between`: the sources of the two that count, so that one supplier's estimates are compared "
        "with his own reports. Default: all.",
    )
    window: str = Field(default="90d", description="With `between`: how long it fires after the newest figure.")

    @field_validator("window")
    @classmethod
    def _is_duration(cls, text: str) -> str:
        Duration.parse(text)
        return text

    def told(self, figure: str, when: str, said_by: str) -> str:
        return f"{figure}, {when} ({said_by})"

    @model_validator(mode="after")
    def _sources_go_with_between(self) -> Self:
        if self.sources and not self.between:
            raise ValueError("sources: only with between:")
        return self

    @property
    def fires_for(self) -> Duration | None:
        return Duration.parse(self.window) if self.between else None

    @property
    def needed_at(self) -> tuple[tuple[Place, str], ...]:
        return tuple((("between", index), name) for index, name in enumerate(self.between or ()))

    @property
    def needs_caps(self) -> bool:
        return self.between is not None

    @property
    def own_line(self) -> tuple[object, ...]:
        return self.key, *(self.between or ()), *(self.sources or ())

    @property
    def only_sources(self) -> tuple[str, ...]:
        return tuple(self.sources or ())

    @property
    def own_unit(self) -> str:
        return "times"

    def level(self) -> float:
        return self.disagree_above

    def line(self, members: Sequence[Series], context: EvaluationContext) -> Series:
        """The ratios, one a period that any side has a figure of, in all vintages; unknown where only one has."""
        if self.between is None:
            ratios = [largest(*compared) for compared in _by_days(members)]
            return series_of(ratios, range(len(ratios)), "sources compared")
        first, second = (context.sides[name] for name in self.between)
        vintages = [
            (key, found)
            for key, period in enumerate(_periods(first, second, context.as_of))
            for found in _vintages(period, first, second)
        ]
        keys, title = [key for key, _ in vintages], f"{first.title} to {second.title}"
        return series_of([found for _, found in vintages], keys, title, by_period=True)

    @property
    def calm(self) -> tuple[float, float]:
        return -math.inf, self.disagree_above

    def judge(self, series: Series, context: EvaluationContext) -> Judgement:
        del context
        passed = compare_above(series, self.disagree_above)
        assert series.may_fall is not None
        passed = np.where(series.may_fall, np.minimum(passed, int(PassedBy.HIGHEST)), passed).astype(np.int8)
        newest = series.newest
        reason = "" if newest is None else f"it cannot be compared: {series.notes[int(series.key[newest])]}"
        return Judgement(
            passed, constant(self.disagree_above, len(series)), reason=reason, finding=self._finding(series)
        )

    def _finding(self, series: Series) -> Callable[[int], str]:
        """The level as it is written; where the rounded figure does not show that it is passed, how it is."""
        level = self.disagree_above
        sides = ((series.low, DOWN), (series.value, ""), (series.high, UP))

        def found(at: int) -> str:
            is_exact = series.low[at] == series.high[at] and not series.or_more[at]
            ends = ((float(side[at]), "" if is_exact else to) for side, to in sides)
            passing, said = next(((end, ratio(end, to)) for end, to in ends if end > level), (math.inf, ""))
            just, exactly = "", ""
            if said == number(level):
                just = "just "
            elif not math.isinf(passing) and float(said.replace(",", "")) <= level:
                exactly = f" ({number(passing)})"
            return f"{just}more than {number(level)} times{'' if self.between else ' apart'}{exactly}"

        return found

    def condition(self, context: EvaluationContext) -> str:
        if self.between is None:
            return f"two sources differ by more than {number(self.disagree_above)} times for the same period"
        first, second = (
            context.other_indicators[name].verdict.title if name in context.other_indicators else name
            for name in self.between
        )
        by = f", by {self._whom(context)}" if self.sources else ""
        return f"{first} is more than {number(self.disagree_above)} times {second} in a period of the cap{by}"

    def _whom(self, context: EvaluationContext) -> str:
        """The sources that count, or their number where they are many."""
        titles = {line.origin: line.title for other in context.other_indicators.values() for line in other.lines}
        names = [titles.get(name, name) for name in self.sources or ()]
        return f"{listed(names)} alone" if len(names) <= _MANY else f"{len(names)} of their sources"

    def finding(self, bound: float, context: EvaluationContext) -> str:
        del context
        return f"more than {number(bound)} times apart"


def _by_days(members: Sequence[Series]) -> list[tuple[Period, list[ComparedFigure]]]:
    """The current figures of all lines, by the days that they are about, in order of their end."""
    found: dict[tuple[date, date], list[ComparedFigure]] = {}
    for member in members:
        for at in map(int, np.flatnonzero(member.current & member.has_figure)):
            days = day_of(member.end[at]), day_of(member.start[at])
            found.setdefault(days, []).append(ComparedFigure.of(member, at, (int(member.row[at]),)))
    return [(Period(start, end), figures) for (end, start), figures in sorted(found.items(), key=lambda one: one[0])]


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
    sides = [side.totals.get(period, ()) for side in (first, second)]
    known = [[int(total.since.astype(np.int64)) for total in totals] for totals in sides]
    found: list[Ratio] = []
    for instant in sorted({*known[0], *known[1]}):
        at = [bisect_right(one, instant) - 1 for one in known]
        one, other = (totals[place] if place >= 0 else None for totals, place in zip(sides, at, strict=True))
        vintage = _of_period(period, (first, one), (second, other), np.datetime64(instant, "s"))
        if found and vintage.says_the_same_as(found[-1]):
            found[-1] = replace(found[-1], rows=vintage.rows)
        else:
            found.append(vintage)
    return found or [apart(Period(period.start, period.start), [], f"neither side has a figure for {span(period)}")]


def _of_period(
    period: Period,
    first: tuple[CapSide, KnownTotal | None],
    second: tuple[CapSide, KnownTotal | None],
    since: np.datetime64,
) -> Ratio:
    one, other = _figure(*first), _figure(*second)
    there = [figure for figure in (one, other) if figure is not None]
    days = Period(period.start, max((figure.days.end for figure in there), default=period.start))
    if one is not None and _none_was_found(one, second[1]):
        missing = second[1].rows_missing_in(one.days) if second[1] else ()
        return none_reported(one.days, one, second[0].title, missing, since)
    if one is not None and other is not None:
        return divided(days, one, other)
    if not there:
        return apart(days, [], f"neither side has a figure for {span(period)}")
    lacking = second[0].title if other is None else first[0].title
    return apart(days, there, f"{lacking}: none known")


def _none_was_found(one: ComparedFigure, reports: KnownTotal | None) -> bool:
    """Whether somebody looked for reports about the days of a figure, and there are none."""
    if reports is None or not one.most_known > 0:
        return False
    return reports.is_missing_in(one.days) and not reports.has_figure_in(one.days)


def _figure(side: CapSide, total: KnownTotal | None) -> ComparedFigure | None:
    if total is None or not len(total.figure):
        return None
    title = total.title if side.names_claims and total.title else side.title
    return ComparedFigure.of(total.figure, 0, total.rows, title=title)
