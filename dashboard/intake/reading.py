"""CSV files -> rows, read strictly: what cannot be read as it was meant is a problem that names its place.

Nothing is guessed and nothing is filled in. A file with problems keeps its sound rows, and its source is known
to be in error, so that nobody reads the absence of a row as an all-clear.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, TypeVar

import numpy as np
import pandas as pd

from dashboard.catalog.checks import did_you_mean
from dashboard.catalog.texts import WEB_ADDRESS
from dashboard.columns import COLUMNS
from dashboard.errors import Problem
from dashboard.intake.layout import Layout
from dashboard.intake.rows import frame
from dashboard.periods import Period, end_of_day, parse_day, parse_period

Read = TypeVar("Read")

STATUSES = ("reported", "estimated", "provisional", "withdrawn", "missing")

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
# control characters, and what turns text round or breaks lines unseen
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


@dataclass(frozen=True, eq=False)
class Reading:
    """What one delivery holds.

    rows: the sound rows, columns as in `DTYPES`, `source` blank; quarantined: one problem for each row that cannot
    be used; rejected: why the delivery as a whole cannot be trusted, and then there are no rows.
    """

    rows: pd.DataFrame
    quarantined: tuple[Problem, ...] = ()
    rejected: tuple[Problem, ...] = ()

    @property
    def verdict(self) -> Literal["accept", "quarantine", "reject"]:
        return "reject" if self.rejected else "quarantine" if self.quarantined else "accept"


def read(data: bytes, file: str, layout: Layout, today: date) -> Reading:
    """The rows of a delivery; `file` is its name in messages.

    A row without publication and receipt counts as known from `today`.
    """
    try:
        text = data.decode("utf-8-sig" if layout.encoding == "utf-8" else layout.encoding)
    except UnicodeDecodeError as error:
        return Reading(frame([]), rejected=(Problem(file, 0, 0, "", _not_text(error, layout.encoding)),))
    records, problems = read_csv(text, file, layout.columns, today, counts=layout.counts)
    rejected = tuple(problem for problem in problems if problem.line <= 1)
    if rejected:
        return Reading(frame([]), rejected=rejected)
    return Reading(frame(records), quarantined=tuple(problems))


def _not_text(error: UnicodeDecodeError, encoding: str) -> str:
    return f"is not {encoding.upper()}: byte {error.object[error.start]:#04x} at position {error.start}"


class _BadRowError(Exception):
    """One cell of one row that cannot be read."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column


def read_csv(
    text: str, file: str, renamed: Mapping[str, str], today: date, *, counts: bool = False
) -> tuple[list[dict[str, Any]], list[Problem]]:
    """The sound rows of one file as records, and its problems.

    `renamed` maps our columns to the file's; `counts` says that its figures count something and so have no sign.
    """
    if not text.strip():
        return [], [Problem(file, 0, 0, "", "empty; it needs at least a header")]
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    records: list[dict[str, Any]] = []
    problems: list[Problem] = []
    try:
        header = next(reader)
        problems = _header_problems(file, header, renamed)
        if problems:
            return [], problems
        ours = {theirs: column for column, theirs in renamed.items()}
        names = [ours.get(name, name) for name in header]
        line = reader.line_num + 1
        for cells in reader:
            if cells:
                try:
                    records.append({"file": file, "line": line, **_record(names, cells, today, counts=counts)})
                except _BadRowError as bad:
                    place = names.index(bad.column) + 1 if bad.column in names else 0
                    problems.append(Problem(file, line, place, bad.column, str(bad), _known(names, cells, today)))
            line = reader.line_num + 1
    except csv.Error as error:
        problems.append(Problem(file, reader.line_num, 0, "", f"not CSV: {error}"))
    return records, problems


def _header_problems(file: str, header: list[str], renamed: Mapping[str, str]) -> list[Problem]:
    problems = []
    if len(header) == 1 and (mark := next((one for one in ";\t|" if one in header[0]), None)):
        return [Problem(file, 1, 0, "", f"the cells seem to be separated by {mark!r}; only commas are read")]
    known = [*(column for column in COLUMNS if column not in renamed), *renamed.values()]
    for place, name in enumerate(header, start=1):
        if name not in known:
            problems.append(Problem(file, 1, place, name, f"unknown column{did_you_mean(name, known)}"))
        elif name in header[: place - 1]:
            problems.append(Problem(file, 1, place, name, "the column stands twice"))
    for column, theirs in renamed.items():
        if theirs not in header:
            problems.append(Problem(file, 1, 0, theirs, f"no such column, though the catalogue names it for {column}"))
    has = {column for column in COLUMNS if renamed.get(column, column) in header}
    if "date" not in has and not {"period_start", "period_end"} <= has:
        problems.append(Problem(file, 1, 0, "date", "required: date, or period_start and period_end"))
    if not {"value", "low", "high"} & has:
        problems.append(Problem(file, 1, 0, "value", "required: value (or low and high)"))
    return problems


