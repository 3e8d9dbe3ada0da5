"""Rows in another unit, brought to the indicator's by cited factors; caps whose limit is stated in two units."""

from __future__ import annotations

import json
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from dashboard.app.charts.drawing import drawings
from dashboard.app.rows import rows_table
from dashboard.app.verdict_markup import sources
from dashboard.catalog import Catalog
from dashboard.evaluate import evaluate
from dashboard.export import board_as_json, explanation
from dashboard.intake import Intake
from dashboard.model import Certainty, Series, Verdict
from dashboard.rule_tests import run_tests
from tests.shorthand import catalog, intake, one, row, verdict

CITED = "citation: https://example.org/factor"
FACTOR = f"{{from: t, to: bbl, value: 8, low: 7, high: 9, {CITED}}}"


def factored(
    thresholds: str = "severity: critical, above: 800",
    *,
    factors: str = FACTOR,
    kind: str = "level",
    source: str = "",
    more: str = "",
) -> Catalog:
    given = f"factors: [{factors}]" + (f", {source}" if source else "")
    return one(thresholds, kind=kind, unit="bbl", source=given, more=more)


def said(found: Verdict) -> tuple[str | None, str | None]:
    """Severity and certainty."""
    return found.severity.word if found.severity else None, found.certainty.word if found.certainty else None


def of(figure: str, made: Catalog, **more: object) -> Verdict:
    return verdict(made, intake([row("s", "2024-01-01", figure, unit="t", **more)]), "2024-01-02")


@pytest.mark.parametrize(
    ("figure", "source", "expected"),
    [
        # 8 bbl/t, 7 to 9, against 800 bbl
        ("88", "", ("normal", None)),  # at most 792
        ("89", "", ("critical", "possible")),  # at most 801
        ("101", "", ("critical", "likely")),  # 808
        ("200", "", ("critical", "likely")),  # at least 1,400, but nobody vouches for the 200
        ("114", "exact: true", ("critical", "likely")),  # 912, at least 798
        ("115", "exact: true", ("critical", "confirmed")),  # at least 805
        ("80~90", "", ("critical", "possible")),
        ("113~300", "", ("critical", "possible")),  # at least 791
        ("115~300", "", ("critical", "confirmed")),
        (">90", "", ("critical", "possible")),  # 90 and nothing more may be 810
        (">50", "", (None, None)),  # 450 at the most of the 50, but there may be more
        (">115", "", ("critical", "confirmed")),
        ("<88", "", ("normal", None)),
        ("<89", "", ("critical", "possible")),
    ],
)
def test_a_figure_is_as_sure_as_its_factor_and_its_source_allow(
    figure: str, source: str, expected: tuple[str | None, str | None]
) -> None:
    assert said(of(figure, factored(source=source))) == expected


@pytest.mark.parametrize(
    ("figure", "source", "expected"),
    [
        ("115", "", ("normal", None)),  # at least 805
        ("114", "", ("warning", "possible")),
        ("99", "", ("warning", "likely")),
        ("80", "", ("warning", "likely")),
        ("88", "exact: true", ("warning", "confirmed")),
        ("60~88", "", ("warning", "confirmed")),
        ("60~89", "", ("warning", "possible")),
    ],
)
def test_below_is_the_mirror_of_above(figure: str, source: str, expected: tuple[str, str | None]) -> None:
    assert said(of(figure, factored("severity: warning, below: 800", source=source))) == expected


def test_below_zero_the_larger_factor_makes_the_low_end() -> None:
    found = of("-10", factored())
    assert (found.low, found.value, found.high) == (-90, -80, -70)


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
def test_a_row_is_converted_by_the_factor_that_is_good_for_all_its_days(period: str, value: float | None) -> None:
    rows = intake([row("s", period, "100", unit="t")])
    found = verdict(factored(factors=YEARS, source="stale_after: 9000d"), rows, "2024-03-01")
    if value is not None:
        assert (found.value, found.problems) == (pytest.approx(value), ())
        return
    assert (found.severity, found.data_state.value, len(found.assessments[0].series)) == (None, "error", 0)
    assert f'"t", and no factor from t to bbl is good for all of {period}' in found.problems[0].message
    assert "since 2020-01-01 until 2023-12-31" in found.problems[0].message


