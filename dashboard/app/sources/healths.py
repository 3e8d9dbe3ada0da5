"""The health of all sources now: what the figures are worth is kept by the files, receipts are read as they come."""

from __future__ import annotations

from datetime import date, datetime

import streamlit as st

from dashboard.app.boards import Files, Signature, state_folder
from dashboard.app.sources.receipts import journals
from dashboard.catalog import Source
from dashboard.health import Figures, Health, Receipts, figures_of_sources
from dashboard.schedule import next_due


def healths_of(files: Files, now: datetime) -> dict[str, Health]:
    """Every source of the catalogue as it stands now, by its id."""
    figures = _figures(files, files.signature, files.today)
    receipts = journals(state_folder()).receipts(files.catalog)
    return {
        name: Health(name, source.title, figures[name], receipts[name], _next_look(source, receipts[name], now))
        for name, source in files.catalog.sources.items()
    }


@st.cache_resource(show_spinner=False, max_entries=2)
def _figures(_files: Files, signature: Signature, day: date) -> dict[str, Figures]:
    del signature  # part of the key only
    return figures_of_sources(_files.catalog, _files.intake, day)


def _next_look(source: Source, receipts: Receipts, now: datetime) -> datetime | None:
    """None for what is looked at all the time: files and folders without a schedule of their own."""
    if source.refresh is None and source.url is None:
        return None
    return next_due(source, receipts.last, now)
