"""What is judged by last good definitions says so: on the board, on the pages, on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dashboard.app import data
from dashboard.app.serving.server import CATALOG_VARIABLE, STATE_VARIABLE
from dashboard.catalog.active.active_catalog import load_active_catalog, save_last_good
from dashboard.evaluation.evaluate import evaluate
from dashboard.reporting.board_json import board_as_json
from dashboard.rows.load import load_rows
from tests.app.test_pages import INDICATOR, TODAY, board, run_page, shown, text_of, words
from tests.command_line import watchfloor

TEXT = """version: 1
indicators:
  ships: {title: Ships in port, unit: ships, file: ships.csv, thresholds: [{severity: critical, above: 1}]}
  cranes: {title: Cranes, unit: cranes, file: ships.csv, thresholds: [{severity: warning, above: 9}]}
  both: {title: Ships or cranes, unit: indicators, thresholds: [{severity: critical, any_of: [ships, cranes]}]}
"""
BROKEN = TEXT.replace("above: 1}", "abov: 3}").replace("above: 9", "above: 2")
PROBLEM = 'indicators.yaml:3:97 indicators.ships.thresholds[0].abov: unknown key; did you mean "above"?'
TAB = "version: 1\nindicators:\n\tships: {}\n"
pytestmark = pytest.mark.usefixtures("_fresh_caches")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A catalogue that was remembered when it was good."""
    (tmp_path / "indicators.yaml").write_text(TEXT)
    (tmp_path / "ships.csv").write_text("date,value,published_at\n2026-11-20,5,2026-11-20\n")
    monkeypatch.setenv(CATALOG_VARIABLE, str(tmp_path / "indicators.yaml"))
    monkeypatch.setenv(STATE_VARIABLE, str(tmp_path / "var"))
    monkeypatch.setattr(data, "today", lambda: TODAY)
    save_definitions(tmp_path)
    return tmp_path


def save_definitions(folder: Path) -> None:
    save_last_good(load_active_catalog(folder / "indicators.yaml", None, folder / "var"), folder / "var")


def exported(folder: Path) -> dict[str, Any]:
    catalog = load_active_catalog(folder / "indicators.yaml", None, folder / "var").catalog
    found: dict[str, Any] = json.loads(board_as_json(evaluate(catalog, load_rows(catalog, TODAY), TODAY)))
    return found


def severities() -> dict[str, str]:
    sections = board(run_page())
    return {row["id"]: row["severity"] for one in sections.values() for row in one["rows"]}


def test_a_valid_edit_is_on_the_page_at_its_next_load(folder: Path) -> None:
    assert severities()["cranes"] == "normal"
    (folder / "indicators.yaml").write_text(TEXT.replace("above: 9", "above: 2"))
    assert severities()["cranes"] == "warning"
    assert "last good" not in words(run_page())


def test_the_page_draws_a_valid_edit_once(folder: Path) -> None:
    """What the refresher remembers a moment later changes nothing, so it may not close what an officer has open."""
    (folder / "indicators.yaml").write_text(TEXT.replace("above: 9", "above: 2"))
    before = data.read_files().signature
    save_definitions(folder)
    assert data.read_files().signature == before


def test_watch_names_kept_definitions_with_their_line_and_a_link(folder: Path) -> None:
    (folder / "indicators.yaml").write_text(BROKEN)
    app = run_page()
    said = f"Judged by last good definitions, because an edit cannot be used:Ships in port, Ships or cranes: {PROBLEM}"
    assert said in text_of(shown(app))
    assert '<a href="indicator?id=ships">Ships in port</a>' in shown(app)
    sections = board(app)
    assert "problems" not in sections
    assert {row["id"]: row["severity"] for row in sections["breach"]["rows"]} == {
        "ships": "critical", "both": "critical", "cranes": "warning",
    }  # fmt: skip


def test_only_the_page_of_a_kept_indicator_says_so(folder: Path) -> None:
    (folder / "indicators.yaml").write_text(BROKEN)
    for name in ("ships", "both"):
        said = words(run_page(INDICATOR, id=name))
        assert "Judged by its last good definition, because an edit cannot be used:" in said
        assert PROBLEM in said
    assert "Critical when above 1" in words(run_page(INDICATOR, id="ships"))
    assert "last good" not in words(run_page(INDICATOR, id="cranes"))


