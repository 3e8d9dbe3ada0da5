"""Which reports a source owed at each instant at which something became known.

Awaited is every period from the first one reported. A report that a row names as missing, and after which later reports
came, will not come any more: its period is named, and no longer waited for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Self

import numpy as np

from dashboard.domain import Series, joined
from dashboard.domain.dates import Duration, Period, day_of
from dashboard.series.source_lines.source_series import as_known
from dashboard.thresholds import AwaitedReports, Delay, OverdueReports


def find_overdue_reports(reports: Series, every: Duration) -> OverdueReports:
    """The delays of reports that are due for each period of length `every`; none before anything was reported."""
    ends: dict[date, np.ndarray] = {}
    instants = [_KnownReports.at(instant, reports, every, ends) for instant in np.unique(reports.known_at)]
    known = [reports for reports in instants if reports is not None]
    return OverdueReports(
        reports, every, tuple(reports.delay() for reports in known), known[-1].awaited() if known else None
    )


def pool_reports(members: Sequence[Series]) -> Series:
    """The reports of several sources as one series: a report that any of them has received has come."""
    if len(members) == 1:
        return members[0]
    reports = joined(members)
    return replace(reports.take(np.lexsort((reports.known_at, reports.end))), origin="")


@dataclass(frozen=True, eq=False)
class _KnownReports:
    """The reports known at an instant.

    ends: of the periods from the first one reported to the first that no row reaches; is_awaited, is_missing: of which
    of them reports are awaited, or named as missing; oldest: the position of the oldest awaited one.
    """

    reports: Series
    since: date
    ends: np.ndarray
    is_awaited: np.ndarray
    is_missing: np.ndarray
    oldest: int

    @classmethod
    def at(
        cls, instant: np.datetime64, all_reports: Series, every: Duration, grids: dict[date, np.ndarray]
    ) -> Self | None:
        """None before anything was reported. `grids` keeps the ends of all periods, by the first."""
        reports = as_known(all_reports, instant)
        filed = reports.current & reports.has_figure
        if not filed.any():
            return None
        first = day_of(reports.end[filed].min())
        if first not in grids:
            grids[first] = _ends_of_periods(first, day_of(all_reports.end.max()), every)
        ends = grids[first][: grids[first].searchsorted(reports.end.max(), side="right") + 1]
        has_come = _covered(ends, reports, filed)
        is_missing = _covered(ends, reports, reports.current & ~reports.has_figure) & ~has_come
        given_up = is_missing & (ends < reports.end[filed].max())
        is_awaited = ~(has_come | given_up)
        oldest = int(np.flatnonzero(is_awaited)[0])  # the last of `ends` lies after all rows
        return cls(reports, day_of(instant), ends, is_awaited, is_missing, oldest)

    @property
    def period(self) -> Period:
        """The days that the oldest awaited report is about."""
        return Period(day_of(self.ends[self.oldest - 1]) + timedelta(days=1), day_of(self.ends[self.oldest]))

    def delay(self) -> Delay:
        """Whoever published a row about the awaited period, or about a later one, would have seen the report."""
        about = self.reports.known_at[self.reports.end >= self.ends[self.oldest]]
        missing_on = day_of(about.max()) if self.is_missing[self.oldest] else None
        return Delay(self.since, self.period, missing_on, day_of(self.reports.known_at.max()))

    def awaited(self) -> AwaitedReports:
        """The awaited reports, the rows that name them as missing, and the last report before them."""
        reports = self.reports
        missing = self.ends[self.is_awaited & self.is_missing]
        names = missing.searchsorted(reports.end, side="right") > missing.searchsorted(reports.start)
        names &= reports.current & ~reports.has_figure
        before = np.flatnonzero(reports.current & reports.has_figure & (reports.end < np.datetime64(self.period.start)))
        rows = reports.row[np.append(np.flatnonzero(names), before[-1:])]
        return AwaitedReports(tuple(map(day_of, self.ends[self.is_awaited])), len(missing), tuple(map(int, rows)))


def _ends_of_periods(first: date, last: date, every: Duration) -> np.ndarray:
    """The ends of the periods of a cadence from one that ends on `first` to the first that ends after `last`."""
    ends = [first]
    while ends[-1] <= last:
        ends.append(every.after(ends[-1]))
    return np.array(ends, dtype="datetime64[D]")


def _covered(ends: np.ndarray, reports: Series, chosen: np.ndarray) -> np.ndarray:
    """On which of the sorted days any of the chosen rows is about them."""
    change = np.zeros(len(ends) + 1, int)
    np.add.at(change, ends.searchsorted(reports.start[chosen]), 1)
    np.add.at(change, ends.searchsorted(reports.end[chosen], side="right"), -1)
    return np.asarray(np.cumsum(change)[:-1] > 0)
