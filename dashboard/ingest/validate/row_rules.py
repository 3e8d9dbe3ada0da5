"""One row judged cell by cell: what it says, or the first cell that cannot be used and why.

`checks` judges all rows of a delivery at once, and asks here for the words about those in which something is off.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

import numpy as np

from dashboard.catalog import did_you_mean
from dashboard.domain import COLUMNS, WEB_ADDRESS
from dashboard.domain.dates import Period, end_of_day
from dashboard.ingest.validate.cell_formats import Cells

Read = TypeVar("Read")

STATUSES = ("reported", "estimated", "provisional", "withdrawn", "missing")

# control characters, and what turns text round or breaks lines unseen; CR and LF together end a line (RFC 4180)
CONTROL = re.compile("\r(?!\n)|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
TEXTS = ("unit", "subject", "citation", "document", "note")


class BadCellError(Exception):
    """One cell of one row that cannot be used; `sound_from`: the day from which on it can, where it only is too new."""

    def __init__(self, column: str, message: str, sound_from: date | None = None) -> None:
        super().__init__(message)
        self.column, self.sound_from = column, sound_from


@dataclass(frozen=True)
class Judged:
    """What a sound row says; a figure that was left blank is NaN, an instant None.

    published_at, received_at: the last seconds of what is stated; known_at: the earliest of these and of the receipt,
    which is the end of the day on which the row is read.
    """

    period: Period
    low: float
    value: float
    high: float
    status: str
    published_at: np.datetime64 | None
    received_at: np.datetime64 | None
    known_at: np.datetime64


def judge(given: Mapping[str, str], cells: Cells, today: date) -> Judged:
    """A row by our columns, of which any may be absent. Raises BadCellError."""
    row = {**dict.fromkeys(COLUMNS, ""), **given}
    for column, cell in row.items():
        if found := CONTROL.search(cell):
            raise BadCellError(column, f"holds a control character, U+{ord(found[0]):04X}; take it out")
    period = _period(row, cells)
    published, received = (_stated(row, column, cells, today) for column in ("published_at", "received_at"))
    if published and received and published.start > received.end:
        message = (
            f"published {row['published_at']}, after it was received ({row['received_at']}); correct one of the two"
        )
        raise BadCellError("published_at", message)
    _not_before(period, row, today, published=published, received=received)
    low, value, high = (_number(row, column, cells) for column in ("low", "value", "high"))
    if cells.layout.counts:
        _not_negative(low=low, value=value, high=high)
    status = _status(row, low, value, high)
    if row["citation"] and not WEB_ADDRESS.fullmatch(row["citation"]):
        raise BadCellError("citation", f'"{row["citation"][:60]}" is not a web address like https://example.org/a')
    published_at, received_at = (None if one is None else end_of_day(one.end) for one in (published, received))
    known_at = end_of_day(min([today, *(one.end for one in (published, received) if one)]))
    return Judged(period, low, value, high, status, published_at, received_at, known_at)


def known_on(given: Mapping[str, str], cells: Cells, today: date) -> date | None:
    """When a bad row became known, if that much of it can be read: the earlier of its publication and its receipt."""
    stated = [cells.period_or_none(given.get(column, "")) for column in ("published_at", "received_at")]
    ends = [one.end for one in stated if one is not None and one.start <= today]
    return min([today, *ends]) if ends else None


def _period(row: Mapping[str, str], cells: Cells) -> Period:
    if row["date"]:
        if row["period_start"] or row["period_end"]:
            raise BadCellError("date", "give either date, or period_start and period_end")
        return _read("date", row["date"], cells.period)
    if not row["period_start"] and not row["period_end"]:
        raise BadCellError("date", "required, but blank")
    start = _read("period_start", row["period_start"], cells.day)
    end = _read("period_end", row["period_end"], cells.day)
    if end < start:
        raise BadCellError("period_end", f"{end} lies before {start}")
    return Period(start, end)


def _stated(row: Mapping[str, str], column: str, cells: Cells, today: date) -> Period | None:
    """The day, month or year that is stated; it may not begin after today."""
    if not row[column]:
        return None
    stated = _read(column, row[column], cells.period)
    if stated.start > today:
        raise BadCellError(column, f"{row[column]} lies in the future; not used before {stated.start}", stated.start)
    return stated


def _not_before(
    period: Period, row: Mapping[str, str], today: date, *, published: Period | None, received: Period | None
) -> None:
    """Raises BadCellError where a row was known before its period began; it may be used once that has begun, where it
    only is read too early."""
    for column, done, stated in (("published_at", "published", published), ("received_at", "received", received)):
        if stated and stated.end < period.start:
            raise BadCellError(column, f"{done} {row[column]}, before its period began on {period.start}")
    if today < period.start:
        message = f"its period begins on {period.start}, which lies in the future"
        raise BadCellError("date" if row["date"] else "period_start", message, period.start)


def _number(row: Mapping[str, str], column: str, cells: Cells) -> float:
    return _read(column, row[column], cells.number) if row[column] else math.nan


def _not_negative(**figures: float) -> None:
    for column, number in figures.items():
        if number < 0:
            raise BadCellError(column, "an amount or a count cannot be negative; correct it, or write kind: level")


def _status(row: Mapping[str, str], low: float, value: float, high: float) -> str:
    status = row["status"] or "reported"
    if status not in STATUSES:
        message = f'"{status[:60]}" is not one of {", ".join(STATUSES)}{did_you_mean(status[:60], STATUSES)}'
        raise BadCellError("status", message)
    has_figure = not all(map(math.isnan, (low, value, high)))
    if status == "missing" and has_figure:
        raise BadCellError("status", "missing, yet it has a figure; take out one of the two")
    if status == "missing" and not row["note"]:
        raise BadCellError("note", "a missing row says why in its note")
    if status not in ("missing", "withdrawn") and not has_figure:
        raise BadCellError("value", "no figure; write status missing with the reason in note, if that is meant")
    known = [number for number in (low, value, high) if not math.isnan(number)]
    if known != sorted(known):
        raise BadCellError("value", "low, value and high are not in order; the low end comes first")
    return status


def _read(column: str, text: str, parse: Callable[[str], Read]) -> Read:
    if not text:
        raise BadCellError(column, "required, but blank")
    try:
        return parse(text)
    except ValueError as error:
        raise BadCellError(column, str(error)) from error
