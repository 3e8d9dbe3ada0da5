"""A wrong all-clear is the worst this program can do: every way found so far in which one could have come about."""

from __future__ import annotations

from datetime import date

import pytest

from dashboard.domain.verdict import Verdict
from dashboard.ingest.parse.dialect import Dialect
from dashboard.ingest.reader import read
from dashboard.rows.load import load_rows
from tests.shorthand import Catalog, catalog, evaluation, intake, row, rows, rulebook, verdict

ABOVE = "severity: critical, above: 10"


def word(result: Verdict) -> tuple[str | None, str]:
    return None if result.severity is None else result.severity.word, result.state.value


def two(how: str, thresholds: str = ABOVE, kind: str = "level", a: str = "", b: str = "") -> Catalog:
    return catalog(
        f"""
sources:
  a: {{title: A, file: a.csv, kind: {kind}{a}}}
  b: {{title: B, file: b.csv, kind: {kind}{b}}}
indicators:
  x: {{title: X, sources: [a, b], combine: {how}, thresholds: [{{{thresholds}}}]}}
"""
    )


def test_an_older_figure_does_not_replace_the_newest_figure_that_cannot_be_judged() -> None:
    known_rows = intake([row("s", "2024-05-01", "3"), row("s", "2024-06-01", "5~20")])
    result = verdict(rulebook("severity: critical, above: 10, passed_by: lowest"), known_rows, "2024-06-02")
    assert word(result) == (None, "inactive")


@pytest.mark.parametrize("other", [[], [row("a", "2020-01-01", "3")], [row("a", "2024-06-01", "5~20")]])
def test_with_separate_lines_a_calm_source_is_no_all_clear_for_the_others(other: list[dict]) -> None:  # type: ignore[type-arg]
    thresholds = "severity: critical, above: 10, passed_by: lowest"
    result = verdict(two("each", thresholds), intake(other, [row("b", "2024-06-01", "3")]), "2024-06-02")
    assert word(result) == (None, "inactive")


def test_a_source_that_has_ended_does_not_block_the_all_clear_of_the_others() -> None:
    known_rows = intake([row("a", "2020-01-01", "3")], [row("b", "2024-06-01", "3")])
    assert word(verdict(two("each", a=", ended: 2020-02-01"), known_rows, "2024-06-02")) == ("normal", "inactive")


@pytest.mark.parametrize("how", ["max", "median"])
def test_a_later_figure_of_another_source_does_not_resolve_a_breach(how: str) -> None:
    known_rows = intake([row("a", "2024-06-01", "100")], [row("b", "2024-06-02", "3")])
    severity, _ = word(verdict(two(how), known_rows, "2024-06-03"))
    assert severity != "normal"


def test_a_figure_published_inside_its_long_period_does_not_resolve_a_newer_breach() -> None:
    known_rows = intake([row("s", "2024", "5", published="2024-02-01"), row("s", "2024-06-01", "100")])
    assert word(verdict(rulebook(ABOVE), known_rows, "2024-06-10")) == ("critical", "firing")


@pytest.mark.parametrize("lines", [(2, 3), (3, 2)])
def test_one_yards_calm_does_not_resolve_another_yards_breach(lines: tuple[int, int]) -> None:
    known_rows = intake(
        [row("s", "2024-06-01", "100", subject="Yard A", line=lines[0])],
        [row("s", "2024-06-01", "5", subject="Yard B", line=lines[1])],
    )
    assert word(verdict(rulebook(ABOVE), known_rows, "2024-06-03")) == ("critical", "firing")


def test_a_running_total_of_launchers_does_not_resolve_a_breach_of_howitzers() -> None:
    known_rows = intake(
        [row("s", "2024-06-01", "100", subject="howitzers"), row("s", "2024-06-02", "5", subject="launchers")]
    )
    result = evaluation(rulebook(ABOVE, kind="cumulative_claim"), known_rows, "2024-06-03")
    assert word(result.verdict) == ("critical", "firing")
    assert [assessment.series.title for assessment in result.assessments] == ["S, howitzers", "S, launchers"]


