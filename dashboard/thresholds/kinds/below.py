"""`below: 100`: the figure is less than a level."""

from __future__ import annotations

import math
from typing import ClassVar

from pydantic import Field

from dashboard.domain import Series
from dashboard.domain.text import number
from dashboard.thresholds.threshold import EvaluationContext, Judgement, Threshold, compare_above, constant, mirrored


class Below(Threshold):
    """Fires while the figure is less than the level; equal is not below."""

    key: ClassVar[str] = "below"

    below: float = Field(description="The level, in the indicator's unit. Equal is not below.", allow_inf_nan=False)

    def level(self) -> float:
        return -self.below

    @property
    def calm(self) -> tuple[float, float]:
        return self.below, math.inf

    def judge(self, series: Series, context: EvaluationContext) -> Judgement:
        del context
        count = len(series)
        return Judgement(compare_above(mirrored(series), -self.below), constant(self.below, count))

    def condition(self, context: EvaluationContext) -> str:
        return f"below {number(self.below)} {context.unit}"
