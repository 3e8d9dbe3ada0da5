"""The layers that charts are made of: the time axis, sources as shape and colour, thresholds, breaches, gaps."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import altair as alt

from dashboard.app.charts.chart_data import ChartData, titles_of
from dashboard.app.charts.chart_records import Record
from dashboard.app.charts.levels import Level

# Middle tones, which keep a contrast of 3 to the grounds of both themes; sources take the theme's own colours.
SEVERITY_COLOURS = {"critical": "#d8434f", "warning": "#b87a10", "info": "#4b8fd0", "normal": "#4f9d69"}
GREY = "#7d8894"
SHAPES = (
    "circle",
    "square",
    "triangle-up",
    "diamond",
    "cross",
    "triangle-down",
    "triangle-right",
    "triangle-left",
)
HEIGHT = 380
LABEL_ROOM = 0.06  # of the height of the axis: what a label needs


@dataclass(frozen=True)
class Axes:
    """The axes and scales: time to the right, amounts upwards, sources by shape and colour."""

    first: str
    last: str
    unit: str
    top: float
    titles: tuple[str, ...]

    @classmethod
    def of(cls, drawn: ChartData) -> Axes:
        return cls(drawn.first, drawn.last, drawn.unit, drawn.top, tuple(titles_of(drawn.points)))

    def time(self) -> alt.X:
        """The time axis in UTC, from the first mark to the instant, and beyond it only for a projection."""
        scale = alt.Scale(type="utc", nice=False, domain=[self.first, self.last])
        axis = alt.Axis(title=None, grid=False, labelOverlap=True, format=self.date_format, tickCount=8)
        return alt.X(field="end", type="temporal", scale=scale, axis=axis)

    def amount(self, field: str = "y") -> alt.Y:
        step = 1 if self.top >= 1 else alt.Undefined  # no fifth of a ship
        axis = alt.Axis(title=self.unit, format=",.6~f", tickCount=6, tickMinStep=step)
        scale = alt.Scale(nice=True, domain=[0, self.top])
        return alt.Y(field=field, type="quantitative", scale=scale, axis=axis)

    @property
    def date_format(self) -> str:
        """The format of dates, with days only on a short axis, where months would repeat themselves."""
        return (
            "%b %Y"
            if (date.fromisoformat(self.last[:10]) - date.fromisoformat(self.first[:10])).days > 300
            else "%-d %b %Y"
        )

    @property
    def colour(self) -> alt.Color:
        scale = alt.Scale(domain=list(self.titles))
        return alt.Color(field="source", type="nominal", scale=scale, legend=_legend())

    @property
    def shape(self) -> alt.Shape:
        shapes = [SHAPES[number % len(SHAPES)] for number in range(len(self.titles))]
        scale = alt.Scale(domain=list(self.titles), range=shapes)
        return alt.Shape(field="source", type="nominal", scale=scale, legend=_legend())


def _legend() -> alt.Legend:
    return alt.Legend(title=None, orient="top", labelLimit=360, columns=3, symbolSize=90, symbolOpacity=1)


def layer(records: Sequence[Record]) -> alt.Chart:
    """An empty layer over values that stand in the chart itself."""
    return alt.Chart(alt.InlineData(values=list(records)))


STRETCH = alt.Detail(field="stretch", type="nominal")


def with_both_ends(records: Sequence[Record]) -> list[Record]:
    """Doubles each record, at its start and at its end; `STRETCH` joins the two into one line or area.

    Marks with two times of their own are avoided: Vega-Lite misreads the stated extent of their axis.
    """
    return [
        {**record, "end": record[at], "stretch": number}
        for number, record in enumerate(records)
        for at in ("start", "end")
        if record["start"] < record["end"]
    ]


def tooltip(**titles: str) -> list[alt.Tooltip]:
    return [alt.Tooltip(field=field, type="nominal", title=title) for field, title in titles.items()]


FIGURE_TOOLTIP = tooltip(source="Source", figure="Figure", period="Period", verdict="Verdict", known="Known on")


def breach_spans(records: Sequence[Record], axes: Axes) -> list[alt.Chart]:
    """Shades the time in breach, one layer for each severity."""
    charts = []
    for severity in ("warning", "critical"):
        if spans := with_both_ends([record for record in records if record["severity"] == severity]):
            area = layer(spans).mark_area(color=SEVERITY_COLOURS[severity], opacity=0.13)
            breach_tooltip = tooltip(verdict="Breach")
            whole = {"y": alt.value(0), "y2": alt.value("height")}
            charts.append(area.encode(x=axes.time(), detail=STRETCH, tooltip=breach_tooltip, **whole))
    return charts


def threshold_lines(levels: Sequence[Level], axes: Axes) -> list[alt.Chart]:
    """Draws one line for each level; a label that would cover its neighbour is left out, since the rules list it."""
    charts = []
    lowest_label = math.inf
    for level in reversed(levels):
        values = layer([{"y": level.value, "label": level.label}])
        hue = SEVERITY_COLOURS.get(level.severity, GREY)
        dash = [1, 0] if level.severity == "critical" else [6, 3]
        charts.append(values.mark_rule(color=hue, strokeWidth=2, strokeDash=dash).encode(y=axes.amount()))
        if lowest_label - level.value >= axes.top * LABEL_ROOM:
            lowest_label = level.value
            text = values.mark_text(align="left", baseline="middle", dx=5, color=hue, fontSize=13, fontWeight=600)
            label = alt.Text(field="label", type="nominal")
            charts.append(text.encode(y=axes.amount(), x=alt.value("width"), text=label))
    return charts


def moving_lines(records: Sequence[Record], axes: Axes) -> list[alt.Chart]:
    """Draws thresholds that move as steps, which reach back from each figure that was held against them."""
    charts = _expected(records, axes)
    for severity, hue in SEVERITY_COLOURS.items():
        own = [record for record in records if record["severity"] == severity]
        members = Counter(record["threshold"] for record in own)
        encoding = {"x": axes.time(), "y": axes.amount(), "tooltip": tooltip(level="Threshold", source="Source")}
        if steps := [record for record in own if members[record["threshold"]] > 1]:
            line = layer(steps).mark_line(interpolate="step-before", color=hue, strokeDash=[6, 3])
            charts.append(line.encode(detail=alt.Detail(field="threshold", type="nominal"), **encoding))
        if alone := [record for record in own if members[record["threshold"]] == 1]:  # of which a line shows nothing
            bar = layer(alone).mark_tick(orient="horizontal", color=hue, size=24, thickness=3, opacity=1)
            charts.append(bar.encode(**encoding))
    return charts


def _expected(records: Sequence[Record], axes: Axes) -> list[alt.Chart]:
    """Draws the expected figure, and the band up to the threshold, within which a figure is no surprise."""
    expectations = [record for record in records if record["expected"] is not None]
    if not expectations:
        return []
    band = layer(expectations).mark_area(interpolate="step-before", color=GREY, opacity=0.15)
    line = layer(expectations).mark_line(interpolate="step-before", color=GREY, strokeWidth=1)
    apart = alt.Detail(field="threshold", type="nominal")
    return [
        band.encode(x=axes.time(), y=axes.amount(), y2=alt.Y2(field="expected"), detail=apart),
        line.encode(x=axes.time(), y=axes.amount("expected"), detail=apart),
    ]


def missing_blocks(records: Sequence[Record], axes: Axes) -> list[alt.Chart]:
    """Draws missing periods as grey blocks at the foot: they are unknown, not zero."""
    if not records:
        return []
    feet = [{**record, "y": 0.0} for record in records]
    line = layer(with_both_ends(feet)).mark_line(color=GREY, strokeWidth=7, opacity=0.55, strokeCap="butt")
    missing_tooltip = tooltip(period="Missing", source="Source", reason="Reason")
    return [line.encode(x=axes.time(), y=axes.amount(), detail=STRETCH, tooltip=missing_tooltip)]


def periods(records: Sequence[Record], axes: Axes) -> list[alt.Chart]:
    """Draws a figure about a period as a line across that period."""
    if not (long := with_both_ends(records)):
        return []
    line = layer(long).mark_line(strokeWidth=1.5, opacity=0.6)
    return [line.encode(x=axes.time(), y=axes.amount(), color=axes.colour, detail=STRETCH)]


def blocks(records: Sequence[Record], axes: Axes) -> list[alt.Chart]:
    """Draws each figure as a block, as wide as its period and as high as the figure."""
    if not (long := with_both_ends(records)):
        return []
    area = layer(long).mark_area(opacity=0.2)
    return [area.encode(x=axes.time(), y=axes.amount().stack(None), color=axes.colour, detail=STRETCH)]


def ranges(records: Sequence[Record], axes: Axes) -> list[alt.Chart]:
    """Draws a bar from the low to the high end where a source gave a range."""
    wide = [one for one in records if one["low"] is not None and one["high"] is not None and one["high"] > one["low"]]
    if not wide:
        return []
    chart = layer(wide).mark_rule(strokeWidth=3, opacity=0.8)
    return [chart.encode(x=axes.time(), y=axes.amount("low"), y2=alt.Y2(field="high"), color=axes.colour)]


def points(records: Sequence[Record], axes: Axes, size: int = 110) -> list[alt.Chart]:
    """Draws each figure with its tooltip; where only bounds are known, it draws a bar at each of them.

    Without any figure there still are the axes.
    """
    if not records:
        return [layer([]).mark_point().encode(x=axes.time(), y=axes.amount())]
    charts = []
    if stated := [record for record in records if record["value"] is not None]:
        chart = layer(stated).mark_point(filled=True, size=size, opacity=1)
        charts.append(
            chart.encode(x=axes.time(), y=axes.amount(), color=axes.colour, shape=axes.shape, tooltip=FIGURE_TOOLTIP)
        )
    bounds = [{**one, "y": one[side]} for one in records if one["value"] is None for side in ("low", "high")]
    if stated_bounds := [one for one in bounds if one["y"] is not None]:
        chart = layer(stated_bounds).mark_tick(orient="horizontal", size=16, thickness=3, opacity=1)
        charts.append(chart.encode(x=axes.time(), y=axes.amount(), color=axes.colour, tooltip=FIGURE_TOOLTIP))
    return charts


def open_ends(records: Sequence[Record], axes: Axes) -> list[alt.Chart]:
    """Draws an arrow up over a figure that means "or more", and down under one that means "at most"."""
    return [
        layer(chosen)
        .mark_text(text=arrow, dy=dy, fontSize=16, fontWeight="bold")
        .encode(x=axes.time(), y=axes.amount(), color=axes.colour)
        for arrow, dy, chosen in (
            ("↑", -13, [record for record in records if record["or_more"]]),
            ("↓", 13, [record for record in records if record["at_most"]]),
        )
        if chosen
    ]


def provisional_points(records: Sequence[Record], axes: Axes) -> list[alt.Chart]:
    """Draws provisional rows, which are never judged, hollow and dashed."""
    if not records:
        return []
    chart = layer(records).mark_point(
        filled=False, size=110, strokeWidth=2, strokeDash=[2, 2], opacity=1, shape="circle"
    )
    return [chart.encode(x=axes.time(), y=axes.amount(), color=axes.colour, tooltip=FIGURE_TOOLTIP)]


def layer_chart(layers: Sequence[alt.Chart], height: int = HEIGHT) -> alt.LayerChart:
    """Stacks the layers into one chart, the first at the bottom."""
    return alt.LayerChart(layer=list(layers)).properties(height=height)
