"""Sources whose location is edited: deliveries from the new one replace the old rows, and history keeps these."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.analysis.source_health import Receipts
from dashboard.archive.deliveries import Archive
from dashboard.archive.journal import Run
from dashboard.catalog.loader import load_catalog
from dashboard.evaluation.evaluate import evaluation_of
from dashboard.rows.load import load_rows
from dashboard.rows.replay import replay_deliveries
from dashboard.rows.store.row_store import RowStore
from tests.examples import examples
from tests.fetch_server import Server, by_path, reply
from tests.refreshing import NOON, Place, standing_rejections

Edits = list[tuple[str, bool, int]]  # what is said of the place, whether its file is good, how many looks follow


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A source `a` that was a file with a breach, delivered at noon of 7 March."""
    result = Place(tmp_path)
    result.define(a="file: s.csv")
    result.write("s.csv", "2024-03-01,3", "2024-03-02,7")
    result.refresh()
    return result.later(days=1)


def same_as_rebuilt(place: Place) -> None:
    source = load_catalog(place.catalog).sources["a"]
    stored, rebuilt = RowStore(place.state).rows("a"), replay_deliveries("a", source, Archive(place.state), None).rows
    assert stored is not None
    order = ["start", "value", "file", "held_from"]
    pd.testing.assert_frame_equal(*(rows.sort_values(order, ignore_index=True) for rows in (stored, rebuilt)))


def as_of(place: Place, day: date) -> float:
    catalog = load_catalog(place.catalog)
    rows = load_rows(catalog, place.now.date(), state=place.state)
    return evaluation_of("of_a", catalog, rows, day).verdict.figure.value


def test_rows_of_a_file_stay_until_the_first_delivery_of_its_new_folder(place: Place) -> None:
    place.define(a="folder: in")
    (place.folder / "in").mkdir()
    assert not place.refresh().is_well
    assert place.values("a") == [3, 7]  # nothing came in its place yet
    (problem,) = place.verdict("a")["problems"]
    assert problem["message"] == (
        "no delivery yet from folder in (*.csv); still showing rows from file s.csv, received last 2024-03-07 12:00 UTC"
    )
    place.later(hours=1).write("in/s.csv", "2024-03-01,3")
    place.refresh()
    assert place.values("a") == [3]
    (run,) = [run for run in place.runs("a") if run.file == "in/s.csv"]
    assert (run.revised, run.dropped) == (0, 1)
    assert as_of(place, NOON.date()) == 7  # history before the switch stays
    assert not place.verdict("a")["problems"]
    same_as_rebuilt(place)


def test_old_rows_stay_while_the_new_location_has_quarantined_rows(place: Place) -> None:
    place.define(a="folder: in")
    place.write("in/one.csv", "2024-03-01,3", "2024-03-02,x")
    place.refresh()
    assert sorted(place.values("a")) == [3, 7]
    same_as_rebuilt(place)
    place.later(hours=1).write("in/two.csv", "2024-03-05,y")
    place.refresh()
    assert sorted(place.values("a")) == [3, 7]
    assert place.verdict("a")["severity"] == "warning"  # the breach of the file before stands
    place.later(hours=1).write("in/two.csv", "2024-03-05,2")
    place.refresh()
    assert place.values("a") == [3, 2]
    same_as_rebuilt(place)
    place.later(hours=1).write("in/one.csv", "2024-03-01,3")
    place.refresh()
    assert place.values("a") == [3, 2]
    assert not place.verdict("a")["problems"]
    same_as_rebuilt(place)


def test_rows_that_move_into_the_folder_unchanged_keep_their_instants(place: Place) -> None:
    place.define(a="folder: in")
    place.write("in/one.csv", "2024-03-01,3")
    place.write("in/two.csv", "2024-03-02,7")
    place.refresh()
    rows = RowStore(place.state).rows("a")
    assert rows is not None
    assert list(rows["file"]) == ["in/one.csv", "in/two.csv"]
    assert set(rows["held_from"]) == {pd.Timestamp(NOON.replace(tzinfo=None))}
    same_as_rebuilt(place)


@pytest.mark.parametrize("said", ["folder: other", "folder: in, glob: 'b*.csv'", "folder: ./in"])
def test_another_folder_or_pattern_replaces_all_files_of_the_one_before(place: Place, said: str) -> None:
    place.define(a="folder: in")
    place.write("in/a.csv", "2024-03-01,7")
    place.refresh()
    place.define(a=said)
    place.later(hours=1).write("other/c.csv", "2024-03-01,1")
    place.write("in/b.csv", "2024-03-02,1")
    (place.folder / "in" / "a.csv").unlink()
    place.refresh()
    assert place.values("a") == [1]
    same_as_rebuilt(place)


