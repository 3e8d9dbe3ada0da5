"""Alerts in words: what was found, against which level, since when, and how old the data are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from dashboard.domain import ClaimedFigure, DataState, Episode, LatestFigure, PassedBy, Severity, State, Support
from dashboard.domain.text import wording as words
from dashboard.evaluation.sentences.claims import first_known, share, support_in_words
from dashboard.thresholds import Assessment, EvaluationContext

_BASIS = {"analyst": " (an analyst's level)", "unverified": " (a level not checked)"}
_KNOWN = {
    "counted": "counted",
    "official": "official",
    "estimate": "by estimate",
    "press": "in the press",
    "author": "by an author",
    "": "not stated how",
}


def all_clear(statement: str, day: date) -> str:
    """`5 calls in Nov 2024 (S, published 3 Dec 2024): no threshold is passed up to 30 Nov 2024.`"""
    return f"{statement}: no threshold is passed up to {words.day(day)}."


def breach(
    assessment: Assessment,
    position: int,
    context: EvaluationContext,
    claim: ClaimedFigure,
    *,
    statement: str,
    passing_claim: str,
    support: Support | None,
) -> str:
    """A breach in words: figure, level, the end that passes it, and support.

    `statement` names the figure, its days and its claimant; `passing_claim` the claimant whose figure passes, "" where
    it is the same.
    """
    index = assessment.decided_at(position)
    threshold = assessment.thresholds[index]
    severity = Severity(int(assessment.severity[position]))
    if severity is Severity.INFO:
        return f"{statement}."
    passed_by = PassedBy(int(assessment.passed_by[position]))
    own = assessment.judgements[index].finding
    bound = float(assessment.bounds[index][position])
    finding = own(position) if own else threshold.finding(bound, _passing(claim, passed_by), context)
    finding = (threshold.wording.doubt if passed_by is PassedBy.HIGHEST else "") or finding
    if context.limit is not None:
        finding = f"{share(claim, context.limit)} of the {context.period_name}'s cap of {context.cap}: {finding}"
    finding += _BASIS.get(threshold.basis or "", "")
    word = f"{severity.word} if true" if support and support.is_unproven else severity.word
    parts = [
        word,
        threshold.wording.phrase(passed_by) + passing_claim,
        *([support_in_words(support)] if support else []),
    ]
    return f"{statement}: {finding}; {', '.join(parts)}."


def _passing(claim: ClaimedFigure, passed_by: PassedBy) -> float:
    """The end of a figure that passes; a sum without a value passes by its floor."""
    figure = claim.figure
    value = figure.value if claim.value_floor is None else claim.value_floor
    ends = {PassedBy.LOWEST: figure.low, PassedBy.VALUE: value, PassedBy.HIGHEST: figure.high}
    return ends[passed_by]


def since(first: ClaimedFigure | None, breach_known_since: str, old: str) -> str:
    """Since when the alert has been open, and by which figure such a breach became known first.

    `old` says up to when an alert that is not current was known; "" for a current one.
    """
    text = f"This alert since {breach_known_since}."
    text = f"{first_known(first)}; t{text[1:]}" if first is not None else text
    return f"Open, not current: {old}. {text}" if old else text


def ends(episode: Episode, until: date | None, last_known: str) -> str:
    """What ends an alert: `until` is the end of the last window, None where only a newer figure does."""
    if until is None:
        return ""
    if episode.state is State.FIRING:
        return f"The alert stays open until {words.day(until)} unless something newer is published."
    return f"No newer report since {last_known}: on record until somebody reports an end."


def trust(newest: Sequence[LatestFigure], data_state: DataState, as_of: date) -> str:
    """The newest figure's day, source and age. Sources that only repeat others do not count."""
    figures = [figure for figure in newest if figure.data_state is not DataState.NO_DATA and not figure.is_repetition]
    if not figures:
        return ""
    last = max(figures, key=lambda figure: figure.date)
    whose = f" ({last.title})" if len(figures) > 1 else ""
    if data_state is DataState.NO_DATA:
        return f"The newest figure is of {words.day(last.date)}{whose}."
    passed = (as_of - last.date).days
    age = f"{words.age(passed)} old" if passed > 0 else "today"
    own = data_state if data_state is DataState.ENDED else last.data_state
    doubt = f" ({own.value})" if own in (DataState.LATE, DataState.STALE, DataState.ENDED) else ""
    return f"Newest figure: {words.day(last.date)}{whose}, {age}{doubt}."
