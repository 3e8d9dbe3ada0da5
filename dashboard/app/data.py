"""The one place of the dashboard that reads the clock and the files: definitions, cards, and the published board.

One story for all that is kept in memory: a source's fingerprint changes, then its rows, then the verdicts that read it,
then the board. Rows and verdicts are those of the process that judges; losing what is kept costs time and nothing else.
"""

from __future__ import annotations

import os
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from time import monotonic

import streamlit as st

from dashboard.app.judging import Answer, Answers, JudgingProcess, Question, Snapshot
from dashboard.app.serving.server import CATALOG_VARIABLE, STATE_VARIABLE
from dashboard.atomic_files import Stamp, file_stamp
from dashboard.catalog import Catalog, last_good_file
from dashboard.refresh import Life, PublishedSummary, published_stamp, read_published, read_pulse
from dashboard.workspace import EvidenceCards, Workspace, definition_stamps

Signature = tuple[tuple[Stamp, ...], str, str]
ANSWERS = Answers(JudgingProcess())  # not in a cache of Streamlit, which any visitor could clear
GRACE = 10.0  # seconds in which a refresher may publish the board of changed files
LOOK_EVERY = 2.0  # seconds for which all open pages share one look at the files
_last_looks: dict[tuple[Path, Path], tuple[float, Files]] = {}
_outdated: dict[str, tuple[Stamp, float]] = {}  # by state folder: the published board of older files, and since when


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
    def published(self) -> PublishedSummary | None:
        """The board that the refresher published today by this code, perhaps of older files; None where there is none,
        or where it has an indicator that the catalogue lacks."""
        published = _published(self.workspace.state, published_stamp(self.workspace.state))
        if published is None or published.summary.board.as_of != self.today:
            return None
        indicators = self.catalog.indicators
        return published if all(one.id in indicators for one in published.summary.board.verdicts) else None

    def are_those_of(self, published: PublishedSummary) -> bool:
        """Whether the board follows from the files as they stand."""
        return published.fingerprint == self.signature[2]

    @property
    def draw_key(self) -> tuple[object, ...]:
        """A key that changes with all that a page may draw: these files, the day, and the published board."""
        return self.signature, self.today, published_stamp(self.workspace.state)

    def ask(self, question: Question[Answer]) -> Future[Answer]:
        """The answer of the process that judges, which each question about these files reaches once."""
        definitions, _, fingerprint = self.signature
        place = self.workspace.path, self.workspace.state
        return ANSWERS.ask(Snapshot(*place, definitions, fingerprint, self.today), question)


def has_refresher_time(files: Files) -> bool:
    """Whether a refresher is at work, and has had less than `GRACE` since the board that it published last was found
    to be of older files. So no two processes judge the same files, and no page waits for a refresher in trouble."""
    stamp, place = published_stamp(files.workspace.state), str(files.workspace.state)
    known = _outdated.get(place)
    if known is None or known[0] != stamp:
        known = _outdated[place] = stamp, monotonic()
    return monotonic() - known[1] < GRACE and read_pulse(files.workspace.state, now()).life is Life.WELL


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
    path, state, day, begun = _catalog_path(), state_folder(), today(), monotonic()
    definitions, last_good = definition_stamps(path), file_stamp(last_good_file(state))
    workspace = _workspace(path, state, (*definitions, last_good))
    if workspace.catalog.problems:  # else nothing follows from the last good definitions
        definitions += (last_good,)
    files = Files(workspace, day, (definitions, str(state), workspace.fingerprint(day)))
    _last_looks[path, state] = begun, files
    return files


def recent_files() -> Files:
    """The files as they stood a moment ago, for open pages that ask whether something has changed: however many are
    open, the files are looked at once in that time."""
    look = _last_looks.get((_catalog_path(), state_folder()))
    return look[1] if look and monotonic() - look[0] < LOOK_EVERY and look[1].today == today() else read_files()


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
def _published(state: Path, changed: Stamp) -> PublishedSummary | None:
    del changed  # part of the key only
    return read_published(state)
