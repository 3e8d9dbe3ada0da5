"""`below: 100`: the figure is less than a level."""

from __future__ import annotations

import math
from typing import ClassVar

from pydantic import Field

from dashboard.domain import Series
from dashboard.domain.text import number
from dashboard.thresholds.compare import compare_above, constant, mirrored
from dashboard.thresholds.evaluation_context import EvaluationContext
from dashboard.thresholds.judgement import Judgement
from dashboard.thresholds.threshold import Threshold
from dashboard.thresholds.traits import Level


class Below(Threshold):
    """Fires while the figure is less than the level; equal is not below."""

    key: ClassVar[str] = "below"

    below: float = Field(description="The level, in the indicator's unit. Equal is not below.", allow_inf_nan=False)

    @property
    def level(self) -> Level:
        return Level(-self.below, (self.key,), calm=(self.below, math.inf))

    def judge(self, series: Series, context: EvaluationContext) -> Judgement:
        del context
        return Judgement(compare_above(mirrored(series), -self.below), constant(self.below, len(series)))

    def condition(self, context: EvaluationContext) -> str:
        return f"below {number(self.below)} {context.unit}"
