"""Rows known at an instant -> the lines of one source."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dashboard.catalog import Source
from dashboard.domain import BOOKKEEPING, DTYPES, ROW_KEY, Problem, Series
from dashboard.domain.text import difference_in_words
from dashboard.late_imports import pd
from dashboard.rows import Table
from dashboard.series.source_lines.falling_totals import find_falls
from dashboard.series.source_lines.units import converted, in_one_unit

MOST_PROBLEMS = 1_000  # of one kind; a million of them tell an officer no more
_CELLS = [name for name in DTYPES if name not in (*BOOKKEEPING, *ROW_KEY)]


def source_lines(
    name: str, source: Source, table: Table, known: np.ndarray, unit: str | None, *, stated: bool = False
) -> tuple[list[Series], list[Problem]]:
    """A source's lines from its known rows, and the problems for which some rows cannot be used.

    One line a source; a `level` or a running total with several subjects has one for each, since one yard says nothing
    of another, and howitzers nothing of rocket launchers.
    `known` are the positions of the source's rows in `table`; `unit` None leaves units unchecked, and "" demands only
    that they agree; `stated` refuses rows without a unit. Rows in another unit are converted by the source's factors.
    Provisional rows are never judged. A withdrawal removes all earlier vintages. Rows that contradict each other are
    all left out; of running totals that fall the higher ones stand.
    """
    rows = known[table.is_judged[known]]
    rows, unit, problems = in_one_unit(table, rows, source, unit, stated=stated)
    rows, contradictions = _without_contradictions(table, rows)
    rows = _not_withdrawn(table, rows)
    factors = source.factors if unit is not None else ()
    series = converted(_arrays(name, source, table, rows, unit or ""), table, factors, stated=stated)
    problems += [*contradictions, *_look_alikes(table, rows)]
    if source.kind == "flow":
        series, overlapping = _without_overlaps(series, table)
        problems += overlapping
    elif source.kind == "cumulative_claim":
        series, falling = _without_falls(series, table)
        problems += falling
    return _by_subject(series, source, table), problems


def as_known(series: Series, at: np.datetime64) -> Series:
    """The series as it was known at an earlier instant."""
    return _only(series, np.flatnonzero(series.known_at <= at))


def _only(series: Series, positions: np.ndarray) -> Series:
    """The observations at some positions; of each period the newest of them is the current one."""
    chosen = series.take(positions)
    return replace(chosen, current=_current(chosen.key, chosen.known_at, chosen.has_figure))


def _without_contradictions(table: Table, rows: np.ndarray) -> tuple[np.ndarray, list[Problem]]:
    """Rows in the order of key and vintage, without rows about the same thing that were published at the same instant.

    Nobody can know which of them is meant. A later vintage settles the question, and an equal row counts once.
    """
    rows = np.sort(rows)  # the order of the table, in which later vintages of a key come later
    rows = rows[np.argsort(table.key[rows], kind="stable")]
    is_repeat = _is_repeat(table, rows)
    if is_repeat.any():
        rows = rows[~_repeats(table, rows, is_repeat)]
        is_repeat = _is_repeat(table, rows)
    if not is_repeat.any():
        return rows, []
    key, vintage = table.key[rows], np.append(0, np.cumsum(~is_repeat))
    newest = vintage[np.searchsorted(key, key, side="right") - 1]
    repeats = np.flatnonzero(is_repeat)
    unsettled = repeats[vintage[repeats] == newest[repeats]]
    refused = np.zeros(len(rows), bool)
    refused[repeats] = refused[repeats + 1] = True
    return rows[~refused], _contradictions(table, rows[unsettled], rows[unsettled + 1])


def _is_repeat(table: Table, rows: np.ndarray) -> np.ndarray:
    """bool for each row but the last: whether the next one is about the same thing and was published with it."""
    same = np.ones(max(len(rows) - 1, 0), bool)
    for column in (table.key, table.known_at, table.stated_instants):
        same &= column[rows[1:]] == column[rows[:-1]]
    return same


def _repeats(table: Table, rows: np.ndarray, is_repeat: np.ndarray) -> np.ndarray:
    """bool for each row: whether all its cells equal those of an earlier row that was published together with it."""
    repeats = np.append(False, is_repeat)
    tied = np.flatnonzero(repeats | np.append(is_repeat, False))
    cells = table.frame.iloc[rows[tied]][_CELLS].assign(vintage=np.append(0, np.cumsum(~is_repeat))[tied])
    repeats[tied] = cells.duplicated().to_numpy()
    return repeats


def _contradictions(table: Table, rows: np.ndarray, next_rows: np.ndarray) -> list[Problem]:
    """A problem for each pair of rows; of many pairs for some, and their number."""
    problems = []
    for row, other in zip(rows[:MOST_PROBLEMS].tolist(), next_rows[:MOST_PROBLEMS].tolist(), strict=True):
        where = table.line_references(row, other)
        message = f"{where} are about the same period and were published together; neither is used"
        problems.append(table.problem(other, "date", message))
    if (more := len(rows) - MOST_PROBLEMS) > 0:
        first = next_rows[MOST_PROBLEMS:][np.argmin(table.known_at[next_rows[MOST_PROBLEMS:]])]
        message = f"{more:,} more pairs of rows are about the same period and were published together; none is used"
        problems.append(replace(table.problem(int(first), "", message), line=0))
    return problems


def _not_withdrawn(table: Table, rows: np.ndarray) -> np.ndarray:
    """Rows in the order of key and vintage, without withdrawals and every vintage that they withdraw."""
    withdrawals = np.flatnonzero(table.is_withdrawn[rows])
    if not withdrawals.size:
        return rows
    key = table.key[rows]
    last = np.searchsorted(key[withdrawals], key, side="right") - 1
    is_withdrawn = (last >= 0) & (key[withdrawals[last]] == key) & (np.arange(len(rows)) <= withdrawals[last])
    return np.asarray(rows[~is_withdrawn])


def _look_alikes(table: Table, rows: np.ndarray) -> list[Problem]:
    """Problems with subjects that look alike to a reader, and count as two."""
    if not table.has_lookalike_subjects:
        return []
    number = table.lookalike_subjects[rows]
    rows = rows[np.argsort(number, kind="stable")][np.count_nonzero(number < 0) :]
    rows = rows[~pd.Series(table.subject[rows]).duplicated().to_numpy()]
    first = np.searchsorted(table.lookalike_subjects[rows], table.lookalike_subjects[rows])
    problems: list[Problem] = []
    for row, other in zip(rows.tolist(), rows[first].tolist(), strict=True):
        if row != other and len(problems) < MOST_PROBLEMS:
            own, another = str(table.subject[row]), str(table.subject[other])
            message = f'"{own[:60]}" and "{another[:60]}" ({table.line_references(other, row)}) differ only in '
            message += f"{difference_in_words(own, another)}, and so count as two; write them in one way"
            problems.append(table.problem(row, "subject", message))
    return problems


def _current(key: np.ndarray, known_at: np.ndarray, has_figure: np.ndarray) -> np.ndarray:
    """The newest vintage of each key, of those known together the last one; a gap never supersedes a figure."""
    if (key[1:] > key[:-1]).all():
        return np.ones(len(key), bool)  # no key has a second vintage
    order = np.lexsort((known_at, has_figure, key))
    current = np.zeros(len(key), bool)
    if len(key):
        current[order[np.append(key[order][1:] != key[order][:-1], True)]] = True
    return current


def _arrays(name: str, source: Source, table: Table, rows: np.ndarray, unit: str) -> Series:
    known_day = table.known_at[rows].astype("datetime64[D]")
    end = np.minimum(table.end[rows], known_day)
    order = np.lexsort((table.line[rows], table.stated_instants[rows], table.known_at[rows], end))
    rows, end = rows[order], end[order]
    value = table.value[rows]
    low, high, at_least, at_most, or_more = _ends(table.low[rows], value, table.high[rows], exact=source.exact)
    return Series(
        source=name,
        title=source.title,
        start=table.start[rows],
        end=end,
        low=low,
        value=value,
        high=high,
        at_least=at_least,
        at_most=at_most,
        or_more=or_more,
        partial=or_more,
        known_at=table.known_at[rows],
        current=_current(table.key[rows], table.known_at[rows], table.has_figure[rows]),
        key=table.key[rows],
        row=rows,
        stated_end=table.end[rows],
        unit=unit or _own_unit(table.unit[rows]),
        kind=source.kind,
        breaks=source.series_breaks,
        origin=name,
    )


def _ends(
    low: np.ndarray, value: np.ndarray, high: np.ndarray, *, exact: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Low and high filled with the value, the ends that somebody vouches for, and which figures are "or more".

    Most sources give bare numbers: then all ends are one array, which later steps compute once.
    """
    no_low, no_high = np.isnan(low), np.isnan(high)
    or_more = no_high & ~no_low
    if no_low.all() and no_high.all():
        vouched = value if exact else _nobody(len(value))
        return value, value, vouched, vouched, or_more
    filled_low = np.where(no_low, value, low) if no_low.any() else low
    filled_high = np.where(no_high, value, high) if no_high.any() else high
    at_most = np.where(no_high & ~or_more, value, high) if exact and no_high.any() else high
    return filled_low, filled_high, filled_low if exact else low, at_most, or_more


