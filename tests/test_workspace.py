"""The workspace: one composition of definitions, cards, rows and board, and one rule for a broken evidence card."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
import yaml
from click.testing import Result
from typer.testing import CliRunner

from dashboard.app.serving.server import CATALOG_VARIABLE, STATE_VARIABLE
from dashboard.catalog.catalog import Catalog
from dashboard.cli.application import app
from dashboard.domain.errors import CatalogError, Problem, UnknownIndicatorError, UnknownSourceError
from dashboard.workspace import Workspace, chosen_indicators, definition_stamps, expect_sources
from tests.app.test_pages import EVIDENCE, INDICATOR, SOURCES, WATCH, run_page, words
from tests.evidence.test_cards import a_card, a_claim

CATALOG = """version: 1
indicators:
  ships: {title: Ships, unit: ships, file: ships.csv, evidence: [CLAIM], thresholds: [{severity: critical, above: 1}]}
  cranes: {title: Cranes, unit: cranes, file: ships.csv, thresholds: [{severity: critical, above: 9}]}
"""
CLAIM = str(a_claim()["id"])
DAY = date(2026, 11, 25)
CARD_PROBLEM = "900.yaml:"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A catalogue, its file, and one card with the claim that `evidence:` names."""
    (tmp_path / "indicators.yaml").write_text(CATALOG.replace("CLAIM", CLAIM))
    (tmp_path / "ships.csv").write_text("date,value,published_at\n2026-11-20,5,2026-11-20\n")
    (tmp_path / "seeds").mkdir()
    write_card(tmp_path)
    return tmp_path


def write_card(folder: Path, **fields: str) -> None:
    (folder / "seeds" / "900.yaml").write_text(yaml.safe_dump({**a_card(a_claim()), **fields}, sort_keys=False))


def break_card(folder: Path) -> None:
    write_card(folder, extra_key="1")


def watchfloor(folder: Path, *words: str) -> Result:
    """A command on the catalogue of the folder, in this process."""
    return CliRunner().invoke(app, ["--catalog", str(folder / "indicators.yaml"), *words])


def workspace_of(folder: Path, *, is_as_written: bool = False) -> Workspace:
    return Workspace(folder / "indicators.yaml", folder / "var", is_as_written=is_as_written)


def severities(workspace: Workspace) -> dict[str, str]:
    board = workspace.board(DAY, workspace.rows(DAY))
    return {verdict.id: verdict.severity.word if verdict.severity is not None else "" for verdict in board.verdicts}


# --- composing ---


def test_an_evaluation_is_the_boards_and_needs_the_rows_of_its_own_sources_alone(folder: Path) -> None:
    (folder / "other.csv").write_text("date,value,published_at\n2026-11-20,1,2026-11-20\n")
    with (folder / "indicators.yaml").open("a") as file:
        file.write("  other: {title: O, file: other.csv, thresholds: [{severity: critical, above: 9}]}\n")
    workspace = workspace_of(folder)
    rows = workspace.rows(DAY, ["ships"])
    assert set(rows.rows["source"]) == {"ships"}
    assert set(workspace.rows(DAY).rows["source"]) == {"ships", "cranes", "other"}
    board = workspace.board(DAY, workspace.rows(DAY))
    ships = next(verdict for verdict in board.verdicts if verdict.id == "ships")
    assert workspace.evaluation("ships", DAY, rows).verdict.sentence == ships.sentence


def test_rows_by_receipt_count_from_the_day_they_came(folder: Path) -> None:
    workspace = workspace_of(folder)
    earlier = date(2026, 11, 22)
    known = workspace.rows(DAY).table.is_known(earlier)
    received = workspace.rows(DAY, by="received").table.is_known(earlier)
    assert (known.sum(), received.sum()) == (2, 0)


def test_a_workspace_reads_its_definitions_once_and_another_one_reads_them_anew(folder: Path) -> None:
    workspace = workspace_of(folder)
    assert "cranes" in workspace.catalog.indicators
    text = (folder / "indicators.yaml").read_text()
    (folder / "indicators.yaml").write_text(text[: text.index("  cranes:")])
    assert "cranes" in workspace.catalog.indicators
    assert "cranes" not in workspace.reread().catalog.indicators


