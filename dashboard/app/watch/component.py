"""The component that draws the board as real elements: its script and style, and what a click on a row means."""

from __future__ import annotations

from pathlib import Path
from threading import Lock

import streamlit as st
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest

from dashboard.app.watch.payload import Payload

_HERE = Path(__file__).parent
_PACKAGE, _BOARD = "watchfloor", "watch_board"
_NAME = f"{_PACKAGE}.{_BOARD}"
_STYLE = (_HERE / "board.css").read_text(encoding="utf-8")
_registering = Lock()


def watch_board(payload: Payload) -> str | None:
    """Draw the board; return the id of the indicator that was just opened on it, None otherwise."""
    _register_assets()
    draw = st.components.v2.component(_NAME, html='<div class="board"></div>', css=_STYLE, js="board.js")
    result = draw(
        key=_BOARD, data=payload.as_json(_unfolded()), on_open_change=lambda: None, on_fold_change=_fold_or_unfold
    )
    opened = result.open
    return opened if isinstance(opened, str) else None


def _unfolded() -> set[str]:
    """The long sections that this visitor asked to see whole."""
    sections: set[str] = st.session_state.setdefault("unfolded", set())
    return sections


def _fold_or_unfold() -> None:
    """Show a section whole, or only its beginning again; the rest of its rows travels when it is asked for."""
    section = st.session_state[_BOARD].fold
    if isinstance(section, str):
        _unfolded().symmetric_difference_update({section})


def _register_assets() -> None:
    """Let the server serve `assets/`, so that the script has an address of its own.

    A script handed over as text would run from a `blob:` address, which the Content-Security-Policy forbids. Streamlit
    finds asset folders by itself only where the distribution and its package have one name.
    """
    manager = get_bidi_component_manager()
    with _registering:  # registering again would take the board away from a visitor who is just being shown it
        if manager.get_component_asset_root(_NAME) is None:
            board = ComponentConfig(_BOARD, asset_dir="assets")
            manager.register_from_manifest(ComponentManifest(_PACKAGE, "", [board]), _HERE)
