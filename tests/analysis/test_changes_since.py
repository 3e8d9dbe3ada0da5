"""An earlier day is judged anew only where that may matter, and the changes are those of two whole boards."""

from __future__ import annotations

from datetime import date, timedelta
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as some

from dashboard.analysis import changes_since
from dashboard.analysis.board_changes import change_of
from dashboard.analysis.changes_since import ChangesSince
from dashboard.domain.dates.periods import Period, end_of_day
from dashboard.domain.errors import Problem
from dashboard.domain.verdict import Verdict
from dashboard.evaluation.evaluate import evaluate
from dashboard.ingest.frame import frame
from dashboard.rows.source_rows import SourceRows
from tests.evaluation.test_properties import CATALOG, SOME_DAY, SOME_ROWS, SOURCES
from tests.shorthand import evaluation, intake, rows, rulebook

Row = dict[str, object]
SOME_SPAN = some.sampled_from([0, 1, 7, 30, 90, 400])


@some.composite
def held_rows(draw: some.DrawFn) -> list[Row]:
    """Rows of which some were received, dropped or accepted as wrong on days of their own."""
    rows = draw(SOME_ROWS)
    for row in rows:
        if draw(some.booleans()):
            held = draw(SOME_DAY)
            row["held_from"] = end_of_day(held)
            if draw(some.booleans()):
                dropped = held + timedelta(days=draw(some.integers(0, 100)))
                row["held_until"] = end_of_day(dropped)
                if draw(some.booleans()):
                    row["accepted_at"] = end_of_day(dropped + timedelta(days=draw(some.integers(0, 100))))
    return rows


@some.composite
def some_problems(draw: some.DrawFn) -> dict[str, tuple[Problem, ...]]:
    names = draw(some.lists(some.sampled_from(SOURCES), max_size=2, unique=True))
    problems = {}
    for name in names:
        day = draw(SOME_DAY)
        mended = draw(some.sampled_from([None, day + timedelta(days=20)]))
        problems[name] = (Problem("x.csv", 2, 0, "value", "broken", day, mended),)
    return problems


@given(rows=some.one_of(SOME_ROWS, held_rows()), problems=some_problems(), day=SOME_DAY, span=SOME_SPAN)
def test_changes_since_a_day_are_those_between_two_whole_boards(
    rows: list[Row], problems: dict[str, tuple[Problem, ...]], day: date, span: int
) -> None:
    days, intake = Period(day - timedelta(days=span), day), SourceRows(frame(rows), problems)
    before, now = (evaluate(CATALOG, intake, each) for each in (days.start, days.end))
    changes = ChangesSince(CATALOG, intake, days)
    for name in CATALOG.evaluation_order:
        evaluation, earlier = now.evaluations[name], before.evaluations[name]
        assert changes.of(name, evaluation) == change_of(earlier, evaluation, days)
        if changes_since.stood_still(CATALOG.indicators[name], evaluation, CATALOG, intake, days):
            assert _standing(earlier.verdict) == _standing(evaluation.verdict)
            assert (earlier.episodes, earlier.rests_on) == (evaluation.episodes, evaluation.rests_on)


def _standing(verdict: Verdict) -> tuple[object, ...]:
    """All that a verdict says but sentences and ages."""
    axes = verdict.severity, verdict.passed_by, verdict.state, verdict.data_state, verdict.passed_phrase
    figures = repr(verdict.figure), verdict.date, verdict.since, verdict.known_since, repr(verdict.newest)
    return *axes, *figures, verdict.on_record, repr(verdict.withdrawals), verdict.problems


@pytest.mark.parametrize(
    ("words", "today", "judges"),
    [("10", "2024-01-04", []), ("10 60 20", "2024-01-12", []), ("10 60 20", "2024-01-14", ["2024-01-03"])],
    ids=["unchanged", "with an alert that is over", "late since"],
)
def test_the_earlier_day_is_judged_only_where_something_happened_since(
    words: str, today: str, judges: list[str]
) -> None:
    definitions = rulebook("severity: warning, above: 50", source="late_after: 10d, stale_after: 20d")
    known = intake(rows("s", words))
    period = Period(date(2024, 1, 3), date.fromisoformat(today))
    with patch.object(changes_since, "evaluations_of", side_effect=changes_since.evaluations_of) as judged:
        ChangesSince(definitions, known, period).of("x", evaluation(definitions, known, today))
    assert [str(call.args[3]) for call in judged.call_args_list] == judges


def test_the_earlier_day_is_judged_where_a_figure_became_known_since() -> None:
    definitions, known = rulebook("severity: warning, above: 50"), intake(rows("s", "10 60"))
    change = ChangesSince(definitions, known, Period(date(2024, 1, 1), date(2024, 1, 2))).of(
        "x", evaluation(definitions, known, "2024-01-02")
    )
    assert change
    assert change.sentence.startswith("normal → firing, warning")
