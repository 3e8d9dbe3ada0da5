"""What ends a breach: a figure about later days, never one about days that the breach lies in."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tests.shorthand import catalog, intake, row, rulebook, severity_and_end, verdict

ABOVE = "severity: critical, above: 60"


def verdicts_in_turn(
    *rows: tuple[str, str] | tuple[str, str, str], thresholds: str = ABOVE, kind: str = "level"
) -> list[str]:
    """Severity and state after each row in turn; one a day in November 2026 unless it says when."""
    made = [row("s", *one_row, **{"line": number + 2}) for number, one_row in enumerate(rows)]  # type: ignore[arg-type]
    result = []
    for number, one_row in enumerate(made):
        day = one_row["known_at"].item().date()
        given = intake(made[: number + 1])
        now = verdict(rulebook(thresholds, kind=kind), given, day.isoformat())
        result.append(f"{severity_and_end(now)[0] or '?'} {now.state.value}")
    return result


def test_the_average_of_a_year_does_not_end_the_breach_of_its_october() -> None:
    rows = [("2026-09", "50"), ("2026-10", "100"), ("2026", "50", "2026-11-20"), ("2026-11", "50")]
    assert verdicts_in_turn(*rows) == ["normal inactive", "critical firing", "critical firing", "normal resolved"]


def test_the_breach_of_a_year_is_not_ended_by_one_of_its_months() -> None:
    rows = [("2025", "100", "2026-01-10"), ("2025-12", "50", "2026-01-11"), ("2026-01", "50")]
    assert verdicts_in_turn(*rows) == ["critical firing", "critical firing", "normal resolved"]


def test_a_revision_of_the_period_itself_ends_its_breach() -> None:
    rows = [("2026-10", "100"), ("2026-10", "50", "2026-11-20")]
    assert verdicts_in_turn(*rows)[-1].startswith("normal")


def test_a_normal_year_gives_no_all_clear_beside_a_month_that_could_not_be_judged() -> None:
    rows = [("2026-09", "50"), ("2026-10", ">20", "2026-11-02"), ("2026", "50", "2026-11-20")]
    assert verdicts_in_turn(*rows) == ["normal inactive", "? inactive", "? inactive"]


def test_the_month_decides_where_month_and_year_are_both_normal() -> None:
    rows = [row("s", "2026-10", "20"), row("s", "2026", "50", "2026-11-20")]
    result = verdict(rulebook(ABOVE), intake(rows), "2026-11-20")
    assert (result.figure.value, result.date) == (20, date(2026, 10, 31))


def test_years_alone_are_judged_like_any_other_periods() -> None:
    rows = [("2024", "50"), ("2025", "100"), ("2026", "50")]
    assert verdicts_in_turn(*rows) == ["normal inactive", "critical firing", "normal resolved"]


@pytest.mark.parametrize("course", ["", ", recover_below: 40", ", keep_firing_for: 10d"])
def test_a_year_ends_the_breach_of_its_month_under_no_lifecycle(course: str) -> None:
    rows = [("2026-10", "100"), ("2026", "20", "2026-11-20")]
    assert verdicts_in_turn(*rows, thresholds=ABOVE + course) == ["critical firing", "critical firing"]


def test_a_year_between_does_not_interrupt_figures_in_a_row() -> None:
    rows = [("2026-08", "100"), ("2026-09", "100"), ("2026", "20", "2026-10-10"), ("2026-10", "100")]
    result = verdicts_in_turn(*rows, thresholds=ABOVE + ", for: 3 figures")
    assert result == ["critical pending", "critical pending", "critical pending", "critical firing"]


def test_a_year_between_does_not_make_a_breach_younger() -> None:
    rows = [row("s", "2026-09", "100"), row("s", "2026", "20", "2026-10-10"), row("s", "2026-10", "100")]
    result = verdict(rulebook(ABOVE), intake(rows), "2026-11-10")
    assert (result.since, result.known_since) == (date(2026, 9, 30), date(2026, 9, 30))


@pytest.mark.parametrize("occurs", ["occurs: any", "occurs: first", "occurs: 2, within: 30d"])
def test_a_yearly_count_of_zero_ends_no_event_of_that_year(occurs: str) -> None:
    rows = [("2026-10-05", "2"), ("2026", "0", "2026-11-20"), ("2026-11-22", "0")]
    result = verdicts_in_turn(*rows, thresholds=f"severity: critical, {occurs}, window: 90d", kind="event")
    assert result == ["critical firing", "critical firing", "normal resolved"]


def test_a_later_running_total_since_the_same_day_is_about_later_days() -> None:
    rows = [("2026-01-01/2026-06-30", "10"), ("2026-01-01/2026-07-31", "70"), ("2026-01-01/2026-08-31", "71")]
    result = verdicts_in_turn(*rows, thresholds="severity: critical, change_above: 50", kind="cumulative_claim")
    assert result == ["? inactive", "critical firing", "normal resolved"]


def test_a_composite_is_not_calm_because_of_a_year_beside_an_open_month() -> None:
    result = catalog(
        f"""
sources: {{s: {{title: S, file: s.csv}}, t: {{title: T, file: t.csv}}}}
indicators:
  x: {{title: X, unit: u, sources: [s], thresholds: [{{{ABOVE}}}]}}
  y: {{title: Y, unit: u, sources: [t], thresholds: [{{{ABOVE}}}]}}
  any: {{title: Any, thresholds: [{{severity: critical, any_of: [x, y]}}]}}
"""
    )
    rows = [row("s", "2026-10", ">20", "2026-11-02"), row("s", "2026", "50", "2026-11-20"), row("t", "2026-11-20", "1")]
    assert verdict(result, intake(rows), "2026-11-21", "any").severity is None


FIGURE = some.tuples(some.integers(0, 60), some.sampled_from([1, 1, 7, 30]), some.integers(0, 100))


@given(figures=some.lists(FIGURE, min_size=1, max_size=8, unique_by=lambda one: one[:2]))
def test_a_figure_that_ends_a_breach_begins_after_it(figures: list[tuple[int, int, int]]) -> None:
    """No figure above the level that no later-beginning one follows, and still normal."""
    first = date(2026, 8, 1)
    rows = []
    for number, (start, length, value) in enumerate(figures):
        days = first + timedelta(days=start), first + timedelta(days=start + length - 1)
        rows.append(row("s", f"{days[0]}/{days[1]}", str(value), "2026-10-31", line=number + 2))
    result = verdict(rulebook(ABOVE), intake(rows), "2026-11-01")
    starts = [one_row["start"] for one_row in rows if one_row["value"] <= 60]
    open_breach = any(one_row["value"] > 60 and not any(s > one_row["end"] for s in starts) for one_row in rows)
    assert (severity_and_end(result)[0] == "critical") is open_breach
