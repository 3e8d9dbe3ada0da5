"""The `tests:` of the YAML: read strictly, run through the board's own evaluation, and able to fail."""

from __future__ import annotations

import json
from datetime import date
from math import isnan
from pathlib import Path

import pytest

from dashboard.analysis.rule_tests import Outcome, intake_of, run_tests, unexercised
from dashboard.catalog.loader import load_catalog, parse_catalog
from dashboard.catalog.rule_test import parse_figures
from tests import shorthand
from tests.command_line import watchfloor

ROOT = Path(__file__).parents[2]
CAP = """
sources:
  a: {title: A, file: a.csv, kind: flow}
  b: {title: B, file: b.csv, kind: flow}
indicators:
  x:
    title: X
    sources: [a, b]
    combine: sum
    accumulate: calendar_year
    limit: 500000
    thresholds:
      - {severity: warning, at_percent: 75}
      - {severity: critical, at_percent: 100}
    tests:
"""


def outcome(test: str, text: str = CAP) -> Outcome:
    (result,) = run_tests(shorthand.catalog(f"{text}      - {test}\n"), ["x"])
    return result


@pytest.mark.parametrize(
    ("text", "low", "value", "high"),
    [
        ("2024-01 200000", None, 200_000, None),
        ("2024-01 40~80", 40, None, 80),
        ("2024-01 >5", 5, 5, None),
        ("2024-01 <9", None, None, 9),
        ("2024-01 _", None, None, None),
        ("2024-01 0.5", None, 0.5, None),
    ],
)
def test_a_figure_is_a_number_a_range_a_bound_or_missing(
    text: str, low: float | None, value: float | None, high: float | None
) -> None:
    (result,) = parse_figures(text)
    assert [None if isnan(side) else side for side in (result.low, result.value, result.high)] == [low, value, high]


@pytest.mark.parametrize(
    ("text", "published"),
    [
        ("2024-02 5", "2024-02-29"),
        ("2024-02 5 @2024-03-21", "2024-03-21"),
        ("2024-02 5@2024-03", "2024-03-31"),
        ("2024-03-07/2024-11-05 5", "2024-11-05"),
    ],
)
def test_a_figure_is_published_at_the_end_of_its_period_unless_it_says_otherwise(text: str, published: str) -> None:
    assert str(parse_figures(text)[0].published) == published


@pytest.mark.parametrize(
    ("text", "unit"),
    [("2024-02 5", ""), ("2024-02 5 t", "t"), ("2024-02 40~80 bbl @2024-03", "bbl"), ("2024-02 >5 m3@2024-03", "m3")],
)
def test_a_unit_may_stand_behind_a_figure(text: str, unit: str) -> None:
    assert parse_figures(text)[0].unit == unit


def test_blank_text_is_no_row_at_all() -> None:
    assert parse_figures(" ") == ()
    result = outcome('{given: "", as_of: 2024-03-15, expect: not assessed}')
    assert result.has_passed
    assert "no figure" in result.verdict.sentence


@pytest.mark.parametrize(
    "text",
    [
        "2024-01", "200000", "2024-01 200,000", "2024-13 5", "2024-01 five", "2024-01 80~40", "2024-01 1e5",
        "2024-01 5 @tomorrow", "2024-05 5 @2024-04-30", "2024-02-01/2024-01-01 5", "2024-01 5 6", "2024-01 5,",
        "2024-01 ~8", "2024-01 >", "2024-01 200 000", "2024-01 5 or more", "2024-01 5 t t",
    ],
)  # fmt: skip
def test_an_unreadable_figure_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match='"'):
        parse_figures(text)


def test_a_test_is_judged_as_the_board_judges_rows() -> None:
    """The same figures as rows, by the evaluation of everything, say the same in every word."""
    given = '{a: "2024-01 200000, 2024-02 310000 @2024-04-02", b: "2024-01 _"}'
    result = outcome(f"{{given: {given}, as_of: 2024-04-15, expect: critical}}")
    catalog = shorthand.catalog(CAP.removesuffix("    tests:\n"))
    rows = [
        shorthand.row("a", "2024-01", "200000"),
        shorthand.row("a", "2024-02", "310000", "2024-04-02"),
        shorthand.row("b", "2024-01", "_"),
    ]
    board = shorthand.verdict(catalog, shorthand.intake(rows), "2024-04-15")
    assert result.has_passed
    assert result.verdict.sentence == board.sentence
    assert (result.verdict.severity, result.verdict.state) == (board.severity, board.state)


