"""A cap's open period in figures: used, remaining, pace, and where it leads if it goes on like this."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from dashboard.domain import Figure, PassedBy, Series, Verdict
from dashboard.domain.dates import Period, day_of
from dashboard.domain.text import wording as words
from dashboard.evaluation import Evaluation
from dashboard.thresholds import Assessment, exceeds

FEWEST_DAYS = 25  # of the period, before a projection says more than chance


@dataclass(frozen=True)
class Outlook:
    """Figures are in the indicator's unit.

    source: whose total it is, "" where there is but one line; elapsed: the part of the period up to the end of the
    newest figure, 0 to 1; pace: share of the limit used over that part, 1 is just enough to reach it; projected: the
    total at the period's end at this pace; exhausted: the earliest and the latest day on which the limit is reached at
    this pace, each None where nothing known says it is by then, the whole None where it is not reached in the period,
    or surely has been; milestones: for each level reached in percent, the day by which it was. Projections are None
    before `FEWEST_DAYS`, and for a total that leaves days out, which has no pace.
    """

    source: str
    period: Period
    until: date
    used: Figure
    remaining: Figure
    elapsed: float
    is_partial: bool
    pace: Figure | None
    projected: Figure | None
    exhausted: tuple[date | None, date | None] | None
    milestones: tuple[tuple[float, date], ...]

    def facts(self) -> list[tuple[str, str]]:
        """The outlook in words, each with its name."""
        facts = [("source", self.source)] if self.source else []
        facts += [
            ("period", f"{words.span(self.period)}, up to {words.day(self.until)} ({100 * self.elapsed:.0f} % of it)"),
            ("used", str(self.used)),
            ("remaining", _remaining(self.remaining, is_partial=self.is_partial)),
        ]
        if self.pace and self.projected:
            facts.append(("pace", f"{self.pace} times what would just reach the limit"))
            facts.append(("projected to the period's end", self.projection))
        else:
            facts.append(("no projection", "days or members are missing" if self.is_partial else "too early"))
        if self.exhausted:
            facts.append(("limit reached at this pace", _between(*self.exhausted)))
        return facts + [(f"{words.number(level)} %", f"reached by {words.day(day)}") for level, day in self.milestones]

    @property
    def projection(self) -> str:
        """The projected total in words, rounded, for it is no count; "" where there is none."""
        if self.projected is None:
            return ""
        low, value, high = self.projected.low, self.projected.value, self.projected.high
        if low < high:
            low, high = float(math.floor(low)), float(math.ceil(high))
        low, value, high = (side if math.isnan(side) else float(round(side)) for side in (low, value, high))
        return str(Figure(low, value, high, self.projected.unit))

    def lines(self) -> list[str]:
        return [f"{name}: {said}" for name, said in self.facts()]


def outlook(evaluation: Evaluation) -> Outlook | None:
    """The outlook of the open period of a cap; None for other indicators, and while nothing of it is known."""
    verdict, deciding = evaluation.verdict, evaluation.deciding
    if verdict.period is None or verdict.limit is None or deciding is None:
        return None
    series, at = deciding.assessment.series, deciding.position
    until = day_of(series.end[at])
    is_partial = bool(series.partial[at])
    used = replace(series.figure(at), unit=verdict.figure.unit, or_more=is_partial)
    days = (until - verdict.period.start).days + 1
    whole = (verdict.period.end - verdict.period.start).days + 1
    elapsed = days / whole
    goes_on = days >= FEWEST_DAYS and not is_partial
    return Outlook(
        source=series.title if len(evaluation.assessments) > 1 else "",
        period=verdict.period,
        until=until,
        used=used,
        remaining=_left_of(verdict.limit, used),
        elapsed=elapsed,
        is_partial=is_partial,
        pace=_pace(used, verdict.limit, elapsed) if goes_on else None,
        projected=Figure(used.low / elapsed, used.value / elapsed, used.high / elapsed, used.unit) if goes_on else None,
        exhausted=_exhausted(verdict, series, used, days) if goes_on else None,
        milestones=_milestones(verdict, deciding.assessment),
    )


def _left_of(limit: float, used: Figure) -> Figure:
    return Figure(limit - used.high, limit - used.value, limit - used.low, used.unit)


def _pace(used: Figure, limit: float, elapsed: float) -> Figure:
    low, value, high = (round(side / limit / elapsed, 2) for side in (used.low, used.value, used.high))
    return Figure(low, value, high)


def _exhausted(verdict: Verdict, series: Series, used: Figure, days: int) -> tuple[date | None, date | None] | None:
    """At the rate so far: the earliest day from the high end, the latest from the low end; within the period only.

    None where even the low end has reached the limit: then the milestones say when, and no pace knows better.
    """
    assert verdict.limit is not None
    low, high = used.low, used.high
    if exceeds(np.array([low]), verdict.limit, reached=True)[0]:
        return None
    earliest, latest = (_reached_on(verdict, days, side) for side in (high, low))
    if exceeds(np.array([high]), verdict.limit, reached=True)[0]:
        earliest = _within_what_is_known(verdict, series, earliest)
    return (earliest, latest) if earliest or latest else None


def _reached_on(verdict: Verdict, days: int, side: float) -> date | None:
    """The day on which the limit is reached if `side` took so many days; None for none of the period's."""
    assert verdict.period is not None
    assert verdict.limit is not None
    if not side > 0:
        return None
    needed = days * verdict.limit / side  # compared before it is made a day: of a small figure none would be far enough
    if needed > (verdict.period.end - verdict.period.start).days + 1:
        return None
    return verdict.period.start + timedelta(days=max(math.ceil(needed), 1) - 1)


