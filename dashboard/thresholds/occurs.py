"""`occurs: any`: something forbidden at any amount was seen, or is claimed to have happened."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field, field_validator

from dashboard.model import Series
from dashboard.periods import Duration
from dashboard.thresholds.base import Judgement, Setting, Threshold, always, compare_above, constant


class Occurs(Threshold):
    """Fires for `window` after the newest event, or the newest end of a running total above zero.

    After the window it stands on record and is stale; only a newer figure of zero ("looked and saw none")
    resolves it.
    """

    key: ClassVar[str] = "occurs"

    occurs: Literal["any"] = Field(description="any: every occurrence counts.")
    window: str = Field(default="90d", description="How long it fires after the newest occurrence: 90d, 1y.")

    @field_validator("window")
    @classmethod
    def _is_duration(cls, text: str) -> str:
        Duration.parse(text)
        return text

    @property
    def fires_for(self) -> Duration:
        return Duration.parse(self.window)

    def judge(self, series: Series, setting: Setting) -> Judgement:
        del setting
        count = len(series)
        return Judgement(compare_above(series, 0.0), constant(np.nan, count), always(count))

    def condition(self, setting: Setting) -> str:
        del setting
        return "any occurs"

    def finding(self, bound: float, setting: Setting) -> str:
        del bound, setting
        return "any occurrence counts"
