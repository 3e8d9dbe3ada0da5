"""The context of one visit of a page: the files as they stand, the instants of the address, and the verdicts."""

from __future__ import annotations

from concurrent.futures import Future
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

import streamlit as st

from dashboard.app.address import Address, read_address
from dashboard.app.data import Files, has_refresher_time, read_files, recent_files
from dashboard.app.judging import (
    Answer,
    BoardQuestion,
    EvaluationQuestion,
    FilesChangedError,
    JudgedBoard,
    Question,
)
from dashboard.catalog import Catalog
from dashboard.domain import WatchfloorError
from dashboard.domain.text import counted, day
from dashboard.evaluation import Evaluation
from dashboard.refresh import PublishedSummary
from dashboard.reporting import BoardSummary

MOMENT = 0.5  # seconds that a page waits for a judgement before it draws the board of older files


@dataclass(frozen=True, eq=False)
class DrawnBoard:
    """The board that a page draws.

    is_published: whether the refresher judged it, or the process behind this page on request. is_current: whether it
    follows from the files as they stand; trouble: why nothing judges those, "" where something does.
    """

    summary: BoardSummary
    judged_at: datetime
    is_published: bool
    is_current: bool = True
    trouble: str = ""


@dataclass(frozen=True, eq=False)
class Visit:
    """Files and address. Boards and evaluations are made on request, and the page says so meanwhile."""

    files: Files
    address: Address

    @property
    def catalog(self) -> Catalog:
        return self.files.catalog

    @cached_property
    def board(self) -> DrawnBoard:
        """The published board if it answers this visit, at once and even where it is of older files; otherwise a board
        that is judged on request."""
        published = self._published_answer
        if published is None:
            judged = self._judge(BoardQuestion(self.address.as_of, self.address.since), len(self.catalog.indicators))
            return _as_drawn(judged)
        if self.files.are_those_of(published):
            return DrawnBoard(published.summary, published.judged_at, is_published=True)
        return self._newer_board(published)

    @property
    def awaits_newer_board(self) -> bool:
        """Whether the page has drawn a board of older files, and the files as they stand are being judged."""
        return "board" in self.__dict__ and not self.board.is_current and not self.board.trouble

    @property
    def has_newer_answer(self) -> bool:
        """Whether the files that are newer than the published board have been judged, well or not."""
        published = self._published_answer
        if published is None or self.files.are_those_of(published):
            return False
        answer = self.newer_answer()
        return answer is not None and answer.done()

    @property
    def newest_published(self) -> date | None:
        """When the newest evidence was published, as known today, if the published board says it."""
        published = self.files.published
        return None if published is None else published.summary.board.newest_published

    def evaluation(self, name: str) -> Evaluation:
        """The evaluation of one indicator; only the indicators that it needs are judged with it."""
        return self._judge(EvaluationQuestion(name, self.address.as_of), len(self.catalog.with_needs(name)))

    def ask(self, question: Question[Answer]) -> Answer:
        """The answer to a question about the figures of all sources; the page says meanwhile that it waits."""
        return self._wait(question, f"Reading the figures of {counted(len(self.catalog.sources), 'source')} ...")

    def _judge(self, question: Question[Answer], count: int) -> Answer:
        text = f"Judging {counted(count, 'indicator')} as of {day(self.address.as_of)} ..."
        return self._wait(question, text)

    def _wait(self, question: Question[Answer], text: str) -> Answer:
        """The answer of the process that judges, under a text that says what takes longer than a moment."""
        try:
            answer = self.files.ask(question)
            if answer.done():
                return answer.result()
            with st.spinner(text):
                return answer.result()
        except FilesChangedError:
            st.rerun()

    @property
    def _published_answer(self) -> PublishedSummary | None:
        """The published board, perhaps of older files, if it is the one that the address asks for."""
        return self.files.published if self.address.is_today and self.address.is_usual_since else None

    def newer_answer(self) -> Future[JudgedBoard] | None:
        """The board of files that are newer than the published one; None while the refresher has time to publish it."""
        if has_refresher_time(self.files):
            return None
        return self.files.ask(BoardQuestion(self.address.as_of, self.address.since))

    def _newer_board(self, published: PublishedSummary) -> DrawnBoard:
        """The board of the files as they stand if it is there in a moment, else the published one of older files."""
        trouble, answer = "", self.newer_answer()
        try:
            if answer is not None:
                return _as_drawn(answer.result(MOMENT))
        except FilesChangedError:
            st.rerun()
        except WatchfloorError as error:  # of judging, whatever its kind
            trouble = str(error)
        except TimeoutError:
            pass
        return DrawnBoard(published.summary, published.judged_at, is_published=True, is_current=False, trouble=trouble)


_visit: ContextVar[Visit] = ContextVar("visit")  # of the run of a page, which has a thread of its own


def begin_visit() -> Visit:
    """The visit that this run of a page serves; CatalogError where there is no catalogue to speak of."""
    visit = _visit_of(read_files())
    _visit.set(visit)
    return visit


def first_visit() -> Visit:
    """A visit without a visitor, of the page that opens first."""
    files = read_files()
    return Visit(files, read_address({}, files.today))


def current_visit() -> Visit:
    """The visit that was begun last in this run of a page."""
    return _visit.get()


def recent_visit() -> Visit:
    """The visit as it would have been a moment ago, to see what has changed since the page was drawn."""
    return _visit_of(recent_files())


def _visit_of(files: Files) -> Visit:
    return Visit(files, read_address(st.query_params.to_dict(), files.today))


def _as_drawn(judged: JudgedBoard) -> DrawnBoard:
    return DrawnBoard(judged.summary, judged.judged_at, is_published=False)
