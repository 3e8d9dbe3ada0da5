"""What changed between two boards of one catalogue."""

from __future__ import annotations

from dashboard.analysis.board_changes import Change, change_of, worst_change_first
from dashboard.domain.dates.periods import Period
from dashboard.evaluation.evaluation import EvaluatedBoard


def changes(before: EvaluatedBoard, now: EvaluatedBoard) -> tuple[Change, ...]:
    """The changes of all indicators, worst first."""
    days = Period(before.as_of, now.as_of)
    each = [change_of(before.evaluation(verdict.id), now.evaluations[verdict.id], days) for verdict in now.verdicts]
    return worst_change_first(change for change in each if change)
