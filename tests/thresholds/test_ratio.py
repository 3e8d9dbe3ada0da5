"""How many times one side is another: ranges, what leaves them open, the rows divided, and since when it is known."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.analysis.backtest import backtest
from dashboard.catalog.loader import parse_catalog
from dashboard.domain.axes import State
from dashboard.domain.dates.periods import Period, end_of_day
from dashboard.domain.figure import Figure
from dashboard.domain.text.wording import ratio
from dashboard.domain.verdict import Verdict
from dashboard.evaluation.evaluation import Evaluation
from dashboard.thresholds.own_lines.ratio import ComparedFigure, divide, largest_ratio
from tests.examples import examples
from tests.shorthand import NAN, catalog, evaluation, intake, outcome, row, verdict

CAPS = """
sources:
  panel: {title: Panel, file: p.csv, kind: cumulative_claim}
  centre: {title: Centre, file: c.csv, kind: cumulative_claim}
  russia: {title: Russia, file: r.csv, kind: flow}
  china: {title: China, file: n.csv, kind: flow}
indicators:
  x: {title: X, unit: times, thresholds: [
      {severity: warning, disagree_above: 1.5, between: [estimated, reported]}]}
  of_russia: {title: Of Russia, unit: times, thresholds: [
      {severity: warning, disagree_above: 1.5, between: [estimated, reported], sources: [centre, russia]}]}
  estimated: {title: Estimated, unit: bbl, sources: [panel, centre], combine: max, accumulate: calendar_year,
              limit: 500, thresholds: [{severity: critical, at_percent: 100}]}
  reported: {title: Reported, unit: bbl, sources: [russia, china], combine: sum, accumulate: calendar_year,
             limit: 500, thresholds: [{severity: critical, at_percent: 100}]}
"""
MADE = catalog(CAPS)


def on(day: str, *rows: dict[str, Any], of: str = "x") -> Verdict:
    return evaluated_on(day, *rows, of=of).verdict


def evaluated_on(day: str, *rows: dict[str, Any], of: str = "x") -> Evaluation:
    return evaluation(MADE, intake(rows), day, of)


def ends(result: Verdict) -> tuple[float | None, ...]:
    return tuple(
        None if math.isnan(side) else round(side, 2)
        for side in (result.figure.low, result.figure.value, result.figure.high)
    )


def reports(russia: str, china: str, period: str = "2023", **more: Any) -> list[dict[str, Any]]:
    return [row("russia", period, russia, **more), row("china", period, china, **more)]


# --- The range ---


def test_a_claim_of_at_most_gives_the_high_end_alone() -> None:
    result = on("2023-12-31", row("panel", "2023", "<781"), *reports("100", "49"))
    assert (outcome(result), ends(result)) == (("warning", "highest", "firing"), (None, None, 5.24))
    assert "at most 5.3 times, in 2023" in result.sentence


def test_a_lower_bound_never_seems_to_fall_short_of_the_level_that_it_passes() -> None:
    strict = catalog(CAPS.replace("disagree_above: 1.5", "disagree_above: 10.2"))
    rows = intake([row("panel", "2023", ">1054"), *reports("50", "50")])
    result = verdict(strict, rows, "2023-12-31", "x")
    assert "10 times or more, in 2023" in result.sentence
    assert ": more than 10.2 times (10.54)" in result.sentence


def test_a_range_over_a_number_is_a_range() -> None:
    result = on("2023-12-31", row("panel", "2023", "1015~1523"), *reports("200", "125"))
    assert (outcome(result), ends(result)) == (("warning", "value", "firing"), (3.12, None, 4.69))
    assert "3.1 to 4.7 times, in 2023" in result.sentence


def test_a_divisor_that_lacks_months_is_what_had_been_reported_by_then() -> None:
    months = [row("russia", "2023-01-01/2023-11-30", "200"), row("china", "2023", "125")]
    result = on("2024-01-10", row("panel", "2023", "1015~1523"), *months)
    assert (outcome(result), ends(result)) == (("warning", "highest", "firing"), (None, None, 4.69))
    assert "at most 4.7 times what had been reported by then, in 2023" in result.sentence


def test_reports_that_end_before_the_estimate_lack_months() -> None:
    result = on("2023-12-10", row("panel", "2023-01-01/2023-11-30", "1000"), *reports("100", "100", "2023-01"))
    assert outcome(result) == ("warning", "highest", "firing")
    assert "what had been reported by then" in result.sentence


def test_a_ratio_of_two_exact_figures_is_exact() -> None:
    result = on("2023-12-31", row("panel", "2023", "300"), *reports("60", "40"))
    assert (outcome(result), ends(result), result.figure.or_more) == (("warning", "value", "firing"), (3, 3, 3), False)


def test_a_ratio_of_an_or_more_figure_is_or_more() -> None:
    result = on("2023-12-31", row("panel", "2023", ">1000"), *reports("200", "90~100"))
    assert (ends(result), result.figure.or_more) == ((3.33, None, 3.45), True)
    assert result.sentence.startswith(
        "3.3 times or more, in 2023 (Estimated: 1,000 bbl or more for 2023, not all of it"
    )


def test_a_figure_below_zero_makes_no_ratio() -> None:
    apart = catalog(
        """
