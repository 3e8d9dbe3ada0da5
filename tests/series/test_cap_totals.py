"""Totals of a cap's periods: what counts where, what is partial, since when a breach was known."""

from __future__ import annotations

from tests.shorthand import catalog, evaluation, intake, row, verdict

CAP = """
sources:
  a: {title: A, file: a.csv, kind: flow}
  b: {title: B, file: b.csv, kind: flow}
  claim: {title: Claim, file: c.csv, kind: cumulative_claim}
  other: {title: Other, file: o.csv, kind: cumulative_claim}
indicators:
  summed:
    title: Summed
    unit: bbl
    sources: [a, b]
    combine: sum
    accumulate: calendar_year
    limit: 100
    thresholds: [{severity: warning, at_percent: 75}, {severity: critical, at_percent: 100}]
  largest:
    title: Largest
    unit: bbl
    sources: [claim, other]
    combine: max
    accumulate: calendar_year
    limit: 100
    thresholds: [{severity: critical, at_percent: 100}]
  anchored:
    title: Anchored
    unit: bbl
    sources: [a]
    combine: sum
    accumulate: {anchor: "12-22"}
    limit: 100
    thresholds: [{severity: critical, at_percent: 100}]
"""


def test_reaching_the_limit_exactly_is_reaching_it() -> None:
    inputs = intake([row("a", "2024-01", "60")], [row("b", "2024-01", "40")])
    result = verdict(catalog(CAP), inputs, "2024-02-15", "summed")
    assert (result.severity.word, result.figure.value, result.share_of_limit) == ("critical", 100, 1.0)  # type: ignore[union-attr]


def test_a_sum_with_a_member_missing_is_at_least_and_never_normal() -> None:
    inputs = intake([row("a", "2024-01", "10")], [row("b", "2024-01", "_", note="not filed")])
    result = verdict(catalog(CAP), inputs, "2024-02-15", "summed")
    assert (result.severity, result.figure.value, result.figure.or_more) == (None, 10, True)
    assert "10 bbl or more" in result.sentence


def test_a_report_of_zero_completes_the_sum() -> None:
    inputs = intake([row("a", "2024-01", "10")], [row("b", "2024-01", "0")])
    result = verdict(catalog(CAP), inputs, "2024-02-15", "summed")
    assert (result.severity.word, result.figure.value, result.figure.or_more) == ("normal", 10, False)  # type: ignore[union-attr]


def test_a_missing_member_does_not_hide_a_breach() -> None:
    inputs = intake([row("a", "2024-01", "101")], [row("b", "2024-01", "_", note="not filed")])
    result = verdict(catalog(CAP), inputs, "2024-02-15", "summed")
    assert (result.severity.word, result.passed_by.word) == ("critical", "value")  # type: ignore[union-attr]


def test_the_certain_part_of_a_sum_is_the_part_that_somebody_vouches_for() -> None:
    ranged = intake([row("a", "2024-01", "101~120")], [row("b", "2024-01", "5")])
    assert verdict(catalog(CAP), ranged, "2024-02-15", "summed").passed_by.word == "lowest"  # type: ignore[union-attr]
    bare = intake([row("a", "2024-01", "99~120")], [row("b", "2024-01", "5")])
    assert verdict(catalog(CAP), bare, "2024-02-15", "summed").passed_by.word == "value"  # type: ignore[union-attr]


def test_a_larger_bare_claim_does_not_undo_the_breach_that_a_smaller_one_confirms() -> None:
    inputs = intake([row("claim", "2024-03-07/2024-03-26", "400")], [row("other", "2024-03", ">150")])
    result = verdict(catalog(CAP), inputs, "2024-04-15", "largest")
    assert (result.figure.low, result.passed_by.word) == (400, "lowest")  # type: ignore[union-attr]


def test_a_closed_year_with_months_unreported_is_not_assessed() -> None:
    inputs = intake([row("a", "2023-01", "10")], [row("b", "2023", "10")])
    (record,) = verdict(catalog(CAP), inputs, "2024-02-15", "summed").on_record
    assert (record.period, record.severity, record.figure.value, record.figure.or_more) == ("2023", None, 20, True)


def test_a_closed_year_reported_whole_and_below_is_normal_on_record() -> None:
    inputs = intake([row("a", "2023", "10")], [row("b", "2023", "10")])
    (record,) = verdict(catalog(CAP), inputs, "2024-02-15", "summed").on_record
    assert (record.severity.word, record.share_of_limit) == ("normal", 0.2)  # type: ignore[union-attr]


