"""The file of last good definitions: which catalogue it belongs to, and what happens when it is damaged."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from dashboard.catalog.active.active_catalog import load_active_catalog
from dashboard.catalog.active.last_good import last_good_file
from dashboard.domain.errors import CatalogError
from tests.catalog.editing import CLAIMS, FALLBACKS, LIVE, TEXT, X_FALLS_BACK, in_force, load_and_save, with_edits


def truncate(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-20])


def empty(file: Path) -> None:
    file.write_bytes(b"")


def change_a_level(file: Path) -> None:
    file.write_bytes(file.read_bytes().replace(b'"above": 5', b'"above": 9'))


def write_no_json(file: Path) -> None:
    file.write_bytes(b"\x00\xff{")


def write_another_version(file: Path) -> None:
    file.write_text(json.dumps({"version": 2, "seal": "", "good": {}}))


def write_another_shape(file: Path) -> None:
    file.write_text("[1]")


def replace_by_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (truncate, "damaged"),
        (empty, "damaged"),
        (change_a_level, "damaged"),
        (write_no_json, "damaged"),
        (write_another_shape, "damaged"),
        (write_another_version, "written by another version of Watchfloor (form 2, not 1)"),
        (replace_by_folder, "cannot be read"),
    ],
)
def test_an_unusable_file_is_a_visible_problem(
    damage: Callable[[Path], None], message: str, path: Path, state: Path
) -> None:
    load_and_save(path, state, TEXT)
    damage(last_good_file(state))
    path.write_text(with_edits(("title: X", "titl: X")))
    active = load_active_catalog(path, CLAIMS, state)
    assert in_force(active) == LIVE | {"x": "not loaded", "c": "not loaded"}
    (problem,) = [problem for problem in active.catalog.problems if problem.file == str(last_good_file(state))]
    assert problem.message.startswith(message)
    path.write_text("")
    with pytest.raises(CatalogError, match=r"good\.json"):
        load_active_catalog(path, CLAIMS, state)


def test_a_file_of_the_version_before_is_read(path: Path, state: Path) -> None:
    """Its keys on disk: other names in the code do not change them."""
    factor = {"from": "t", "to": "bbl", "value": 7.5, "low": 7, "high": 8, "document": "002.13.d"}
    source = {"title": "S", "file": "s.csv", "ended": {"on": "2024-01-01"}, "factors": [factor]}
    test = {"given": "2024-01 5 t", "as_of": "2024-03-01", "expect": "normal"}
    indicator = {"title": "X", "unit": "bbl", "sources": ["s"], "tests": [test]}
    good = {"catalog": "../indicators.yaml", "made_of": "", "sources": {"s": source}, "indicators": {"x": indicator}}
    body = json.dumps(good)
    file = last_good_file(state)
    file.parent.mkdir(parents=True)
    file.write_text(f'{{"version": 1, "seal": "{sha256(body.encode()).hexdigest()}", "good": {body}}}\n')
    path.write_text("")
    active = load_active_catalog(path, CLAIMS, state)
    assert active.last_good.problem is None
    assert in_force(active) == {"x": "fallback X"}
    assert active.catalog.sources["s"].factors[0].from_unit == "t"
    assert active.catalog.indicators["x"].tests[0].figures == "2024-01 5 t"


def test_a_damaged_file_is_written_anew(path: Path, state: Path) -> None:
    load_and_save(path, state, TEXT)
    truncate(last_good_file(state))
    load_and_save(path, state)
    active = load_and_save(path, state, "")
    assert in_force(active) == FALLBACKS
    assert len(active.catalog.problems) == 1


def test_the_last_good_definitions_of_another_catalogue_are_ignored(path: Path, state: Path) -> None:
    load_and_save(path, state, TEXT)
    other = path.with_name("edited.yaml")
    other.write_text("")
    with pytest.raises(CatalogError):
        load_active_catalog(other, CLAIMS, state)


def test_last_good_definitions_move_with_the_folder_that_holds_them_and_their_catalogue(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    load_and_save(tmp_path / "old" / "indicators.yaml", tmp_path / "old" / "var", TEXT)
    (tmp_path / "old").rename(tmp_path / "new")
    (tmp_path / "link").symlink_to(tmp_path / "new")
    for folder in (tmp_path / "new", tmp_path / "link"):
        assert in_force(load_and_save(folder / "indicators.yaml", tmp_path / "new" / "var", "")) == FALLBACKS


def test_a_catalogue_behind_a_switched_link_keeps_its_last_good_definitions(tmp_path: Path) -> None:
    """As Kubernetes mounts a ConfigMap."""
    for name, text in (("1", TEXT), ("2", with_edits(("title: X", "titl: X")))):
        (tmp_path / name).mkdir()
        (tmp_path / name / "indicators.yaml").write_text(text)
    path, data = tmp_path / "indicators.yaml", tmp_path / "data"
    path.symlink_to("data/indicators.yaml")
    data.symlink_to("1")
    assert in_force(load_and_save(path, tmp_path / "var")) == LIVE
    data.unlink()
    data.symlink_to("2")
    assert in_force(load_and_save(path, tmp_path / "var")) == LIVE | X_FALLS_BACK


def test_the_parse_cache_distinguishes_last_good_definitions(path: Path, tmp_path: Path) -> None:
    broken = with_edits(("title: X", "titl: X"))
    for number in (1, 2, 1):
        state = tmp_path / f"var{number}"
        load_and_save(path, state, with_edits(("title: X", f"title: X{number}")))
        for _ in range(2):
            assert in_force(load_and_save(path, state, broken))["x"] == f"fallback X{number}"
    assert in_force(load_active_catalog(path, CLAIMS, tmp_path / "none"))["x"] == "not loaded"
