"""The Watch page as data: the rows of each group, and the groups of each column.

Everything here is text and numbers made from the summary of a board and a catalogue; the component only draws it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import Any

from dashboard.analysis import Change
from dashboard.app.address import Address, indicator_link
from dashboard.app.watch.headline_figure import newest_record
from dashboard.app.watch.row import WatchRow, watch_row
from dashboard.catalog import Catalog, Indicator
from dashboard.domain import Board, DataState, Problem, Severity, State, Verdict, first_of_each_kind
from dashboard.domain.text import wording as words
from dashboard.reporting import BoardSummary

FIRST = 50  # of a long section are drawn before somebody asks for the rest; what is in breach is always drawn


@dataclass(frozen=True)
class Line:
    """A sentence, and the indicator that it is about, if there is one to open."""

    id: str
    href: str
    title: str
    text: str
    tone: str


@dataclass(frozen=True)
class Section:
    """A titled group of rows or lines; an empty one says `empty`, or is left out.

    Wide rows have room for the figure, its period and its curve. A whole one is never cut, however long.
    """

    key: str
    title: str
    rows: tuple[WatchRow, ...] = ()
    lines: tuple[Line, ...] = ()
    empty: str = ""
    note: str = ""
    is_wide: bool = False
    is_whole: bool = False

    @property
    def first(self) -> int:
        """The number of its rows or lines that are drawn before somebody asks for the rest."""
        count = len(self.rows) + len(self.lines)
        return count if self.is_whole else min(count, FIRST)

    @property
    def height(self) -> int:
        """Its approximate height in pixels."""
        if not self.rows and not self.lines and not self.empty:
            return 0
        return 35 + (39 if self.rows else 37) * self.first

    def as_json(self, *, is_unfolded: bool) -> dict[str, Any]:
        """What the component draws: the first rows and lines, or all of an unfolded section, and how many there are."""
        count = len(self.rows) + len(self.lines)
        drawn = count if is_unfolded else self.first
        rows = [row.as_json() for row in self.rows[:drawn]]
        lines = [vars(line) for line in self.lines[: drawn - len(rows)]]
        sizes = {"first": self.first, "count": count, "is_unfolded": is_unfolded}
        return {**vars(self), "rows": rows, "lines": lines, **sizes}


@dataclass(frozen=True)
class Payload:
    """The whole page: two columns of sections."""

    label: str
    columns: tuple[tuple[Section, ...], tuple[Section, ...]]

    def as_json(self, unfolded: Collection[str] = ()) -> dict[str, Any]:
        """What the component draws; `unfolded` are the keys of long sections that somebody asked to see whole."""
        columns = [
            [section.as_json(is_unfolded=section.key in unfolded) for section in column] for column in self.columns
        ]
        return {"label": self.label, "columns": columns}

    @property
    def sections(self) -> dict[str, Section]:
        return {section.key: section for column in self.columns for section in column}


def watch_payload(
    summary: BoardSummary, catalog: Catalog, address: Address, origin: str = "", *, is_current: bool = True
) -> Payload:
    """The Watch page for a board: in breach, on record, not assessed or trusted, normal, context; what changed.

    `origin` says who judged the board, and when. is_current: whether the board is of the files as they stand; another
    one is no all-clear.
    """
    board = summary.board
    groups = _groups(summary, catalog, address)
    past = "past breaches; nobody has reported that they ended"
    calm = _calm(board) if is_current else "No alert was open before files changed; they are being judged."
    left = [
        Section("breach", "Alerts open", groups["breach"], empty=calm, note=origin, is_wide=True, is_whole=True),
        Section("aged", "Open, not current", groups["aged"], note="nobody has looked for long", is_wide=True),
        Section("record", "On record", groups["record"], note=past, is_wide=True),
    ]
    right = [
        Section("unknown", "Not assessed or not trusted", groups["unknown"]),
        Section("problems", "Could not be read", lines=_problems(board, catalog, address)),
    ]
    movable = [
        _changes(summary.changes, address),
        Section("normal", "Normal", groups["normal"], note="" if is_current else "before files changed"),
        Section("context", "Context", groups["context"], note="for information, never an alarm"),
    ]
    left, right = _balanced(left, right, movable)
    columns = [tuple(section for section in column if section.height) for column in (left, right)]
    return Payload(f"Watch board as of {words.day(board.as_of)}", (columns[0], columns[1]))


def _calm(board: Board) -> str:
    """A sentence that no alert is open, and how many indicators are not assessed."""
    unknown = sum(verdict.severity is None for verdict in board.verdicts)
    caveat = f"; {unknown} of {len(board.verdicts)} indicators are not assessed" if unknown else ""
    return f"No alert is open on what is known{caveat}."


def group_name(verdict: Verdict, indicator: Indicator) -> str:
    """The group of an indicator; an untrusted one is never in plain normal."""
    if verdict.is_open:
        return "breach" if verdict.is_current else "aged"
    if verdict.state is State.ON_RECORD:
        return "record"
    if verdict.state is State.WITHDRAWN:
        return "unknown"
    is_context = bool(indicator.thresholds) and all(one.severity == "info" for one in indicator.thresholds)
    if is_context and verdict.data_state is not DataState.ERROR:
        return "context"
    if verdict.severity is None or not verdict.data_state.is_trusted:
        return "unknown"
    return "context" if verdict.severity is Severity.INFO else "normal"


def worst_first(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Sorts firing alerts first; then by severity and passing end, on record too; then the newest first."""

    def weight(verdict: Verdict) -> tuple[bool, int, int, date]:
        judgement = newest_record(verdict) if verdict.severity is None else verdict
        severity = judgement.severity if judgement else None
        passed_by = judgement.passed_by if judgement else None
        fires = verdict.state.is_on
        rank = -1 if severity is None else int(severity)
        return fires, rank, int(passed_by or 0), verdict.known_since or date.min

    return sorted(verdicts, key=weight, reverse=True)


