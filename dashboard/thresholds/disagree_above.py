"""`disagree_above: 1.5`: sources, or two indicators, say things too far apart about the same period.

Only what both sides have figures of is compared, and the figures stand beside the ratio with the days they cover. A
side that lacks days or members may be larger than it looks: as the divisor it lets the ratio pass only at its highest.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import permutations
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field, field_validator

from dashboard.model import PassedBy, Series, Verdict
from dashboard.periods import Anchor, Duration, Period, day_of, end_of_day
from dashboard.thresholds.base import Judgement, Place, Setting, Threshold, compare_above, constant
from dashboard.words import amount, number, span

Figure = tuple[Series, int]  # one observation


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
    window: str = Field(default="90d", description="With `between`: how long it fires after the newest figure.")

    @field_validator("window")
    @classmethod
    def _is_duration(cls, text: str) -> str:
        Duration.parse(text)
        return text

    def told(self, figure: str, when: str, said_by: str) -> str:
        return f"{figure}, as far as both sides are known, {when} ({said_by})"

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
        return self.key, *(self.between or ())

    @property
    def own_unit(self) -> str:
        return "times"

    def level(self) -> float:
        return self.disagree_above

    def line(self, members: Sequence[Series], setting: Setting) -> Series:
        """The ratios, one a period that any side has a figure of; unknown where only one has."""
        if self.between is None:
            return _as_series([_largest(*one) for one in _by_days(members)], "sources compared")
        first, second = (setting.others[name] for name in self.between)
        found = [_of_period(period, sides) for period, sides in _by_period(first, second, setting.as_of)]
        return _as_series(found, f"{first.title} to {second.title}")

    @property
    def calm(self) -> tuple[float, float]:
        return -math.inf, self.disagree_above

    def judge(self, series: Series, setting: Setting) -> Judgement:
        del setting
        passed = compare_above(series, self.disagree_above)
        doubtful = series.partial & ~series.or_more
        passed = np.where(doubtful, np.minimum(passed, int(PassedBy.HIGHEST)), passed).astype(np.int8)
        newest = series.newest
        reason = "" if newest is None else f"it cannot be compared: {series.notes[int(series.key[newest])]}"
        return Judgement(passed, constant(self.disagree_above, len(series)), reason=reason)

    def condition(self, setting: Setting) -> str:
        if self.between is None:
            return f"two sources differ by more than {number(self.disagree_above)} times for the same period"
        first, second = (setting.others[name].title if name in setting.others else name for name in self.between)
        return f"{first} is more than {number(self.disagree_above)} times {second} in a period of the cap"

    def finding(self, bound: float, setting: Setting) -> str:
        del setting
        return f"more than {number(bound)} times apart"


@dataclass(frozen=True)
class _Ratio:
    """A ratio with its range, about days, and the words for what it was made of."""

    period: Period
    known_at: np.datetime64
    note: str
    low: float = np.nan
    value: float = np.nan
    high: float = np.nan
    at_least: float = np.nan
    at_most: float = np.nan
    or_more: bool = False
    partial: bool = True


def _by_days(members: Sequence[Series]) -> list[tuple[Period, list[Figure]]]:
    """The current figures of all lines, by the days that they are about, in order of their end."""
    found: dict[tuple[date, date], list[Figure]] = {}
    for member in members:
        for at in map(int, np.flatnonzero(member.current & member.has_figure)):
            found.setdefault((day_of(member.end[at]), day_of(member.start[at])), []).append((member, at))
    return [(Period(start, end), figures) for (end, start), figures in sorted(found.items(), key=lambda one: one[0])]


def _by_period(
    first: Verdict, second: Verdict, as_of: date
) -> list[tuple[Period, tuple[Figure | None, Figure | None]]]:
    """The last total of each side in each period that either has one of, and in the current period."""
    if first.period is None or not (_has_totals(first) or _has_totals(second)):
        return []
    anchor = Anchor(first.period.start.month, first.period.start.day)
    one, other = (_totals(verdict, anchor) for verdict in (first, second))
    periods = sorted({*one, *other, anchor.period(as_of)})
    return [(period, (one.get(period), other.get(period))) for period in periods]


def _has_totals(verdict: Verdict) -> bool:
    return any(len(one.series) for one in verdict.assessments)


def _totals(verdict: Verdict, anchor: Anchor) -> Mapping[Period, Figure]:
    series = replace(verdict.assessments[0].series, title=verdict.title)
    return {anchor.period(day_of(end)): (series, at) for at, end in enumerate(series.end)}


def _of_period(period: Period, sides: tuple[Figure | None, Figure | None]) -> _Ratio:
    first, second = sides
    if first is None or second is None:
        there = [figure for figure in sides if figure is not None]
        end = max((day_of(series.end[at]) for series, at in there), default=period.start)
        note = _told(there) if there else f"neither side has a figure of {span(period)}"
        return _Ratio(Period(period.start, end), _known_at(there, end), f"{note} (nothing to compare it with)")
    end = max(day_of(series.end[at]) for series, at in (first, second))
    return _ratio(Period(period.start, end), first, second)


def _largest(period: Period, figures: list[Figure]) -> _Ratio:
    """The largest ratio of any two; each end is the largest of that end."""
    if len({series.unit for series, _ in figures}) > 1 or len(figures) < 2:
        why = "nothing to compare it with" if len(figures) < 2 else "not in the same unit"
        return _Ratio(period, _known_at(figures, period.end), f"{_told(figures)} ({why})")
    pairs = [_ratio(period, one, other) for one, other in permutations(figures, 2)]
    low, value, at_least = (
        float(np.fmax.reduce([getattr(pair, side) for pair in pairs])) for side in ("low", "value", "at_least")
    )
    high, at_most = (float(np.max([getattr(pair, side) for pair in pairs])) for side in ("high", "at_most"))
    surest = max(pairs, key=lambda pair: (not pair.partial or pair.or_more, pair.low))
    partial = any(pair.partial for pair in pairs)
    return _Ratio(
        period, _known_at(figures, period.end), _told(figures), low, value, high, at_least, at_most,
        or_more=partial and surest.or_more, partial=partial,
    )  # fmt: skip


def _ratio(period: Period, first: Figure, second: Figure) -> _Ratio:
    (one, i), (other, j) = first, second
    known_at, note = _known_at([first, second], period.end), _told([first, second])
    low = _divided(one.low[i], other.high[j])
    value = _divided(one.value[i], other.value[j])
    high = _divided(one.high[i], other.low[j])
    if other.partial[j]:
        so_far = np.fmax.reduce([_divided(one.low[i], other.low[j]), value, high])
        return _Ratio(period, known_at, note, so_far, so_far, so_far, or_more=False)
    at_least, at_most = _divided(one.at_least[i], other.at_most[j]), _divided(one.at_most[i], other.at_least[j])
    partial = bool(one.partial[i])
    return _Ratio(period, known_at, note, low, value, high, at_least, at_most, or_more=partial, partial=partial)


def _divided(figure: float, by: float) -> float:
    """NaN where either is unknown; two zeros agree, and zero against something is without measure."""
    if np.isnan(figure) or np.isnan(by):
        return float("nan")
    return float(figure / by) if by else 1.0 if not figure else float("inf")


def _known_at(figures: Sequence[Figure], end: date) -> np.datetime64:
    """When the last of the figures became known, and never before the day that they are about."""
    return np.datetime64(max([np.datetime64(end_of_day(end)), *(series.known_at[at] for series, at in figures)]), "s")


def _told(figures: Sequence[Figure]) -> str:
    """Each figure with its source and the days that it covers."""
    return "; ".join(_one_told(series, at) for series, at in figures)


def _one_told(series: Series, at: int) -> str:
    low, value, high = (float(side[at]) for side in (series.low, series.value, series.high))
    said = amount(low, value, high, series.unit, or_more=bool(series.or_more[at]))
    days = span(Period(day_of(series.start[at]), day_of(series.end[at])))
    return f"{series.title}: {said} for {days}{', not all of it covered' if series.partial[at] else ''}"


def _as_series(ratios: Sequence[_Ratio], title: str) -> Series:
    def side(name: str) -> np.ndarray:
        return np.array([getattr(ratio, name) for ratio in ratios], dtype=float)

    def days(name: str) -> np.ndarray:
        return np.array([getattr(ratio.period, name) for ratio in ratios], dtype="datetime64[D]")

    return Series.computed(
        source=title,
        title=title,
        start=days("start"),
        end=days("end"),
        low=side("low"),
        value=side("value"),
        high=side("high"),
        at_least=side("at_least"),
        at_most=side("at_most"),
        or_more=np.array([ratio.or_more for ratio in ratios], dtype=bool),
        partial=np.array([ratio.partial for ratio in ratios], dtype=bool),
        known_at=np.array([ratio.known_at for ratio in ratios], dtype="datetime64[s]"),
        unit="times",
        gaps_speak=True,
        notes=dict(enumerate(ratio.note for ratio in ratios)),
    )
