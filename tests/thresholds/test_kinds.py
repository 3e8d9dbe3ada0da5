"""Each threshold kind and each way of combining sources, on series that fit on a line."""

from __future__ import annotations

import pytest

from dashboard.domain.verdict import Verdict
from dashboard.thresholds.threshold import Threshold
from tests.shorthand import catalog, evaluation, intake, outcome, row, rows, rulebook, states, verdict

BASELINE = """
sources:
  s: {title: S, file: s.csv}
  usual: {title: Usual, file: u.csv}
indicators:
  x: {title: X, sources: [s], thresholds: [{severity: critical, times_baseline: 2, baseline: usual}]}
"""


@pytest.mark.parametrize(
    ("figure", "expected"),
    [
        ("41", ("critical", "value", "firing")),
        ("40", ("normal", None, "inactive")),
        ("39~73", ("critical", "highest", "firing")),
        ("70~73", ("critical", "lowest", "firing")),
    ],
)
def test_times_baseline_compares_with_the_cited_row(figure: str, expected: tuple[str | None, str | None, str]) -> None:
    inputs = intake(rows("s", figure), [row("usual", "2023", "20", high=20.0)])
    assert outcome(verdict(catalog(BASELINE), inputs, "2024-01-01")) == expected


def test_a_baseline_without_a_range_confirms_nothing() -> None:
    inputs = intake(rows("s", "70~73"), [row("usual", "2023", "20")])
    assert outcome(verdict(catalog(BASELINE), inputs, "2024-01-01")) == ("critical", "value", "firing")


def test_a_baseline_with_a_range_confirms_only_above_its_high_end() -> None:
    inputs = intake(rows("s", "50"), [row("usual", "2023", "10~30", value=20.0)])
    assert outcome(verdict(catalog(BASELINE), inputs, "2024-01-01")) == ("critical", "value", "firing")


def test_a_breach_is_known_only_since_its_baseline_is() -> None:
    inputs = intake(rows("s", "50"), [row("usual", "2023", "20", published="2024-01-20")])
    assert outcome(verdict(catalog(BASELINE), inputs, "2024-01-19"))[0] is None
    assert str(verdict(catalog(BASELINE), inputs, "2024-01-20").known_since) == "2024-01-20"


def test_without_a_cited_baseline_the_largest_earlier_figure_counts_once_there_are_five() -> None:
    assert states("1 1 1 9 9", "severity: warning, times_baseline: 2") == "? ? ? ? ?"
    assert states("1 1 1 1 1 3 2", "severity: warning, times_baseline: 2").split()[5:] == ["firing", "resolved"]


def test_a_breach_does_not_become_usual() -> None:
    expected = states("1 1 1 1 1 3 5 9", "severity: warning, times_baseline: 2")
    assert expected.split()[5:] == ["firing", "firing", "firing"]


def test_the_median_is_not_moved_by_one_large_figure() -> None:
    expected = states("1 1 1 1 9 3", "severity: warning, times_baseline: 2, trailing: median")
    assert expected.split()[5] == "firing"


OUTSIDE = "severity: warning, outside: [10, 90]"


@pytest.mark.parametrize(
    ("figure", "expected"),
    [
        ("10", ("normal", None, "inactive")),
        ("90", ("normal", None, "inactive")),
        ("9", ("warning", "value", "firing")),
        ("91", ("warning", "value", "firing")),
        ("5~8", ("warning", "lowest", "firing")),
        ("91~95", ("warning", "lowest", "firing")),
        ("8~20", ("warning", "highest", "firing")),
        ("80~95", ("warning", "highest", "firing")),
        ("5~95", ("warning", "highest", "firing")),
        (">91", ("warning", "lowest", "firing")),
        (">50", (None, None, "inactive")),
        (">5", ("warning", "highest", "firing")),
        ("<5", ("warning", "lowest", "firing")),
        ("<50", (None, None, "inactive")),
        ("_", (None, None, "inactive")),
    ],
)
def test_outside_a_band_is_below_its_first_level_or_above_its_second(
    figure: str, expected: tuple[str | None, str | None, str]
) -> None:
    assert outcome(verdict(rulebook(OUTSIDE), intake(rows("s", figure)), "2024-01-01")) == expected


