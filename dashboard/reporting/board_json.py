"""The board as JSON for other programs, also joined from the JSON of its indicators, and its schema."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from dashboard.domain import Board, Problem
from dashboard.evaluation import EvaluatedBoard, Evaluation
from dashboard.reporting.board_models import BoardModel, IndicatorModel

_INDENT = " " * 4  # of an indicator in the board's JSON
_FIRST, _NEXT = f'"indicators": [\n{_INDENT}', f",\n{_INDENT}"


def board_as_json(board: EvaluatedBoard) -> str:
    """The board as JSON, keys in a fixed order: the same input gives the same bytes."""
    return join_board(board, (indicator_as_json(board.evaluations[verdict.id]) for verdict in board.verdicts))


def indicator_as_json(evaluation: Evaluation) -> str:
    """One indicator's part of the board's JSON, indented as it stands there."""
    return _as_json(IndicatorModel.of(evaluation).model_dump(mode="json")).replace("\n", "\n" + _INDENT)


def join_board(board: Board, indicators: Iterable[str]) -> str:
    """The board as JSON, from what it says as a whole and the JSON of each of its indicators."""
    whole = {
        "as_of": board.as_of.isoformat(),
        "data_version": board.data_version,
        "indicators": [],
        "sources": {name: asdict(counts) for name, counts in board.sources.items()},
        "not_loaded": _by_indicator(board.not_loaded),
        "kept": _by_indicator(board.fallbacks),
        "unreadable": [problem.as_json() for problem in board.unreadable],
    }
    parts = _NEXT.join(indicators)
    before, empty, after = _as_json(whole).partition('"indicators": []')
    return f"{before}{_FIRST}{parts}\n  ]{after}" if parts else before + empty + after


def split_board(text: str, lengths: Iterable[int]) -> list[str]:
    """The JSON of each indicator of a board, from the board's JSON and the number of characters of each."""
    start, parts = text.index(_FIRST) + len(_FIRST) if _FIRST in text else 0, []
    for length in lengths:
        parts.append(text[start : start + length])
        start += length + len(_NEXT)
    return parts


def _as_json(values: Mapping[str, Any]) -> str:
    return json.dumps(values, indent=2, ensure_ascii=False, allow_nan=False)


def board_schema() -> dict[str, Any]:
    """The JSON Schema of what `board_as_json` writes."""
    return BoardModel.model_json_schema(mode="serialization")


def _by_indicator(problems: Mapping[str, Iterable[Problem]]) -> dict[str, list[dict[str, str | int]]]:
    return {name: [each.as_json() for each in own] for name, own in sorted(problems.items())}
