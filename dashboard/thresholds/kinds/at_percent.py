"""`at_percent: 75`: the total of a cap's period reaches a share of the limit."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from dashboard.domain import Series
from dashboard.domain.text import number
from dashboard.thresholds.threshold import EvaluationContext, Judgement, Threshold, compare_above, constant


class AtPercent(Threshold):
    """Fires when the period's total reaches this percentage of `limit`: equal counts as reached."""

    key: ClassVar[str] = "at_percent"
    reaches: ClassVar[bool] = True

    at_percent: float = Field(
        gt=0, allow_inf_nan=False, description="Percent of `limit`; needs `limit:` and `accumulate:`."
    )

    @property
    def needs_limit(self) -> bool:
        return True

    def level(self) -> float:
        return self.at_percent

    def judge(self, series: Series, context: EvaluationContext) -> Judgement:
        if context.limit is None:
            raise ValueError("at_percent needs the indicator's limit")
        bound, count = context.limit * self.at_percent / 100, len(series)
        return Judgement(compare_above(series, bound, reached=True), constant(bound, count))

    def condition(self, context: EvaluationContext) -> str:
        return f"the total of a {context.period_name} reaches {number(self.at_percent)} % of {context.cap}"

    def finding(self, bound: float, context: EvaluationContext) -> str:
        del bound, context
        return "the cap is reached" if self.at_percent == 100 else f"{number(self.at_percent)} % is reached"

    def found(self, bound: float, context: EvaluationContext, passing: float) -> str:
        """The law speaks of more than the cap: a total that equals it has reached it, and exceeds nothing."""
        is_above = self.at_percent == 100 and passing > bound * (1 + 1e-12)
        return "the cap is exceeded" if is_above else self.finding(bound, context)

    def in_doubt(self) -> str:
        return "whether the cap is reached is not known" if self.at_percent == 100 else super().in_doubt()
