"""The charts as JSON: what they draw of a verdict, and that nothing in them is later than the instant."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from dashboard.app.charts.drawing import IndicatorChart, indicator_charts
from dashboard.app.charts.marks import GREY, SEVERITY_COLOURS
from dashboard.app.serving.server import MAIN
from dashboard.catalog.catalog import Catalog
from tests.app.test_watch_board import DAYS, board, shipped
from tests.shorthand import catalog as yaml
from tests.shorthand import evaluation, intake, row, rows, rulebook


def charts_of(day: str, indicator: str) -> list[IndicatorChart]:
    catalog, result = shipped()[0], board(day).evaluations[indicator]
    titles = {name: source.title for name, source in catalog.sources.items()}
    return indicator_charts(result, catalog.indicators[indicator], titles, date.fromisoformat(day))


def spec(drawing: IndicatorChart) -> dict[str, Any]:
    result: dict[str, Any] = drawing.chart.to_dict()
    return result


def records(drawing: IndicatorChart, mark: str | None = None) -> list[dict[str, Any]]:
    """The values of all layers, or of those with one mark; one layer alone shares its data with the whole."""
    result = spec(drawing)
    return [
        record
        for layer in result["layer"]
        if mark is None or layer["mark"]["type"] == mark
        for record in result["datasets"][layer.get("data", result.get("data"))["name"]]
    ]


def small(figures: str, thresholds: str, day: str, **more: str) -> IndicatorChart:
    catalog = rulebook(thresholds, **more)
    result = evaluation(catalog, intake(rows("s", figures)), day)
    return indicator_charts(result, catalog.indicators["x"], {"s": "S"}, date.fromisoformat(day))[0]


def test_a_cap_is_drawn_with_its_notice_levels() -> None:
    chart = charts_of("2024-11-26", "petroleum_reported")[0]
    assert chart.title == "Use of the cap in each calendar year"
    levels = {record["y"]: record["label"] for record in records(chart, "rule") if "label" in record}
    assert levels[500_000] == "cap 500,000 bbl"
    assert set(levels) == {375_000, 450_000, 475_000, 500_000}


def test_a_threshold_is_drawn_where_it_was_evaluated() -> None:
    (chart,) = charts_of("2023-10-06", "tumangang_railcars")
    levels = {record["label"] for record in records(chart, "rule") if "label" in record}
    assert "critical above 40 railcars" in levels


def test_before_a_baseline_was_published_no_threshold_is_drawn() -> None:
    (chart,) = charts_of("2023-10-01", "tumangang_railcars")
    assert not [record for record in records(chart, "rule") if "label" in record]


@pytest.mark.parametrize("day", DAYS)
def test_no_mark_in_a_chart_is_later_than_the_instant(day: str) -> None:
    for name in shipped()[0].indicators:
        for chart in charts_of(day, name):
            for record in records(chart):
                assert record.get("start", "") <= f"{day}T00:00:00Z", name
                assert record.get("end", "") <= f"{day}T00:00:00Z", name
            domain = spec(chart)["layer"][-1]["encoding"]["x"]["scale"]["domain"]
            assert domain[1] == f"{day}T00:00:00Z"


@pytest.mark.parametrize("day", DAYS)
def test_a_figure_that_was_published_later_is_in_no_chart(day: str) -> None:
    known = json.dumps([spec(chart) for chart in charts_of(day, "petroleum_estimated")])
    assert ("1015588" in known) == (day >= "2024-03-21")


def test_sources_differ_by_shape_and_colour() -> None:
    (chart,) = charts_of("2024-11-26", "munitions_containers")
    points = next(layer for layer in spec(chart)["layer"] if "shape" in layer["encoding"])
    shapes = points["encoding"]["shape"]["scale"]
    claimants = ["ROK defence intelligence", "United States", "ROK defence minister", "ROK intelligence service"]
    assert shapes["domain"] == claimants  # and not who retells one of them
    assert len(set(shapes["range"])) == len(claimants)
    assert points["encoding"]["color"]["scale"]["domain"] == shapes["domain"]


def test_the_time_in_breach_is_shaded_once_for_overlapping_episodes() -> None:
    (chart,) = charts_of("2024-11-26", "munitions_containers")
    spans = [record for record in records(chart, "area") if record["severity"] == "critical"]
    assert len(spans) == 2  # the start and the end of one span
    assert spans[-1]["end"] == "2024-11-26T00:00:00Z"


def test_no_line_crosses_a_missing_day() -> None:
    chart = small("1 2 . 3 4 . 5", "severity: critical, above: 9", "2024-01-08")
    lines = records(chart, "line")
    assert {(record["run"], record["y"]) for record in lines} == {(0, 1.0), (0, 2.0), (1, 3.0), (1, 4.0)}


def test_a_missing_report_is_a_grey_block_and_not_a_zero() -> None:
    catalog = rulebook("severity: critical, above: 9")
    known = intake([row("s", "2024-01", "1"), row("s", "2024-02", "_", note="not filed")])
    (chart,) = indicator_charts(
        evaluation(catalog, known, "2024-03-01"), catalog.indicators["x"], {"s": "S"}, date(2024, 3, 1)
    )
    assert {record["reason"] for record in records(chart, "line") if "reason" in record} == {"not filed"}
    assert [record["y"] for record in records(chart, "point")] == [1.0]
    assert any("not zero, but unknown" in said for said in chart.legend)


def test_a_range_is_a_bar_and_a_minimum_is_an_arrow() -> None:
    chart = small("5~8 >3", "severity: critical, above: 9", "2024-01-02")
    bars = [(record["low"], record["high"]) for record in records(chart, "rule") if "high" in record]
    assert bars == [(5.0, 8.0)]
    assert [record["y"] for record in records(chart, "text") if "or_more" in record] == [3.0]


def test_provisional_rows_are_hollow_and_dashed() -> None:
    catalog = rulebook("severity: critical, above: 9")
    known = intake([row("s", "2024-01-01", "1"), row("s", "2024-01-02", "50", status="provisional")])
    (chart,) = indicator_charts(
        evaluation(catalog, known, "2024-01-03"), catalog.indicators["x"], {"s": "S"}, date(2024, 1, 3)
    )
    (hollow,) = [layer for layer in spec(chart)["layer"] if layer["mark"].get("strokeDash") == [2, 2]]
    assert hollow["mark"]["filled"] is False
    assert any("not checked, never judged" in said for said in chart.legend)


def test_use_of_a_cap_begins_anew_in_each_period() -> None:
    more = "limit: 100\n    accumulate: calendar_year"
    catalog = rulebook("severity: critical, at_percent: 100", kind="flow", more=more)
    months = ["2023-01", "2023-02", "2023-03", "2024-01", "2024-02", "2024-03"]
    known = intake([row("s", month, "10", line=at) for at, month in enumerate(months)])
    result = evaluation(catalog, known, "2024-04-01")
    steps = records(indicator_charts(result, catalog.indicators["x"], {"s": "S"}, date(2024, 4, 1))[0], "line")
    assert [record["y"] for record in steps if "source" in record] == [0.0, 10.0, 20.0, 30.0] * 2


def cap(amount: str, day: str) -> IndicatorChart:
    """The chart of a cap of 366 a year, of which this was used in January."""
    catalog = rulebook(
        "severity: critical, at_percent: 100", kind="flow", more="limit: 366\n    accumulate: calendar_year"
    )
    result = evaluation(catalog, intake([row("s", "2024-01", amount)]), day)
    return indicator_charts(result, catalog.indicators["x"], {"s": "S"}, date.fromisoformat(day))[0]


def test_the_projection_of_a_cap_is_drawn_to_the_end_of_its_period_and_labelled_as_no_figure() -> None:
    chart = cap("31~62", "2024-02-10")
    course = [(one["end"][:10], one["low"], one["high"]) for one in records(chart, "area") if "figure" in one][-2:]
    assert course == [("2024-01-31", 31.0, 62.0), ("2024-12-31", 366.0, 732.0)]
    assert [one["figure"] for one in records(chart, "text") if "figure" in one] == ["projected: 366 to 732 units"]
    assert any("it is where the pace so far leads" in said for said in chart.legend)
    assert spec(chart)["layer"][-1]["encoding"]["x"]["scale"]["domain"][1] == "2024-12-31T00:00:00Z"


def test_the_words_of_a_projection_cross_no_level() -> None:
    assert [one["top"] for one in records(cap("30", "2024-02-10"), "text") if "top" in one] == [366.0]
    assert [one["top"] for one in records(cap("15.5", "2024-02-10"), "text") if "top" in one] == [183.0]


def test_a_cap_with_an_unknown_pace_is_drawn_up_to_the_instant() -> None:
    catalog = rulebook(
        "severity: critical, at_percent: 100", kind="flow", more="limit: 366\n    accumulate: calendar_year"
    )
    result = evaluation(catalog, intake([row("s", "2024-02", "31")]), "2024-03-10")  # January is missing
    chart = indicator_charts(result, catalog.indicators["x"], {"s": "S"}, date(2024, 3, 10))[0]
    assert spec(chart)["layer"][-1]["encoding"]["x"]["scale"]["domain"][1] == "2024-03-10T00:00:00Z"
    assert not any("pace so far" in said for said in chart.legend)


@pytest.mark.parametrize(
    ("threshold", "labels"),
    [
        ("above: 3", {3.0: "warning above 3 units"}),
        ("below: 3", {3.0: "warning below 3 units"}),
        ("outside: [2, 4]", {2.0: "warning below 2 units", 4.0: "warning above 4 units"}),
        ("occurs: any", {}),
    ],
)
def test_the_label_of_a_level_names_the_side_on_which_figures_pass(threshold: str, labels: dict[float, str]) -> None:
    chart = small("1 5 3", f"severity: warning, {threshold}", "2024-01-03")
    assert {record["y"]: record["label"] for record in records(chart, "rule") if "label" in record} == labels


def test_a_composite_is_drawn_as_a_count_of_indicators() -> None:
    entries = "".join(
        f"  {name}: {{title: {name}, sources: [s], thresholds: [{{severity: warning, above: 5}}]}}\n" for name in "ab"
    )
    both = "  x: {title: X, unit: indicators, thresholds: [{severity: critical, all_of: [a, b]}]}\n"
    catalog = yaml(f"sources:\n  s: {{title: S, file: s.csv}}\nindicators:\n{entries}{both}")
    result = evaluation(catalog, intake(rows("s", "1 9")), "2024-01-02")
    (chart,) = indicator_charts(result, catalog.indicators["x"], {"s": "S"}, date(2024, 1, 2))
    assert [record["label"] for record in records(chart, "rule") if "label" in record] == [
        "critical from 2 of 2 firing"
    ]
    assert [record["value"] for record in records(chart, "point")] == [0.0, 2.0]


@pytest.mark.parametrize(
    "threshold",
    ["times_baseline: 2", "change_above: 50", "times_baseline: 2, trailing: median", "unusual: high"],
)
def test_a_moving_bound_is_drawn_as_it_was_judged_in_the_colour_of_its_severity(threshold: str) -> None:
    figures = " ".join(str(4 + number % 5) for number in range(40))
    catalog = rulebook(f"severity: warning, {threshold}")
    result = evaluation(catalog, intake(rows("s", figures, step=7)), "2024-12-31")
    (chart,) = indicator_charts(result, catalog.indicators["x"], {"s": "S"}, date(2024, 12, 31))
    judged = result.assessments[0].bounds[0]
    held = spec(chart)
    bounds = [layer for layer in held["layer"] if layer["mark"].get("color") != GREY]  # grey is what was expected
    told = [record for layer in bounds for record in held["datasets"][layer["data"]["name"]]]
    drawn = [record["y"] for record in told if "threshold" in record]
    fixed = [record["y"] for record in records(chart, "rule") if "label" in record]
    assert drawn == list(judged[judged == judged]) or (not drawn and fixed == list(set(judged[judged == judged])))
    for layer in bounds:
        if layer["encoding"].get("detail", {}).get("field") == "threshold":
            assert layer["mark"]["color"] == SEVERITY_COLOURS["warning"]
    assert max([*drawn, *fixed]) <= spec(chart)["layer"][-1]["encoding"]["y"]["scale"]["domain"][1]


def test_without_a_figure_there_is_no_chart() -> None:
    assert charts_of("2024-11-26", "crude_oil") == []


def test_text_from_data_stands_only_in_values_titles_and_domains() -> None:
    hostile = "datum['x'] || signal"
    catalog = rulebook("severity: critical, above: 0")
    result = evaluation(catalog, intake(rows("s", "1 2")), "2024-01-02")
    (chart,) = indicator_charts(result, catalog.indicators["x"], {"s": hostile}, date(2024, 1, 2))
    for layer in spec(chart)["layer"]:
        for channel in layer["encoding"].values():
            for part in channel if isinstance(channel, list) else [channel]:
                assert "expr" not in json.dumps(part)
                assert hostile not in str(part.get("field"))


def test_the_style_sheet_darkens_the_labels_of_thresholds_by_the_colours_they_have() -> None:
    style = (MAIN.parent / "style.css").read_text()
    for severity in ("warning", "critical"):
        assert f'text[fill="{SEVERITY_COLOURS[severity]}"] {{ fill: var(--{severity}); }}' in style
    assert f'text[fill="{GREY}"] {{ fill: var(--quiet); }}' in style


def of_rows(catalog: Catalog, given: list[dict[str, Any]], day: str) -> list[IndicatorChart]:
    return indicator_charts(
        evaluation(catalog, intake(given), day), catalog.indicators["x"], {"s": "S"}, date.fromisoformat(day)
    )


def beside(drawing: IndicatorChart) -> list[str]:
    return [said for said in drawing.legend if said.startswith("Not on this axis")]


@pytest.mark.parametrize("kind", ["cumulative_claim", "flow"])
def test_a_row_in_a_unit_without_a_factor_is_described_in_words_and_not_drawn_as_zero(kind: str) -> None:
    combine = "sum" if kind == "flow" else "max"
    more = f"limit: 500000\n    accumulate: calendar_year\n    combine: {combine}"
    catalog = rulebook("severity: critical, at_percent: 100", kind=kind, unit="bbl", more=more)
    given = [
        row("s", "2024-01", "200000", unit="bbl"),
        row("s", "2024-02", "90000", unit="t", line=3),
        row("s", "2024-03", "70000", unit="t", line=4, status="provisional"),
    ]
    charts = of_rows(catalog, given, "2024-05-02")
    drawn = [record for chart in charts for mark in ("point", "area") for record in records(chart, mark)]
    assert {record["y"] for record in drawn if "figure" in record} == {200_000.0}
    assert beside(charts[-1]) == [
        "Not on this axis, and not zero: 90,000 t for Feb 2024 (S, reported); 70,000 t for Mar 2024 (S, provisional)."
    ]


def test_without_numbers_the_axes_are_empty_and_the_words_state_the_known_figures() -> None:
    more = "limit: 500000\n    accumulate: calendar_year\n    combine: max"
    catalog = rulebook("severity: critical, at_percent: 100", kind="cumulative_claim", unit="bbl", more=more)
    given = [row("s", f"2024-{month:02d}", "9", unit="t", line=month) for month in range(1, 13)]
    (chart,) = of_rows(catalog, given, "2025-01-02")
    assert not any(spec(chart)["datasets"].values())
    assert beside(chart)[0].endswith("and 2 more, which the rows show.")


def test_a_ratio_without_measure_leaves_the_axis_finite_and_breaks_the_line() -> None:
    catalog = yaml(
        """
