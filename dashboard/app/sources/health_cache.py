"""The health of all sources now. The state of figures is what the refresher published, or asked for once; receipts are
read as they come.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

import streamlit as st

from dashboard.analysis import Figures, Health, Receipts
from dashboard.app.data import Signature, state_folder
from dashboard.app.judging import FiguresQuestion
from dashboard.app.page_context import Visit
from dashboard.app.sources.receipts_cache import receipts_cache
from dashboard.atomic_files import Stamp
from dashboard.catalog import Source
from dashboard.domain import next_due
from dashboard.refresh import PublishedFigures, published_stamp, read_published_figures


def source_healths(visit: Visit, now: datetime) -> dict[str, Health]:
    """Every source of the catalogue as it stands now, by its id; a next look may be known a minute late."""
    state, files = state_folder(), visit.files
    receipts, version = receipts_cache(state).receipts(files.catalog)
    minute = now.replace(second=0, microsecond=0)
    figures = _figures(visit)
    return _healths(visit, figures, receipts, now, state, files.signature, files.today, version, minute)


def _figures(visit: Visit) -> Mapping[str, Figures]:
    """The figures that the refresher published if they follow from the files as they stand, else those that the process
    that judges finds."""
    state, files = state_folder(), visit.files
    published = _published_figures(state, published_stamp(state))
    if published is not None and (published.fingerprint, published.as_of) == (files.signature[2], files.today):
        return published.figures
    return visit.ask(FiguresQuestion())


@st.cache_resource(show_spinner=False, max_entries=2)
def _published_figures(state: Path, changed: Stamp) -> PublishedFigures | None:
    del changed  # part of the key only
    return read_published_figures(state)


@st.cache_resource(show_spinner=False, max_entries=4)
def _healths(
    _visit: Visit,
    _figures: Mapping[str, Figures],
    _receipts: dict[str, Receipts],
    _now: datetime,
    state: Path,
    signature: Signature,
    day: date,
    version: int,
    minute: datetime,
) -> dict[str, Health]:
    del state, signature, day, version, minute  # part of the key only
    return {
        name: Health(name, source.title, _figures[name], _receipts[name], _next_look(source, _receipts[name], _now))
        for name, source in _visit.catalog.sources.items()
    }


def _next_look(source: Source, receipts: Receipts, now: datetime) -> datetime | None:
    """When a source is due; None for files and folders without a schedule, which are looked at all the time."""
    if source.schedule is None:
        return None
    return next_due(source, receipts.last, now)