def _record(names: list[str], cells: list[str], today: date, *, counts: bool) -> dict[str, Any]:
    if len(cells) != len(names):
        raise _BadRowError("", f"{len(cells)} cells under a header of {len(names)}")
    row = dict.fromkeys(COLUMNS, "") | dict(zip(names, cells, strict=True))
    for column, cell in row.items():
        if _CONTROL.search(cell):
            raise _BadRowError(column, "holds a control character")
    period = _period(row)
    published_at, received_at = (_instant(row, column, today) for column in ("published_at", "received_at"))
    known_at = published_at if published_at is not None else received_at
    known_at = known_at if known_at is not None else end_of_day(today)
    if known_at < np.datetime64(period.start, "s"):
        raise _BadRowError(*_not_known_yet(row, period))
    low, value, high = (_number(row, column) for column in ("low", "value", "high"))
    if counts and min((one for one in (low, value, high) if one == one), default=0.0) < 0:
        raise _BadRowError("value", "an amount or a count cannot be negative")
    return {
        "start": period.start,
        "end": period.end,
        "low": low,
        "value": value,
        "high": high,
        "unit": row["unit"],
        "subject": row["subject"],
        "status": _status(row, low, value, high),
        "published": row["published_at"],
        "published_at": published_at,
        "received_at": received_at,
        "known_at": known_at,
        "citation": _citation(row["citation"]),
        "document": row["document"],
        "note": row["note"],
    }


def _period(row: Mapping[str, str]) -> Period:
    if row["date"]:
        if row["period_start"] or row["period_end"]:
            raise _BadRowError("date", "give either date, or period_start and period_end")
        return _read("date", row["date"], parse_period)
    if not row["period_start"] and not row["period_end"]:
        raise _BadRowError("date", "required, but blank")
    start = _read("period_start", row["period_start"], parse_day)
    end = _read("period_end", row["period_end"], parse_day)
    if end < start:
        raise _BadRowError("period_end", f"{end} lies before {start}")
    return Period(start, end)


def _instant(row: Mapping[str, str], column: str, today: date) -> np.datetime64 | None:
    """The end of what is stated: a day, a month or a year; it may not have begun after today."""
    if not row[column]:
        return None
    stated = _read(column, row[column], parse_period)
    if stated.start > today:
        raise _BadRowError(column, f"{row[column]} lies in the future (today is {today}, UTC)")
    return end_of_day(stated.end)


def _not_known_yet(row: Mapping[str, str], period: Period) -> tuple[str, str]:
    if row["published_at"]:
        return "published_at", f"published {row['published_at']}, before its period began on {period.start}"
    return "date" if row["date"] else "period_start", f"its period begins on {period.start}, which lies in the future"


def _known(names: list[str], cells: list[str], today: date) -> date | None:
    """When a bad row became known, if that much of it can be read."""
    row = dict(zip(names, cells, strict=False))
    for column in ("published_at", "received_at"):
        try:
            stated = parse_period(row.get(column, ""))
        except ValueError:
            continue
        if stated.start <= today:
            return stated.end
    return None


def _number(row: Mapping[str, str], column: str) -> float:
    text = row[column]
    if not text:
        return math.nan
    if not _NUMBER.fullmatch(text):
        raise _BadRowError(column, f'"{text}" is not a plain number like 1234.5 (no thousands mark, decimal point)')
    number = float(text)
    if abs(number) > 1e15:
        raise _BadRowError(column, f'"{text}" is too large to be exact')
    return number


def _status(row: Mapping[str, str], low: float, value: float, high: float) -> str:
    status = row["status"] or "reported"
    if status not in STATUSES:
        raise _BadRowError("status", f'"{status}" is not one of {", ".join(STATUSES)}{did_you_mean(status, STATUSES)}')
    has_figure = not all(map(math.isnan, (low, value, high)))
    if status == "missing" and has_figure:
        raise _BadRowError("status", "missing, yet it has a figure")
    if status == "missing" and not row["note"]:
        raise _BadRowError("note", "a missing row says why in its note")
    if status not in ("missing", "withdrawn") and not has_figure:
        raise _BadRowError("value", "no figure; write status missing with the reason in note, if that is meant")
    known = [number for number in (low, value, high) if not math.isnan(number)]
    if known != sorted(known):
        raise _BadRowError("value", "low, value and high are not in order")
    return status


def _citation(text: str) -> str:
    if text and not WEB_ADDRESS.fullmatch(text):
        raise _BadRowError("citation", f'"{text[:60]}" is not a web address')
    return text


def _read(column: str, text: str, parse: Callable[[str], Read]) -> Read:
    if not text:
        raise _BadRowError(column, "required, but blank")
    try:
        return parse(text)
    except ValueError as error:
        raise _BadRowError(column, str(error)) from error
