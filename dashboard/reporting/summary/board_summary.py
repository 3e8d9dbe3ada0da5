"""The summary of a board: plain values that the Watch page draws, whether they come from a file or an evaluation."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from functools import cache

from pydantic import TypeAdapter

from dashboard.analysis import Change, ChangesSince, change_of, worst_change_first
from dashboard.catalog import Catalog, Indicator
from dashboard.domain import Board, State, Verdict
from dashboard.domain.dates import Period
from dashboard.evaluation import EvaluatedBoard, Evaluation, board_without_verdicts, evaluations_of
from dashboard.reporting.summary.sparkline import Sparkline, sparkline
from dashboard.rows import SourceRows

USUAL_SPAN = timedelta(days=30)  # how far back "what changed" looks, unless somebody asks for another instant


@dataclass(frozen=True)
class DecidingLevel:
    """The level that the observation behind a verdict is compared with.

    bound: the level in the unit of the verdict, NaN where it is no number; is_passed: whether a threshold decided;
    is_law: whether that threshold is one of the law.
    """

    bound: float
    is_passed: bool
    is_law: bool


@dataclass(frozen=True)
class IndicatorSummary:
    """A verdict, and what the page draws beside it.

    level: None where nothing is known now; curve: None where no alert is open or on record, or there is no figure;
    change: since an earlier instant, None where nothing changed.
    """

    verdict: Verdict
    level: DecidingLevel | None
    curve: Sparkline | None
    change: Change | None

    def as_json(self) -> bytes:
        """One line of the summary's JSON, where an unknown number is `NaN`."""
        return _line(_indicator_adapter().dump_python((self,), mode="json")[0])


@dataclass(frozen=True, eq=False)
class BoardSummary:
    """A board, and what changed since an earlier instant.

    levels: by indicator, missing where nothing is known now; curves: by indicator, for alerts that are open or on
    record, missing where there is no figure.
    """

    board: Board
    since: date
    changes: tuple[Change, ...]
    levels: Mapping[str, DecidingLevel]
    curves: Mapping[str, Sparkline]

    @classmethod
    def of(cls, board: Board, since: date, indicators: Sequence[IndicatorSummary]) -> BoardSummary:
        """The summary of the indicators of a board; `board` holds what it says as a whole."""
        return cls(
            board=replace(board, verdicts=tuple(each.verdict for each in indicators)),
            since=since,
            changes=worst_change_first(each.change for each in indicators if each.change),
            levels={each.verdict.id: each.level for each in indicators if each.level},
            curves={each.verdict.id: each.curve for each in indicators if each.curve},
        )

    @property
    def indicators(self) -> tuple[IndicatorSummary, ...]:
        """The summary of each indicator, in the order of the board."""
        changes = {change.indicator_id: change for change in self.changes}
        return tuple(
            IndicatorSummary(each, self.levels.get(each.id), self.curves.get(each.id), changes.get(each.id))
            for each in self.board.verdicts
        )

    def as_json(self) -> bytes:
        """The summary in JSON; `summary_from_json` reads it again."""
        return join_summary(self.board, self.since, (each.as_json() for each in self.indicators))


def summarize(board: EvaluatedBoard, before: EvaluatedBoard, catalog: Catalog) -> BoardSummary:
    """The summary of a board of the catalogue, compared with the board of an earlier instant."""
    days, indicators = Period(before.as_of, board.as_of), []
    for each in board.verdicts:
        evaluation = board.evaluations[each.id]
        change = change_of(before.evaluation(each.id), evaluation, days)
        indicators.append(summarize_indicator(catalog.indicators[each.id], evaluation, change, days.end))
    return BoardSummary.of(whole_board(board), before.as_of, indicators)


def summarize_instant(catalog: Catalog, rows: SourceRows, as_of: date, since: date) -> BoardSummary:
    """The summary of the board of an instant, compared with an earlier one.

    An evaluation is dropped once it is summarised, unless another indicator needs it: ten thousand take much memory.
    """
    needed = {need for indicator in catalog.indicators.values() for need in indicator.needs}
    finished: dict[str, Evaluation] = {}
    summaries: dict[str, IndicatorSummary] = {}
    changes = ChangesSince(catalog, rows, Period(since, as_of))
    for name in catalog.evaluation_order:
        indicator = catalog.indicators[name]
        evaluation = evaluations_of((*indicator.needs, name), catalog, rows, as_of, finished)[name]
        if name in needed:
            finished[name] = evaluation
        summaries[name] = summarize_indicator(indicator, evaluation, changes.of(name, evaluation), as_of)
    whole = board_without_verdicts(catalog, rows, as_of)
    return BoardSummary.of(whole, since, [summaries[name] for name in catalog.indicators])


def summarize_indicator(
    indicator: Indicator, evaluation: Evaluation, change: Change | None, as_of: date
) -> IndicatorSummary:
    """The summary of one verdict, and of what changed since an earlier day."""
    verdict = evaluation.verdict
    is_drawn = verdict.is_open or verdict.state is State.ON_RECORD
    return IndicatorSummary(
        verdict,
        deciding_level(evaluation),
        sparkline(evaluation, indicator.anchor, as_of) if is_drawn else None,
        change,
    )


def whole_board(board: Board) -> Board:
    """What a board says as a whole, without verdicts and evaluations."""
    values = {field.name: getattr(board, field.name) for field in fields(Board)}
    return Board(**{**values, "verdicts": ()})


def join_summary(board: Board, since: date, indicators: Iterable[bytes]) -> bytes:
    """The JSON of a summary, from what the board says as a whole and the lines of its indicators."""
    head = _head_adapter().dump_python((replace(board, verdicts=()), since), mode="json")
    return b"\n".join([_line(head), *indicators])


def split_summary(data: bytes) -> list[bytes]:
    """The lines of the indicators in the JSON of a summary."""
    return data.split(b"\n")[1:]


def summary_from_json(data: bytes) -> BoardSummary:
    """The summary that `as_json` wrote; ValueError where the bytes hold none."""
    head, *lines = data.split(b"\n")
    board, since = _head_adapter().validate_json(head)
    indicators = _indicator_adapter().validate_json(b"[" + b",".join(lines) + b"]")
    return BoardSummary.of(board, since, indicators)


def deciding_level(evaluation: Evaluation) -> DecidingLevel | None:
    deciding = evaluation.deciding
    if deciding is None:
        return None
    threshold = deciding.threshold
    is_law = threshold is not None and threshold.basis == "law"
    return DecidingLevel(float(deciding.bound), is_passed=threshold is not None, is_law=is_law)


def _line(values: object) -> bytes:
    return json.dumps(values, ensure_ascii=False).encode()


@cache
def _head_adapter() -> TypeAdapter[tuple[Board, date]]:
    """The adapter, made on first use: commands that publish nothing need not wait for it."""
    return TypeAdapter(tuple[Board, date])


@cache
def _indicator_adapter() -> TypeAdapter[tuple[IndicatorSummary, ...]]:
    return TypeAdapter(tuple[IndicatorSummary, ...])
