"""One-line series: what the board says day by day, for every pair of a state and a missing value."""

from __future__ import annotations

import pytest

from tests.shorthand import evaluation, intake, rows, rulebook, states, verdict

ABOVE = "severity: critical, above: 50"
OCCURS = "severity: critical, occurs: any, window: 5d"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("0 70 70 0", "- firing firing resolved"),
        ("0 _ _ 0", "- - - -"),
        ("0 . . 0", "- - - -"),
        ("_ _ 0", "? ? -"),
        (". . 70", "? ? firing"),
        ("70 _ _ 70", "firing firing firing firing"),
        ("70 . . 70", "firing firing firing firing"),
        ("70 0 _ .", "firing resolved resolved resolved"),
        ("70 0 _ 70", "firing resolved resolved firing"),
        ("70 0 70 0", "firing resolved firing resolved"),
        ("50 50.1", "- firing"),
    ],
)
def test_a_missing_value_neither_raises_nor_resolves_a_level(words: str, expected: str) -> None:
    assert states(words, ABOVE) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("0 1 0", "- firing resolved"),
        ("1 . . . . . . .", "firing firing firing firing firing firing on_record on_record"),
        ("1 _ _ _ _ _ _ _", "firing firing firing firing firing firing on_record on_record"),
        ("1 . . . . . . 1", "firing firing firing firing firing firing on_record firing"),
        ("1 . . . . . . 0 . 1", "firing firing firing firing firing firing on_record resolved resolved firing"),
        ("_ . 0", "? ? -"),
    ],
)
def test_an_occurrence_fires_for_its_window_and_then_stands_on_record(words: str, expected: str) -> None:
    assert states(words, OCCURS, kind="event") == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("0 . . . .", "- - - ? ?"),
        ("70 . . . .", "firing firing firing firing firing"),
        ("70 0 . . . .", "firing resolved resolved resolved resolved? resolved?"),
        ("0 _ _ _ _", "- - - ? ?"),
    ],
)
def test_an_old_value_is_never_normal_and_never_ends_an_alert(words: str, expected: str) -> None:
    """Observations 40 days apart: late after 45 days, stale after 90."""
    assert states(words, ABOVE, step=40) == expected


@pytest.mark.parametrize(
    ("figure", "severity", "passed_by"),
    [
        ("70", "critical", "value"),
        ("60~80", "critical", "lowest"),
        ("40~80", "critical", "highest"),
        (">70", "critical", "lowest"),
        ("<70", "critical", "highest"),
        ("<40", "normal", None),
        ("40", "normal", None),
        ("30~50", "normal", None),
    ],
)
def test_low_value_and_high_give_confirmed_likely_and_possible(
    figure: str, severity: str, passed_by: str | None
) -> None:
    result = verdict(rulebook(ABOVE), intake(rows("s", figure)), "2024-01-01")
    assert result.severity is not None
    assert (result.severity.word, result.passed_by and result.passed_by.word) == (severity, passed_by)


@pytest.mark.parametrize(("figure", "exact"), [("70", "lowest"), (">70", "lowest"), ("40~80", "highest")])
def test_a_number_of_an_exact_source_has_itself_as_range(figure: str, exact: str) -> None:
    result = verdict(rulebook(ABOVE, source="exact: true"), intake(rows("s", figure)), "2024-01-01")
    assert result.passed_by is not None
    assert result.passed_by.word == exact


def test_a_number_without_a_range_confirms_that_something_occurred_but_not_how_much() -> None:
    thresholds = "severity: critical, occurs: any, passed_by: lowest"
    assert verdict(rulebook(thresholds), intake(rows("s", "70")), "2024-01-01").severity is not None
    assert verdict(rulebook(thresholds), intake(rows("s", "0~70")), "2024-01-01").severity is None
    assert verdict(rulebook(ABOVE + ", passed_by: lowest"), intake(rows("s", "70")), "2024-01-01").severity is None


@pytest.mark.parametrize(("words", "passed_by"), [("40", "value"), ("30~40", "lowest"), (">40", "highest")])
def test_below_is_certain_only_where_a_claimant_vouches_for_the_high_end(words: str, passed_by: str) -> None:
    result = verdict(rulebook("severity: warning, below: 50"), intake(rows("s", words)), "2024-01-01")
    assert result.passed_by is not None
    assert result.passed_by.word == passed_by


def test_a_value_inside_its_range_is_likely() -> None:
    given = rows("s", "40~80")
    given[0]["value"] = 60.0
    result = verdict(rulebook(ABOVE), intake(given), "2024-01-01")
    assert result.passed_by is not None
    assert result.passed_by.word == "value"


def test_a_breach_less_sure_than_demanded_is_not_raised_and_not_normal_either() -> None:
    result = verdict(
        rulebook("severity: critical, above: 50, passed_by: lowest"), intake(rows("s", "40~80")), "2024-01-01"
    )
    assert (result.severity, result.state.value) == (None, "inactive")
    assert "though not the one that the rule asks for" in result.sentence


def test_the_worst_severity_decides_with_the_end_that_passes_its_own_threshold() -> None:
    thresholds = "severity: warning, above: 10 | severity: critical, above: 50"
    result = verdict(rulebook(thresholds), intake(rows("s", "20~80")), "2024-01-01")
    assert result.severity is not None
    assert result.passed_by is not None
    assert (result.severity.word, result.passed_by.word) == ("critical", "highest")


def test_context_is_info_and_never_an_alarm() -> None:
    result = evaluation(rulebook("severity: info, occurs: any", kind="event"), intake(rows("s", "1")), "2024-01-01")
    assert result.verdict.severity is not None
    assert (result.verdict.severity.word, result.verdict.state.value, result.episodes) == ("info", "inactive", ())


def test_below_mirrors_above() -> None:
    assert states("60 40 _ 60", "severity: warning, below: 50") == "- firing firing resolved"


def test_after_a_recovery_the_verdict_rests_on_the_row_that_calmed_it() -> None:
    result = evaluation(rulebook("severity: warning, above: 80"), intake(rows("s", "85 75")), "2024-01-02")
    assert [int(result.all_rows["line"].iloc[position]) for position in result.rests_on] == [2, 3]


@pytest.mark.parametrize(
    ("words", "expected"),
    [("0 6~6", "firing resolved"), ("0 >6", "firing resolved"), ("0 >4", "firing firing"), ("0 <6", "firing firing")],
)
def test_a_figure_with_or_more_is_surely_not_below_a_smaller_level(words: str, expected: str) -> None:
    assert states(words, "severity: warning, below: 5") == expected


def test_a_figure_with_or_more_lies_inside_no_band() -> None:
    assert states("50 >20 >95", "severity: warning, outside: [10, 90]") == "- ? firing"