def test_a_zero_for_one_ship_does_not_resolve_the_call_of_another_ship() -> None:
    known_rows = intake([row("s", "2024-06-01", "1", subject="Ship A"), row("s", "2024-06-02", "0", subject="Ship B")])
    result = verdict(rulebook("severity: critical, occurs: any", kind="event"), known_rows, "2024-06-03")
    assert word(result) == ("critical", "firing")


def test_a_figure_of_more_than_nine_does_not_rule_out_ten() -> None:
    assert word(verdict(rulebook(ABOVE), intake(rows("s", ">9")), "2024-01-01")) == (None, "inactive")


def test_a_sum_with_a_range_keeps_the_range_and_invents_no_middle() -> None:
    known_rows = intake([row("a", "2024-06-01", "100~200")], [row("b", "2024-06-01", "50")])
    result = verdict(two("sum", kind="flow"), known_rows, "2024-06-02")
    assert (result.figure.low, result.figure.value != result.figure.value, result.figure.high) == (150, True, 250)


def test_a_problem_of_the_baseline_is_a_problem_of_the_verdict() -> None:
    made = catalog(
        """
sources:
  s: {title: S, file: s.csv}
  usual: {title: Usual, file: u.csv}
indicators:
  x: {title: X, unit: cars, sources: [s], thresholds: [{severity: critical, times_baseline: 2, baseline: usual}]}
"""
    )
    known_rows = intake(
        [row("s", "2024-06-01", "73")], [row("usual", "2020", "100"), row("usual", "2024-05", "20", unit="trains")]
    )
    result = verdict(made, known_rows, "2024-06-02")
    assert (word(result), result.data_state.value) == ((None, "inactive"), "error")


def test_a_baseline_may_be_a_range_and_a_newer_baseline_does_not_judge_the_past() -> None:
    made = catalog(
        """
sources:
  s: {title: S, file: s.csv}
  usual: {title: Usual, file: u.csv}
indicators:
  x: {title: X, sources: [s], thresholds: [{severity: critical, times_baseline: 2, baseline: usual}]}
"""
    )
    known_rows = intake(
        [row("s", "2024-05-01", "73")], [row("usual", "2023", "10~20"), row("usual", "2024-06-01", "80")]
    )
    assert word(verdict(made, known_rows, "2024-06-02")) == ("critical", "firing")


def test_context_does_not_hide_an_open_alarm() -> None:
    thresholds = "severity: info, above: 10 | severity: critical, above: 20, passed_by: lowest"
    known_rows = rows("s", "25 15~30")
    known_rows[1]["value"] = 25.0
    result = verdict(rulebook(thresholds, source="exact: true"), intake(known_rows), "2024-01-02")
    assert word(result) == ("critical", "firing")


CAP = """
sources:
  a: {title: A, file: a.csv, kind: flow}
indicators:
  x:
    title: X
    sources: [a]
    combine: sum
    accumulate: calendar_year
    limit: LIMIT
    thresholds: [{severity: critical, at_percent: 100, passed_by: value}]
"""


def test_rounding_does_not_hide_that_a_cap_was_reached() -> None:
    months = [row("a", f"2024-{month:02d}", "0.1", line=month) for month in range(1, 11)]
    result = verdict(catalog(CAP.replace("LIMIT", "1")), intake(months), "2024-11-10")
    assert word(result) == ("critical", "firing")


def test_a_month_of_which_only_an_upper_bound_is_known_does_not_erase_a_breach() -> None:
    known_rows = intake([row("a", "2024-01", "150"), row("a", "2024-02", "<10")])
    result = verdict(catalog(CAP.replace("LIMIT", "100")), known_rows, "2024-03-10")
    assert (word(result), result.figure.low) == (("critical", "firing"), 150)


def test_a_straddling_figure_keeps_a_year_from_being_called_normal() -> None:
    known_rows = intake([row("a", "2023-01-01/2023-06-30", "5"), row("a", "2023-07-01/2024-01-31", "2000")])
    result = verdict(catalog(CAP.replace("LIMIT", "100")), known_rows, "2024-02-10")
    assert [one.severity for one in result.on_record] == [None]


