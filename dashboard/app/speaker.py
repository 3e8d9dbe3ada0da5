"""Which observation of a verdict speaks for it, so that board, chart and table show the same one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dashboard.domain import Verdict
from dashboard.thresholds import Assessment, Threshold


@dataclass(frozen=True, eq=False)
class Speaker:
    """An observation: its line, and its position in that line's series."""

    assessment: Assessment
    position: int

    @property
    def threshold(self) -> Threshold | None:
        """The threshold that decided; None where none is passed."""
        decided = int(self.assessment.threshold[self.position])
        return self.assessment.thresholds[decided] if decided >= 0 else None

    @property
    def bound(self) -> float:
        """The level that it is held against: of the threshold that decided, else of the first that has one."""
        decided = int(self.assessment.threshold[self.position])
        bounds = [float(bound[self.position]) for bound in self.assessment.bounds]
        if decided >= 0:
            return bounds[decided]
        return next((bound for bound in bounds if not np.isnan(bound)), np.nan)


def speaker(verdict: Verdict) -> Speaker | None:
    """The observation that the verdict rests its severity on; None where nothing is known now."""
    if verdict.speaks is None:
        return None
    line, position = verdict.speaks
    return Speaker(verdict.assessments[line], position)
