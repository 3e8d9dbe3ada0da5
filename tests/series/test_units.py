"""Rows in another unit, brought to the indicator's by cited factors."""

from __future__ import annotations

import json
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from dashboard.app.charts.drawing import indicator_charts
from dashboard.app.indicator.row_tables import rows_table
from dashboard.app.indicator.verdict_view import sources_section
from dashboard.catalog.catalog import Catalog
from dashboard.domain.axes import PassedBy
from dashboard.domain.series import Series
from dashboard.domain.verdict import Verdict
from dashboard.evaluation.evaluate import evaluate
from dashboard.evaluation.evaluation import Evaluation
from dashboard.reporting.board_json import board_as_json
from dashboard.reporting.explanation import explanation
from dashboard.rows.source_rows import SourceRows
from tests.examples import examples
from tests.shorthand import CITED, catalog, evaluation, intake, row, rulebook, severity_and_end, verdict

FACTOR = f"{{from: t, to: bbl, value: 8, low: 7, high: 9, {CITED}}}"


def factored(
    thresholds: str = "severity: critical, above: 800",
    *,
    factors: str = FACTOR,
    kind: str = "level",
    source: str = "",
    more: str = "",
) -> Catalog:
    source_rows = f"factors: [{factors}]" + (f", {source}" if source else "")
    return rulebook(thresholds, kind=kind, unit="bbl", source=source_rows, more=more)


def of(figure: str, made: Catalog, **more: object) -> Verdict:
    return evaluated(figure, made, **more).verdict


def evaluated(figure: str, made: Catalog, **more: object) -> Evaluation:
    return evaluation(made, intake([row("s", "2024-01-01", figure, unit="t", **more)]), "2024-01-02")


@pytest.mark.parametrize(
    ("figure", "source", "expected"),
    [
        # 8 bbl/t, 7 to 9, against 800 bbl
        ("88", "", ("normal", None)),  # at most 792
        ("89", "", ("critical", "highest")),  # at most 801
        ("101", "", ("critical", "value")),  # 808
        ("200", "", ("critical", "value")),  # at least 1,400, but nobody vouches for the 200
        ("114", "exact: true", ("critical", "value")),  # 912, at least 798
        ("115", "exact: true", ("critical", "lowest")),  # at least 805
        ("80~90", "", ("critical", "highest")),
        ("113~300", "", ("critical", "highest")),  # at least 791
        ("115~300", "", ("critical", "lowest")),
        (">90", "", ("critical", "highest")),  # 90 and nothing more may be 810
        (">50", "", (None, None)),  # 450 at the most of the 50, but there may be more
        (">115", "", ("critical", "lowest")),
        ("<88", "", ("normal", None)),
        ("<89", "", ("critical", "highest")),
    ],
)
def test_a_figure_is_as_sure_as_its_factor_and_its_source_allow(
    figure: str, source: str, expected: tuple[str | None, str | None]
) -> None:
    assert severity_and_end(of(figure, factored(source=source))) == expected


@pytest.mark.parametrize(
    ("figure", "source", "expected"),
    [
        ("115", "", ("normal", None)),  # at least 805
        ("114", "", ("warning", "highest")),
        ("99", "", ("warning", "value")),
        ("80", "", ("warning", "value")),
        ("88", "exact: true", ("warning", "lowest")),
        ("60~88", "", ("warning", "lowest")),
        ("60~89", "", ("warning", "highest")),
    ],
)
def test_below_is_the_mirror_of_above(figure: str, source: str, expected: tuple[str, str | None]) -> None:
    assert severity_and_end(of(figure, factored("severity: warning, below: 800", source=source))) == expected


def test_below_zero_the_larger_factor_makes_the_low_end() -> None:
    result = of("-10", factored())
    assert (result.figure.low, result.figure.value, result.figure.high) == (-90, -80, -70)


YEARS = (
    f"{{from: t, to: bbl, value: 8.25, low: 8.2, high: 8.3, until: 2018-12-31, {CITED}}},"
    f"{{from: t, to: bbl, value: 7.98, low: 7.9, high: 8.1, since: 2020-01-01, until: 2023-12-31, {CITED}}},"
    f"{{from: t, to: bbl, value: 8, low: 8, high: 8, since: 2024-01-01, {CITED}}}"
)


