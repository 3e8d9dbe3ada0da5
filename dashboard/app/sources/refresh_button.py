"""The button "Refresh now", which leaves a request for the refresher and shows its progress."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import streamlit as st

from dashboard.analysis import Health
from dashboard.app import data
from dashboard.app.markup import alert, element, show
from dashboard.app.serving import absence
from dashboard.domain.text import wording as words
from dashboard.refresh import Life, read_pulse, request_refresh, requested_at

WHY_NOT = {
    Life.ABSENT: "No refresher is running.",
    Life.SINGLE: "Sources are refreshed by single runs, which take no requests.",
    Life.OVERDUE: "The refresher is overdue.",
    Life.UNREADABLE: "Whether a refresher is running is not known.",
}


def refresh_button(health: Health, now: datetime) -> None:
    """Draw the button; disable it, with the reason, where no refresher would take the request."""
    state = data.state_folder()
    obstacle = WHY_NOT.get(read_pulse(state, now).life, "")
    requested = _requested_at(state, health)
    st.button(
        "Refresh now",
        key=f"refresh_{health.id}",
        on_click=_request,
        args=(state, health.id),
        disabled=bool(obstacle or requested),
    )
    if obstacle and not absence.absence_reason():  # that one is in the bar, with what to mend
        show(element("p", f"{obstacle} Start one with `watchfloor refresh --watch`.", class_="quiet"))
    elif requested:
        show(element("p", f"Asked for at {words.instant(requested, seconds=True)}.", class_="quiet", role="status"))
    if failure := st.session_state.pop(f"failed_to_ask_{health.id}", ""):
        alert(failure)


def _requested_at(state: Path, health: Health) -> datetime | None:
    """When a refresh was requested, until it has run; a request that was taken is still under way."""
    key = f"asked_{health.id}"
    waiting = requested_at(state, health.id)
    if waiting is not None:
        st.session_state[key] = waiting
        return waiting
    requested: datetime | None = st.session_state.get(key)
    last = health.receipts.last
    if requested is None or (last is not None and last.at >= requested):
        st.session_state.pop(key, None)
        return None
    return requested


def _request(state: Path, name: str) -> None:
    try:
        request_refresh(state, name)
    except OSError as error:
        st.session_state[f"failed_to_ask_{name}"] = f"The request cannot be written: {error}"