def test_a_figure_outside_a_band_names_its_side() -> None:
    assert states("50 5 _ . 50 95", OUTSIDE) == "- firing firing firing resolved firing"
    result = verdict(rulebook(OUTSIDE), intake(rows("s", "5")), "2024-01-01")
    assert "below 10 units, outside 10 to 90" in result.sentence
    assert result.rules == ("Warning when below 10 or above 90 units.",)


THIRD = "severity: critical, occurs: 3, within: 5d, window: 4d"
FIRST = "severity: critical, occurs: first, since: 5d, window: 3d"


@pytest.mark.parametrize(
    ("words", "thresholds", "expected"),
    [
        ("1 1 1", THIRD, "- - firing"),
        ("1 . . 1 1", THIRD, "- - - - firing"),
        ("1 . . 1 . 1", THIRD, "- - - - - -"),
        ("3", THIRD, "firing"),
        ("1 1 1 0", THIRD, "- - firing resolved"),
        ("1 1 1 . . . . .", THIRD, "- - firing firing firing firing firing on_record"),
        ("1 1 1 _ _ _ 1", THIRD, "- - firing firing firing firing firing"),
        ("1 1 1 . . . . . 1", THIRD, "- - firing firing firing firing firing on_record on_record"),
        ("1 1 1 . . . . . 1 0", THIRD, "- - firing firing firing firing firing on_record on_record resolved"),
        ("1 0 1 1", THIRD, "- - - firing"),
        ("1 . 1 . . . 1", FIRST, "firing firing firing firing on_record on_record on_record"),
        ("1 0 . . . . 1", FIRST, "firing resolved resolved resolved resolved resolved firing"),
        ("1 0 1", FIRST, "firing resolved resolved"),
    ],
)
def test_events_are_counted_and_never_calm(words: str, thresholds: str, expected: str) -> None:
    assert states(words, thresholds, kind="event") == expected


@pytest.mark.parametrize(
    ("words", "thresholds", "passed_by"),
    [
        ("1 1 1", THIRD, "lowest"),
        ("0~1 1 1", THIRD, "highest"),
        ("1 <5 1", THIRD, "highest"),
        (">1 1 1", THIRD, "lowest"),
        ("1 >1", THIRD, None),
        ("1", FIRST, "lowest"),
        ("0~1", FIRST, "highest"),
        ("0~1 1", FIRST, "highest"),
    ],
)
def test_a_count_of_events_is_as_certain_as_the_events(words: str, thresholds: str, passed_by: str | None) -> None:
    result = verdict(rulebook(thresholds, kind="event"), intake(rows("s", words)), f"2024-01-0{len(words.split())}")
    assert (result.passed_by and result.passed_by.word) == passed_by
    assert passed_by or result.severity is None


def test_a_third_event_is_known_since_the_last_of_the_three_became_known() -> None:
    inputs = [row("s", "2024-01-01", "1", "2024-01-09"), row("s", "2024-01-02", "1"), row("s", "2024-01-03", "1")]
    built = rulebook("severity: critical, occurs: 3, within: 5d", kind="event")
    assert verdict(built, intake(inputs), "2024-01-08").state.value == "inactive"
    result = verdict(built, intake(inputs), "2024-01-09")
    assert (result.state.value, str(result.known_since)) == ("firing", "2024-01-09")
    assert "with it at least 3 within 5 days" in result.sentence
    assert result.rules == ("Critical when 3 occur within 5 days; it fires for 90 days after the newest.",)


def test_a_withdrawn_event_is_not_counted() -> None:
    inputs = [row("s", f"2024-01-0{day}", "1") for day in (1, 2, 3)] + [row("s", "2024-01-02", "!", "2024-01-05")]
    assert verdict(rulebook(THIRD, kind="event"), intake(inputs), "2024-01-05").severity.word == "normal"  # type: ignore[union-attr]


def test_each_line_counts_its_own_events() -> None:
    catalogue = catalog(
        """
sources:
  a: {title: A, file: a.csv, kind: event}
  b: {title: B, file: b.csv, kind: event}
indicators:
  x: {title: X, sources: [a, b], thresholds: [{severity: critical, occurs: 3, within: 30d}]}
"""
    )
    inputs = intake(rows("a", "1 1"), rows("b", "1 1"))
    assert verdict(catalogue, inputs, "2024-01-02").state.value == "inactive"


def test_a_missing_earlier_figure_is_named_in_the_sentence() -> None:
    rows = intake([row("s", "2024-01-01", "5")])
    sentences = [verdict(rulebook(f"{PERCENT}{more}"), rows, "2024-01-01").sentence for more in ("", YEAR)]
    assert "there is no figure before it to compare with" in sentences[0]
    assert "there is no figure of the same period a year before to compare with" in sentences[1]


