"""Parses whole columns of days, periods and times. A cell that states none as the dialect declares is NaT."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from dashboard.ingest.dates.fixed_width import read_fixed_width
from dashboard.ingest.validate.cell_formats import CellFormats

_TO_END_OF_DAY = np.timedelta64(86_399, "s")
_SLOT = 6 * 3_600  # seconds in which no zone moves its clock twice
_NEVER = np.datetime64("NaT", "s")


def parse_periods(words: pa.Array, formats: CellFormats) -> tuple[np.ndarray, np.ndarray]:
    """The first and the last day that each word covers, as midnights in datetime64[s]; the same as `formats.period`."""
    first = np.full(len(words), _NEVER)
    if form := formats.form_of_periods:
        seconds = read_fixed_width(words, form)
        own = seconds.at.copy()
        if formats.dialect.zone != "UTC":
            own[seconds.is_utc] = _shown_in(formats.dialect.zone, own[seconds.is_utc])
        first = own.astype("datetime64[D]").astype("datetime64[s]")
    last = first.copy()
    for position in np.flatnonzero(np.isnat(first)).tolist():
        if period := formats.period_or_none(words[position].as_py()):
            first[position], last[position] = period.start, period.end
    return first, last


def parse_stated(words: pa.Array, formats: CellFormats) -> tuple[np.ndarray, np.ndarray]:
    """The first and the last second of what each word states, in UTC; the same as `formats.stated`."""
    first = np.full(len(words), _NEVER)
    last = first
    if form := formats.single_form:
        seconds = read_fixed_width(words, form)
        is_instant = seconds.is_utc | ~seconds.has_time | (formats.dialect.zone == "UTC")
        first = np.where(is_instant, seconds.at, first)
        last = np.where(seconds.has_time, first, first + _TO_END_OF_DAY)
    last = last.copy()
    for position in np.flatnonzero(np.isnat(first)).tolist():
        if stated := formats.stated_or_none(words[position].as_py()):
            first[position], last[position] = stated.begin, stated.end
    return first, last


def _shown_in(zone: str, instants: np.ndarray) -> np.ndarray:
    """What the clock of a zone shows at each instant; NaT where the clock is moved within the hours around it."""
    slots, positions = np.unique(instants.astype(np.int64) // _SLOT, return_inverse=True)
    begins, ends = (_offsets(zone, (slots + later) * _SLOT) for later in (0, 1))
    shown = instants + begins[positions].astype("timedelta64[s]")
    return np.where((begins == ends)[positions], shown, _NEVER)


def _offsets(zone: str, instants: np.ndarray) -> np.ndarray:
    """The offset of a zone from UTC at each instant, in seconds."""
    clock = ZoneInfo(zone)
    offsets = (datetime.fromtimestamp(instant, clock).utcoffset() for instant in instants.tolist())
    return np.array([offset.total_seconds() for offset in offsets if offset is not None], np.int64)
