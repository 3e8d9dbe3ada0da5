"""What a page may ask the process that judges. Questions and answers are small values, which travel between the two."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Generic, TypeVar

from dashboard.analysis import Figures, Revision, changed_by_last_delivery, figures_of_sources
from dashboard.app.judging.judged_files import JudgedFiles
from dashboard.domain import WatchfloorError
from dashboard.domain.dates import instant_of
from dashboard.evaluation import Evaluation
from dashboard.reporting import BoardSummary

Answer = TypeVar("Answer")


class FilesChangedError(WatchfloorError):
    """The definitions have changed since the page read them, so the page has to read them again."""


@dataclass(frozen=True)
class Question(Generic[Answer]):
    """A question about one snapshot of the files."""

    @abstractmethod
    def answer(self, files: JudgedFiles) -> Answer: ...


@dataclass(frozen=True, eq=False)
class JudgedBoard:
    """The summary of a board, and when its judging began."""

    summary: BoardSummary
    judged_at: datetime


@dataclass(frozen=True)
class BoardQuestion(Question[JudgedBoard]):
    """The board of an instant, compared with that of an earlier one."""

    as_of: date
    since: date

    def answer(self, files: JudgedFiles) -> JudgedBoard:
        judged_at = datetime.now(UTC)
        return JudgedBoard(files.summary(self.as_of, self.since), judged_at)


@dataclass(frozen=True)
class EvaluationQuestion(Question[Evaluation]):
    """The evaluation of one indicator, with its own rows alone."""

    name: str
    as_of: date

    def answer(self, files: JudgedFiles) -> Evaluation:
        return files.evaluation(self.name, self.as_of)


@dataclass(frozen=True)
class FiguresQuestion(Question[Mapping[str, Figures]]):
    """The state of the figures of all sources on the day of the snapshot."""

    def answer(self, files: JudgedFiles) -> Mapping[str, Figures]:
        return figures_of_sources(files.catalog, files.rows, files.day)


@dataclass(frozen=True)
class ChangesQuestion(Question[Sequence[Revision] | None]):
    """The figures of a source that the delivery of an instant changed; None for a source without rows."""

    source: str
    received_at: datetime

    def answer(self, files: JudgedFiles) -> Sequence[Revision] | None:
        table = files.rows_of_source(self.source).table
        if self.source not in table.slices:
            return None
        return changed_by_last_delivery(table.frame[table.slices[self.source]], instant_of(self.received_at))


@dataclass(frozen=True)
class ClaimsQuestion(Question[Mapping[str, set[str]]]):
    """The claims that the rows of each source are made from."""

    def answer(self, files: JudgedFiles) -> Mapping[str, set[str]]:
        rows = files.rows.rows
        claims = rows[rows["document"] != ""].groupby("source")["document"]
        return {str(source): set(claims) for source, claims in claims}


@dataclass(frozen=True)
class NewestQuestion(Question[date | None]):
    """When the newest evidence was published, as known on the day of the snapshot."""

    def answer(self, files: JudgedFiles) -> date | None:
        return files.rows.table.newest_published(files.day)