def test_a_closed_year_is_not_normal_while_something_about_it_cannot_be_read() -> None:
    made = catalog(CAP.replace("LIMIT", "100").replace("title: X", "title: X\n    unit: bbl"))
    known_rows = intake([row("a", "2023", "50"), row("a", "2023-05", "150", unit="tonnes", published="2024-02")])
    assert verdict(made, known_rows, "2024-01-31").on_record[0].severity is not None
    assert verdict(made, known_rows, "2024-03-01").on_record[0].severity is None


def test_a_withdrawn_figure_does_not_return_when_a_row_notes_its_absence() -> None:
    known_rows = intake(
        [
            row("s", "2024-06-01", "5"),
            row("s", "2024-06-01", "!", published="2024-06-02"),
            row("s", "2024-06-01", "_", published="2024-06-03", note="gone"),
        ]
    )
    assert word(verdict(rulebook(ABOVE), known_rows, "2024-06-04")) == (None, "inactive")


def test_the_preferred_source_decides_only_while_it_is_trusted() -> None:
    known_rows = intake([row("a", "2023-01-01", "3")], [row("b", "2024-06-01", "300")])
    assert word(verdict(two("prefer"), known_rows, "2024-06-02")) == ("critical", "firing")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("2026-11-10,500,2062-11-11", "2062-11-11 lies in the future; not used before 2062-11-11"),
        ("2062-11-10,5,", "its period begins on 2062-11-10, which lies in the future"),
        ("9999-12-31,5,", "is not in the years 1900 to 2199"),
        ("0001-01-01,5,", "is not in the years 1900 to 2199"),
        ("2024-0١-01,5,", "is not a day"),
        ("2024-01-01,١٢,", "is not a plain number"),
        ("2024-01-01,-5,", "cannot be negative"),
    ],
)
def test_a_mistyped_date_or_number_is_a_problem_and_no_figure(line: str, reason: str) -> None:
    data = f"date,value,published_at\n{line}\n".encode()
    result = read(data, "x.csv", Dialect(counts=True), date(2026, 11, 21))
    assert result.rows.empty
    assert reason in str(*result.quarantined)


def test_a_bad_row_is_unknown_before_it_was_published(tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "s.csv").write_text("date,value,published_at\n2024-06-01,5,2024-06-01\n2024-09-01,9OOO,2024-09-02\n")
    made = rulebook(ABOVE)
    there = type(made)(tmp_path, "x.yaml", made.sources, made.indicators)
    known_rows = load_rows(there, date(2026, 11, 21))
    assert word(verdict(there, known_rows, "2024-06-10")) == ("normal", "inactive")
    result = verdict(there, known_rows, "2024-09-02")
    assert (word(result), result.data_state.value) == ((None, "inactive"), "error")


OWED = "severity: warning, overdue_after: 30d"


def owed(*reports: dict[str, object], day: str) -> Verdict:
    made = rulebook(OWED, kind="flow", unit="days", source="expect_every: 1mo, stale_after: 900d")
    return verdict(made, intake(reports), day)


def test_a_month_that_was_skipped_is_still_owed() -> None:
    reports = [row("s", period, "5") for period in ("2024-01", "2024-03", "2024-04")]
    result = owed(*reports, day="2024-05-20")
    assert (word(result), result.figure.high) == (("warning", "firing"), 81)


def test_a_month_named_as_missing_is_no_longer_awaited_once_later_months_came() -> None:
    reports = [row("s", "2024-01", "5"), row("s", "2024-02", "_", note="not filed"), row("s", "2024-03", "5")]
    assert word(owed(*reports, day="2024-04-20")) == ("normal", "inactive")


def test_a_figure_for_part_of_a_month_is_not_the_report_of_the_month() -> None:
    result = owed(row("s", "2024-04", "5"), row("s", "2024-05", "5", published="2024-05-10"), day="2024-07-05")
    assert (word(result), result.figure.high) == (("warning", "firing"), 35)


