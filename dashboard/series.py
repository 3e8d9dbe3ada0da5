"""Rows known at an instant -> the series of one source, and of sources that are combined figure by figure.

Totals of a cap's periods are in `caps`. Nothing here reads a file or the clock.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from dashboard.catalog import Source
from dashboard.errors import Problem
from dashboard.model import Series
from dashboard.periods import Duration, day_of
from dashboard.table import Table

WINDOWED_KINDS = ("event", "cumulative_claim")


def of_source(name: str, source: Source, table: Table, known: np.ndarray, unit: str) -> tuple[Series, list[Problem]]:
    """One source's series from its known rows, and what about the rows forbids to use some of them.

    `known` are the positions of the source's rows in `table`. Provisional rows are never judged. A withdrawn
    observation is absent with all its vintages. Rows that contradict each other are all left out.
    """
    judged = known[table.judged[known]]
    problems = []
    if source.kind != "event" and unit:
        right = (table.unit[judged] == unit) | (table.unit[judged] == "")
        problems += [_wrong_unit(table, position, unit) for position in judged[~right]]
        judged = judged[right]
    twice, told_twice = _told_twice(table, judged)
    judged = judged[~np.isin(judged, twice)]
    judged = judged[~np.isin(table.key[judged], table.key[judged[_withdrawn(table, judged)]])]
    series = _arrays(name, source, table, judged, unit)
    problems += told_twice
    if source.kind == "flow":
        series, overlapping = _without_overlaps(series, table)
        problems += overlapping
    return series, problems


def as_known(series: Series, at: np.datetime64) -> Series:
    """The series as it was known at an earlier instant."""
    earlier = series.take(np.flatnonzero(series.known_at <= at))
    return replace(earlier, current=_current(earlier.key, earlier.has_figure))


def combined(members: Sequence[Series], how: str, title: str) -> list[Series]:
    """The series that are judged: each member, or one made figure by figure.

    With `prefer` every member is judged, and the first that has figures speaks. `sum`, `max` and `median` join
    figures of exactly the same period; a sum with a member missing is partial.
    """
    if how in ("each", "prefer") or len(members) == 1:
        return list(members)
    return [_joined(members, how, title)]


def silence(reports: Series, every: Duration, too_long: Sequence[Duration], as_of: date) -> Series:
    """Days since the end of the oldest period that is still owed, over the time in which it was known.

    One observation where a level is crossed, one on either side of each report's arrival, and one at the
    instant; `reports` must hold reports at regular intervals `every`. A period without a figure is no report.
    """
    filed = reports.take(np.flatnonzero(reports.has_figure))
    points: list[tuple[date, int]] = []
    newest: date | None = None
    arrivals = np.unique(filed.known_at)
    for arrival in arrivals:
        day = day_of(arrival)
        if newest is not None:
            points += _silent_until(every.after(newest), day - timedelta(days=1), too_long)
        newest = day_of(filed.end[filed.known_at <= arrival].max())
        points.append((day, max(0, (day - every.after(newest)).days)))
    if newest is not None:
        points += _silent_until(every.after(newest), as_of, too_long)
    days = dict(sorted(points))
    return _line(reports, list(days), [float(value) for value in days.values()])


def _silent_until(owed: date, until: date, too_long: Sequence[Duration]) -> list[tuple[date, int]]:
    crossings = [level.after(owed) + timedelta(days=1) for level in too_long]
    days = [day for day in [*crossings, until] if owed <= day <= until]
    return [(day, (day - owed).days) for day in days]


def _line(source: Series, days: Sequence[date], values: Sequence[float]) -> Series:
    count = len(days)
    end = np.array(days, dtype="datetime64[D]")
    figures = np.array(values, dtype=float)
    return Series(
        source=source.source,
        title=source.title,
        start=end,
        end=end,
        low=figures,
        value=figures,
        high=figures,
        or_more=np.zeros(count, bool),
        partial=np.zeros(count, bool),
        known_at=end.astype("datetime64[s]") + np.timedelta64(86_399, "s"),
        current=np.ones(count, bool),
        key=np.arange(count),
        row=np.full(count, -1),
        unit="days",
    )


def _wrong_unit(table: Table, position: int, unit: str) -> Problem:
    message = f'"{table.unit[position]}", but the indicator is in {unit}'
    return Problem(_file(table, position), int(table.line[position]), 0, "unit", message)


def _told_twice(table: Table, rows: np.ndarray) -> tuple[np.ndarray, list[Problem]]:
    """Rows that one source published at the same instant about the same thing: which one is meant?"""
    ordered = rows[np.lexsort((table.line[rows], table.known_at[rows], table.key[rows]))]
    same = (table.key[ordered][1:] == table.key[ordered][:-1]) & (
        table.known_at[ordered][1:] == table.known_at[ordered][:-1]
    )
    pairs = [(int(ordered[index]), int(ordered[index + 1])) for index in np.flatnonzero(same)]
    problems = []
    for one, other in pairs:
        lines = f"lines {table.line[one]} and {table.line[other]}"
        message = f"{lines} are about the same period and were published together; neither is used"
        problems.append(Problem(_file(table, other), int(table.line[other]), 0, "date", message))
    return np.unique(np.array(pairs, dtype=int)), problems


def _withdrawn(table: Table, rows: np.ndarray) -> np.ndarray:
    """Which of the rows are the newest vintage of their observation, and withdraw it."""
    order = np.lexsort((table.line[rows], table.known_at[rows], table.key[rows]))
    key = table.key[rows][order]
    newest = np.zeros(len(rows), bool)
    newest[order[np.append(key[1:] != key[:-1], True)[: len(rows)]]] = True
    return np.asarray(newest & table.withdrawn[rows])


def _file(table: Table, position: int) -> str:
    return str(table.frame["file"].iloc[position])


def _current(key: np.ndarray, has_figure: np.ndarray) -> np.ndarray:
    """The newest vintage of each key, in the order given; a gap never supersedes a figure."""
    current = np.zeros(len(key), bool)
    newest: dict[int, int] = {}
    for position, (one, figure) in enumerate(zip(key.tolist(), has_figure.tolist(), strict=True)):
        if figure or one not in newest or not has_figure[newest[one]]:
            newest[one] = position
    current[list(newest.values())] = True
    return current


def _arrays(name: str, source: Source, table: Table, rows: np.ndarray, unit: str) -> Series:
    low, value, high = table.low[rows], table.value[rows], table.high[rows]
    known_at = table.known_at[rows]
    has_figure = ~(np.isnan(low) & np.isnan(value) & np.isnan(high))
    return Series(
        source=name,
        title=source.title,
        start=table.start[rows],
        # what was published inside its own period can only be about the days up to then
        end=np.minimum(table.end[rows], known_at.astype("datetime64[D]")),
        low=np.where(np.isnan(low), value, low),
        value=value,
        high=np.where(np.isnan(high), value, high),
        or_more=np.isnan(high) & ~np.isnan(low),
        partial=np.zeros(len(rows), bool),
        known_at=known_at,
        current=_current(table.key[rows], has_figure),
        key=table.key[rows],
        row=rows,
        unit=_own_unit(table.unit[rows], unit) if source.kind == "event" else unit,
        windowed=source.kind in WINDOWED_KINDS,
    )


def _own_unit(units: np.ndarray, unit: str) -> str:
    """Events may be counted in a unit of their own: a statement about missiles is one event."""
    return next((str(own) for own in units if own), unit)


def _without_overlaps(series: Series, table: Table) -> tuple[Series, list[Problem]]:
    """Amounts of overlapping periods cannot both be added: neither is used, and both lines are named."""
    now = np.flatnonzero(series.current & series.has_figure)
    now = now[np.lexsort((series.end[now], series.start[now]))]
    refused: set[int] = set()
    problems = []
    reach = -1  # the position that reaches furthest so far
    for position in now.tolist():
        if reach >= 0 and series.start[position] <= series.end[reach]:
            refused |= {int(series.key[position]), int(series.key[reach])}
            problems.append(_overlap(table, int(series.row[reach]), int(series.row[position])))
        if reach < 0 or series.end[position] > series.end[reach]:
            reach = position
    return series.take(np.flatnonzero(~np.isin(series.key, list(refused)))), problems


def _overlap(table: Table, one: int, other: int) -> Problem:
    first, second = sorted((one, other), key=lambda position: int(table.line[position]))
    spans = " and ".join(f"{table.start[position]} to {table.end[position]}" for position in (first, second))
    lines = f"lines {table.line[first]} and {table.line[second]}"
    message = f"{lines} overlap ({spans}); they cannot be added up, so neither is used"
    return Problem(_file(table, second), int(table.line[second]), 0, "period", message)


def _joined(members: Sequence[Series], how: str, title: str) -> Series:
    """Figures of the same period as one: what of them was known when is the latest of its parts."""
    parts = [member.take(np.flatnonzero(member.current & member.has_figure)) for member in members]
    periods = sorted({(start, end) for part in parts for start, end in zip(part.start, part.end, strict=True)})
    periods.sort(key=lambda period: period[1])
    count = len(periods)
    sides = {side: np.full((len(parts), count), np.nan) for side in ("low", "value", "high")}
    known_at = np.full((len(parts), count), np.datetime64("NaT", "s"))
    or_more = np.zeros(count, bool)
    index = {period: position for position, period in enumerate(periods)}
    for number, part in enumerate(parts):
        where = [index[period] for period in zip(part.start, part.end, strict=True)]
        for side, table in sides.items():
            table[number, where] = getattr(part, side)
        known_at[number, where] = part.known_at
        or_more[where] |= part.or_more
    join = {"sum": _sum, "max": _max, "median": _median}[how]
    missing = np.isnat(known_at).any(axis=0) if how == "sum" else np.zeros(count, bool)
    return Series(
        source=f"{how} of {', '.join(member.source for member in members)}",
        title=title,
        start=np.array([start for start, _ in periods], dtype="datetime64[D]"),
        end=np.array([end for _, end in periods], dtype="datetime64[D]"),
        low=join(sides["low"]),
        value=join(sides["value"]),
        high=join(sides["high"]),
        or_more=or_more | missing,
        partial=np.asarray(missing),
        known_at=np.fmax.reduce(known_at, axis=0) if count else known_at[0],
        current=np.ones(count, bool),
        key=np.arange(count),
        row=np.full(count, -1),
        unit=members[0].unit,
        windowed=any(member.windowed for member in members),
    )


def _sum(table: np.ndarray) -> np.ndarray:
    return np.asarray(np.nansum(table, axis=0))


def _max(table: np.ndarray) -> np.ndarray:
    return np.asarray(np.fmax.reduce(table, axis=0))


def _median(table: np.ndarray) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a period in which nobody gave this side: NaN is meant
        return np.asarray(np.nanmedian(table, axis=0))