@pytest.mark.parametrize(
    ("factors", "unit", "message"),
    [
        (FACTOR, "kt", '"kt", but the indicator is in bbl; if it is meant, give its source a cited factor: factors: ['),
        (FACTOR.replace("to: bbl", "to: l"), "t", '"t", but the indicator is in bbl'),
        (FACTOR.replace("from: t, to: bbl", "from: bbl, to: t"), "t", '"t", but the indicator is in bbl'),
        (FACTOR, "", "which unit? write it, such as bbl"),
    ],
)
def test_a_row_without_a_way_to_the_unit_is_refused_and_nothing_is_normal(
    factors: str, unit: str, message: str
) -> None:
    rows = intake([row("s", "2024-01-01", "5", unit=unit)])
    found = verdict(factored(factors=factors), rows, "2024-01-02")
    assert (found.severity, found.data_state.value, str(found.value)) == (None, "error", "nan")
    assert message in found.problems[0].message
    assert (found.problems[0].file, found.problems[0].path) == ("s.csv", "unit")


def test_a_refused_row_does_not_hide_a_breach_that_another_one_shows() -> None:
    rows = intake([row("s", "2024-01-01", "900", unit="bbl"), row("s", "2024-01-02", "5", unit="kt", line=3)])
    found = verdict(factored(), rows, "2024-01-03")
    assert (said(found), found.data_state.value) == (("critical", "likely"), "error")


def test_missing_and_withdrawn_rows_need_no_factor_for_their_days() -> None:
    rows = intake(
        [
            row("s", "2020-05", "100", unit="t"),
            row("s", "2019-05", "_", unit="t", note="not filed"),
            row("s", "2020-05", "!", unit="t", published="2020-07"),
            row("s", "2020-06", "90", unit="t", published="2020-07"),
        ]
    )
    found = verdict(factored(factors=YEARS, kind="flow"), rows, "2020-08-01")
    assert (found.problems, found.value) == ((), pytest.approx(718.2))


def test_a_revision_in_the_other_unit_replaces_the_converted_figure_and_since_when_is_known() -> None:
    rows = intake(
        [
            row("s", "2023", "120", unit="t", published="2024-01-10"),
            row("s", "2023", "950", unit="bbl", published="2024-02-10"),
            row("s", "2023", "90", unit="t", published="2024-03-10"),
        ]
    )
    made = factored(source="stale_after: 900d")
    assert [said(verdict(made, rows, day)) for day in ("2024-01-10", "2024-02-10", "2024-03-10")] == [
        ("critical", "likely"), ("critical", "likely"), ("critical", "possible"),
    ]  # fmt: skip
    assert str(verdict(made, rows, "2024-02-10").known_since) == "2024-01-10"
    assert verdict(made, rows, "2024-02-10").value == 950


def test_what_came_in_the_indicators_unit_is_not_touched() -> None:
    rows = intake([row("s", "2024-01-01", "100~120", unit="bbl"), row("s", "2024-01-02", "100", unit="t", line=3)])
    series = verdict(factored(), rows, "2024-01-03").assessments[0].series
    assert list(zip(series.low, series.high, strict=True)) == [(100, 120), (700, 900)]
    assert np.isnan(series.at_least[1])


def test_a_sum_adds_what_came_in_either_unit() -> None:
    made = factored(
        "severity: critical, at_percent: 100",
        kind="flow",
        more="accumulate: calendar_year\n    limit: 1000\n    combine: sum",
    )
    rows = intake([row("s", "2024-01", "50", unit="t"), row("s", "2024-02", "620", unit="bbl", line=3)])
    found = verdict(made, rows, "2024-03-01")
    assert (found.low, found.value, found.high) == (970, 1020, 1070)
    assert said(found) == ("critical", "likely")