sources:
  a: {title: A, file: a.csv}
  b: {title: B, file: b.csv}
indicators:
  x: {title: X, unit: times, sources: [a, b], thresholds: [{severity: warning, disagree_above: 1.5}]}
"""
    )
    (chart,) = of_rows(catalog, [*rows("a", "5 6 5 6"), *rows("b", "5 6 0 6")], "2024-01-05")
    json.dumps(spec(chart), allow_nan=False)
    assert [record["y"] for record in records(chart, "point")] == [1.0, 1.0, 1.0]
    assert [record["end"][:10] for record in records(chart, "line") if "figure" in record] == [
        "2024-01-01",
        "2024-01-02",
    ]
    (said,) = beside(chart)
    assert said.startswith("Not on this axis, and not zero: without measure for 3 Jan 2024")
    (alone,) = of_rows(catalog, [*rows("a", "5"), *rows("b", "0~2")], "2024-01-05")
    json.dumps(spec(alone), allow_nan=False)
    (tick,) = [record for record in records(alone, "tick") if "figure" in record]
    assert (tick["y"], tick["or_more"]) == (2.5, True)
    assert tick["figure"] == "2.5 times or more, perhaps without measure"


@pytest.mark.parametrize(
    ("thresholds", "label", "colour"),
    [
        (
            "severity: warning, above: 5 | severity: critical, above: 5, passed_by: lowest",
            "warning and critical (even at its lowest) above 5 units",
            "critical",
        ),
        (
            "severity: critical, above: 5 | severity: warning, below: 5",
            "critical above 5 units; warning below 5 units",
            "critical",
        ),
        ("severity: warning, above: 5 | severity: warning, above: 5", "warning above 5 units", "warning"),
    ],
)
def test_a_level_names_all_thresholds_that_lie_there(thresholds: str, label: str, colour: str) -> None:
    chart = small("1 5 3", thresholds, "2024-01-03")
    assert [record["label"] for record in records(chart, "rule") if "label" in record] == [label]
    lines = [layer for layer in spec(chart)["layer"] if layer["mark"]["type"] == "rule"]
    assert [layer["mark"]["color"] for layer in lines] == [SEVERITY_COLOURS[colour]]


def test_a_bound_known_once_is_a_bar_at_its_figure_and_no_level_for_all() -> None:
    chart = small("4 6", "severity: warning, change_above: 50", "2024-01-02")
    assert not [record for record in records(chart, "rule") if "label" in record]
    assert [(record["end"][:10], record["y"]) for record in records(chart, "tick")] == [("2024-01-02", 6.0)]
    assert any("short bar" in said for said in chart.legend)


def test_the_expected_figure_is_drawn_below_the_bound() -> None:
    figures = " ".join(str(4 + number % 5) for number in range(40))
    catalog = rulebook("severity: warning, unusual: high")
    result = evaluation(catalog, intake(rows("s", figures, step=7)), "2024-12-31")
    (chart,) = indicator_charts(result, catalog.indicators["x"], {"s": "S"}, date(2024, 12, 31))
    told = [record for record in records(chart, "area") if "expected" in record]
    assert told
    assert all(4 <= record["expected"] <= 8 < record["y"] for record in told)
    assert "The grey line is what was expected" in " ".join(chart.legend)