@pytest.mark.parametrize(
    ("period", "value"),
    [
        ("1999", 825),
        ("2018-12-31", 825),
        ("2018", 825),
        ("2019-01-01", None),
        ("2018-12-31/2019-01-01", None),
        ("2019", None),
        ("2019-12-31", None),
        ("2019-12-31/2020-01-01", None),
        ("2020-01-01", 798),
        ("2023-12-31", 798),
        ("2023-12", 798),
        ("2023-12-31/2024-01-01", None),  # both days have a factor, but not the same one
        ("2024-01-01", 800),
        ("2024-02", 800),
    ],
)
def test_a_row_is_converted_by_the_factor_that_holds_for_all_its_days(period: str, value: float | None) -> None:
    rows = intake([row("s", period, "100", unit="t")])
    result = evaluation(factored(factors=YEARS, source="stale_after: 9000d"), rows, "2024-03-01")
    if value is not None:
        assert (result.verdict.figure.value, result.verdict.problems) == (pytest.approx(value), ())
        return
    assert (result.verdict.severity, result.verdict.data_state.value, len(result.assessments[0].series)) == (
        None,
        "error",
        0,
    )
    assert f'"t", and no factor from t to bbl is good for all of {period}' in result.verdict.problems[0].message
    assert "since 2020-01-01 until 2023-12-31" in result.verdict.problems[0].message


@pytest.mark.parametrize(
    ("factors", "unit", "message"),
    [
        (FACTOR, "kt", '"kt", but the indicator is in bbl; if it is meant, give its source a cited factor: factors: ['),
        (FACTOR.replace("to: bbl", "to: l"), "t", '"t", but the indicator is in bbl'),
        (FACTOR.replace("from: t, to: bbl", "from: bbl, to: t"), "t", '"t", but the indicator is in bbl'),
        (FACTOR, "", "which unit? write it, such as bbl"),
    ],
)
def test_a_row_without_a_factor_to_the_unit_is_refused_and_nothing_is_normal(
    factors: str, unit: str, message: str
) -> None:
    rows = intake([row("s", "2024-01-01", "5", unit=unit)])
    result = verdict(factored(factors=factors), rows, "2024-01-02")
    assert (result.severity, result.data_state.value, str(result.figure.value)) == (None, "error", "nan")
    assert message in result.problems[0].message
    assert (result.problems[0].file, result.problems[0].path) == ("s.csv", "unit")


def test_a_refused_row_does_not_hide_a_breach_of_another_row() -> None:
    rows = intake([row("s", "2024-01-01", "900", unit="bbl"), row("s", "2024-01-02", "5", unit="kt", line=3)])
    result = verdict(factored(), rows, "2024-01-03")
    assert (severity_and_end(result), result.data_state.value) == (("critical", "value"), "error")


def test_missing_and_withdrawn_rows_need_no_factor_for_their_days() -> None:
    rows = intake(
        [
            row("s", "2020-05", "100", unit="t"),
            row("s", "2019-05", "_", unit="t", note="not filed"),
            row("s", "2020-05", "!", unit="t", published="2020-07"),
            row("s", "2020-06", "90", unit="t", published="2020-07"),
        ]
    )
    result = verdict(factored(factors=YEARS, kind="flow"), rows, "2020-08-01")
    assert (result.problems, result.figure.value) == ((), pytest.approx(718.2))


def test_a_revision_in_the_other_unit_replaces_the_converted_figure_and_since_when_is_known() -> None:
    rows = intake(
        [
            row("s", "2023", "120", unit="t", published="2024-01-10"),
            row("s", "2023", "950", unit="bbl", published="2024-02-10"),
            row("s", "2023", "90", unit="t", published="2024-03-10"),
        ]
    )
    built = factored(source="stale_after: 900d")
    assert [severity_and_end(verdict(built, rows, day)) for day in ("2024-01-10", "2024-02-10", "2024-03-10")] == [
        ("critical", "value"), ("critical", "value"), ("critical", "highest"),
    ]  # fmt: skip
    assert str(verdict(built, rows, "2024-02-10").known_since) == "2024-01-10"
    assert verdict(built, rows, "2024-02-10").figure.value == 950


def test_a_figure_in_the_indicators_unit_is_not_converted() -> None:
    rows = intake([row("s", "2024-01-01", "100~120", unit="bbl"), row("s", "2024-01-02", "100", unit="t", line=3)])
    series = evaluation(factored(), rows, "2024-01-03").assessments[0].series
    assert list(zip(series.low, series.high, strict=True)) == [(100, 120), (700, 900)]
    assert np.isnan(series.at_least[1])


