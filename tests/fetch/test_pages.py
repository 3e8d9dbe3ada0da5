"""Feeds that send their records in pages: fetched whole as one file, or not at all."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from dashboard.catalog.source import Source
from dashboard.fetch.contract import FetchError, Limits, Look
from dashboard.ingest import Dialect, read
from tests.fetch_server import Request, Server, reply

NOW = datetime(2024, 6, 14, 12, tzinfo=UTC)
QUICK = Limits(deadline=20, read_timeout=5, trailing_wait=0.1, retries=1, backoff=0.01, pages=9)
RECORDS = [{"a": {"date": f"2024-0{month}", "value": month}} for month in range(1, 8)]
ARCGIS = {"offset": "resultOffset", "until": "exceededTransferLimit"}

Pages = Callable[[dict[str, str]], Any]


def source(url: str, form: dict[str, Any], **keys: Any) -> Source:
    fixed = {"title": "S", "format": "json", "rows": "features[].a", "allow_private": ["localhost"]}
    return Source.model_validate({**fixed, "url": url, "next": form, **keys})


def fetched(pages: Pages, form: dict[str, Any], limits: Limits = QUICK, **keys: Any) -> tuple[bytes, Server]:
    def answer(request: Request, connection: socket.socket) -> None:
        query = {name: texts[0] for name, texts in parse_qs(urlsplit(request.path).query).items()}
        page = pages(query)
        reply(page if isinstance(page, bytes) else json.dumps(page).encode())(request, connection)

    with Server(answer) as server:
        feed = source(f"{server.site}/q?f=json", form, **keys)
        assert not [*feed.origin.problems()]
        look = Look(Path(), {}, {"KEY": "geheim"}, NOW, limits, rows=feed.rows)
        (file,) = feed.origin.fetch(look)
    return file.data, server


def refusal(pages: Pages, form: dict[str, Any], limits: Limits = QUICK) -> str:
    with pytest.raises(FetchError) as caught:
        fetched(pages, form, limits)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def figures(data: bytes) -> list[float]:
    reading = read(data, "x", Dialect.of(source("https://example.org/x", ARCGIS)), date(2024, 12, 1))
    assert [*reading.rejected, *reading.quarantined] == []
    return sorted(reading.rows["value"])


def by_offset(query: dict[str, str], size: int = 3, records: list[Any] = RECORDS) -> dict[str, Any]:
    begin = int(query["resultOffset"])
    page: dict[str, Any] = {"features": records[begin : begin + size]}
    return {**page, "exceededTransferLimit": True} if begin + size < len(records) else page


def by_cursor(query: dict[str, str]) -> dict[str, Any]:
    at = int(query.get("after", "0"))
    return {"features": RECORDS[at : at + 3], "meta": {"next": at + 3 if at + 3 < 7 else None}}


def by_page(query: dict[str, str]) -> dict[str, Any]:
    at = 3 * (int(query["p"]) - 1)
    return {"features": RECORDS[at : at + 3], "total": 7}


def by_address(query: dict[str, str]) -> dict[str, Any]:
    at = int(query.get("at", "0"))
    return {"features": RECORDS[at : at + 3], "links": {"next": f"/q?at={at + 3}" if at + 3 < 7 else ""}}


@pytest.mark.parametrize(
    ("pages", "form"),
    [
        (by_offset, ARCGIS),
        (by_offset, {"offset": "resultOffset"}),
        (by_page, {"page": "p", "total": "total"}),
        (by_cursor, {"cursor": "meta.next", "parameter": "after"}),
        (by_address, {"address": "links.next"}),
    ],
    ids=["offset and until", "offset", "page", "cursor", "address"],
)
def test_all_pages_are_a_single_file_that_the_intake_reads(pages: Pages, form: dict[str, Any]) -> None:
    data, server = fetched(pages, form, headers={"X-Key": "KEY"})
    assert figures(data) == [1, 2, 3, 4, 5, 6, 7]
    assert all(request.headers["X-Key"] == "geheim" for request in server.requests)


def test_pages_stand_in_the_file_byte_for_byte() -> None:
    page = b'{ "features" : [{"a": {"date": "2024-01", "value": 1.50}}] }\n'
    data, _ = fetched(lambda query: page if query["p"] == "1" else {"features": []}, {"page": "p"})
    assert data == b'{"watchfloor_pages": [\n' + page + b"\n]}\n"


def test_a_file_of_a_single_page_is_read_as_before() -> None:
    assert figures(json.dumps({"features": RECORDS}).encode()) == [1, 2, 3, 4, 5, 6, 7]


def test_a_feed_without_records_is_a_page_without_records() -> None:
    data, server = fetched(lambda _: {"features": []}, ARCGIS)
    assert (b'"features": []' in data, len(server.requests)) == (True, 1)


@pytest.mark.parametrize(
    ("pages", "form", "message"),
    [
        (lambda _: {"features": RECORDS}, {"page": "p"}, "(page 2): holds a record of an earlier page"),
        (by_offset, {"offset": "resultOffset", "until": "mistyped"}, "(page 2): holds records, although"),
        (lambda query: {**by_page(query), "n": 6 + int(query["p"])}, {"page": "p", "total": "n"}, "(page 2): says"),
        (lambda query: {**by_page(query), "total": 9}, {"page": "p", "total": "total"}, "7 of 9 records came"),
        (by_cursor, {"cursor": "meta.mistyped", "parameter": "after"}, '(page 1): "meta" has no "mistyped"'),
        (lambda _: {"features": [], "n": 5}, {"cursor": "n", "parameter": "after"}, "leads back to an earlier page"),
        (lambda _: {"features": [], "n": "https://other.org/"}, {"address": "n"}, "the next page is on another host"),
        (lambda query: b"<html>" if query["p"] == "2" else by_page(query), {"page": "p"}, "(page 2): is no JSON"),
        (lambda query: b"[{" if query["p"] == "2" else by_page(query), {"page": "p"}, "(page 2): is no JSON"),
        (lambda query: {"error": 1} if query["p"] == "2" else by_page(query), {"page": "p"}, 'has no "features"'),
        (lambda query: {"features": [{"a": query["p"]}]}, {"page": "p"}, "more than 9 pages"),
    ],
)  # fmt: skip
def test_pages_that_do_not_agree_are_refused_whole(pages: Pages, form: dict[str, Any], message: str) -> None:
    assert message in refusal(pages, form)


def test_all_pages_together_have_the_limit_of_a_file() -> None:
    limits = Limits(deadline=20, trailing_wait=0.1, retries=0, max_bytes=250)
    assert "(page 2): sends more than" in refusal(by_page, {"page": "p"}, limits)


@pytest.mark.parametrize(
    ("form", "key"),
    [
        ({}, "next"), ({"offset": "a", "page": "b"}, "next"), ({"cursor": "a"}, "next"),
        ({"address": "a", "until": "b"}, "next"), ({"offset": "f"}, "url"),
    ],
)  # fmt: skip
def test_forms_that_say_too_little_or_too_much_are_refused(form: dict[str, Any], key: str) -> None:
    assert [name for name, _ in source("https://example.org/x?f=json", form).origin.problems()] == [key]
