"""The judged observations of indicators as CSV for other programs."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Iterator
from datetime import date

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
    """One line for each judged observation, gaps too; the columns are `HISTORY_COLUMNS`, blank is unknown.

    Where a publication was assumed, a last column `assumed` names the dates of its line that follow from it.
    """
    all_evaluations = list(evaluations)
    has_assumed = any(evaluation.assumed_days for evaluation in all_evaluations)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*HISTORY_COLUMNS, "assumed"] if has_assumed else HISTORY_COLUMNS)
    for evaluation in all_evaluations:
        for assessment in evaluation.assessments:
            for known_on, known_since, line in _observations(evaluation, assessment):
                assumed = _assumed_dates(evaluation, known_on=known_on, breach_known_since=known_since)
                writer.writerow([*line, assumed] if has_assumed else line)
    return text.getvalue()


def _assumed_dates(evaluation: Evaluation, **days: date | None) -> str:
    return " ".join(name for name, day in days.items() if day in evaluation.assumed_days)


def _observations(evaluation: Evaluation, assessment: Assessment) -> Iterator[tuple[date, date | None, list[object]]]:
    """The two dates of each line since when something is known, and the line."""
    series = assessment.series
    for position in np.flatnonzero(series.current):
        severity, passed_by = int(assessment.severity[position]), int(assessment.passed_by[position])
        known_on = day_of(series.known_at[position])
        known_since = day_of(assessment.known_since[position]) if assessment.is_alarm[position] else None
        yield (
            known_on,
            known_since,
            [
                evaluation.verdict.id,
                series.source,
                day_of(series.end[position]),
                *(_plain(float(side[position])) for side in (series.value, series.low, series.high)),
                Severity(severity).word if severity >= 0 else "",
                PassedBy(passed_by).word if passed_by else "",
                _state(evaluation, assessment, int(position)),
                known_on,
                known_since or "",
            ],
        )


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
