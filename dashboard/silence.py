"""How long a source has owed a report: days since the end of the oldest period that nobody has reported yet.

Owed is every period from the first one reported. A period that a row names as missing, and after which later
reports came, will not come any more: it is named, and no longer waited for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from dashboard.model import Series, joined
from dashboard.periods import Duration, Period, day_of
from dashboard.series import as_known


@dataclass(frozen=True, eq=False)
class Owed:
    """Of some reports: each day on which something became known, and the oldest period that was owed from then on."""

    reports: Series
    since: tuple[date, ...]
    periods: tuple[Period | None, ...]


def owed_when(reports: Series, every: Duration) -> Owed:
    instants = np.unique(reports.known_at)
    periods = tuple(oldest_owed(as_known(reports, instant), every) for instant in instants)
    return Owed(reports, tuple(map(day_of, instants)), periods)


def silence(told: Owed, too_long: Sequence[Duration], as_of: date) -> Series:
    """The series of days of delay, over the time in which it was known.

    One observation when something becomes known, one where a level is crossed before the next thing does, one just
    before that, and one at the instant.
    """
    points: dict[date, int] = {}
    for number, (since, owed) in enumerate(zip(told.since, told.periods, strict=True)):
        is_last = number == len(told.since) - 1
        until = as_of if is_last else told.since[number + 1] - timedelta(days=1)
        if owed is not None:
            crossings = [level.after(owed.end) + timedelta(days=1) for level in too_long]
            days = {since, until, *(day for day in crossings if since <= day <= until)}
            points |= {day: max(0, (day - owed.end).days) for day in days if since <= day <= until}
    return _line(told.reports, dict(sorted(points.items())))


def pooled(members: Sequence[Series]) -> Series:
    """The reports of several sources as one series: a report that any of them knows of has come."""
    if len(members) == 1:
        return members[0]
    reports = joined(members)
    return replace(reports.take(np.lexsort((reports.known_at, reports.end))), origin="")


def oldest_owed(reports: Series, every: Duration) -> Period | None:
    """The oldest period that is still waited for; None where nothing has ever been reported."""
    filed = _spans(reports, reports.current & reports.has_figure)
    if not filed:
        return None
    missing = _spans(reports, reports.current & ~reports.has_figure)
    newest = max(span.end for span in filed)
    end = min(span.end for span in filed)
    while True:
        start = end + timedelta(days=1)
        end = every.after(end)
        if any(span.start <= end <= span.end for span in filed):
            continue
        if end < newest and any(span.start <= end <= span.end for span in missing):
            continue
        return Period(start, end)


def _spans(reports: Series, chosen: np.ndarray) -> list[Period]:
    return [
        Period(day_of(start), day_of(end))
        for start, end in zip(reports.start[chosen], reports.end[chosen], strict=True)
    ]


def _line(source: Series, delays: dict[date, int]) -> Series:
    count = len(delays)
    end = np.array(list(delays), dtype="datetime64[D]")
    figures = np.array(list(delays.values()), dtype=float)
    return Series.computed(
        source=source.source,
        title=source.title,
        start=end,
        end=end,
        low=figures,
        value=figures,
        high=figures,
        at_least=figures,
        at_most=figures,
        or_more=np.zeros(count, bool),
        partial=np.zeros(count, bool),
        known_at=end.astype("datetime64[s]") + np.timedelta64(86_399, "s"),
        unit="days",
        origin=source.origin,
    )
