"""Which observation of a verdict speaks for it, so that board, chart and table show the same one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dashboard.model import Assessment, Verdict


@dataclass(frozen=True, eq=False)
class Speaker:
    """An observation: its line, and its position in that line's series."""

    assessment: Assessment
    position: int

    @property
    def title(self) -> str:
        return self.assessment.series.title

    @property
    def bound(self) -> float:
        """The level that it is held against: of the threshold that decided, else of the first that has one."""
        decided = int(self.assessment.threshold[self.position])
        bounds = [float(bound[self.position]) for bound in self.assessment.bounds]
        if decided >= 0:
            return bounds[decided]
        return next((bound for bound in bounds if not np.isnan(bound)), np.nan)


def speaker(verdict: Verdict) -> Speaker | None:
    """The observation of the verdict's date and severity; None where nothing is known now."""
    if verdict.date is None:
        return None
    found = [
        Speaker(one, int(position))
        for one in verdict.assessments
        for position in np.flatnonzero(_at(one, np.datetime64(verdict.date)))
    ]
    severity = -1 if verdict.severity is None else int(verdict.severity)
    certainty = int(verdict.certainty or 0)
    alike = [
        one
        for one in found
        if one.assessment.severity[one.position] == severity and one.assessment.certainty[one.position] == certainty
    ]
    return next(iter(alike or found), None)


def _at(assessment: Assessment, day: np.datetime64) -> np.ndarray:
    series = assessment.series
    return np.asarray(series.current & series.has_figure & (series.end == day))
