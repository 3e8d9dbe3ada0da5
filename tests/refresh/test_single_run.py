"""A single refresh on real files and a real HTTP server: what arrives, what does not, and what the board says then."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from dashboard.archive.deliveries import Archive
from dashboard.domain.errors import WatchfloorError
from dashboard.refresh.heartbeat import FILE as HEARTBEAT
from dashboard.refresh.looks.look_result import describe_run
from dashboard.refresh.refresher import Refresher
from dashboard.rows.store.row_store import RowStore
from tests.fetch_server import Server, in_turn, reply
from tests.refreshing import NOON, Place, standing_rejections

LOCAL = "allow_private: [localhost]"


def test_a_file_is_archived_merged_and_published(place: Place) -> None:
    place.define(a="file: a.csv")
    path = place.write("a.csv", "2024-03-01,7")
    done = place.refresh()
    (run,) = place.runs("a")
    assert (run.outcome, run.rows, run.at) == ("received", 1, NOON)
    assert Archive(place.state).data("a", run.sha256) == path.read_bytes()
    assert place.values("a") == [7]
    assert (place.verdict("a")["severity"], done.is_well, done.board.is_new) == ("warning", True, True)
    assert place.board()["version"] == done.board.version


def test_a_publisher_who_writes_no_final_line_break_has_its_last_row_used_once_the_yaml_says_so(place: Place) -> None:
    data = "date,value\n2024-03-01,7\n2024-03-02,8"
    with Server(reply(data.encode())) as server:
        sources = {"a": "file: a.csv", "drop": "folder: drop", "web": f"url: {server.site}/a.csv, {LOCAL}"}
        place.define(**sources)
        for file in ("a.csv", "drop/a.csv"):
            place.write(file).write_text(data)
            os.utime(place.folder / file, (NOON.timestamp() - 60, NOON.timestamp() - 60))
        place.refresh()
        assert [place.values(name) for name in sources] == [[7]] * 3
        place.define(**{name: f"{definition}, final_line_break: false" for name, definition in sources.items()})
        place.later(hours=1).refresh()
    assert [place.values(name) for name in sources] == [[7, 8]] * 3
    assert place.verdict("drop")["data_state"] == "fresh"


def written(place: Place) -> dict[Path, int]:
    files = (path for path in place.state.rglob("*") if path.is_file() and path.name != HEARTBEAT)
    return {path: path.stat().st_mtime_ns for path in files}


def test_without_a_change_only_the_heartbeat_is_written(place: Place) -> None:
    place.define(a="file: a.csv", drop="folder: drop")
    place.write("a.csv", "2024-03-01,7")
    place.write("drop/b.csv", "2024-03-01,7")
    version = place.refresh().board.version
    before = written(place)
    done = place.later(hours=1).refresh()
    assert (done.board.version, done.board.is_new) == (version, False)
    assert written(place) == before
    assert all(not look.runs for result in done.sources.values() for look in result.looks)


def test_touched_bytes_are_seen_again_and_not_copied(place: Place) -> None:
    place.define(a="file: a.csv")
    path = place.write("a.csv", "2024-03-01,7")
    place.refresh()
    os.utime(path, (NOON.timestamp() - 5, NOON.timestamp() - 5))
    version = place.later(minutes=1).refresh().board
    assert place.outcomes("a") == ["received", "seen again"]
    assert not version.is_new
    assert len(Archive(place.state).stored("a")) == 1


def test_a_revision_keeps_what_was_known_before(place: Place) -> None:
    place.define(a="file: a.csv")
    place.write("a.csv", "2024-03-01,7", "2024-03-02,3")
    place.refresh()
    place.later(hours=1).write("a.csv", "2024-03-01,4", "2024-03-02,3")
    place.refresh()
    assert place.runs("a")[-1].revised == 1
    rows = RowStore(place.state).rows("a")
    assert rows is not None
    assert sorted(rows["value"]) == [3, 4, 7]
    assert place.values("a") == [4, 3]
    assert place.verdict("a")["severity"] == "normal"


def test_a_figure_that_a_delivery_lacks_is_reported(place: Place) -> None:
    place.define(a="file: a.csv")
    place.write("a.csv", "2024-03-01,7", "2024-03-02,3", "2024-03-03,2")
    place.refresh()
    place.later(hours=1).write("a.csv", "2024-03-02,4", "2024-03-03,2")
    place.refresh()
    (run,) = place.runs("a")[1:]
    assert (run.rows, run.revised, run.dropped) == (2, 1, 1)
    assert describe_run("a", run) == (
        "a: received 2 rows, 1 revised, 1 no longer there (a.csv); if what is gone was wrong, run "
        "`watchfloor accept a --by NAME --because TEXT`"
    )


@pytest.mark.parametrize(
    ("definition", "rows", "reason"),
    [
        ("", [], "it lost all of its 4 rows"),
        ("", ["2024-03-01,9"], "it shrank from 4 rows to 1, by more than 50 %"),
        ("expect: {min_rows: 4}", ["2024-03-01,9"] * 3, "fewer than expect.min_rows: 4"),
        ("expect: {columns: [port]}", ["2024-03-05,9"] * 4, "it lacks port, expected in expect.columns"),
    ],
)
def test_a_delivery_that_breaks_an_expectation_is_held_back_and_the_last_good_one_stands(
    place: Place, definition: str, rows: list[str], reason: str
) -> None:
    place.define(a="file: a.csv")
    place.write("a.csv", *(f"2024-03-0{day},7" for day in (1, 2, 3, 4)))
    place.refresh()
    place.define(a=f"file: a.csv, {definition}" if definition else "file: a.csv")
    path = place.later(hours=1).write("a.csv", *(row.replace("-05,", f"-0{day},") for day, row in enumerate(rows, 1)))
    done = place.refresh()
    run = place.runs("a")[-1]
    assert run.outcome == "rejected"
    assert reason in run.message
    assert not done.is_well
    assert Archive(place.state).data("a", run.sha256) == path.read_bytes()  # kept as well
    assert place.values("a") == [7, 7, 7, 7]
    assert place.verdict("a")["data_state"] == "error"
    assert place.verdict("a")["severity"] == "warning"  # what is known to be a breach stays one


def test_a_rejected_file_is_recorded_once_and_is_well_again_when_it_is_mended(place: Place) -> None:
    place.define(a="file: a.csv")
    place.write("a.csv", "2024-03-01,7")
    place.refresh()
    place.later(hours=1).write("a.csv")
    for _ in range(3):
        assert not place.later(hours=1).refresh().is_well
    assert place.outcomes("a") == ["received", "rejected"]
    place.write("a.csv", "2024-03-01,7")
    assert place.refresh().is_well
    assert place.outcomes("a") == ["received", "rejected", "seen again"]
    assert place.verdict("a")["data_state"] == "fresh"


def test_a_first_file_with_a_header_alone_is_no_data(place: Place) -> None:
    place.define(a="file: a.csv")
    place.write("a.csv")
    assert place.refresh().is_well
    assert place.verdict("a")["data_state"] == "no_data"
    assert place.verdict("a")["severity"] is None


def test_a_missing_file_spoils_no_other_source(place: Place) -> None:
    place.define(a="file: a.csv", b="file: b.csv")
    place.write("b.csv", "2024-03-01,7")
    done = place.refresh()
    assert (done.sources["a"].is_well, done.sources["b"].is_well) == (False, True)
    assert "no such file" in place.runs("a")[-1].message
    assert place.values("b") == [7]
    place.later(hours=1).refresh()
    assert place.outcomes("a") == ["failed"]  # said once, not with every look
    place.write("a.csv", "2024-03-01,3")
    assert place.refresh().is_well
    assert place.outcomes("a") == ["failed", "received"]


def test_a_source_that_comes_back_as_it_was_is_well_again(place: Place) -> None:
    place.define(a="file: a.csv")
    path = place.write("a.csv", "2024-03-01,7")
    place.refresh()
    path.rename(place.folder / "away.csv")
    assert not place.later(hours=1).refresh().is_well
    (place.folder / "away.csv").rename(path)
    assert place.later(hours=1).refresh().is_well
    assert place.outcomes("a") == ["received", "failed", "seen again"]


def test_rows_are_made_anew_from_all_deliveries_when_the_definition_changes(place: Place) -> None:
    place.define(a="file: a.csv")
    place.write("a.csv", "2024-03-01,-7", "2024-03-02,7")
    place.refresh()
    place.define(a="file: a.csv, kind: flow")
    (look, _) = place.later(hours=1).refresh().sources["a"].looks
    assert look.is_repaired
    assert place.values("a") == [7]
    assert place.verdict("a")["data_state"] == "error"


def test_an_address_is_fetched_on_its_schedule_or_when_it_is_named(place: Place) -> None:
    with Server(reply(b"date,value\n2024-03-01,7\n", ETag='"1"')) as server:
        place.define(a=f"url: {server.site}/a.csv, {LOCAL}, refresh: '15 6 * * *'")
        place.refresh()
        assert place.values("a") == [7]
        done = place.later(minutes=5).refresh()
        assert done.sources["a"].looks == ()
        assert f"{done.sources['a'].next_due:%d %H:%M}" == "08 06:15"
        assert len(server.requests) == 1
        place.refresh("a")
        place.later(days=2).refresh()  # missed a day, and caught up at once
        assert len(server.requests) == 3
    assert place.outcomes("a") == ["received", "seen again", "seen again"]


def test_a_new_address_is_fetched_at_once_and_then_on_its_schedule(place: Place) -> None:
    place.define(a="file: a.csv")
    place.write("a.csv", "2024-03-01,1")
    place.refresh()
    with Server(reply(b"date,value\n2024-03-01,7\n")) as server:
        for number, name in enumerate(("one", "two"), start=1):
            place.define(a=f"url: {server.site}/{name}.csv, {LOCAL}, refresh: '0 6 1 * *'")
            for _ in range(3):
                done = place.later(minutes=5).refresh()
            assert len(server.requests) == number
            assert f"{done.sources['a'].next_due:%m-%d %H:%M}" == "04-01 06:00"
    assert place.verdict("a")["severity"] == "warning"


def test_an_unmodified_answer_is_seen_again_and_ends_a_failure(place: Place) -> None:
    body = b"date,value\n2024-03-01,7\n"
    with Server(in_turn(reply(body, ETag='"1"'), reply(b"", 404), reply(b"", 304, ETag='"1"'))) as server:
        place.define(a=f"url: {server.site}/a.csv, {LOCAL}")
        place.refresh()
        assert not place.later(hours=1).refresh().is_well
        assert place.verdict("a")["data_state"] == "fresh"  # an upstream that is down makes no figure wrong
        assert place.later(hours=1).refresh().is_well
    assert place.outcomes("a") == ["received", "failed", "seen again"]


def test_a_hanging_and_a_failing_address_delay_no_other_source(place: Place) -> None:
    sound = reply(b"date,value\n2024-03-01,7\n")
    with Server(lambda *_: server.stopping.wait(60)) as server, Server(sound) as well:
        place.define(
            hangs=f"url: {server.site}/x, {LOCAL}", refused=f"url: {server.site}/y", a=f"url: {well.site}/a, {LOCAL}",
            b="file: b.csv",
        )  # fmt: skip
        place.write("b.csv", "2024-03-01,7")
        order: list[str] = []
        done = place.refresh(deadline=1.5, on_look=lambda look, _: order.append(look.source))
    assert (order[0], order[-1]) == ("b", "hangs")
    assert place.runs("hangs")[-1].message == "no answer within 1.5 seconds"
    assert "allow_private" in place.runs("refused")[-1].message
    assert (place.values("a"), place.values("b")) == ([7], [7])
    assert [name for name, result in done.sources.items() if not result.is_well] == ["hangs", "refused"]


def test_a_failure_is_tried_again_before_its_schedule(place: Place) -> None:
    with Server(in_turn(reply(b"", 404), reply())) as server:
        place.define(a=f"url: {server.site}/a.csv, {LOCAL}, refresh: '15 6 * * *'")
        place.refresh()
        assert place.later(minutes=14).refresh().sources["a"].looks == ()
        assert place.later(minutes=1).refresh().is_well


def test_a_clock_that_was_moved_back_stops_nothing(place: Place) -> None:
    with Server(in_turn(reply(b"date,value\n2024-03-01,7\n"), reply(b"date,value\n2024-03-01,8\n"))) as server:
        place.define(a=f"url: {server.site}/a.csv, {LOCAL}, refresh: '15 6 * * *'")
        place.refresh()
        place.later(days=-2).refresh()
        assert place.values("a") == [8]
        assert place.later(minutes=1).refresh().sources["a"].looks == ()
    assert place.verdict("a")["value"] == 8


def test_a_rejected_answer_is_not_taken_for_unchanged(place: Place) -> None:
    answers = in_turn(
        reply(b"date,value\n2024-03-01,7\n", ETag='"1"'), reply(b"date,value\n", ETag='"2"'), reply(b"", 304)
    )
    with Server(answers) as server:
        place.define(a=f"url: {server.site}/a.csv, {LOCAL}")
        for _ in range(3):
            place.later(hours=1).refresh()
        assert [request.headers.get("If-None-Match") for request in server.requests] == [None, '"1"', '"1"']
    assert place.outcomes("a") == ["received", "rejected", "seen again"]


def test_not_modified_ends_a_rejection_that_the_same_process_saw(place: Place) -> None:
    body = b"date,value\n2024-03-01,7\n"
    answers = in_turn(reply(body, ETag='"1"'), reply(b"<html>log in</html>"), reply(b"", 304, ETag='"1"'))
    with Server(answers) as server:
        place.define(a=f"url: {server.site}/a.csv, {LOCAL}")
        refresher = Refresher(place.workspace, os.environ, lambda: place.now)
        for _ in range(3):
            assert not list(refresher.look(["a"]))
            assert list(refresher.arrivals(10))
            place.later(hours=1)
        assert refresher.source("a").is_well
        assert refresher.source("a").next_due(place.now - timedelta(minutes=1)) == place.now  # not asked at every look
    assert place.outcomes("a") == ["received", "rejected", "seen again"]
    assert standing_rejections(Archive(place.state), "a", "file s.csv") == ()


@pytest.mark.parametrize(("definition", "file"), [("file: a.csv", "a.csv"), ("folder: in", "in/a.csv")])
def test_a_delivery_rejected_by_a_slow_clock_is_read_anew_once_the_clock_is_right(
    place: Place, definition: str, file: str
) -> None:
    place.define(a=definition)
    place.write(file, "2024-03-01,3")
    place.state.mkdir()
    refresher = Refresher(place.workspace, os.environ, lambda: place.now)
    assert [run.outcome for look in refresher.look(["a"]) for run in look.runs] == ["received"]
    place.now = NOON - timedelta(days=400)
    place.write(file, "2024-03-01,3", "2024-03-02,7")
    for _ in range(2):
        assert not any(look.is_well for look in refresher.look(["a"]))
    place.now = NOON + timedelta(minutes=1)
    (look,) = refresher.look(["a"])
    assert look.is_well
    assert place.outcomes("a") == ["received", "rejected", "received"]
    assert place.values("a") == [3, 7]


def test_an_unknown_source_is_named(place: Place) -> None:
    place.define(imports="file: a.csv")
    with pytest.raises(WatchfloorError, match='no source import; did you mean "imports"'):
        place.refresh("import")
