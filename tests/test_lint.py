"""`check --lint`: notes on what is worth a look, each with its place; they are no problems."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from dashboard.intake import Intake
from dashboard.lint import RULES, Note, lint
from tests.shorthand import catalog, intake, row, rows
from tests.test_cli import watchfloor
from tests.test_shipped import TODAY, shipped

WHOLE = {
    "title": "X",
    "file": "x.csv",
    "owner": "the desk",
    "rationale": "because",
    "legal_basis": "UNSCR 1",
    "evidence": "[1.a]",
    "thresholds": "[{severity: critical, above: 50, basis: law}]",
}
SOME = rows("x", "0 60 0")


def notes(rows: Intake, **changed: str) -> list[Note]:
    """The notes on an indicator that has everything but what is changed; blank takes a key out."""
    keys = {key: value for key, value in {**WHOLE, **changed}.items() if value}
    text = "indicators:\n  x:\n" + "".join(f"    {key}: {value}\n" for key, value in keys.items())
    found = catalog(text, claims={"1.a"})
    return list(lint(found, rows, found.indicators, date(2024, 1, 31)))


def made_by(rows: Intake, **changed: str) -> list[str]:
    return [note.rule for note in notes(rows, **changed)]


def test_an_indicator_that_has_everything_gets_no_note() -> None:
    assert notes(intake(SOME)) == []


@pytest.mark.parametrize(
    ("key", "rule"),
    [
        ("owner", "no_owner"),
        ("rationale", "no_rationale"),
        ("legal_basis", "no_legal_basis"),
        ("evidence", "no_evidence"),
    ],
)
def test_what_is_left_out_is_noted(key: str, rule: str) -> None:
    assert made_by(intake(SOME), **{key: ""}) == [rule]


def test_a_legal_basis_is_asked_for_only_where_something_is_critical_by_law() -> None:
    by_analyst = "[{severity: critical, above: 50, basis: analyst}]"
    warning = "[{severity: warning, above: 50, basis: law}]"
    assert made_by(intake(SOME), legal_basis="", thresholds=by_analyst) == []
    assert made_by(intake(SOME), legal_basis="", thresholds=warning) == []


@pytest.mark.parametrize(
    ("threshold", "said"),
    [
        ("above: 61", "61 is above every figure seen; the largest is 60"),
        ("above: 60", None),
        ("above: 0", None),
        ("above: -1", "-1 is below every figure seen; the smallest is 0"),
        ("below: 70", "70 is above every figure seen; the largest is 60"),
        ("above: 500, basis: law", None),
    ],
)
def test_a_threshold_outside_everything_seen_is_noted_unless_a_law_sets_it(threshold: str, said: str | None) -> None:
    found = notes(intake(SOME), thresholds=f"[{{severity: warning, {threshold}}}]")
    assert [note.place.message for note in found if note.rule == "outside_all_seen"] == ([said] if said else [])


def test_a_threshold_that_a_range_reaches_is_not_outside() -> None:
    assert "outside_all_seen" not in made_by(
        intake(rows("x", "0 40~80 0")), thresholds="[{severity: warning, above: 70}]"
    )


def test_a_superseded_figure_was_never_really_seen() -> None:
    revised = intake(
        [row("x", "2024-01-01", "700"), row("x", "2024-01-01", "7", "2024-01-09"), row("x", "2024-01-02", "3")]
    )
    assert "outside_all_seen" in made_by(revised, thresholds="[{severity: warning, above: 50}]")


def test_a_note_stands_at_its_threshold() -> None:
    (found,) = (
        note for note in notes(intake(SOME), thresholds="[{severity: warning, above: 61}]") if "seen" in str(note)
    )
    assert str(found).startswith("test.yaml:10:18 indicators.x.thresholds[0]: 61 is above")


def test_what_never_fired_is_noted() -> None:
    assert made_by(
        intake(rows("x", "0 10 20 60~70")), thresholds="[{severity: warning, above: 65, certainty: likely}]"
    ) == ["never_fires"]
    assert [note.place.message for note in notes(intake())] == ["never fired: no figure was ever known"]


def test_a_breach_that_was_withdrawn_did_fire() -> None:
    revised = intake(rows("x", "0"), [row("x", "2024-01-05", "70"), row("x", "2024-01-05", "5", "2024-01-09")])
    assert "never_fires" not in made_by(revised)


def test_context_is_not_expected_to_fire() -> None:
    assert made_by(intake(SOME), thresholds="[{severity: info, above: 50}]") == []


def test_what_fires_without_a_break_is_noted() -> None:
    assert made_by(intake(rows("x", "60 70 40~80"))) == ["always_fires"]
    assert made_by(intake(rows("x", "60 70 40 80"))) == []
    assert made_by(intake(rows("x", "60"))) == []


def test_the_rules_are_a_visible_list_and_each_note_names_its_rule() -> None:
    names = [rule.__name__ for rule in RULES]
    assert len(set(names)) == len(names)
    assert {note.rule for note in lint(*shipped(), shipped()[0].indicators, TODAY)} <= set(names)


def test_the_shipped_catalogue_gets_the_notes_that_are_known() -> None:
    """Nobody has been named as an owner yet; what else is noted is true of the published figures."""
    found = [note for note in lint(*shipped(), shipped()[0].indicators, TODAY) if note.rule != "no_owner"]
    assert [(note.place.path, note.rule) for note in found] == [
        ("indicators.petroleum_reported.thresholds[2]", "outside_all_seen"),
        ("indicators.russia_report_overdue", "no_evidence"),
        ("indicators.crude_oil", "never_fires"),
        ("indicators.crude_oil", "no_evidence"),
        ("indicators.voyages_rajin", "no_evidence"),
    ]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    entry = "title: X, file: x.csv, thresholds: [{severity: critical, above: 50}]"
    (tmp_path / "indicators.yaml").write_text(f"version: 1\nindicators:\n  x: {{{entry}}}\n")
    (tmp_path / "x.csv").write_text("date,value\n2024-01-01,70\n2024-01-02,7\n")
    return tmp_path


def test_notes_do_not_change_the_exit_code(folder: Path) -> None:
    found = watchfloor("check", "--lint", folder=folder)
    assert found.returncode == 0
    assert "note: indicators.yaml:3:3 indicators.x: no owner" in found.stdout
    assert found.stdout.splitlines()[-1] == "3 notes"
    assert "note" not in watchfloor("check", folder=folder).stdout


def test_problems_still_make_the_exit_code_one(folder: Path) -> None:
    (folder / "x.csv").write_text("date,value\n2024-01-01,many\n")
    assert watchfloor("check", "--lint", folder=folder).returncode == 1


def test_json_keeps_problems_and_notes_apart(folder: Path) -> None:
    found = json.loads(watchfloor("check", "--lint", "--json", folder=folder).stdout)
    assert set(found) == {"problems", "notes"}
    assert found["problems"] == []
    assert set(found["notes"][0]) == {"rule", "file", "line", "column", "path", "message"}
    assert json.loads(watchfloor("check", "--json", folder=folder).stdout) == []
