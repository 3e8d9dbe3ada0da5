"""Watch: what is in breach, what cannot be trusted, what changed, and on what evidence, on one screen."""

from __future__ import annotations

import streamlit as st

from dashboard.app import page_frame as frame
from dashboard.app.address import INDICATOR
from dashboard.app.banners import board_banner, outdated_banner
from dashboard.app.markup import element, show
from dashboard.app.page_context import current_visit
from dashboard.app.watch import board_payload, watch_board


def page() -> None:
    """Draw the board, and open the indicator that is clicked on it."""
    visit = current_visit()
    show(element("h1", "Watch", class_="unseen"))
    outdated_banner(visit.board, visit.catalog)
    board_banner(visit.board.summary.board, visit.address)
    opened = watch_board(board_payload(visit))
    if opened:
        st.switch_page(frame.PAGES["Indicator"], query_params=visit.address.query(**{INDICATOR: opened}))


page()