def test_rows_that_need_only_agree_are_brought_to_the_unit_that_all_can_be_brought_to() -> None:
    made = catalog(f"""
sources:
  a: {{title: A, file: a.csv, factors: [{FACTOR}]}}
  b: {{title: B, file: b.csv}}
indicators:
  x: {{title: X, unit: times, sources: [a, b], thresholds: [{{severity: warning, disagree_above: 2}}]}}
""")
    rows = [row("a", "2024-01-01", "10", unit="t"), row("a", "2024-01-02", "800", unit="bbl", line=3)]
    found = verdict(made, intake(rows, [row("b", "2024-01-01", "20", unit="bbl")]), "2024-01-03")
    assert (found.severity, round(found.assessments[0].series.value[0], 2)) == (found.severity, 4)
    alone = verdict(made, intake(rows[:1], [row("b", "2024-01-01", "20", unit="t")]), "2024-01-03")
    assert alone.assessments[0].series.value[0] == 2  # both in tonnes: nothing to convert


def test_events_that_are_only_counted_are_left_in_their_own_unit() -> None:
    made = factored("severity: critical, occurs: any", kind="event")
    rows = intake([row("s", "2024-01-01", "5", unit="bbl"), row("s", "2024-01-02", "5", unit="t", line=3)])
    assert list(verdict(made, rows, "2024-01-03").assessments[0].series.value) == [5, 5]


# -- what is shown ---------------------------------------------------------------------------------------------------

TOLD = "converted from 12,345 t at 7.98 bbl/t (7.9 to 8.1)"


def shown() -> tuple[Catalog, Intake]:
    rows = [
        row("s", "2023", "12345", unit="t", citation="https://example.org/said"),
        row("s", "2022", "7", unit="t", status="provisional", line=3),
        row("s", "2021", "8", unit="kg", status="provisional", line=4),
    ]
    return factored(factors=YEARS, source="stale_after: 900d"), intake(rows)


def test_the_conversion_stands_in_the_sentence_and_in_the_explanation_with_both_sources() -> None:
    found = verdict(*shown(), "2024-01-02")
    assert f"98,513.1 bbl (97,525.5 to 99,994.5) in 2023 (S, published 31 Dec 2023, {TOLD})" in found.sentence
    text = explanation(found, date(2024, 1, 2))
    assert f"2023: 98,513.1 bbl (97,525.5 to 99,994.5), {TOLD}" in text
    assert "https://example.org/said\n      factor: https://example.org/factor" in text


def test_the_conversion_stands_in_json_beside_the_newest_figure() -> None:
    (found,) = json.loads(board_as_json(evaluate(*shown(), date(2024, 1, 2))))["indicators"][0]["series"]
    assert (found["unit"], found["converted"]) == ("bbl", TOLD)


def test_the_table_of_rows_shows_the_figure_as_it_came_and_as_it_is_judged() -> None:
    table = rows_table(verdict(*shown(), "2024-01-02"), {})
    assert list(table["Figure"]) == [
        f"98,513.1 bbl (97,525.5 to 99,994.5), {TOLD}",
        "55.86 bbl (55.3 to 56.7), converted from 7 t at 7.98 bbl/t (7.9 to 8.1)",
        "8 kg",
    ]


def test_the_page_of_an_indicator_says_how_the_newest_figure_was_converted() -> None:
    made, rows = shown()
    found = verdict(made, rows, "2024-01-02")
    assert f"98,513.1 bbl (97,525.5 to 99,994.5), {TOLD}" in sources(
        found, made.indicators["x"], made, date(2024, 1, 2)
    )


def test_rows_themselves_stay_as_they_came() -> None:
    rows = verdict(*shown(), "2024-01-02").rows
    assert list(zip(rows["value"], rows["unit"], strict=True)) == [(8, "kg"), (7, "t"), (12345, "t")]


