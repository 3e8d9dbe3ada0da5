"""`overdue_after: 30d`: a report that is owed has not come."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from pydantic import Field, field_validator

from dashboard.domain import PassedBy, Series
from dashboard.domain.dates import Duration
from dashboard.thresholds.compare import compare_above, constant
from dashboard.thresholds.evaluation_context import EvaluationContext
from dashboard.thresholds.judgement import Judgement
from dashboard.thresholds.own_lines.own_line import LineInputs, OwnLine
from dashboard.thresholds.own_lines.report_delays import delay_series
from dashboard.thresholds.threshold import Threshold
from dashboard.thresholds.traits import Level, Wording

_OVERDUE = "owed at last look"
_WORDING = Wording(
    {PassedBy.LOWEST: _OVERDUE, PassedBy.VALUE: _OVERDUE, PassedBy.HIGHEST: "not excluded"}, pattern="{source}"
)


@dataclass(frozen=True)
class DelayLine(OwnLine):
    """The days of delay of the oldest overdue report."""

    unit: ClassVar[str] = "days"
    waits_for_reports: ClassVar[bool] = True

    def make(self, inputs: LineInputs) -> Series:
        assert inputs.overdue_reports is not None
        return delay_series(inputs.overdue_reports, [int(level) for level in inputs.levels], inputs.as_of)


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
    def own_line(self) -> DelayLine:
        return DelayLine()

    @property
    def level(self) -> Level:
        days = self._allowed.days
        return Level(days, (self.key,), calm=(-math.inf, days))

    @property
    def wording(self) -> Wording:
        return _WORDING

    def judge(self, series: Series, context: EvaluationContext) -> Judgement:
        del context
        bound = float(self._allowed.days)
        return Judgement(compare_above(series, bound), constant(bound, len(series)))

    def condition(self, context: EvaluationContext) -> str:
        del context
        return f"a report is still missing {self._allowed} after the end of the period it is about"

    def finding(self, bound: float, passing: float, context: EvaluationContext) -> str:
        del bound, passing, context
        return f"overdue for more than {self._allowed}"

    @property
    def _allowed(self) -> Duration:
        return Duration.parse(self.overdue_after)
