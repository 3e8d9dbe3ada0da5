"""A whole rule as one sentence: "Critical when above 5,000 containers, for 30 days (by law)."."""

from __future__ import annotations

from dashboard.domain import PassedBy
from dashboard.domain.text import number
from dashboard.thresholds.evaluation_context import EvaluationContext
from dashboard.thresholds.threshold import Threshold

_BASIS = {
    None: "",
    "law": " (by law)",
    "analyst": " (an analyst's level)",
    "unverified": " (level from memory of the text, not checked)",
}


def rule_sentence(threshold: Threshold, context: EvaluationContext) -> str:
    """Severity, condition, the end of the range that must pass, lifecycle and basis of a threshold."""
    is_strict = threshold.demanded_end > PassedBy.HIGHEST
    demand = f", {threshold.wording.phrase(PassedBy(threshold.demanded_end))}" if is_strict else ""
    condition = threshold.condition(context) + demand + _lifecycle(threshold, context.unit)
    return f"{threshold.severity.capitalize()} when {condition}{_BASIS[threshold.basis]}."


def _lifecycle(threshold: Threshold, unit: str) -> str:
    """`for:` and the keys that go with it, in words."""
    lifecycle, window = threshold.lifecycle, threshold.alarm_window
    words = f"; it fires for {window} after the newest" if window and threshold.is_alarm else ""
    if lifecycle.wait:
        words += f", for {lifecycle.wait}"
    if lifecycle.figures > 1:
        words += f", for {lifecycle.figures} figures in a row"
    sides = (("below", lifecycle.recover_below), ("above", lifecycle.recover_above))
    if ends := [f"{number(level)} {unit} or {side}" for side, level in sides if level is not None]:
        words += f"; it ends at {' and '.join(ends)}"
    return words + (f", and no sooner than {lifecycle.keep} later" if lifecycle.keep else "")
