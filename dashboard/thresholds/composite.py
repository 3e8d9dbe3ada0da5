"""The base of the kinds over other indicators: enough of them fire within one window."""

from __future__ import annotations

from abc import abstractmethod

import numpy as np
from pydantic import Field

from dashboard.domain import DurationText, PassedBy, Series, Verdict
from dashboard.domain.dates import Duration
from dashboard.domain.text import listed
from dashboard.thresholds.compare import constant
from dashboard.thresholds.evaluation_context import EvaluationContext
from dashboard.thresholds.judgement import NOT_JUDGED, NOT_PASSED, Judgement
from dashboard.thresholds.own_lines.firing_count import FiringCount
from dashboard.thresholds.threshold import Threshold
from dashboard.thresholds.traits import Level


class FiringIndicators(Threshold):
    """The base of `all_of`, `any_of` and `n_of`."""

    within: DurationText = Field(default="30d", description="They count together when they fire within this time.")

    @property
    @abstractmethod
    def enough(self) -> int:
        """How many must fire."""

    @property
    def alarm_window(self) -> Duration:
        return Duration.parse(self.within)

    @property
    def level(self) -> Level:
        return Level(None, (self.key,), is_reached=True)

    @property
    def own_line(self) -> FiringCount:
        return FiringCount(frozenset(self.needs.ids), self.enough, self.within)

    def judge(self, series: Series, context: EvaluationContext) -> Judgement:
        reached = [series.low >= self.enough, series.value >= self.enough, series.high >= self.enough]
        passed = np.select(reached, [int(PassedBy.LOWEST), int(PassedBy.VALUE), int(PassedBy.HIGHEST)], 0)
        passed = np.where((passed == NOT_PASSED) & (series.at_most >= self.enough), NOT_JUDGED, passed)
        verdicts = [context.other_indicators[name].verdict for name in self.needs.ids]
        unknown = [verdict.title for verdict in verdicts if not _is_known(verdict)]
        reason = f"{listed(unknown)} cannot be judged" if unknown else "what they said lately lies in the window"
        return Judgement(passed.astype(np.int8), constant(float(self.enough), len(series)), reason=reason)

    def condition(self, context: EvaluationContext) -> str:
        titles = [context.title_of(name) for name in self.needs.ids]
        return f"{self._how_many()} {listed(titles, self._conjunction())} fire within {self.alarm_window}"

    def finding(self, bound: float, passing: float, context: EvaluationContext) -> str:
        del bound, passing, context
        return f"{self.enough} {'is' if self.enough == 1 else 'are'} enough within {self.alarm_window}"

    def _how_many(self) -> str:
        return f"{self.enough} of"

    def _conjunction(self) -> str:
        return "and"


def _is_known(verdict: Verdict) -> bool:
    return verdict.is_calm or verdict.state.is_on