def test_a_sum_adds_figures_in_either_unit() -> None:
    built = factored(
        "severity: critical, at_percent: 100",
        kind="flow",
        more="accumulate: calendar_year\n    limit: 1000\n    combine: sum",
    )
    rows = intake([row("s", "2024-01", "50", unit="t"), row("s", "2024-02", "620", unit="bbl", line=3)])
    result = verdict(built, rows, "2024-03-01")
    assert (result.figure.low, result.figure.value, result.figure.high) == (970, 1020, 1070)
    assert severity_and_end(result) == ("critical", "value")


def test_rows_that_need_only_agree_are_converted_to_a_unit_that_all_can_reach() -> None:
    catalogue = catalog(f"""
sources:
  a: {{title: A, file: a.csv, factors: [{FACTOR}]}}
  b: {{title: B, file: b.csv}}
indicators:
  x: {{title: X, unit: times, sources: [a, b], thresholds: [{{severity: warning, disagree_above: 2}}]}}
""")
    rows = [row("a", "2024-01-01", "10", unit="t"), row("a", "2024-01-02", "800", unit="bbl", line=3)]
    result = evaluation(catalogue, intake(rows, [row("b", "2024-01-01", "20", unit="bbl")]), "2024-01-03")
    assert (result.verdict.severity, round(result.assessments[0].series.value[0], 2)) == (result.verdict.severity, 4)
    alone = evaluation(catalogue, intake(rows[:1], [row("b", "2024-01-01", "20", unit="t")]), "2024-01-03")
    assert alone.assessments[0].series.value[0] == 2  # both in tonnes: nothing to convert


def test_events_that_are_only_counted_are_left_in_their_own_unit() -> None:
    built = factored("severity: critical, occurs: any", kind="event")
    rows = intake([row("s", "2024-01-01", "5", unit="bbl"), row("s", "2024-01-02", "5", unit="t", line=3)])
    assert list(evaluation(built, rows, "2024-01-03").assessments[0].series.value) == [5, 5]


@pytest.mark.parametrize(
    ("later", "problems"),
    [
        (row("s", "2024-01-01", "900", unit="bbl", published="2024-01-03", line=3), 0),
        (row("s", "2024-01-01", "!", unit="kt", published="2024-01-03", line=3), 0),
        (row("s", "2024-01-01", "_", unit="bbl", published="2024-01-03", line=3, note="lost"), 1),
        (row("s", "2024-01-01", "7", unit="kt", published="2024-01-03", line=3), 1),
        (row("s", "2024-01-01", "7", unit="bbl", published="2024-01-03", line=3, status="provisional"), 1),
        (row("s", "2024-01-02", "7", unit="bbl", published="2024-01-03", line=3), 1),
    ],
)
def test_a_refused_row_is_a_problem_until_a_figure_or_a_withdrawal_takes_its_place(
    later: dict[str, object], problems: int
) -> None:
    rows = intake([row("s", "2024-01-01", "5", unit="kt", published="2024-01-02"), later])
    assert len(verdict(factored(), rows, "2024-01-02").problems) == 1
    assert len(verdict(factored(), rows, "2024-01-03").problems) == problems


# -- what is shown ---------------------------------------------------------------------------------------------------

TOLD = "converted from 12,345 t at 7.98 bbl/t (7.9 to 8.1)"


def shown() -> tuple[Catalog, SourceRows]:
    rows = [
        row("s", "2023", "12345", unit="t", citation="https://example.org/said"),
        row("s", "2022", "7", unit="t", status="provisional", line=3),
        row("s", "2021", "8", unit="kg", status="provisional", line=4),
    ]
    return factored(factors=YEARS, source="stale_after: 900d"), intake(rows)


def test_the_conversion_stands_in_the_sentence_and_in_the_explanation_with_both_sources() -> None:
    result = evaluation(*shown(), "2024-01-02")
    assert f"98,513.1 bbl (97,525.5 to 99,994.5) in 2023 (S, published 31 Dec 2023, {TOLD})" in result.verdict.sentence
    text = explanation(result, date(2024, 1, 2))
    assert f"2023: 98,513.1 bbl (97,525.5 to 99,994.5), {TOLD}" in text
    assert "https://example.org/said\n      factor: https://example.org/factor" in text


def test_the_conversion_stands_in_json_beside_the_newest_figure() -> None:
    (result,) = json.loads(board_as_json(evaluate(*shown(), date(2024, 1, 2))))["indicators"][0]["series"]
    assert (result["unit"], result["converted"]) == ("bbl", TOLD)


