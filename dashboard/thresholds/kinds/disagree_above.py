"""`disagree_above: 1.5`: sources, or two indicators, say things too far apart about the same period.

Only what both sides have figures of is compared, and the figures stand beside the ratio with the days they cover. A
side that lacks days or members may be larger than it looks: as the divisor it lets the ratio pass only at its highest.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Annotated, ClassVar, Self

import numpy as np
from pydantic import Field, model_validator

from dashboard.domain import DurationText, PassedBy, Series
from dashboard.domain.dates import Duration
from dashboard.domain.text import DOWN, UP, listed, number, ratio
from dashboard.thresholds.compare import compare_above, constant
from dashboard.thresholds.evaluation_context import EvaluationContext
from dashboard.thresholds.judgement import Judgement
from dashboard.thresholds.own_lines.own_line import OwnLine
from dashboard.thresholds.own_lines.ratio_lines import CapRatios, SourceRatios
from dashboard.thresholds.threshold import Threshold
from dashboard.thresholds.traits import Level, Needs, Wording

_MOST_NAMED = 3  # sources that a rule names one by one


class DisagreeAbove(Threshold):
    """Fires while the largest figure for a period is more than so many times the smallest.

    Compared are the sources of the indicator, for exactly the same days; or, with `between`, the totals of two caps in
    each period: then how many times the second the first is. Where only one side has a figure, nothing is judged. It
    judges ratios, so it stands in an indicator of its own with `unit: times`.
    """

    key: ClassVar[str] = "disagree_above"

    disagree_above: float = Field(gt=0, allow_inf_nan=False, description="How many times, at most, is no disagreement.")
    between: Annotated[list[str], Field(min_length=2, max_length=2)] | None = Field(
        default=None, description="In place of sources: two indicators with the same `accumulate`, by cap period."
    )
    sources: Annotated[list[str], Field(min_length=2)] | None = Field(
        default=None,
        description="With `between`: the sources of the two that count, so that one supplier's estimates are compared "
        "with his own reports. Default: all.",
    )
    window: DurationText = Field(
        default="90d", description="With `between`: how long it fires after the newest figure."
    )

    @model_validator(mode="after")
    def _sources_go_with_between(self) -> Self:
        if self.sources and not self.between:
            raise ValueError("sources: only with between:")
        return self

    @property
    def alarm_window(self) -> Duration | None:
        return Duration.parse(self.window) if self.between else None

    @property
    def needs(self) -> Needs:
        return Needs(indicators=tuple((("between", index), name) for index, name in enumerate(self.between or ())))

    @property
    def own_line(self) -> OwnLine:
        if self.between is None:
            return SourceRatios()
        return CapRatios(caps=tuple(self.between), only_sources=tuple(self.sources or ()))

    @property
    def level(self) -> Level:
        return Level(self.disagree_above, (self.key,), calm=(-math.inf, self.disagree_above))

    @property
    def wording(self) -> Wording:
        return Wording(pattern="{figure}, {days} ({source})")

    def judge(self, series: Series, context: EvaluationContext) -> Judgement:
        del context
        passed = compare_above(series, self.disagree_above)
        assert series.may_fall is not None
        passed = np.where(series.may_fall, np.minimum(passed, int(PassedBy.HIGHEST)), passed).astype(np.int8)
        newest = series.newest
        reason = "" if newest is None else f"it cannot be compared: {series.notes[int(series.key[newest])]}"
        return Judgement(
            passed, constant(self.disagree_above, len(series)), reason=reason, finding=partial(self._describe, series)
        )

    def _describe(self, series: Series, at: int) -> str:
        """The level as it is written; where the rounded figure does not show that it passes, by how much it does."""
        level = self.disagree_above
        sides = ((series.low, DOWN), (series.value, ""), (series.high, UP))
        is_exact = series.low[at] == series.high[at] and not series.or_more[at]
        ends = ((float(side[at]), "" if is_exact else to) for side, to in sides)
        passing, written = next(((end, ratio(end, to)) for end, to in ends if end > level), (math.inf, ""))
        just, exactly = "", ""
        if written == number(level):
            just = "just "
        elif not math.isinf(passing) and float(written.replace(",", "")) <= level:
            exactly = f" ({number(passing)})"
        return f"{just}more than {number(level)} times{'' if self.between else ' apart'}{exactly}"

    def condition(self, context: EvaluationContext) -> str:
        if self.between is None:
            return f"two sources differ by more than {number(self.disagree_above)} times for the same period"
        first, second = (context.title_of(name) for name in self.between)
        by = f", by {self._counted_sources(context)}" if self.sources else ""
        return f"{first} is more than {number(self.disagree_above)} times {second} in a period of the cap{by}"

    def finding(self, bound: float, passing: float, context: EvaluationContext) -> str:
        del passing, context
        return f"more than {number(bound)} times apart"

    def _counted_sources(self, context: EvaluationContext) -> str:
        """The sources that count, or their number where they are many."""
        titles = {line.origin: line.title for other in context.other_indicators.values() for line in other.lines}
        names = [titles.get(name, name) for name in self.sources or ()]
        return f"{listed(names)} alone" if len(names) <= _MOST_NAMED else f"{len(names)} of their sources"
