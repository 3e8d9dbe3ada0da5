"""The parts of one day's board, and the board and summary that follow from them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from dashboard.analysis import Finding
from dashboard.catalog import Catalog
from dashboard.domain import Board, Problem, RowCounts
from dashboard.evaluation import data_version
from dashboard.reporting.board_json import join_board
from dashboard.reporting.parts.findings_json import join_findings
from dashboard.reporting.summary.board_summary import USUAL_SPAN, join_summary


@dataclass(frozen=True)
class SourcePart:
    """What a source contributes to a board.

    key: identifies all that its rows and problems follow from; "" where the source must be read again each time,
    because the cause of a problem may end without a trace. rows: the number of its rows, those not known too.
    newest_published: the last day on which a row became known. problems: those that stand. unread: how it stands where
    no indicator reads it.
    """

    key: str
    rows: int
    counts: RowCounts
    newest_published: date | None
    problems: tuple[Problem, ...]
    unread: Finding | None = None


@dataclass(frozen=True)
class VerdictPart:
    """What a verdict contributes: its JSON in the board, its line of the summary, and the line that says how it finds
    its sources; both b"" where nobody asked for them.

    key: identifies all that the verdict follows from; "" where it must be judged again each time.
    """

    key: str
    board_json: str
    summary_line: bytes = b""
    findings_line: bytes = b""


@dataclass(frozen=True, eq=False)
class BoardParts:
    """The parts of the board of a day, in the order of the catalogue. contents: the known rows of each source as text,
    whose hash tells data apart; see `Table.content`."""

    as_of: date
    sources: Mapping[str, SourcePart] = field(default_factory=dict)
    contents: Mapping[str, bytes] = field(default_factory=dict)
    verdicts: Mapping[str, VerdictPart] = field(default_factory=dict)

    def whole(self, catalog: Catalog) -> Board:
        """What the board of the catalogue says as a whole, without verdicts."""
        newest = (each.newest_published for each in self.sources.values() if each.newest_published)
        problems = (problem for source in self.sources.values() for problem in source.problems)
        return Board(
            as_of=self.as_of,
            data_version=data_version(catalog, (self.contents[name] for name in sorted(self.contents)), problems),
            verdicts=(),
            not_loaded=catalog.not_loaded,
            newest_published=max(newest, default=None),
            sources={name: each.counts for name, each in self.sources.items()},
            fallbacks=catalog.fallbacks,
            unreadable=catalog.unreadable,
        )

    def board_json(self, whole: Board) -> str:
        """The board as `board_as_json` writes it."""
        return join_board(whole, (each.board_json for each in self.verdicts.values()))

    def summary_json(self, whole: Board) -> bytes:
        """The summary of the board as `BoardSummary.as_json` writes it."""
        return join_summary(whole, self.as_of - USUAL_SPAN, (each.summary_line for each in self.verdicts.values()))

    def findings_json(self) -> bytes:
        """What the figures of all sources follow from; `figures_from_json` reads it."""
        counts = {name: each.counts for name, each in self.sources.items()}
        unread = {name: each.unread for name, each in self.sources.items() if each.unread}
        return join_findings(self.as_of, counts, unread, (each.findings_line for each in self.verdicts.values()))

    def problems(self) -> Iterator[Problem]:
        """The problems of all sources and verdicts."""
        for source in self.sources.values():
            yield from source.problems
        for verdict in self.verdicts.values():
            for problem in json.loads(verdict.board_json)["problems"]:
                yield Problem(**problem)