def test_a_chart_never_draws_one_unit_as_another() -> None:
    made, rows = shown()
    found = verdict(made, rows, "2024-01-02")
    (drawing,) = drawings(found, made.indicators["x"], {"s": "S"}, date(2024, 1, 2))
    told = {
        (record["figure"].split(",")[0], record["y"])
        for data in drawing.chart.to_dict()["datasets"].values()
        for record in data
        if "figure" in record
    }
    assert told == {("98", 98513.1), ("55.86 bbl (55.3 to 56.7)", 55.86)}
    assert "8 kg" in " ".join(drawing.legend)


# -- caps whose limit is stated in two units ---------------------------------------------------------------------------


def cap(*, factors: str = "", more: str = "", combine: str = "sum") -> Catalog:
    given = f", factors: [{factors}]" if factors else ""
    return catalog(f"""
sources:
  a: {{title: A, file: a.csv, kind: flow{given}}}
  b: {{title: B, file: b.csv, kind: flow{given}}}
indicators:
  x:
    title: X
    unit: bbl
    sources: [a, b]
    combine: {combine}
    accumulate: {{anchor: "12-22"}}
    limit: 4000000
    limit_in: {{t: 525000}}
    thresholds: [{{severity: warning, at_percent: 90}}, {{severity: critical, at_percent: 100}}]
    {more}
""")


WIDE = f"{{from: t, to: bbl, value: 7.3, low: 7.1, high: 7.7, {CITED}}}"
WHOLE = "2022-12-22/2023-12-21"


def supply(figure_a: str, unit_a: str, figure_b: str = "0", unit_b: str = "", period: str = WHOLE) -> Intake:
    return intake([row("a", period, figure_a, unit=unit_a)], [row("b", period, figure_b, unit=unit_b or unit_a)])


@pytest.mark.parametrize(
    ("figure", "unit", "severity", "share"),
    [
        ("3599999", "bbl", "normal", 0.9),
        ("3600000", "bbl", "warning", 0.9),
        ("4000000", "bbl", "critical", 1),
        ("472499", "t", "normal", 0.9),
        ("472500", "t", "warning", 0.9),
        ("525000", "t", "critical", 1),  # 3,832,500 bbl at 7.3, which would be no breach
    ],
)
@pytest.mark.parametrize("factors", ["", WIDE])
def test_a_cap_is_judged_in_the_unit_that_all_its_figures_are_in(
    figure: str, unit: str, severity: str, share: float, factors: str
) -> None:
    found = verdict(cap(factors=factors), supply(figure, unit), "2023-12-21")
    assert (found.severity.word, found.unit, round(found.share_of_limit or 0, 3)) == (severity, unit, share)  # type: ignore[union-attr]
    assert (found.limit, found.problems) == ({"bbl": 4_000_000, "t": 525_000}[unit], ())
    (record,) = verdict(cap(factors=factors), supply(figure, unit), "2024-01-01").on_record
    assert (record.severity.word, record.unit, round(record.share_of_limit or 0, 3)) == (severity, unit, share)  # type: ignore[union-attr]


def test_both_limits_stand_in_the_rule_and_the_one_judged_in_the_sentence() -> None:
    found = verdict(cap(), supply("525000", "t"), "2023-12-21")
    assert "reaches 100 % of 4,000,000 bbl or 525,000 t" in found.rules[1]
    assert "525,000 t from 22 Dec 2022 to 21 Dec 2023" in found.sentence
    assert "100.0 % of the limit, reaches 100 % of the limit (525,000 t)" in found.sentence


def test_mixed_units_are_converted_to_the_indicators_own() -> None:
    found = verdict(cap(factors=WIDE), supply("100000", "t", "1000000", "bbl"), "2023-12-21")
    assert (found.unit, found.low, found.value, found.high) == ("bbl", 1_710_000, 1_730_000, 1_770_000)
    assert (said(found), found.limit) == (("normal", None), 4_000_000)


