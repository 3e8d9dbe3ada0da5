"""The one place of the dashboard that reads the clock and the files: catalogue, rows, cards, and a board.

What is kept in memory is keyed by the files' names, sizes and times of change, so a page always shows what the
files hold; losing it costs time and nothing else.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import streamlit as st

from dashboard.app.serving.server import CATALOG_VARIABLE, STATE_VARIABLE
from dashboard.app.sources.receipts_cache import receipts_cache
from dashboard.archive import Archive
from dashboard.atomic_files import Stamp, stamp
from dashboard.catalog import Catalog, last_good_file, load_active_catalog
from dashboard.evaluation import EvaluatedBoard, evaluate
from dashboard.evidence import Card, EvidenceError, claims_by_id, load_cards
from dashboard.rows import RowCache, SourceRows, load_rows

Signature = tuple[Stamp, ...]


@dataclass(frozen=True, eq=False)
class Shelf:
    """The cards of `seeds/`, or what is wrong with them."""

    cards: tuple[Card, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Files:
    """Everything that the pages are made from, as the files stand, and the signature that tells them apart."""

    catalog: Catalog
    intake: SourceRows
    shelf: Shelf
    today: date
    signature: Signature


def now() -> datetime:
    return datetime.now(UTC)


def today() -> date:
    return datetime.now(UTC).date()


def state_folder() -> Path:
    """Where the refresher keeps what it received; beside the catalogue unless it is named. It may not be there."""
    named = os.environ.get(STATE_VARIABLE)
    return Path(named).absolute() if named else _catalog_path().parent / "var"


def _catalog_path() -> Path:
    """Links are not followed: a mounted ConfigMap is a link that is switched with each edit."""
    return Path(os.environ.get(CATALOG_VARIABLE, "indicators.yaml")).absolute()


def read_files() -> Files:
    """The files as they stand now; CatalogError where there is no catalogue to speak of."""
    path, state = _catalog_path(), state_folder()
    seeds = path.parent / "seeds"
    defined = _signature([path, *sorted(seeds.glob("*.yaml"))])
    remembered = _signature([last_good_file(state)])
    catalog, shelf = _definitions(str(path), str(seeds), str(state), defined + remembered)
    if catalog.problems:  # else nothing follows from what is remembered, and no page need be drawn anew with it
        defined += remembered
    origins = [source.origin for source in catalog.sources.values()]
    rows = _signature(path.parent / origin.name for origin in origins if origin.is_read_in_place)
    day = today()
    rows += ((str(state / "archive"), 0, receipts_cache(state).brought(catalog), 0), stamp(Archive(state).damages.file))
    return Files(catalog, _rows(catalog, state, defined, rows, day), shelf, day, defined + rows)


def board_of(files: Files, as_of: date) -> EvaluatedBoard:
    """The board as of the end of a day."""
    return _board(files, files.signature, files.today, as_of)


def _signature(paths: Iterable[Path]) -> Signature:
    return tuple(stamp(path) for path in dict.fromkeys(paths))


@st.cache_resource(show_spinner=False, max_entries=2)
def _definitions(path: str, seeds: str, state: str, signature: Signature) -> tuple[Catalog, Shelf]:
    del signature  # part of the key only
    shelf = _shelf(Path(seeds))
    claims = None if shelf.problems or not shelf.cards else set(claims_by_id(shelf.cards))
    return load_active_catalog(Path(path), claims, Path(state)).catalog, shelf


def _shelf(folder: Path) -> Shelf:
    if not folder.is_dir():
        return Shelf((), ())
    try:
        return Shelf(load_cards(folder), ())
    except EvidenceError as error:
        return Shelf((), error.problems)


@st.cache_resource(show_spinner=False, max_entries=2)
def _rows(_catalog: Catalog, state: Path, defined: Signature, rows: Signature, day: date) -> SourceRows:
    del defined, rows
    return load_rows(_catalog, day, state=state, loads=_loads(_catalog.folder, state))


@st.cache_resource(show_spinner=False, max_entries=2)
def _loads(folder: Path, state: Path) -> RowCache:
    """So that one delivery reads one source anew."""
    del folder, state  # part of the key only
    return RowCache()


@st.cache_resource(show_spinner=False, max_entries=12)
def _board(_files: Files, signature: Signature, day: date, as_of: date) -> EvaluatedBoard:
    del signature, day
    return evaluate(_files.catalog, _files.intake, as_of)
