"""The board that a refresh publishes, and the sign of life that it leaves."""

from __future__ import annotations

import os
import threading
from datetime import date, timedelta

import pytest

from dashboard.catalog.loader import load_catalog
from dashboard.domain.verdict import RowCounts
from dashboard.evaluation.evaluate import evaluate
from dashboard.refresh.heartbeat import Life, read_pulse
from dashboard.refresh.publish import Published
from dashboard.refresh.refresher import Refresher
from dashboard.reporting.reference import BOARD
from dashboard.rows.load import load_rows
from dashboard.rows.store.row_store import RowStore
from tests.archiving import damage_delivery
from tests.receiving import part_of
from tests.refreshing import NOON, Place


def test_the_board_counts_good_and_quarantined_rows_of_every_source(place: Place) -> None:
    place.define(a="file: a.csv", b="folder: in", none="file: none.csv")
    place.write("a.csv", "2024-03-01,7", "2024-03-02,x", "2024-03-03,8")
    place.write("in/one.csv", "2024-03-01,x")
    place.write("in/two.csv", "2024-03-01,1")
    place.refresh()
    assert place.board()["sources"] == {
        "a": {"rows": 2, "quarantined": 1},
        "b": {"rows": 1, "quarantined": 1},
        "none": {"rows": 0, "quarantined": 0},
    }
    assert list(place.board()) == list(BOARD)


def test_a_past_board_counts_the_rows_that_could_not_be_used_then(place: Place) -> None:
    place.define(a="file: a.csv")
    days = [f"2024-02-{day:02}" for day in range(1, 21)]
    for value in ("x", "2"):
        place.write("a.csv", "2024-03-01,1", *(f"{day},{value}" for day in days))
        place.refresh()
        place.later(days=1)
    assert counted(place, NOON.date()) == RowCounts(1, 20)
    assert counted(place, (NOON + timedelta(days=1)).date()) == RowCounts(21, 0)


def test_a_file_that_is_no_text_counts_as_no_row(place: Place) -> None:
    place.define(a="file: a.csv")
    place.write("a.csv", "2024-03-01,1")
    place.refresh()
    (place.folder / "a.csv").write_bytes(b"date,value\n2024-03-01,1\n2024-03-02,2\n2024-03-0\xff,3\n")
    assert counted(place, NOON.date()) == RowCounts(1, 0)  # edited, and not yet refreshed
    place.refresh()
    assert counted(place, NOON.date()) == RowCounts(1, 0)


def counted(place: Place, day: date) -> RowCounts:
    catalog = load_catalog(place.catalog)
    return evaluate(catalog, load_rows(catalog, place.now.date(), state=place.state), day).sources["a"]


def test_a_single_refresh_of_everything_leaves_a_sign_of_life(place: Place) -> None:
    place.define(a="file: a.csv", b="file: a.csv, refresh: '15 6 * * *'")
    place.write("a.csv", "2024-03-01,7")
    place.refresh("a")
    assert read_pulse(place.state, place.now).life is Life.ABSENT
    place.later(minutes=1).refresh()
    beat = read_pulse(place.state, place.now).beat
    assert beat is not None
    assert (beat.is_single, beat.at, f"{beat.next_run:%d %H:%M}") == (True, place.now, "08 06:15")


def test_a_new_day_is_a_new_board(place: Place) -> None:
    place.define(a="file: a.csv, stale_after: 10d")
    place.write("a.csv", "2024-03-01,7")
    place.refresh()
    assert place.verdict("a")["data_state"] == "fresh"
    done = place.later(days=30).refresh()
    assert done.board.is_new
    assert (place.board()["as_of"], place.verdict("a")["data_state"]) == ("2024-04-06", "stale")


@pytest.mark.parametrize("damage", [b"", b"{", b'{"version": "x"}', "edited"])
def test_a_damaged_board_is_published_again(place: Place, damage: bytes | str) -> None:
    place.define(a="file: a.csv")
    place.write("a.csv", "2024-03-01,7")
    version = place.refresh().board.version
    whole = (place.state / "board.json").read_bytes()
    calm = whole.replace(b'"warning"', b'"normal"')  # its version stays
    assert calm != whole
    (place.state / "board.json").write_bytes(damage if isinstance(damage, bytes) else calm)
    assert place.refresh().board == Published(version, is_new=True)
    assert (place.state / "board.json").read_bytes() == whole


def test_a_board_deleted_while_it_is_published_is_published_again(place: Place) -> None:
    place.define(a="file: a.csv")
    place.write("a.csv", "2024-03-01,7")
    refresher = Refresher(place.workspace, os.environ, lambda: place.now)
    assert [look.source for look in refresher.look(["a"])] == ["a"]
    board = place.state / "board.json"

    def delete_at_once() -> None:
        while not board.exists():
            pass
        board.unlink()

    other = threading.Thread(target=delete_at_once)
    other.start()
    refresher.publish()
    other.join()
    assert not board.exists()
    assert refresher.publish().is_new
    assert place.verdict("a")["value"] == 7
    assert not refresher.publish().is_new


@pytest.mark.parametrize("damage", [None, b"", b"PAR1 no more"])
def test_rows_that_were_lost_are_made_anew(place: Place, damage: bytes | None) -> None:
    place.define(a="file: a.csv")
    place.write("a.csv", "2024-03-01,7")
    place.refresh()
    rows = part_of(place.state)
    rows.unlink() if damage is None else rows.write_bytes(damage)
    assert place.refresh().sources["a"].looks[0].is_repaired
    assert place.values("a") == [7]


def test_a_damaged_delivery_is_a_trouble_of_its_own_source(place: Place) -> None:
    place.define(a="file: a.csv", b="file: b.csv")
    for name in "ab":
        place.write(f"{name}.csv", "2024-03-01,7")
    place.refresh()
    damage_delivery(place.state, "a")
    RowStore(place.state).remove("a")
    place.write("b.csv", "2024-03-01,8")
    done = place.refresh()
    assert "damaged" in done.sources["a"].looks[0].trouble
    assert done.sources["b"].is_well
    assert place.values("b") == [8]
    assert place.verdict("a")["data_state"] == "error"
