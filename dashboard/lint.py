"""What is not wrong with an indicator, but worth a look: notes, each with its place and the rule that makes it.

A rule is a function in `RULES` that takes an indicator with its backtest and yields (path below the indicator,
message). A new rule is a function and its name there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from dashboard.backtest import History, backtest
from dashboard.catalog import Catalog, Indicator
from dashboard.errors import Problem
from dashboard.evaluate import verdict_on
from dashboard.intake import Intake
from dashboard.model import Severity, State, Verdict
from dashboard.words import number

Finding = tuple[str, str]  # the path below the indicator in words, "" for the whole of it, and the message


@dataclass(frozen=True)
class Subject:
    """What a rule looks at: the indicator, what its backtest announced, and its verdict on all that is known."""

    indicator: Indicator
    history: History
    verdict: Verdict


@dataclass(frozen=True, order=True)
class Note:
    """A remark on an indicator, at its place in the catalogue; it is no problem."""

    place: Problem
    rule: str

    def __str__(self) -> str:
        return str(self.place)

    def as_json(self) -> dict[str, Any]:
        return {"rule": self.rule, **self.place.as_json()}


def lint(catalog: Catalog, intake: Intake, names: Iterable[str], as_of: date) -> tuple[Note, ...]:
    """All notes on the named indicators, in the order of the file."""
    chosen = list(names)
    histories = backtest(catalog, intake, chosen, as_of)
    notes = []
    for name, history in zip(chosen, histories, strict=True):
        subject = Subject(catalog.indicators[name], history, verdict_on(name, catalog, intake, as_of))
        notes += [_note(catalog, name, rule, *finding) for rule in RULES for finding in rule(subject)]
    return tuple(sorted(notes))


def no_owner(subject: Subject) -> Iterator[Finding]:
    if not subject.indicator.owner:
        yield "", "no owner: who answers for this rule, and mends it?"


def no_rationale(subject: Subject) -> Iterator[Finding]:
    if not subject.indicator.rationale:
        yield "", "no rationale: why is it watched?"


def no_legal_basis(subject: Subject) -> Iterator[Finding]:
    by_law = [one for one in subject.indicator.thresholds if one.severity == "critical" and one.basis == "law"]
    if by_law and not subject.indicator.legal_basis:
        yield "", "critical by law, and no legal_basis: by which act?"


def no_evidence(subject: Subject) -> Iterator[Finding]:
    if not subject.indicator.evidence:
        yield "", "no evidence: which claim of seeds/ does it rest on?"


def outside_all_seen(subject: Subject) -> Iterator[Finding]:
    """A level that no figure came near is perhaps a slip of a digit. What a law sets is no slip, whatever was seen."""
    seen = _seen(subject.verdict)
    if not len(seen):
        return
    for index, threshold in enumerate(subject.indicator.thresholds):
        bounds = np.concatenate([one.bounds[index] for one in subject.verdict.assessments])
        bounds = bounds[np.isfinite(bounds)]
        counts_others = bool(threshold.needs) and not threshold.needs_caps
        if threshold.basis == "law" or counts_others or not len(bounds):
            continue
        if bounds.min() > seen.max() or bounds.max() < seen.min():
            side, end = ("above", seen.max()) if bounds.min() > seen.max() else ("below", seen.min())
            extreme = "largest" if side == "above" else "smallest"
            level = number(float(bounds.min() if side == "above" else bounds.max()))
            said = f"{level} is {side} every figure seen; the {extreme} is {number(float(end))}"
            yield f"thresholds[{index}]", f"{said} {subject.verdict.unit}".rstrip()


def never_fires(subject: Subject) -> Iterator[Finding]:
    if not _can_fire(subject.indicator) or subject.history.episodes:
        return
    if not subject.history.said:
        yield "", "never fired: no figure was ever known"
        return
    yield "", f"never fired in the backtest, which begins on {subject.history.said[0].day}"


def always_fires(subject: Subject) -> Iterator[Finding]:
    said = subject.history.said
    if len(said) > 1 and all(one.state in (State.FIRING, State.RECOVERING) for one in said):
        yield "", f"has fired without a break since its first figure was known, on {said[0].day}"


Rule = Callable[[Subject], Iterator[Finding]]

RULES: tuple[Rule, ...] = (
    no_owner,
    no_rationale,
    no_legal_basis,
    no_evidence,
    outside_all_seen,
    never_fires,
    always_fires,
)


def _note(catalog: Catalog, name: str, rule: Rule, below: str, message: str) -> Note:
    path = f"indicators.{name}.{below}" if below else f"indicators.{name}"
    line, column = catalog.places[path]
    return Note(Problem(catalog.file, line, column, path, message), rule.__name__)


def _can_fire(indicator: Indicator) -> bool:
    """Whether any threshold may raise an alarm; context is never one."""
    return any(threshold.severity_rank >= Severity.WARNING for threshold in indicator.thresholds)


def _seen(verdict: Verdict) -> np.ndarray:
    """Every end of every figure that stands."""
    ends = [
        side[one.series.current]
        for one in verdict.assessments
        for side in (one.series.low, one.series.value, one.series.high)
    ]
    figures = np.concatenate(ends) if ends else np.array([])
    return np.asarray(figures[np.isfinite(figures)])
