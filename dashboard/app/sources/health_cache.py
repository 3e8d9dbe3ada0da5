"""The health of all sources now. The state of figures is cached by the files; receipts are read as they come."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import streamlit as st

from dashboard.analysis import Figures, Health, Receipts, figures_of_sources
from dashboard.app.data import Files, Signature, state_folder
from dashboard.app.sources.receipts_cache import receipts_cache
from dashboard.catalog import Source
from dashboard.domain import next_due


def source_healths(files: Files, now: datetime) -> dict[str, Health]:
    """Every source of the catalogue as it stands now, by its id; a next look may be known a minute late."""
    state = state_folder()
    receipts, version = receipts_cache(state).receipts(files.catalog)
    minute = now.replace(second=0, microsecond=0)
    return _healths(files, receipts, now, state, files.signature, files.today, version, minute)


@st.cache_resource(show_spinner=False, max_entries=4)
def _healths(
    _files: Files,
    _receipts: dict[str, Receipts],
    _now: datetime,
    state: Path,
    signature: Signature,
    day: date,
    version: int,
    minute: datetime,
) -> dict[str, Health]:
    del state, version, minute  # part of the key only
    figures = _figures(_files, signature, day)
    return {
        name: Health(name, source.title, figures[name], _receipts[name], _next_look(source, _receipts[name], _now))
        for name, source in _files.catalog.sources.items()
    }


@st.cache_resource(show_spinner=False, max_entries=2)
def _figures(_files: Files, signature: Signature, day: date) -> dict[str, Figures]:
    del signature  # part of the key only
    return figures_of_sources(_files.catalog, _files.rows, day)


def _next_look(source: Source, receipts: Receipts, now: datetime) -> datetime | None:
    """When a source is due; None for files and folders without a schedule, which are looked at all the time."""
    if source.schedule is None:
        return None
    return next_due(source, receipts.last, now)