def test_moving_there_and_back_reads_the_files_that_lie_there_now(place: Place) -> None:
    place.define(a="folder: in")
    place.write("in/a.csv", "2024-03-01,1")
    place.refresh()
    for hours, text, values in ((1, "file: s.csv", [3, 7]), (2, "folder: in", [1]), (3, "file: s.csv", [3, 7])):
        place.define(a=text)
        place.later(hours=hours).refresh()
        assert place.values("a") == values
        same_as_rebuilt(place)


def test_a_later_file_of_the_folder_adds_to_the_other_files(place: Place) -> None:
    place.define(a="folder: in")
    place.write("in/a.csv", "2024-03-01,1")
    place.refresh()
    place.later(hours=1).write("in/b.csv", "2024-03-02,2")
    place.refresh()
    assert place.values("a") == [1, 2]
    same_as_rebuilt(place)


def test_another_file_or_address_replaces_all_rows_of_the_source(place: Place) -> None:
    place.define(a="file: other.csv")
    place.write("other.csv", "2024-03-01,4")
    place.refresh()
    assert place.values("a") == [4]
    pages = {f"{number}.csv": reply(f"date,value\n2024-03-01,{number}\n".encode()) for number in (5, 6)}
    with Server(by_path(**pages)) as server:
        for number in (5, 6):
            place.define(a=f"url: '{server.site}/{number}.csv', allow_private: [localhost]")
            place.later(hours=1).refresh()
            assert place.values("a") == [number]
    same_as_rebuilt(place)


MOVES = {
    # what each move in turn writes and where the source is then, with the figures that are held after it
    "two folders, the last one empty": [
        ("folder: d", {"d/a.csv": ["2024-03-01,1"]}, [1]),
        ("folder: e", {"e/b.csv": ["2024-03-02,9"]}, [9]),
        ("folder: g", {}, [9]),
        ("folder: g", {"g/c.csv": ["2024-03-03,2"]}, [2]),
    ],
    "two files, then a folder": [
        ("file: b.csv", {"b.csv": ["2024-03-02,4", "2024-03-01,2"]}, [2, 4]),
        ("folder: d", {}, [2, 4]),
        ("folder: d", {"d/c.csv": ["2024-03-03,5", "2024-03-04,5"]}, [5, 5]),
    ],
    "a folder, then a file that comes late": [
        ("folder: d", {"d/a.csv": ["2024-03-01,1"], "d/b.csv": ["2024-03-02,9"]}, [1, 9]),
        ("file: f.csv", {}, [1, 9]),
        ("file: f.csv", {"f.csv": ["2024-03-02,3"]}, [3]),
    ],
    "a folder, then an address that does not answer": [
        ("folder: d", {"d/a.csv": ["2024-03-01,1"], "d/b.csv": ["2024-03-02,9"]}, [1, 9]),
        ("url: 'http://127.0.0.1:9/x.csv', allow_private: [127.0.0.1]", {}, [1, 9]),
        ("folder: d", {}, [1, 9]),
    ],
    "there and back, where only some files still lie": [
        ("folder: d", {"d/a.csv": ["2024-03-01,1"], "d/b.csv": ["2024-03-02,9"]}, [1, 9]),
        ("folder: e", {"e/a.csv": ["2024-03-04,2"], "d/b.csv": []}, [2]),
        ("folder: d", {}, [1]),
    ],
    "a pattern that names fewer files, then more": [
        ("folder: d", {"d/a.csv": ["2024-03-01,1"], "d/b.csv": ["2024-03-02,9"]}, [1, 9]),
        ("folder: d, glob: 'a*'", {}, [1]),
        ("folder: d, glob: '*'", {}, [1, 9]),
    ],
    "fewer rows than expected": [
        ("folder: d", {"d/a.csv": ["2024-03-01,1", "2024-03-02,9"], "d/b.csv": ["2024-03-03,1"]}, [1, 9, 1]),
        ("folder: e, expect: {shrink_at_most: 10}", {"e/a.csv": ["2024-03-04,0", "2024-03-05,0"]}, [1, 9, 1]),
        ("folder: e, expect: {shrink_at_most: 10}", {"e/b.csv": ["2024-03-06,0"]}, [0, 0, 0]),
    ],
    "a header alone": [
        ("folder: d", {"d/a.csv": ["2024-03-01,9"]}, [9]),
        ("folder: e", {"e/a.csv": []}, [9]),
        ("file: e/a.csv", {}, [9]),
    ],
}


@pytest.mark.parametrize("moves", MOVES.values(), ids=MOVES)
def test_rows_after_each_move_are_those_of_the_last_delivered_location(
    place: Place, moves: list[tuple[str, dict[str, list[str]], list[float]]]
) -> None:
    for text, written, values in moves:
        place.define(a=text)
        for file, rows in written.items():
            place.write(file, *rows)
        (place.folder / text.partition("folder: ")[2].partition(",")[0]).mkdir(exist_ok=True)
        place.refresh("a", deadline=3)
        assert place.values("a") == values, text
        last = [run for run in place.runs("a") if run.outcome == "received"][-1].location
        source = load_catalog(place.catalog).sources["a"]
        assert (place.verdict("a")["data_state"] == "error") == (last != source.location), text
        same_as_rebuilt(place)
        place.later(days=1)


