"""Validates one row cell by cell. These rules are the specification, with the messages.

`column_prefilter` applies the same rules to all rows at once, and hands every row that it suspects to `validate`.
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
from dashboard.domain import COLUMNS, STATUSES, WEB_ADDRESS
from dashboard.domain.dates import Period, day_of, end_of_day
from dashboard.ingest.dates.date_cells import Stated
from dashboard.ingest.validate.cell_formats import CellFormats

Parsed = TypeVar("Parsed")

# control characters, and invisible ones that reverse text or break lines; CR and LF together end a line (RFC 4180)
CONTROL = re.compile("\r(?!\n)|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


class BadCellError(Exception):
    """A cell that cannot be used. `usable_from` is the first day on which it can, where it is only too new."""

    def __init__(self, column: str, message: str, usable_from: date | None = None) -> None:
        super().__init__(message)
        self.column, self.usable_from = column, usable_from


@dataclass(frozen=True)
class ValidRow:
    """The values of a valid row: NaN for a blank figure, None for a blank instant.

    published_at, received_at: the stated second, or the last one of the stated day, month or year; known_at: the
    earliest of these two and of the end of the day on which the row is read, but not before its period begins.
    """

    period: Period
    low: float
    value: float
    high: float
    status: str
    published_at: np.datetime64 | None
    received_at: np.datetime64 | None
    known_at: np.datetime64


def validate(row: Mapping[str, str], formats: CellFormats, today: date) -> ValidRow:
    """The values of a row, given by our column names; absent columns are blank. Raises BadCellError."""
    row = {**dict.fromkeys(COLUMNS, ""), **row}
    for column, cell in row.items():
        if match := CONTROL.search(cell):
            raise BadCellError(column, f"holds a control character, U+{ord(match[0]):04X}; take it out")
    period = _period(row, formats)
    published, received = (_stated(row, column, formats, today) for column in ("published_at", "received_at"))
    if published and received and published.begin > received.end:
        message = (
            f"published {row['published_at']}, after it was received ({row['received_at']}); correct one of the two"
        )
        raise BadCellError("published_at", message)
    _check_order(period, row, today, published=published, received=received)
    low, value, high = (_number(row, column, formats) for column in ("low", "value", "high"))
    if formats.dialect.counts:
        _check_sign(low=low, value=value, high=high)
    status = _status(row, low, value, high)
    if row["citation"] and not WEB_ADDRESS.fullmatch(row["citation"]):
        raise BadCellError("citation", f'"{row["citation"][:60]}" is not a web address like https://example.org/a')
    published_at, received_at = (stated.end if stated else None for stated in (published, received))
    known_at = min([end_of_day(today), *(stated.end for stated in (published, received) if stated)])
    known_at = max(known_at, np.datetime64(period.start, "s"))  # the day of a time may begin earlier in its own zone
    return ValidRow(period, low, value, high, status, published_at, received_at, known_at)


def bad_row_known_on(row: Mapping[str, str], formats: CellFormats, today: date) -> date | None:
    """The day on which a bad row became known: the earlier of its publication and its receipt, None if unreadable."""
    stated = [formats.stated_or_none(row.get(column, "")) for column in ("published_at", "received_at")]
    ends = [day_of(times.end) for times in stated if times is not None and times.begin <= end_of_day(today)]
    return min([today, *ends]) if ends else None


def _period(row: Mapping[str, str], formats: CellFormats) -> Period:
    if row["date"]:
        if row["period_start"] or row["period_end"]:
            raise BadCellError("date", "give either date, or period_start and period_end")
        return _parse("date", row["date"], formats.period)
    if not row["period_start"] and not row["period_end"]:
        raise BadCellError("date", "required, but blank")
    start = _parse("period_start", row["period_start"], formats.period).start
    end = _parse("period_end", row["period_end"], formats.period).end
    if end < start:
        raise BadCellError("period_end", f"{end} lies before {start}")
    return Period(start, end)


def _stated(row: Mapping[str, str], column: str, formats: CellFormats, today: date) -> Stated | None:
    """The stated day, month, year or time. BadCellError where it begins after today."""
    if not row[column]:
        return None
    stated = _parse(column, row[column], formats.stated)
    if stated.begin > end_of_day(today):
        first = day_of(stated.begin)
        raise BadCellError(column, f"{row[column]} lies in the future; not used before {first}", first)
    return stated


def _check_order(
    period: Period, row: Mapping[str, str], today: date, *, published: Stated | None, received: Stated | None
) -> None:
    """BadCellError where a row was known before its period began. A row that is only read too early is usable later."""
    for column, verb, stated in (("published_at", "published", published), ("received_at", "received", received)):
        if stated and stated.days.end < period.start:
            raise BadCellError(column, f"{verb} {row[column]}, before its period began on {period.start}")
    if today < period.start:
        message = f"its period begins on {period.start}, which lies in the future"
        raise BadCellError("date" if row["date"] else "period_start", message, period.start)


def _number(row: Mapping[str, str], column: str, formats: CellFormats) -> float:
    return _parse(column, row[column], formats.number) if row[column] else math.nan


def _check_sign(**figures: float) -> None:
    for column, number in figures.items():
        if number < 0:
            raise BadCellError(column, "an amount or a count cannot be negative; correct it, or write kind: level")


def _status(row: Mapping[str, str], low: float, value: float, high: float) -> str:
    status = row["status"] or "reported"
    if status not in STATUSES:
        advice = did_you_mean(status[:60], STATUSES)
        advice += f'{"" if advice else ";"} write flags: {{"{status[:20]}": reported}}, or what else it means'
        message = f'"{status[:60]}" is not one of {", ".join(STATUSES)}{advice}'
        raise BadCellError("status", message)
    has_figure = not all(map(math.isnan, (low, value, high)))
    if status == "missing" and has_figure:
        raise BadCellError("status", "missing, yet it has a figure; take out one of the two")
    if status == "missing" and not row["note"]:
        raise BadCellError("note", "a missing row says why in its note")
    if status not in ("missing", "withdrawn") and not has_figure:
        message = 'no figure; write status missing with the reason in note, or missing: [""] in the YAML, if so meant'
        raise BadCellError("value", message)
    present = [number for number in (low, value, high) if not math.isnan(number)]
    if present != sorted(present):
        raise BadCellError("value", "low, value and high are not in order; the low end comes first")
    return status


def _parse(column: str, text: str, parse: Callable[[str], Parsed]) -> Parsed:
    if not text:
        raise BadCellError(column, "required, but blank")
    try:
        return parse(text)
    except ValueError as error:
        raise BadCellError(column, str(error)) from error
