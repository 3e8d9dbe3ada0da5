"""Thresholds: what a rule compares a series with, and what it says about the result."""

from dashboard.thresholds.assessment import NOT_ASSESSED, AssessedObservation, Assessment, assess, rank
from dashboard.thresholds.kinds import KINDS
from dashboard.thresholds.own_lines.cap_sides import CapSide, KnownTotal
from dashboard.thresholds.threshold import (
    NOT_JUDGED,
    EvaluationContext,
    Judgement,
    Lifecycle,
    OtherIndicator,
    Threshold,
    exceeds,
)

__all__ = [
    "KINDS",
    "NOT_ASSESSED",
    "NOT_JUDGED",
    "AssessedObservation",
    "Assessment",
    "CapSide",
    "EvaluationContext",
    "Judgement",
    "KnownTotal",
    "Lifecycle",
    "OtherIndicator",
    "Threshold",
    "assess",
    "exceeds",
    "rank",
]
