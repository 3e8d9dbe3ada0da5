"""The source kinds: what the catalogue, the journal and the other rooms may ask any of them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from dashboard.catalog.origin_keys import lacks_secrets, masked_source, restored_source
from dashboard.catalog.source import Source
from dashboard.fetch.kinds import SOURCE_KINDS, SourceKind
from dashboard.fetch.kinds.url import Url
from dashboard.fetch.location import covers_whole_source, is_read_in_place

FILE = {"file": "data/x.csv"}
FOLDER = {"folder": "in/", "glob": "*.txt"}
URL = {"url": "https://example.org/x.csv?token=geheim"}


def source(**keys: Any) -> Source:
    return Source.model_validate({"title": "S", **keys})


@pytest.mark.parametrize("kind", SOURCE_KINDS, ids=lambda kind: kind.key)
def test_a_source_has_the_keys_of_every_kind(kind: type[SourceKind]) -> None:
    assert kind.key in kind.model_fields
    assert list(kind.model_fields) == [key for key in Source.model_fields if key in kind.model_fields]


@pytest.mark.parametrize(
    ("keys", "name", "location"),
    [
        (FILE, "data/x.csv", "file data/x.csv"),
        (FOLDER, "in/", "folder in (*.txt)"),
        (URL, "https://example.org/x.csv?token=***", "url https://example.org/x.csv?token=***"),
    ],
)
def test_an_origin_has_a_name_and_a_location_without_secrets(keys: dict[str, str], name: str, location: str) -> None:
    origin = source(**keys).origin
    assert (origin.name, origin.location) == (name, location)


@pytest.mark.parametrize(
    ("location", "is_whole", "is_in_place"),
    [
        ("file x.csv", True, True),
        ("url https://example.org/x.csv", True, False),
        ("folder in (*.csv)", False, False),
        ("url https://example.org/{year}.csv", True, False),
        ("url https://example.org/{year}.csv (by year)", False, False),
        ("", True, False),
        ("pigeon 7", True, False),
    ],
)
def test_a_recorded_location_tells_its_kind(location: str, is_whole: bool, is_in_place: bool) -> None:
    assert (covers_whole_source(location), is_read_in_place(location)) == (is_whole, is_in_place)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["X-Api-Key", "Ocp-Apim-Subscription-Key", "token"], ""),
        (["X Key"], '"X Key" is no name of a header like X-Api-Key'),
        (["X-Key\r\nHost"], "is no name of a header"),
        (["authorization"], "write authorization: TOKEN instead of authorization in headers:"),
        (["X-Key", "x-key"], "x-key stands twice"),
        *(([name], "is set by") for name in ("Host", "Content-Length", "If-None-Match", "Proxy-Connection", "Cookie")),
    ],
)
def test_headers_that_frame_a_request_are_refused(names: list[str], message: str) -> None:
    problems = [*source(url="https://example.org/x.csv", headers=dict.fromkeys(names, "TOKEN")).origin.problems()]
    assert [key for key, _ in problems] == ["headers"] * bool(message)
    assert message in "".join(text for _, text in problems)


def test_an_address_with_an_apostrophe_is_refused_with_its_code() -> None:
    with pytest.raises(ValueError, match="' cannot stand in one; write %27"):
        source(url="https://example.org/a?b='c'")


def test_deliveries_of_a_folder_bear_the_names_of_its_files() -> None:
    origin = source(**FOLDER).origin
    assert origin.delivery_name("a.txt") == "in/a.txt"
    assert [origin.delivers(name) for name in ("in/a.txt", "in/", "inside/a.txt")] == [True, True, False]
    assert source(**FILE).origin.delivers("data/x.csv")


def test_only_an_address_has_a_schedule_of_its_own() -> None:
    assert [source(**keys).schedule for keys in (FILE, FOLDER, URL)] == [None, None, "0 * * * *"]
    assert source(**FILE, refresh="15 6 * * *").schedule == "15 6 * * *"


def test_secrets_are_masked_for_storage_and_restored_from_the_catalogue() -> None:
    stored = masked_source(URL)
    assert (lacks_secrets(URL), lacks_secrets(stored)) == (False, True)
    assert restored_source(stored, f"url: {URL['url']}") == URL
    assert restored_source(stored, "") == stored
    assert masked_source(FILE) is FILE


@pytest.mark.parametrize(
    ("url", "keys", "message"),
    [
        ("{year}/{month}.csv", {"url_since": "2022-01-01"}, ""),
        ("x.csv?filter={a:1}&b={id}", {}, ""),
        ("{year}.csv", {}, "write url_since: 2022-01-01, or %7Byear%7D if braces are meant"),
        ("{yyyy}.csv", {}, "write url_since: 2022-01-01"),
        ("{yyyy}.csv", {"url_since": "2022-01-01"}, "{yyyy} is no placeholder; write {year}, or %7Byyyy%7D"),
        ("{hour}.csv", {"url_since": "2022-01-01"}, "{hour} is no placeholder; write {year}, {month} or {day}"),
        ("{year}{day}.csv", {"url_since": "2022-01-01"}, "{day} comes again and again; write {month} too"),
        ("x.csv", {"url_since": "2022-01-01"}, "only with {year} in url:"),
        ("x.csv", {"url_gaps": "any"}, "only with url_since: and {year} in url:"),
        ("x.csv?{year}#{year}", {"url_since": "2022-01-01"}, "what follows # is not sent"),
    ],
)
def test_placeholders_of_an_address_are_parts_of_a_day(url: str, keys: dict[str, str], message: str) -> None:
    problems = [*source(url=f"https://example.org/{url}", **keys).origin.problems()]
    assert len(problems) == bool(message)
    assert message in "".join(text for _, text in problems)


@pytest.mark.parametrize(
    ("url", "since", "name", "location"),
    [
        ("{year}/{month}.csv", "2024-02-29", "2024/02.csv", "{year}/{month}.csv (by month)"),
        ("{year}{month}{day}.csv", "2024-02-03", "20240203.csv", "{year}{month}{day}.csv (by day)"),
        ("q?file=export-{year}.csv", "2024-02-03", "q?file=***", "q?file=***"),
    ],
)
def test_each_dated_address_has_a_name_of_its_own(url: str, since: str, name: str, location: str) -> None:
    origin = source(url=f"https://example.org/{url}", url_since=since).origin
    assert isinstance(origin, Url)
    assert origin._dated is not None
    first, second = origin._dated.until(date(2025, 12, 1))[:2]
    assert first.name.startswith(f"https://example.org/{name}")
    assert origin.location.startswith(f"url https://example.org/{location}")
    assert origin.is_whole_delivery is covers_whole_source(origin.location) is False
    assert first.name != second.name
    assert [origin.delivers(text) for text in (first.name, second.name, "https://example.org/x.csv")] == [
        True, True, False,
    ]  # fmt: skip
