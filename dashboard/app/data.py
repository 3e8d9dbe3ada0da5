"""The one place of the dashboard that reads the clock and the files: definitions, cards, rows, boards.

One story for all that is kept in memory: a source's fingerprint changes, then its rows, then the verdicts that read it,
then the board. So a page always shows what the files hold; losing what is kept costs time and nothing else.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import streamlit as st

from dashboard.app.evaluations import Evaluations
from dashboard.app.serving.server import CATALOG_VARIABLE, STATE_VARIABLE
from dashboard.atomic_files import Stamp, file_stamp
from dashboard.catalog import Catalog, last_good_file
from dashboard.refresh import PublishedSummary, published_stamp, read_published
from dashboard.rows import SourceRows
from dashboard.workspace import EvidenceCards, Workspace, definition_stamps

Signature = tuple[tuple[Stamp, ...], str, str]


@dataclass(frozen=True, eq=False)
class Files:
    """The files as they stand on a day. signature: it changes with all that rows, boards and cards follow from."""

    workspace: Workspace
    today: date
    signature: Signature

    @property
    def catalog(self) -> Catalog:
        return self.workspace.catalog

    @property
    def claims(self) -> EvidenceCards:
        return self.workspace.claims

    @property
    def rows(self) -> SourceRows:
        """The rows of all sources, read when a page first needs them."""
        return _rows(self, self.signature, self.today)

    @property
    def published(self) -> PublishedSummary | None:
        """The board that the refresher published for these files today; None where there is none."""
        published = _published(self.workspace.state, published_stamp(self.workspace.state))
        return published if published is not None and published.fingerprint == self.signature[2] else None

    @property
    def draw_key(self) -> tuple[object, ...]:
        """A key that changes with all that a page may draw: these files, the day, and the published board."""
        return self.signature, self.today, published_stamp(self.workspace.state)

    def evaluations(self, as_of: date) -> Evaluations:
        """The evaluations as of the end of a day, each made once for all visitors."""
        return _evaluations(self, self.signature, self.today, as_of)


def now() -> datetime:
    return datetime.now(UTC)


def today() -> date:
    return datetime.now(UTC).date()


def state_folder() -> Path:
    """The folder of the refresher, beside the catalogue unless the environment names it. It may not exist."""
    path = os.environ.get(STATE_VARIABLE)
    return Path(path).absolute() if path else _catalog_path().parent / "var"


def _catalog_path() -> Path:
    """The catalogue's path. Links are not followed: a mounted ConfigMap is a link that is switched with each edit."""
    return Path(os.environ.get(CATALOG_VARIABLE, "indicators.yaml")).absolute()


def read_files() -> Files:
    """The files as they stand now; CatalogError where there is no catalogue to speak of."""
    path, state, day = _catalog_path(), state_folder(), today()
    definitions, last_good = definition_stamps(path), file_stamp(last_good_file(state))
    workspace = _workspace(path, state, (*definitions, last_good))
    if workspace.catalog.problems:  # else nothing follows from the last good definitions
        definitions += (last_good,)
    return Files(workspace, day, (definitions, str(state), workspace.fingerprint(day)))


@st.cache_resource(show_spinner=False, max_entries=2)
def _workspace(path: Path, state: Path, definitions: tuple[Stamp, ...]) -> Workspace:
    del definitions  # part of the key only
    workspace = _place(path, state).reread()
    _ = workspace.catalog  # read now, while the stamps hold
    return workspace


@st.cache_resource(show_spinner=False, max_entries=2)
def _place(path: Path, state: Path) -> Workspace:
    """The first workspace of a place; later ones share its caches, so that one delivery reads one source anew."""
    return Workspace(path, state)


@st.cache_resource(show_spinner=False, max_entries=2)
def _rows(_files: Files, signature: Signature, day: date) -> SourceRows:
    del signature  # part of the key only
    return _files.workspace.rows(day)


@st.cache_resource(show_spinner=False, max_entries=2)
def _published(state: Path, changed: Stamp) -> PublishedSummary | None:
    del changed  # part of the key only
    return read_published(state)


@st.cache_resource(show_spinner=False, max_entries=12)
def _evaluations(_files: Files, signature: Signature, day: date, as_of: date) -> Evaluations:
    del signature, day  # part of the key only
    return Evaluations(_files.workspace, _files.rows, as_of)
