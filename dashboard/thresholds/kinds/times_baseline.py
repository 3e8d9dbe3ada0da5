"""`times_baseline: 2`: the figure is more than so many times a baseline.

The baseline is either cited (the rows of a source named by `baseline:`, with publication dates of their own) or
the largest (or median) of the series' own earlier figures.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal

import numpy as np
from pydantic import Field

from dashboard.domain import Series
from dashboard.domain.text import number
from dashboard.thresholds.compare import compare_above
from dashboard.thresholds.evaluation_context import EvaluationContext
from dashboard.thresholds.judgement import NEVER, NOT_JUDGED, Judgement
from dashboard.thresholds.threshold import Threshold
from dashboard.thresholds.traits import Level, Needs

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
    def needs(self) -> Needs:
        return Needs(baseline=self.baseline)

    @property
    def level(self) -> Level:
        return Level(self.times_baseline, (self.key, self.baseline or self.trailing))

    def judge(self, series: Series, context: EvaluationContext) -> Judgement:
        if self.baseline is None:
            return self._judge_trailing(series)
        return self._judge_cited(series, context.baselines[self.baseline])

    def condition(self, context: EvaluationContext) -> str:
        if self.baseline is None:
            usual = "the largest" if self.trailing == "max" else "the median"
            return f"above {number(self.times_baseline)} times {usual} of the earlier figures"
        cited = context.baselines.get(self.baseline)
        name = self.baseline if cited is None else cited.title
        return f"above {number(self.times_baseline)} times the baseline of {name}"

    def finding(self, bound: float, passing: float, context: EvaluationContext) -> str:
        del passing
        baseline = f"about {number(bound / self.times_baseline)} {context.unit}".rstrip()
        return f"more than {number(self.times_baseline)} times the baseline ({baseline})"

    def _judge_cited(self, series: Series, baseline: Series) -> Judgement:
        """Against the newest baseline that is not younger than the figure, else the first one.

        Nothing is judged before a baseline is known.
        """
        count = len(series)
        usable = baseline.take(np.flatnonzero(baseline.current & baseline.has_figure))
        if not len(usable):
            reason = f"no baseline had been published yet ({baseline.title})"
            return Judgement(np.full(count, NOT_JUDGED, np.int8), np.full(count, np.nan), reason=reason)
        chosen = usable.take(np.maximum(np.searchsorted(usable.end, series.end, side="right") - 1, 0))
        value = np.where(np.isnan(chosen.value), chosen.high, chosen.value)
        low, value, high = (self.times_baseline * side for side in (chosen.low, value, chosen.at_most))
        passed = compare_above(series, value, bound_low=np.where(np.isnan(low), 0.0, low), bound_high=high)
        return Judgement(passed, value, chosen.known_at)

    def _judge_trailing(self, series: Series) -> Judgement:
        """Against the earlier figures that were no breaches: a breach must not become usual."""
        usable = None if series.is_plain else np.flatnonzero(series.current & ~np.isnan(series.high))
        figures = series if usable is None else series.take(usable)
        grown = _grown_max(figures.high, self.times_baseline) if self.trailing == "max" else self._medians(figures.high)
        few = min(FEWEST_EARLIER, len(figures) + 1)
        # one entry for each number of earlier figures, from none on
        bound = np.concatenate([np.full(few, np.nan), self.times_baseline * grown[FEWEST_EARLIER - 1 :]])
        known_at = np.concatenate([np.full(few, NEVER), figures.known_by[FEWEST_EARLIER - 1 :]])
        if usable is None:
            bound, known_at = bound[:-1], known_at[:-1]
        else:
            earlier = usable.searchsorted(np.arange(len(series)))
            bound, known_at = bound[earlier], known_at[earlier]
        reason = f"fewer than {FEWEST_EARLIER} earlier figures to compare with" if np.isnan(bound[-1:]).all() else ""
        return Judgement(compare_above(series, bound), bound, known_at, reason)

    def _medians(self, figures: np.ndarray) -> np.ndarray:
        """After each figure, the median of the figures so far that were no breach."""
        usual: list[float] = []
        medians = np.empty(len(figures))
        for index, figure in enumerate(figures.tolist()):
            if len(usual) < FEWEST_EARLIER or figure <= self.times_baseline * _median(usual):
                insort(usual, figure)
            medians[index] = _median(usual)
        return medians


def _median(ordered: Sequence[float]) -> float:
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def _grown_max(figures: np.ndarray, times: float) -> np.ndarray:
    """After each figure, the largest so far that was no breach; the loop runs from breach to breach, not by figure."""
    largest = np.maximum.accumulate(figures)
    position = FEWEST_EARLIER
    while position < len(figures):
        breaching = (figures[position:] > times * largest[position - 1 : -1]).nonzero()[0]
        if not breaching.size:
            break
        first = position + int(breaching[0])
        usual, ahead = largest[first - 1], figures[first:]
        grows = ((ahead > usual) & (ahead <= times * usual)).nonzero()[0]
        position = first + (int(grows[0]) if grows.size else len(ahead))
        largest[first:position] = usual
        np.maximum.accumulate(figures[position:], out=largest[position:])
        position += 1
    return largest
