"""`outside: [10, 90]`: the figure leaves a band, downwards or upwards."""

from __future__ import annotations

from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field, field_validator

from dashboard.domain import Series
from dashboard.domain.text import number
from dashboard.thresholds.compare import compare_above, mirrored
from dashboard.thresholds.evaluation_context import EvaluationContext
from dashboard.thresholds.judgement import NOT_PASSED, Judgement
from dashboard.thresholds.threshold import Threshold
from dashboard.thresholds.traits import Level

Finite = Annotated[float, Field(allow_inf_nan=False)]


class Outside(Threshold):
    """Fires while the figure is below the first level or above the second; equal to either is inside."""

    key: ClassVar[str] = "outside"

    outside: list[Finite] = Field(
        min_length=2, max_length=2, description="The lowest and the highest level that are still inside: [10, 90]."
    )

    @field_validator("outside")
    @classmethod
    def _is_a_band(cls, band: list[float]) -> list[float]:
        if band[0] >= band[1]:
            raise ValueError(f"the first level ({number(band[0])}) must be below the second ({number(band[1])})")
        return band

    @property
    def level(self) -> Level:
        low, high = self.outside
        return Level(high - low, (self.key,), calm=(low, high))

    def judge(self, series: Series, context: EvaluationContext) -> Judgement:
        del context
        low, high = self.outside
        below, above = compare_above(mirrored(series), -low), compare_above(series, high)
        surest = np.maximum(below, above)
        passed = np.where(surest > NOT_PASSED, surest, np.minimum(below, above))
        return Judgement(passed, np.where(below > above, low, high))

    def condition(self, context: EvaluationContext) -> str:
        low, high = self.outside
        return f"below {number(low)} or above {number(high)} {context.unit}"

    def finding(self, bound: float, passing: float, context: EvaluationContext) -> str:
        del passing
        side = "below" if bound == self.outside[0] else "above"
        return f"{side} {number(bound)} {context.unit}, outside {number(self.outside[0])} to {number(self.outside[1])}"