sources: {a: {title: A, file: a.csv}, b: {title: B, file: b.csv}}
indicators:
  x: {title: X, unit: times, sources: [a, b], thresholds: [{severity: warning, disagree_above: 1.5}]}
"""
    )
    result = verdict(apart, intake([row("a", "2024-01-01", "5")], [row("b", "2024-01-01", "-1")]), "2024-01-01")
    assert (result.severity, "no ratio of figures below zero" in result.sentence) == (None, True)


# --- One supplier ---


def test_an_estimate_of_one_supplier_is_compared_with_his_own_reports() -> None:
    rows = [row("centre", "2023", "300"), row("panel", "2023", "100"), *reports("100", "200")]
    assert ends(on("2023-12-31", *rows)) == (1, 1, 1)
    result = on("2023-12-31", *rows, of="of_russia")
    assert (outcome(result), ends(result)) == (("warning", "value", "firing"), (3, 3, 3))
    assert "(Centre: 300 bbl for 2023; Russia: 100 bbl for 2023," in result.sentence


def test_the_claimant_that_gives_the_number_of_several_claims_is_named() -> None:
    text = (
        CAPS.replace("sources: [centre, russia]", "sources: [centre, panel, russia]")
        .replace("sources: [panel, centre],", "sources: [panel, centre, other, fourth],")
        .replace(
            "  russia:",
            "  other: {title: Other, file: o.csv, kind: cumulative_claim}\n"
            "  fourth: {title: Fourth, file: f.csv, kind: cumulative_claim}\n  russia:",
        )
    )
    rows = [row("centre", "2023", "300"), *reports("100", "200"), row("panel", "2023", "400", "2024-03-01", line=9)]
    early, late = (
        verdict(catalog(text), intake(rows), day, "of_russia").sentence for day in ("2024-01-10", "2024-03-02")
    )
    assert "(Centre: 300 bbl for 2023; " in early
    assert "(Panel: 400 bbl for 2023; " in late


def test_a_ratio_to_reports_that_somebody_looked_for_and_did_not_find_has_no_measure() -> None:
    rows = [
        row("centre", "2023-03-01/2023-10-31", ">1000", line=2),
        row("russia", "2023-01", "15", "2023-03-01", line=3),
        row("russia", "2023-02", "_", "2023-12-01", line=4),
        row("russia", "2023-03-01/2023-10-31", "_", "2023-12-01", line=5),
    ]
    before = on("2023-11-30", *rows, of="of_russia")
    evaluated = evaluated_on("2023-12-01", *rows, of="of_russia")
    after = evaluated.verdict
    assert outcome(before) == outcome(after) == ("warning", "highest", "firing")
    assert "66 times or more what had been reported by then" in before.sentence
    assert "Without measure, for nothing had been reported of these days, " in after.sentence
    assert "from 1 Mar 2023 to 31 Oct 2023" in after.sentence
    assert "Russia: none for these days" in after.sentence
    assert str(after.known_since) == "2023-10-31"
    assert lines(evaluated) == [2, 5]


@pytest.mark.parametrize(
    ("sources", "message"),
    [
        (
            "[centre, rusia]",
            'thresholds[0].sources[1]: rusia is no source of estimated or reported; did you mean "russia"?',
        ),
        ("[centre, panel]", "thresholds[0].sources: none of them is a source of reported"),
    ],
)
def test_the_sources_that_count_must_be_sources_of_the_two_caps(sources: str, message: str) -> None:
    from pathlib import Path

    text = "version: 1\n" + CAPS.replace("[centre, russia]", sources)
    result = parse_catalog(text, "test.yaml", Path(), None)
    assert any(message in str(problem) for problem in result.problems), [str(one) for one in result.problems]


# --- The rows divided ---


def lines(result: Evaluation) -> list[int]:
    return sorted(result.all_rows.loc[list(result.rests_on), "line"].tolist())


def test_a_ratio_rests_on_the_rows_divided_and_not_on_those_of_an_old_breach() -> None:
    old = [row("russia", "2022", "400", line=2), row("china", "2022", "260", line=3)]
    own = [
        row("panel", "2023", "400", line=4),
        row("russia", "2023", "100", line=5),
        row("china", "2023", "49", line=6),
    ]
    result = evaluated_on("2023-12-31", *old, *own)
    assert (outcome(result.verdict), lines(result)) == (("warning", "value", "firing"), [4, 5, 6])


def test_a_ratio_rests_on_revised_rows_as_in_force() -> None:
    rows = [
        row("panel", "2023", "400", line=2),
        row("russia", "2023", "100", line=3),
        row("china", "2023", "49", line=4),
    ]
    again = row("russia", "2023", "110", "2024-01-31", line=5)
    assert lines(evaluated_on("2024-02-01", *rows, again)) == [2, 4, 5]


def test_a_ratio_of_two_sources_rests_on_the_figures_of_its_period() -> None:
    apart = catalog(
        """
