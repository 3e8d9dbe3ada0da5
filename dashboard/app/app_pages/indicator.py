"""Indicator: one verdict, the chart that explains it, its rules, and every row and claim behind it."""

from __future__ import annotations

import streamlit as st

from dashboard.app import page_frame as frame
from dashboard.app.address import INDICATOR
from dashboard.app.banners import verdict_banner
from dashboard.app.charts.drawing import indicator_charts
from dashboard.app.evidence.claim_view import CLAIM_COLUMNS, claim_cells, is_known
from dashboard.app.indicator import verdict_view as verdict_markup
from dashboard.app.indicator.row_tables import claims_behind, record_table, revision_table, rows_table
from dashboard.app.markup import alert, element, show, table
from dashboard.app.page_context import Visit, current_visit
from dashboard.app.watch.payload import worst_first
from dashboard.catalog import Catalog, Indicator
from dashboard.domain.text import day
from dashboard.evaluation import Evaluation

FIRST_REVISIONS = 50


def page() -> None:
    """Draw the indicator that the address names, or else the worst on the board."""
    visit = current_visit()
    titles = {name: indicator.title for name, indicator in visit.catalog.indicators.items()}
    if not titles:
        show(element("p", "The catalogue has no indicator that could be loaded."))
        return
    name = st.query_params.get(INDICATOR)
    if name is not None and name not in titles:
        alert(*_why_unknown(visit.catalog, name))
    if name not in titles:
        name = worst_first(visit.board.summary.board.verdicts)[0].id
    _draw(visit, visit.evaluation(name), visit.catalog.indicators[name], titles)


def _why_unknown(catalog: Catalog, name: str) -> list[str]:
    problems = catalog.not_loaded.get(name)
    if problems:
        return [f"{name} is not loaded:", *map(str, problems)]
    return [f"The catalogue has no indicator “{name}”. Shown instead: the worst on the board."]


def _draw(visit: Visit, evaluation: Evaluation, indicator: Indicator, titles: dict[str, str]) -> None:
    verdict = evaluation.verdict
    heading, choice = st.columns([5, 2], vertical_alignment="top")
    with heading:
        show(verdict_markup.heading(verdict, indicator))
    with choice:
        _chooser(titles, verdict.id)
        query = visit.address.query(**{INDICATOR: verdict.id})
        with st.container(key="to_evidence"):
            st.page_link(frame.PAGES["Evidence"], label="Evidence: the documents behind it", query_params=query)
    verdict_banner(visit.catalog, verdict)
    if verdict.problems:
        alert("Not all of its data could be used:", *map(str, verdict.problems))
    charts, guide = st.columns([5, 2], gap="medium")
    with charts:
        _charts(visit, evaluation, indicator)
    with guide:
        show(verdict_markup.guidance(evaluation, indicator))
    names = {name: source.title for name, source in visit.catalog.sources.items()}
    show(
        verdict_markup.record_section(verdict, record_table(verdict, names)),
        verdict_markup.sources_section(verdict, indicator, visit.catalog, visit.address.as_of),
    )
    _revisions(visit, evaluation, names)
    _rows(evaluation, names)
    _claims(visit, evaluation, indicator)


def _chooser(titles: dict[str, str], chosen: str) -> None:
    st.session_state["chosen_indicator"] = chosen  # the address decides
    st.selectbox(
        "Another indicator",
        list(titles),
        format_func=titles.__getitem__,
        key="chosen_indicator",
        on_change=_choose,
    )


def _choose() -> None:
    st.query_params[INDICATOR] = st.session_state["chosen_indicator"]


def _charts(visit: Visit, evaluation: Evaluation, indicator: Indicator) -> None:
    titles = {name: source.title for name, source in visit.catalog.sources.items()}
    charts = indicator_charts(evaluation, indicator, titles, visit.address.as_of)
    if not charts:
        text = f"No figure was known by {day(visit.address.as_of)}, so there is nothing to draw."
        show(element("div", element("p", text), class_="page"))
    for chart in charts:
        show(element("div", element("h2", chart.title), class_="page"))
        st.altair_chart(chart.chart, alt=f"{chart.title}. {evaluation.verdict.sentence}")
        show(element("p", " ".join(chart.legend), class_="quiet"))


def _revisions(visit: Visit, evaluation: Evaluation, titles: dict[str, str]) -> None:
    """Draw the figures that its sources revised or withdrew: an alert may have ended with them."""
    revisions = revision_table(evaluation, titles, visit.address.as_of)
    if not revisions:
        return
    parts = [element("h2", f"Revised figures ({len(revisions):,})")]
    if len(revisions) > FIRST_REVISIONS:
        parts.append(
            element("p", f"The newest {FIRST_REVISIONS}; `watchfloor explain {evaluation.verdict.id}` lists all.")
        )
    header = ("When", "Source", "Period", "Subject", "Before", "Now")
    show(element("div", *parts, table("Revised figures", header, revisions[:FIRST_REVISIONS]), class_="page"))


def _rows(evaluation: Evaluation, titles: dict[str, str]) -> None:
    show(element("div", element("h2", f"Rows known ({len(evaluation.rows)})"), class_="page"))
    if evaluation.rows.empty:
        show(element("p", "None of its sources has published anything."))
        return
    st.dataframe(
        rows_table(evaluation, titles),
        hide_index=True,
        row_height=30,
        height=min(38 + 30 * len(evaluation.rows), 480),
        column_config={
            "Period": st.column_config.TextColumn(width=190),
            **{name: st.column_config.TextColumn(width=100) for name in ("Value", "Low", "High")},
            "Citation": st.column_config.LinkColumn(width=180),
            "Note": st.column_config.TextColumn(width=560),
        },
    )


def _claims(visit: Visit, evaluation: Evaluation, indicator: Indicator) -> None:
    if visit.files.claims.problems:
        show(element("p", "No claim is shown until all cards of the source documents can be read."))
        return
    cards = [card for card in visit.files.claims.cards if is_known(card, visit.address.as_of, visit.address.today)]
    claim_ids = claims_behind(evaluation, indicator.evidence)
    claims_by_card = [(card, [claim for claim in card.claims if claim.id in claim_ids]) for card in cards]
    count = sum(len(claims) for _, claims in claims_by_card)
    show(element("div", element("h2", f"Claims of the source documents ({count})"), class_="page"))
    for card, claims in claims_by_card:
        if claims:
            title = element("h3", f"{card.id} · {card.title}")
            is_complete = len(cards) == len(visit.files.claims.cards)
            cells = (claim_cells(claim, with_caution=is_complete) for claim in claims)
            rows = table(f"Claims of document {card.id}", CLAIM_COLUMNS, cells, "claims")
            show(element("div", title, rows, class_="page"))
    hidden = len(claim_ids) - count
    if not claim_ids:
        show(element("p", "None of the source documents is used for it."))
    if hidden:
        text = f"{hidden} more in documents not known to have appeared by {day(visit.address.as_of)}."
        show(element("p", text, class_="quiet"))


page()
