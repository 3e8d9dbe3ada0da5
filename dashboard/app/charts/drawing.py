"""The choice of the charts that explain an evaluation, each with its title and legend."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import altair as alt

from dashboard.app.charts.cap_chart import amounts_chart, cap_chart
from dashboard.app.charts.chart_data import ChartData
from dashboard.app.charts.chart_records import (
    Record,
    breach_records,
    missing_records,
    observations,
    projection,
    row_records,
)
from dashboard.app.charts.figure_chart import figures_chart
from dashboard.app.charts.levels import levels, moving_bounds, unit_of
from dashboard.app.indicator.row_tables import is_superseded
from dashboard.catalog import Indicator
from dashboard.evaluation import Evaluation
from dashboard.late_imports import pd


@dataclass(frozen=True)
class IndicatorChart:
    """A chart, its title, and the meaning of the signs that it has."""

    title: str
    chart: alt.LayerChart
    legend: tuple[str, ...]


def indicator_charts(
    evaluation: Evaluation, indicator: Indicator, titles: Mapping[str, str], as_of: date
) -> list[IndicatorChart]:
    """The charts of one indicator; none where no figure is known. `titles` are the sources' names."""
    material = _material(evaluation, indicator, titles, as_of)
    if evaluation.verdict.period is None:
        title = "Figures against the thresholds" if material.levels or material.moving else "Figures over time"
        return [_drawing(title, figures_chart, material, SHADED, PERIODS)] if material.points else []
    title = f"Use of the cap in each {indicator.period_name}"
    published = replace(material, figures=_published(evaluation, indicator, titles))
    if not _is_added(evaluation):
        return [_drawing(title, cap_chart, published, SHADED, BLOCKS)] if published.points else []
    totals, amounts = replace(material, provisional=[]), replace(published, levels=[], ahead=[])
    return [
        _drawing(title, cap_chart, totals, SHADED, BLOCKS),
        _drawing("What each source reported", amounts_chart, amounts, PERIODS),
    ]


def _drawing(
    title: str, draw: Callable[[ChartData], alt.LayerChart], material: ChartData, *signs: str
) -> IndicatorChart:
    drawn = material.on_axis()
    return IndicatorChart(title, draw(drawn), _legend(drawn, *signs))


def _material(evaluation: Evaluation, indicator: Indicator, titles: Mapping[str, str], as_of: date) -> ChartData:
    rows, unit = _own_rows(evaluation, indicator), unit_of(evaluation)
    return ChartData(
        figures=[
            record
            for one in evaluation.assessments
            for record in observations(one, indicator.anchor, unit, evaluation.assumed_days)
        ],
        provisional=row_records(rows[rows["status"] == "provisional"], titles, unit, evaluation.conversions),
        missing=missing_records(rows, titles),
        breaches=breach_records(evaluation, as_of),
        levels=levels(evaluation),
        moving=moving_bounds(evaluation),
        ahead=projection(evaluation),
        unit=unit,
        as_of=as_of,
    )


def _own_rows(evaluation: Evaluation, indicator: Indicator) -> pd.DataFrame:
    """The rows known, without those of baselines, which are bounds and no figures of the indicator."""
    return evaluation.rows[evaluation.rows["source"].isin(indicator.sources)]


def _published(evaluation: Evaluation, indicator: Indicator, titles: Mapping[str, str]) -> list[dict[str, object]]:
    """The current rows of the sources, each a run of its own."""
    rows = _own_rows(evaluation, indicator)
    current_rows = rows[rows["status"].isin(["reported", "estimated"]) & ~is_superseded(rows)]
    records = row_records(current_rows, titles, evaluation.verdict.figure.unit, evaluation.conversions)
    return [{**record, "run": number} for number, record in enumerate(records)]


def _is_added(evaluation: Evaluation) -> bool:
    """Whether totals are sums of rows, and not the largest of overlapping claims, which keep their own rows."""
    return any((one.series.row == -1).any() for one in evaluation.assessments)


MOST_BESIDE = 10  # figures that the text under a chart lists

SHADED = "Shaded time is in breach."
PERIODS = "A horizontal bar is the period that a figure is about."
BLOCKS = "A block is as wide as the time that a figure is about, and as high as the figure."


MOVING = "A dashed line in steps, or a short bar alone, is a threshold that moves: what each figure was held against."
EXPECTED = "The grey line is what was expected, and the grey band above it what chance still brings."
AHEAD = "What is grey and “projected” is no figure: it is where the pace so far leads by the end of the period."


def _legend(material: ChartData, *always: str) -> tuple[str, ...]:
    points = material.points
    signs = {
        "Vertical bars run from the low to the high end of a figure.": any(
            record["low"] is not None and record["high"] is not None and record["low"] < record["high"]
            for record in points
        ),
        "An arrow up means “or more”.": any(record["or_more"] for record in points),
        "An arrow down means “at most”.": any(record["at_most"] for record in points),
        SHADED: SHADED in always and bool(material.breaches),
        PERIODS: PERIODS in always and any(record["start"] != record["end"] for record in material.figures),
        BLOCKS: BLOCKS in always and bool(material.figures),
        MOVING: bool(material.moving),
        EXPECTED: any(record["expected"] is not None for record in material.moving),
        AHEAD: bool(material.ahead),
        "Dashed hollow circles are provisional: not checked, never judged.": bool(material.provisional),
        "Grey blocks at the foot are periods without a report: not zero, but unknown.": bool(material.missing),
    }
    return (*(text for text, applies in signs.items() if applies), *_beside(material.off_axis))


def _beside(records: Sequence[Record]) -> list[str]:
    """Describes the records that the axis cannot show: they are in another unit, or without measure."""
    texts = [
        f"{one['figure']} for {one['period']} ({one['source']}, {one['verdict']})" for one in records[:MOST_BESIDE]
    ]
    if len(records) > MOST_BESIDE:
        texts.append(f"and {len(records) - MOST_BESIDE} more, which the rows show")
    return [f"Not on this axis, and not zero: {'; '.join(texts)}."] if texts else []
