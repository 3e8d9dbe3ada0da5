"""The summary of a board: plain values that the Watch page draws, whether they come from a file or an evaluation."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from functools import cache

from pydantic import TypeAdapter

from dashboard.analysis import Change, changes
from dashboard.catalog import Catalog
from dashboard.domain import Board, State
from dashboard.evaluation import EvaluatedBoard, Evaluation
from dashboard.reporting.summary.sparkline import Sparkline, sparkline

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

    def as_json(self) -> bytes:
        """The summary in JSON, where an unknown number is `NaN`; `summary_from_json` reads it again."""
        return json.dumps(_adapter().dump_python(self, mode="json"), ensure_ascii=False).encode()


def summarize(board: EvaluatedBoard, before: EvaluatedBoard, catalog: Catalog) -> BoardSummary:
    """The summary of a board of the catalogue, compared with the board of an earlier instant."""
    evaluations = {verdict.id: board.evaluations[verdict.id] for verdict in board.verdicts}
    curves = {
        name: sparkline(evaluation, catalog.indicators[name].anchor, board.as_of)
        for name, evaluation in evaluations.items()
        if evaluation.verdict.is_open or evaluation.verdict.state is State.ON_RECORD
    }
    return BoardSummary(
        board=Board(**{field.name: getattr(board, field.name) for field in fields(Board)}),
        since=before.as_of,
        changes=changes(before, board),
        levels={name: level for name, evaluation in evaluations.items() if (level := deciding_level(evaluation))},
        curves={name: curve for name, curve in curves.items() if curve},
    )


def summary_from_json(data: bytes) -> BoardSummary:
    """The summary that `as_json` wrote; ValueError where the bytes hold none."""
    return _adapter().validate_json(data)


def deciding_level(evaluation: Evaluation) -> DecidingLevel | None:
    deciding = evaluation.deciding
    if deciding is None:
        return None
    threshold = deciding.threshold
    is_law = threshold is not None and threshold.basis == "law"
    return DecidingLevel(float(deciding.bound), is_passed=threshold is not None, is_law=is_law)


@cache
def _adapter() -> TypeAdapter[BoardSummary]:
    """The adapter, made on first use: commands that publish nothing need not wait for it."""
    return TypeAdapter(BoardSummary)
