"""`above: 5000`: the figure is greater than a level."""

from __future__ import annotations

import math
from typing import ClassVar

from pydantic import Field

from dashboard.domain import Series
from dashboard.domain.text import number
from dashboard.thresholds.compare import compare_above, constant
from dashboard.thresholds.evaluation_context import EvaluationContext
from dashboard.thresholds.judgement import Judgement
from dashboard.thresholds.threshold import Threshold
from dashboard.thresholds.traits import Level


class Above(Threshold):
    """Fires while the figure is greater than the level; equal is not above."""

    key: ClassVar[str] = "above"

    above: float = Field(description="The level, in the indicator's unit. Equal is not above.", allow_inf_nan=False)

    @property
    def level(self) -> Level:
        return Level(self.above, (self.key,), calm=(-math.inf, self.above))

    def judge(self, series: Series, context: EvaluationContext) -> Judgement:
        del context
        return Judgement(compare_above(series, self.above), constant(self.above, len(series)))

    def condition(self, context: EvaluationContext) -> str:
        return f"above {number(self.above)} {context.unit}"
