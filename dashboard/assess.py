"""Thresholds over a series: the severity and certainty of each observation, and since when each was known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from dashboard.model import Assessment, Series, Severity
from dashboard.thresholds import NOT_JUDGED, Judgement, Setting, Threshold

NOT_ASSESSED = -1


def assess(series: Series, thresholds: Sequence[Threshold], setting: Setting) -> Assessment:
    """Every observation of `series`, superseded ones too, against all thresholds.

    The severity is the worst among the thresholds passed with the certainty that they demand; its certainty is
    the greatest with which any threshold of that severity is passed. An observation is normal only if every
    threshold could be judged and none was passed, not even possibly; context does not hide an open alarm.
    """
    judgements = [threshold.judge(series, setting) for threshold in thresholds]
    count = len(series)
    severity = np.full(count, int(Severity.NORMAL), np.int8)
    certainty = np.zeros(count, np.int8)
    decided_by = np.full(count, -1)
    level = np.full(count, -np.inf)
    open_question, open_alarm = ~series.has_figure, ~series.has_figure
    for index, (threshold, judgement) in enumerate(zip(thresholds, judgements, strict=True)):
        raised = judgement.passed >= threshold.demanded
        is_open = (judgement.passed == NOT_JUDGED) | ((judgement.passed > 0) & ~raised)
        rank = int(threshold.severity_rank)
        open_question |= is_open
        open_alarm |= is_open & (rank >= Severity.WARNING)
        worse = raised & (rank > severity)
        same = raised & (rank == severity)
        certainty = np.where(
            worse, judgement.passed, np.where(same, np.maximum(certainty, judgement.passed), certainty)
        )
        harder = worse | (same & ((threshold.level() or 0.0) >= level))
        decided_by[harder] = index
        level = np.where(harder, threshold.level() or 0.0, level)
        severity = np.where(worse, rank, severity).astype(np.int8)
    unknown = (open_question & (severity == Severity.NORMAL)) | (open_alarm & (severity == Severity.INFO))
    if not thresholds:
        unknown = np.ones(count, bool)
    severity[unknown] = NOT_ASSESSED
    assessment = Assessment(
        series=series,
        severity=severity,
        certainty=certainty.astype(np.int8),
        known_since=_known_at(series, judgements, decided_by),
        threshold=decided_by,
        bounds=tuple(judgement.bound for judgement in judgements),
        passed=tuple(judgement.passed for judgement in judgements),
        reason=next((judgement.reason for judgement in judgements if judgement.reason), ""),
    )
    return replace(assessment, known_since=_through_revisions(assessment))


def rank(severity: int, certainty: int) -> int:
    """One number that grows with severity, then certainty."""
    return 4 * int(severity) + int(certainty)


def _known_at(series: Series, judgements: Sequence[Judgement], decided_by: np.ndarray) -> np.ndarray:
    """When each observation and the bound that decided it were both known."""
    known_at = series.known_at.copy()
    for index, judgement in enumerate(judgements):
        decided = (decided_by == index) | (decided_by == -1)
        later = decided & ~np.isnat(judgement.bound_known_at) & (judgement.bound_known_at > known_at)
        known_at[later] = judgement.bound_known_at[later]
    return known_at


def _through_revisions(assessment: Assessment) -> np.ndarray:
    """For revised observations: since the first of the vintages that all said at least as much as the current."""
    series, known_since = assessment.series, assessment.known_since.copy()
    keys, counts = np.unique(series.key, return_counts=True)
    for key in keys[counts > 1]:
        vintages = np.flatnonzero((series.key == key) & series.has_figure)
        vintages = vintages[np.argsort(series.known_at[vintages], kind="stable")]
        for current in vintages[series.current[vintages]]:
            known_since[current] = _since(assessment, vintages, current)
    return known_since


def _since(assessment: Assessment, vintages: np.ndarray, current: int) -> np.datetime64:
    least = rank(assessment.severity[current], assessment.certainty[current])
    since = assessment.known_since[current]
    for vintage in vintages[::-1]:
        if rank(assessment.severity[vintage], assessment.certainty[vintage]) < least:
            break
        since = min(since, assessment.known_since[vintage])
    return np.datetime64(since, "s")
