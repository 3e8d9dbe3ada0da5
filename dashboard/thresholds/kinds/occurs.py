"""`occurs: any`: something forbidden at any amount was seen, or is claimed to have happened.

`occurs: 3` asks for the third event within a time, `occurs: first` for the first after a time without any.
"""

from __future__ import annotations

import math
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field, model_validator

from dashboard.domain import DurationText, PassedBy, Series
from dashboard.domain.dates import Duration
from dashboard.thresholds.compare import as_stated, compare_above, constant
from dashboard.thresholds.evaluation_context import EvaluationContext
from dashboard.thresholds.judgement import Judgement
from dashboard.thresholds.kinds import sightings
from dashboard.thresholds.threshold import Threshold
from dashboard.thresholds.traits import Level, Needs, Wording

Count = Annotated[int, Field(ge=2)]

_PHRASES = {PassedBy.LOWEST: "claimed", PassedBy.VALUE: "believed", PassedBy.HIGHEST: "not excluded"}


class Occurs(Threshold):
    """Fires for `window` after the newest event, or the newest end of a running total above zero.

    After the window it stands on record and is stale; only a newer figure of zero ("looked and saw none")
    resolves it. A number without a range is enough to confirm it: the doubt of a count is about how many, not about
    whether; who doubts that it happened at all gives a low end of zero. With a number it fires when so many were seen
    within a time; with `first`, when one is seen after a time without any. Fewer events than that never resolve it.
    """

    key: ClassVar[str] = "occurs"

    occurs: Literal["any", "first"] | Count = Field(
        description="any: every occurrence counts. first: the first after `since` without any. A number from 2 on: "
        "so many events within `within`."
    )
    within: DurationText | None = Field(
        default=None, description="With a number, and required there: in which time, 30d."
    )
    since: DurationText | None = Field(
        default=None, description="With first: how long there was none before. Default: 1y."
    )
    window: DurationText = Field(default="90d", description="How long it fires after the newest occurrence: 90d, 1y.")

    @model_validator(mode="after")
    def _has_its_own_keys(self) -> Occurs:
        if self.counts != (self.within is not None):
            raise ValueError("occurs: a number and within: go together, as in {occurs: 3, within: 30d}")
        if self.since is not None and self.occurs != "first":
            raise ValueError("since: goes with occurs: first")
        return self

    @property
    def alarm_window(self) -> Duration:
        return Duration.parse(self.window)

    @property
    def needs(self) -> Needs:
        return Needs(events=self.occurs != "any")

    @property
    def counts(self) -> bool:
        """Whether it asks for a number of events."""
        return isinstance(self.occurs, int)

    @property
    def level(self) -> Level:
        wanted = float(self.occurs) if isinstance(self.occurs, int) else None
        return Level(wanted, (self.key, str(self.within)), calm=(-math.inf, 0.0))

    @property
    def wording(self) -> Wording:
        return Wording(_PHRASES)

    def judge(self, series: Series, context: EvaluationContext) -> Judgement:
        del context
        count = len(series)
        occurred = compare_above(as_stated(series), 0.0)
        passed, known_at = occurred, None
        if self.occurs == "first":
            passed = sightings.first_for_a_time(series, occurred, self._without)
        elif isinstance(self.occurs, int):
            passed, known_at = sightings.count_within(self.occurs, series, occurred, self._within)
        return Judgement(passed, constant(np.nan, count), known_at)

    def condition(self, context: EvaluationContext) -> str:
        del context
        if self.occurs == "first":
            return f"the first for {self._without} occurs"
        return f"{self.occurs} occur within {self._within}" if self.counts else "any occurs"

    def finding(self, bound: float, passing: float, context: EvaluationContext) -> str:
        del bound, passing, context
        if self.occurs == "first":
            return f"the first known for {self._without}"
        if self.counts:
            return f"with it at least {self.occurs} within {self._within}"
        return "forbidden at any number" if self.basis == "law" else "any event counts"

    @property
    def _within(self) -> Duration:
        return Duration.parse(self.within or "1d")

    @property
    def _without(self) -> Duration:
        return Duration.parse(self.since or "1y")
