"""What is left of a cap, at which pace it is used, and where that leads."""

from __future__ import annotations

import json
from datetime import date

import pytest

from dashboard.analysis.cap_outlook import Outlook, outlook
from dashboard.domain.figure import Figure
from dashboard.reporting.explanation import explanation
from tests.command_line import watchfloor
from tests.shipped import evaluated_on
from tests.shorthand import catalog, evaluation, intake, row, rulebook

CAP = """
sources:
  a: {title: A, file: a.csv, kind: flow}
indicators:
  x:
    title: X
    unit: bbl
    sources: [a]
    accumulate: ANCHOR
    combine: sum
    limit: 366
    thresholds: [{severity: warning, at_percent: 25}, {severity: critical, at_percent: 100}]
"""


def ahead(*amounts: tuple[str, str], day: str, anchor: str = "calendar_year") -> Outlook:
    given = intake([row("a", period, amount) for period, amount in amounts])
    result = outlook(evaluation(catalog(CAP.replace("ANCHOR", anchor)), given, day))
    assert result is not None
    return result


def test_half_the_pace_leads_to_half_the_limit() -> None:
    result = ahead(("2024-01", "15.5"), ("2024-02", "14.5"), day="2024-03-01")
    assert (result.used.value, result.remaining.value, result.pace) == (30, 336, Figure.exact(0.5))
    assert result.projected == Figure.exact(183.0, "bbl")
    assert result.exhausted is None


def test_twice_the_pace_reaches_the_limit_in_the_middle_of_a_leap_year() -> None:
    result = ahead(("2024-01", "62"), ("2024-02", "58"), day="2024-03-01")
    assert result.pace == Figure.exact(2.0)
    assert [str(day) for day in result.exhausted or ()] == ["2024-07-01", "2024-07-01"]
    assert [(level, str(day)) for level, day in result.milestones] == [(25.0, "2024-02-29")]


def test_a_range_gives_a_range_of_dates() -> None:
    result = ahead(("2024-01", "62~93"), day="2024-02-01")
    assert [str(day) for day in result.exhausted or ()] == ["2024-05-01", "2024-07-01"]


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        ("<93", "limit reached at this pace: not before 1 May 2024, if at all"),
        ("20~93", "limit reached at this pace: not before 1 May 2024, if at all"),
        (">62", None),  # "or more" has no pace
        ("62~93", "limit reached at this pace: between 1 May 2024 and 1 Jul 2024"),
        ("62", "limit reached at this pace: 1 Jul 2024"),
        ("<20", None),
        ("5~20", None),
    ],
)
def test_the_dates_of_reaching_the_limit_are_no_surer_than_the_figure(amount: str, said: str | None) -> None:
    lines = ahead(("2024-01", amount), day="2024-02-01").lines()
    assert [line for line in lines if line.startswith("limit")] == ([said] if said else [])


def test_there_is_no_projection_too_early_or_from_a_partial_total() -> None:
    assert ahead(("2024-01-01/2024-01-10", "62"), day="2024-01-11").projected is None
    part = ahead(("2024-02", "62"), day="2024-03-01")
    assert (part.projected, part.is_partial) == (None, True)
    assert "remaining: at most 304 bbl" in part.lines()


def test_a_period_runs_from_its_anchor() -> None:
    result = ahead(("2024-12-22/2025-01-21", "31"), day="2025-01-25", anchor='{anchor: "12-22"}')
    assert str(result.period) == "2024-12-22/2025-12-21"
    assert round(result.elapsed * 365) == 31


def test_there_is_no_outlook_without_a_cap_or_without_figures() -> None:
    assert outlook(evaluated_on("2024-11-26", "tumangang_railcars")) is None
    assert outlook(evaluated_on("2024-11-26", "crude_oil")) is None


def test_the_export_holds_the_outlook_of_a_cap_and_null_elsewhere() -> None:
    content = json.loads(watchfloor("evaluate", "--as-of", "2020-07-08", "--json").stdout)
    result = {one["id"]: one["outlook"] for one in content["indicators"]}
    reported = result["petroleum_reported"]
    assert (reported["period"], reported["until"], reported["is_partial"]) == ("2020", "2020-05-31", False)
    assert round(reported["projected"]["value"]) == 207_079
    assert reported["limit_reached"] is None
    assert result["tumangang_railcars"] is None


def test_explain_shows_the_cap() -> None:
    result = watchfloor("explain", "petroleum_estimated", "--as-of", "2024-11-26").stdout
    assert "remaining: nothing: the cap is used up" in result
    assert "100 %: reached by 5 Nov 2024" in result


