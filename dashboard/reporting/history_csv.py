"""The judged observations of indicators as CSV for other programs."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Iterator

import numpy as np

from dashboard.domain import PassedBy, Severity
from dashboard.domain.dates import day_of
from dashboard.evaluation import Evaluation
from dashboard.thresholds import Assessment

HISTORY_COLUMNS = (
    "indicator", "source", "date", "value", "low", "high", "severity", "passed_by", "state", "known_on",
    "breach_known_since",
)  # fmt: skip


def history_as_csv(evaluations: Iterable[Evaluation]) -> str:
    """One line for each judged observation, gaps too; the columns are `HISTORY_COLUMNS`, blank is unknown."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(HISTORY_COLUMNS)
    for evaluation in evaluations:
        for assessment in evaluation.assessments:
            writer.writerows(_observations(evaluation, assessment))
    return text.getvalue()


def _observations(evaluation: Evaluation, assessment: Assessment) -> Iterator[list[object]]:
    series = assessment.series
    for position in np.flatnonzero(series.current):
        severity, passed_by = int(assessment.severity[position]), int(assessment.passed_by[position])
        yield [
            evaluation.verdict.id,
            series.source,
            day_of(series.end[position]),
            *(_plain(float(side[position])) for side in (series.value, series.low, series.high)),
            Severity(severity).word if severity >= 0 else "",
            PassedBy(passed_by).word if passed_by else "",
            _state(evaluation, assessment, int(position)),
            day_of(series.known_at[position]),
            day_of(assessment.known_since[position]) if assessment.is_alarm[position] else "",
        ]


def _state(evaluation: Evaluation, assessment: Assessment, position: int) -> str:
    """The state of the episode that an observation belongs to; a gap belongs to none."""
    if assessment.severity[position] < 0:
        return ""
    day = day_of(assessment.series.end[position])
    if assessment.is_alarm[position]:
        for episode in evaluation.episodes:
            if episode.source == assessment.series.source and episode.first <= day <= episode.last:
                return episode.state.value
    return "inactive"


def _plain(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.15g}"
