"""Watch: what is in breach, what cannot be trusted, what changed, and on what evidence, on one screen."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from dashboard.app import page_frame as frame
from dashboard.app.address import INDICATOR, Address
from dashboard.app.banners import board_banner, outdated_banner
from dashboard.app.markup import element, show
from dashboard.app.page_context import DrawnBoard, Visit, current_visit
from dashboard.app.watch import Payload, watch_board, watch_payload
from dashboard.domain.text import wording as words


def page() -> None:
    """Draw the board, and open the indicator that is clicked on it."""
    visit = current_visit()
    show(element("h1", "Watch", class_="unseen"))
    board = visit.board
    outdated_banner(board, visit.catalog)
    board_banner(board.summary.board, visit.address)
    opened = watch_board(_payload(visit, board, board.judged_at, board.is_current, visit.address))
    if opened:
        st.switch_page(frame.PAGES["Indicator"], query_params=visit.address.query(**{INDICATOR: opened}))


@st.cache_resource(show_spinner=False, max_entries=4)
def _payload(_visit: Visit, _board: DrawnBoard, judged_at: datetime, is_current: bool, address: Address) -> Payload:
    del judged_at, is_current  # part of the key: no two boards were judged at the same instant
    return watch_payload(_board.summary, _visit.catalog, address, _origin(_board), is_current=_board.is_current)


def _origin(board: DrawnBoard) -> str:
    """Says who judged the board, and when."""
    judge = "the refresher" if board.is_published else "this page"
    origin = f"judged by {judge} on {words.instant(board.judged_at)}"
    return origin if board.is_current else f"{origin}, before files changed"


page()