def test_every_page_says_that_the_catalogue_cannot_be_read(folder: Path) -> None:
    (folder / "indicators.yaml").write_text(TAB)
    for app in (run_page(), run_page(INDICATOR, id="ships"), run_page("app_pages/evidence.py")):
        assert "The catalogue cannot be read. Last good definitions stand, of 3 indicators:" in words(app)
        assert "indicators.yaml:3:1: not YAML" in words(app)
        assert words(app).count("last good") == 0
    assert severities()["ships"] == "critical"
    (folder / "indicators.yaml").write_text(TEXT)
    assert "cannot be read" not in words(run_page())


def test_a_long_banner_is_folded(folder: Path) -> None:
    many = "".join(
        f"  n{one}: {{title: N{one}, file: ships.csv, thresholds: [{{severity: info, above: 1}}]}}\n"
        for one in range(9)
    )
    (folder / "indicators.yaml").write_text(TEXT + many)
    save_definitions(folder)
    (folder / "indicators.yaml").write_text(TEXT + many.replace("above", "abov"))
    assert "<details><summary>4 more</summary>" in shown(run_page())


def test_damaged_last_good_definitions_are_named_on_the_board(folder: Path) -> None:
    (folder / "var" / "definitions" / "good.json").write_text("{")
    (line,) = board(run_page())["problems"]["lines"]
    assert "good.json: damaged; so no last good definition is known" in line["text"]


def test_the_board_names_kept_definitions_and_has_the_version_of_the_definitions_in_force(folder: Path) -> None:
    before = exported(folder)
    assert (before["kept"], before["unreadable"]) == ({}, [])
    (folder / "indicators.yaml").write_text(BROKEN.replace("above: 2", "above: 9"))
    found = exported(folder)
    assert list(found["kept"]) == ["both", "ships"]
    assert found["kept"]["ships"][0]["line"] == 3
    assert found["data_version"] == before["data_version"]
    (folder / "indicators.yaml").write_text(TAB)
    found = exported(folder)
    assert list(found["kept"]) == ["both", "cranes", "ships"]
    assert found["unreadable"][0]["line"] == 3
    assert found["data_version"] == before["data_version"]
    (folder / "indicators.yaml").write_text(BROKEN)
    assert exported(folder)["data_version"] != before["data_version"]


def test_the_command_line_judges_by_last_good_definitions_and_says_so(folder: Path) -> None:
    (folder / "indicators.yaml").write_text(BROKEN)
    said = watchfloor("evaluate", folder=folder)
    assert said.returncode == 0
    assert f"last good definition  ships\n    {PROBLEM}" in said.stdout
    assert PROBLEM in watchfloor("explain", "both", folder=folder).stdout
    told = watchfloor("history", "ships", "cranes", folder=folder)
    assert told.stderr == f"judged by last good definitions: ships: {PROBLEM}\n"
    assert "critical" in told.stdout
    (folder / "indicators.yaml").write_text(TAB)
    said = watchfloor("evaluate", folder=folder)
    assert "last good definitions of all: indicators.yaml:3:1: not YAML" in said.stdout
    assert watchfloor("explain", "ships", folder=folder).returncode == 0


def test_check_judges_the_file_on_the_disk(folder: Path) -> None:
    (folder / "indicators.yaml").write_text(BROKEN)
    said = watchfloor("check", folder=folder)
    assert said.returncode == 1
    assert PROBLEM in said.stdout
    (folder / "indicators.yaml").write_text(TAB)
    assert watchfloor("check", folder=folder).returncode == 1


def test_only_the_refresher_writes_last_good_definitions(folder: Path) -> None:
    memory = folder / "var" / "definitions" / "good.json"
    before = memory.read_bytes()
    (folder / "indicators.yaml").write_text(TEXT.replace("above: 9", "above: 2"))
    run_page()
    watchfloor("evaluate", folder=folder)
    assert memory.read_bytes() == before
