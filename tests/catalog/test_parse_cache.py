"""A cached catalogue equals the parsed one, and cache files that cannot be trusted are ignored."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from dashboard.catalog import loader as loading
from dashboard.catalog.active import parse_cache as cache
from dashboard.catalog.catalog import Catalog
from dashboard.catalog.loader import load_catalog, parse_catalog
from tests.catalog.test_loader import BAD, CLAIMS, ROOT

TEXT = """version: 1
sources:
  s: {title: "S \\u2014 \\U0001F6A2", file: s.csv, kind: flow}
indicators:
  x: {title: X, file: x.csv, thresholds: [{severity: warning, above: 5}, {severity: critical, above: 2.5e+3, for: 30d}]}
  y: {title: Y, sources: [s], tests: [{given: "2024-01 5", as_of: 2024-02-01, expect: not assessed}]}
  z: {title: Z, sources: [s], thresholds: [{severity: warning, abov: 5}]}
"""


@pytest.fixture(autouse=True)
def cache_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache folder of this test."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "watchfloor"


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are parsed from now on."""
    names: list[str] = []
    read = loading.read_yaml

    def note(text: str, file: str) -> object:
        names.append(file)
        return read(text, file)

    monkeypatch.setattr(loading, "read_yaml", note)
    return names


def catalogue(folder: Path, text: str = TEXT) -> Path:
    path = folder / "indicators.yaml"
    path.write_text(text)
    return path


def same(catalog: Catalog, other: Catalog) -> bool:
    """Whether two catalogues are equal in every respect, the order of entries included."""
    assert list(catalog.sources) == list(other.sources)
    assert list(catalog.indicators) == list(other.indicators)
    assert list(catalog.not_loaded) == list(other.not_loaded)
    pairs = [
        *((entry, other.sources[name]) for name, entry in catalog.sources.items()),
        *((entry, other.indicators[name]) for name, entry in catalog.indicators.items()),
    ]
    assert all(repr(entry) == repr(twin) and entry.model_fields_set == twin.model_fields_set for entry, twin in pairs)
    assert catalog.evaluation_order == other.evaluation_order
    return catalog == other and catalog.canonical_json == other.canonical_json


@pytest.mark.parametrize("path", [ROOT / "indicators.yaml", *BAD], ids=lambda path: path.stem)
@pytest.mark.parametrize("claims", [None, CLAIMS])
def test_a_cached_catalogue_equals_the_parsed_one(path: Path, claims: set[str] | None, parsed: list[str]) -> None:
    first = load_catalog(path, claims)
    second = load_catalog(path, claims)
    assert parsed == [path.name]
    assert same(first, second)
    assert same(second, parse_catalog(path.read_text(), path.name, path.parent, claims))


def test_every_input_of_a_catalogue_changes_its_fingerprint(monkeypatch: pytest.MonkeyPatch) -> None:
    fingerprints = {
        cache.catalog_fingerprint(content, file, claims)
        for content in (b"a", b"b")
        for file in ("x.yaml", "y.yaml")
        for claims in (None, [], ["002.11.a"], ["002.11.a", "002.13.d"])
    }
    assert len(fingerprints) == 16
    assert cache.catalog_fingerprint(b"a", "x.yaml", ["1", "2"]) == cache.catalog_fingerprint(
        b"a", "x.yaml", {"2", "1"}
    )
    before = cache.catalog_fingerprint(b"a", "x.yaml", None)
    monkeypatch.setattr(cache, "_code_fingerprint", lambda: "another version")
    assert cache.catalog_fingerprint(b"a", "x.yaml", None) != before


