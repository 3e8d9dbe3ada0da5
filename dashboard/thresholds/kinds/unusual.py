"""`unusual: high`: the newest figure is more than the series' own history can explain."""

from __future__ import annotations

from functools import cached_property
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from dashboard.domain import DurationText, Series
from dashboard.domain.dates import Duration
from dashboard.domain.text import number, span_of_days
from dashboard.thresholds import anomaly
from dashboard.thresholds.compare import compare_above
from dashboard.thresholds.evaluation_context import EvaluationContext
from dashboard.thresholds.judgement import NEVER, Judgement
from dashboard.thresholds.threshold import Threshold
from dashboard.thresholds.traits import Level


class Unusual(Threshold):
    """Fires while a figure is at least as large as the smallest that its own history could hardly explain.

    The history before it says what is usual: level, season and slow trend as far as it supports them, and how much
    it varies by itself. The newest figure is judged alone and the newest few together. With too little history
    nothing is judged.
    """

    key: ClassVar[str] = "unusual"

    unusual: Literal["high"] = Field(description="high: more than usual.")
    false_alarm_every: DurationText = Field(
        default="5y", description="How rarely chance alone may raise it, in one series: about once in this time."
    )
    window: DurationText = Field(default="7y", description="How far back the history goes that it is compared with.")
    guard: int = Field(
        default=anomaly.Yardstick().guard,
        ge=3,
        le=50,
        description="How many figures just before it are left out of the history.",
    )

    @cached_property
    def yardstick(self) -> anomaly.Yardstick:
        every, window = Duration.parse(self.false_alarm_every), Duration.parse(self.window)
        return anomaly.Yardstick(every.in_days, window.in_days, self.guard)

    @property
    def level(self) -> Level:
        return Level(None, (self.key,), is_reached=True)

    def judge(self, series: Series, context: EvaluationContext) -> Judgement:
        del context
        usable = np.flatnonzero(series.current & ~np.isnan(series.value))
        # of two figures for one day the later counts
        ends, last = np.unique(series.end[usable][::-1], return_index=True)
        usable = usable[::-1][last]
        count = len(series)
        if not len(usable):
            return Judgement(np.full(count, -1, np.int8), np.full(count, np.nan))
        bounds = anomaly.judge_history(ends, series.value[usable], self.yardstick)
        place = np.minimum(np.searchsorted(ends, series.end), len(ends) - 1)
        bound = np.where(ends[place] == series.end, bounds.bound[place], np.nan)
        before = np.maximum.accumulate(series.known_at[usable])[np.maximum(place - 1, 0)]
        known_at = np.where(place > 0, before, NEVER)
        passed = compare_above(series, bound, reached=True)

        def finding(position: int) -> str:
            return _finding(bounds.at(int(place[position])), ends[: place[position] + 1], self.false_alarm_every)

        expected = np.where(np.isnan(bound), np.nan, bounds.expected[place])
        return Judgement(passed, bound, known_at, bounds.at(int(place[-1])).reason, finding, expected)

    def condition(self, context: EvaluationContext) -> str:
        every = Duration.parse(self.false_alarm_every)
        return f"a figure of {context.unit} is higher than chance would bring it once in {every}"


def _finding(bound: anomaly.Bound, ends: np.ndarray, every: str) -> str:
    """The words behind the figure: the history before it, and how rarely chance would bring such a figure."""
    together = "" if bound.together == 1 else f", {bound.together} in a row together,"
    history = f"the {bound.periods} figures of {span_of_days(int((ends[-1] - ends[0]).astype(int)))} before"
    return (
        f"unusual{together} since {history} had {number(bound.seen_mean)} on average and {number(bound.seen_max)} at "
        f"most{'' if bound.together == 1 else f' for {bound.together} together'}; by chance this would come less than "
        f"once in {Duration.parse(every)}"
    )
