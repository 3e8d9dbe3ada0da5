"""Watch: what is in breach, what cannot be trusted, what changed, and on what evidence, on one screen."""

from __future__ import annotations

import streamlit as st

from dashboard.app import page_frame as frame
from dashboard.app.address import INDICATOR, Address
from dashboard.app.banners import board_banner
from dashboard.app.data import Signature
from dashboard.app.markup import element, show
from dashboard.app.page_context import Visit, current_visit
from dashboard.app.watch import watch_payload
from dashboard.app.watch.component import watch_board
from dashboard.app.watch.payload import Payload
from dashboard.reporting import summarize


@st.cache_resource(show_spinner=False, max_entries=12)
def _payload(_visit: Visit, signature: Signature, address: Address) -> Payload:
    del signature  # part of the key only
    board = _visit.board
    return watch_payload(summarize(board, _visit.before, _visit.files.catalog), _visit.files.catalog, address)


visit = current_visit()
show(element("h1", "Watch", class_="unseen"))
board_banner(visit.board, visit.address)
opened = watch_board(_payload(visit, visit.files.signature, visit.address))
if opened:
    st.switch_page(frame.PAGES["Indicator"], query_params=visit.address.query(**{INDICATOR: opened}))
