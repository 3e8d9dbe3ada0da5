"""What the Watch page draws of a board, made once for all visitors."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from dashboard.app.address import Address
from dashboard.app.page_context import DrawnBoard, Visit
from dashboard.app.watch.payload import Payload, watch_payload
from dashboard.domain.text import wording as words


def board_payload(visit: Visit) -> Payload:
    """The Watch page for the board that answers a visit, with who judged it, and when."""
    board = visit.board
    return _payload(visit, board.judged_at, board.is_current, visit.address)


@st.cache_resource(show_spinner=False, max_entries=4)
def _payload(_visit: Visit, judged_at: datetime, is_current: bool, address: Address) -> Payload:
    del judged_at  # part of the key: no two boards were judged at the same instant
    board = _visit.board
    return watch_payload(board.summary, _visit.catalog, address, _origin(board), is_current=is_current)


def _origin(board: DrawnBoard) -> str:
    judge = "the refresher" if board.is_published else "this page"
    origin = f"judged by {judge} on {words.instant(board.judged_at)}"
    return origin if board.is_current else f"{origin}, before files changed"
