"""Reads whole columns of words whose figures stand at fixed places, as in 2024-03-07 or 2024-03-07T09:31:12Z.

These are most words of most files. What is not read here is read word by word, with the same result.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from dashboard.domain.dates import FIRST_YEAR, LAST_YEAR, date_form
from dashboard.ingest.parse.tokenized_csv import cell_ends
from dashboard.late_imports import pc

_WIDTHS = {"%Y": 4, "%m": 2, "%d": 2, "%H": 2, "%M": 2, "%S": 2}
_MOST = {"%H": 23, "%M": 59, "%S": 59}
_ISO_DAY = "%Y-%m-%d"
_ISO_FORMS = (_ISO_DAY, "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M%z")
_NO_OFFSETS = ("Z", "+00", "+0000", "+00:00")
_ZERO = ord("0")
_DIGITS_OF_SECONDS = {"epoch_s": (10, 1), "epoch_ms": (13, 1_000)}  # from September 2001 on


class Seconds(NamedTuple):
    """at: a second for each word, NaT where it is none; has_time: whether it is a time of day; is_utc: whether that is
    in UTC, and not in the time zone of the source."""

    at: np.ndarray
    has_time: np.ndarray
    is_utc: np.ndarray


def read_fixed_width(words: pa.Array, form: str) -> Seconds:
    """The seconds of all words that have one of the fixed widths of a form; a day is its midnight."""
    seconds = Seconds(np.full(len(words), np.datetime64("NaT", "s")), *np.zeros((2, len(words)), bool))
    if form in _DIGITS_OF_SECONDS:
        _read_epochs(words, form, seconds)
    for template in _ISO_FORMS if form == "iso" else (form,):
        for offset in _NO_OFFSETS if "%z" in template else ("",):
            text = template.replace("%z", offset)
            if _has_fixed_width(text):
                _read_template(words, text, date_form(template).states_zone, seconds)
    return seconds


def _has_fixed_width(form: str) -> bool:
    pieces = re.findall("%.", form)
    return {"%Y", "%m", "%d"} <= set(pieces) <= set(_WIDTHS) and len(set(pieces)) == len(pieces)


def _read_template(words: pa.Array, template: str, is_utc: bool, seconds: Seconds) -> None:
    """Writes what each word in this form states, and leaves the others as they are."""
    pieces = re.findall(r"%.|[^%]", template)
    widths = [_WIDTHS.get(piece, len(piece.encode())) for piece in pieces]
    ends = cell_ends(words)
    candidates = np.flatnonzero((np.diff(ends) == sum(widths)) & np.isnat(seconds.at))
    if not candidates.size:
        return
    text = np.frombuffer(words.buffers()[2], np.uint8)
    starts = ends[candidates]
    is_read = np.ones(len(candidates), bool)
    parts: dict[str, np.ndarray] = {}
    for piece, width in zip(pieces, widths, strict=True):
        marks = [text[starts + place] for place in range(width)]
        starts = starts + width
        if piece in _WIDTHS:
            digits = [(mark - _ZERO).astype(np.int64) for mark in marks]  # what is no digit becomes larger than 9
            is_read &= np.all([digit <= 9 for digit in digits], axis=0)
            parts[piece] = np.sum([digit * 10**place for place, digit in enumerate(reversed(digits))], axis=0)
        else:
            is_read &= np.all([mark == byte for mark, byte in zip(marks, piece.encode(), strict=True)], axis=0)
    days, is_day = _days(parts["%Y"], parts["%m"], parts["%d"])
    is_read &= is_day
    for piece, most in _MOST.items():
        is_read &= parts.get(piece, is_read) <= most
    time = sum(parts[piece] * unit for piece, unit in (("%H", 3600), ("%M", 60), ("%S", 1)) if piece in parts)
    seconds.at[candidates[is_read]] = (days.astype("datetime64[s]") + np.asarray(time, np.int64))[is_read]
    seconds.has_time[candidates[is_read]] = "%H" in parts
    seconds.is_utc[candidates[is_read]] = is_utc


def _days(year: np.ndarray, month: np.ndarray, day: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The days, and which of them are in the calendar."""
    months = ((year - 1970) * 12 + month - 1).view("datetime64[M]")
    days = months.astype("datetime64[D]") + (day - 1)
    is_day = (year >= FIRST_YEAR) & (year <= LAST_YEAR) & (month >= 1) & (month <= 12)
    return days, is_day & (day >= 1) & (days.astype("datetime64[M]") == months)


def _read_epochs(words: pa.Array, form: str, seconds: Seconds) -> None:
    digits, in_a_second = _DIGITS_OF_SECONDS[form]
    is_epoch = pc.match_substring_regex(words, f"^[1-6][0-9]{{{digits - 1}}}$")  # before the year 2200
    is_read = np.asarray(is_epoch.to_numpy(zero_copy_only=False))
    numbers = pc.cast(words.filter(is_epoch), pa.int64()).to_numpy(zero_copy_only=False)
    seconds.at[is_read] = (numbers // in_a_second).astype("datetime64[s]")
    seconds.has_time[is_read] = seconds.is_utc[is_read] = True
