"""Boards of past days: what was wrong then is wrong there, although it has been mended since."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as some

from dashboard.analysis.backtest import backtest, replay
from dashboard.archive.deliveries import Archive
from dashboard.catalog.loader import load_catalog
from dashboard.domain.errors import Problem
from dashboard.domain.verdict import Verdict
from dashboard.evaluation.evaluate import evaluate
from dashboard.rows.load import load_rows
from dashboard.rows.replay import replay_deliveries
from dashboard.rows.source_rows import SourceRows
from dashboard.rows.store.row_store import RowStore
from tests.examples import examples
from tests.receiving import facts
from tests.refreshing import NOON, Place

DAY = NOON.date()
GOOD = "2024-03-01,7"
# deliveries by the letter of a day on which they come; "." is a day without one
DELIVERIES = {
    "g": [GOOD], "h": [GOOD, "2024-03-02,3"], "q": [GOOD, "2024-03-02,x"], "r": [GOOD, "2024-03-02,x", "2024-03-03,y"],
    "n": ["2024-03-01,1"],
    "f": [GOOD, "2024-03-10,9"],  # rows of days to come
    "e": ["2024-03-10,9", GOOD, "2024-03-12,1", "2024-03-02,x"],
}  # fmt: skip


def later(days: int) -> date:
    return DAY + timedelta(days=days)


# places by the letter of a day on which the source is sent there, and the file that comes from there
PLACES = {
    "S": ("file: s.csv", "s.csv"), "T": ("file: t.csv", "t.csv"), "D": ("folder: drop", "drop/s.csv"),
    "E": ("folder: else", "else/s.csv"), "G": ("folder: drop, glob: 't*'", "drop/t.csv"),
}  # fmt: skip


def deliver(place: Place, letter: str, file: str = "s.csv") -> None:
    if letter == "!":
        place.put(file, "<html>")
    elif letter == "-":
        (place.folder / file).unlink()
    elif letter != ".":
        place.write(file, *DELIVERIES[letter])


def rows(place: Place) -> SourceRows:
    return load_rows(load_catalog(place.catalog), place.now.date(), state=place.state)


def verdict_on(place: Place, intake: SourceRows, day: date) -> Verdict:
    return evaluate(load_catalog(place.catalog), intake, day).verdicts[0]


def boards_in_turn(folder: Path, days: str, said: str = "file: s.csv") -> tuple[Place, list[Verdict]]:
    """A place with a delivery or none on each day, and what the board said at the end of each."""
    place, live = Place(folder), []
    place.define(s=said)
    file = "drop/s.csv" if said.startswith("folder") else "s.csv"
    for letter in days:
        if letter in PLACES:
            said, file = PLACES[letter]
            place.define(s=said)
        else:
            deliver(place, letter, file)
        place.refresh()
        live.append(verdict_on(place, rows(place), place.now.date()))
        place.later(days=1)
    return place, live


def states(verdicts: Sequence[Verdict]) -> str:
    return " ".join(verdict.data_state.value for verdict in verdicts)


@pytest.mark.parametrize("said", ["file: s.csv", "folder: drop"])
@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ("gqh", "fresh error fresh"),
        ("gq.h.", "fresh error error fresh fresh"),
        ("g!g", "fresh error fresh"),
        ("g!.h", "fresh error error fresh"),
        ("gq!rh", "fresh error error error fresh"),
        ("qrq.h", "error error error error fresh"),
    ],
)
def test_a_past_board_still_shows_a_problem_that_was_fixed_since(
    tmp_path: Path, said: str, days: str, expected: str
) -> None:
    place, live = boards_in_turn(tmp_path, days, said)
    assert states(live) == expected
    result = rows(place)
    for intake in (result, result.by_receipt(place.now.date())):
        past = [verdict_on(place, intake, later(number)) for number in range(len(days))]
        assert states(past) == expected


def test_a_missing_file_was_an_error_until_it_returned(tmp_path: Path) -> None:
    place, live = boards_in_turn(tmp_path, "g-.g!-.h")
    assert states(live) == "fresh error error fresh error error error fresh"
    result = rows(place)
    assert states([verdict_on(place, result, later(day)) for day in range(8)]) == states(live)


def test_a_file_that_arrives_for_the_first_time_ends_the_error(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.define(s="file: s.csv")
    place.refresh()
    assert verdict_on(place, rows(place), DAY).data_state.value == "error"
    place.later(days=1).write("s.csv", GOOD)
    assert verdict_on(place, rows(place), later(1)).data_state.value == "fresh"  # not refreshed
    place.refresh()
    assert [verdict_on(place, rows(place), later(day)).data_state.value for day in (0, 1)] == ["error", "fresh"]


def test_a_past_problem_keeps_its_message(tmp_path: Path) -> None:
    place, live = boards_in_turn(tmp_path, "gq!h")
    past = [verdict_on(place, rows(place), later(number)) for number in range(4)]
    assert [one.problems for one in past] == [one.problems for one in live]
    assert "s.csv:3:2 value" in str(past[1].problems[0])
    assert "was rejected" in str(past[2].problems[0])


@settings(max_examples=examples(6, 40), deadline=None)
@example(days="hDgEq.hS", is_folder=False)
@given(days=some.text("ghqrnef!.STDEG", min_size=1, max_size=7), is_folder=some.booleans())
def test_no_past_board_is_calmer_than_it_was(days: str, is_folder: bool) -> None:
    with TemporaryDirectory() as folder:
        place, live = boards_in_turn(Path(folder), "g" + days, "folder: drop" if is_folder else "file: s.csv")
        result = rows(place)
        past = [verdict_on(place, result.by_receipt(place.now.date()), later(number)) for number in range(len(live))]
        if not PLACES.keys() & set(days):  # else what is said now is that nothing came yet, and later why
            assert [_words(one) for one in past] == [_words(one) for one in live]
        assert [(one.severity, one.state, one.data_state) for one in past] == [
            (one.severity, one.state, one.data_state) for one in live
        ]
        store = RowStore(place.state).read("s")
        today = place.now.date() - timedelta(days=1)
        rebuilt = replay_deliveries("s", load_catalog(place.catalog).sources["s"], Archive(place.state), None, today)
        assert store is not None
        assert facts(store) == facts(rebuilt)
        assert store.rows.equals(rebuilt.rows)


@pytest.mark.parametrize("said", ["file: s.csv", "folder: drop"])
@pytest.mark.parametrize("garbled", ["2024-03-01,5oo", "2024-13-01,500", "2024-03-01,500,", "x"])
def test_a_garbled_cell_does_not_silence_an_open_alert(tmp_path: Path, said: str, garbled: str) -> None:
    place, file = Place(tmp_path), "drop/s.csv" if said.startswith("folder") else "s.csv"
    place.define(s=said)
    for row in ("2024-03-01,500", garbled, "2024-03-01,1"):
        place.write(file, "2024-02-02,1", row)
        place.write("drop/t.csv", "2024-02-01,1")  # of the folder, if that is the source
        place.refresh()
        place.later(days=1)
    result = rows(place)
    past = [verdict_on(place, result, later(day)) for day in range(3)]
    assert [one.state.value for one in past] == ["firing", "firing", "withdrawn"]  # overwritten in place
    assert states(past) == "fresh error fresh"
    assert past[1].since == past[0].since


def _words(verdict: Verdict) -> list[str]:
    """What is wrong; the line is that of the newest delivery in which it still is."""
    return sorted(f"{one.path}: {one.message}" for one in verdict.problems)


def test_a_backtest_looks_on_the_days_on_which_problems_came_and_went(tmp_path: Path) -> None:
    place, live = boards_in_turn(tmp_path, "n.q..n.")
    catalog, result = load_catalog(place.catalog), rows(place)
    (history,) = backtest(catalog, result, ["of_s"], place.now.date())
    said = [history.status_on(later(number)) for number in range(len(live))]
    assert [one and one.severity for one in said] == [one.severity for one in live]
    days = {
        day: verdict.verdict.data_state.value for day, _, verdict in replay("of_s", catalog, result, place.now.date())
    }
    assert (days[later(2)], days[later(5)]) == ("error", "fresh")


def test_by_receipt_an_unusable_row_is_a_problem_from_its_receipt(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.define(s="file: s.csv")
    sound = "date,value,published_at\n2024-03-01,1,2024-03-01\n"
    place.put("s.csv", sound)
    place.refresh()
    place.later(days=3).put("s.csv", sound + "2024-03-02,x,2024-03-02\n")
    place.refresh()
    result = rows(place)
    received = [verdict_on(place, result.by_receipt(later(3)), later(day)).data_state.value for day in (2, 3)]
    published = [verdict_on(place, result, later(day)).data_state.value for day in (-6, -5, 3)]
    assert (received, published) == (["fresh", "error"], ["fresh", "error", "error"])


def test_a_row_about_an_unfinished_month_is_a_problem_from_its_receipt(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.define(s="file: s.csv")
    place.put("s.csv", "date,value,published_at\n2024-03-01,x,2024-03\n")
    place.refresh()
    place.later(days=2)
    assert [verdict_on(place, rows(place), later(day)).data_state.value for day in (0, 2)] == ["error", "error"]


def test_a_correcting_edit_ends_a_problem_and_does_not_erase_it_from_the_past(tmp_path: Path) -> None:
    for days in ("gq.", "g!."):
        place, _ = boards_in_turn(tmp_path, days)
        place.write("s.csv", *DELIVERIES["h"])  # not refreshed
        result = rows(place)
        assert [verdict_on(place, result, later(day)).data_state.value for day in (1, 2, 3)] == [
            "error",
            "error",
            "fresh",
        ]


def test_a_catalogue_that_did_not_fit_the_delivery_in_force_was_a_problem_until_the_next_delivery(
    tmp_path: Path,
) -> None:
    place = Place(tmp_path)
    place.define(s="file: s.csv, columns: {value: bbl}")
    for value in (1, 2):
        place.put("s.csv", f"date,bbl\n2024-03-01,{value}\n")
        place.refresh()
        place.later(days=1)
    place.define(s="file: s.csv, columns: {value: barrels}")
    place.refresh()
    assert verdict_on(place, rows(place), later(2)).data_state.value == "error"
    place.later(days=1).put("s.csv", "date,barrels\n2024-03-01,3\n")
    place.refresh()
    past = [verdict_on(place, rows(place), later(day)).data_state.value for day in range(4)]
    assert past == ["fresh", "error", "error", "fresh"]


def test_thousands_of_bad_rows_of_many_deliveries_leave_a_few_lines_each(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.define(s="file: s.csv")
    for number in range(6):
        place.write("s.csv", GOOD, *(f"2024-03-02,{number}x{row}" for row in range(2000)))
        place.refresh()
        place.later(days=1)
    place.write("s.csv", GOOD)
    stored = replay_deliveries(
        "s", load_catalog(place.catalog).sources["s"], Archive(place.state), RowStore(place.state)
    )
    assert len(stored.past_problems) <= 5 * 4
    result: list[Problem] = list(rows(place).problems["s"])
    on_day = [str(one) for one in result if one.was_open(later(2))]
    assert len(on_day) == 4
    assert any("1,997 more that could not be used" in one for one in on_day)
