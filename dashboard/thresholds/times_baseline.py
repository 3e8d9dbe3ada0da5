"""`times_baseline: 2`: the figure is more than so many times a baseline.

The baseline is either cited (the rows of a source named by `baseline:`, with publication dates of their own) or
the largest (or median) of the series' own earlier figures.
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from dashboard.model import Series
from dashboard.thresholds.base import NOT_JUDGED, Judgement, Setting, Threshold, always, compare_above
from dashboard.words import number

FEWEST_EARLIER = 5  # below this many earlier figures, their maximum says little about what is usual


class TimesBaseline(Threshold):
    """Fires while the figure is greater than `times_baseline` times the baseline."""

    key: ClassVar[str] = "times_baseline"

    times_baseline: Annotated[float, Field(gt=0, description="How many times the baseline.")]
    baseline: str | None = Field(
        default=None, description="A source whose newest figure is the baseline; without it the trailing one."
    )
    trailing: Literal["max", "median"] = Field(
        default="max", description="Without `baseline:`, which figure of the series' own earlier ones."
    )

    def level(self) -> float:
        return self.times_baseline

    def judge(self, series: Series, setting: Setting) -> Judgement:
        if self.baseline is None:
            return self._judge_trailing(series)
        return self._judge_cited(series, setting.baselines[self.baseline])

    def condition(self, setting: Setting) -> str:
        if self.baseline is None:
            usual = "the largest" if self.trailing == "max" else "the median"
            return f"above {number(self.times_baseline)} times {usual} of the earlier figures"
        cited = setting.baselines.get(self.baseline)
        name = self.baseline if cited is None else cited.title
        return f"above {number(self.times_baseline)} times the baseline of {name}"

    def finding(self, bound: float, setting: Setting) -> str:
        baseline = f"about {number(bound / self.times_baseline)} {setting.unit}"
        return f"above {number(self.times_baseline)} times the baseline of {baseline}"

    def _judge_cited(self, series: Series, baseline: Series) -> Judgement:
        """Against the newest baseline known at the instant; before any is known nothing can be judged."""
        count = len(series)
        usable = np.flatnonzero(baseline.current & ~np.isnan(baseline.value))
        if not usable.size:
            reason = f"no baseline had been published yet ({baseline.title})"
            return Judgement(np.full(count, NOT_JUDGED, np.int8), np.full(count, np.nan), always(count), reason)
        newest = usable[-1]
        low, value, high = (
            np.full(count, self.times_baseline * side[newest]) for side in (baseline.low, baseline.value, baseline.high)
        )
        passed = compare_above(series, value, bound_low=low, bound_high=high)
        return Judgement(passed, value, np.full(count, baseline.known_at[newest]))

    def _judge_trailing(self, series: Series) -> Judgement:
        bound = np.full(len(series), np.nan)
        known_at = always(len(series))
        current = np.flatnonzero(series.current & ~np.isnan(series.value))
        pick = np.max if self.trailing == "max" else np.median
        for index in range(len(series)):
            earlier = current[series.end[current] < series.end[index]]
            if earlier.size >= FEWEST_EARLIER:
                bound[index] = self.times_baseline * pick(series.value[earlier])
                known_at[index] = series.known_at[earlier].max()
        reason = "" if not np.isnan(bound).any() else f"fewer than {FEWEST_EARLIER} earlier figures to compare with"
        return Judgement(compare_above(series, bound), bound, known_at, reason)
