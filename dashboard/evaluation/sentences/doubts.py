"""Doubts in words: figures that are gone, and why nothing is assessed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from dashboard.archive import accept_hint
from dashboard.domain import Loss, Withdrawal
from dashboard.domain.dates import Period
from dashboard.domain.text import wording as words
from dashboard.evaluation.sentences.claims import claim_in_words


def withdrawal(alert: Withdrawal) -> str:
    """An alert of which the figure is gone: the figure, how it went, and what ends the withdrawal."""
    text = f"Withdrawn: {claim_in_words(alert.claim)} stood behind a {alert.severity.word} alert"
    instead = claim_in_words(alert.instead) if alert.instead else "no figure"
    part = f"a part of it, {claim_in_words(alert.part)}, " if alert.part else ""
    when = words.instant(alert.lost_at)
    ways = {
        Loss.REPLACED: f"was replaced by {instead}",
        Loss.TAKEN_BACK: "was taken back by whoever said it",
        Loss.OVERWRITTEN: f"was overwritten without a new publication, received {when}; there stands {instead}",
        Loss.CONTRADICTED: "cannot be used any more, for another row contradicts it (see the problems)",
        Loss.DROPPED: f"is missing from what was received {when}",
        Loss.REVISED: "no longer passes, since figures that it was judged with were revised",
        Loss.UNSUPPORTED: f"no longer passes, since figures that it was judged with went by what was received {when}",
    }
    return f"{text}, and {part}{ways[alert.loss]}." + ("" if alert.loss.is_stated else f" {_way_out(alert)}")


def _way_out(alert: Withdrawal) -> str:
    row = alert.part.place if alert.part else alert.claim.place
    place = f" ({row})" if row else ""
    if not alert.source:
        return "It counts until a later period is judged."
    return f"It counts until a later period is judged; {accept_hint(alert.source, f'if the row{place} was wrong')}."


def missing_figures(withdrawals: Sequence[Withdrawal], lossy: Sequence[str]) -> list[str]:
    """Why nothing is assessed after figures went in silence: behind an alert, or of the sources `lossy`."""
    silent = [each for each in withdrawals if each.is_open and not each.loss.is_stated]
    own = [f"a figure behind the {each.severity.word} alert is gone ({each.loss.value})" for each in silent[:1]]
    hints = [accept_hint(name, "if they were wrong") for name in lossy]
    return [*own, *(f"figures that it compares are gone; {hint}" for hint in hints[:1])]


def not_assessed(reasons: Sequence[str]) -> str:
    return f"Not assessed: {'; '.join(reasons)}."


def nothing_known(period: Period | None, as_of: date) -> str:
    if period is None:
        return f"no figure was known by {words.day(as_of)}"
    return f"no figure for {words.span(period)} was known by {words.day(as_of)}"


def too_old(day: date, as_of: date) -> str:
    return f"the newest figure is {words.age((as_of - day).days)} old, too old to say that all is normal"


def only_a_part(figure: str) -> str:
    return f"{figure} known so far, of a part only: whether a level was reached cannot be said"
