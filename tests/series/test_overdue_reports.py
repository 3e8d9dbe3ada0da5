"""Reports that are owed: surely as of the last look that found them missing, possibly where nothing has reached us."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.catalog.catalog import Catalog
from dashboard.domain.verdict import Verdict
from dashboard.evaluation.evaluation import Evaluation
from dashboard.reporting.explanation import explanation
from tests.examples import examples
from tests.shorthand import evaluation, intake, outcome, row, rulebook, verdict

RULES = "severity: warning, overdue_after: 30d | severity: critical, overdue_after: 180d"


def owed(source: str) -> Catalog:
    return rulebook(RULES, kind="flow", unit="days", source=source)


MONTHLY = owed("expect_every: 1mo, stale_after: 90d")


def on(day: str, *reports: dict[str, Any]) -> Verdict:
    return evaluated_on(day, *reports).verdict


def evaluated_on(day: str, *reports: dict[str, Any]) -> Evaluation:
    return evaluation(MONTHLY, intake(reports), day)


def ends(result: Verdict) -> tuple[float | None, ...]:
    return tuple(
        None if math.isnan(side) else side for side in (result.figure.low, result.figure.value, result.figure.high)
    )


JANUARY = row("s", "2024-01", "5")
FEBRUARY_MISSING = row("s", "2024-02", "_", "2024-04-10", citation="https://example.org/looked")


def test_a_report_that_has_not_reached_us_is_overdue_only_at_its_highest() -> None:
    result = on("2024-04-15", JANUARY)
    assert (outcome(result), ends(result)) == (("warning", "highest", "firing"), (None, None, 46))
    assert "Feb 2024: no report has reached us by 15 Apr 2024, 46 days after the month's end" in result.sentence
    assert "nobody is known to have looked since 31 Jan 2024" in result.sentence
    assert "warning, not excluded" in result.sentence


def test_a_row_with_status_missing_makes_a_report_surely_overdue_on_its_day() -> None:
    result = on("2024-04-10", JANUARY, FEBRUARY_MISSING)
    assert (outcome(result), ends(result)) == (("warning", "lowest", "firing"), (41, 41, 41))
    assert "Feb 2024: no report when last checked (10 Apr 2024, 41 days after the month's end)" in result.sentence


def test_after_the_last_look_only_the_highest_end_grows() -> None:
    result = on("2024-08-28", JANUARY, FEBRUARY_MISSING)
    assert (outcome(result), ends(result)) == (("critical", "highest", "firing"), (41, None, 181))
    assert "nobody has looked in the 140 days since" in result.sentence


def test_a_row_from_before_the_report_was_due_does_not_make_it_overdue() -> None:
    assert outcome(on("2024-04-15", JANUARY, row("s", "2024-02", "_", "2024-03-10"))) == (
        "warning",
        "highest",
        "firing",
    )


def test_a_later_look_counts_for_all_months_that_were_missing_before() -> None:
    later = row("s", "2024-03", "_", "2024-09-01")
    result = on("2024-09-30", JANUARY, FEBRUARY_MISSING, later)
    assert (outcome(result), ends(result)) == (("critical", "lowest", "firing"), (185, None, 214))
    assert "Feb 2024 and 1 later month: no report when last checked (1 Sep 2024" in result.sentence


def test_a_later_report_shows_a_look_but_not_which_reports_are_missing() -> None:
    result = on("2024-05-20", JANUARY, row("s", "2024-03", "5", "2024-05-01"))
    assert (outcome(result), ends(result)) == (("warning", "highest", "firing"), (None, None, 81))
    assert "whoever looked last, on 1 May 2024, does not say whether it had come" in result.sentence


def test_a_delay_rests_on_the_rows_with_status_missing_and_the_last_report_before_them() -> None:
    filed = [row("s", f"2023-{month:02}", "5", line=month) for month in (11, 12)]
    result = evaluated_on("2024-06-01", *filed, row("s", "2024-01", "5", line=20), {**FEBRUARY_MISSING, "line": 21})
    assert sorted(result.all_rows.loc[list(result.rests_on), "line"]) == [20, 21]
    assert "https://example.org/looked" in explanation(result, date(2024, 6, 1))


def test_a_look_keeps_the_data_fresh_without_any_new_figure() -> None:
    look = row("s", "2024-02", "_", "2025-02-01")
    assert on("2025-02-10", JANUARY, look).data_state.value == "fresh"
    evaluated = evaluated_on("2025-06-10", JANUARY, look)
    result = evaluated.verdict
    assert (result.data_state.value, outcome(result)) == ("stale", ("critical", "lowest", "firing"))
    series = evaluated.assessments[0].series
    assert series.last_looks[len(series) - 1] == date(2025, 2, 1)


def test_the_sentence_names_the_next_report_before_its_period_has_ended() -> None:
    result = on("2024-02-10", JANUARY)
    assert outcome(result) == ("normal", None, "inactive")
    assert "Feb 2024 is the next report to come" in result.sentence


def test_a_delay_shows_the_last_look_and_no_age_of_a_figure() -> None:
    assert "Newest figure" not in on("2024-08-28", JANUARY, FEBRUARY_MISSING).sentence


def test_quarterly_reports_are_not_called_months() -> None:
    result = verdict(owed("expect_every: 3mo"), intake([row("s", "2024-01-01/2024-03-31", "5")]), "2024-09-01")
    assert "no report has reached us by 1 Sep 2024, 63 days after the period's end" in result.sentence


MONTHS = [f"{2023 + number // 12}-{number % 12 + 1:02}" for number in range(15)]


@st.composite
def reports(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Filings and missing rows of some months, each published within a year after its month."""
    results = []
    for number, month in enumerate(MONTHS):
        for figure in draw(st.sampled_from([[], ["5"], ["_"], ["_", "5"]])):
            end = row("s", month, figure)["end"]
            lag = draw(st.integers(0, 120)) + 200 * (figure == "5" and draw(st.booleans()))
            published = (end + timedelta(days=lag + 121 * (figure == "5"))).isoformat()
            results.append(row("s", month, figure, published, line=10 * number + (figure == "5")))
    return results