def test_a_figure_too_small_for_any_date_has_no_day_on_which_the_limit_is_reached() -> None:
    flow = rulebook(
        "severity: critical, at_percent: 100", kind="flow", more="limit: 500000\n    accumulate: calendar_year"
    )
    given = intake([row("s", "2026-01", "1"), row("s", "2026-02", "0")])
    result = evaluation(flow, given, "2026-03-20")
    ahead_of = outlook(result)
    assert ahead_of is not None
    assert ahead_of.exhausted is None
    assert "period: 2026" in explanation(result, date(2026, 3, 20))
    wide = outlook(evaluation(flow, intake([row("s", "2026-01", "0.0001~400000")]), "2026-02-20"))
    assert wide is not None
    assert [str(day) for day in wide.exhausted or ()] == ["2026-02-08", "None"]


def test_once_the_limit_is_surely_reached_the_pace_gives_no_date() -> None:
    result = ahead(("2024-01", "400"), ("2024-02", "0"), ("2024-03", "0"), day="2024-04-02")
    assert result.exhausted is None
    assert [(level, str(day)) for level, day in result.milestones] == [(25.0, "2024-01-31"), (100.0, "2024-01-31")]


@pytest.mark.parametrize(
    ("amounts", "earliest", "latest"),
    [
        (("300~400", "0~0", "0~0"), "2024-01-31", "2024-04-21"),  # the pace alone would say March
        (("0", "0", "300~3660"), "2024-03-01", "2024-04-21"),  # and here January
        (("10~400", "0~0", "0~0"), "2024-01-31", "None"),
    ],
)
def test_the_earliest_day_is_the_day_on_which_the_high_end_reached_the_limit(
    amounts: tuple[str, ...], earliest: str, latest: str
) -> None:
    months = [(f"2024-0{number}", amount) for number, amount in enumerate(amounts, 1)]
    result = ahead(*months, day="2024-04-02")
    assert [str(day) for day in result.exhausted or ()] == [earliest, latest]


def test_milestones_follow_the_thresholds() -> None:
    by_range = ahead(("2024-01", "400~450"), ("2024-02", "0"), day="2024-03-02")
    assert [level for level, _ in by_range.milestones] == [25.0, 100.0]
    assert by_range.exhausted is None
    assert "remaining: nothing: the cap is used up" in by_range.lines()
    assert ahead(("2024-01", "5~450"), day="2024-02-02").milestones == ()


def test_a_total_that_misses_the_limit_by_rounding_alone_has_reached_it() -> None:
    flow = rulebook(
        "severity: critical, at_percent: 100", kind="flow", more="limit: 0.9\n    accumulate: calendar_year"
    )
    given = intake([row("s", f"2024-0{month}", "0.3") for month in (1, 2, 3)])
    result = outlook(evaluation(flow, given, "2024-04-02"))
    assert result is not None
    assert 0.3 + 0.3 + 0.3 < 0.9
    assert [(level, str(day)) for level, day in result.milestones] == [(100.0, "2024-03-31")]
    assert result.exhausted is None


def test_a_milestone_is_as_sure_as_its_threshold_demands_and_a_pace_makes_no_milestone() -> None:
    more = "limit: 100\n    accumulate: calendar_year"
    thresholds = "severity: critical, at_percent: 100, passed_by: lowest | severity: warning, pace_above: 1"
    given = intake([row("s", "2024-01", "120"), row("s", "2024-02", "1")])
    result = outlook(evaluation(rulebook(thresholds, kind="flow", more=more), given, "2024-03-02"))
    assert result is not None
    assert result.milestones == ()  # nobody vouches for the low end


def test_a_superseded_total_is_no_milestone() -> None:
    more = "limit: 100\n    accumulate: calendar_year"
    given = intake([row("s", "2024-01", "120"), row("s", "2024-01", "50", "2024-02-10")])
    result = outlook(
        evaluation(rulebook("severity: critical, at_percent: 100", kind="flow", more=more), given, "2024-03-02")
    )
    assert result is not None
    assert result.milestones == ()


def test_with_several_lines_the_outlook_names_the_source_of_its_total() -> None:
    two = CAP.replace("ANCHOR", "calendar_year").replace("combine: sum", "combine: each")
    two = two.replace("sources: [a]", "sources: [a, b]").replace(
        "indicators:", "  b: {title: B, file: b.csv, kind: flow}\nindicators:"
    )
    result = evaluation(catalog(two), intake([row("a", "2024-01", "10"), row("b", "2024-01", "50")]), "2024-02-02")
    ahead_of = outlook(result)
    assert ahead_of is not None
    assert (ahead_of.source, ahead_of.used.value) == ("A", 10.0)
    assert ahead_of.lines()[0] == "source: A"
    assert ahead(("2024-01", "10"), day="2024-02-02").source == ""
