"""`at_percent: 75`: the total of a cap's period reaches a share of the limit."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from dashboard.domain import Series
from dashboard.domain.text import number
from dashboard.thresholds.compare import compare_above, constant
from dashboard.thresholds.evaluation_context import EvaluationContext
from dashboard.thresholds.judgement import Judgement
from dashboard.thresholds.threshold import Threshold
from dashboard.thresholds.traits import Level, Needs, Wording


class AtPercent(Threshold):
    """Fires when the period's total reaches this percentage of `limit`: equal counts as reached."""

    key: ClassVar[str] = "at_percent"

    at_percent: float = Field(
        gt=0, allow_inf_nan=False, description="Percent of `limit`; needs `limit:` and `accumulate:`."
    )

    @property
    def needs(self) -> Needs:
        return Needs(limit=True)

    @property
    def level(self) -> Level:
        return Level(self.at_percent, (self.key,), is_reached=True)

    @property
    def wording(self) -> Wording:
        return Wording(doubt="whether the cap is reached is not known" if self.at_percent == 100 else "")

    def judge(self, series: Series, context: EvaluationContext) -> Judgement:
        if context.limit is None:
            raise ValueError("at_percent needs the indicator's limit")
        bound = context.limit * self.at_percent / 100
        return Judgement(compare_above(series, bound, reached=True), constant(bound, len(series)))

    def condition(self, context: EvaluationContext) -> str:
        return f"the total of a {context.period_name} reaches {number(self.at_percent)} % of {context.cap}"

    def finding(self, bound: float, passing: float, context: EvaluationContext) -> str:
        """The law speaks of more than the cap: a total that equals the cap has reached it, and exceeds nothing."""
        del context
        if self.at_percent != 100:
            return f"{number(self.at_percent)} % is reached"
        return "the cap is exceeded" if passing > bound * (1 + 1e-12) else "the cap is reached"
