"""`check --lint`: notes on what is worth a look, each with its place; they are no problems."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from dashboard.analysis.lint.notes import CATALOG_RULES, RULES, Note, lint
from dashboard.rows.source_rows import SourceRows
from tests.command_line import watchfloor
from tests.shipped import TODAY, shipped, shipped_notes
from tests.shorthand import catalog, intake, row, rows, states

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


def notes(rows: SourceRows, **changed: str) -> list[Note]:
    """The notes on an indicator that has everything but what is changed; blank takes a key out."""
    keys = {key: value for key, value in {**WHOLE, **changed}.items() if value}
    text = "indicators:\n  x:\n" + "".join(f"    {key}: {value}\n" for key, value in keys.items())
    result = catalog(text, claims={"1.a"})
    return list(lint(result, rows, result.indicators, date(2024, 1, 31)))


def rules_noted(rows: SourceRows, **changed: str) -> list[str]:
    return [note.rule for note in notes(rows, **changed)]


def test_a_complete_indicator_gets_no_note() -> None:
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
def test_missing_parts_of_an_indicator_are_noted(key: str, rule: str) -> None:
    assert rules_noted(intake(SOME), **{key: ""}) == [rule]


@pytest.mark.parametrize(
    ("threshold", "said"),
    [
        ("severity: critical, above: 50, basis: law", "critical by law, and no legal_basis: by which act?"),
        ("severity: warning, above: 50, basis: law", "warning by law, and no legal_basis: by which act?"),
        ("severity: critical, above: 50", "critical, and no legal_basis: by which act? or write basis: analyst"),
        ("severity: critical, above: 50, basis: analyst", None),
        ("severity: warning, above: 50", None),
    ],
)
def test_a_legal_basis_is_demanded_where_a_law_sets_the_level_or_its_origin_is_unknown(
    threshold: str, said: str | None
) -> None:
    result = notes(intake(SOME), legal_basis="", thresholds=f"[{{{threshold}}}]")
    assert [note.place.message for note in result] == ([said] if said else [])


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
    result = notes(intake(SOME), thresholds=f"[{{severity: warning, {threshold}}}]")
    assert [note.place.message for note in result if note.rule == "outside_all_seen"] == ([said] if said else [])


def test_a_threshold_that_a_range_reaches_is_not_outside() -> None:
    assert "outside_all_seen" not in rules_noted(
        intake(rows("x", "0 40~80 0")), thresholds="[{severity: warning, above: 70}]"
    )


def test_a_superseded_figure_does_not_count_as_seen() -> None:
    revised = intake(
        [row("x", "2024-01-01", "700"), row("x", "2024-01-01", "7", "2024-01-09"), row("x", "2024-01-02", "3")]
    )
    assert "outside_all_seen" in rules_noted(revised, thresholds="[{severity: warning, above: 50}]")


def test_a_note_stands_at_its_threshold() -> None:
    (result,) = (
        note for note in notes(intake(SOME), thresholds="[{severity: warning, above: 61}]") if "seen" in str(note)
    )
    assert str(result).startswith("test.yaml:10:18 indicators.x.thresholds[0]: 61 is above")


def waits(rows: SourceRows, lasting: str, source: str = "", **more: str) -> list[str]:
    """What is said of `for` on a source that is declared with more keys."""
    keys = {**WHOLE, "file": "", "sources": "[s, t]" if "combine" in more else "[s]", **more}
    keys["thresholds"] = f"[{{severity: critical, above: 50, basis: law, for: {lasting}}}]"
    declared = "".join(f"  {name}: {{title: {name.upper()}, file: {name}.csv, kind: flow{source}}}\n" for name in "st")
    entry = "".join(f"    {key}: {value}\n" for key, value in keys.items() if value)
    result = catalog(f"sources:\n{declared}indicators:\n  x:\n{entry}", claims={"1.a"})
    made = lint(result, rows, result.indicators, date(2024, 6, 30))
    return [note.place.message for note in made if note.rule == "waits_less_than_the_cadence"]


MONTHS = [row("s", month, "70") for month in ("2024-01", "2024-02", "2024-03", "2024-04")]


@pytest.mark.parametrize(
    ("lasting", "source", "said"),
    [
        ("3d", ", expect_every: 1mo", "the cadence of S, 1 month"),
        ("27d", ", expect_every: 1mo", "the cadence of S, 1 month"),
        ("30d", ", expect_every: 1mo", None),  # from 31 January it takes until the third figure
        ("1mo", ", expect_every: 1mo", None),
        ("1mo", ", expect_every: 1y", "the cadence of S, 1 year"),
        ("3d", "", "the 30 days usual between figures of S"),
        ("40d", "", None),
        ('"2 figures"', ", expect_every: 1mo", None),
    ],
)
def test_the_note_on_a_for_shorter_than_the_cadence_explains_it_and_suggests_a_value(
    lasting: str, source: str, said: str | None
) -> None:
    result = waits(intake(MONTHS), lasting, source)
    assert len(result) == (said is not None)
    for message in result:
        assert message.startswith(f"for: {lasting} is shorter than {said}: one figure never suffices")
        assert 'write "2 figures"' in message


def test_a_for_shorter_than_the_cadence_is_known_before_any_figure_is() -> None:
    assert len(waits(intake(), "3d", ", expect_every: 1mo")) == 1
    assert waits(intake(), "3d") == []


@pytest.mark.parametrize(
    ("days", "lasting", "often"),
    [
        ("2024-01-31 2024-02-29 2024-03-31", "20d", "always"),
        ("2024-01-31 2024-02-20 2024-03-31", "20d", "usually"),  # as close as `for` is long
        ("2024-01-01 2024-01-02 2024-01-03", "20d", "usually"),  # far closer than declared
        ("2024-01-31", "20d", "usually"),  # nothing shows how close they come
        ("", "20d", "usually"),
    ],
)
def test_the_note_says_that_the_second_figure_suffices_only_if_no_two_figures_came_closer(
    days: str, lasting: str, often: str
) -> None:
    (said,) = waits(intake([row("s", day, "70") for day in days.split()]), lasting, ", expect_every: 1mo")
    assert f"the next {often} does if it passes too" in said


def test_the_cadence_of_several_sources_together_is_that_of_their_figures() -> None:
    between = [row("t", f"2024-0{month}-10", "70") for month in (1, 2, 3, 4)]
    assert waits(intake(MONTHS, between), "20d", ", expect_every: 1mo", combine="max") == []
    assert len(waits(intake(MONTHS), "20d", ", expect_every: 1mo", combine="max")) == 1


def test_a_short_for_does_mean_two_figures() -> None:
    words = "70 0 70 70 0"
    by_count = states(words, 'severity: warning, above: 50, for: "2 figures"', step=30)
    assert states(words, "severity: warning, above: 50, for: 3d", step=30) == by_count
    assert by_count == "pending - pending firing resolved"


def test_days_of_silence_pass_every_day_whatever_the_cadence() -> None:
    silent = "[{severity: critical, overdue_after: 30d, basis: law, for: 3d}]"
    source = "sources:\n  s: {title: S, file: s.csv, expect_every: 1mo}\n"
    result = catalog(f"{source}indicators:\n  x: {{title: X, unit: days, sources: [s], thresholds: {silent}}}\n")
    made = lint(result, intake(MONTHS), result.indicators, date(2024, 6, 30))
    assert "waits_less_than_the_cadence" not in {note.rule for note in made}


@pytest.mark.parametrize(
    ("threshold", "said"),
    [
        ("above: 50, recover_below: 50", None),
        ("above: 50, recover_below: 60", "recover_below: 60 lies where figures pass; write 50 or less"),
        ("above: 50, recover_above: 40", "recover_above: figures pass upwards, so what ends it lies below"),
        ("below: 50, recover_above: 60", None),
        ("below: 50, recover_above: 40", "recover_above: 40 lies where figures pass; write 50 or more"),
        ("below: 50, recover_below: 40", "recover_below: figures pass downwards, so what ends it lies above"),
        ("'outside': [10, 50], recover_below: 40, recover_above: 20", None),
        ("'outside': [10, 50], recover_below: 5", "recover_below: 5 lies where figures pass; write 10 or more"),
        ("'outside': [10, 50], recover_above: 60", "recover_above: 60 lies where figures pass; write 50 or less"),
        ("'outside': [10, 50], recover_below: 20, recover_above: 30", "no figure is both 20 or below and 30 or above"),
        ("change_above: 10, recover_below: 30", None),
        ("change_above: 10, recover_below: 90", "recover_below: 90 lies where figures pass; write 66 or less"),
        ("times_baseline: 2, recover_below: 90", None),  # no baseline of five figures is known
        ("times_baseline: 2, recover_above: 9", "recover_above: figures pass upwards, so what ends it lies below"),
    ],
)
def test_a_recovery_level_on_the_wrong_side_is_noted(threshold: str, said: str | None) -> None:
    result = notes(intake(SOME), thresholds=f"[{{severity: critical, basis: law, {threshold}}}]")
    made = [note.place.message for note in result if note.rule == "recovers_on_the_wrong_side"]
    assert len(made) == (said is not None)
    assert all(message.startswith(str(said)) for message in made)


def test_a_threshold_that_never_fired_is_noted() -> None:
    assert rules_noted(
        intake(rows("x", "0 10 20 60~70")), thresholds="[{severity: warning, above: 65, passed_by: value}]"
    ) == ["never_fires"]
    assert [note.place.message for note in notes(intake())] == ["never fired: no figure was ever known"]


def test_a_breach_that_was_withdrawn_did_fire() -> None:
    revised = intake(rows("x", "0"), [row("x", "2024-01-05", "70"), row("x", "2024-01-05", "5", "2024-01-09")])
    assert "never_fires" not in rules_noted(revised)


def test_context_is_not_expected_to_fire() -> None:
    assert rules_noted(intake(SOME), thresholds="[{severity: info, above: 50}]") == []


def test_a_threshold_that_fires_without_a_break_is_noted() -> None:
    assert rules_noted(intake(rows("x", "60 70 40~80"))) == ["always_fires"]
    assert rules_noted(intake(rows("x", "60 70 40 80"))) == []
    assert rules_noted(intake(rows("x", "60"))) == []


def many(critical: int, warning: int, info: int, without: int = 0) -> list[str]:
    """What is said of all indicators together, of so many of each severity."""
    severities = ["critical"] * critical + ["warning"] * warning + ["info"] * info
    entries = [
        f"  x{at}: {{title: X, file: x.csv, thresholds: [{{severity: {severity}, above: 50}}]}}\n"
        for at, severity in enumerate(severities)
    ]
    entries += [f"  y{at}: {{title: Y, file: y.csv}}\n" for at in range(without)]
    result = catalog("indicators:\n" + "".join(entries))
    made = lint(result, intake(), result.indicators, date(2024, 1, 31))
    return [note.place.message for note in made if note.rule == "shares_of_severities"]


def test_the_shares_of_the_severities_are_compared_with_the_advised_shares() -> None:
    (said,) = many(critical=6, warning=4, info=2)
    assert said.startswith("of 12 indicators with thresholds, 6 critical (50 %), 4 warning (33 %) and 2 info (17 %)")
    assert "EEMUA 191 advises about 5, 15 and 80 %" in said


def test_indicators_without_thresholds_have_no_share() -> None:
    assert many(critical=6, warning=4, info=2, without=3) == many(critical=6, warning=4, info=2)
    assert many(critical=0, warning=0, info=0, without=12) == []


def test_few_indicators_get_no_note_on_shares() -> None:
    assert many(critical=9, warning=0, info=0) == []


def test_only_a_check_of_the_whole_catalogue_notes_shares() -> None:
    catalogue, figures = shipped()
    some = list(catalogue.indicators)[:15]
    assert "shares_of_severities" not in {note.rule for note in lint(catalogue, figures, some, TODAY)}


def test_an_indicator_counts_once_by_its_worst_severity() -> None:
    (note,) = (note for note in shipped_notes() if note.rule == "shares_of_severities")
    assert note.place.path == "indicators"
    assert note.place.message.startswith(
        "of 23 indicators with thresholds, 13 critical (57 %), 4 warning (17 %) and 6 info (26 %)"
    )


def test_the_rules_are_a_visible_list_and_each_note_names_its_rule() -> None:
    names = [rule.__name__ for rule in (*RULES, *CATALOG_RULES)]
    assert len(set(names)) == len(names)
    assert {note.rule for note in shipped_notes()} <= set(names)


def test_every_shipped_indicator_has_an_owner() -> None:
    assert [name for name, indicator in shipped()[0].indicators.items() if not indicator.owner] == []


def test_the_shipped_catalogue_gets_only_the_known_notes() -> None:
    """What is noted is true of the published figures, and of what no document says."""
    assert [(note.place.path, note.rule) for note in shipped_notes()] == [
        ("indicators", "shares_of_severities"),
        ("indicators.petroleum_reported.thresholds[2]", "outside_all_seen"),
        ("indicators.russia_report_overdue", "no_evidence"),
        ("indicators.crude_oil", "never_fires"),
        ("indicators.crude_oil", "no_evidence"),
        ("indicators.voyages_rajin", "no_evidence"),
        ("indicators.russian_trips", "no_evidence"),
    ]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    entry = "title: X, file: x.csv, thresholds: [{severity: critical, above: 50}]"
    (tmp_path / "indicators.yaml").write_text(f"version: 1\nindicators:\n  x: {{{entry}}}\n")
    (tmp_path / "x.csv").write_text("date,value\n2024-01-01,70\n2024-01-02,7\n")
    return tmp_path


def test_notes_do_not_change_the_exit_code(folder: Path) -> None:
    result = watchfloor("check", "--lint", folder=folder)
    assert result.returncode == 0
    assert "note: indicators.yaml:3:3 indicators.x: no owner" in result.stdout
    assert result.stdout.splitlines()[-1] == "4 notes"
    assert "note" not in watchfloor("check", folder=folder).stdout


def test_problems_still_make_the_exit_code_one(folder: Path) -> None:
    (folder / "x.csv").write_text("date,value\n2024-01-01,many\n")
    assert watchfloor("check", "--lint", folder=folder).returncode == 1


def test_json_keeps_problems_and_notes_apart(folder: Path) -> None:
    result = json.loads(watchfloor("check", "--lint", "--json", folder=folder).stdout)
    assert set(result) == {"problems", "notes"}
    assert result["problems"] == []
    assert set(result["notes"][0]) == {"rule", "file", "line", "column", "path", "message"}
    assert json.loads(watchfloor("check", "--json", folder=folder).stdout) == []
