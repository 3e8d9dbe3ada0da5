"""Rows of the future are quarantined until their day, and then used without a new delivery."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as some

from dashboard.archive.deliveries import Archive
from dashboard.archive.journal import Run
from dashboard.catalog.loader import load_catalog
from dashboard.catalog.source import Source
from dashboard.evaluation.evaluate import evaluate
from dashboard.ingest.parse.dialect import Dialect
from dashboard.ingest.reader import read
from dashboard.refresh.looks.commit import Commit, catch_up, commit_all
from dashboard.refresh.refresher import Refresher
from dashboard.rows.load import load_rows
from dashboard.rows.replay import replay_deliveries
from dashboard.rows.source_rows import SourceRows
from dashboard.rows.store.row_store import RowStore
from tests.examples import examples
from tests.receiving import facts
from tests.refreshing import NOON, Place

DAY = NOON.date()  # 7 March 2024


def later(days: int) -> date:
    return DAY + timedelta(days=days)


def place_with(folder: Path, text: str, said: str = "file: s.csv") -> Place:
    place = Place(folder)
    place.define(s=said)
    place.put("drop/s.csv" if said.startswith("folder") else "s.csv", text)
    place.refresh()
    return place


def rows(place: Place, day: date) -> SourceRows:
    return load_rows(load_catalog(place.catalog), day, state=place.state)


def said(place: Place, intake: SourceRows, day: date) -> tuple[float, str]:
    verdict = evaluate(load_catalog(place.catalog), intake, day).verdicts[0]
    return verdict.figure.value, verdict.data_state.value


@pytest.mark.parametrize("source", ["file: s.csv", "folder: drop"])
@pytest.mark.parametrize(
    "text",
    [
        "date,value\n2024-03-06,1\n2024-03-09,9\n",
        "date,value,published_at\n2024-03-06,1,2024-03-06\n2024-03-07,9,2024-03-09\n",
        "date,value,received_at\n2024-03-06,1,2024-03-06\n2024-03-07,9,2024-03-09\n",
        "period_start,period_end,value\n2024-03-06,2024-03-06,1\n2024-03-09,2024-03-10,9\n",
    ],
)
def test_a_future_row_is_used_from_its_day_on(tmp_path: Path, source: str, text: str) -> None:
    expected = [(1.0, "error"), (1.0, "error"), (9.0, "fresh"), (9.0, "fresh")]
    place = place_with(tmp_path, text, source)
    # nobody refreshes: the pages see it all the same
    assert [said(place, rows(place, later(day)), later(day)) for day in range(4)] == expected
    for day in range(4):
        place.refresh()
        assert (place.verdict("s")["value"], place.verdict("s")["data_state"]) == expected[day]
        place.later(days=1)
    assert place.outcomes("s") == ["received"]
    assert [said(place, rows(place, later(4)), later(day)) for day in range(4)] == expected
    stored = RowStore(place.state).rows("s")
    assert stored is not None
    assert stored["held_from"].tolist() == [pd.Timestamp(NOON.replace(tzinfo=None)), pd.Timestamp(later(2))]


def test_each_future_row_is_used_from_its_own_day_on_without_a_look_on_that_day(tmp_path: Path) -> None:
    place = place_with(tmp_path, "date,value\n2024-03-06,1\n2024-03-08,2\n2024-03-10,3\n2024-03-10,x\n")
    place.later(days=5).refresh()
    result = rows(place, later(5))
    assert [said(place, result, later(day))[0] for day in range(5)] == [1.0, 2.0, 2.0, 3.0, 3.0]
    (item,) = result.all_problems(later(5))
    assert item.path == "value"


@pytest.mark.parametrize("column", ["published_at", "received_at"])
def test_a_row_that_was_published_before_its_period_is_never_used(tmp_path: Path, column: str) -> None:
    place = place_with(tmp_path, f"date,value,{column}\n2024-03-06,1,2024-03-06\n2024-03-09,9,2024-03-07\n")
    assert said(place, rows(place, later(3)), later(3)) == (1.0, "error")


def test_rows_that_a_delivery_lacks_end_once_all_its_rows_are_usable(tmp_path: Path) -> None:
    place = place_with(tmp_path, "date,value\n2024-03-05,1\n2024-03-06,2\n")
    place.later(hours=1).put("s.csv", "date,value\n2024-03-05,1\n2024-03-09,9\n")
    place.refresh()
    assert place.values("s") == [1.0, 2.0]
    place.later(days=2).refresh()
    assert place.values("s") == [1.0, 9.0]


def test_a_watching_refresher_uses_a_future_row_when_its_day_begins(tmp_path: Path) -> None:
    place = place_with(tmp_path, "date,value\n2024-03-06,1\n2024-03-08,9\n")
    refresher = Refresher(place.workspace, {}, lambda: place.now)
    for days, is_news in ((0, False), (0, False), (1, True), (0, False), (1, False)):
        place.later(days=days)
        assert any(one.has_news for one in refresher.look(["s"])) == is_news
    assert place.values("s") == [1.0, 9.0]


# --- any sequence of deliveries and looks, by a clock that may go back

A_ROW = some.tuples(some.integers(-3, 12), some.integers(0, 9), some.sampled_from(["", "", "2024-03-09", "soon"]))
A_TEXT = some.lists(A_ROW, max_size=4).map(
    lambda lines: "date,value,published_at\n" + "".join(f"{later(day)},{value},{told}\n" for day, value, told in lines)
)
STEPS = some.lists(
    some.tuples(some.integers(-2, 4), some.integers(0, 23), some.one_of(some.none(), A_TEXT), some.sampled_from("ab")),
    min_size=1,
    max_size=6,
)
Step = tuple[int, int, str | None, str]


def live(state: Path, source: Source, steps: Sequence[Step]) -> date:
    """What a refresher does with each delivery, and with a look where there is none; gives the last day."""
    archive, store, day = Archive(state), RowStore(state), 0
    for days, hour, text, file in steps:
        day += days
        at = datetime.combine(later(day), NOON.timetz()).replace(hour=hour)
        catch_up("s", source, archive, store, at.date())
        if text is not None:
            reading = read(text.encode(), file, Dialect.of(source), at.date())
            sha256 = archive.keep("s", text.encode())
            run = Run(at, "received", file, file, sha256, layout=Dialect.of(source).as_json())
            before = partial(replay_deliveries, "s", source, archive, store, at.date())
            commit = Commit("s", source, [(run, reading)], before)
            commit_all([commit], archive, store)
    return later(day)


@pytest.mark.parametrize("said", ["file: s.csv", "folder: drop"])
@settings(max_examples=examples(8, 60), deadline=None)
@given(steps=STEPS)
@example(steps=[(5, 1, "date,value\n2024-03-16,1\n", "a"), (-3, 1, "date,value\n", "a"), (6, 0, None, "a")])
@example(steps=[(5, 0, "date,value\n2024-03-14,0\n", "a"), (2, 0, None, "a"), (-1, 0, None, "a")])
def test_rows_kept_day_by_day_equal_rows_derived_anew(said: str, steps: Sequence[Step]) -> None:
    with TemporaryDirectory() as folder:
        place = Place(Path(folder))
        place.define(s=said)
        source, archive, store = load_catalog(place.catalog).sources["s"], Archive(place.state), RowStore(place.state)
        today = live(place.state, source, steps)
        for day in (today, today + timedelta(days=1), today + timedelta(days=30)):
            catch_up("s", source, archive, store, day)
            shown, anew = (replay_deliveries("s", source, archive, one, day) for one in (store, None))
            pd.testing.assert_frame_equal(shown.rows, anew.rows)
            assert facts(shown) == facts(anew)
        stored = store.read("s")  # by now no receipt lies in the future
        assert (stored.run_count if stored else 0) == anew.run_count
        assert stored is None or (stored.rows.equals(anew.rows) and stored.problems == anew.problems)


def test_an_old_dialect_is_no_problem_of_a_delivery_read_again_before_the_edit(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.define(s="file: s.csv, columns: {value: bbl}")
    for rest in ("2024-03-06,1\n2024-03-08,2\n", "2024-03-06,3\n2024-03-05,3\n"):
        place.put("s.csv", "date,bbl\n" + rest)
        place.refresh()
        place.later(days=2)
    place.define(s="file: s.csv, columns: {value: barrels}")
    place.put("s.csv", "date,barrels\n2024-03-06,4\n")
    place.refresh()
    result = rows(place, later(4))
    assert [said(place, result, later(day))[1] for day in range(5)] == ["error", "fresh", "error", "error", "fresh"]