def _groups(summary: BoardSummary, catalog: Catalog, address: Address) -> dict[str, tuple[WatchRow, ...]]:
    groups: dict[str, list[WatchRow]] = {
        name: [] for name in ("breach", "aged", "record", "unknown", "normal", "context")
    }
    for verdict in worst_first(summary.board.verdicts):
        group = group_name(verdict, catalog.indicators[verdict.id])
        groups[group].append(watch_row(verdict, summary, catalog, address))
    return {name: tuple(rows) for name, rows in groups.items()}


def _balanced(left: list[Section], right: list[Section], movable: list[Section]) -> tuple[list[Section], list[Section]]:
    """Distributes the movable sections, in order, so that the longer column is shortest; on the right if equal."""
    choices = [
        (
            [*left, *(section for section, is_left in zip(movable, places, strict=True) if is_left)],
            [*right, *(section for section, is_left in zip(movable, places, strict=True) if not is_left)],
        )
        for places in product((False, True), repeat=len(movable))
    ]
    return min(choices, key=lambda columns: max(sum(section.height for section in column) for column in columns))


def _changes(changes: Sequence[Change], address: Address) -> Section:
    lines = tuple(
        Line(
            id=one.indicator_id,
            href=indicator_link(one.indicator_id, address),
            title=one.title,
            text=one.sentence,
            tone="none" if one.severity is None else one.severity.word,
        )
        for one in changes
    )
    usual = " (30 days before)" if address.is_usual_since else ""
    return Section("changes", f"Changed since {words.day(address.since)}{usual}", lines=lines, empty="Nothing changed.")


def _problems(board: Board, catalog: Catalog, address: Address) -> tuple[Line, ...]:
    """Indicators that are not loaded, what else is wrong in the catalogue, and data that could not be used.

    What is wrong with an indicator that last good definitions stand for is said in the banner.
    """
    banner_problems = {
        problem for group in (board.not_loaded, board.fallbacks) for problems in group.values() for problem in problems
    }
    catalog_problems = (one for one in catalog.problems if one not in banner_problems and not _is_kept(one, board))
    examples, summaries = first_of_each_kind(catalog_problems)
    data_problems = [
        (verdict, problem) for verdict in board.verdicts for problem in verdict.problems if _is_error(verdict)
    ]
    return (
        *(
            _problem(f"{name} is not loaded", problem)
            for name, problems in board.not_loaded.items()
            for problem in problems
        ),
        *(_problem("Catalogue", problem) for problem in examples),
        *(Line("", "", "Catalogue", line, "error") for line in summaries),
        *(
            Line(one.id, indicator_link(one.id, address), one.title, f"data not used: {problem}", "error")
            for one, problem in data_problems
        ),
    )


def _is_kept(problem: Problem, board: Board) -> bool:
    group, _, below = problem.path.partition(".")
    return group == "indicators" and below.split(".")[0] in board.fallbacks


def _is_error(verdict: Verdict) -> bool:
    return verdict.data_state is DataState.ERROR


def _problem(title: str, problem: Problem) -> Line:
    return Line("", "", title, str(problem), "error")
