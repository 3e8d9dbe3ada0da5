"""`change_above: 20`: the figure has grown by more than this since an earlier figure of the same line.

A change is only taken between comparable figures: of one line, of periods equally long (or running totals that begin
together), and never across a break of the series that its source declares.
"""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from dashboard.domain import Series
from dashboard.domain.text import day, number
from dashboard.thresholds.compare import compare_above
from dashboard.thresholds.evaluation_context import EvaluationContext
from dashboard.thresholds.judgement import NOT_JUDGED, Judgement
from dashboard.thresholds.threshold import Threshold
from dashboard.thresholds.traits import Level, Needs

_NONE = -1
_LENGTHS_DIFFER_BY = np.timedelta64(3, "D")  # months have 28 to 31 days, years 365 or 366


class ChangeAbove(Threshold):
    """Fires while the figure is greater, by more than this, than an earlier figure of the same line.

    Not judged where there is no earlier figure to compare with, or only one of another length, before a
    `series_break:` of its source, or lacking a part. It has been known since both figures were.
    """

    key: ClassVar[str] = "change_above"

    change_above: float = Field(gt=0, allow_inf_nan=False, description="The growth, in the unit or in percent.")
    against: Literal["previous", "same_period_last_year"] = Field(
        default="previous", description="Which earlier figure: the one before it, or that of the same days a year ago."
    )
    measured_in: Literal["absolute", "percent"] = Field(
        default="percent",
        alias="in",
        description="absolute: in the indicator's unit. percent: of the earlier figure.",
    )

    @property
    def needs(self) -> Needs:
        return Needs(own_figures=True)

    @property
    def level(self) -> Level:
        return Level(self.change_above, (self.key, self.against, self.measured_in))

    def judge(self, series: Series, context: EvaluationContext) -> Judgement:
        del context
        usable = np.flatnonzero(series.current & series.has_figure)
        chosen = _before(series, usable) if self.against == "previous" else _a_year_before(series, usable)
        refused = _refusals(series, chosen)
        if not usable.size:
            empty = np.full(len(series), np.nan)
            return Judgement(np.full(len(series), NOT_JUDGED, np.int8), empty, _known_at(series, chosen))
        earlier = series.take(np.where(chosen == _NONE, usable[0], chosen))
        bound = self._passed_at(np.where(np.isnan(earlier.value), earlier.high, earlier.value))
        passed = compare_above(
            series,
            np.where(earlier.partial, np.inf, bound),  # the whole of a partial figure may be larger by anything
            bound_low=self._passed_at(np.where(np.isnan(earlier.low), 0.0, earlier.low)),
            bound_high=np.where(earlier.partial, np.nan, self._passed_at(earlier.at_most)),
        )
        judged = refused == ""
        reason = str(refused[usable[-1]]).format(earlier=self._earlier_in_words(), lacking=self._lacking())
        return Judgement(
            np.where(judged, passed, NOT_JUDGED).astype(np.int8),
            np.where(judged, bound, np.nan),
            _known_at(series, chosen),
            reason,
        )

    def condition(self, context: EvaluationContext) -> str:
        return f"more than {self._amount(context)} above {self._earlier_in_words()} of the same source"

    def finding(self, bound: float, passing: float, context: EvaluationContext) -> str:
        del passing
        earlier = bound / (1 + self.change_above / 100) if self.measured_in == "percent" else bound - self.change_above
        amount = f"{number(earlier)} {context.unit}".rstrip()
        return f"more than {self._amount(context)} above {self._earlier_in_words()}, {amount}"

    def _passed_at(self, earlier: np.ndarray) -> np.ndarray:
        """The level that a figure must pass to have grown by more than this since `earlier`."""
        if self.measured_in == "percent":
            return np.asarray(earlier * (1 + self.change_above / 100))
        return np.asarray(earlier + self.change_above)

    def _amount(self, context: EvaluationContext) -> str:
        amount = number(self.change_above)
        return f"{amount} %" if self.measured_in == "percent" else f"{amount} {context.unit}".rstrip()

    def _lacking(self) -> str:
        return "figure before it" if self.against == "previous" else "figure of the same period a year before"

    def _earlier_in_words(self) -> str:
        return "the figure before it" if self.against == "previous" else "that of the same period a year before"


def _before(series: Series, usable: np.ndarray) -> np.ndarray:
    """For each observation the position of the newest current figure that ends before it, or -1."""
    place = np.searchsorted(series.end[usable], series.end, side="left") - 1
    return np.where(place < 0, _NONE, usable[place] if usable.size else _NONE)


def _a_year_before(series: Series, usable: np.ndarray) -> np.ndarray:
    """For each observation the position of the current figure of the same days a year before, or -1."""
    spans = {series.period(int(position)): int(position) for position in usable}
    return np.array([spans.get(series.period(at).a_year_earlier(), _NONE) for at in range(len(series))], dtype=int)


def _refusals(series: Series, chosen: np.ndarray) -> np.ndarray:
    """Why an observation has no change to judge, "" where it has one; {earlier} and {lacking} stand for the earlier
    figure."""
    earlier = series.take(np.maximum(chosen, 0)) if len(series) else series
    broken = [_break_between(series, at, earlier) for at in range(len(series))] if series.breaks else [""]
    combined = series.origin == ""
    reasons = (
        (chosen == _NONE, "there is no {lacking} to compare with"),
        (np.full(len(series), combined) & (series.partial | earlier.partial), "a part of the sum is missing"),
        (~_comparable(series, earlier), "{earlier} is about a span of another length"),
    )
    refused = np.select([where for where, _ in reasons], [why for _, why in reasons], "").astype(object)
    return np.where(refused == "", np.array(broken, dtype=object), refused)


def _comparable(series: Series, earlier: Series) -> np.ndarray:
    """Which figures are about spans as long as their earlier figures, or running totals from the same day."""
    own, other = (figures.stated_end - figures.start for figures in (series, earlier))
    are_comparable = np.abs(own - other) <= _LENGTHS_DIFFER_BY
    if series.kind == "cumulative_claim":
        are_comparable |= series.start == earlier.start
    if series.kind == "flow":
        are_comparable &= (series.end == series.stated_end) & (earlier.end == earlier.stated_end)
    return np.asarray(are_comparable)


def _break_between(series: Series, position: int, earlier: Series) -> str:
    first, last = earlier.end[position], series.end[position]
    days = [break_day for break_day in series.breaks if first < np.datetime64(break_day) <= last]
    return f"the series breaks on {day(days[-1])}, and no change is taken across a break" if days else ""


def _known_at(series: Series, chosen: np.ndarray) -> np.ndarray:
    known_at = np.full(len(series), np.datetime64("NaT", "s"))
    compared = chosen != _NONE
    known_at[compared] = series.known_at[chosen[compared]]
    return known_at
