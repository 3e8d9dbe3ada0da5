"""Tables with a column for each period: which columns these are, and a row for each of their cells."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa

_SPANS = {
    "years": re.compile(r"(?P<Y>\d{4})", re.ASCII),
    "quarters": re.compile(r"(?P<Y>\d{4})-?(?P<q>Q[1-4])", re.ASCII),
    "months": re.compile(r"(?P<Y>\d{4})(-|M)(?P<m>\d{2})", re.ASCII),
    "days": re.compile(r"(?P<Y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})", re.ASCII),
}


class LongRows(NamedTuple):
    """A row for each cell of the wide columns. row: the row of the table; position: the column of the cell."""

    row: np.ndarray
    position: np.ndarray
    period: pa.Array
    value: pa.Array


def wide_period(name: str, form: str) -> str:
    """The period that the name of a column states, in the plain form; "" where it states none."""
    pattern = _SPANS.get(form) or _pattern(form)
    if not (match := pattern.fullmatch(name.strip())):
        return ""
    parts = match.groupdict()
    return "-".join(parts[part] for part in ("Y", "q", "m", "d") if parts.get(part))


def long_rows(columns: Mapping[int, pa.Array], periods: Mapping[int, str], *, keeps_blanks: bool) -> LongRows:
    """The cells of the wide columns, row by row. `periods` are their names by position; blank cells may be left out."""
    positions = np.array(list(periods), np.int64)
    count = len(next(iter(columns.values())))
    cells = pa.concat_arrays([columns[position] for position in periods])  # column by column
    order = np.arange(count * len(positions)).reshape(len(positions), count).T.ravel()
    values = cells.take(pa.array(order))
    row, place = np.divmod(np.arange(len(order)), len(positions)) if len(positions) else (order, order)
    if not keeps_blanks:
        is_kept = np.array([bool(cell.strip()) for cell in values.to_pylist()], bool)
        row, place, values = row[is_kept], place[is_kept], values.filter(pa.array(is_kept))
    words = pa.array(list(periods.values()), pa.string())
    return LongRows(row, positions[place], words.take(pa.array(place)), values)


def _pattern(form: str) -> re.Pattern[str]:
    """The pattern of a declared form, like "%Y [YR%Y]"; a part that stands twice must be the same twice."""
    seen: set[str] = set()
    pattern = ""
    for piece in re.findall(r"%[Ymdq]|.", form):
        part = piece[1] if len(piece) == 2 else ""
        if not part:
            pattern += re.escape(piece)
        elif part in seen:
            pattern += f"(?P={part})"
        else:
            seen.add(part)
            pattern += {"Y": r"(?P<Y>\d{4})", "m": r"(?P<m>\d{2})", "d": r"(?P<d>\d{2})", "q": r"(?P<q>Q[1-4])"}[part]
    return re.compile(pattern, re.ASCII)
