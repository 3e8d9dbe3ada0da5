"""Thresholds: what a rule compares a series with, and what it says about the result."""

from dashboard.thresholds.assessment import NOT_ASSESSED, AssessedObservation, Assessment, assess, rank
from dashboard.thresholds.cap_sides import Side, Total
from dashboard.thresholds.kinds import KINDS
from dashboard.thresholds.threshold import NOT_JUDGED, Judgement, Lifecycle, OtherIndicator, Setting, Threshold, exceeds

__all__ = [
    "KINDS",
    "NOT_ASSESSED",
    "NOT_JUDGED",
    "AssessedObservation",
    "Assessment",
    "Judgement",
    "Lifecycle",
    "OtherIndicator",
    "Setting",
    "Side",
    "Threshold",
    "Total",
    "assess",
    "exceeds",
    "rank",
]
