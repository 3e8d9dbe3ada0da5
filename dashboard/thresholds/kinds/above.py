"""`above: 5000`: the figure is greater than a level."""

from __future__ import annotations

import math
from typing import ClassVar

from pydantic import Field

from dashboard.domain import Series
from dashboard.domain.text import number
from dashboard.thresholds.threshold import EvaluationContext, Judgement, Threshold, compare_above, constant


class Above(Threshold):
    """Fires while the figure is greater than the level; equal is not above."""

    key: ClassVar[str] = "above"

    above: float = Field(description="The level, in the indicator's unit. Equal is not above.", allow_inf_nan=False)

    def level(self) -> float:
        return self.above

    @property
    def calm(self) -> tuple[float, float]:
        return -math.inf, self.above

    def judge(self, series: Series, context: EvaluationContext) -> Judgement:
        del context
        count = len(series)
        return Judgement(compare_above(series, self.above), constant(self.above, count))

    def condition(self, context: EvaluationContext) -> str:
        return f"above {number(self.above)} {context.unit}"
