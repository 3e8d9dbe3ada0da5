"""The frame of every page: links to the other pages, and the bar with the instant that the page shows."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from dashboard.app import data
from dashboard.app.address import AS_OF, SINCE, Address
from dashboard.app.markup import alert, element, show
from dashboard.app.serving import absence
from dashboard.app.sources.receipts_cache import has_archive, receipts_cache
from dashboard.catalog import Catalog
from dashboard.domain import is_overdue
from dashboard.domain.text import age, day
from dashboard.refresh import Life, Pulse, read_pulse

PAGES = {
    "Watch": "app_pages/watch.py",
    "Indicator": "app_pages/indicator.py",
    "Evidence": "app_pages/evidence.py",
    "Sources": "app_pages/sources.py",
}
_CANNOT_RUN = (
    "No refresher can run: {why}. Until that is mended, no address and no drop folder is looked at. The refresher then "
    "starts by itself within a minute."
)
EARLIEST = date(2006, 10, 14)  # resolution 1718: before it there was nothing to watch


def draw_bar(address: Address, catalog: Catalog, *, is_about_now: bool = False) -> DeltaGenerator:
    """Draw the bar; its pickers and buttons change the address, and nothing else. Return the place of the button that
    `draw_newest` draws.

    `is_about_now`: whatever instant the address names for other pages.
    """
    with st.container(key="bar", horizontal=True, vertical_alignment="center", gap="small"):
        _label("Watchfloor", "product")
        for title, page in PAGES.items():
            st.page_link(page, label=title, query_params=address.query())
        _label("As of today" if address.is_today else "As of", "asked loud")
        _picker("As of", AS_OF, address.as_of, address.today)
        _label("compared with", "asked")
        _picker("Compared with", SINCE, address.since, address.as_of)
        newest_button = st.empty()
        if not address.is_today:
            st.button("Back to today", on_click=_change_instant, args=(None, address))
        _heartbeat(catalog)
    if not address.is_today:
        about_now = (
            f" — but this page is about now, {day(address.today)}: how the sources stand and what they delivered"
        )
        detail = element("span", about_now if is_about_now else " — nothing published later is shown")
        show(element("p", f"AS OF {day(address.as_of)}", detail, class_="past", role="status"))
    if address.problems:
        alert(*address.problems)
    return newest_button


def draw_newest(place: DeltaGenerator, newest_published: date | None, address: Address) -> None:
    """Draw the button that leads to the newest evidence, if there is any."""
    if newest_published is not None:
        label = _latest_label(newest_published, address)
        place.button(label, on_click=_change_instant, args=(newest_published, address))


@st.fragment(run_every="5s")
def _heartbeat(catalog: Catalog) -> None:
    """Draw the age of the heartbeat every few seconds, without the rest of the page; an alarm where it is not well.

    The absence of a refresher is no failure where the pages can read all sources, unless one was meant to run.
    """
    state, now = data.state_folder(), data.now()
    last_pulse = read_pulse(state, now)
    if last_pulse.life is Life.SINGLE and last_pulse.beat and _is_any_overdue(state, catalog, last_pulse.beat.at, now):
        last_pulse = last_pulse.overdue()
    if reason := absence.absence_reason():
        alert(*_last_seen(last_pulse, now), _CANNOT_RUN.format(why=reason))
    elif last_pulse.life is Life.ABSENT and not _needs_refresher(state, catalog):
        _label("no refresher", "asked heartbeat", "None is needed: the pages read the files as they stand.")
    elif last_pulse.is_well or last_pulse.life is Life.SINGLE:
        _label(last_pulse.describe(now), "asked heartbeat")
    else:
        alert(last_pulse.describe(now))


def _last_seen(last_pulse: Pulse, now: datetime) -> list[str]:
    """The words of an alarm about the last refresher, without an age that changes."""
    return [last_pulse.describe(now)] if last_pulse.life in (Life.OVERDUE, Life.AHEAD, Life.UNREADABLE) else []


def _needs_refresher(state: Path, catalog: Catalog) -> bool:
    """Whether a refresher has something to do that the pages cannot do themselves."""
    has_only_files = all(source.origin.is_read_in_place for source in catalog.sources.values())
    return not has_only_files or has_archive(state)


def _is_any_overdue(state: Path, catalog: Catalog, looked_at: datetime, now: datetime) -> bool:
    """Whether single refreshes have not looked at something that was due."""
    receipts, _ = receipts_cache(state).receipts(catalog)
    return any(is_overdue(source, receipts[name].last, looked_at, now) for name, source in catalog.sources.items())


def _label(text: str, class_: str, title: str = "") -> None:
    show(element("p", text, class_=class_, title=title), width="content")


def _latest_label(newest_published: date, address: Address) -> str:
    days = (address.today - newest_published).days
    ago = f", {age(days)} ago" if address.is_today and days > 0 else ""
    return f"Latest evidence ({day(newest_published)}{ago})"


def _picker(label: str, name: str, day_shown: date, latest: date) -> None:
    # The address decides; a picker shows it and, when used, changes it.
    key = f"pick_{name}"
    st.session_state[key] = day_shown
    earliest = min(EARLIEST, day_shown)
    st.date_input(
        label,
        key=key,
        min_value=earliest,
        max_value=latest,
        format="YYYY-MM-DD",
        label_visibility="collapsed",
        width=140,
        on_change=_apply_date,
        args=(key, name),
    )


def _apply_date(key: str, name: str) -> None:
    picked_day = st.session_state[key]
    if isinstance(picked_day, date):
        st.query_params[name] = picked_day.isoformat()


def _change_instant(as_of: date | None, address: Address) -> None:
    """Show another instant; the usual comparison moves along with it."""
    st.query_params.pop(AS_OF, None)
    if address.is_usual_since or (as_of is not None and address.since > as_of):
        st.query_params.pop(SINCE, None)
    if as_of is not None and as_of != address.today:
        st.query_params[AS_OF] = as_of.isoformat()
