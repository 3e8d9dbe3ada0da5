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

    times_baseline: Annotated[float, Field(gt=0, allow_inf_nan=False, description="How many times the baseline.")]
    baseline: str | None = Field(
        default=None, description="A source whose newest figure is the baseline; without it the trailing one."
    )
    trailing: Literal["max", "median"] = Field(
        default="max", description="Without `baseline:`, which figure of the series' own earlier ones."
    )

    @property
    def cites(self) -> str | None:
        return self.baseline

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
        """Against the newest baseline that is not younger than the figure, else the first; before any is known
        nothing can be judged."""
        count = len(series)
        usable = baseline.take(np.flatnonzero(baseline.current & baseline.has_figure))
        if not len(usable):
            reason = f"no baseline had been published yet ({baseline.title})"
            return Judgement(np.full(count, NOT_JUDGED, np.int8), np.full(count, np.nan), always(count), reason)
        chosen = usable.take(np.maximum(np.searchsorted(usable.end, series.end, side="right") - 1, 0))
        value = np.where(np.isnan(chosen.value), chosen.high, chosen.value)
        low, value, high = (self.times_baseline * side for side in (chosen.low, value, chosen.at_most))
        passed = compare_above(series, value, bound_low=np.where(np.isnan(low), 0.0, low), bound_high=high)
        return Judgement(passed, value, chosen.known_at)

    def _judge_trailing(self, series: Series) -> Judgement:
        """Against the earlier figures that were not breaches themselves: a breach must not become what is usual."""
        bound = np.full(len(series), np.nan)
        known_at = always(len(series))
        pick = np.max if self.trailing == "max" else np.median
        usual: list[float] = []
        usual_known_at = np.datetime64("NaT", "s")
        for index in np.flatnonzero(series.has_figure):
            if len(usual) >= FEWEST_EARLIER:
                bound[index] = self.times_baseline * pick(usual)
                known_at[index] = usual_known_at
            figure = series.high[index]
            if series.current[index] and not np.isnan(figure) and not figure > bound[index]:
                usual.append(float(figure))
                usual_known_at = np.fmax(usual_known_at, series.known_at[index])
        reason = f"fewer than {FEWEST_EARLIER} earlier figures to compare with" if np.isnan(bound).all() else ""
        return Judgement(compare_above(series, bound), bound, known_at, reason)
