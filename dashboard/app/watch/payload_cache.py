"""What the Watch page draws of a board, made once for all visitors."""

from __future__ import annotations

import streamlit as st

from dashboard.app.address import Address
from dashboard.app.page_context import DrawnBoard, Visit
from dashboard.app.watch.payload import Payload, watch_payload
from dashboard.catalog import Catalog
from dashboard.domain.text import wording as words
from dashboard.reporting import BoardSummary

_Drawn = tuple[Payload, BoardSummary, Catalog]


def board_payload(visit: Visit) -> Payload:
    """The Watch page for the board that answers a visit, with who judged it, and when."""
    board = visit.board
    return _drawn(board.summary, visit.catalog, visit.address, _origin(board), board.is_current)[0]


@st.cache_resource(show_spinner=False, max_entries=4, hash_funcs={BoardSummary: id, Catalog: id})
def _drawn(summary: BoardSummary, catalog: Catalog, address: Address, origin: str, is_current: bool) -> _Drawn:
    """The payload, and what it was drawn of: while that is kept, no other object has its id, which is in the key."""
    return watch_payload(summary, catalog, address, origin, is_current=is_current), summary, catalog


def _origin(board: DrawnBoard) -> str:
    judge = "the refresher" if board.is_published else "this page"
    origin = f"judged by {judge} on {words.instant(board.judged_at)}"
    return origin if board.is_current else f"{origin}, before files changed"
