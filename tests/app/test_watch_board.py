"""What the watch board says and in which order, and where its curves may be drawn, without a browser."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from dashboard.app.address import Address, read_address
from dashboard.app.indicator.row_tables import is_superseded, rows_table
from dashboard.app.watch.payload import FIRST, Payload, watch_payload
from dashboard.app.watch.row import WatchRow
from dashboard.catalog.catalog import Catalog
from dashboard.catalog.loader import load_catalog
from dashboard.domain.dates.periods import Anchor
from dashboard.evaluation.evaluate import evaluate
from dashboard.evaluation.evaluation import EvaluatedBoard
from dashboard.reporting.summary.board_summary import summarize, summary_from_json
from dashboard.reporting.summary.joined_runs import joined_runs
from dashboard.reporting.summary.sparkline import HEIGHT, WIDTH, sparkline
from dashboard.rows.load import load_rows
from dashboard.rows.source_rows import SourceRows
from tests.shorthand import catalog as yaml
from tests.shorthand import evaluation, intake, row, rows, rulebook

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 11, 21)
DAYS = ("2018-01-01", "2023-10-01", "2023-10-06", "2024-03-21", "2024-11-26", "2026-11-21")


@cache
def shipped() -> tuple[Catalog, SourceRows]:
    catalog = load_catalog(ROOT / "indicators.yaml")
    return catalog, load_rows(catalog, TODAY)


@cache
def board(day: str) -> EvaluatedBoard:
    return evaluate(*shipped(), date.fromisoformat(day))


def address(day: str) -> Address:
    return read_address({"as_of": day}, TODAY)


@cache
def watch(day: str) -> Payload:
    at = address(day)
    return watch_payload(summarize(board(day), board(at.since.isoformat()), shipped()[0]), shipped()[0], at)


@pytest.mark.parametrize("day", DAYS)
def test_a_summary_read_from_its_file_is_drawn_like_the_written_summary(day: str) -> None:
    at = address(day)
    written = summarize(board(day), board(at.since.isoformat()), shipped()[0]).as_json()
    assert watch_payload(summary_from_json(written), shipped()[0], at).as_json() == watch(day).as_json()
    assert summary_from_json(written).as_json() == written


def rows_of(day: str, group: str) -> dict[str, WatchRow]:
    section = watch(day).sections.get(group)
    return {one.id: one for one in section.rows} if section else {}


def small(figures: str, thresholds: str, day: str, **more: str) -> Payload:
    """The board of one indicator."""
    catalog, known = rulebook(thresholds, **more), intake(rows("s", figures))
    result = evaluate(catalog, known, date.fromisoformat(day))
    return watch_payload(summarize(result, result, catalog), catalog, address(day))


# --- Groups ---


@pytest.mark.parametrize("day", DAYS)
def test_every_indicator_stands_on_the_board_exactly_once(day: str) -> None:
    shown = [one.id for section in watch(day).sections.values() for one in section.rows]
    assert sorted(shown) == sorted(shipped()[0].indicators)


@pytest.mark.parametrize("day", DAYS)
def test_a_normal_verdict_is_fresh_or_late(day: str) -> None:
    assert {one.data_state for one in rows_of(day, "normal").values()} <= {"fresh", "late"}


def test_a_fresh_figure_under_its_threshold_is_normal() -> None:
    (shown,) = small("1 2 1", "severity: critical, above: 5", "2024-01-03").sections["normal"].rows
    assert (shown.severity, shown.figure, shown.measure) == ("normal", "1 unit", "threshold 5 units")


def test_the_same_figure_is_not_normal_once_it_is_stale() -> None:
    sections = small("1 2 1", "severity: critical, above: 5", "2025-01-03").sections
    assert "normal" not in sections
    (shown,) = sections["unknown"].rows
    assert shown.severity == "not assessed"
    assert "too old to say that all is normal" in shown.why


def test_a_calm_board_says_that_no_indicator_is_in_breach() -> None:
    breach = small("1", "severity: critical, above: 5", "2024-01-01").sections["breach"]
    assert breach.rows == ()
    assert breach.empty == "No alert is open on what is known."


def test_the_worst_indicator_stands_first() -> None:
    words = [one.severity for one in watch("2024-11-26").sections["breach"].rows]
    assert words == sorted(words)  # critical, then warning
    assert words[0] == "critical"


def test_a_breach_on_record_is_drawn_hollow_and_says_that_now_is_not_assessed() -> None:
    petroleum = rows_of("2026-11-21", "record")["petroleum_estimated"]
    assert petroleum.hollow
    assert (petroleum.severity, petroleum.passed_by) == ("critical", "even at its lowest")
    assert petroleum.period == "2024, and 4 earlier"
    assert (petroleum.age, petroleum.data_state) == ("now not assessed", "no data")


def test_context_is_never_among_the_alarms() -> None:
    for day in DAYS:
        context = set(rows_of(day, "context"))
        assert context == {name for name, one in shipped()[0].indicators.items() if _is_context(one)}


def _is_context(indicator: object) -> bool:
    return all(one.severity == "info" for one in indicator.thresholds)  # type: ignore[attr-defined]


def many(count: int, thresholds: str) -> Payload:
    """A board of so many indicators with one figure, 5."""
    entry = f"title: X, unit: ships, sources: [s], thresholds: [{{{thresholds}}}]"
    names = "".join(f"  x{number}: {{{entry}}}\n" for number in range(count))
    catalog = yaml(f"sources:\n  s: {{title: S, file: s.csv}}\nindicators:\n{names}")
    result = evaluate(catalog, intake(rows("s", "5")), date(2024, 1, 1))
    return watch_payload(summarize(result, result, catalog), catalog, address("2024-01-01"))


def test_a_long_section_is_drawn_in_part_and_counted_whole() -> None:
    normal = many(51, "severity: critical, above: 9").sections["normal"]
    assert (len(normal.rows), normal.first) == (51, FIRST)
    assert normal.as_json(is_unfolded=False)["first"] == FIRST
    assert many(50, "severity: critical, above: 9").sections["normal"].first == 50


@pytest.mark.parametrize("severity", ["critical", "warning"])
def test_the_section_of_breaches_is_never_cut(severity: str) -> None:
    breach = many(51, f"severity: {severity}, above: 1").sections["breach"]
    assert breach.first == len(breach.rows) == 51


def test_only_rows_with_room_for_a_curve_have_one() -> None:
    assert many(1, "severity: critical, above: 1").sections["breach"].rows[0].spark is not None
    assert many(1, "severity: critical, above: 9").sections["normal"].rows[0].spark is None


# --- Rows ---


def test_a_row_shows_figure_limit_period_age_and_sources() -> None:
    petroleum = rows_of("2024-11-26", "breach")["petroleum_estimated"]
    assert petroleum.figure == "1,000,000 bbl or more"
    assert petroleum.measure == "at least 200 % of 500,000 bbl"
    assert petroleum.period == "7 Mar to 5 Nov 2024"
    assert (petroleum.data_state, petroleum.age) == ("fresh", "21 days old")
    assert petroleum.direction == "RU + CN → KP"


def test_a_firing_indicator_with_stale_data_is_marked_as_not_to_be_trusted() -> None:
    report = rows_of("2024-11-26", "aged")["russia_report_overdue"]
    assert report.data_state == "stale"
    assert not report.is_trusted


def test_figures_that_are_not_combined_name_their_claimant() -> None:
    containers = rows_of("2024-11-26", "breach")["munitions_containers"]
    assert containers.figure == "10,000 to 20,000 or more containers"
    assert containers.sources == "4 claimants · newest ROK defence intelligence"


def test_links_keep_the_instant() -> None:
    assert rows_of("2024-11-26", "breach")["tumangang_railcars"].href == (
        "indicator?id=tumangang_railcars&as_of=2024-11-26"
    )


# --- Curves ---


@pytest.mark.parametrize("day", DAYS)
def test_curves_stay_inside_their_box(day: str) -> None:
    for result in board(day).evaluations.values():
        anchor = shipped()[0].indicators[result.verdict.id].anchor
        drawn = sparkline(result, anchor, date.fromisoformat(day))
        if drawn:
            for x, y in (*drawn.dots, *(dot for run in drawn.lines for dot in run)):
                assert 0 <= x <= WIDTH, result.verdict.id
                assert 0 <= y <= HEIGHT, result.verdict.id


def test_a_curve_shows_its_threshold_and_has_a_text_in_words() -> None:
    result = board("2023-10-06").evaluation("tumangang_railcars")
    assert result is not None
    drawn = sparkline(result, None, date(2023, 10, 6))
    assert drawn is not None
    assert drawn.level is not None
    assert "the line is the threshold at 40 railcars" in drawn.label


def test_without_a_figure_there_is_no_curve() -> None:
    result = board("2024-11-26").evaluation("crude_oil")
    assert result is not None
    assert sparkline(result, Anchor(12, 22), date(2024, 11, 26)) is None


@pytest.mark.parametrize(
    ("figures", "joined"),
    [
        ("1 2 3", [[0, 1, 2]]),
        ("1 . 3", [[0], [1]]),
        ("1 2 . 3 4", [[0, 1], [2, 3]]),
        ("1 _ 3", [[0], [1]]),
    ],
)
def test_a_line_never_crosses_a_gap(figures: str, joined: list[list[int]]) -> None:
    result = evaluation(rulebook("severity: critical, above: 5"), intake(rows("s", figures)), "2024-01-05")
    series = result.assessments[0].series
    assert joined_runs(series.take(np.flatnonzero(series.current & series.has_figure))) == joined


def test_events_are_points_even_on_neighbouring_days() -> None:
    result = evaluation(
        rulebook("severity: critical, occurs: any", kind="event"), intake(rows("s", "1 1 1")), "2024-01-05"
    )
    assert joined_runs(result.assessments[0].series) == [[0], [1], [2]]


def test_running_totals_are_joined_only_inside_a_period() -> None:
    cap = rulebook("severity: critical, at_percent: 100", kind="flow", more="limit: 10\n    accumulate: calendar_year")
    months = [row("s", month, "1", line=at) for at, month in enumerate(("2023-11", "2023-12", "2024-01", "2024-02"))]
    series = evaluation(cap, intake(months), "2024-03-01").assessments[0].series
    assert joined_runs(series, Anchor()) == [[0, 1], [2, 3]]


# --- The table of rows ---


def test_a_revised_row_is_marked_as_superseded_and_a_provisional_one_as_not_judged() -> None:
    known = intake(
        [
            row("s", "2024-01-01", "1", "2024-01-02", line=2),
            row("s", "2024-01-01", "2", "2024-01-03", line=3),
            row("s", "2024-01-01", "9", "2024-01-04", line=4, status="provisional"),
        ]
    )
    result = evaluation(rulebook("severity: critical, above: 5"), known, "2024-01-05")
    assert list(is_superseded(result.rows.sort_values("line"))) == [True, False, False]
    said = dict(zip(rows_table(result, {})["File and line"], rows_table(result, {})["Status"], strict=True))
    assert said == {"s.csv:2": "superseded (reported)", "s.csv:3": "reported", "s.csv:4": "provisional, not judged"}


def test_the_rows_that_a_verdict_rests_on_stand_first() -> None:
    result = board("2023-10-06").evaluation("tumangang_railcars")
    assert result is not None
    used = list(rows_table(result, {})["In the verdict"])
    assert used[0] == "yes"
    assert used == sorted(used, reverse=True)
