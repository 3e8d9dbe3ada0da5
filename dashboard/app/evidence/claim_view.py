"""The claims of `seeds/` that may be shown at an instant, and their texts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from dashboard.app.markup import element
from dashboard.catalog import Catalog
from dashboard.domain.dates import parse_period
from dashboard.domain.text import number, written_span
from dashboard.evidence import NOT_STATED, Card, Claim

CLAIM_COLUMNS = ("Claim", "In our words", "Figure", "Period", "Who said it", "UN measure")


def is_known(card: Card, as_of: date, today: date) -> bool:
    """Whether the document had surely appeared by the end of a day; an undated one counts as known only today."""
    if as_of >= today:
        return True
    published = card.published
    latest = published.latest or (published.date if published.date != NOT_STATED else None)
    return latest is not None and parse_period(latest).end <= as_of


def publication_text(card: Card) -> str:
    """The date of publication, or the bounds that are known of it."""
    publication = card.published
    if publication.date != NOT_STATED:
        return written_span(publication.date)
    bounds_by_word = (("not before", publication.earliest), ("not after", publication.latest))
    bounds = [f"{word} {written_span(bound)}" for word, bound in bounds_by_word if bound]
    return f"{NOT_STATED} ({', '.join(bounds)})" if bounds else NOT_STATED


def figure_text(claim: Claim) -> str:
    """The figure as the document writes it, with the number and unit that we read in it."""
    numbers = [
        f"{word}{number(side)}"
        for word, side in (("", claim.value), ("low ", claim.low), ("high ", claim.high))
        if side is not None
    ]
    reading = ", ".join(numbers) + (f" {claim.unit}" if numbers and claim.unit else "")
    parts = [f"“{claim.figure}”", f"= {reading}" if reading else "", f"({claim.qualifier})" if claim.qualifier else ""]
    return " ".join(part for part in parts if part)


def period_text(claim: Claim) -> str:
    """The days that the claim is about; where they are not resolved, the document's own words."""
    stated = claim.period
    if stated.start and stated.end:
        return written_span(f"{stated.start}/{stated.end}")
    if stated.end:
        return f"up to {written_span(stated.end)}"
    return f"“{stated.words}”, not resolved" if stated.words != NOT_STATED else NOT_STATED


def indicators_by_claim(catalog: Catalog, documents: Mapping[str, set[str]]) -> dict[str, list[str]]:
    """Maps each claim to the indicators that use it, under `evidence:` or behind one of their rows.

    `documents` holds for each source the claims that its rows name.
    """
    names: dict[str, list[str]] = {}
    for name, indicator in catalog.indicators.items():
        rows = (claim for source in indicator.sources for claim in sorted(documents.get(source, ())))
        for claim in dict.fromkeys([*indicator.evidence, *rows]):
            names.setdefault(claim, []).append(name)
    return names


def claim_cells(claim: Claim, *, with_caution: bool) -> list[str]:
    """A claim as a row of a table, under CLAIM_COLUMNS.

    Cautions compare documents, so they may be shown only where all documents are known.
    """
    has_caution = with_caution and claim.contradiction
    caution = element("div", f"Caution: {claim.contradiction}", class_="quiet") if has_caution else ""
    measure = f"{claim.un_measure.text} ({claim.un_measure.confidence})" if claim.un_measure else ""
    return [
        element("span", claim.id, class_="id"),
        element("div", claim.claim, caution),
        figure_text(claim),
        period_text(claim),
        _speaker(claim),
        measure,
    ]


def _speaker(claim: Claim) -> str:
    return f"{claim.said_by.who}, {claim.modality}"
