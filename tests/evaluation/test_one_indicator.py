"""One indicator judged alone, from the files of its own sources, is the board's verdict on it."""

from __future__ import annotations

from datetime import date

import pytest

from dashboard.evaluation.evaluate import evaluation_of
from dashboard.evaluation.evaluation import EvaluatedBoard, Evaluation
from dashboard.reporting.board_json import board_as_json
from dashboard.reporting.explanation import explanation
from dashboard.reporting.history_csv import history_as_csv
from dashboard.rows.load import load_rows
from tests.shipped import TODAY, board, shipped
from tests.shorthand import catalog

DAYS = [date(2023, 12, 31), date(2024, 6, 14), TODAY]
SHIPPED = shipped()[0]


def as_board(evaluation: Evaluation, board: EvaluatedBoard) -> EvaluatedBoard:
    """A board of one verdict only."""
    verdict = evaluation.verdict
    return EvaluatedBoard(board.as_of, "", (verdict,), {}, board.newest_published, evaluations={verdict.id: evaluation})


@pytest.mark.parametrize("name", SHIPPED.indicators)
def test_an_indicator_judged_alone_gets_the_verdict_of_the_board(name: str) -> None:
    own = load_rows(SHIPPED, TODAY, SHIPPED.sources_of([name]))
    for day in DAYS:
        whole = board(str(day))
        expected = whole.evaluations[name]
        result = evaluation_of(name, SHIPPED, own, day)
        assert board_as_json(as_board(result, whole)) == board_as_json(as_board(expected, whole))
        assert explanation(result, day) == explanation(expected, day)
        assert history_as_csv([result]) == history_as_csv([expected])


def test_the_sources_of_an_indicator_include_those_of_its_baselines_and_members() -> None:
    result = catalog(
        """
sources:
  a: {title: A, file: a.csv}
  b: {title: B, file: b.csv}
  base: {title: Base, file: base.csv}
  unread: {title: U, file: u.csv}
indicators:
  one: {title: O, sources: [a], thresholds: [{severity: warning, times_baseline: 2, baseline: base}]}
  two: {title: T, sources: [b, a], thresholds: [{severity: warning, above: 5}]}
  both: {title: B, thresholds: [{severity: critical, all_of: [one, two]}]}
"""
    )
    assert result.sources_of(["two"]) == ("b", "a")
    assert result.sources_of(["both"]) == ("a", "base", "b")