def test_a_breach_of_a_closed_year_stands_on_record_and_the_new_year_begins_unknown() -> None:
    inputs = intake([row("a", "2023", "150", published="2024-03-21")], [row("b", "2023", "0")])
    before = verdict(catalog(CAP), inputs, "2024-03-20", "summed")
    after = verdict(catalog(CAP), inputs, "2024-03-21", "summed")
    assert before.on_record[0].severity is None
    assert (after.state.value, after.severity, after.data_state.value) == ("on_record", None, "no_data")
    assert (after.on_record[0].severity.word, str(after.on_record[0].known_since)) == ("critical", "2024-03-21")  # type: ignore[union-attr]


def test_overlapping_amounts_of_two_files_are_refused_with_both_files() -> None:
    overlapping = [
        row("a", "2024-01-01/2024-08-31", "60", published="2024-12", file="in/b.csv", line=3),
        row("a", "2024-01-01/2024-11-30", "90", published="2025-03", file="in/a.csv", line=7),
    ]
    result = verdict(catalog(CAP), intake(overlapping, [row("b", "2024", "1")]), "2025-04-01", "summed")
    assert "in/a.csv:7 and in/b.csv:3 overlap (2024-01-01 to 2024-11-30 and" in str(result.problems[0])


def test_overlapping_amounts_are_refused_with_both_lines_and_never_added() -> None:
    overlapping = [
        row("a", "2024-01-01/2024-08-31", "60", published="2024-12", line=2),
        row("a", "2024-01-01/2024-11-30", "90", published="2025-03", line=3),
        row("a", "2024-12", "5", published="2025-03", line=4),
    ]
    inputs = intake(overlapping, [row("b", "2024", "1")])
    result = verdict(catalog(CAP), inputs, "2025-04-01", "summed")
    assert [str(problem) for problem in result.problems] == [
        "a.csv:3 period: lines 2 and 3 overlap (2024-01-01 to 2024-08-31 and 2024-01-01 to 2024-11-30); "
        "they cannot be added up, so neither is used"
    ]
    assert (result.data_state.value, result.on_record[0].severity, result.on_record[0].figure.value) == (
        "error",
        None,
        6,
    )
    earlier = verdict(catalog(CAP), inputs, "2025-01-01", "summed")
    assert earlier.problems == ()


def test_the_same_period_published_again_is_a_revision() -> None:
    inputs = intake(
        [row("a", "2023", "120", published="2024-01"), row("a", "2023", "80", published="2024-06")],
        [row("b", "2023", "0")],
    )
    assert verdict(catalog(CAP), inputs, "2024-02-15", "summed").on_record[0].figure.value == 120
    assert verdict(catalog(CAP), inputs, "2024-06-30", "summed").on_record[0].figure.value == 80


def test_a_withdrawn_row_does_not_count() -> None:
    inputs = intake(
        [row("a", "2023", "120", published="2024-01"), row("a", "2023", "!", published="2024-06")],
        [row("b", "2023", "0")],
    )
    assert verdict(catalog(CAP), inputs, "2024-06-30", "summed").on_record[0].severity is None


def test_overlapping_claims_count_once_the_largest() -> None:
    inputs = intake(
        [row("claim", "2024-03-07/2024-03-26", "25")],
        [row("other", "2024-03", ">33", published="2024-05-02"), row("other", "2024-03-07/2024-11-05", ">200")],
    )
    result = verdict(catalog(CAP), inputs, "2024-11-26", "largest")
    assert (result.figure.low, result.share_of_limit, result.state.value) == (200, 2.0, "firing")
    assert result.sentence.startswith("200 bbl or more from 7 Mar 2024 to 5 Nov 2024 (Other, published 5 Nov 2024)")


def test_a_claim_about_a_part_of_the_year_never_shows_that_the_cap_was_kept() -> None:
    inputs = intake([row("claim", "2024-03-07/2024-03-26", "25")])
    result = verdict(catalog(CAP), inputs, "2024-03-27", "largest")
    assert (result.severity, result.figure.value) == (None, 25)


def test_a_claim_about_the_whole_year_so_far_may() -> None:
    inputs = intake([row("claim", "2024-01-01/2024-03-26", "25")])
    result = verdict(catalog(CAP), inputs, "2024-03-27", "largest")
    assert result.severity is not None
    assert result.severity.word == "normal"


def test_an_upper_bound_makes_a_breach_possible_and_a_later_range_confirms_it() -> None:
    inputs = intake(
        [
            row("claim", "2023-01-01/2023-05-01", "<156", published="2023-10"),
            row("claim", "2023-01-01/2023-09-15", "203~304", published="2024-03-21"),
        ]
    )
    october = verdict(catalog(CAP), inputs, "2023-10-31", "largest")
    assert (october.severity.word, october.passed_by.word) == ("critical", "highest")  # type: ignore[union-attr]
    (record,) = verdict(catalog(CAP), inputs, "2024-03-21", "largest").on_record
    assert (record.passed_by.word, record.figure.low, record.figure.high, str(record.known_since)) == (  # type: ignore[union-attr]
        "lowest", 203, 304, "2024-03-21",
    )  # fmt: skip