sources: {a: {title: A, file: a.csv, kind: flow}, b: {title: B, file: b.csv, kind: flow}}
indicators:
  x: {title: X, unit: times, sources: [a, b], thresholds: [{severity: warning, disagree_above: 1.5}]}
"""
    )
    rows = [row("a", "2024-01", "9", line=2), row("a", "2024-02", "9", line=3), row("b", "2024-02", "1", line=4)]
    assert lines(evaluation(apart, intake(rows), "2024-02-29")) == [3, 4]


# --- Since when it is known ---


def test_a_revised_divisor_does_not_reset_known_since() -> None:
    rows = [row("panel", "2023-01-01/2023-10-31", "400"), *reports("100", "49", "2023-01-01/2023-10-31")]
    again = [row("russia", "2023-01-01/2023-10-31", "110", "2023-11-20"), row("china", "2023-11", "1", "2023-12-05")]
    for day in ("2023-11-01", "2023-11-21", "2023-12-06"):
        result = on(day, *rows, *again)
        assert (outcome(result)[2], str(result.known_since)) == ("firing", "2023-10-31"), day


def test_the_ratio_of_one_period_is_not_known_since_that_of_another() -> None:
    rows = [row("panel", "2022", "400"), *reports("100", "49", "2022")]
    later = [row("panel", "2023-01-01/2023-02-28", "400"), *reports("100", "49", "2023-01-01/2023-02-28")]
    evaluated = evaluated_on("2023-03-10", *rows, *later)
    result = evaluated.verdict
    assert str(result.known_since) == "2023-02-28"
    assert [one.known_since.isoformat() for one in result.on_record if one.known_since] == []
    assert [str(one.known_since) for one in evaluated.episodes] == ["2022-12-31", "2023-02-28"]


def test_a_later_period_does_not_take_back_the_ratio_of_a_closed_one() -> None:
    rows = [row("panel", "2022", "400"), *reports("100", "49", "2022"), row("panel", "2023", "150")]
    result = on("2023-12-31", *rows, *reports("100", "49"))
    assert outcome(result) == ("normal", None, "on_record")
    assert [one.period for one in result.on_record] == ["2022"]


def test_a_period_that_grows_is_no_withdrawal() -> None:
    rows = [
        row("panel", "2023-01-01/2023-03-31", "400"),
        *reports("50", "49", "2023-01-01/2023-03-31"),
        row("panel", "2023-01-01/2023-11-30", "900", "2024-02-01"),
        *(row(one, "2023-04-01/2023-12-31", "10", "2024-03-01") for one in ("russia", "china")),
    ]
    (history,) = backtest(MADE, intake(rows), ["x"], date(2024, 6, 1))
    assert [one.state for one in history.episodes] == [State.ON_RECORD]
    assert str(history.episodes[0].known_from) == "2023-03-31"


# --- Laws ---


def sides(exact: bool) -> st.SearchStrategy[tuple[float, float, float]]:
    """Low, value and high in order, each of which but not all may be unknown."""
    known = st.lists(st.integers(0, 50), min_size=3, max_size=3).map(sorted)
    holes = st.tuples(*[st.booleans()] * 3).filter(any)
    return st.tuples(known, holes).map(
        lambda made: tuple(float(one) if is_known or exact else NAN for one, is_known in zip(*made, strict=True))  # type: ignore[return-value]
    )


def figure(
    known: tuple[float, float, float], *, partial: bool = False, end: date = date(2023, 12, 31)
) -> ComparedFigure:
    low, value, high = known
    days, at = Period(date(2023, 1, 1), end), end_of_day(end)
    or_more = math.isnan(high)
    return ComparedFigure("S", "bbl", days, low, value, high, low, high, or_more=or_more, partial=partial, known_at=at)


@given(sides(exact=False), sides(exact=False), st.booleans(), st.booleans())
def test_the_ends_of_a_ratio_are_in_order(
    one: tuple[float, float, float], other: tuple[float, float, float], first: bool, second: bool
) -> None:
    pair = [figure(one, partial=first), figure(other, partial=second)]
    for result in (divide(pair[0].days, *pair), largest_ratio(pair[0].days, pair)):
        known = [side for side in (result.low, result.value, result.high) if not math.isnan(side)]
        assert known == sorted(known)


@given(sides(exact=True), sides(exact=True), st.integers(0, 4), st.integers(0, 4))
def test_no_pair_of_figures_lies_outside_the_ends(
    one: tuple[float, float, float], other: tuple[float, float, float], first: int, second: int
) -> None:
    result = divide(figure(one).days, figure(one), figure(other))
    dividend, divisor = (known[0] + (known[2] - known[0]) * part / 4 for known, part in ((one, first), (other, second)))
    if divisor:
        assert result.low <= dividend / divisor * (1 + 1e-9)
        assert result.high >= dividend / divisor * (1 - 1e-9)
    one_number = one[0] == one[2] and other[0] == other[2]
    assert (result.low == result.value == result.high) or not one_number


MONTHS = [f"2023-{month:02}" for month in range(1, 13)]


@st.composite
def boards(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Claims and monthly reports of 2022 and 2023, some of them revised or missing."""
    results = []
    for year in ("2022", "2023"):
        for source in ("russia", "china"):
            for month in MONTHS:
                for lag in draw(st.sampled_from([(), (), (1,), (1,), (1, 40)])):
                    period = month.replace("2023", year)
                    results.append(_row(draw, source, period, lag))
        for source in ("panel", "centre"):
            for month in draw(st.lists(st.sampled_from(MONTHS), max_size=3, unique=True)):
                period = f"{year}-01-01/{year}-{month[5:]}-28"
                results.append(_row(draw, source, period, 1))
    return [{**one, "line": number + 2} for number, one in enumerate(results)]