def _within_what_is_known(verdict: Verdict, series: Series, day: date | None) -> date:
    """The day, after the last whole total before the limit was possibly reached, and by the first that did reach it."""
    assert verdict.period is not None
    assert verdict.limit is not None
    inside = _inside(verdict, series)
    reaches = exceeds(series.high, verdict.limit, reached=True)
    first = series.end[inside & reaches].min()
    under = inside & ~reaches & ~np.isnan(series.high) & ~series.partial & (series.end < first)
    soonest = day_of(series.end[under].max()) + timedelta(days=1) if under.any() else verdict.period.start
    return min(max(day or soonest, soonest), day_of(first))


def _inside(verdict: Verdict, series: Series) -> np.ndarray:
    """Which totals stand and are of the open period."""
    assert verdict.period is not None
    first, last = np.datetime64(verdict.period.start), np.datetime64(verdict.period.end)
    return np.asarray(series.current & (series.end >= first) & (series.end <= last))


def _between(earliest: date | None, latest: date | None) -> str:
    if earliest is None:
        return f"by {words.day(latest)} at the latest" if latest else ""
    if latest is None:
        return f"not before {words.day(earliest)}, if at all"
    return words.day(earliest) if earliest == latest else f"between {words.day(earliest)} and {words.day(latest)}"


def _milestones(verdict: Verdict, assessment: Assessment) -> tuple[tuple[float, date], ...]:
    """The shares of the limit that the end demanded by their threshold reached, the value at least, and by when.

    A high end alone reaches nothing: that it may have is said by the verdict.
    """
    assert verdict.limit is not None
    inside = _inside(verdict, assessment.series)
    days: dict[float, date] = {}
    for threshold, bound, passed in zip(assessment.thresholds, assessment.bounds, assessment.passed, strict=True):
        reached = np.flatnonzero(inside & (passed >= max(threshold.demanded_end, PassedBy.VALUE)))
        is_share = threshold.needs.limit and threshold.level.is_reached  # a pace is no share that can be reached
        if is_share and reached.size:
            level = round(100 * float(bound[reached[0]]) / verdict.limit, 6)
            day = day_of(assessment.series.end[reached].min())
            days[level] = min(day, days.get(level, day))
    return tuple(sorted(days.items()))


def _remaining(left: Figure, *, is_partial: bool) -> str:
    sides = (left.low, left.value, left.high)
    low, value, high = (side if math.isnan(side) else max(side, 0.0) for side in sides)
    value = low if low == high else value
    most = high if math.isnan(value) else value
    if most == 0:
        return "nothing: the cap is used up"
    if is_partial:
        return f"at most {words.number(most, words.UP)} {left.unit}"
    return str(Figure(low, value, high, left.unit))
