"""CSV files -> rows, read strictly: what cannot be read as it was meant is a problem that names its place.

Nothing is guessed and nothing is filled in. A file with problems keeps its sound rows, and its source is known
to be in error, so that nobody reads the absence of a row as an all-clear.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from dashboard.catalog import Catalog
from dashboard.catalog.checks import did_you_mean
from dashboard.catalog.schema import WEB_ADDRESS
from dashboard.columns import COLUMNS
from dashboard.errors import Problem
from dashboard.periods import Period, end_of_day, parse_day, parse_period
from dashboard.table import Table

Read = TypeVar("Read")

STATUSES = ("reported", "estimated", "provisional", "withdrawn", "missing")
MOST_BYTES = 256 * 1024 * 1024

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?")
# control characters, and what turns text round or breaks lines unseen
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")

DTYPES = {
    "source": "str",
    "file": "str",
    "line": "int64",
    "start": "datetime64[s]",
    "end": "datetime64[s]",
    "value": "float64",
    "low": "float64",
    "high": "float64",
    "unit": "str",
    "subject": "str",
    "status": "str",
    "published": "str",
    "published_at": "datetime64[s]",
    "received_at": "datetime64[s]",
    "known_at": "datetime64[s]",
    "citation": "str",
    "document": "str",
    "note": "str",
}


@dataclass(frozen=True)
class Intake:
    """All rows of a catalogue's sources.

    rows: one a CSV line, columns as in `DTYPES`, in the order of sources and lines. `start` and `end` are the
    first and last day of the period; NaN is a blank; `published` is what was stated and `published_at` its last second
    (a month counts as its end), NaT where nothing was; `known_at` is that instant, or the receipt.
    problems: what is wrong, by source.
    """

    rows: pd.DataFrame
    problems: Mapping[str, tuple[Problem, ...]] = field(default_factory=dict)

    def by_receipt(self, today: date) -> Intake:
        """The same rows, known from the day on which they came to us; without such a day, from `today`."""
        known_at = self.rows["received_at"].fillna(pd.Timestamp(end_of_day(today)))
        return Intake(self.rows.assign(known_at=known_at.to_numpy("datetime64[s]")), self.problems)

    @cached_property
    def table(self) -> Table:
        """The rows as arrays, for the evaluation."""
        return Table.of(self.rows)

    def all_problems(self) -> tuple[Problem, ...]:
        return tuple(problem for found in self.problems.values() for problem in found)


class _BadRowError(Exception):
    """One cell of one row that cannot be read."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column


def load_rows(catalog: Catalog, today: date, sources: Collection[str] | None = None) -> Intake:
    """The rows of the named sources, or of all. A row without publication and receipt counts as received `today`."""
    records: list[dict[str, Any]] = []
    problems: dict[str, tuple[Problem, ...]] = {}
    for name in catalog.sources if sources is None else sources:
        source = catalog.sources[name]
        try:
            text = _text(catalog, source.file)
        except (OSError, UnicodeDecodeError, ValueError, RuntimeError) as error:
            problems[name] = (catalog.problem_of_source(name, _reason(source.file, error)),)
            continue
        found, wrong = read_csv(text, source.file, source.columns, today, counts=source.kind != "level")
        records += [{"source": name, **record} for record in found]
        if wrong:
            problems[name] = tuple(wrong)
    return Intake(frame(records), problems)


def frame(records: list[dict[str, Any]]) -> pd.DataFrame:
    """Records with the keys of `DTYPES` as the frame of rows."""
    return pd.DataFrame(records, columns=list(DTYPES)).astype(DTYPES)


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


def _text(catalog: Catalog, file: str) -> str:
    path = catalog.folder / file
    if not path.resolve().is_relative_to(catalog.folder.resolve()):
        raise ValueError("it leads out of the catalogue's folder")
    if path.exists() and not path.is_file():
        raise ValueError("it is not a file")
    if path.stat().st_size > MOST_BYTES:
        raise ValueError(f"larger than {MOST_BYTES // 2**20} MB")
    return path.read_bytes().decode("utf-8-sig")


def _reason(file: str, error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return f"no such file: {file}"
    if isinstance(error, UnicodeDecodeError):
        return f"{file} is not UTF-8: byte {error.object[error.start]:#04x} at position {error.start}"
    return f"{file} cannot be read: {error}"


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
