"""Runs of figures that a line may join; between two runs lies a gap."""

from __future__ import annotations

from dashboard.domain import Series
from dashboard.domain.dates import Anchor, day_of

LONGEST = 31  # days: between the totals of longer periods a line would show a course that nobody knows


def joined_runs(series: Series, anchor: Anchor | None = None) -> list[list[int]]:
    """Groups the positions of a series into runs that a line may join, in order.

    Running totals of a cap are joined inside the period that begins at its `anchor`, unless they are claims,
    which keep rows of their own. Other figures are joined where their periods follow each other without a day
    between: what lies between two counts nobody counted. A count of days of silence is the exception, for it
    grows by one a day.
    """
    runs: list[list[int]] = []
    for position in range(len(series)):
        if runs and _joins(series, runs[-1][-1], position, anchor):
            runs[-1].append(position)
        else:
            runs.append([position])
    return runs


def _joins(series: Series, first: int, second: int, anchor: Anchor | None) -> bool:
    if anchor is not None:
        same_period = anchor.period(day_of(series.end[first])) == anchor.period(day_of(series.end[second]))
        return bool(same_period and series.row[second] == -1)
    if series.windowed:
        return False
    days_between = (series.start[second] - series.end[first]).astype(int)
    if series.unit == "days" and series.value[second] - series.value[first] == days_between:
        return True
    lengths = (series.end[[first, second]] - series.start[[first, second]]).astype(int)
    return bool(days_between == 1 and lengths.max() < LONGEST)