def test_mixed_units_without_a_factor_are_refused_and_never_normal() -> None:
    found = verdict(cap(), supply("5", "t", "1000000", "bbl"), "2023-12-21")
    assert (found.severity, found.data_state.value, found.unit) == (None, "error", "bbl")
    assert (
        '"t", but the indicator is in bbl; if it is meant, give its source a cited factor' in found.problems[0].message
    )


def test_a_figure_in_the_other_unit_cannot_make_a_reached_limit_look_kept() -> None:
    rows = [row("a", "2022-12-22/2023-11-30", "525000", unit="t"), row("b", "2022-12-22/2023-12-21", "0", unit="t")]
    made = cap(factors=WIDE)
    assert said(verdict(made, intake(rows), "2023-12-21")) == ("critical", "likely")
    more = row("a", "2023-12-01/2023-12-21", "1", unit="bbl", line=3)
    assert said(verdict(made, intake(rows, [more]), "2023-12-21")) == ("critical", "possible")


@pytest.mark.parametrize("unit", ["bbl", "t"])
def test_a_cap_in_two_units_takes_no_figure_without_its_unit(unit: str) -> None:
    rows = intake([row("a", WHOLE, "5", unit=unit)], [row("b", WHOLE, "5")])
    found = verdict(cap(), rows, "2023-12-21")
    assert (found.severity, found.data_state.value) == (None, "error")
    assert "which unit? write it" in found.problems[0].message


def test_a_gap_or_a_provisional_row_does_not_decide_the_unit() -> None:
    rows = intake(
        [row("a", WHOLE, "525000", unit="t")],
        [
            row("b", "2022-12", "_", note="not filed"),
            row("b", WHOLE, "3", unit="bbl", status="provisional", line=3),
            row("b", "2023-02", "_", unit="bbl", note="not filed", line=4),
        ],
    )
    found = verdict(cap(), rows, "2023-12-21")
    assert (found.problems, found.unit, said(found)) == ((), "t", ("critical", "likely"))


def test_a_later_row_in_another_unit_leaves_the_earlier_board_as_it_was() -> None:
    rows = intake(
        [row("a", WHOLE, "400000", unit="t", published="2024-01-10"), row("a", "2024-01", "9", unit="bbl", line=3)],
        [row("b", WHOLE, "0", unit="t", published="2024-01-10")],
    )
    made = cap(factors=WIDE)
    assert [verdict(made, rows, day).unit for day in ("2024-01-30", "2024-01-31")] == ["t", "bbl"]
    (before,), (after,) = (verdict(made, rows, day).on_record for day in ("2024-01-30", "2024-01-31"))
    assert (before.value, before.unit, after.unit) == (400_000, "t", "bbl")
    assert after.value == pytest.approx(400_000 * 4_000_000 / 525_000)
    assert before.share_of_limit == pytest.approx(after.share_of_limit)


def tonnes_then_a_barrel(tonnes: str, period: str, certainty: str, low: float) -> tuple[Catalog, Intake, Intake]:
    made = catalog(f"""
sources:
  s: {{title: S, file: s.csv, kind: flow, exact: true,
    factors: [{{from: t, to: bbl, value: 7.8, low: {low}, high: 8, {CITED}}}]}}
indicators:
  x: {{title: X, unit: bbl, sources: [s], accumulate: calendar_year, limit: 4000000, limit_in: {{t: 525000}},
    thresholds: [{{severity: critical, at_percent: 100, certainty: {certainty}}}]}}
""")
    rows = [row("s", period, tonnes, unit="t")]
    return made, intake(rows), intake([*rows, row("s", "2024-02", "1", unit="bbl", line=3)])


@pytest.mark.parametrize("certainty", ["possible", "likely", "confirmed"])
@pytest.mark.parametrize("tonnes", ["525000", "530000", "525000~600000"])
def test_a_barrel_in_an_open_year_never_ends_a_breach_in_tonnes(tonnes: str, certainty: str) -> None:
    low = 7 if certainty == "possible" else 7.62
    made, before, after = tonnes_then_a_barrel(tonnes, "2024-01", certainty, low)
    assert said(verdict(made, before, "2024-03-02")) == ("critical", "confirmed")
    found = verdict(made, after, "2024-03-02")
    assert (found.severity.word, found.certainty.word != "confirmed") == ("critical", low == 7)  # type: ignore[union-attr]


