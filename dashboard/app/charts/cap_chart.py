"""The chart of a cap: what has been used of it in each of its periods, against the cap and its notice levels."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from dashboard.app.charts import marks
from dashboard.app.charts.chart_data import ChartData
from dashboard.app.charts.chart_records import Record, highest_of
from dashboard.app.charts.levels import Level

FEWEST_STEPS = 3  # below this many totals in a period, steps would say when supply came, which nobody knows


def cap_chart(drawn: ChartData) -> alt.LayerChart:
    """Draws for each period a block up to its newest total, the steps that led there, its range, and the cap."""
    axes = marks.Axes.of(drawn)
    finals = _finals(drawn.figures)
    return marks.layer_chart(
        [
            *marks.breach_spans(drawn.breaches, axes),
            *marks.blocks(finals, axes),
            *marks.missing_blocks(drawn.missing, axes),
            *marks.threshold_lines(drawn.levels, axes),
            *marks.moving_lines(drawn.moving, axes),
            *_ahead(drawn.ahead, drawn.levels, axes),
            *_steps(drawn.figures, axes),
            *marks.ranges([*finals, *drawn.provisional], axes),
            *marks.points(finals, axes),
            *marks.open_ends(finals, axes),
            *marks.provisional_points(drawn.provisional, axes),
        ],
    )


def amounts_chart(drawn: ChartData) -> alt.LayerChart:
    """Draws what each source reported, period by period: the amounts that a cap's total adds up."""
    axes = marks.Axes.of(drawn)
    height = 240
    return marks.layer_chart(
        [
            *marks.missing_blocks(drawn.missing, axes),
            *marks.periods(drawn.figures, axes),
            *marks.ranges(drawn.points, axes),
            *marks.points(drawn.figures, axes, size=60),
            *marks.provisional_points(drawn.provisional, axes),
        ],
        height,
    )


def _finals(records: Sequence[Record]) -> list[Record]:
    """The newest total of each period and source, which represents the period; a claim represents itself."""
    newest = {(record["source"], record["run"]): record for record in records}
    return list(newest.values())


def _steps(records: Sequence[Record], axes: marks.Axes) -> list[alt.Chart]:
    """Steps rise from zero at the start of each period."""
    runs: dict[tuple[str, int], list[Record]] = {}
    for record in records:
        runs.setdefault((record["source"], record["run"]), []).append(record)
    steps = [
        step
        for run in runs.values()
        if len(run) >= FEWEST_STEPS
        for step in ({**run[0], "end": run[0]["start"], "y": 0.0}, *run)
    ]
    if not steps:
        return []
    line = marks.layer(steps).mark_line(interpolate="step-after", strokeWidth=2)
    run_of = alt.Detail(field="run", type="nominal")
    return [line.encode(x=axes.time(), y=axes.amount(), color=axes.colour, detail=run_of)]


def _ahead(records: Sequence[Record], levels: Sequence[Level], axes: marks.Axes) -> list[alt.Chart]:
    """A band shows where the pace leads, from the newest total to the range at the period's end, with a label there."""
    if not records:
        return []
    top = _clear_of(levels, highest_of(records[-1]), axes)
    values, end = marks.layer(records), marks.layer([{**records[-1], "top": top}])
    low, value, high = (records[-1][side] for side in ("low", "value", "high"))
    charts = []
    if low is not None and high is not None and low < high:
        band = values.mark_area(color=marks.GREY, opacity=0.25)
        bar = end.mark_rule(color=marks.GREY, strokeWidth=4)
        span = {"x": axes.time(), "y": axes.amount("low"), "y2": alt.Y2(field="high")}
        charts += [band.encode(**span), bar.encode(**span)]
    if value is not None or not charts:
        course = values.mark_line(color=marks.GREY, strokeDash=[3, 3], strokeWidth=2)
        charts.append(course.encode(x=axes.time(), y=axes.amount()))
    label = end.mark_text(align="right", baseline="bottom", dy=-4, color=marks.GREY, fontSize=13, fontWeight=600)
    return [*charts, label.encode(x=axes.time(), y=axes.amount("top"), text=alt.Text(field="figure", type="nominal"))]


def _clear_of(levels: Sequence[Level], height: float, axes: marks.Axes) -> float:
    """Returns the lowest height from the given one on where a label crosses no level; levels come lowest first."""
    room = 1.5 * marks.LABEL_ROOM * axes.top  # for the label and the distance that it keeps
    for level in levels:
        if height <= level.value < height + room:
            height = level.value
    return height
