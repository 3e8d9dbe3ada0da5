"""`pace_above: 1.5`: a cap is being used up faster than its period passes."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
from pydantic import Field

from dashboard.domain import DurationText, Series
from dashboard.domain.dates import Anchor, Duration, day_of
from dashboard.domain.text import number
from dashboard.thresholds.compare import compare_above
from dashboard.thresholds.evaluation_context import EvaluationContext
from dashboard.thresholds.judgement import NOT_JUDGED, Judgement
from dashboard.thresholds.threshold import Threshold
from dashboard.thresholds.traits import Level, Needs

_ONE_DAY = np.timedelta64(1, "D")


class PaceAbove(Threshold):
    """Fires while the share of the limit used is more than this many times the share of the period elapsed.

    The period counts as elapsed to the end of the newest figure. Early in a period one delivery is any pace at all, so
    nothing is judged before `after` has passed and `at_least` figures have come.
    """

    key: ClassVar[str] = "pace_above"

    pace_above: float = Field(
        gt=0, allow_inf_nan=False, description="How many times; 1 uses the limit up on the period's last day."
    )
    after: DurationText = Field(
        default="25d", description="How much of the period must have passed before it is judged."
    )
    at_least: int = Field(default=2, ge=1, description="How many figures of the period must have come.")

    @property
    def needs(self) -> Needs:
        return Needs(limit=True)

    @property
    def level(self) -> Level:
        return Level(self.pace_above, (self.key,))

    def judge(self, series: Series, context: EvaluationContext) -> Judgement:
        if context.limit is None or context.anchor is None:
            raise ValueError("pace_above needs the indicator's limit and period")
        periods = [context.anchor.period(day_of(end)) for end in series.end]
        start, end = (
            np.array([getattr(period, side) for period in periods], dtype="datetime64[D]") for side in ("start", "end")
        )
        elapsed = (series.end - start + _ONE_DAY) / (end - start + _ONE_DAY)
        bound = context.limit * self.pace_above * elapsed
        too_early = self._too_early(series, start, context.anchor)
        passed = np.where(too_early == "", compare_above(series, bound), NOT_JUDGED).astype(np.int8)
        newest = series.newest
        return Judgement(passed, bound, reason="" if newest is None else str(too_early[newest]))

    def condition(self, context: EvaluationContext) -> str:
        return (
            f"the limit of a {context.period_name} is used more than {number(self.pace_above)} times as fast as the "
            f"period passes (judged after {Duration.parse(self.after)} and {self.at_least} figures)"
        )

    def finding(self, bound: float, passing: float, context: EvaluationContext) -> str:
        del passing
        return (
            f"more than {number(self.pace_above)} times the pace of the period ({number(bound)} {context.unit} by then)"
        )

    def _too_early(self, series: Series, start: np.ndarray, anchor: Anchor) -> np.ndarray:
        """Why the pace is not judged yet at each observation, "" where it is."""
        counted: dict[np.datetime64, int] = {}
        reasons = []
        for first, last in zip(start, series.end, strict=True):
            counted[first] = counted.get(first, 0) + 1
            period = anchor.period(day_of(first))
            early = day_of(last + _ONE_DAY) < Duration.parse(self.after).after(period.start)
            over = day_of(last) == period.end  # then the pace is the share of the limit, however few the figures
            reasons.append("" if over else self._reason(early, counted[first]))
        return np.array(reasons, dtype=object)

    def _reason(self, early: bool, figures: int) -> str:
        if early:
            return f"the pace is judged once figures reach {Duration.parse(self.after)} into the period"
        if figures < self.at_least:
            return f"the pace is judged from {self.at_least} figures of the period on, and there is {figures}"
        return ""