def test_a_breach_of_a_baseline_names_the_baseline() -> None:
    result = verdict(rulebook("severity: warning, times_baseline: 2"), intake(
        [row("s", f"2024-01-0{day}", "20") for day in range(1, 7)] + [row("s", "2024-01-07", "73")]
    ), "2024-01-07")  # fmt: skip
    assert "more than 2 times the baseline (about 20 units)" in result.sentence


YEAR = ", against: same_period_last_year"
PERCENT = "severity: warning, change_above: 20"
ABSOLUTE = "severity: warning, change_above: 20, in: absolute"
A_YEAR = "severity: warning, change_above: 20, against: same_period_last_year"


@pytest.mark.parametrize(
    ("words", "thresholds", "expected"),
    [
        ("50 60 73", PERCENT, "? - firing"),
        ("50 70 91", ABSOLUTE, "? - firing"),
        ("50 _ 61", PERCENT, "? ? firing"),
        ("50 . 61", PERCENT, "? ? firing"),
        ("50 61 61 61", PERCENT, "? firing resolved resolved"),
        ("0 0 5", PERCENT, "? - firing"),
        ("50 10", PERCENT, "? -"),
    ],
)
def test_a_change_is_taken_from_the_figure_before(words: str, thresholds: str, expected: str) -> None:
    assert states(words, thresholds) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("50 75", ("warning", "value", "firing")),
        ("40~50 75~80", ("warning", "lowest", "firing")),
        ("40~50 70~80", ("warning", "highest", "firing")),
        ("40~50 55~60", ("normal", None, "inactive")),
        ("40~50 55~61", ("warning", "highest", "firing")),
        ("40~50 75", ("warning", "value", "firing")),
        (">50 90", ("warning", "highest", "firing")),
        (">50 70", ("normal", None, "inactive")),
        ("50 >60", (None, None, "inactive")),
        ("50~50 >75", ("warning", "lowest", "firing")),
        ("<50 75~76", ("warning", "lowest", "firing")),
        ("<50 75", ("warning", "value", "firing")),
        ("<50 30", ("warning", "highest", "firing")),
        ("50 <60", ("normal", None, "inactive")),
        ("50 <75", ("warning", "highest", "firing")),
    ],
)
def test_a_change_is_as_certain_as_both_its_figures(words: str, expected: tuple[str | None, str | None, str]) -> None:
    assert outcome(verdict(rulebook(ABSOLUTE), intake(rows("s", words)), "2024-01-02")) == expected


def test_a_change_is_known_since_the_later_of_its_figures() -> None:
    inputs = intake([row("s", "2024-01-01", "50", published="2024-02-10"), row("s", "2024-01-05", "90")])
    assert outcome(verdict(rulebook(PERCENT), inputs, "2024-02-09"))[0] is None
    result = verdict(rulebook(PERCENT), inputs, "2024-02-10")
    assert (str(result.known_since), result.state.value) == ("2024-02-10", "firing")
    assert "more than 20 % above the figure before it, 50 units" in result.sentence


def test_a_revision_of_the_earlier_figure_changes_the_change() -> None:
    inputs = intake(
        [row("s", "2024-01-01", "50"), row("s", "2024-01-05", "90"), row("s", "2024-01-01", "85", "2024-01-08")]
    )
    assert verdict(rulebook(PERCENT), inputs, "2024-01-07").state.value == "firing"
    assert outcome(verdict(rulebook(PERCENT), inputs, "2024-01-08")) == ("normal", None, "withdrawn")


def test_no_change_is_taken_across_a_break_of_the_series() -> None:
    broken = rulebook(PERCENT, source="series_break: [2024-01-03]")
    inputs = intake(rows("s", "50 51 90 120"))
    assert outcome(verdict(broken, inputs, "2024-01-02"))[0] == "normal"
    result = verdict(broken, inputs, "2024-01-03")
    assert (result.severity, result.state.value) == (None, "inactive")
    assert "the series breaks on 3 Jan 2024" in result.sentence
    assert verdict(broken, inputs, "2024-01-04").state.value == "firing"