def _row(draw: st.DrawFn, source: str, period: str, lag: int) -> dict[str, Any]:
    figure = draw(st.sampled_from(["5", "20", "5~20", "<20", ">5", "0", "_"] if lag == 1 else ["5", "20", "5~20"]))
    end = row(source, period, figure)["end"]
    return row(source, period, figure, date.fromordinal(end.toordinal() + lag).isoformat())


@settings(max_examples=examples(4, 30), deadline=None)
@given(boards(), st.integers(30, 1100))
def test_a_ratio_is_that_of_the_two_totals_and_rests_on_their_rows(rows: list[dict[str, Any]], after: int) -> None:
    day = date.fromordinal(date(2022, 1, 1).toordinal() + after).isoformat()
    given_rows = intake(rows)
    result = evaluation(MADE, given_rows, day)
    totals = [evaluation(MADE, given_rows, day, name) for name in ("estimated", "reported")]
    series = result.assessments[0].series
    for at in np.flatnonzero(series.current & series.has_figure):
        year = series.start[at].astype("datetime64[Y]")
        both = [_last_of(one, year) for one in totals]
        if None in both:
            continue  # without measure
        (low, _, high), (by_low, _, by_high) = both  # type: ignore[misc]
        assert series.may_fall is not None
        if series.may_fall[at]:
            assert math.isnan(series.low[at])
        elif not math.isnan(low) and by_high:
            assert series.low[at] == pytest.approx(low / by_high, nan_ok=True)
        if math.isfinite(series.high[at]) and by_low and not math.isnan(high):
            assert series.high[at] == pytest.approx(high / by_low, nan_ok=True)
            assert set(series.rows_behind[int(series.key[at])]) == _rows_of(totals, year)
    assert set(result.rests_on) <= {row for one in totals for row in one.known_rows.tolist()}


