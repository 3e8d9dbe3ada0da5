"""Sources: how each one stands now, what was received and when, what could not be used, and when it is due again."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from dashboard.analysis import Health, in_order
from dashboard.app import data
from dashboard.app import page_frame as frame
from dashboard.app.address import FIND, SOURCE
from dashboard.app.judging import ChangesQuestion
from dashboard.app.markup import alert, element, show
from dashboard.app.page_context import Visit, current_visit
from dashboard.app.sources import details, overview
from dashboard.app.sources.health_cache import source_healths
from dashboard.app.sources.quarantine import Quarantine, quarantined_rows
from dashboard.app.sources.receipts_cache import receipts_cache
from dashboard.app.sources.refresh_button import refresh_button
from dashboard.archive import ArchiveError, accept_hint, describe_orphans

FEWEST_TO_SEARCH = 20
FIRST_SOUND, FIRST_RUNS = 50, 20  # how many sound sources, and runs, stand before "show all"


@st.fragment(run_every="5s")
def body(visit: Visit) -> None:
    """Draw the page again as receipts come in; a fragment keeps what was typed and chosen."""
    now = data.now()
    healths = source_healths(visit, now)
    name = st.query_params.get(SOURCE)
    if name is not None and name not in healths:
        alert(f"The catalogue has no source “{name}”. Shown instead: all.")
    if name in healths:
        _draw_source(visit, healths, healths[name], now)
    else:
        _draw_sources(visit, healths, now)


def _draw_sources(visit: Visit, healths: dict[str, Health], now: datetime) -> None:
    ordered = in_order(healths)
    title, search = st.columns([5, 2], vertical_alignment="bottom")
    with title:
        summary = overview.summary(ordered)
        show(element("div", element("h1", "Sources"), element("p", summary), class_="page"))
    if lines := describe_orphans(visit.catalog, data.state_folder()):
        alert(*lines)
    search_text = ""
    if len(ordered) > FEWEST_TO_SEARCH:
        with search:
            search_text = _search()
    catalog = visit.catalog
    matches = [one for one in ordered if overview.matches(one, catalog.sources[one.id], search_text)]
    if search_text and not matches:
        show(element("p", f"No source fits “{search_text}”.", role="status"))
    problems = sum(one.is_problem for one in matches)
    first_matches = matches if _shows_all("sources") else matches[: problems + FIRST_SOUND]
    if first_matches:
        show(overview.overview_table(first_matches, catalog.sources, visit.address, now))
    _draw_rest_button("sources", len(matches), len(first_matches))


def _search() -> str:
    st.session_state["find_source"] = st.query_params.get(FIND, "")  # the address decides
    text: str = st.text_input("Find a source", key="find_source", on_change=_find, placeholder="name, state")
    return text


def _find() -> None:
    st.query_params.pop(FIND, None)
    if text := st.session_state["find_source"].strip():
        st.query_params[FIND] = text


def _draw_source(visit: Visit, healths: dict[str, Health], health: Health, now: datetime) -> None:
    source = visit.catalog.sources[health.id]
    heading, choice = st.columns([5, 2], vertical_alignment="top")
    with choice:
        _chooser(healths, health.id)
        with st.container(key="to_sources"):
            st.page_link(frame.PAGES["Sources"], label="All sources", query_params=visit.address.query())
        refresh_button(health, now)
    with heading:
        show(details.heading(health, now))
        if why := details.failure_lines(health.receipts, health.id):
            alert(*why)
        show(element("div", details.source_facts(health, source), class_="page"))
    quarantined = _quarantined(visit, health)
    if rest := details.other_problems(health.figures.problems, quarantined.problems):
        alert("Not all of its data could be used:", *rest)
    _quarantined_rows(health, quarantined)
    _changes(visit, health)
    _runs(health, now)
    show(details.reader_links(health, visit.catalog, visit.address))


def _chooser(healths: dict[str, Health], chosen: str) -> None:
    titles = {one.id: one.title for one in in_order(healths)}
    st.session_state["chosen_source"] = chosen  # the address decides
    st.selectbox("Another source", list(titles), format_func=titles.__getitem__, key="chosen_source", on_change=_choose)


def _choose() -> None:
    st.query_params[SOURCE] = st.session_state["chosen_source"]


def _quarantined(visit: Visit, health: Health) -> Quarantine:
    catalog = visit.catalog
    try:
        return quarantined_rows(
            data.state_folder(), catalog.folder, health.id, catalog.sources[health.id], health.receipts,
            visit.files.today,
        )  # fmt: skip
    except ArchiveError as error:
        alert("Its quarantined rows cannot be listed:", str(error))
        return Quarantine()


def _quarantined_rows(health: Health, quarantine: Quarantine) -> None:
    count = len(quarantine.problems)
    parts = [element("h2", f"Quarantined rows ({count:,})")]
    if quarantine.is_edited:
        parts.append(element("p", "The file was changed since the last look; these are the rows as they stand now."))
    if not count:
        parts.append(element("p", "Every row of what is in force could be used."))
    show(element("div", *parts, class_="page"))
    if not count:
        return
    st.dataframe(
        quarantine.table(),
        hide_index=True,
        row_height=30,
        height=min(38 + 30 * count, 480),
        column_config={
            "File": st.column_config.TextColumn(width=240),
            "Line": st.column_config.TextColumn(width=70),
            "Column": st.column_config.TextColumn(width=120),
            "Value": st.column_config.TextColumn(width=220),
            "Reason": st.column_config.TextColumn(width=620),
        },
    )
    st.download_button(
        "Download the quarantined rows as CSV",
        quarantine.csv(),
        file_name=f"{health.id}_quarantined.csv",
        mime="text/csv",
        on_click="ignore",
    )


def _changes(visit: Visit, health: Health) -> None:
    received = health.receipts.newest_received
    changes = None if received is None else visit.ask(ChangesQuestion(health.id, received.at))
    if received is None or changes is None:
        return
    title = element("h2", f"Changed by the last receipt ({len(changes):,})")
    body_markup = details.changes_table(changes) if changes else element("p", "No figure that was held before.")
    hint = (
        element("p", details.as_sentence(accept_hint(health.id, "if what is gone was wrong")))
        if received.dropped and not received.by
        else ""
    )
    show(element("div", title, body_markup, hint, class_="page"))


def _runs(health: Health, now: datetime) -> None:
    try:
        runs = receipts_cache(data.state_folder()).runs(health.id)
    except (ArchiveError, OSError):
        return  # said above, with the reason
    show(element("div", element("h2", f"Runs ({len(runs):,})"), class_="page"))
    if not runs:
        show(element("p", "The refresher has never looked at it."))
        return
    first_runs = runs if _shows_all(health.id) else runs[:FIRST_RUNS]
    show(element("div", details.runs_table(first_runs, now), class_="page"))
    _draw_rest_button(health.id, len(runs), len(first_runs))


def _shows_all(list_name: str) -> bool:
    return bool(st.session_state.get(f"all_of_{list_name}"))


def _draw_rest_button(list_name: str, count: int, drawn_count: int) -> None:
    """Draw the button that shows the rest of a list, or cuts it again."""
    if drawn_count < count:
        st.button(f"Show all ({count:,})", key=f"more_{list_name}", on_click=_set_whole, args=(list_name, True))
    elif _shows_all(list_name):
        st.button("Show the first only", key=f"fewer_{list_name}", on_click=_set_whole, args=(list_name, False))


def _set_whole(list_name: str, is_whole: bool) -> None:
    st.session_state[f"all_of_{list_name}"] = is_whole


body(current_visit())
