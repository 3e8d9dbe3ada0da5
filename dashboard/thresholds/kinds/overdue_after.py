"""`overdue_after: 30d`: a report that is owed has not come."""

from __future__ import annotations

import math
from typing import ClassVar

from pydantic import Field, field_validator

from dashboard.domain import PassedBy, Series
from dashboard.domain.dates import Duration
from dashboard.thresholds.threshold import EvaluationContext, Judgement, Threshold, compare_above, constant


class OverdueAfter(Threshold):
    """Fires while the oldest report still owed is later than this after the end of the period it is about.

    It judges the days from the end of that period: surely up to the last look after which a row of `status: missing`
    said that it had not come; possibly up to the instant, for what has not reached us may have been filed.
    """

    key: ClassVar[str] = "overdue_after"

    overdue_after: str = Field(description="How long after the end of its period a report is owed: 30d.")

    @field_validator("overdue_after")
    @classmethod
    def _is_days(cls, text: str) -> str:
        if Duration.parse(text).months:
            raise ValueError(f'"{text}": give days or weeks, as in 30d')
        return text

    @property
    def silence(self) -> Duration:
        return Duration.parse(self.overdue_after)

    def level(self) -> float:
        return self.silence.days

    @property
    def calm(self) -> tuple[float, float]:
        return -math.inf, self.silence.days

    def judge(self, series: Series, context: EvaluationContext) -> Judgement:
        del context
        bound, count = float(self.silence.days), len(series)
        return Judgement(compare_above(series, bound), constant(bound, count))

    def condition(self, context: EvaluationContext) -> str:
        del context
        return f"a report is still missing {self.silence} after the end of the period it is about"

    def told(self, figure: str, when: str, said_by: str) -> str:
        del figure, when
        return said_by

    def phrase(self, passed_by: PassedBy) -> str:
        return "not excluded" if passed_by is PassedBy.HIGHEST else "owed at last look"

    def finding(self, bound: float, context: EvaluationContext) -> str:
        del bound, context
        return f"overdue for more than {self.silence}"