def test_no_change_is_taken_between_a_month_and_a_year() -> None:
    flow = rulebook(PERCENT, kind="flow")
    inputs = intake([row("s", "2023", "500"), row("s", "2024-01", "50"), row("s", "2024-02", "90")])
    assert outcome(verdict(flow, inputs, "2024-02-01"))[0] is None
    assert outcome(verdict(flow, inputs, "2024-03-01")) == ("warning", "value", "firing")


def test_a_month_reported_before_its_end_is_not_compared() -> None:
    inputs = intake([row("s", "2024-01", "50"), row("s", "2024-02", "20", published="2024-02-10")])
    assert outcome(verdict(rulebook(PERCENT, kind="flow"), inputs, "2024-02-12"))[0] is None


@pytest.mark.parametrize(
    ("earlier", "later", "day", "severity"),
    [
        ("2023-02", "2024-02", "2024-03-01", "warning"),
        ("2024-02", "2025-02", "2025-03-01", "warning"),
        ("2023-02-28", "2024-02-29", "2024-03-01", "warning"),
        ("2022-12-22/2023-12-21", "2023-12-22/2024-12-21", "2025-01-01", "warning"),
        ("2023", "2024", "2025-01-01", "warning"),
        ("2023-03", "2024-02", "2024-03-01", None),
    ],
)
def test_the_same_period_a_year_before(earlier: str, later: str, day: str, severity: str | None) -> None:
    inputs = intake([row("s", earlier, "50"), row("s", later, "90")])
    assert outcome(verdict(rulebook(A_YEAR), inputs, day))[0] == severity


EACH = """
sources:
  s: {{title: S, file: s.csv, kind: flow}}
  t: {{title: T, file: t.csv, kind: flow}}
indicators:
  x: {{title: X, sources: [s, t], combine: {how}, thresholds: [{{severity: warning, change_above: 20}}]}}
"""


def test_a_change_is_never_taken_across_sources() -> None:
    inputs = intake([row("s", "2024-01-01", "50")], [row("t", "2024-01-02", "90")])
    assert outcome(verdict(catalog(EACH.format(how="each")), inputs, "2024-01-03")) == (None, None, "inactive")


def test_the_change_of_a_sum_needs_all_its_parts() -> None:
    whole = [row("s", "2024-01-01", "50"), row("t", "2024-01-01", "5"), row("s", "2024-01-02", "90")]
    summed = catalog(EACH.format(how="sum"))
    result = verdict(summed, intake(whole), "2024-01-02")
    assert (result.severity, "a part of the sum is missing" in result.sentence) == (None, True)
    result = verdict(summed, intake(whole, [row("t", "2024-01-02", "5")]), "2024-01-02")
    assert outcome(result) == ("warning", "value", "firing")


OVERDUE = "severity: warning, overdue_after: 30d"


def overdue(*reports: dict[str, object], day: str) -> Verdict:
    built = rulebook(OVERDUE, kind="flow", unit="days", source="expect_every: 1mo, stale_after: 400d")
    return verdict(built, intake(reports), day)


def test_a_report_is_overdue_from_the_day_after_it_was_due() -> None:
    report = row("s", "2023-12", "5", published="2024-01-30")
    assert overdue(report, day="2024-03-01").state.value == "inactive"
    result = overdue(report, day="2024-03-02")
    assert (result.state.value, result.figure.high, str(result.since)) == ("firing", 31, "2024-03-02")


def test_a_late_report_resolves_the_overdue_alert() -> None:
    reports = row("s", "2023-12", "5", published="2024-01-30"), row("s", "2024-01", "0", published="2024-03-10")
    assert overdue(*reports, day="2024-03-09").state.value == "firing"
    result = overdue(*reports, day="2024-03-11")
    assert (result.state.value, result.severity.word if result.severity else None) == ("resolved", "normal")


def test_a_row_with_status_missing_is_no_report() -> None:
    reports = row("s", "2023-12", "5", published="2024-01-30"), row("s", "2024-01", "_", published="2024-03-10")
    assert overdue(*reports, day="2024-03-11").state.value == "firing"


def test_without_any_report_no_delay_is_known() -> None:
    assert outcome(overdue(day="2024-03-11")) == (None, None, "inactive")


COMBINED = """
sources:
  s: {{title: S, file: s.csv, kind: flow}}
  t: {{title: T, file: t.csv, kind: flow}}
  u: {{title: U, file: u.csv, kind: flow}}
indicators:
  x: {{title: X, sources: [s, t, u], combine: {how}, thresholds: [{{severity: critical, above: 50}}]}}
"""


