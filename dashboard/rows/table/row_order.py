"""The order of the rows of a table, and the numbers of what they are about. Rows mostly arrive in order."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dashboard.domain import THING
from dashboard.late_imports import pd
from dashboard.rows.row_numbers import number_rows
from dashboard.rows.table.text_codes import TextCodes


def in_order(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows by source, end, instant of becoming known, publication, file and line; the index counts from 0.

    The publication only matters in sources with one that ends after the receipt of its row: there rows that became
    known together differ in it. The order of a source's rows never depends on other sources.
    """
    end, known, published = (_seconds(rows[name]) for name in ("end", "known_at", "published_at"))
    place = TextCodes.of(rows["file"]).ranks(), rows["line"].to_numpy(np.int64)
    source, is_later = TextCodes.of(rows["source"]).ranks(), published > known
    stated = [np.where(np.isin(source, source[is_later]), published, 0)] if is_later.any() else []
    columns = [source, end, known, *stated, *place]
    if not _are_sorted(columns):
        return rows.take(np.lexsort(columns[::-1])).reset_index(drop=True)
    return (
        rows
        if isinstance(rows.index, pd.RangeIndex) and rows.index.equals(pd.RangeIndex(len(rows)))
        else (rows.reset_index(drop=True))
    )


def number_things(frame: pd.DataFrame, source: np.ndarray) -> np.ndarray:
    """As `number_rows` of source, period and subject, for rows in order: equal ones have the same source and end, and
    mostly adjoin. `source` has the number of each row's source."""
    others = [
        TextCodes.of(frame[name]).codes if frame[name].dtype.kind != "M" else _seconds(frame[name])
        for name in THING
        if name != "end"
    ]
    begins_end = _differ([source, _seconds(frame["end"])])
    begins = begins_end | _differ(others)
    numbers, ends = np.cumsum(begins) - 1, np.cumsum(begins_end) - 1
    is_crowded = (np.bincount(ends[begins]) > 2)[ends] if len(ends) else begins  # two stretches are never equal
    if is_crowded.any():
        own = number_rows([ends[is_crowded], *(column[is_crowded] for column in others)])
        numbers[is_crowded] = len(frame) + own
        numbers, _ = pd.factorize(numbers)
    return np.asarray(numbers, np.int64)


def slices_of(source: TextCodes) -> dict[str, slice]:
    """Where the rows of each source stand, by the names in order."""
    starts = np.flatnonzero(_differ([source.codes]))
    stops = np.append(starts, len(source.codes))[1:]
    names = source.names[source.codes[starts]]
    return {str(name): slice(*ends) for name, *ends in zip(names, starts.tolist(), stops.tolist(), strict=True)}


def _seconds(column: pd.Series) -> np.ndarray:
    """Instants as numbers, of which NaT is the least."""
    return np.asarray(column.to_numpy("datetime64[s]").view(np.int64))


def _are_sorted(columns: Sequence[np.ndarray]) -> bool:
    """Whether rows stand in the order of the columns, the first one foremost."""
    is_equal = np.ones(max(len(columns[0]) - 1, 0), bool)
    for column in columns:
        if (is_equal & (column[1:] < column[:-1])).any():
            return False
        is_equal &= column[1:] == column[:-1]
    return True


def _differ(columns: Sequence[np.ndarray]) -> np.ndarray:
    """bool: which rows differ in any column from the row before; the first one does."""
    differ = np.zeros(len(columns[0]), bool)
    differ[:1] = True
    for column in columns:
        differ[1:] |= column[1:] != column[:-1]
    return differ