def test_the_table_of_rows_shows_the_figure_as_received_and_as_judged() -> None:
    table = rows_table(evaluation(*shown(), "2024-01-02"), {})
    assert list(table["Figure"]) == [
        f"98,513.1 bbl (97,525.5 to 99,994.5), {TOLD}",
        "55.86 bbl (55.3 to 56.7), converted from 7 t at 7.98 bbl/t (7.9 to 8.1)",
        "8 kg",
    ]


def test_the_page_of_an_indicator_says_how_the_newest_figure_was_converted() -> None:
    built, rows = shown()
    result = verdict(built, rows, "2024-01-02")
    assert f"98,513.1 bbl (97,525.5 to 99,994.5), {TOLD}" in sources_section(
        result, built.indicators["x"], built, date(2024, 1, 2)
    )


def test_stored_rows_stay_as_received() -> None:
    rows = evaluation(*shown(), "2024-01-02").rows
    assert list(zip(rows["value"], rows["unit"], strict=True)) == [(8, "kg"), (7, "t"), (12345, "t")]


def test_a_chart_never_draws_one_unit_as_another() -> None:
    built, rows = shown()
    result = evaluation(built, rows, "2024-01-02")
    (drawing,) = indicator_charts(result, built.indicators["x"], {"s": "S"}, date(2024, 1, 2))
    drawn = {
        (record["figure"].split(",")[0], record["y"])
        for data in drawing.chart.to_dict()["datasets"].values()
        for record in data
        if "figure" in record
    }
    assert drawn == {("98", 98513.1), ("55.86 bbl (55.3 to 56.7)", 55.86)}
    assert "8 kg" in " ".join(drawing.legend)


# -- what holds for any figure and any factor --------------------------------------------------------------------------

NUMBERS = some.floats(0.01, 1000)


@given(
    figure=some.sampled_from(["{1}", "{0}~{2}", ">{1}", "<{1}"]),
    numbers=some.lists(NUMBERS, min_size=3, max_size=3).map(sorted),
    factor=some.lists(NUMBERS, min_size=3, max_size=3).map(sorted),
    level=some.floats(0.01, 100_000),
    exact=some.booleans(),
    key=some.sampled_from(["above", "below"]),
)
@settings(max_examples=examples(40, 600), deadline=None)
def test_the_range_of_a_factor_never_makes_a_breach_surer_nor_a_figure_normal(
    figure: str, numbers: list[float], factor: list[float], level: float, exact: bool, key: str
) -> None:
    low, value, high = factor
    ranged = f"{{from: t, to: bbl, value: {value:.9f}, low: {low:.9f}, high: {high:.9f}, {CITED}}}"
    point = f"{{from: t, to: bbl, value: {value:.9f}, low: {value:.9f}, high: {value:.9f}, {CITED}}}"
    word = figure.format(*(f"{number:.6f}" for number in numbers))
    source = "exact: true" if exact else ""
    wide, sharp = (
        evaluated(word, factored(f"severity: critical, {key}: {level:.6f}", factors=one_factor, source=source))
        for one_factor in (ranged, point)
    )
    sure = {None: 0, **{one: int(one) for one in PassedBy}}
    if wide.verdict.passed_by is not PassedBy.HIGHEST:
        assert sure[wide.verdict.passed_by] <= sure[sharp.verdict.passed_by]
    if severity_and_end(wide.verdict)[0] == "normal":
        assert severity_and_end(sharp.verdict)[0] == "normal"
    _vouched(wide.assessments[0].series, sharp.assessments[0].series)


def _vouched(wide: Series, sharp: Series) -> None:
    """What nobody vouches for, nobody vouches for once it is converted; and no end moves inwards."""
    for side in ("at_least", "at_most"):
        assert (np.isnan(getattr(wide, side)) == np.isnan(getattr(sharp, side))).all()
    known = ~np.isnan(wide.at_least)
    assert (wide.at_least[known] <= sharp.at_least[known]).all()
    known = ~np.isnan(wide.at_most)
    assert (wide.at_most[known] >= sharp.at_most[known]).all()


@given(figures=some.lists(some.tuples(some.integers(1, 999), some.booleans()), min_size=1, max_size=6))
@settings(max_examples=examples(15, 200), deadline=None)
def test_the_order_of_rows_does_not_matter(figures: list[tuple[int, bool]]) -> None:
    rows = [
        row("s", f"2024-01-{number:02d}", str(figure), unit="t" if tonnes else "bbl", line=number + 1)
        for number, (figure, tonnes) in enumerate(figures, start=1)
    ]
    built = factored()
    boards = [board_as_json(evaluate(built, intake(order), date(2024, 1, 9))) for order in (rows, rows[::-1])]
    assert boards[0] == boards[1]
