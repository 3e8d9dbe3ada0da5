"""A source with a plain figure for each day: its totals are made in one go, and are those made period by period."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from dashboard.domain.dates.periods import Anchor, day_of
from dashboard.domain.series import SERIES_ARRAYS, Series
from dashboard.series.joined_lines.cap_periods import split_by_period
from dashboard.series.joined_lines.cap_totals import running_totals, totals_of_period
from tests.examples import examples
from tests.shorthand import catalog, intake, row, verdict

CAP = """
sources: {{s: {{title: S, file: s.csv, kind: flow{exact}}}}}
indicators:
  x: {{title: X, unit: bbl, sources: [s], accumulate: calendar_year, limit: {limit},
       thresholds: [{{severity: critical, at_percent: 100}}]}}
"""


def daily(first: date, figures: list[float], lags: list[int], spread: float, *, vouched: bool) -> Series:
    """A flow of daily figures, each published some days later; with a range where `spread` is not 0."""
    count = len(figures)
    days = np.datetime64(first) + np.arange(count)
    value = np.array(figures)
    low, high = (value * (1 - spread), value * (1 + spread)) if spread else (value, value)
    nobody = np.broadcast_to(np.nan, count)
    nothing, place = np.zeros(count, bool), np.arange(count)
    known_at = (days + np.array(lags)).astype("datetime64[s]") + np.timedelta64(86_399, "s")
    return Series(
        "s", "S", days, days, low, value, high, low if vouched else nobody, high if vouched else nobody, nothing,
        nothing, known_at, np.ones(count, bool), place, place, days, unit="bbl", kind="flow", origin="s",
    )  # fmt: skip


SERIES = some.builds(
    daily,
    some.sampled_from([date(2023, 1, 1), date(2023, 12, 20), date(2024, 2, 20)]),
    some.lists(some.integers(0, 9).map(float), min_size=40, max_size=40),
    some.lists(some.integers(0, 90), min_size=40, max_size=40),
    some.sampled_from([0.0, 0.5]),
    vouched=some.booleans(),
)


@settings(max_examples=examples(20, 240), deadline=None)
@given(line=SERIES, anchor=some.sampled_from([Anchor(), Anchor(12, 22), Anchor(3, 1)]), after=some.integers(0, 400))
def test_the_quick_totals_equal_those_made_period_by_period(line: Series, anchor: Anchor, after: int) -> None:
    as_of = day_of(line.end[-1]) + timedelta(days=after)
    quick = running_totals([line], "sum", anchor, "S", as_of)
    parts = [totals_of_period([line], "sum", period, as_of) for period, _, _ in split_by_period(line.end, anchor)]
    for name in SERIES_ARRAYS:
        if name not in ("key", "row"):  # numbered anew
            slow = np.concatenate([getattr(part, name) for part in parts])
            np.testing.assert_array_equal(getattr(quick, name), slow, err_msg=name)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2023-01-01", "2023-12-31", "normal"),
        ("2023-01-01", "2023-11-30", None),  # days are missing at its end
        ("2023-03-01", "2023-12-31", None),  # and at its beginning
    ],
)
def test_a_closed_year_is_normal_only_if_every_day_was_reported(first: str, last: str, expected: str | None) -> None:
    source_rows = intake(_each_day(first, last, "5"))
    (year,) = verdict(catalog(CAP.format(limit=5000, exact="")), source_rows, "2024-02-01").on_record
    assert (year.severity.word if year.severity else None) == expected


def test_a_late_figure_of_last_year_does_not_delay_when_this_years_breach_was_known() -> None:
    late = [row("s", f"2023-12-{day:02d}", "5", "2024-06-30") for day in range(1, 32)]
    result = verdict(
        catalog(CAP.format(limit=100, exact="")), intake(late, _each_day("2024-01-01", "2024-02-10", "5")), "2024-07-15"
    )
    assert str(result.known_since) == "2024-01-20"


@pytest.mark.parametrize("exact", ["", ", exact: true"])
def test_equal_figures_that_share_one_number_are_added_all_the_same(exact: str) -> None:
    days = np.datetime64("2024-01-01") + np.arange(60)
    line = daily(date(2024, 1, 1), [1.0] * 60, [0] * 60, 0.0, vouched=bool(exact))
    same = np.broadcast_to(1.0, len(days))
    shared = Series(**{**vars_of(line), "low": same, "value": same, "high": same})
    totals = running_totals([shared], "sum", Anchor(), "S", date(2024, 3, 1))
    assert totals.value[-1] == 60


def vars_of(line: Series) -> dict[str, object]:
    return {name: getattr(line, name) for name in line.__dataclass_fields__}


def _each_day(first: str, last: str, figure: str) -> list[dict[str, object]]:
    begin, days = date.fromisoformat(first), (date.fromisoformat(last) - date.fromisoformat(first)).days
    return [row("s", (begin + timedelta(days=day)).isoformat(), figure) for day in range(days + 1)]