@pytest.mark.parametrize(
    ("expected", "passes"),
    [
        ("expect: critical", True),
        ("expect: critical, state: firing, passed_by: value", True),
        ("expect: warning", False),
        ("expect: not assessed", False),
        ("expect: critical, state: on_record", False),
        ("expect: critical, passed_by: highest", False),
    ],
)
def test_a_test_fails_where_severity_state_or_the_end_that_passes_differ(expected: str, passes: bool) -> None:
    assert outcome(f'{{given: "2024-01 200000, 2024-02 310000", as_of: 2024-03-15, {expected}}}').has_passed is passes


def test_a_figure_published_after_the_instant_is_not_known_yet() -> None:
    given = 'given: {a: "2024-01 200000, 2024-02 310000 @2024-04-02", b: "2024-01 0, 2024-02 0"}'
    assert outcome(f"{{{given}, as_of: 2024-04-01, expect: not assessed}}").has_passed
    assert outcome(f"{{{given}, as_of: 2024-04-02, expect: critical}}").has_passed


def test_figures_without_a_source_belong_to_the_first_source_so_the_sum_of_two_is_a_minimum() -> None:
    assert outcome('{given: "2024-01 5", as_of: 2024-02-15, expect: not assessed}').has_passed
    assert outcome('{given: {a: "2024-01 5", b: "2024-01 5"}, as_of: 2024-02-15, expect: normal}').has_passed


def test_a_cited_baseline_is_given_like_a_source() -> None:
    text = """
sources:
  s: {title: S, file: s.csv}
  usual: {title: Usual, file: u.csv}
indicators:
  x:
    title: X
    sources: [s]
    thresholds: [{severity: critical, times_baseline: 2, baseline: usual}]
    tests:
"""
    cited = '{given: {s: "2024-01-05 41", usual: "2024-01-01 20"}, as_of: 2024-01-05, expect: critical}'
    assert outcome(cited, text).has_passed
    assert outcome('{given: "2024-01-05 41", as_of: 2024-01-05, expect: not assessed}', text).has_passed


def test_an_indicator_with_a_file_of_its_own_is_tested_like_any_other() -> None:
    entry = ("title: X", "file: x.csv", "thresholds: [{severity: warning, above: 5}]", "tests:\n")
    text = "\n    ".join(["indicators:\n  x:", *entry])
    assert outcome('{given: "2024-01-05 6", as_of: 2024-01-05, expect: warning}', text).has_passed
    assert outcome('{given: {x: "2024-01-05 5"}, as_of: 2024-01-05, expect: normal}', text).has_passed


def test_thresholds_that_decide_no_test_are_named_with_their_place() -> None:
    catalog = shorthand.catalog(f'{CAP}      - {{given: "2024-01 400000", as_of: 2024-03-15, expect: warning}}\n')
    (result,) = unexercised(catalog, ["x"], list(run_tests(catalog, ["x"])))
    assert str(result) == "test.yaml:15 x.thresholds[1] critical, at_percent: 100"


def test_a_large_level_is_written_without_a_power_of_ten() -> None:
    text = "indicators: {x: {title: X, file: x.csv, thresholds: [{severity: warning, above: 1000000}]}}"
    (result,) = unexercised(shorthand.catalog(text), ["x"], [])
    assert result.rule == "warning, above: 1,000,000"


def test_examples_are_no_part_of_the_definition() -> None:
    """A board's version does not change with an example, since no verdict can."""
    plain = shorthand.catalog(CAP.removesuffix("    tests:\n"))
    tested = shorthand.catalog(f'{CAP}      - {{given: "2024-01 5", as_of: 2024-03-15, expect: warning}}\n')
    assert plain.canonical_json == tested.canonical_json


