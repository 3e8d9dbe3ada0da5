"""Lint rules about an indicator as a whole: what its entry leaves out, and what its backtest shows."""

from __future__ import annotations

from collections.abc import Iterator

from dashboard.analysis.lint.subject import Finding, Subject


def no_owner(subject: Subject) -> Iterator[Finding]:
    if not subject.indicator.owner:
        yield "", "no owner: who answers for this rule, and mends it?"


def no_rationale(subject: Subject) -> Iterator[Finding]:
    if not subject.indicator.rationale:
        yield "", "no rationale: why is it watched?"


def no_legal_basis(subject: Subject) -> Iterator[Finding]:
    """An analyst's level needs no act. A critical level without a stated basis would pass for the law's."""
    if subject.indicator.legal_basis:
        return
    for index, threshold in enumerate(subject.indicator.thresholds):
        if threshold.basis == "law":
            yield f"thresholds[{index}]", f"{threshold.severity} by law, and no legal_basis: by which act?"
        elif threshold.severity == "critical" and threshold.basis != "analyst":
            yield f"thresholds[{index}]", "critical, and no legal_basis: by which act? or write basis: analyst"


def no_evidence(subject: Subject) -> Iterator[Finding]:
    if not subject.indicator.evidence:
        yield "", "no evidence: which claim of seeds/ does it rest on?"


def never_fires(subject: Subject) -> Iterator[Finding]:
    """Context raises no alarm, so nothing is expected of it."""
    can_fire = any(threshold.severity_rank.is_alarm for threshold in subject.indicator.thresholds)
    if not can_fire or subject.history.episodes:
        return
    if not subject.history.statuses:
        yield "", "never fired: no figure was ever known"
        return
    yield "", f"never fired in the backtest, which begins on {subject.history.statuses[0].day}"


def always_fires(subject: Subject) -> Iterator[Finding]:
    statuses = subject.history.statuses
    if len(statuses) > 1 and all(status.state.is_on for status in statuses):
        yield "", f"has fired without a break since its first figure was known, on {statuses[0].day}"