def test_last_good_definitions_stand_unless_the_catalogue_is_taken_as_written(folder: Path) -> None:
    workspace_of(folder).remember_definitions()
    text = (folder / "indicators.yaml").read_text()
    (folder / "indicators.yaml").write_text(text.replace("above: 9", "abov: 9"))
    assert list(workspace_of(folder).catalog.fallbacks) == ["cranes"]
    as_written = workspace_of(folder, is_as_written=True)
    assert (list(as_written.catalog.indicators), list(as_written.catalog.not_loaded)) == (["ships"], ["cranes"])
    assert list(as_written.reread().catalog.not_loaded) == ["cranes"]


def test_an_edited_catalogue_reads_the_files_and_cards_of_another_folder(folder: Path, tmp_path_factory) -> None:  # type: ignore[no-untyped-def]
    edited = tmp_path_factory.mktemp("edited") / "edited.yaml"
    edited.write_text((folder / "indicators.yaml").read_text())
    workspace = Workspace(edited, folder / "var", is_as_written=True, folder=folder)
    assert workspace.catalog.problems == ()
    assert severities(workspace)["ships"] == "critical"


def test_a_fingerprint_is_that_of_the_definitions_that_were_read(folder: Path) -> None:
    path = folder / "indicators.yaml"
    early = workspace_of(folder)
    early.remember_definitions()
    first = workspace_of(folder).fingerprint(DAY)
    assert "cranes" in early.catalog.indicators
    path.write_text(path.read_text().replace("above: 9", "above: 8"))
    late = workspace_of(folder)
    late.remember_definitions()
    assert early.fingerprint(DAY) != late.fingerprint(DAY) == workspace_of(folder).fingerprint(DAY)
    good = path.read_text()
    path.write_text(good.replace("above: 8", "abov: 9"))
    fallen_back = workspace_of(folder)
    assert fallen_back.catalog.fallbacks
    early.reread().remember_definitions()
    path.write_text(good.replace("above: 8", "above: 7"))
    workspace_of(folder).remember_definitions()
    path.write_text(good.replace("above: 8", "abov: 9"))
    assert workspace_of(folder).fingerprint(DAY) != fallen_back.fingerprint(DAY)  # another last good definition
    path.write_text(good.replace("above: 8", "above: 9"))
    assert workspace_of(folder).fingerprint(DAY) == first


def test_a_fingerprint_of_a_file_in_order_needs_no_definition(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Catalog, "canonical_json", property(lambda catalog: pytest.fail(str(catalog.file))))
    assert workspace_of(folder).fingerprint(DAY) == workspace_of(folder).fingerprint(DAY)


def test_the_stamps_change_with_the_catalogue_and_with_each_card(folder: Path) -> None:
    path = folder / "indicators.yaml"
    before = definition_stamps(path)
    assert definition_stamps(path) == before
    break_card(folder)
    with_broken_card = definition_stamps(path)
    (folder / "seeds" / "901.yaml").write_text("")
    assert len({before, with_broken_card, definition_stamps(path)}) == 3


def test_names_that_the_catalogue_lacks_are_refused_with_the_likely_one(folder: Path) -> None:
    catalog = workspace_of(folder).catalog
    assert chosen_indicators([catalog], None) == ["ships", "cranes"]
    assert chosen_indicators([catalog], ["cranes"]) == ["cranes"]
    with pytest.raises(UnknownIndicatorError, match='no indicator crane; did you mean "cranes"'):
        chosen_indicators([catalog], ["crane"])
    expect_sources(catalog, ["ships"])
    with pytest.raises(UnknownSourceError, match='no source ship; did you mean "ships"'):
        expect_sources(catalog, ["ships", "ship"])


# --- evidence cards ---


def test_without_seeds_no_evidence_is_checked_and_nothing_is_wrong(folder: Path) -> None:
    (folder / "seeds" / "900.yaml").unlink()
    (folder / "seeds").rmdir()
    workspace = workspace_of(folder)
    assert (workspace.claims.cards, workspace.claims.problems, workspace.claims.claim_ids) == ((), (), None)
    assert workspace.catalog.problems == ()