def _last_of(result: Evaluation, year: np.datetime64) -> tuple[float, float, float] | None:
    series = result.assessments[0].series
    own = np.flatnonzero(series.end.astype("datetime64[Y]") == year)
    return None if not own.size else tuple(float(side[own[-1]]) for side in (series.low, series.value, series.high))  # type: ignore[return-value]


def _rows_of(totals: list[Evaluation], year: np.datetime64) -> set[int]:
    lines = [line for one in totals for line in one.lines]
    return {
        int(row)
        for line in lines
        for row in line.row[line.current & line.has_figure & (line.end.astype("datetime64[Y]") == year)]
    }


# --- Words ---


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.042, "0.042"), (0.42, "0.42"), (0.996, "0.996"), (1, "1"), (1.034, "1.03"), (3.38, "3.4"), (9.96, "10"),
        (18.6, "19"), (99.6, "100"), (1234.5, "1,234"), (0, "0"),
    ],
)  # fmt: skip
def test_a_ratio_has_two_digits_below_ten_and_none_behind_the_point_above(value: float, expected: str) -> None:
    assert ratio(value) == expected


@pytest.mark.parametrize(
    ("sides", "or_more", "expected"),
    [
        ((3.12, NAN, 4.68), False, "3.1 to 4.7 times"),
        ((NAN, NAN, 5.24), False, "at most 5.3 times"),
        ((3.38, 3.38, 3.38), True, "3.3 times or more"),
        ((7.37, 7.39, 7.41), False, "7.4 times (7.3 to 7.5)"),
        ((4.62, 7.39, 7.39), False, "7.4 times (4.6 to 7.4)"),
        ((NAN, NAN, math.inf), False, "without measure"),
    ],
)
def test_ratios_in_words(sides: tuple[float, float, float], or_more: bool, expected: str) -> None:
    assert str(Figure(*sides, "times", or_more=or_more)) == expected


@pytest.mark.parametrize(("claim", "expected"), [("152", "just more than 1.5 times"), ("155", ": more than 1.5 times")])
def test_a_rounded_ratio_never_contradicts_its_level(claim: str, expected: str) -> None:
    assert expected in on("2023-12-31", row("panel", "2023", claim), *reports("50", "50")).sentence
