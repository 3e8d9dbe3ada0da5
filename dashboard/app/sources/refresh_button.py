"""The button "Refresh now": it leaves a request for the refresher, and says what became of it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import streamlit as st

from dashboard.analysis import Health
from dashboard.app import data as boards
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
    """Draw it, disabled with the reason where nobody would take the request."""
    state = boards.state_folder()
    why_not = WHY_NOT.get(read_pulse(state, now).life, "")
    asked = _asked(state, health)
    st.button(
        "Refresh now",
        key=f"refresh_{health.id}",
        on_click=_ask,
        args=(state, health.id),
        disabled=bool(why_not or asked),
    )
    if why_not and not absence.absence_reason():  # that one is in the bar, with what to mend
        show(element("p", f"{why_not} Start one with `watchfloor refresh --watch`.", class_="quiet"))
    elif asked:
        show(element("p", f"Asked for at {words.instant(asked, seconds=True)}.", class_="quiet", role="status"))
    if failure := st.session_state.pop(f"failed_to_ask_{health.id}", ""):
        alert(failure)


def _asked(state: Path, health: Health) -> datetime | None:
    """When it was asked for, until it ran: what the refresher has taken is still under way."""
    key = f"asked_{health.id}"
    waiting = requested_at(state, health.id)
    if waiting is not None:
        st.session_state[key] = waiting
        return waiting
    asked: datetime | None = st.session_state.get(key)
    last = health.receipts.last
    if asked is None or (last is not None and last.at >= asked):
        st.session_state.pop(key, None)
        return None
    return asked


def _ask(state: Path, name: str) -> None:
    try:
        request_refresh(state, name)
    except OSError as error:
        st.session_state[f"failed_to_ask_{name}"] = f"The request cannot be written: {error}"
