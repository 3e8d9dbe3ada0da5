"""What was made of the same things before is found again, and never what was made of other things."""

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


def made(store: Memo, *follows_from: object, observations: int = 0) -> object:
    return store.get(object, *follows_from, observations=observations)


@pytest.mark.parametrize(
    ("one", "other"),
    [("a", "".join(["a"])), (5, 5), (date(2024, 1, 1), date.fromisoformat("2024-01-01")), (None, None), ((), ())],
)
def test_what_follows_from_equal_words_numbers_and_days_is_made_once(one: object, other: object) -> None:
    store = Memo()
    assert made(store, "x", one) is made(store, "x", other)


def test_what_follows_from_equal_periods_is_made_once() -> None:
    store = Memo()
    year = [Period(date(2024, 1, 1), date(2024, 12, 31)) for _ in range(2)]
    assert made(store, "x", year[0]) is made(store, "x", year[1])


def test_arrays_are_the_same_only_when_they_are_the_very_same() -> None:
    store = Memo()
    days = np.arange(3)
    assert made(store, "x", (days, "a")) is made(store, "x", (days, "a"))
    assert made(store, "x", (days, "a")) is not made(store, "x", (days.copy(), "a"))
    assert made(store, "x", (days, "a")) is not made(store, "x", (days, "b"))
    assert made(store, "x", (days, "a")) is not made(store, "y", (days, "a"))


def test_a_thing_that_was_made_of_something_gone_is_never_found_again() -> None:
    """The next array may lie where the last one lay."""
    store = Memo()
    found = [made(store, "x", np.arange(3)) for _ in range(1000)]
    assert len(set(map(id, found))) == 1000


def test_the_oldest_go_first_and_what_is_too_large_is_not_kept() -> None:
    store = Memo(most=300)
    first, second = made(store, "first", observations=100), made(store, "second", observations=100)
    assert made(store, "second", observations=100) is second
    made(store, "third", observations=100)
    assert made(store, "second", observations=100) is second
    assert made(store, "first", observations=100) is not first
    huge = made(store, "huge", observations=1000)
    assert made(store, "huge", observations=1000) is not huge
    kept = made(store, "kept", observations=100)
    made(store, "huge", observations=1000)
    assert made(store, "kept", observations=100) is kept


def test_boards_of_one_intake_are_the_boards_of_fresh_ones() -> None:
    catalog, intake = shipped()
    intake = SourceRows(intake.rows, intake.problems)
    days = [TODAY - timedelta(days=187 * number) for number in range(examples(13, 40))]
    afresh = {day: board_as_json(evaluate(catalog, SourceRows(intake.rows, intake.problems), day)) for day in days}
    for day in [*days[::2], *reversed(days)]:
        assert board_as_json(evaluate(catalog, intake, day)) == afresh[day]