def test_a_barrel_does_not_end_a_breach_by_at_least_so_many_tonnes_either() -> None:
    made, _, _ = tonnes_then_a_barrel("1", "2024-01", "possible", 7)
    least = row("s", "2024-01", "530000", unit="t", low=530000.0, value=float("nan"))
    found = verdict(made, intake([least, row("s", "2024-02", "1", unit="bbl", line=3)]), "2024-03-02")
    assert (said(found), found.or_more) == (("critical", "possible"), True)


@pytest.mark.parametrize("certainty", ["possible", "likely", "confirmed"])
@pytest.mark.parametrize("tonnes", ["525000", "530000", "525000~600000"])
def test_a_barrel_in_a_later_year_never_judges_a_closed_one_again(tonnes: str, certainty: str) -> None:
    made, before, after = tonnes_then_a_barrel(tonnes, "2023", certainty, 7 if certainty == "possible" else 7.62)
    for rows in (before, after):
        (record,) = verdict(made, rows, "2024-03-02").on_record
        assert (record.severity.word, record.certainty.word) == ("critical", "confirmed")  # type: ignore[union-attr]
    found = verdict(made, after, "2024-03-02")
    assert (found.on_record[0].unit, found.problems, [one.state.value for one in found.episodes]) == (
        "bbl", (), ["on_record"],
    )  # fmt: skip
    (told,) = [one for one in map(found.conversions.of, found.rows.to_dict("records")) if one]
    assert "t at 7.61905 bbl/t" in str(told)
    assert told.cited == "the cap itself: 4,000,000 bbl or 525,000 t"


def test_tonnes_that_add_up_to_the_limit_reach_it_in_barrels_too() -> None:
    parts = [row("a", f"2022-12-{22 + at}", "52500", unit="t", line=at + 2) for at in range(10)]
    later = row("a", "2024-01", "1", unit="bbl", line=20)
    found = verdict(cap(), intake([*parts, later], [row("b", WHOLE, "0", unit="t")]), "2024-01-31")
    (record,) = found.on_record
    assert (record.severity.word, record.unit, found.problems) == ("critical", "bbl", ())  # type: ignore[union-attr]


def test_a_closed_year_in_tonnes_needs_no_factor_beside_a_later_one_in_barrels() -> None:
    rows = [row("a", WHOLE, "524999", unit="t"), row("a", "2024-01", "9", unit="bbl", line=3)]
    found = verdict(cap(), intake(rows, [row("b", WHOLE, "0", unit="t")]), "2024-01-31")
    (record,) = found.on_record
    assert (record.severity.word, found.problems) == ("warning", ())  # type: ignore[union-attr]


def test_sources_that_are_judged_alone_keep_their_own_unit() -> None:
    rows = intake([row("a", WHOLE, "525000", unit="t")], [row("b", WHOLE, "1", unit="bbl")])
    found = verdict(cap(factors=WIDE, combine="each"), rows, "2023-12-21")
    assert said(found) == ("critical", "likely")  # with the factor it would be possible


@pytest.mark.parametrize(
    ("certainty", "low", "message"),
    [
        ("possible", 7, ""),
        ("likely", 7, "begins at 7: what reaches the cap in t would seem below it in bbl; let its low: reach that far, "
         "or demand no certainty: likely"),
        ("confirmed", 7.6, "or demand no certainty: confirmed"),
        ("likely", 7.62, ""),
        ("confirmed", 7.62, ""),
    ],
)  # fmt: skip
def test_a_factor_reaches_the_two_limits_for_what_a_threshold_demands(certainty: str, low: float, message: str) -> None:
    if not message:
        assert tonnes_then_a_barrel("1", "2023", certainty, low)[0].indicators
        return
    with pytest.raises(AssertionError, match=message):
        tonnes_then_a_barrel("1", "2023", certainty, low)


