"""How long a source has owed a report: days since the end of the oldest period that nobody has reported yet.

Owed is every period from the first one reported. A period that a row names as missing, and after which later
reports came, will not come any more: it is named, and no longer waited for. That nothing has reached us does not say
that nothing was filed: surely owed is a report only up to the last look after which a row said that it was missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Self

import numpy as np

from dashboard.domain import Series, joined
from dashboard.domain.dates import Duration, Period, day_of
from dashboard.domain.text import wording as words
from dashboard.series.source_series import as_known


@dataclass(frozen=True)
class Delay:
    """The oldest report that is owed, as known from a day until something else became known.

    owed: the period it is about; said: the last day on which somebody who looked found it missing, None where no row
    says so; looked: the last day on which anybody looked at all.
    """

    since: date
    owed: Period
    said: date | None
    looked: date


@dataclass(frozen=True)
class Waiting:
    """What is awaited by all that is known.

    awaited: the ends of the periods, from the oldest owed on, of which nothing has come, as far as any row reaches;
    missing: how many of them rows name as missing; rows: the rows that do, and the last filing before them, as
    positions in the table.
    """

    awaited: tuple[date, ...]
    missing: int
    rows: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class OverdueReports:
    """Of some reports: what was owed from each day on which something became known, and what is awaited at last."""

    reports: Series
    every: Duration
    delays: tuple[Delay, ...]
    waiting: Waiting | None


def overdue_reports(reports: Series, every: Duration) -> OverdueReports:
    """Nothing is owed before anything was reported."""
    ends: dict[date, np.ndarray] = {}
    known = [_Known.at(instant, reports, every, ends) for instant in np.unique(reports.known_at)]
    found = [one for one in known if one is not None]
    return OverdueReports(reports, every, tuple(one.delay() for one in found), found[-1].waiting() if found else None)


def delay_series(told: OverdueReports, too_long: Sequence[Duration], as_of: date) -> Series:
    """The series of days of delay, over the time in which it was known.

    One observation when something becomes known, one where a level is crossed before the next thing does, one just
    before that, and one at the instant. The high end counts up to its day; the low end up to the last look that found
    the report missing, unknown where no row says so.
    """
    points: dict[date, Delay] = {}
    nexts = [one.since - timedelta(days=1) for one in told.delays[1:]]
    for delay, until in zip(told.delays, [*nexts, as_of], strict=False):
        crossings = [level.after(delay.owed.end) + timedelta(days=1) for level in too_long]
        points |= {day: delay for day in (delay.since, *crossings, until) if delay.since <= day <= until}
    return _line(told, dict(sorted(points.items())), min(too_long, key=lambda level: level.days))


def pooled(members: Sequence[Series]) -> Series:
    """The reports of several sources as one series: a report that any of them knows of has come."""
    if len(members) == 1:
        return members[0]
    reports = joined(members)
    return replace(reports.take(np.lexsort((reports.known_at, reports.end))), origin="")


@dataclass(frozen=True, eq=False)
class _Known:
    """The reports known at an instant: `ends` are those of the periods from the first one reported to the first that
    no row reaches, of which reports are awaited, or named as missing; `oldest` is the position of the one owed."""

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
    def owed(self) -> Period:
        return Period(day_of(self.ends[self.oldest - 1]) + timedelta(days=1), day_of(self.ends[self.oldest]))

    def delay(self) -> Delay:
        """Whoever published something about the period owed or a later one would have seen the report."""
        about = self.reports.known_at[self.reports.end >= self.ends[self.oldest]]
        said = day_of(about.max()) if self.is_missing[self.oldest] else None
        return Delay(self.since, self.owed, said, day_of(self.reports.known_at.max()))

    def waiting(self) -> Waiting:
        reports = self.reports
        missing = self.ends[self.is_awaited & self.is_missing]
        names = missing.searchsorted(reports.end, side="right") > missing.searchsorted(reports.start)
        names &= reports.current & ~reports.has_figure
        before = np.flatnonzero(reports.current & reports.has_figure & (reports.end < np.datetime64(self.owed.start)))
        rows = reports.row[np.append(np.flatnonzero(names), before[-1:])]
        return Waiting(tuple(map(day_of, self.ends[self.is_awaited])), len(missing), tuple(map(int, rows)))


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


def _line(told: OverdueReports, delays: dict[date, Delay], due: Duration) -> Series:
    count = len(delays)
    end = np.array(list(delays), dtype="datetime64[D]")
    high = np.array([_days(one.owed, day) for day, one in delays.items()], dtype=float)
    low = np.array([_days(one.owed, one.said) for one in delays.values()], dtype=float)
    reports = told.reports
    return Series.computed(
        source=reports.source,
        title=reports.title,
        start=end,
        end=end,
        low=low,
        value=np.where(low == high, high, np.nan),
        high=high,
        at_least=low,
        at_most=high,
        or_more=np.zeros(count, bool),
        partial=np.zeros(count, bool),
        known_at=end.astype("datetime64[s]") + np.timedelta64(86_399, "s"),
        unit="days",
        origin=reports.origin,
        notes={key: _in_words(one, day, told, due) for key, (day, one) in enumerate(delays.items())},
        looked={key: one.said or one.looked for key, one in enumerate(delays.values())},
        made_of=dict.fromkeys(range(count), told.waiting.rows) if told.waiting else {},
    )


def _days(owed: Period, until: date | None) -> float:
    return float("nan") if until is None else float(max(0, (until - owed.end).days))


def _in_words(delay: Delay, day: date, told: OverdueReports, due: Duration) -> str:
    """Which reports are owed, who looked when, and what is not known."""
    noun = "month" if told.every == Duration(months=1) else "period"
    which = _which(delay, day, told, due, noun)
    if day <= delay.owed.end:
        return f"{which} is the next report to come"
    if delay.said is not None:
        ago = (day - max(delay.said, delay.looked)).days
        since = f"; nobody has looked in the {words.counted(ago, 'day')} since" if ago else ""
        return f"{which}: no report when last checked ({_after(delay.said, delay.owed, noun)}){since}"
    if delay.looked <= delay.owed.end:
        look = f"nobody is known to have looked since {words.day(delay.looked)}"
    else:
        look = f"whoever looked last, on {words.day(delay.looked)}, does not say whether it had come"
    return f"{which}: no report has reached us by {_after(day, delay.owed, noun)}; {look}"


def _which(delay: Delay, day: date, told: OverdueReports, due: Duration, noun: str) -> str:
    """`Feb 2024 and 18 later months`: those that rows name, or else those of which the report was due."""
    waiting, later = told.waiting, 0
    if waiting is not None and delay is told.delays[-1]:
        later = (waiting.missing if delay.said else _due(waiting.awaited, day, told.every, due)) - 1
    more = f" and {later} later {noun}{'' if later == 1 else 's'}" if later > 0 else ""
    return f"{words.span(delay.owed)}{more}"


def _after(day: date, owed: Period, noun: str) -> str:
    return f"{words.day(day)}, {words.counted((day - owed.end).days, 'day')} after the {noun}'s end"


def _due(awaited: Sequence[date], day: date, every: Duration, due: Duration) -> int:
    """Of how many awaited periods, those after the last one known included, the report was due before a day."""
    count, end = sum(due.after(end) < day for end in awaited), every.after(awaited[-1])
    while due.after(end) < day:
        count, end = count + 1, every.after(end)
    return count
