"""Watch: what is in breach, what cannot be trusted, what changed, and on what evidence, on one screen."""

from __future__ import annotations

import streamlit as st

from dashboard.app import frame
from dashboard.app.address import INDICATOR
from dashboard.app.board import payload, watch_board
from dashboard.app.markup import element, show
from dashboard.app.visit import this_visit
from dashboard.changes import changes

visit = this_visit()
changed = changes(visit.before, visit.board)

show(element("h1", "Watch", class_="unseen"))
opened = watch_board(payload(visit.board, visit.files.catalog, changed, visit.address))
if opened:
    st.switch_page(frame.PAGES["Indicator"], query_params=visit.address.query(**{INDICATOR: opened}))