SLIP = row("a", WHOLE, "525000", unit="bbl", published="2024-01-01")


@pytest.mark.parametrize("factors", ["", WIDE])
@pytest.mark.parametrize(
    "rows",
    [
        [SLIP, row("a", WHOLE, "525000", unit="t", published="2024-02-01", line=3)],
        [
            row("a", WHOLE, "525000", unit="t", published="2024-01-01"),
            row("a", "2024-01", "5", unit="bbl", published="2024-02-01", line=3),
            row("a", "2024-01", "!", unit="bbl", published="2024-03-01", line=4),
        ],
        [
            row("a", WHOLE, "525000", unit="t", published="2024-01-01"),
            row("a", "2024-01", "5", unit="", published="2024-02-01", line=3),
            row("a", "2024-01", "6", unit="t", published="2024-03-01", line=4),
        ],
    ],
    ids=["revised", "withdrawn", "a blank revised"],
)
def test_a_slip_in_the_unit_heals_once_it_is_revised_or_withdrawn(rows: list[dict[str, object]], factors: str) -> None:
    other = row("b", WHOLE, "0", unit="t", published="2024-01-01")
    found = verdict(cap(factors=factors), intake(rows, [other]), "2024-03-02")
    (record,) = found.on_record
    assert (found.problems, found.unit) == ((), "t")
    assert (record.severity.word, record.certainty.word) == ("critical", "likely")  # type: ignore[union-attr]


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


def test_examples_name_the_unit_of_their_figures() -> None:
    made = cap(
        more="""tests:
      - {given: {a: "2022-12-22/2023-12-21 525000 t", b: "2022-12-22/2023-12-21 0 t"}, as_of: 2023-12-21,
         expect: critical, certainty: likely}
      - {given: {a: "2022-12-22/2023-12-21 525000 bbl @2023-12-21", b: "2022-12-22/2023-12-21 0 bbl"},
         as_of: 2023-12-21, expect: normal}
      - {given: {a: "2022-12-22/2023-12-21 525000 t", b: "2022-12-22/2023-12-21 0 bbl"}, as_of: 2023-12-21,
         expect: not assessed}
"""
    )
    assert [outcome.has_passed for outcome in run_tests(made, ["x"])] == [True, True, True]


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
@settings(max_examples=150, deadline=None)
def test_the_range_of_a_factor_makes_nothing_surer_and_nothing_normal(
    figure: str, numbers: list[float], factor: list[float], level: float, exact: bool, key: str
) -> None:
    low, value, high = factor
    ranged = f"{{from: t, to: bbl, value: {value:.9f}, low: {low:.9f}, high: {high:.9f}, {CITED}}}"
    point = f"{{from: t, to: bbl, value: {value:.9f}, low: {value:.9f}, high: {value:.9f}, {CITED}}}"
    word = figure.format(*(f"{number:.6f}" for number in numbers))
    source = "exact: true" if exact else ""
    wide, sharp = (
        of(word, factored(f"severity: critical, {key}: {level:.6f}", factors=one_factor, source=source))
        for one_factor in (ranged, point)
    )
    sure = {None: 0, **{one: int(one) for one in Certainty}}
    if wide.certainty is not Certainty.POSSIBLE:
        assert sure[wide.certainty] <= sure[sharp.certainty]
    if said(wide)[0] == "normal":
        assert said(sharp)[0] == "normal"
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
@settings(max_examples=50, deadline=None)
def test_the_order_of_rows_does_not_matter(figures: list[tuple[int, bool]]) -> None:
    rows = [
        row("s", f"2024-01-{number:02d}", str(figure), unit="t" if tonnes else "bbl", line=number + 1)
        for number, (figure, tonnes) in enumerate(figures, start=1)
    ]
    made = factored()
    boards = [board_as_json(evaluate(made, intake(order), date(2024, 1, 9))) for order in (rows, rows[::-1])]
    assert boards[0] == boards[1]
