"""A cap's open period in figures: used, remaining, pace, and where it leads if it goes on like this."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from dashboard import words
from dashboard.model import Verdict
from dashboard.periods import Period, day_of

Range = tuple[float, float, float]  # low, value, high

FEWEST_DAYS = 25  # of the period, before a projection says more than chance


@dataclass(frozen=True)
class Outlook:
    """Ranges are (low, value, high) in the indicator's unit, NaN for unknown.

    elapsed: the part of the period up to the end of the newest figure, 0 to 1; pace: share of the limit used over
    that part, 1 is just enough to reach it; projected: the total at the period's end at this pace; exhausted: the
    earliest and the latest day on which the limit is reached at this pace, each None where nothing known says it is by
    then, the whole None where it is not reached in the period; milestones: for each level reached in percent, the day
    by which it was. Projections are None before `FEWEST_DAYS`, and for a total that leaves days out, which has no pace.
    """

    period: Period
    until: date
    used: Range
    remaining: Range
    elapsed: float
    is_partial: bool
    pace: Range | None
    projected: Range | None
    exhausted: tuple[date | None, date | None] | None
    milestones: tuple[tuple[float, date], ...]

    def facts(self, unit: str) -> list[tuple[str, str]]:
        """The outlook in words, each with its name."""
        told = [
            ("period", f"{words.span(self.period)}, up to {words.day(self.until)} ({100 * self.elapsed:.0f} % of it)"),
            ("used", words.amount(*self.used, unit, or_more=self.is_partial)),
            ("remaining", _remaining(self.remaining, unit, is_partial=self.is_partial)),
        ]
        if self.pace and self.projected:
            told.append(("pace", f"{words.amount(*self.pace)} times what would just reach the limit"))
            told.append(("projected to the period's end", self.projection(unit)))
        else:
            told.append(("no projection", "days or members are missing" if self.is_partial else "too early"))
        if self.exhausted:
            told.append(("limit reached at this pace", _between(*self.exhausted)))
        return told + [(f"{words.number(level)} %", f"reached by {words.day(day)}") for level, day in self.milestones]

    def projection(self, unit: str) -> str:
        """The projected total in words, rounded, for it is no count; "" where there is none."""
        if self.projected is None:
            return ""
        low, value, high = (side if math.isnan(side) else float(round(side)) for side in self.projected)
        return words.amount(low, value, high, unit)

    def lines(self, unit: str) -> list[str]:
        return [f"{name}: {said}" for name, said in self.facts(unit)]


def outlook(verdict: Verdict) -> Outlook | None:
    """The outlook of the open period of a cap; None for other indicators, and while nothing of it is known."""
    if verdict.period is None or verdict.limit is None or verdict.speaks is None:
        return None
    assessment = verdict.assessments[verdict.speaks[0]]
    series, at = assessment.series, verdict.speaks[1]
    until = day_of(series.end[at])
    used = float(series.low[at]), float(series.value[at]), float(series.high[at])
    days = (until - verdict.period.start).days + 1
    whole = (verdict.period.end - verdict.period.start).days + 1
    elapsed, is_partial = days / whole, bool(series.partial[at])
    goes_on = days >= FEWEST_DAYS and not is_partial
    low, value, high = used
    return Outlook(
        period=verdict.period,
        until=until,
        used=used,
        remaining=(verdict.limit - high, verdict.limit - value, verdict.limit - low),
        elapsed=elapsed,
        is_partial=is_partial,
        pace=(_pace(low, verdict, elapsed), _pace(value, verdict, elapsed), _pace(high, verdict, elapsed))
        if goes_on
        else None,
        projected=(low / elapsed, value / elapsed, high / elapsed) if goes_on else None,
        exhausted=_exhausted(verdict, used, days) if goes_on else None,
        milestones=_milestones(verdict),
    )


def _pace(used: float, verdict: Verdict, elapsed: float) -> float:
    assert verdict.limit is not None
    return round(used / verdict.limit / elapsed, 2)


def _exhausted(verdict: Verdict, used: Range, days: int) -> tuple[date | None, date | None] | None:
    """At the rate so far: the earliest day from the high end, the latest from the low end; within the period only."""
    assert verdict.period is not None
    assert verdict.limit is not None
    low, _, high = used
    earliest, latest = (
        verdict.period.start + timedelta(days=math.ceil(days * verdict.limit / side) - 1) if side > 0 else None
        for side in (high, low)
    )
    if latest is not None and latest > verdict.period.end:
        latest = None
    is_reached = latest is not None or (earliest is not None and earliest <= verdict.period.end)
    return (earliest, latest) if is_reached else None


def _between(earliest: date | None, latest: date | None) -> str:
    if earliest is None:
        return f"by {words.day(latest)} at the latest" if latest else ""
    if latest is None:
        return f"not before {words.day(earliest)}, if at all"
    return words.day(earliest) if earliest == latest else f"between {words.day(earliest)} and {words.day(latest)}"


def _milestones(verdict: Verdict) -> tuple[tuple[float, date], ...]:
    """The levels that the total's value has reached, and the end of the first running total that did."""
    assert verdict.period is not None
    assert verdict.limit is not None
    assert verdict.speaks is not None
    assessment = verdict.assessments[verdict.speaks[0]]
    series = assessment.series
    inside = (series.end >= np.datetime64(verdict.period.start)) & (series.end <= np.datetime64(verdict.period.end))
    found = {}
    for threshold, bound in zip(assessment.thresholds, assessment.bounds, strict=True):
        reached = np.flatnonzero(inside & (series.value >= bound))
        if threshold.needs_limit and reached.size:
            level = round(100 * float(bound[reached[0]]) / verdict.limit, 6)
            found[level] = day_of(series.end[reached[0]])
    return tuple(sorted(found.items()))


def _remaining(sides: Range, unit: str, *, is_partial: bool) -> str:
    low, value, high = (max(side, 0.0) for side in sides)
    most = high if math.isnan(value) else value
    if is_partial:
        return f"at most {words.number(most)} {unit}"
    return words.amount(low, value, high, unit)