def naive(known: list[dict[str, Any]], day: date) -> tuple[date | None, date | None]:
    """The end of the oldest month that is owed, and the last day on which it was said to be missing: by walking."""
    known = [one for one in known if one["published_at"].astype("datetime64[D]").item() <= day]
    filed = {one["end"] for one in known if not math.isnan(one["value"])}
    missing = {one["end"] for one in known if math.isnan(one["value"])}
    if not filed:
        return None, None
    for month in [*MONTHS, "2024-04", "2024-05"]:
        end = row("s", month, "5")["end"]
        if end < min(filed) or end in filed or (end in missing and end < max(filed)):
            continue
        looks = [one["published_at"].astype("datetime64[D]").item() for one in known if one["end"] >= end]
        return end, max(looks) if end in missing else None
    raise AssertionError


@settings(max_examples=examples(20, 240))
@given(reports(), st.integers(0, 900))
def test_the_delay_equals_a_naive_count(rows: list[dict[str, Any]], after: int) -> None:
    day = date(2023, 1, 1) + timedelta(days=after)
    evaluated = evaluated_on(day.isoformat(), *rows)
    result = evaluated.verdict
    end, expected = naive(rows, day)
    if end is None:
        assert result.severity is None
        return
    series = evaluated.assessments[0].series
    high = max(0, (day - end).days)
    low = None if expected is None else max(0, (expected - end).days)
    assert ends_of(series) == (low, high if low == high else None, high)


def ends_of(series: Any) -> tuple[float | None, ...]:
    sides = (float(side[-1]) for side in (series.low, series.value, series.high))
    return tuple(None if math.isnan(side) else side for side in sides)


def weight(result: Verdict) -> tuple[int, int]:
    return (-1 if result.severity is None else int(result.severity), int(result.passed_by or 0))


@settings(max_examples=examples(12, 120))
@given(reports(), st.integers(0, 500), st.integers(1, 400))
def test_time_without_a_report_never_calms_an_alert(rows: list[dict[str, Any]], after: int, days: int) -> None:
    first = date(2024, 9, 1) + timedelta(days=after)
    known = [one for one in rows if one["published_at"].astype("datetime64[D]").item() <= first]
    before, later = (on((first + timedelta(days=more)).isoformat(), *known) for more in (0, days))
    assert (later.severity is None) == (before.severity is None)
    if later.severity is not None and before.severity is not None:
        assert later.severity >= before.severity


@settings(max_examples=examples(12, 120))
@given(reports(), st.integers(0, 300))
def test_a_look_that_finds_nothing_new_never_calms(rows: list[dict[str, Any]], after: int) -> None:
    day = date(2025, 3, 1) + timedelta(days=after)
    look = row("s", "2024-04-01/2024-12-31", "_", day.isoformat(), line=999)
    before, then = on(day.isoformat(), *rows), on(day.isoformat(), *rows, look)
    assert weight(then) >= weight(before)


@pytest.mark.parametrize(
    ("day", "passed_by", "words"),
    [
        ("2024-11-26", "highest", "Feb 2024 and 7 later months: no report has reached us by 26 Nov 2024"),
        ("2025-03-14", "lowest", "Feb 2024 and 9 later months: no report when last checked (14 Mar 2025, 379 days"),
        ("2026-11-21", "lowest", "Feb 2024 and 18 later months: no report when last checked (23 Sep 2025, 572 days"),
    ],
)
def test_the_shipped_report_says_who_looked_when(day: str, passed_by: str, words: str) -> None:
    from tests.shipped import on as shipped

    result = shipped(day, "russia_report_overdue")
    assert result.passed_by is not None
    assert (result.passed_by.word, words in result.sentence) == (passed_by, True)


def test_the_shipped_report_rests_on_the_months_that_somebody_looked_for() -> None:
    from tests.shipped import evaluated_on as shipped

    result = shipped("2026-11-21", "russia_report_overdue")
    rows = result.all_rows.loc[list(result.rests_on)]
    assert rows["status"].tolist().count("missing") == len(rows) - 1 >= 19
    assert str(rows.iloc[-1]["end"].date()) == "2024-01-31"
    assert rows["citation"].all()
