"""Addresses with `{year}` and `{month}`, refreshed from a real server: each is a file of its own, as in a folder."""

from __future__ import annotations

import socket
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.archive.deliveries import Archive
from dashboard.fetch.contract import Look
from dashboard.rows.replay import replay_deliveries
from dashboard.rows.store.row_store import RowStore
from tests.fetch_server import Request, Server, reply
from tests.refreshing import NOON, Place


class Publisher:
    """Serves the files of a folder that the test fills, by the last part of the path; others answer 404."""

    def __init__(self) -> None:
        self.files: dict[str, str] = {}
        self.status = 404
        self.broken: set[str] = set()
        self.server = Server(self._answer)

    def _answer(self, request: Request, connection: socket.socket) -> None:
        name = request.path.rpartition("/")[2]
        if name in self.broken:
            reply(b"", status=403)(request, connection)
        elif name in self.files:
            reply(self.files[name].encode())(request, connection)
        else:
            reply(b"", status=self.status)(request, connection)

    def put(self, name: str, *rows: str) -> None:
        self.files[name] = "\n".join(["date,value", *rows, ""])

    def asked(self) -> list[str]:
        names = [request.path.rpartition("/")[2] for request in self.server.requests]
        self.server.requests.clear()
        return names


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    publisher = Publisher()
    with publisher.server:
        yield publisher


def define(place: Place, publisher: Publisher, more: str = "", since: str = "2022-01-01") -> None:
    keys = f'url_since: {since}, allow_private: [localhost], refresh: "0 * * * *", timezone: Asia/Seoul'
    place.define(s=f'url: "{publisher.server.site}/{{year}}.csv", {keys}{more}')


def years(publisher: Publisher) -> None:
    publisher.put("2022.csv", "2022-05-01,1", "2022-06-01,2")
    publisher.put("2023.csv", "2023-05-01,3")


def name(publisher: Publisher, file: str) -> str:
    return f"{publisher.server.site}/{file}"


def test_the_first_look_takes_all_and_a_new_year_takes_nothing_from_the_old(place: Place, publisher: Publisher) -> None:
    years(publisher)
    place.now = datetime.fromisoformat("2023-12-31T14:00:00+00:00")
    define(place, publisher)
    assert place.refresh().is_well
    assert place.values("s") == [1, 2, 3]
    place.later(hours=2)  # it is 2024 in Seoul
    done = place.refresh()
    assert done.is_well
    messages = [run.message for run in place.runs("s") if run.file == name(publisher, "2024.csv")]
    assert messages == ["answered 404, not yet published"]
    publisher.put("2024.csv", "2024-01-01,4")
    assert place.later(days=2).refresh().is_well
    assert place.values("s") == [1, 2, 3, 4]


def test_a_changed_old_file_replaces_its_own_rows_and_is_asked_for_seldom(place: Place, publisher: Publisher) -> None:
    years(publisher)
    publisher.put("2021.csv", "2021-01-01,9")
    publisher.put("2024.csv", "2024-01-01,4")
    define(place, publisher, since="2021-03-05")
    place.refresh()
    assert sorted(publisher.asked()) == ["2021.csv", "2022.csv", "2023.csv", "2024.csv"]
    publisher.put("2021.csv", "2021-01-01,7")
    place.later(hours=1).refresh()
    assert sorted(publisher.asked()) == ["2023.csv", "2024.csv"]
    place.later(days=8).refresh()
    assert "2021.csv" in publisher.asked()
    assert place.values("s") == [7, 1, 2, 3, 4]


def test_an_old_file_that_is_gone_keeps_its_rows_and_the_look_says_so(place: Place, publisher: Publisher) -> None:
    years(publisher)
    publisher.put("2024.csv", "2024-01-01,4")
    define(place, publisher)
    place.refresh()
    del publisher.files["2022.csv"]
    assert place.later(days=8).refresh().is_well
    assert place.values("s") == [1, 2, 3, 4]
    assert "answered 404, no longer there; its rows stay" in [run.message for run in place.runs("s")]
    del publisher.files["2024.csv"]
    assert not place.later(hours=1).refresh().is_well
    assert "is the newest file received; its rows stay" in place.runs("s")[-1].message
    assert place.values("s") == [1, 2, 3, 4]


def test_a_gap_is_an_error_until_it_is_declared(place: Place, publisher: Publisher) -> None:
    publisher.put("2021.csv", "2021-05-01,1")
    publisher.put("2024.csv", "2024-01-01,4")
    publisher.put("2023.csv", "2023-01-01,4")
    define(place, publisher, since="2021-01-01")
    assert not place.refresh().is_well
    assert name(publisher, "2022.csv") in place.runs("s")[-1].message
    assert place.runs("s")[-1].message.endswith("if none was published write url_gaps: [2022-01-01]")
    assert place.values("s") == [1, 4, 4]
    assert not place.later(hours=1).refresh().is_well
    define(place, publisher, ", url_gaps: [2022-02-02]", since="2021-01-01")
    assert place.later(hours=1).refresh().is_well
    define(place, publisher, ", url_gaps: any", since="2020-01-01")
    assert place.later(hours=1).refresh().is_well
    define(place, publisher, since="2020-01-01")
    assert not place.later(hours=1).refresh().is_well
    define(place, publisher, ", url_gaps: [2022-01-01]", since="2021-01-01")
    assert place.later(hours=1).refresh().is_well


def test_an_address_of_which_nothing_exists_is_an_error(place: Place, publisher: Publisher) -> None:
    define(place, publisher, ", url_gaps: any")
    assert not place.refresh().is_well
    assert "and 2 more answered 404; correct url:" in place.runs("s")[-1].message


