"""Parses whole columns of days, periods and times. A cell that states none as the dialect declares is NaT."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from dashboard.domain.dates import FIRST_YEAR, LAST_YEAR
from dashboard.ingest.parse.tokenized_csv import cell_ends
from dashboard.ingest.validate.cell_formats import CellFormats

_ISO_LENGTH = len("2024-03-07")
_TO_END_OF_DAY = np.timedelta64(86_399, "s")
_ZERO, _HYPHEN = b"0-"


def parse_periods(words: pa.Array, formats: CellFormats) -> tuple[np.ndarray, np.ndarray]:
    """The first and the last day that each word covers, as midnights in datetime64[s]; the same as `formats.period`."""
    first = np.full(len(words), np.datetime64("NaT", "s"))
    if formats.reads_iso_days:
        _parse_iso_days(words, first)
    last = first.copy()
    for position in np.flatnonzero(np.isnat(first)).tolist():
        if period := formats.period_or_none(words[position].as_py()):
            first[position], last[position] = period.start, period.end
    return first, last


def parse_stated(words: pa.Array, formats: CellFormats) -> tuple[np.ndarray, np.ndarray]:
    """The first and the last second of what each word states, in UTC; the same as `formats.stated`."""
    first = np.full(len(words), np.datetime64("NaT", "s"))
    if formats.reads_iso_days:
        _parse_iso_days(words, first)
    last = first + _TO_END_OF_DAY
    for position in np.flatnonzero(np.isnat(first)).tolist():
        if stated := formats.stated_or_none(words[position].as_py()):
            first[position], last[position] = stated.begin, stated.end
    return first, last


def _parse_iso_days(words: pa.Array, days: np.ndarray) -> None:
    """Writes the day of each word like 2024-03-07 into `days`, and leaves the others as they are."""
    ends = cell_ends(words)
    candidates = np.flatnonzero(np.diff(ends) == _ISO_LENGTH)
    if not candidates.size:
        return
    text = np.frombuffer(words.buffers()[2], np.uint8)
    marks = text[ends[candidates, None] + np.arange(_ISO_LENGTH)]
    digits = (marks[:, [0, 1, 2, 3, 5, 6, 8, 9]] - _ZERO).astype(np.int64)  # what is no digit becomes larger than 9
    year, month, day = digits[:, :4] @ [1000, 100, 10, 1], digits[:, 4:6] @ [10, 1], digits[:, 6:] @ [10, 1]
    months = ((year - 1970) * 12 + month - 1).view("datetime64[M]")
    dates = months.astype("datetime64[D]") + (day - 1)
    is_day = (digits <= 9).all(axis=1) & (marks[:, [4, 7]] == _HYPHEN).all(axis=1)
    is_day &= (year >= FIRST_YEAR) & (year <= LAST_YEAR) & (month >= 1) & (month <= 12)
    is_day &= (day >= 1) & (dates.astype("datetime64[M]") == months)
    days[candidates[is_day]] = dates[is_day]
