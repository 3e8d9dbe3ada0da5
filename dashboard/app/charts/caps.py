"""The chart of a cap: what has been used of it in each of its periods, against the cap and its notice levels."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from dashboard.app.charts import marks
from dashboard.app.charts.records import Material, Record

FEWEST_STEPS = 3  # below this many totals in a period, steps would say when supply came, which nobody knows


def cap_chart(drawn: Material) -> alt.LayerChart:
    """For each period a block up to its newest total, the steps that led there, its range, and the cap."""
    axes = marks.Axes.of(drawn)
    finals = _finals(drawn.figures)
    return marks.layered(
        [
            *marks.breach_spans(drawn.breaches, axes),
            *marks.blocks(finals, axes),
            *marks.gaps(drawn.missing, axes),
            *marks.threshold_lines(drawn.levels, axes),
            *_steps(drawn.figures, axes),
            *marks.ranges([*finals, *drawn.provisional], axes),
            *marks.points(finals, axes),
            *marks.open_ends(finals, axes),
            *marks.unchecked(drawn.provisional, axes),
        ],
    )


def amounts_chart(drawn: Material) -> alt.LayerChart:
    """What each source reported, period by period: the amounts that a cap's total adds up."""
    axes = marks.Axes.of(drawn)
    height = 240
    return marks.layered(
        [
            *marks.gaps(drawn.missing, axes),
            *marks.periods(drawn.figures, axes),
            *marks.ranges(drawn.told, axes),
            *marks.points(drawn.figures, axes, size=60),
            *marks.unchecked(drawn.provisional, axes),
        ],
        height,
    )


def _finals(records: Sequence[Record]) -> list[Record]:
    """The newest total of each period and source, which stands for the period; a claim stands for itself."""
    newest = {(record["source"], record["run"]): record for record in records}
    return list(newest.values())


def _steps(records: Sequence[Record], axes: marks.Axes) -> list[alt.Chart]:
    """From zero at the period's start, and anew in each period."""
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