def test_a_failing_address_is_asked_again_and_keeps_no_other_back(place: Place, publisher: Publisher) -> None:
    years(publisher)
    publisher.put("2024.csv", "2024-01-01,4")
    publisher.broken = {"2022.csv"}
    define(place, publisher)
    assert not place.refresh().is_well
    assert place.values("s") == [3, 4]
    publisher.broken = set()
    assert place.later(hours=1).refresh().is_well
    assert place.values("s") == [1, 2, 3, 4]


def test_one_address_that_becomes_many_loses_nothing(place: Place, publisher: Publisher) -> None:
    years(publisher)
    publisher.put("2024.csv", "2024-01-01,4")
    publisher.put("all.csv", "2022-05-01,1", "2022-06-01,2", "2023-05-01,3", "2024-01-01,4")
    place.define(s=f'url: "{publisher.server.site}/all.csv", allow_private: [localhost]')
    assert place.refresh().is_well
    publisher.broken = {"2022.csv"}
    define(place, publisher)
    assert not place.later(hours=1).refresh().is_well
    assert place.values("s") == [1, 2, 3, 4]
    assert "before all its addresses bring their files together" in place.runs("s")[-1].message
    publisher.broken = set()
    assert place.later(hours=2).refresh().is_well
    assert place.values("s") == [1, 2, 3, 4]
    assert [run.file for run in place.runs("s") if run.outcome == "received"][1:] == [
        name(publisher, f"{year}.csv") for year in (2022, 2023, 2024)
    ]
    place.define(s=f'url: "{publisher.server.site}/all.csv", allow_private: [localhost]')
    assert place.later(hours=1).refresh().is_well
    assert place.values("s") == [1, 2, 3, 4]


def test_a_rejected_file_stays_rejected_when_it_is_gone(place: Place, publisher: Publisher) -> None:
    years(publisher)
    publisher.files["2024.csv"] = "nothing,of,ours\n1,2,3\n"
    define(place, publisher)
    assert not place.refresh().is_well
    del publisher.files["2024.csv"]
    assert not place.later(hours=1).refresh().is_well
    assert "what it held before was refused" in place.runs("s")[-1].message
    assert place.verdict("s")["data_state"] == "error"


@pytest.mark.parametrize(("room", "step"), [(Archive, "record_all"), (RowStore, "write_all")])
def test_a_killed_look_is_caught_up_with(
    place: Place, publisher: Publisher, monkeypatch: pytest.MonkeyPatch, room: type, step: str
) -> None:
    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    years(publisher)
    define(place, publisher)
    place.refresh()
    publisher.put("2023.csv", "2023-05-01,8")
    publisher.put("2024.csv", "2024-01-01,4")
    with monkeypatch.context() as patch:
        patch.setattr(room, step, killed)
        with pytest.raises(KeyboardInterrupt):
            place.later(hours=1).refresh()
    assert place.later(hours=1).refresh().is_well
    assert place.values("s") == [1, 2, 8, 4]


def test_a_first_look_that_cannot_take_all_goes_on_at_once(
    place: Place, publisher: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(vars(Look.limits), "addresses", 3)
    years(publisher)
    publisher.put("2021.csv", "2021-01-01,9")
    publisher.put("2024.csv", "2024-01-01,4")
    define(place, publisher, since="2021-01-01")
    assert not place.refresh().is_well
    assert place.values("s") == [1, 2, 3, 4]
    assert "1 more addresses wait" in place.runs("s")[-1].message
    assert place.later(seconds=2).refresh().is_well
    assert place.values("s") == [9, 1, 2, 3, 4]


def test_a_rebuild_gives_the_same_rows(place: Place, publisher: Publisher) -> None:
    years(publisher)
    publisher.put("2024.csv", "2024-01-01,4")
    define(place, publisher)
    place.refresh()
    publisher.put("2023.csv", "2023-05-01,8")
    place.later(hours=1).refresh()
    source, archive = place.workspace.catalog.sources["s"], Archive(place.state)
    rebuilt = replay_deliveries("s", source, archive, None)
    assert sorted(rebuilt.rows[rebuilt.rows["held_until"].isna()]["value"]) == sorted(place.values("s"))


_FILES = st.dictionaries(
    st.sampled_from(["2022.csv", "2023.csv", "2024.csv"]),
    st.lists(st.integers(1, 9), min_size=3, max_size=3),
    max_size=3,
)


@settings(max_examples=8, deadline=None)
@given(st.lists(_FILES, min_size=1, max_size=4))
def test_the_rows_in_force_are_those_of_a_folder_with_the_same_files(history: list[dict[str, list[int]]]) -> None:
    publisher = Publisher()
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second, publisher.server:
        dated, drop = Place(Path(first)), Place(Path(second))
        define(dated, publisher, ", url_gaps: any, expect: {shrink_at_most: 100, revise_at_most: 100}")
        drop.define(s="folder: drop, expect: {shrink_at_most: 100, revise_at_most: 100}")
        (drop.folder / "drop").mkdir()
        for number, files in enumerate(history):
            now = NOON + timedelta(days=8 * number)
            dated.now = drop.now = now
            publisher.files = {}
            for path in (drop.folder / "drop").iterdir():
                path.unlink()
            for file, values in files.items():
                rows = [f"{file[:4]}-0{at}-01,{value}" for at, value in enumerate(values, start=1)]
                publisher.put(file, *rows)
                drop.write(f"drop/{file}", *rows)
            dated.refresh()
            drop.refresh()
            if any(run.outcome == "received" for run in drop.runs("s")):
                assert dated.values("s") == drop.values("s")
