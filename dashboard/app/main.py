"""The entry of the pages, which `application.py` serves; run by itself it would stand before no gate.

WATCHFLOOR_CATALOG names the catalogue; without it, indicators.yaml in the working directory.
"""

from __future__ import annotations

import gc
from importlib import import_module
from pathlib import Path

import streamlit as st

from dashboard.app import data
from dashboard.app import page_frame as frame
from dashboard.app.banners import cards_banner, file_banner
from dashboard.app.judging import NewestQuestion
from dashboard.app.markup import alert, element, show
from dashboard.app.page_context import begin_visit, recent_visit
from dashboard.domain import CatalogError, WatchfloorError

_STYLE = Path(__file__).with_name("style.css")


@st.cache_resource(show_spinner=False)
def _freeze_imports() -> None:
    """Exclude imported objects from the garbage collection that follows every run: 100 ms become 35."""
    import_module("dashboard.app.charts")  # the slowest; so the first chart comes at once, too
    gc.collect()
    gc.freeze()


@st.fragment(run_every="5s")
def _follow_mending() -> None:
    """Draw the page as soon as the catalogue can be read again."""
    try:
        data.read_files()
    except CatalogError:
        return
    st.rerun()


@st.fragment(run_every="3s")
def _follow(drawn: object, awaits_newer_board: bool) -> None:
    """Draw the page anew when a file, the published board or the day has changed, so an open page never goes stale;
    and when the board of older files that it shows can be replaced."""
    data.ANSWERS.wake()
    try:
        visit = recent_visit()
    except CatalogError:
        st.rerun()
    if visit.files.draw_key != drawn or (awaits_newer_board and visit.has_newer_answer):
        st.rerun()


def main() -> None:
    """Draw the frame, then the page that the address names."""
    _freeze_imports()
    titles = {"Watch": "", "Indicator": "indicator", "Evidence": "evidence", "Sources": "sources"}
    page = st.navigation(
        [
            st.Page(path, title=title, url_path=titles[title], default=title == "Watch")
            for title, path in frame.PAGES.items()
        ],
        position="hidden",
    )
    st.set_page_config(page_title=f"{page.title} · Watchfloor", layout="wide", initial_sidebar_state="collapsed")
    st.html(_STYLE)
    try:
        with st.spinner("Reading the catalogue ..."):
            visit = begin_visit()
    except CatalogError as error:
        show(element("h1", "Watchfloor cannot read its catalogue"))
        alert(*(str(problem) for problem in error.problems))
        show(element("p", "This page looks again every few seconds. `watchfloor check` names all problems."))
        _follow_mending()
        return
    drawn = visit.files.draw_key  # before anything is drawn: what changes meanwhile is drawn next
    newest_button = frame.draw_bar(visit.address, visit.catalog, is_about_now=page.title == "Sources")
    if visit.newest_published is not None:
        frame.draw_newest(newest_button, visit.newest_published, visit.address)
    file_banner(visit.catalog)
    cards_banner(visit.files.claims)
    try:
        page.run()
        if visit.newest_published is None:  # it has to be asked for: after all that the page itself waits for
            frame.draw_newest(newest_button, visit.ask(NewestQuestion()), visit.address)
    except WatchfloorError as error:  # of judging, whatever its kind
        alert(f"This page cannot be drawn: {error}. It can be tried again in half a minute.")
    _follow(drawn, visit.awaits_newer_board)


main()
