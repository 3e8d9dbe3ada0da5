"""Secrets in addresses: left out wherever an address is printed or kept, and no reason to take it for another place."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.analysis.lint import lint
from dashboard.archive.deliveries import Archive
from dashboard.archive.files.journal_lines import with_checksum
from dashboard.archive.journal import Run
from dashboard.catalog.active.active_catalog import load_active_catalog, save_last_good
from dashboard.catalog.loader import load_catalog, parse_catalog
from dashboard.domain.errors import CatalogError
from dashboard.domain.text.masking import mask_all, masked, secrets_in, unmasked
from tests.archiving import journal_of, lines_of, overwrite
from tests.command_line import watchfloor
from tests.fetch_server import Server, reply
from tests.refreshing import NOON, Place
from tests.shorthand import intake

SECRET = "s3cretpw"
HOLDERS = [
    "https://example.org/x.csv?token={}",
    "HTTPS://example.org/x.csv?a=1&API_KEY={}&b=2",
    "https://example.org/x.csv?tok%65n={}",
    "https://example.org/x.csv%3Ftoken%3D{}",
    "https://example.org/x.csv?k={}",
    "https://example.org/x.csv?{}",
    "https://example.org/x.csv?a;sig={}",
    "https://example.org/x.csv?X-Amz-Signature={}",
    "https://example.org/x.csv#access_token={}",
    "https://example.org/x.csv;jsessionid={}",
    "https://example.org/token/{}/x.csv",
    "https://user:{}@example.org/x.csv",
    "https://{}@example.org/x.csv",
    "https://user:a/{}@example.org/x.csv",
    "https://user:a#{}@example.org/x.csv",
    "https://user%3A{}%40example.org/x.csv",
    "https://user:{}/x.csv",
    "https:///user:{}@example.org",
    "https:\\\\user:{}@example.org",
    "user:{}@example.org/x.csv",
    "example.org/x.csv?token={}",
    "//example.org/x.csv?password={}",
    "https://example.org/x y?token={}",
    "http s://example.org/x?token={}",
    "https://?token={}",
    "https://[::1/x?token={}",
    "https://example.org:99999/x?token={}",
    "ftp://user:{}@example.org/x?token={}",
]


@pytest.mark.parametrize("holder", HOLDERS)
def test_no_form_of_an_address_shows_its_secret(holder: str) -> None:
    shown = masked(holder.format(SECRET, SECRET))
    assert SECRET not in shown
    assert masked(shown) == shown
    assert "example.org" in shown or "example.org" not in holder


@pytest.mark.parametrize("holder", HOLDERS)
@pytest.mark.parametrize("form", ['url: "{}"', "url: ['{}']", "url: {{a: '{}'}}", "file: '{}'", "url: {}", "'{}': 5"])
def test_no_problem_of_a_catalogue_shows_a_secret(holder: str, form: str) -> None:
    entry = form.format(holder.format(SECRET, SECRET).replace("\\", "/"))
    text = f"version: 1\nsources:\n  s:\n    title: S\n    {entry}\n  t: {{title: T, {entry}}}\nindicators: {{}}\n"
    try:
        problems = parse_catalog(text, "i.yaml", Path()).problems
    except CatalogError as error:
        problems = error.problems
    assert SECRET not in "\n".join([*map(str, problems), json.dumps([one.as_json() for one in problems])])


@given(st.text(), st.text())
def test_masking_takes_any_text_and_masks_what_is_masked_no_further(text: str, more: str) -> None:
    for mask in (masked, mask_all):
        once = mask(f"https://example.org/{text}?{more}")
        assert mask(once) == once


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("https://example.org/x?token=a1b2c3", "https://example.org/x?token=d4e5f6", True),
        ("https://u:a1b2@example.org/x", "https://u:c3d4@example.org/x", True),
        ("https://example.org/x?dataset=oil-2023", "https://example.org/x?dataset=oil-2024", False),
        ("https://example.org/x?year=2023", "https://example.org/x?year=2024", False),
        ("https://example.org/x?keyword=tankers", "https://example.org/x?keyword=barges", False),
        ("https://example.org/x?oil-2023", "https://example.org/x?oil-2024", False),
        ("https://example.org/a", "https://example.org/b", False),
    ],
)
def test_another_secret_is_the_same_place_and_another_file_is_not(one: str, other: str, is_same: bool) -> None:
    assert (masked(one) == masked(other)) is is_same


def test_what_holds_no_secret_can_be_read() -> None:
    for address in ("https://example.org/a/x.csv", "http://[::1]:80/x?format=csv&year=2024&from=2024-01-01&all=true"):
        assert masked(address) == address
        assert secrets_in(address) == []


def test_a_secret_comes_back_from_the_file_alone() -> None:
    address = f"https://example.org/x?token={SECRET}"
    assert unmasked(masked(address), f"url: '{address}'") == address
    assert unmasked(masked(address), "") is None
    assert unmasked(masked(address), f"{address} https://example.org/x?token=other") is None  # which of them?


def everything_in(folder: Path) -> bytes:
    return b"\n".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_a_refresh_keeps_and_prints_no_secret_and_is_fetched_with_it(tmp_path: Path) -> None:
    place = Place(tmp_path)
    with Server(reply(b"date,value\n2024-03-01,7\n2024-03-02,x\n")) as server:
        address = f"{server.site}/x.csv?token={SECRET}"
        place.define(a=f"url: '{address}', allow_private: [localhost]")
        assert place.refresh().is_well
        assert place.values("a") == [7]
        place.catalog.write_text(place.catalog.read_text() + "  broken: {titel: X}\n")
        save_last_good(load_active_catalog(place.catalog, None, place.state), place.state)
        for words in (["check"], ["check", "--json"], ["evaluate", "--json"], ["explain", "of_a"], ["refresh"]):
            result = watchfloor(*words, folder=tmp_path, XDG_CACHE_HOME=str(tmp_path / "var" / "cache"))
            assert SECRET not in result.stdout + result.stderr
        assert {request.path for request in server.requests} == {f"/x.csv?token={SECRET}"}
    place.later(days=1).refresh()  # nobody answers any more
    assert place.runs("a")[-1].message.startswith(f"{server.site}/x.csv?token=***: ")
    assert SECRET.encode() not in everything_in(place.state)


def test_a_new_secret_is_no_new_place(tmp_path: Path) -> None:
    place = Place(tmp_path)
    answers = reply(b"date,value\n2024-03-01,7\n")
    with Server(answers) as server:
        for secret in ("old1secret", "new2secret"):
            place.define(a=f"url: '{server.site}/x.csv?token={secret}', allow_private: [localhost]")
            place.later(hours=2).refresh()
            assert place.verdict("a")["problems"] == []
        assert [run.outcome for run in place.runs("a")] == ["received", "seen again"]


def test_a_journal_with_the_secret_of_the_version_before_is_of_the_same_place(tmp_path: Path) -> None:
    place = Place(tmp_path)
    with Server(reply(b"date,value\n2024-03-01,7\n")) as server:
        address = f"{server.site}/x.csv?token={SECRET}"
        place.define(a=f"url: '{address}', allow_private: [localhost]")
        place.refresh()
        (line,) = lines_of(place.state, "a")
        unmasked = line.rstrip().replace(b"token=***", f"token={SECRET}".encode())
        overwrite(journal_of(place.state), with_checksum(re.sub(b',"checksum":"[^"]*"', b"", unmasked)) + b"\n")
        (run,) = Archive(place.state).runs("a")
        assert SECRET not in f"{run.file} {run.address} {run.location}"
        place.later(hours=2).refresh()
        assert place.values("a") == [7]
        assert place.verdict("a")["problems"] == []
        assert [run.outcome for run in place.runs("a")] == ["received", "seen again"]


def test_last_good_definitions_take_the_secret_from_the_file_be_it_broken(tmp_path: Path) -> None:
    path, state = tmp_path / "indicators.yaml", tmp_path / "var"
    address = f"https://example.org/x.csv?token={SECRET}"
    text = f"version: 1\nsources:\n  s: {{title: S, url: '{address}'}}\nindicators:\n  x: {{title: X, sources: [s]}}\n"
    path.write_text(text)
    save_last_good(load_active_catalog(path, None, state), state)
    assert SECRET.encode() not in everything_in(state)
    for broken in (text.replace("title: S", "titel: S"), text + "\t"):
        path.write_text(broken)
        assert load_active_catalog(path, None, state).catalog.sources["s"].url == address
    path.unlink()
    assert load_active_catalog(path, None, state).catalog.sources["s"].url == masked(address)


def test_a_catalogue_from_the_cache_has_the_secret_and_the_cache_has_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path = tmp_path / "indicators.yaml"
    address = f"https://example.org/x.csv?token={SECRET}"
    path.write_text(f"version: 1\nsources:\n  s: {{title: S, url: '{address}'}}\nindicators: {{}}\n")
    for _ in range(2):
        assert load_catalog(path).sources["s"].url == address
    assert [*(tmp_path / "cache").rglob("*.catalog")]
    assert SECRET.encode() not in everything_in(tmp_path / "cache")


def test_a_message_of_an_old_line_is_masked_too() -> None:
    address = f"https://example.org/x?token={SECRET}"
    assert Run(NOON, "failed", address, address, message=f"{address}: answered 500").message == (
        "https://example.org/x?token=***: answered 500"
    )


@pytest.mark.parametrize(
    ("keys", "rules"),
    [
        ("url: 'https://example.org/x?token=abc'", ["secret_in_the_address"]),
        ("url: 'https://example.org/x?id=0123456789abcdef0123'", ["secret_in_the_address"]),
        ("url: 'https://example.org/x?year=2024'", []),
        ("url: 'http://example.org/x', authorization: DESK_TOKEN", ["authorization_in_clear"]),
        ("url: 'http://example.org/x', headers: {X-Key: DESK_TOKEN}", ["authorization_in_clear"]),
        ("url: 'https://example.org/x', authorization: DESK_TOKEN", []),
    ],
)
def test_lint_notes_a_secret_in_an_address_and_one_that_is_sent_in_clear(keys: str, rules: list[str]) -> None:
    result = parse_catalog(f"version: 1\nsources:\n  s: {{title: S, {keys}}}\nindicators: {{}}\n", "i.yaml", Path())
    notes = lint(result, intake(), result.indicators, date(2024, 1, 1))
    assert [note.rule for note in notes] == rules
    assert all(note.place.line == 3 and "abc" not in str(note) for note in notes)