@pytest.mark.parametrize(
    ("how", "value", "severity"),
    [
        ("sum", 90, "critical"),
        ("max", 60, "critical"),
        ("median", 20, "normal"),
        ("prefer", 20, "normal"),
        ("each", None, "critical"),
    ],
)
def test_sources_are_combined_as_the_catalogue_says(how: str, value: float | None, severity: str) -> None:
    inputs = intake(rows("s", "20"), rows("t", "10"), rows("u", "60"))
    result = verdict(catalog(COMBINED.format(how=how)), inputs, "2024-01-01")
    assert (result.figure.value if result.figure.value == result.figure.value else None, result.severity.word) == (
        value,
        severity,
    )  # type: ignore[union-attr]


def test_the_next_source_decides_where_the_preferred_source_has_no_figure() -> None:
    inputs = intake(rows("t", "10"), rows("u", "60"))
    assert verdict(catalog(COMBINED.format(how="prefer")), inputs, "2024-01-01").figure.value == 10


def test_a_sum_of_figures_lacking_a_source_is_partial_and_never_normal() -> None:
    inputs = intake(rows("s", "20"), rows("t", "10"))
    result = verdict(catalog(COMBINED.format(how="sum")), inputs, "2024-01-01")
    assert (result.severity, result.figure.value, result.figure.or_more) == (None, 30, True)


def test_a_unit_that_is_not_the_indicators_is_an_error_and_its_row_is_not_used() -> None:
    inputs = intake([row("s", "2024-01-01", "70", unit="tonnes")])
    result = verdict(rulebook("severity: critical, above: 50"), inputs, "2024-01-02")
    assert (result.severity, result.data_state.value) == (None, "error")
    assert '"tonnes", but the indicator is in units' in str(result.problems[0])


def test_two_figures_of_one_day_published_together_are_refused() -> None:
    inputs = intake([row("s", "2024-01-01", "70", line=2), row("s", "2024-01-01", "10", line=3)])
    result = verdict(rulebook("severity: critical, above: 50"), inputs, "2024-01-02")
    assert (result.severity, result.data_state.value) == (None, "error")
    assert "lines 2 and 3 are about the same period" in str(result.problems[0])


def test_rows_of_two_files_that_contradict_each_other_are_both_named() -> None:
    duplicates = [
        row("s", "2024-01-01", "70", file="in/b.csv", line=2),
        row("s", "2024-01-01", "10", file="in/a.csv", line=3),
    ]
    result = verdict(rulebook("severity: critical, above: 50"), intake(duplicates), "2024-01-02")
    assert "in/a.csv:3 and in/b.csv:2 are about the same period" in str(result.problems[0])


def test_events_of_one_day_with_different_subjects_are_two_events() -> None:
    inputs = intake([row("s", "2024-01-01", "1", subject="one ship"), row("s", "2024-01-01", "1", subject="another")])
    result = verdict(rulebook("severity: critical, occurs: any", kind="event"), inputs, "2024-01-02")
    assert (result.problems, result.state.value) == ((), "firing")


def test_a_provisional_row_is_never_judged() -> None:
    inputs = intake([row("s", "2024-01-01", "70", status="provisional")])
    result = evaluation(rulebook("severity: critical, above: 50"), inputs, "2024-01-02")
    assert (result.verdict.severity, result.verdict.state.value, len(result.rows)) == (None, "inactive", 1)


def test_a_figure_published_inside_its_period_is_only_about_the_days_so_far() -> None:
    inputs = intake([row("s", "2024-11", "1", published="2024-11-10")])
    result = verdict(rulebook("severity: critical, occurs: any", kind="event"), inputs, "2024-11-12")
    assert str(result.date) == "2024-11-10"


def test_an_ended_source_is_never_normal() -> None:
    ended = rulebook("severity: critical, above: 50", source="ended: 2024-01-02")
    assert outcome(verdict(ended, intake(rows("s", "5")), "2024-01-01"))[0] == "normal"
    result = verdict(ended, intake(rows("s", "5")), "2024-01-03")
    assert (result.severity, result.data_state.value) == (None, "ended")


def test_a_kind_states_itself_in_at_most_fifteen_members() -> None:
    own = [name for name in vars(Threshold) if not name.startswith(("_", "model_"))]
    assert len([name for name in own if name not in Threshold.model_fields]) <= 15