def test_the_shipped_report_was_overdue_while_months_of_2020_had_not_come() -> None:
    from tests.shipped import on

    assert on("2020-09-30", "russia_report_overdue").state.value == "firing"


@pytest.mark.parametrize(("figure", "said"), [("70", ("critical", "fresh")), ("5", (None, "stale"))])
def test_a_subject_without_any_figure_makes_its_source_stale_but_not_the_figure_of_another(
    figure: str, said: tuple[str | None, str]
) -> None:
    known_rows = intake(
        [row("s", "2024-06-01", figure, subject="Yard A"), row("s", "2024-06-01", "_", subject="Yard B")]
    )
    result = verdict(rulebook("severity: critical, above: 50"), known_rows, "2024-06-02")
    assert (result.severity and result.severity.word, result.data_state.value) == said


def test_since_and_known_since_have_no_break() -> None:
    known_rows = rows("s", "30 15 30")
    result = verdict(
        rulebook("severity: warning, above: 10 | severity: critical, above: 20"), intake(known_rows), "2024-01-03"
    )
    assert (str(result.since), str(result.known_since)) == ("2024-01-03", "2024-01-03")


def test_a_new_claim_does_not_move_the_day_on_which_the_alert_became_known() -> None:
    from tests.shipped import on

    assert str(on("2024-11-26", "munitions_containers").known_since) == "2023-10-13"
    before, after = (on(day, "dprk_troops_in_russia").known_since for day in ("2024-11-25", "2024-11-26"))
    assert str(before) == str(after) == "2024-10-23"


def test_an_alert_fires_until_its_last_window_ends() -> None:
    known_rows = intake([row("a", "2024-06-01", "1")], [row("b", "2024-06-20", "1")])
    result = verdict(
        two("each", "severity: critical, occurs: any", a=", known_by: official", kind="event"), known_rows, "2024-06-21"
    )
    assert "stays open until 18 Sep 2024" in result.sentence


TWO_SOURCES = """
sources: {a: {title: A, file: a.csv}, b: {title: B, file: b.csv}}
indicators:
  x: {title: X, unit: units, sources: [a, b], combine: %s, thresholds: [{severity: critical, above: 50}]}
"""


@pytest.mark.parametrize("combine", ["each", "prefer", "max"])
@pytest.mark.parametrize(("old", "new", "said"), [("70", "5", "critical"), ("5", "70", "critical")])
def test_the_data_state_follows_the_deciding_figure(combine: str, old: str, new: str, said: str) -> None:
    known_rows = intake([row("a", "2024-01-01", old)], [row("b", "2024-06-01", new)])
    result = verdict(catalog(TWO_SOURCES % combine), known_rows, "2024-06-02")
    assert result.severity is not None
    speaks = "stale" if old == "70" else "fresh"
    assert (result.severity.word, result.data_state.value) == (said, speaks)
    if combine != "max":
        assert {one.source: one.data_state.value for one in result.newest} == {"a": "stale", "b": "fresh"}


def test_each_line_has_its_own_age() -> None:
    known_rows = intake(
        [row("s", "2024-01-22", "3", subject="north"), row("s", "2024-04-22", "2", subject="south", line=3)]
    )
    result = verdict(rulebook("severity: critical, above: 50", source="expect_every: 1w"), known_rows, "2024-04-25")
    assert (result.severity, result.data_state.value) == (None, "stale")
    assert result.why_not == ("S, north: the newest figure is 94 days old, too old to say that all is normal",)
    assert [one.data_state.value for one in result.newest] == ["stale", "fresh"]


def test_the_average_of_a_year_does_not_make_a_month_fresh() -> None:
    known_rows = intake([row("s", "2024-02", "3"), row("s", "2024", "2", "2024-06-01", line=3)])
    result = verdict(rulebook("severity: critical, above: 50"), known_rows, "2024-06-02")
    assert (result.severity, result.data_state.value) == (None, "stale")
    assert "94 days old" in result.sentence
