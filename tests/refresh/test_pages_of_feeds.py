"""Feeds in pages through the refresher: one delivery in the archive or none, and secrets of headers nowhere at all."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from dashboard.archive.deliveries import Archive
from dashboard.domain.text import pages_of
from tests.fetch_server import Answer, Request, Server, raw, reply
from tests.refreshing import Place

SECRET = "geheim-9f8e7d6c5b4a"
RECORDS = [{"date": f"2024-01-0{day}", "value": day} for day in range(1, 8)]
ROWS = "rows: 'features[]', next: {offset: at, until: more}"
CURSOR = "rows: 'features[]', next: {cursor: after, parameter: at}"

Page = Callable[[int], Answer]


def page(at: int, records: list[Any] = RECORDS, **more: Any) -> Answer:
    rest = {"more": True} if at + 3 < len(records) else {}
    return reply(json.dumps({"features": records[at : at + 3], **rest, **more}).encode())


def serve(pages: Page) -> Answer:
    def answer(request: Request, connection: socket.socket) -> None:
        at = int(parse_qs(urlsplit(request.path).query).get("at", ["0"])[0])
        pages(at)(request, connection)

    return answer


def define(place: Place, server: Server, form: str = ROWS, more: str = "") -> None:
    address = f"url: '{server.site}/q?f=json', allow_private: [localhost], format: json, headers: {{X-Key: FEED_KEY}}"
    place.define(a=f"{address}, {form}{more}")


@pytest.fixture(autouse=True)
def _variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEED_KEY", SECRET)


def test_pages_are_archived_read_and_made_anew_from_the_archive(place: Place) -> None:
    with Server(serve(page)) as server:
        define(place, server)
        assert place.refresh("a").is_well
        (run,) = Archive(place.state).received("a")
        document = json.loads(Archive(place.state).data("a", run.sha256))
        assert [len(each["features"]) for each in pages_of(document)] == [3, 3, 1]
        assert place.values("a") == [1, 2, 3, 4, 5, 6, 7]
        assert place.verdict("a")["value"] == 7
        shutil.rmtree(place.state / "rows")
        assert place.later(hours=1).refresh("a").is_well
        assert place.values("a") == [1, 2, 3, 4, 5, 6, 7]
    assert place.outcomes("a") == ["received", "seen again"]
    assert {request.headers["X-Key"] for request in server.requests} == {SECRET}
    assert not {"If-None-Match", "If-Modified-Since"} & {name for one in server.requests for name in one.headers}


@pytest.mark.parametrize(
    ("form", "middle", "message"),
    [
        (ROWS, lambda _: reply(b"", status=429, Retry_After="900"), "asks to be left alone for 900 s"),
        (ROWS, lambda _: reply(b"", status=503, Retry_After="900"), "asks to be left alone for 900 s"),
        (ROWS, lambda _: reply(b"", status=404), "(page 2): answered 404"),
        (ROWS, lambda _: reply(b"<html>Sign in</html>"), "(page 2): is no JSON"),
        (ROWS, lambda _: reply(b'{"rows": []}'), '(page 2): the file has no "features"'),
        (ROWS, lambda _: page(0, [], more=True), "(page 2): holds no records, and says that more follow"),
        (ROWS, lambda _: page(0, RECORDS), "(page 2): holds a record of an earlier page"),
        (ROWS, lambda at: page(at - 1, RECORDS), "(page 2): holds a record of an earlier page"),
        (CURSOR, lambda _: page(3, after=3), "(page 2): leads back to an earlier page"),
        (CURSOR, lambda at: page(at, after=0 if at == 3 else 3), "holds a record of an earlier page"),
        (ROWS, lambda _: reply(json.dumps({"error": f"bad key {SECRET}"}).encode()), "repeats in its answer"),
    ],
)  # fmt: skip
def test_a_fault_in_the_middle_leaves_the_last_delivery_in_force(
    place: Place, form: str, middle: Page, message: str
) -> None:
    with Server(serve(lambda at: page(at, after=at + 3 if at + 3 < 7 else None))) as server:
        define(place, server, form)
        assert place.refresh("a").is_well
        server.answer = serve(lambda at: middle(at) if at >= 3 else page(at, after=3))
        assert not place.later(hours=1).refresh("a").is_well
    assert message in place.runs("a")[-1].message
    assert place.outcomes("a") == ["received", "failed"]
    assert place.values("a") == [1, 2, 3, 4, 5, 6, 7]
    assert_nowhere(place)


def test_nothing_of_a_cut_page_is_taken(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("urllib3.util.retry.Retry.get_backoff_time", lambda _: 0.0)
    cut = raw(b'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{"features": []}')
    with Server(serve(lambda at: cut if at else page(at))) as server:
        define(place, server)
        assert not place.refresh("a").is_well
    assert place.outcomes("a") == ["failed"]
    assert "(page 2): broke off" in place.runs("a")[-1].message
    assert not Archive(place.state).received("a")


def test_a_record_that_is_taken_out_while_pages_are_fetched_hides_no_other(place: Place) -> None:
    """Behind it every record moves forward, so that the first of the next page is on no page at all."""
    with Server(page(0)) as server:
        server.answer = serve(lambda at: page(at, RECORDS if len(server.requests) == 1 else RECORDS[1:]))
        define(place, server)
        assert not place.refresh("a").is_well
    assert "(page 1): its records changed while the pages were fetched" in place.runs("a")[-1].message


def test_a_page_that_is_empty_in_passing_ends_no_feed(place: Place) -> None:
    with Server(page(0)) as server:
        server.answer = serve(lambda at: page(at, [] if len(server.requests) == 2 else RECORDS))
        define(place, server, "rows: 'features[]', next: {offset: at}")
        assert not place.refresh("a").is_well
        assert "(page 2): its records changed while" in place.runs("a")[-1].message
        assert place.later(hours=1).refresh("a").is_well
    assert place.values("a") == [1, 2, 3, 4, 5, 6, 7]


def test_a_page_that_repeats_its_address_puts_no_secret_into_a_message(place: Place) -> None:
    with Server(page(0)) as server:
        place.define(a=f"url: '{server.site}/q?token={SECRET}', allow_private: [localhost], format: json, {ROWS}")
        server.answer = reply(json.dumps({"self": f"{server.site}/q?token={SECRET}"}).encode())
        assert not place.refresh("a").is_well
    (run,) = place.runs("a")
    assert 'has no "features"' in run.message
    assert SECRET not in repr(run)


def test_headers_do_not_follow_a_page_to_another_host(place: Place) -> None:
    with Server(serve(page)) as other, Server(lambda *_: None) as server:
        moved = reply(b"", 302, Location=f"{other.site}/q?at=3&key={SECRET}")
        server.answer = serve(lambda at: moved if at == 3 else page(at))
        define(place, server)
        place.refresh("a")
    assert other.requests
    assert all("X-Key" not in request.headers for request in other.requests)
    assert_nowhere(place)


@pytest.mark.parametrize("text", ["", "  ", f"{SECRET}\r\nHost: x", f"{SECRET}한"])
def test_a_variable_that_no_header_can_hold_sends_nothing(
    place: Place, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FEED_KEY", text)
    with Server(serve(page)) as server:
        define(place, server)
        assert not place.refresh("a").is_well
    assert not server.requests
    assert "FEED_KEY" in place.runs("a")[-1].message
    assert_nowhere(place)


def test_secrets_stand_in_no_file_and_no_traceback(
    place: Place, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with Server(serve(page)) as server:
        define(place, server)
        place.refresh("a")
        monkeypatch.setattr("dashboard.fetch.http.pages.join_pages", lambda _: 1 / 0)  # a fault of this code
        place.later(hours=1).refresh("a")
    traceback = capfd.readouterr().err
    assert "ZeroDivisionError" in traceback
    assert SECRET not in traceback
    assert "internal error" in place.runs("a")[-1].message
    assert_nowhere(place)


def assert_nowhere(place: Place) -> None:
    """The secret stands in no file: neither journal, archive, rows, board nor definitions."""
    archive = Archive(place.state)
    assert all(SECRET not in repr(run) for run in archive.runs("a"))
    assert all(SECRET.encode() not in archive.data("a", run.sha256) for run in archive.received("a"))
    for path in place.folder.rglob("*"):
        assert not path.is_file() or SECRET.encode() not in path.read_bytes(), path
