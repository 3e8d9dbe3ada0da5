"""The line of `overdue_after`: the days since the end of the oldest period that nobody has reported yet.

A report that has not reached us may still have been filed: a report is surely overdue only up to the last look after
which a row said that it was missing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from dashboard.domain import Series
from dashboard.domain.dates import Duration, Period
from dashboard.domain.text import wording as words


@dataclass(frozen=True)
class Delay:
    """The oldest overdue report, as known from the day `since` until something else became known.

    period: the days that the report is about; missing_on: the last day on which somebody who looked found it missing,
    None where no row says so; looked_on: the last day on which anybody looked at all.
    """

    since: date
    period: Period
    missing_on: date | None
    looked_on: date


@dataclass(frozen=True)
class AwaitedReports:
    """The reports that are awaited by the rows known at last.

    ends: of the periods without a report, from the oldest on, as far as any row reaches; missing: how many of them rows
    name as missing; rows: positions in the table of these rows, and of the last report before them.
    """

    ends: tuple[date, ...]
    missing: int
    rows: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class OverdueReports:
    """The delays of some reports after each day on which something became known, and the reports awaited at last.

    every: how long the period of one report is; awaited: None where nothing was reported yet.
    """

    reports: Series
    every: Duration
    delays: tuple[Delay, ...]
    awaited: AwaitedReports | None


def delay_series(overdue: OverdueReports, levels: Sequence[int], as_of: date) -> Series:
    """The series of days of delay, over the time in which it was known; `levels` in days.

    It has one observation when something becomes known, one where a level is crossed before the next thing becomes
    known, one just before that, and one at the instant. The high end counts up to its day; the low end up to the last
    look that found the report missing, unknown where no row says so.
    """
    points: dict[date, Delay] = {}
    last_days = [delay.since - timedelta(days=1) for delay in overdue.delays[1:]]
    for delay, until in zip(overdue.delays, [*last_days, as_of], strict=False):
        crossings = [delay.period.end + timedelta(days=level + 1) for level in levels]
        points |= {day: delay for day in (delay.since, *crossings, until) if delay.since <= day <= until}
    return _line(overdue, dict(sorted(points.items())), timedelta(days=min(levels)))


def _line(overdue: OverdueReports, delays: dict[date, Delay], due: timedelta) -> Series:
    count, reports = len(delays), overdue.reports
    end = np.array(list(delays), dtype="datetime64[D]")
    high = np.array([_days(delay.period, day) for day, delay in delays.items()], dtype=float)
    low = np.array([_days(delay.period, delay.missing_on) for delay in delays.values()], dtype=float)
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
        notes={key: _in_words(delay, day, overdue, due) for key, (day, delay) in enumerate(delays.items())},
        last_looks={key: delay.missing_on or delay.looked_on for key, delay in enumerate(delays.values())},
        rows_behind=dict.fromkeys(range(count), overdue.awaited.rows) if overdue.awaited else {},
    )


def _days(period: Period, until: date | None) -> float:
    return float("nan") if until is None else float(max(0, (until - period.end).days))


def _in_words(delay: Delay, day: date, overdue: OverdueReports, due: timedelta) -> str:
    """Which reports are overdue, who looked when, and what is not known."""
    noun = "month" if overdue.every == Duration(months=1) else "period"
    which = _which(delay, day, overdue, due, noun)
    if day <= delay.period.end:
        return f"{which} is the next report to come"
    if delay.missing_on is not None:
        ago = (day - max(delay.missing_on, delay.looked_on)).days
        since = f"; nobody has looked in the {words.counted(ago, 'day')} since" if ago else ""
        return f"{which}: no report when last checked ({_after(delay.missing_on, delay.period, noun)}){since}"
    if delay.looked_on <= delay.period.end:
        look = f"nobody is known to have looked since {words.day(delay.looked_on)}"
    else:
        look = f"whoever looked last, on {words.day(delay.looked_on)}, does not say whether it had come"
    return f"{which}: no report has reached us by {_after(day, delay.period, noun)}; {look}"


def _which(delay: Delay, day: date, overdue: OverdueReports, due: timedelta, noun: str) -> str:
    """`Feb 2024 and 18 later months`: the periods that rows name, or else those whose report was due."""
    awaited, later = overdue.awaited, 0
    if awaited is not None and delay is overdue.delays[-1]:
        later = (awaited.missing if delay.missing_on else _count_due(awaited.ends, day, overdue.every, due)) - 1
    more = f" and {later} later {noun}{'' if later == 1 else 's'}" if later > 0 else ""
    return f"{words.span(delay.period)}{more}"


def _after(day: date, period: Period, noun: str) -> str:
    return f"{words.day(day)}, {words.counted((day - period.end).days, 'day')} after the {noun}'s end"


def _count_due(ends: Sequence[date], day: date, every: Duration, due: timedelta) -> int:
    """The number of awaited reports, those of periods after the last known one included, that were due before a day."""
    count, end = sum(end + due < day for end in ends), every.after(ends[-1])
    while end + due < day:
        count, end = count + 1, every.after(end)
    return count
