"""The context of one visit of a page: the files as they stand, the instants of the address, and the verdicts."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime

import streamlit as st

from dashboard.app.address import Address, read_address
from dashboard.app.data import Files, Signature, now, read_files
from dashboard.catalog import Catalog
from dashboard.domain.text import counted, day
from dashboard.evaluation import Evaluation
from dashboard.reporting import BoardSummary, summarize
from dashboard.rows import SourceRows


@dataclass(frozen=True, eq=False)
class DrawnBoard:
    """The board that a page draws. is_published: whether the refresher judged it, or this page on request."""

    summary: BoardSummary
    judged_at: datetime
    is_published: bool


@dataclass(frozen=True, eq=False)
class Visit:
    """Files and address. Rows, boards and evaluations are made on request, and the page says so meanwhile."""

    files: Files
    address: Address

    @property
    def catalog(self) -> Catalog:
        return self.files.catalog

    @property
    def rows(self) -> SourceRows:
        """The rows of all sources."""
        with st.spinner(f"Reading the figures of {counted(len(self.catalog.sources), 'source')} ..."):
            return self.files.rows

    @property
    def board(self) -> DrawnBoard:
        """The published board if it answers this visit; otherwise a board that is judged on request."""
        published = self.files.published if self.address.is_today and self.address.is_usual_since else None
        if published is not None:
            return DrawnBoard(published.summary, published.judged_at, is_published=True)
        _ = self.rows
        with self._judging(len(self.catalog.indicators)):
            return _judged_board(self, self.files.signature, self.address.as_of, self.address.since)

    def evaluation(self, name: str) -> Evaluation:
        """The evaluation of one indicator; only the indicators that it needs are judged with it."""
        _ = self.rows
        evaluations = self.files.evaluations(self.address.as_of)
        with self._judging(evaluations.missing(name)):
            return evaluations.of(name)

    @property
    def newest_published(self) -> date | None:
        """When the newest evidence was published, as known today."""
        published = self.files.published
        if published is not None:
            return published.summary.board.newest_published
        return self.rows.table.newest_published(self.address.today)

    def _judging(self, count: int) -> AbstractContextManager[None]:
        """Shows how many indicators are being judged, if that takes longer than a moment."""
        return st.spinner(f"Judging {counted(count, 'indicator')} as of {day(self.address.as_of)} ...")


def current_visit() -> Visit:
    """The visit that this run of a page serves; CatalogError where there is no catalogue to speak of."""
    files = read_files()
    return Visit(files, read_address(st.query_params.to_dict(), files.today))


@st.cache_resource(show_spinner=False, max_entries=12)
def _judged_board(_visit: Visit, signature: Signature, as_of: date, since: date) -> DrawnBoard:
    del signature  # part of the key only
    judged_at, files = now(), _visit.files
    board, before = (files.evaluations(instant).board() for instant in (as_of, since))
    return DrawnBoard(summarize(board, before, files.catalog), judged_at, is_published=False)