@pytest.mark.parametrize(
    ("test", "message"),
    [
        (
            '{given: "2024-01 5", as_of: 2024-03-15, expect: severe}',
            "tests[0].expect: expected 'normal', 'info', 'warning', 'critical' or 'not assessed', found \"severe\"",
        ),
        ('{given: "2024-01 5", as_of: 2024-03-15}', "tests[0].expect: required, but missing"),
        (
            '{given: "2024-01 5", as_of: 2024-03-15, expct: normal, expect: normal}',
            'tests[0].expct: unknown key; did you mean "expect"?',
        ),
        (
            '{given: "2024-01 5", as_of: 2024-02-30, expect: normal}',
            'tests[0].as_of: "2024-02-30" is not in the calendar',
        ),
        ("{given: 5, as_of: 2024-03-15, expect: normal}", "tests[0].given: expected text, found 5; put it in quotes"),
        (
            "{given: {a: 5}, as_of: 2024-03-15, expect: normal}",
            "tests[0].given.a: expected text, found 5; put it in quotes",
        ),
        ('{given: {c: "2024-01 5"}, as_of: 2024-03-15, expect: normal}', "tests[0].given.c: it reads no source c"),
        (
            '{given: {a: "2024-01 five"}, as_of: 2024-03-15, expect: normal}',
            'tests[0].given.a: "five" is not a figure like 200000, 40~80, >5, <9 or _',
        ),
        ('{given: "2024-01 -5", as_of: 2024-03-15, expect: normal}', "an amount or a count cannot be negative"),
        (
            '{given: "2024-01 5", as_of: 2024-03-15, expect: not assessed, passed_by: value}',
            "tests[0].passed_by: not assessed passes nothing; take passed_by: out",
        ),
    ],
)
def test_a_mistake_in_a_test_is_named_with_its_place(test: str, message: str) -> None:
    result = parse_catalog(f"version: 1{CAP}      - {test}\n", "test.yaml", Path())
    assert [(problem.line, message in str(problem)) for problem in result.problems] == [(16, True)], result.problems


def test_the_shipped_examples_pass_and_cover_every_threshold_of_their_indicators() -> None:
    catalog = load_catalog(ROOT / "indicators.yaml")
    tested = [name for name, indicator in catalog.indicators.items() if indicator.tests]
    outcomes = list(run_tests(catalog, tested))
    assert [str(one) for one in outcomes if not one.has_passed] == []
    assert {
        "petroleum_estimated", "petroleum_reported", "russia_report_overdue", "tumangang_railcars",
        "tanker_calls_vostochny", "munitions_containers",
    } <= set(tested)  # fmt: skip
    assert [str(one) for one in unexercised(catalog, tested, outcomes)] == []


def test_the_figures_of_a_test_stand_where_the_test_does() -> None:
    catalog = shorthand.catalog(f'{CAP}      - {{given: "2024-01 5, 2024-01 6", as_of: 2024-03-15, expect: normal}}\n')
    intake = intake_of(catalog.indicators["x"].tests[0], catalog.indicators["x"], "test.yaml", 17)
    assert list(intake.rows["line"]) == [17, 17]
    (result,) = run_tests(catalog, ["x"])
    assert not result.has_passed
    assert "about the same period" in result.verdict.problems[0].message
    assert intake.rows["end"].iloc[0].date() == date(2024, 1, 31)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "indicators.yaml").write_text(
        "version: 1\nindicators:\n"
        "  good:\n    title: Good\n    file: g.csv\n    thresholds: [{severity: warning, above: 5}]\n"
        '    tests: [{given: "2024-01-05 6", as_of: 2024-01-05, expect: warning}]\n'
        "  bad:\n    title: Bad\n    file: b.csv\n    thresholds: [{severity: warning, above: 5}]\n"
        '    tests: [{given: "2024-01-05 6", as_of: 2024-01-05, expect: critical}]\n'
    )
    return tmp_path


def test_the_command_prints_failed_tests_and_exits_with_code_1(folder: Path) -> None:
    result = watchfloor("test", folder=folder)
    assert result.returncode == 1
    assert result.stdout.splitlines()[:3] == [
        "good .",
        "bad F",
        "FAILED indicators.yaml:12 bad.tests[0] as of 2024-01-05: expected critical, found warning, firing, value",
    ]
    assert result.stdout.splitlines()[-1] == "1 failed, 1 passed"
    assert watchfloor("test", "good", folder=folder).returncode == 0


def test_the_command_prints_json(folder: Path) -> None:
    result = json.loads(watchfloor("test", "--json", folder=folder).stdout)
    assert set(result) == {"passed", "failed", "tests", "without_example", "not_loaded"}
    assert (result["passed"], result["failed"], result["not_loaded"]) == (1, 1, [])
    assert set(result["tests"][0]) == {"indicator", "number", "file", "line", "as_of", "passed", "expected", "found"}
    assert [one["passed"] for one in result["tests"]] == [True, False]


def test_the_command_needs_the_indicators_to_exist_and_to_load(folder: Path) -> None:
    unknown = watchfloor("test", "goo", folder=folder)
    assert (unknown.returncode, unknown.stderr.strip()) == (2, 'no indicator goo; did you mean "good"?')
    text = (folder / "indicators.yaml").read_text().replace("expect: critical", "expect: severe")
    (folder / "indicators.yaml").write_text(text)
    result = watchfloor("test", folder=folder)
    assert (result.returncode, "bad is not loaded" in result.stderr) == (1, True)
