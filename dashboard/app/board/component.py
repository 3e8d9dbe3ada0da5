"""The component that draws the board as real elements: its script and style, and what a click on a row means."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard.app.board.payload import Payload

_HERE = Path(__file__).parent
_draw = st.components.v2.component(
    "watch_board",
    html='<div class="board"></div>',
    css=(_HERE / "board.css").read_text(encoding="utf-8"),
    js=(_HERE / "board.js").read_text(encoding="utf-8"),
)


def watch_board(payload: Payload) -> str | None:
    """Draw the board; the id of the indicator that was just opened on it, if one was."""
    result = _draw(key="watch_board", data=payload.as_json, on_open_change=lambda: None)
    opened = result.open
    return opened if isinstance(opened, str) else None