def test_evidence_that_no_sound_card_holds_keeps_its_indicator_out(folder: Path) -> None:
    (folder / "indicators.yaml").write_text(CATALOG.replace("CLAIM", "900.9.z"))
    assert list(workspace_of(folder).catalog.not_loaded) == ["ships"]


@pytest.mark.parametrize("is_as_written", [True, False])
def test_a_broken_card_is_a_problem_of_the_catalogue_and_changes_no_verdict(folder: Path, is_as_written: bool) -> None:
    sound = severities(workspace_of(folder, is_as_written=is_as_written))
    break_card(folder)
    workspace = workspace_of(folder, is_as_written=is_as_written)
    (problem,) = workspace.catalog.problems
    assert problem in workspace.claims.problems
    assert CARD_PROBLEM in str(problem)
    assert severities(workspace) == sound == {"ships": "critical", "cranes": "normal"}


def test_a_card_that_the_system_refuses_is_a_problem_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_folder: Path) -> None:
        raise PermissionError(13, "Permission denied", "seeds/900.yaml")

    monkeypatch.setattr("dashboard.workspace.load_cards", refuse)
    assert workspace_of(folder).catalog.problems == (
        Problem("seeds", 0, 0, "", "cannot be read: seeds/900.yaml: Permission denied"),
    )


def test_a_broken_card_beside_a_broken_indicator_hides_neither(folder: Path) -> None:
    break_card(folder)
    text = (folder / "indicators.yaml").read_text()
    (folder / "indicators.yaml").write_text(text.replace("above: 9", "abov: 9"))
    catalog = workspace_of(folder).catalog
    assert list(catalog.not_loaded) == ["cranes"]
    assert {problem.file for problem in catalog.problems} == {"indicators.yaml", "seeds"}


def test_a_catalogue_that_cannot_be_read_is_still_an_error_beside_a_broken_card(folder: Path) -> None:
    break_card(folder)
    (folder / "indicators.yaml").write_text("version: 1\nindicators:\n\tships: {}\n")
    with pytest.raises(CatalogError):
        _ = workspace_of(folder).catalog
    checked = watchfloor(folder, "check")
    assert checked.exit_code == 1
    assert CARD_PROBLEM in checked.stdout


def test_check_exits_with_one_and_names_the_card(folder: Path) -> None:
    break_card(folder)
    checked = watchfloor(folder, "check")
    assert (checked.exit_code, checked.stderr) == (1, "")
    assert CARD_PROBLEM in checked.stdout
    assert len(json.loads(watchfloor(folder, "check", "--json").stdout)) == 1


@pytest.mark.parametrize(
    "command",
    [
        ("evaluate",), ("evaluate", "--json"), ("explain", "ships"), ("history", "ships"), ("test",), ("backtest",),
        ("backtest", "--with", "FOLDER/indicators.yaml"), ("refresh",), ("refresh", "--json"),
        ("inspect", "FOLDER/ships.csv", "--source", "ships"), ("rebuild", "ships"),
    ],
)  # fmt: skip
def test_every_other_command_goes_on_and_says_so(folder: Path, command: tuple[str, ...]) -> None:
    command = tuple(word.replace("FOLDER", str(folder)) for word in command)
    if command[0] == "rebuild":
        watchfloor(folder, "refresh")
    sound = watchfloor(folder, *command)
    break_card(folder)
    done = watchfloor(folder, *command)
    assert (done.exit_code, sound.exit_code) == (0, 0), done.stderr
    problem_lines = [line for line in done.stderr.splitlines() if CARD_PROBLEM in line]
    assert problem_lines
    assert problem_lines[0].startswith("problem: seeds: ")
    if command[0] not in ("refresh", "rebuild"):
        assert done.stdout == sound.stdout


def test_every_page_goes_on_under_an_alert(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CATALOG_VARIABLE, str(folder / "indicators.yaml"))
    monkeypatch.setenv(STATE_VARIABLE, str(folder / "var"))
    break_card(folder)
    for page, query in ((WATCH, {}), (INDICATOR, {"id": "ships"}), (EVIDENCE, {}), (SOURCES, {})):
        text = words(run_page(page, **query))
        assert "The cards of the source documents cannot be read" in text, page
        assert CARD_PROBLEM in text, page
        assert "not known to have appeared" not in text, page
