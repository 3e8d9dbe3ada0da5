"""The chart of an indicator that is judged figure by figure: every source's points, with ranges and thresholds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import altair as alt

from dashboard.app.charts import marks
from dashboard.app.charts.chart_data import ChartData
from dashboard.app.charts.chart_records import Record


def figures_chart(drawn: ChartData) -> alt.LayerChart:
    """Draws points at the ends of their periods; a line joins two figures only where no day lies between them."""
    axes = marks.Axes.of(drawn)
    return marks.layer_chart(
        [
            *marks.breach_spans(drawn.breaches, axes),
            *marks.missing_blocks(drawn.missing, axes),
            *marks.threshold_lines(drawn.levels, axes),
            *marks.moving_lines(drawn.moving, axes),
            *marks.periods(drawn.figures, axes),
            *marks.ranges(drawn.points, axes),
            *_lines(drawn.figures, axes),
            *marks.points(drawn.figures, axes),
            *marks.open_ends(drawn.figures, axes),
            *marks.provisional_points(drawn.provisional, axes),
        ],
    )


def _lines(records: Sequence[Record], axes: marks.Axes) -> list[alt.Chart]:
    members = Counter((record["source"], record["run"]) for record in records)
    joined = [record for record in records if members[record["source"], record["run"]] > 1]
    if not joined:
        return []
    line = marks.layer(joined).mark_line(strokeWidth=1.5)
    run = alt.Detail(field="run", type="nominal")
    return [line.encode(x=axes.time(), y=axes.amount(), color=axes.colour, detail=run)]
