"""Predicts the fate of a delivery: accepted, quarantined or rejected. Suggests what to write in the YAML.

The inspection uses the source's own reader and the refresher's own guards, and changes nothing. Hints come from the
start of the file, and are never applied.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from dashboard.archive import Archive, Run, accept_hint
from dashboard.catalog import Source
from dashboard.domain import COLUMNS, MEASURES, Problem, with_advice
from dashboard.domain.text import wording as words
from dashboard.ingest import (
    MAX_BYTES,
    Dialect,
    Reading,
    UntrustedError,
    column_names,
    frame,
    open_table,
    read,
    too_large_message,
    unpacked,
)
from dashboard.late_imports import pd
from dashboard.rows import RowStore, replay_deliveries, rows_replaced_by, unmet_expectations

_GLANCE = 65_536  # bytes that hints come from
_OTHER_NAMES = {
    "date": ("day", "month", "year", "time", "datetime", "period", "week"),
    "value": ("amount", "count", "number", "quantity", "total", "volume", "figure"),
    "published_at": ("published", "publication_date", "release_date", "released"),
    "low": ("min", "minimum", "lower"),
    "high": ("max", "maximum", "upper"),
    "citation": ("url", "link", "source_url"),
    "subject": ("name", "ship", "vessel"),
    "note": ("comment", "remarks", "notes"),
}


def in_force(name: str, source: Source, file: Path, state: Path) -> Run | None:
    """The delivery that this one would replace, None where there is none."""
    log = Archive(state).log(name, source.location)
    if source.origin.is_whole_delivery:
        return log.last_received
    return log.in_force.get(source.origin.delivery_name(file.name))


def rows_in_force(name: str, source: Source, file: Path, state: Path, today: date) -> pd.DataFrame | None:
    """The rows that it would take the place of, None where nothing was received. Raises ArchiveError."""
    archive = Archive(state)
    if not archive.has(name):
        return None
    stored = replay_deliveries(name, source, archive, RowStore(state), today)
    return rows_replaced_by(stored, source.location, [source.origin.delivery_name(file.name)])


def inspected(
    data: bytes,
    file: str,
    source: Source | None,
    today: date,
    before: Run | None = None,
    rows: pd.DataFrame | None = None,
    name: str = "",
) -> tuple[Reading, list[dict[str, Any]]]:
    """The reading of a file, and what is wrong with the whole of it or would be worth declaring: line and message.

    Without a source it is read as if nothing were declared. `before` is the delivery in force, `rows` are those in
    force that it would take the place of; `name` is the source's id.
    """
    dialect = Dialect.of(source) if source else Dialect()
    first_reading = read(data, file, dialect, today)
    reading = _believed(first_reading, data, file, source, before, rows)
    if reading.rejected and not first_reading.rejected:
        reading = replace(reading, rejected=tuple(_with_way_in(one, name) for one in reading.rejected))
    problems: list[dict[str, Any]] = [
        {"line": one.line, "message": f"{one.path}: {one.message}" if one.path else one.message}
        for one in (*reading.rejected, *reading.near_misses)
    ]
    messages = " ".join(str(one["message"]) for one in problems)
    hints = [
        {"line": 0, "message": hint} for hint in _hints(data, dialect, first_reading, today) if hint not in messages
    ]
    hints += [{"line": 0, "message": note} for note in reading.notes]
    hints += [{"line": 0, "message": warning} for warning in _other_counts(source, reading)]
    return reading, problems + hints


def _other_counts(source: Source | None, reading: Reading) -> Iterator[str]:
    """A warning where the figures of events may count something else, like the dead of each."""
    if source is None or source.kind != "event" or source.value is not None:
        return
    figures = reading.rows["value"].dropna()
    several = reading.rows[figures.reindex(reading.rows.index) > 1]
    if len(several):
        row, column = several.iloc[0], source.columns.get("value", "value")
        yield (
            f"line {row['line']} counts {row['value']:g} events, by the column {_quoted(str(column))}, and a 0 in it "
            "says that somebody looked and saw none; where each row is an event of its own, write value: 1 instead"
        )


def is_too_large(path: Path) -> bool:
    """Whether a file is larger than any that is read, so that it need not be read to say so."""
    return path.stat().st_size > MAX_BYTES


def refused_unread(file: str) -> tuple[Reading, list[dict[str, Any]]]:
    """What `inspected` gives of a file that is too large."""
    message = too_large_message()
    return Reading(frame([]), rejected=(Problem(file, 0, 0, "", message),)), [{"line": 0, "message": message}]


def _believed(
    reading: Reading, data: bytes, file: str, source: Source | None, before: Run | None, rows: pd.DataFrame | None
) -> Reading:
    """The same, rejected where a refresh would not believe it; the bytes in force are not judged again, as there."""
    if source is None or reading.rejected or (before and before.sha256 == hashlib.sha256(data).hexdigest()):
        return reading
    reason = unmet_expectations(source, data, reading, before.rows if before else None, rows)
    return Reading(frame([]), reading.quarantined, (Problem(file, 0, 0, "", reason),)) if reason else reading


def _with_way_in(problem: Problem, name: str) -> Problem:
    return replace(problem, message=with_advice(problem.message, f"held back then; {accept_hint(name)}"))


def as_json(reading: Reading, problems: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "verdict": reading.outcome,
        "rows": [_row(row) for row in reading.rows.to_dict("records")],
        "quarantined": [
            {"line": one.line, "column": one.path, "value": one.value, "reason": one.message}
            for one in reading.quarantined
        ],
        "problems": problems,
    }


def as_text(reading: Reading, problems: list[dict[str, Any]]) -> Iterator[str]:
    fate = {"accept": "accepted", "quarantine": "accepted in part", "reject": "rejected whole"}[reading.outcome]
    yield f"would be {fate}: {words.counted(len(reading.rows), 'row')} good, {len(reading.quarantined)} quarantined"
    for problem in problems:
        yield f"line {problem['line']}: {problem['message']}" if problem["line"] else str(problem["message"])
    for row in reading.quarantined:
        yield str(row)


def _row(row: Mapping[Any, Any]) -> dict[str, Any]:
    figures = {name: None if math.isnan(row[name]) else row[name] for name in ("value", "low", "high")}
    instants = {name: _instant(row[name]) for name in ("published_at", "received_at", "known_at")}
    period = {"period_start": _day(row["start"]), "period_end": _day(row["end"])}
    return {
        "line": row["line"],
        **period,
        **figures,
        **instants,
        **{name: row[name] for name in COLUMNS if name not in MEASURES},
    }


def _instant(instant: pd.Timestamp) -> str | None:
    """The day of what is known by its end, or a time of day to the second."""
    is_end_of_day = pd.isna(instant) or (instant.hour, instant.minute, instant.second) == (23, 59, 59)
    return _day(instant) if is_end_of_day else f"{instant.isoformat()}Z"


def _day(instant: pd.Timestamp) -> str | None:
    return None if pd.isna(instant) else instant.date().isoformat()


def _hints(data: bytes, dialect: Dialect, reading: Reading, today: date) -> Iterator[str]:
    """What a look at the file suggests; a person decides."""
    try:
        data = unpacked(data, "", dialect.layout)
        if dialect.layout.format != "csv":
            yield from _hints_of_table(data, dialect, reading)
            return
        text = data[:_GLANCE].decode(dialect.encoding, errors="ignore").removeprefix("\ufeff")
    except (LookupError, UnicodeError, UntrustedError):
        return
    if reading.rejected:
        header = text.partition("\n")[0]
        marks = [mark for mark in (dialect.separator, *",;\t|") if mark in header]
        yield from _further(text, replace(dialect, separator=marks[0]) if marks else dialect, today)
    elif reading.rows.empty and not reading.quarantined:
        yield from _no_rows(data, dialect)


def _hints_of_table(data: bytes, dialect: Dialect, reading: Reading) -> Iterator[str]:
    """The same of a file that is no text of cells and separators. Raises UntrustedError."""
    if reading.rejected:
        yield from _hints_of_names(_names(column_names(data, dialect), dialect))
    elif reading.rows.empty and not reading.quarantined:
        yield from _no_rows(data, dialect)


def _hints_of_names(names: Iterable[tuple[str, str]]) -> Iterator[str]:
    for column, name in names:
        yield f"the column {_quoted(name)} may be our {column}: write columns: {{{column}: {_quoted(name)}}}"


def _further(text: str, dialect: Dialect, today: date) -> Iterator[str]:
    """What would be wrong next, if only the separator and the names of the columns were declared."""
    named = dict(_names(next(_rows(text, dialect.separator), []), dialect))
    yield from _hints_of_names(named.items())
    whole_lines = text[: text.rfind("\n") + 1]
    declared = replace(dialect, columns={**dialect.columns, **named}, encoding="utf-8")
    then = read(whole_lines.encode(), "", declared, today)
    seen = set()
    for problem in then.quarantined:
        if problem.path not in seen and "; write" in problem.message:
            seen.add(problem.path)
            yield f"line {problem.line}, {problem.path}: {problem.message}"


def _names(header: Sequence[str], dialect: Dialect) -> Iterator[tuple[str, str]]:
    """Our columns that the file may hold by other names: (ours, the file's)."""
    unknown = [name for name in header if name not in COLUMNS and name not in dialect.columns.values()]
    for column, others in _OTHER_NAMES.items():
        if column in header or column in dialect.columns:
            continue
        near = [name for name in unknown if name.strip().lower().replace(" ", "_") in (column, *others)]
        if len(near) == 1:
            yield column, near[0]


def _no_rows(data: bytes, dialect: Dialect) -> Iterator[str]:
    if not open_table(data, "", dialect).rows.lines.size:
        yield "the file holds a header and no rows"


def _rows(text: str, separator: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        yield from reader
    except csv.Error:
        return


def _quoted(word: str) -> str:
    """As YAML reads it, which has JSON's way of quoting."""
    return json.dumps(word, ensure_ascii=False)
