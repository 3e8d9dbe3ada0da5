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
from dashboard.atomic_files import Stamp, file_stamp
from dashboard.catalog import Catalog, last_good_file
from dashboard.evaluation import EvaluatedBoard
from dashboard.rows import SourceRows
from dashboard.workspace import EvidenceCards, Workspace, definition_stamps

Signature = tuple[Stamp, ...]


@dataclass(frozen=True, eq=False)
class Files:
    """Everything that the pages are made from, as the files stand, and the signature that tells them apart."""

    workspace: Workspace
    rows: SourceRows
    today: date
    signature: Signature

    @property
    def catalog(self) -> Catalog:
        return self.workspace.catalog

    @property
    def claims(self) -> EvidenceCards:
        return self.workspace.claims


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
    defined = definition_stamps(path)
    remembered = _signature([last_good_file(state)])
    workspace = _workspace(path, state, defined + remembered)
    catalog = workspace.catalog
    if catalog.problems:  # else nothing follows from what is remembered, and no page need be drawn anew with it
        defined += remembered
    origins = [source.origin for source in catalog.sources.values()]
    changes = _signature(path.parent / origin.name for origin in origins if origin.is_read_in_place)
    day = today()
    changes += (
        (str(state / "archive"), 0, receipts_cache(state).brought(catalog), 0),
        file_stamp(Archive(state).damages.file),
    )
    return Files(workspace, _rows(workspace, path, state, defined, changes, day), day, defined + changes)


def board_of(files: Files, as_of: date) -> EvaluatedBoard:
    """The board as of the end of a day."""
    return _board(files, files.signature, files.today, as_of)


def _signature(paths: Iterable[Path]) -> Signature:
    return tuple(file_stamp(path) for path in dict.fromkeys(paths))


@st.cache_resource(show_spinner=False, max_entries=2)
def _workspace(path: Path, state: Path, signature: Signature) -> Workspace:
    del signature  # part of the key only
    workspace = _place(path, state).reread()
    _ = workspace.catalog  # read now, while the signature holds
    return workspace


@st.cache_resource(show_spinner=False, max_entries=2)
def _place(path: Path, state: Path) -> Workspace:
    """Whose row cache all later workspaces share, so that one delivery reads one source anew."""
    return Workspace(path, state)


@st.cache_resource(show_spinner=False, max_entries=2)
def _rows(
    _workspace: Workspace, path: Path, state: Path, defined: Signature, changes: Signature, day: date
) -> SourceRows:
    del path, state, defined, changes  # part of the key only
    return _workspace.rows(day)


@st.cache_resource(show_spinner=False, max_entries=12)
def _board(_files: Files, signature: Signature, day: date, as_of: date) -> EvaluatedBoard:
    del signature, day
    return _files.workspace.board(as_of, _files.rows)
