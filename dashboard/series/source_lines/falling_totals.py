"""Running totals that fall, which a total cannot: the higher total stands until a row withdraws it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dashboard.domain import Problem, Series
from dashboard.domain.dates import Period, day_of
from dashboard.domain.text import counted, number, span
from dashboard.rows import Table


def find_falls(series: Series, table: Table) -> tuple[np.ndarray, np.ndarray, list[Problem]]:
    """bool: the totals that have fallen, and those that the claimant has overtaken; and the problems with the falls.

    Compared are totals of one subject since one day, or since no stated day at all (a bare day is "by that day"). Where
    even the high end of one lies below the low end of another that ends before it, the lower one has fallen if it was
    published later, or together. Else it is overtaken: a claimant who says in April "400 by February" no longer means
    the 300 "by March" of his March report. Of a period with both ends stated a later publication falls in the same
    way. A second figure for a bare day is a revision.
    """
    fallen, overtaken = np.zeros(len(series), bool), np.zeros(len(series), bool)
    problems: list[Problem] = []
    for positions in _comparable_totals(series, table):
        below = _below(series, positions)
        for higher in dict.fromkeys(below.values()):
            lower = [position for position, over in below.items() if over == higher]
            falls = [position for position in lower if series.known_at[position] >= series.known_at[higher]]
            fallen[falls] = True
            overtaken[[position for position in lower if position not in falls]] = True
            if falls:
                problems.append(_problem(series, table, higher, falls))
    return fallen, overtaken, problems


def _comparable_totals(series: Series, table: Table) -> Iterator[np.ndarray]:
    """Groups of positions: totals of one subject since one day, where there are several."""
    figures = np.flatnonzero(series.has_figure)
    is_bare = series.start[figures] == series.stated_end[figures]
    since = np.where(is_bare, np.datetime64("NaT", "D"), series.start[figures])
    subjects = np.unique(table.subject[series.row[figures]].astype(str), return_inverse=True)[1]
    order = np.lexsort((figures, since.view(np.int64), subjects))
    codes = np.stack([subjects[order], since.view(np.int64)[order]])
    edges = np.flatnonzero((codes[:, 1:] != codes[:, :-1]).any(axis=0)) + 1
    yield from (np.sort(figures[part]) for part in np.split(order, edges) if len(part) > 1)


def _below(series: Series, positions: np.ndarray) -> dict[int, int]:
    """The positions of totals that have fallen, each with that of the highest total above it."""
    fallen = _lower_vintages(series, positions)
    left = [position for position in positions.tolist() if position not in fallen]
    newest = {int(series.key[position]): position for position in sorted(left, key=lambda at: series.known_at[at])}
    higher = np.array(sorted(newest.values(), key=lambda at: (series.stated_end[at], at)), dtype=int)
    end, low = series.stated_end[higher], np.where(np.isnan(series.low[higher]), -np.inf, series.low[higher])
    highest = np.maximum.accumulate(low)
    holder = np.maximum.accumulate(np.where(np.append(True, highest[1:] > highest[:-1]), np.arange(len(low)), 0))
    before = np.searchsorted(end, series.stated_end[left]) - 1
    falls = (before >= 0) & (series.high[left] < highest[np.maximum(before, 0)]) & ~series.or_more[left]
    return fallen | {left[at]: int(higher[holder[before[at]]]) for at in np.flatnonzero(falls).tolist()}


def _lower_vintages(series: Series, positions: np.ndarray) -> dict[int, int]:
    """Of spans: later vintages that lie below the one that stood."""
    key = series.key[positions]
    if len(np.unique(key)) == len(key):
        return {}
    fallen: dict[int, int] = {}
    stands: dict[int, int] = {}
    for position in positions[np.argsort(series.known_at[positions], kind="stable")].tolist():
        earlier = stands.get(int(series.key[position]))
        is_span = series.start[position] < series.stated_end[position]
        falls = is_span and not series.or_more[position]
        if falls and earlier is not None and series.high[position] < series.low[earlier]:
            fallen[position] = earlier
        else:
            stands[int(series.key[position])] = position
    return fallen


def _problem(series: Series, table: Table, higher: int, lower: list[int]) -> Problem:
    first = min(lower)
    higher_row, lower_row = int(series.row[higher]), int(series.row[first])
    others = f" ({counted(len(lower) - 1, 'other total')} too)" if len(lower) > 1 else ""
    message = (
        f"{table.line_references(higher_row, lower_row)}: the running total falls from "
        f"{_in_words(series, higher)} to {_in_words(series, first)}{others}, which a total cannot, so the higher one "
        f"stands; correct the row that is wrong, or, if the count was really cut, add a row for "
        f"{series.period(higher)} with status: withdrawn"
    )
    row = max(higher_row, lower_row, key=lambda at: (table.known_at[at], at == lower_row))
    return table.problem(row, "value", message)


def _in_words(series: Series, position: int) -> str:
    side = series.value if not np.isnan(series.value[position]) else series.high
    side = series.low if np.isnan(side[position]) else side
    return f"{number(float(side[position]))} by {span(_day(series, position))}"


def _day(series: Series, position: int) -> Period:
    end = day_of(series.stated_end[position])
    return Period(end, end)
