"""The thresholds that charts draw: levels that stay, bounds that move, and what both are counted in."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from dashboard.app.charts.chart_records import Record, instant
from dashboard.domain import PassedBy, Series
from dashboard.domain.dates import day_of
from dashboard.domain.text import wording as words
from dashboard.evaluation import Evaluation
from dashboard.thresholds import Judgement, Threshold


@dataclass(frozen=True)
class Level:
    """A level that is the same for every observation, where one or more thresholds lie."""

    value: float
    label: str
    severity: str


def levels(evaluation: Evaluation) -> list[Level]:
    """The levels of the thresholds that do not move, lowest first; one level names all thresholds that lie there."""
    thresholds_by_level: dict[float, list[Threshold]] = {}
    for assessment in evaluation.assessments:
        for threshold, bound in zip(assessment.thresholds, assessment.bounds, strict=True):
            for value in _fixed_levels(threshold, bound, assessment.series):
                thresholds_by_level.setdefault(value, []).append(threshold)
    return [_level(evaluation, value, thresholds_by_level[value]) for value in sorted(thresholds_by_level)]


def _fixed_levels(threshold: Threshold, bound: np.ndarray, series: Series) -> list[float]:
    """The levels of a threshold that are the same for every figure; none where they move, or one was not known."""
    if threshold.level.calm and not np.isnan(bound).all():
        return [level for level in threshold.level.calm if math.isfinite(level)]
    bounds = np.unique(bound[series.current & series.has_figure])  # an unknown one stays in it as NaN
    return [float(bounds[0])] if len(bounds) == 1 and math.isfinite(bounds[0]) else []


def _level(evaluation: Evaluation, value: float, thresholds: Sequence[Threshold]) -> Level:
    """The level at a value, coloured by its worst threshold."""
    worst = max(thresholds, key=lambda one: one.severity_rank)
    return Level(value, _level_label(evaluation, value, thresholds), worst.severity)


def _level_label(evaluation: Evaluation, value: float, thresholds: Sequence[Threshold]) -> str:
    limit = evaluation.verdict.limit
    if limit is not None:
        is_cap = value == limit
        return f"cap {_amount(evaluation, value)}" if is_cap else f"{words.number(100 * value / limit)} % of the cap"
    by_side: dict[str, dict[str, None]] = {}
    for threshold in thresholds:
        by_side.setdefault(_side(threshold, value), {})[_threshold_name(threshold)] = None
    return "; ".join(f"{' and '.join(named)} {side} {_amount(evaluation, value)}" for side, named in by_side.items())


def _threshold_name(threshold: Threshold) -> str:
    """A threshold's severity, and the end of the range that it demands, if it demands one."""
    any_end = threshold.passed_by == "highest"
    phrase = threshold.wording.phrase(PassedBy(threshold.demanded_end))
    return threshold.severity if any_end else f"{threshold.severity} ({phrase})"


def _side(threshold: Threshold, value: float) -> str:
    """The side of a level on which figures pass."""
    if threshold.level.calm and value == threshold.level.calm[0]:
        return "below"
    return "from" if threshold.level.is_reached else "above"


def _amount(evaluation: Evaluation, value: float) -> str:
    return f"{words.number(value)} {unit_of(evaluation)}".rstrip()


def unit_of(evaluation: Evaluation) -> str:
    """The unit of its figures: that of its lines if they agree, else that of the catalogue."""
    units = {one.series.unit for one in evaluation.assessments}
    return units.pop() if len(units) == 1 else evaluation.verdict.figure.unit


def _expected(judgement: Judgement, at: int) -> float | None:
    is_known = judgement.expected is not None and math.isfinite(judgement.expected[at])
    return float(judgement.expected[at]) if judgement.expected is not None and is_known else None


def moving_bounds(evaluation: Evaluation) -> list[Record]:
    """Thresholds that differ from one observation to the next, such as a trailing baseline, and what was expected."""
    return [
        {
            "end": instant(day_of(assessment.series.end[at])),
            "y": float(bound[at]),
            "expected": _expected(assessment.judgements[number], int(at)),
            "threshold": f"{line}.{number}",
            "severity": threshold.severity,
            "level": " ".join(
                [_threshold_name(threshold), _side(threshold, float(bound[at])), _amount(evaluation, bound[at])]
            ),
            "source": assessment.series.title,
        }
        for line, assessment in enumerate(evaluation.assessments)
        for number, (threshold, bound) in enumerate(zip(assessment.thresholds, assessment.bounds, strict=True))
        if not _fixed_levels(threshold, bound, assessment.series)
        for at in np.flatnonzero(np.isfinite(bound) & assessment.series.current)
    ]
