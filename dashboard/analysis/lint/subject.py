"""The subject of a lint rule: an indicator with its sources, its backtest and its evaluation; and the figures in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from dashboard.analysis.backtest import History
from dashboard.catalog import Indicator, Source
from dashboard.evaluation import Evaluation

Finding = tuple[str, str]  # the key below the indicator or source ("" for the whole of it), and the message


@dataclass(frozen=True)
class Subject:
    """An indicator; `evaluation` is made from everything known at the instant, `history` is its backtest until then."""

    indicator: Indicator
    sources: Mapping[str, Source]
    history: History
    evaluation: Evaluation

    def current_figures(self) -> np.ndarray:
        """Every end of every current figure, finite ones only."""
        lines = [assessment.series for assessment in self.evaluation.assessments]
        return _finite([side[line.current] for line in lines for side in (line.low, line.value, line.high)])

    def bounds(self, threshold: int) -> np.ndarray:
        """Every level that the threshold at a position was evaluated at, finite ones only."""
        return _finite([assessment.bounds[threshold] for assessment in self.evaluation.assessments])


def _finite(arrays: list[np.ndarray]) -> np.ndarray:
    numbers = np.concatenate(arrays) if arrays else np.array([])
    return np.asarray(numbers[np.isfinite(numbers)])
