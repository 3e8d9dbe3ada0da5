"""The record in words: closed periods, and breaches of the past."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.domain import ClaimedFigure, PastBreach
from dashboard.domain.text import wording as words
from dashboard.evaluation.sentences.claims import first_known


def closed_periods(records: Sequence[PastBreach], unknown: Sequence[str]) -> str:
    """The closed periods in breach, the `unknown` ones of which nothing can be said, and those whose breach its
    claimant took back; the rest was normal.

    `On record: critical, even at its lowest in 2020 and 2022; warning, at its stated value in 2019.`
    """
    breaches: dict[str, list[str]] = {}
    withdrawn: list[str] = []
    for record in records:
        if record.severity and record.severity.is_alarm:
            breaches.setdefault(_in_breach(record), []).append(record.period)
        elif record.is_withdrawn:
            withdrawn.append(record.period)
    text = "; ".join(f"{how} in {words.listed(periods)}" for how, periods in breaches.items())
    parts = [
        f"On record: {text}." if text else "",
        f"Not assessed: {words.listed(unknown)}." if text and unknown else "",
        f"Withdrawn from the record: {words.listed(withdrawn)}." if withdrawn else "",
    ]
    return " ".join(part for part in parts if part)


def _in_breach(record: PastBreach) -> str:
    assert record.severity is not None
    end = f", {record.passed_phrase}" if record.passed_phrase else ""
    return f"{record.severity.word}{end}{', withdrawn' if record.is_withdrawn else ''}"


def past(finding: str, severity: str, first: ClaimedFigure | None, claim: ClaimedFigure) -> str:
    """A breach of the past: the figure with its own dates, what it was, and by which figure it was known first."""
    if first is None or first.is_figure_of(claim):
        return f"{finding}: {severity}."
    return f"{finding}: {severity}. {first_known(first)}."
