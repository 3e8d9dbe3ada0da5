"""Evidence: the source documents, what each claims in our words, and which indicators rest on which claim."""

from __future__ import annotations

import streamlit as st

from dashboard.app import page_frame as frame
from dashboard.app.address import DOCUMENT, INDICATOR, indicator_link
from dashboard.app.evidence.claim_view import (
    CLAIM_COLUMNS,
    claim_cells,
    indicators_by_claim,
    is_known,
    publication_text,
)
from dashboard.app.judging import ClaimsQuestion
from dashboard.app.markup import Markup, alert, element, fact_list, join_markup, show, table
from dashboard.app.page_context import Visit, current_visit
from dashboard.domain.text import day
from dashboard.evidence import Card, Claim

ALL = ""


def page() -> None:
    visit = current_visit()
    show(element("div", element("h1", "Evidence"), class_="page"))
    if visit.files.claims.problems:
        show(element("p", "No claim is shown until all cards can be read."))
        return
    cards = visit.files.claims.cards
    if not cards:
        show(element("p", "There are no cards of source documents in the folder seeds/ beside the catalogue."))
        return
    users = indicators_by_claim(visit.catalog, visit.ask(ClaimsQuestion()))
    known_cards = tuple(card for card in cards if is_known(card, visit.address.as_of, visit.address.today))
    document, indicator = _filters(visit, known_cards)
    if indicator != ALL:
        query = visit.address.query(**{INDICATOR: indicator})
        with st.container(key="to_indicator"):
            st.page_link(frame.PAGES["Indicator"], label="Back to the indicator", query_params=query)
    _documents(visit, users, document, indicator)


def _documents(visit: Visit, users: dict[str, list[str]], document: str, indicator: str) -> None:
    cards = visit.files.claims.cards
    known_cards = [card for card in cards if is_known(card, visit.address.as_of, visit.address.today)]
    has_claims = False
    for card in known_cards:
        claims = [claim for claim in card.claims if indicator == ALL or indicator in users.get(claim.id, ())]
        if document in (ALL, card.id) and claims:
            has_claims = True
            show(_card(visit, card, claims, users, is_complete=len(known_cards) == len(cards)))
    if not has_claims:
        show(element("p", "No claim of a document that is shown here fits this choice."))
    _name_hidden_cards(visit, [card for card in cards if card not in known_cards])


def _filters(visit: Visit, cards: tuple[Card, ...]) -> tuple[str, str]:
    documents = {ALL: "All documents"} | {card.id: f"{card.id} {card.title}" for card in cards}
    titles = {name: one.title for name, one in visit.catalog.indicators.items()}
    indicators = {ALL: "All indicators"} | titles
    left, right = st.columns(2)
    with left:
        document = _filter("Document", DOCUMENT, documents)
    with right:
        indicator = _filter("Indicator that uses the claim", INDICATOR, indicators)
    return document, indicator


def _filter(label: str, name: str, choices: dict[str, str]) -> str:
    choice = st.query_params.get(name, ALL)
    if choice not in choices:
        alert(f"{name} in the address: there is no “{choice}”. Shown instead: all.")
        choice = ALL
    key = f"filter_{name}"
    st.session_state[key] = choice  # the address decides
    st.selectbox(label, list(choices), format_func=choices.__getitem__, key=key, on_change=_choose, args=(key, name))
    return choice


def _choose(key: str, name: str) -> None:
    st.query_params.pop(name, None)
    if st.session_state[key] != ALL:
        st.query_params[name] = st.session_state[key]


def _card(visit: Visit, card: Card, claims: list[Claim], users: dict[str, list[str]], *, is_complete: bool) -> Markup:
    """A card; comparisons with other documents only if all of them are known (`is_complete`)."""
    rows = [
        [*claim_cells(claim, with_caution=is_complete), _used_by(visit, claim, users.get(claim.id, []))]
        for claim in claims
    ]
    total = f"{len(card.claims)} claims"
    return element(
        "article",
        element("h2", f"{card.id} · {card.title}"),
        _about(card, is_complete=is_complete),
        element("h3", total if len(claims) == len(card.claims) else f"{len(claims)} of {total}"),
        table(f"Claims of document {card.id}", [*CLAIM_COLUMNS, "Used by"], rows, "claims"),
        class_="page card",
    )


def _about(card: Card, *, is_complete: bool) -> Markup:
    comparisons = [("How dated", card.published.basis), ("Correction", card.correction or "")] if is_complete else []
    return fact_list(
        [
            ("Author", card.author),
            ("Publisher", card.publisher),
            ("Published", publication_text(card)),
            *comparisons,
            ("File", card.file),
            ("SHA-256", card.sha256),
        ]
    )


def _used_by(visit: Visit, claim: Claim, indicators: list[str]) -> Markup:
    """Links to the indicators, one under the other, or the reason why there is none."""
    if not indicators:
        return element("div", f"none: {claim.unwatched}" if claim.unwatched else "none")
    titles = {name: one.title for name, one in visit.catalog.indicators.items()}
    links = (element("a", titles[name], href=indicator_link(name, visit.address)) for name in indicators)
    return join_markup(element("div", link) for link in links)


def _name_hidden_cards(visit: Visit, hidden: list[Card]) -> None:
    if hidden:
        documents = ", ".join(f"{card.id} ({publication_text(card)})" for card in hidden)
        text = f"Not shown, since not known to have appeared by {day(visit.address.as_of)}: {documents}."
        show(element("p", text, class_="quiet"))


page()