def test_a_total_across_the_anchor_is_shown_not_split() -> None:
    inputs = intake([row("a", "2024-12-01/2024-12-31", "150")])
    result = verdict(catalog(CAP), inputs, "2025-01-05", "anchored")
    assert (result.severity, result.on_record, result.data_state.value) == (None, (), "no_data")
    assert "shown, not counted" in str(result.problems[0])


def test_each_anchored_period_begins_anew() -> None:
    inputs = intake([row("a", "2024-12-21", "60"), row("a", "2024-12-22", "60")])
    assert verdict(catalog(CAP), inputs, "2024-12-22", "anchored").figure.value == 60


def test_a_revision_that_keeps_the_breach_keeps_the_day_it_became_known() -> None:
    inputs = intake(
        [row("a", "2023", "120", published="2024-01-10"), row("a", "2023", "130", published="2024-06-10")],
        [row("b", "2023", "0")],
    )
    (record,) = verdict(catalog(CAP), inputs, "2024-07-01", "summed").on_record
    assert str(record.known_since) == "2024-01-10"


def test_the_largest_claim_keeps_its_own_days_beside_a_newer_smaller_claim() -> None:
    claims = [
        row("claim", "2024-01-01/2024-02-29", "80~110", "2024-03-05") | {"value": 102.0},
        row("other", "2024-01-01/2024-03-31", "50~90", "2024-04-05"),
    ]
    result = verdict(catalog(CAP), intake(claims), "2024-04-06", "largest")
    assert (result.figure.value, str(result.date)) == (102, "2024-02-29")
    assert "from 1 Jan 2024 to 29 Feb 2024 (Claim, published 5 Mar 2024)" in result.sentence
    assert "31 Mar 2024 (Claim" not in result.sentence


def test_the_largest_of_several_sources_counts_those_that_had_a_figure() -> None:
    three = catalog(
        """
sources:
  a: {title: A, file: a.csv, kind: flow}
  b: {title: B, file: b.csv, kind: flow}
  c: {title: C, file: c.csv, kind: flow}
indicators:
  x: {title: X, unit: cars, sources: [a, b, c], combine: max, thresholds: [{severity: warning, above: 10}]}
  y: {title: Y, unit: cars, sources: [a, b, c], combine: sum, thresholds: [{severity: warning, above: 10}]}
"""
    )
    inputs = intake([row("a", "2024-01-01", "20")], [row("b", "2024-01-01", "2")], [row("c", "2024-01-01", "_")])
    largest, summed = (evaluation(three, inputs, "2024-01-05", name) for name in "xy")
    assert "20 cars on 1 Jan 2024 (A, published 1 Jan 2024)" in largest.verdict.sentence
    assert "22 cars or more on 1 Jan 2024 (sum of 2 sources, known 1 Jan 2024)" in summed.verdict.sentence
    assert largest.assessments[0].series.title == "largest of 2 sources"


def test_the_largest_claim_has_been_known_since_its_own_publication() -> None:
    two = catalog(
        """
sources: {a: {title: A, file: a.csv}, b: {title: B, file: b.csv}}
indicators:
  x: {title: X, unit: cars, sources: [a, b], combine: max, thresholds: [{severity: warning, above: 10}]}
"""
    )
    inputs = intake([row("a", "2024-01", "20", "2024-02-01")], [row("b", "2024-01", "2", "2024-02-20")])
    assert str(verdict(two, inputs, "2024-02-25").known_since) == "2024-02-01"
    ranged = intake([row("a", "2024-01", "9", "2024-02-01")], [row("b", "2024-01", "<20", "2024-02-20")])
    assert str(verdict(two, ranged, "2024-02-25").known_since) == "2024-02-20"


def test_the_first_known_breach_is_shown_as_certain_as_it_was_on_its_day() -> None:
    text = """
sources: {s: {title: S, file: s.csv, kind: flow}}
indicators:
  x: {title: X, unit: t, sources: [s], accumulate: calendar_year, limit: 100,
      thresholds: [{severity: critical, at_percent: 100}]}
"""
    rows = intake([row("s", "2020-01-01/2020-05-31", "150", "2020-07-25")])
    (record,) = verdict(catalog(text), rows, "2021-02-01").on_record
    assert record.figure.or_more  # seven months of it are lacking today
    assert record.first_known is not None
    assert (record.first_known.figure.value, record.first_known.figure.or_more) == (150, False)
