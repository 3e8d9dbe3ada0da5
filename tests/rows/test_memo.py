"""The memo returns the earlier result for the same inputs, and for no others."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from dashboard.domain.dates.periods import Period
from dashboard.evaluation.evaluate import evaluate
from dashboard.reporting.board_json import board_as_json
from dashboard.rows.memo import Memo
from dashboard.rows.source_rows import SourceRows
from tests.examples import examples
from tests.shipped import TODAY, shipped


def result_of(memo: Memo, *inputs: object, observations: int = 0) -> object:
    return memo.get(object, *inputs, observations=observations)


@pytest.mark.parametrize(
    ("left", "right"),
    [("a", "".join(["a"])), (5, 5), (date(2024, 1, 1), date.fromisoformat("2024-01-01")), (None, None), ((), ())],
)
def test_equal_texts_numbers_and_days_give_one_result(left: object, right: object) -> None:
    memo = Memo()
    assert result_of(memo, "x", left) is result_of(memo, "x", right)


def test_equal_periods_give_one_result() -> None:
    memo = Memo()
    year = [Period(date(2024, 1, 1), date(2024, 12, 31)) for _ in range(2)]
    assert result_of(memo, "x", year[0]) is result_of(memo, "x", year[1])


def test_arrays_are_compared_by_identity() -> None:
    memo = Memo()
    days = np.arange(3)
    assert result_of(memo, "x", (days, "a")) is result_of(memo, "x", (days, "a"))
    assert result_of(memo, "x", (days, "a")) is not result_of(memo, "x", (days.copy(), "a"))
    assert result_of(memo, "x", (days, "a")) is not result_of(memo, "x", (days, "b"))
    assert result_of(memo, "x", (days, "a")) is not result_of(memo, "y", (days, "a"))


def test_a_new_object_never_gets_the_result_of_a_deleted_one() -> None:
    """The next array may lie where the last left lay."""
    memo = Memo()
    results = [result_of(memo, "x", np.arange(3)) for _ in range(1000)]
    assert len(set(map(id, results))) == 1000


def test_the_oldest_results_go_first_and_too_large_results_are_not_kept() -> None:
    memo = Memo(most=300)
    first, second = result_of(memo, "first", observations=100), result_of(memo, "second", observations=100)
    assert result_of(memo, "second", observations=100) is second
    result_of(memo, "third", observations=100)
    assert result_of(memo, "second", observations=100) is second
    assert result_of(memo, "first", observations=100) is not first
    huge = result_of(memo, "huge", observations=1000)
    assert result_of(memo, "huge", observations=1000) is not huge
    kept = result_of(memo, "kept", observations=100)
    result_of(memo, "huge", observations=1000)
    assert result_of(memo, "kept", observations=100) is kept


def test_boards_of_the_same_rows_equal_boards_of_fresh_rows() -> None:
    catalog, intake = shipped()
    intake = SourceRows(intake.rows, intake.problems)
    days = [TODAY - timedelta(days=187 * number) for number in range(examples(13, 40))]
    afresh = {day: board_as_json(evaluate(catalog, SourceRows(intake.rows, intake.problems), day)) for day in days}
    for day in [*days[::2], *reversed(days)]:
        assert board_as_json(evaluate(catalog, intake, day)) == afresh[day]