_NOBODY = np.broadcast_to(np.nan, 1 << 20)


def _nobody(count: int) -> np.ndarray:
    """Ends that nobody vouches for: NaN, held once for all."""
    return _NOBODY[:count] if count <= len(_NOBODY) else np.broadcast_to(np.nan, count)


def _own_unit(units: np.ndarray) -> str:
    """Events may be counted in a unit of their own: a statement about missiles is one event."""
    return next((str(own) for own in units if own), "")


def _by_subject(series: Series, source: Source, table: Table) -> list[Series]:
    subjects = table.subject[series.row]
    named = list(dict.fromkeys(sorted(map(str, subjects))))
    if len(named) < 2:
        return [series]
    if source.kind == "event":
        # "none seen" of one ship says nothing of the others
        about_one = (subjects != "") & ~(series.low > 0)
        return [replace(series, partial=series.partial | about_one)]
    if source.kind == "flow":
        return [series]
    return [
        replace(
            series.take(np.flatnonzero(subjects == subject)),
            source=f"{series.source}: {subject}" if subject else series.source,
            title=f"{series.title}, {subject}" if subject else series.title,
        )
        for subject in named
    ]


def _without_overlaps(series: Series, table: Table) -> tuple[Series, list[Problem]]:
    """Amounts of overlapping periods cannot both be added: neither is used, and both lines are named."""
    now = np.flatnonzero(series.current & series.has_figure)
    now = now[np.lexsort((series.end[now], series.start[now]))]
    reach_so_far = np.maximum.accumulate(series.end[now].view(np.int64))
    if (series.start[now].view(np.int64)[1:] > reach_so_far[:-1]).all():
        return series, []
    refused: set[int] = set()
    problems = []
    reach: dict[str, int] = {}  # for each subject, the position that reaches furthest so far
    for position in now.tolist():
        subject = str(table.subject[series.row[position]])
        furthest = reach.get(subject)
        if furthest is not None and series.start[position] <= series.end[furthest]:
            refused |= {int(series.key[position]), int(series.key[furthest])}
            problems.append(_overlap(table, int(series.row[furthest]), int(series.row[position])))
        if furthest is None or series.end[position] > series.end[furthest]:
            reach[subject] = position
    return series.take(np.flatnonzero(~np.isin(series.key, list(refused)))) if refused else series, problems


def _without_falls(series: Series, table: Table) -> tuple[Series, list[Problem]]:
    """Of running totals the higher ones stand; a total that its claimant has overtaken is superseded."""
    fallen, overtaken, problems = find_falls(series, table)
    if fallen.any():
        series, overtaken = _only(series, np.flatnonzero(~fallen)), overtaken[~fallen]
    return (replace(series, current=series.current & ~overtaken) if overtaken.any() else series), problems


def _overlap(table: Table, row: int, other: int) -> Problem:
    first, second = sorted((row, other), key=lambda position: (table.file[position], int(table.line[position])))
    spans = " and ".join(f"{table.start[position]} to {table.end[position]}" for position in (first, second))
    places = table.line_references(first, second)
    return table.problem(second, "period", f"{places} overlap ({spans}); they cannot be added up, so neither is used")


def known_amounts(side: np.ndarray, figures: Series) -> np.ndarray:
    """A side of each figure; where it is unknown its value, else its low end, else zero."""
    low = np.where(np.isnan(figures.low), 0.0, figures.low)
    value = np.where(np.isnan(figures.value), low, figures.value)
    return np.where(np.isnan(side), value, side)