def test_code_without_a_fingerprint_caches_nothing(
    tmp_path: Path, cache_folder: Path, parsed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As from a zip file: the next version would read what this version understood."""
    monkeypatch.setattr(cache, "_PACKAGE", tmp_path / "nowhere")
    monkeypatch.setattr(cache, "_code_fingerprint", cache._code_fingerprint.__wrapped__)
    path = catalogue(tmp_path)
    assert same(load_catalog(path), load_catalog(path))
    assert len(parsed) == 2
    assert not cache_folder.exists()


def test_a_change_of_the_code_changes_its_fingerprint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "_PACKAGE", tmp_path)
    code_fingerprint = cache._code_fingerprint.__wrapped__
    (tmp_path / "checks.py").write_text("MOST = 5")
    before = code_fingerprint()
    assert code_fingerprint() == before
    (tmp_path / "checks.py").write_text("MOST = 6")
    assert code_fingerprint() != before


def test_an_edit_is_seen_and_its_reversal_comes_from_the_cache(tmp_path: Path, parsed: list[str]) -> None:
    path = catalogue(tmp_path)
    load_catalog(path)
    catalogue(tmp_path, TEXT.replace("above: 5", "above: 6"))
    assert load_catalog(path).indicators["x"].thresholds[0].above == 6
    catalogue(tmp_path)
    assert load_catalog(path).indicators["x"].thresholds[0].above == 5
    assert len(parsed) == 2


def test_the_same_text_in_another_folder_reads_its_own_files(tmp_path: Path) -> None:
    for folder in (tmp_path / "one", tmp_path / "two"):
        folder.mkdir()
        assert load_catalog(catalogue(folder)).folder == folder


def empty(path: Path) -> None:
    path.write_bytes(b"")


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def change_a_level(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b'"above": 5', b'"above": 9'))


def replace_by_another_catalogue(path: Path) -> None:
    other = load_catalog(catalogue(path.parent.parent, "version: 1\nindicators: {o: {title: O, file: o.csv}}"))
    assert list(other.indicators) == ["o"]
    (written,) = set(path.parent.iterdir()) - {path}
    written.rename(path)
    catalogue(path.parent.parent)


def replace_by_link(path: Path) -> None:
    path.rename(path.with_suffix(".moved"))
    path.symlink_to(path.with_suffix(".moved"))


def open_to_all_writers(path: Path) -> None:
    path.chmod(0o666)


def replace_by_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def replace_by_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize(
    "damage",
    [
        empty,
        truncate,
        change_a_level,
        replace_by_another_catalogue,
        replace_by_link,
        open_to_all_writers,
        replace_by_folder,
        replace_by_pipe,
    ],
)
def test_an_untrusted_cache_file_is_parsed_again(
    damage: Callable[[Path], None], cache_folder: Path, parsed: list[str]
) -> None:
    cache_folder.parent.mkdir()
    path = catalogue(cache_folder.parent)
    first = load_catalog(path)
    (file,) = cache_folder.iterdir()
    damage(file)
    parsed.clear()
    assert same(load_catalog(path), first)
    assert parsed == ["indicators.yaml"]


def test_a_cache_file_of_another_user_is_parsed_again(
    tmp_path: Path, parsed: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = catalogue(tmp_path)
    load_catalog(path)
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    load_catalog(path)
    assert len(parsed) == 2


def test_a_cache_folder_that_others_may_write_is_not_used(tmp_path: Path, cache_folder: Path) -> None:
    cache_folder.mkdir(parents=True)
    cache_folder.chmod(0o777)
    load_catalog(catalogue(tmp_path))
    assert list(cache_folder.iterdir()) == []


def test_only_the_user_may_read_the_cache(tmp_path: Path, cache_folder: Path) -> None:
    load_catalog(catalogue(tmp_path))
    (file,) = cache_folder.iterdir()
    assert [oct(path.stat().st_mode & 0o777) for path in (cache_folder, file)] == ["0o700", "0o600"]


def test_without_a_writable_cache_every_load_parses(tmp_path: Path, cache_folder: Path, parsed: list[str]) -> None:
    cache_folder.parent.write_text("a file where the folder should be")
    path = catalogue(tmp_path)
    assert same(load_catalog(path), load_catalog(path))
    assert len(parsed) == 2


def test_a_user_without_a_home_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_home() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", no_home)
    assert list(load_catalog(catalogue(tmp_path)).indicators) == ["x", "y"]


def test_nothing_is_written_beside_the_catalogue(tmp_path: Path) -> None:
    folder = tmp_path / "officer"
    folder.mkdir()
    path = catalogue(folder)
    load_catalog(path)
    assert list(folder.iterdir()) == [path]


def test_only_the_newest_catalogues_stay_in_the_cache(tmp_path: Path, cache_folder: Path) -> None:
    cache_folder.mkdir(mode=0o700, parents=True)
    (cache_folder / "x.catalog.left-by-a-process-that-was-ended.part").write_text("half a")
    for number in range(cache.MOST_CATALOGS + 3):
        path = catalogue(tmp_path, TEXT.replace("above: 5", f"above: {number}"))
        load_catalog(path)
    assert len(list(cache_folder.iterdir())) == cache.MOST_CATALOGS
    assert load_catalog(path) == parse_catalog(path.read_text(), path.name, tmp_path)