def test_old_rows_stay_while_a_file_of_the_new_folder_is_being_written(place: Place) -> None:
    place.define(a="folder: e")
    place.write("e/a.csv", "2024-03-06,0", "2024-03-05,0")
    fresh = place.write("e/b.csv", "2024-03-07,9")
    os.utime(fresh, (place.now.timestamp(), place.now.timestamp()))
    assert not place.refresh().is_well
    assert place.values("a") == [3, 7]
    assert "nothing is taken from e before all files in it are whole" in place.runs("a")[-1].message
    place.later(minutes=5).refresh()
    assert place.values("a") == [0, 0, 9]


@pytest.mark.parametrize("said", ["folder: d, glob: '*.csv'", "folder: e", "file: f.csv"])
def test_a_rejection_at_the_old_location_ends_with_the_first_delivery_from_the_new_one(place: Place, said: str) -> None:
    place.define(a="folder: d, glob: '*'")
    place.write("d/a.csv", "2024-03-01,3", "2024-03-02,2")
    place.put("d/notes.txt", "<html>")
    place.refresh()
    rejected_on = place.now.date()
    place.later(days=1).define(a=said)
    for file in ("e/a.csv", "f.csv"):
        place.write(file, "2024-03-01,1", "2024-03-02,1")
    place.refresh()
    assert not place.verdict("a")["problems"]
    catalog = load_catalog(place.catalog)
    rows = load_rows(catalog, place.now.date(), state=place.state)
    assert evaluation_of("of_a", catalog, rows, rejected_on).verdict.data_state.value == "error"
    assert rows.problems["a"][0].held_until == place.now.date()


def test_a_future_row_is_read_again_once_a_day_whatever_the_result(place: Place) -> None:
    place.define(a="folder: d")
    place.write("d/a.csv", "2024-03-01,1", "2024-03-12,1")
    place.refresh()
    place.later(days=1).define(a="folder: e")
    archive, unread = Archive(place.state), b"date,wert\n2024-03-01,1\n"
    sha256 = archive.keep("a", unread)
    archive.record("a", Run(place.now, "received", "e/b.csv", "e/b.csv", sha256, len(unread)))
    place.later(days=10)
    result = replay_deliveries("a", load_catalog(place.catalog).sources["a"], archive, None, place.now.date())
    assert result.next_usable_on is None


GOOD = "date,value\n2024-03-01,3\n2024-03-02,7\n"
PLACES = {"file: s.csv": "s.csv", "file: t.csv": "t.csv", "folder: in": "in/s.csv", "file: none.csv": ""}


def test_a_corrected_path_no_longer_fails(place: Place) -> None:
    place.define(a="file: none.csv")
    place.refresh()
    assert [run.outcome for run in receipts(place).failing] == ["failed"]
    place.define(a="file: s.csv")
    assert receipts(place).failing == ()  # at once, and after the next look
    assert place.later(hours=1).refresh().is_well
    assert receipts(place).failing == ()


@settings(max_examples=examples(5, 30), deadline=None)
@given(
    edits=st.lists(st.tuples(st.sampled_from(sorted(PLACES)), st.booleans(), st.integers(0, 2)), min_size=2, max_size=5)
)
def test_receipts_list_only_present_failures(tmp_path_factory: pytest.TempPathFactory, edits: Edits) -> None:
    place = Place(tmp_path_factory.mktemp("edited"))
    (place.folder / "in").mkdir()
    for number, (text, is_good, looks) in enumerate(edits):
        place.define(a=text)
        file = PLACES[text]
        if file:
            place.put(file, GOOD if is_good else f"datum\n{number}\n")
        for _ in range(looks):
            is_well = place.later(hours=1).refresh().is_well
            expected = "failed" if not file else "" if is_good else "rejected"
            assert [run.outcome for run in receipts(place).failing] == ([expected] if expected else []), number
            assert is_well is not bool(expected), place.runs("a")
            here = load_catalog(place.catalog).sources["a"].location
            standing = standing_rejections(Archive(place.state), "a", here)
            is_rejected = any(run.outcome == "rejected" for run in standing)
            # where nothing is to be had now, what was rejected elsewhere before may still hold a breach
            assert expected == "failed" or is_rejected is (expected == "rejected"), place.runs("a")


def receipts(place: Place) -> Receipts:
    source = load_catalog(place.catalog).sources["a"]
    return Receipts.of(Archive(place.state).log("a", source.location))
