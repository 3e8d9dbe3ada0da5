"""A delivery -> its rows, read strictly: what cannot be read as it was meant is a problem that names its place.

Nothing is guessed and nothing is filled in. A row that cannot be used is quarantined and the others are used; its
source is known to be in error, so that nobody reads the absence of a row as an all-clear. A delivery that cannot be
trusted as a whole is rejected.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import groupby, pairwise
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa

from dashboard.domain import Problem
from dashboard.domain.text import wording as words
from dashboard.ingest.frame import frame, frame_of
from dashboard.ingest.parse.decode import UntrustedError, decode
from dashboard.ingest.parse.dialect import Dialect
from dashboard.ingest.parse.dictionary_column import Coded
from dashboard.ingest.parse.header import Header, header_of
from dashboard.ingest.parse.tokenize import MOST_TOLD, Cut, cut, first_row
from dashboard.ingest.validate.ambiguous_numbers import doubtful_marks
from dashboard.ingest.validate.cell_formats import Cells
from dashboard.ingest.validate.column_prefilter import FIGURES, MANY, Checked, check
from dashboard.ingest.validate.duplicates import told_twice
from dashboard.ingest.validate.near_misses import LeftOut, left_out
from dashboard.ingest.validate.row_rules import STATUSES, TEXTS, BadCellError, judge, known_on
from dashboard.ingest.validate.truncation import without_torn

MOST_BAD = 10_000  # more rows than these, and more than half of all, and the file is not the one that is meant
_LONGEST_SHOWN = 1_000  # characters of a cell that a problem repeats


@dataclass(frozen=True, eq=False)
class Reading:
    """What one delivery holds.

    rows: the sound rows, columns as in `DTYPES`, `source` blank; quarantined: one problem for each row that cannot
    be used, or that looks like one that `where:` asks for; unread: what else that leaves out and may be meant; notes:
    what else is new in it; rejected: why the delivery as a whole cannot be trusted, and then there are no rows; unmet:
    why it was not read as the catalogue declares now, but as it did when it came.
    Rows that were read with those of other files stand `among` them, and are cut out where somebody asks for them.
    """

    among: pd.DataFrame
    quarantined: tuple[Problem, ...] = ()
    rejected: tuple[Problem, ...] = ()
    span: tuple[int, int] | None = None
    old_dialect_problems: tuple[Problem, ...] = ()
    near_misses: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()

    @cached_property
    def rows(self) -> pd.DataFrame:
        return self.among if self.span is None else self.among.iloc[slice(*self.span)].reset_index(drop=True)

    @property
    def outcome(self) -> Literal["accept", "quarantine", "reject"]:
        return "reject" if self.rejected else "quarantine" if self.quarantined or self.near_misses else "accept"


@dataclass(frozen=True, eq=False)
class Part:
    """The rows of one delivery, or of several under the same header that were read together.

    lines: of each row in its file; owner: for each row the position of its file in `files`; beside: other columns of
    the file in which rows may differ, those of which `where:` asks for several cells.
    """

    files: tuple[str, ...]
    header: Header
    columns: Mapping[str, pa.Array]
    lines: np.ndarray
    owner: np.ndarray
    beside: Mapping[str, pa.Array]


def read(data: bytes, file: str, layout: Dialect, today: date) -> Reading:
    """The rows of a delivery; `file` is its name in messages.

    A row without publication and receipt counts as known from `today`.
    """
    try:
        text = decode(data, file, layout)
        names, begin = first_row(text, file, layout.separator)
        header = header_of(names, file, layout)
        found = cut(text, begin, len(names), file, layout.separator)
        cells = Cells(layout)
        found, torn = without_torn(found, header, file, cells, today)
        part = chosen(found, header, layout, (file,), np.zeros(len(found.lines), np.int32))
        left = left_out(found, header, cells, file, today) if layout.where else LeftOut()
        rows, bad, _ = sound(part, cells, today)
    except UntrustedError as error:
        return Reading(frame([]), rejected=error.problems)
    short = [ragged(*one, header, file, cells, today) for one in found.ragged]
    if found.more_ragged.size:
        lines = found.more_ragged
        message = f"{len(lines):,} more rows from here on are longer or shorter than the header"
        short.append(Problem(file, int(lines[0]), 0, "", message, rows=len(lines)))
    if len(rows) > MANY:
        del found, part
        pa.default_memory_pool().release_unused()  # Arrow would keep what the cut cells took, beside the merge
    reading = reading_of(rows, [*short, *bad, *torn, *left.unread], file)
    return reading if reading.rejected else replace(reading, near_misses=left.problems, notes=left.notes)


def reading_of(rows: pd.DataFrame, problems: list[Problem], file: str, span: tuple[int, int] | None = None) -> Reading:
    """The sound rows and the problems of the others; rejected where these are most of a long file."""
    begin, end = span or (0, len(rows))
    count = sum(problem.rows for problem in problems)
    if count > max(MOST_BAD, end - begin):
        message = f"{count:,} of {count + end - begin:,} rows cannot be used, the first of them {min(problems)}"
        return Reading(frame([]), rejected=(Problem(file, 0, 0, "", message),))
    return Reading(rows, tuple(sorted(problems)), (), span)


def concatenate_rows(readings: Sequence[Reading]) -> pd.DataFrame:
    """The rows of readings, one after the other; those that still stand together are not parted first."""
    parts: list[pd.DataFrame] = []
    for _, group in groupby(readings, key=lambda one: id(one.among)):
        together = list(group)
        among, spans = together[0].among, [one.span or (0, len(one.among)) for one in together]
        if all(one[1] == other[0] for one, other in pairwise(spans)):
            parts.append(among.iloc[spans[0][0] : spans[-1][1]])
        else:
            parts += [one.rows for one in together]
    return parts[0].reset_index(drop=True) if len(parts) == 1 else pd.concat([*parts, frame([])], ignore_index=True)


def chosen(found: Cut, header: Header, layout: Dialect, files: tuple[str, ...], owner: np.ndarray) -> Part:
    """The rows that `where:` asks for, by our columns."""
    columns = {column: found.columns[place] for column, place in header.places.items()}
    if not layout.where:
        return Part(files, header, columns, found.lines, owner, {})
    asked = {name: found.columns[header.names.index(name)] for name in layout.where}
    wanted = np.ones(len(found.lines), bool)
    for name, cells in asked.items():
        wanted &= Coded.of(cells).where(lambda word, name=name: word in layout.where[name])  # type: ignore[misc]
    columns = {column: cells.filter(pa.array(wanted)) for column, cells in columns.items()}
    several = {f"where {name}": cells for name, cells in asked.items() if len(layout.where[name]) > 1}
    beside = {name: cells.filter(pa.array(wanted)) for name, cells in several.items()}
    return Part(files, header, columns, found.lines[wanted], owner[wanted], beside)


def sound(part: Part, cells: Cells, today: date) -> tuple[pd.DataFrame, list[Problem], np.ndarray]:
    """The frame of the sound rows of a part, a problem for each of the others, and the owner of each sound row."""
    checked = check(part.columns, len(part.lines), cells, today)
    problems = [*_off(part, checked, cells, today)]
    if checked.rewritten:
        kept = {name: checked.texts[name].strings for name in checked.rewritten}
        part = replace(part, columns={**part.columns, **kept})
    problems += _doubtful(part, checked, problems, cells)
    problems += _told_twice(part, checked)
    return _frame(part, checked, cells), problems, part.owner[~checked.off]


def _frame(part: Part, checked: Checked, cells: Cells) -> pd.DataFrame:
    """The sound rows; days of publication are told as ISO has them, however the file writes them."""
    texts = {name: part.columns[name] for name in TEXTS if name in part.columns}
    if "published_at" in part.columns:
        texts["published"] = part.columns["published_at"]
    if "published" in texts and cells.layout.dates is not None:
        stated = checked.texts["published_at"]
        words = [
            "" if period is None else str(period) for period in (cells.period_or_none(word) for word in stated.words)
        ]
        texts["published"] = Coded(stated.codes, pa.array(words, pa.string())).strings
    texts["file"] = Coded(part.owner, pa.array(part.files, pa.string())).strings
    texts["status"] = Coded(checked.status, pa.array(STATUSES)).strings
    instants = {name: getattr(checked, name) for name in ("start", "end", "published_at", "received_at", "known_at")}
    return frame_of(texts, ~checked.off, line=part.lines, **checked.figures, **instants)


def _off(part: Part, checked: Checked, cells: Cells, today: date) -> Iterator[Problem]:
    """What is wrong with each row that is off; one that is sound on a closer look is put right."""
    for own in _by_file(part, np.flatnonzero(checked.off)):
        told, more = np.split(own, [MOST_TOLD])
        for row in told.tolist():
            given = _given(part, row)
            try:
                checked.correct(row, judge(given, cells, today))
            except BadCellError as bad:
                problem = _problem(part, row, bad.column, str(bad), known_on(given, cells, today))
                yield replace(problem, sound_from=bad.sound_from)
        if more.size:
            message = f"{len(more):,} more rows from here on cannot be used"
            to_come = checked.earliest[more][checked.earliest[more] > np.datetime64(today)]
            sound_from = to_come.min().astype("datetime64[D]").item() if to_come.size else None
            yield replace(_counted(part, more, "", message, None), sound_from=sound_from)


def _by_file(part: Part, rows: np.ndarray) -> list[np.ndarray]:
    """Rows, in their order, apart for each file."""
    return np.split(rows, np.flatnonzero(np.diff(part.owner[rows])) + 1)


def _counted(part: Part, rows: np.ndarray, column: str, message: str, known_at: date | None) -> Problem:
    """One problem for many rows of a file."""
    return replace(_problem(part, int(rows[0]), column, message, known_at), value="", rows=len(rows))


def _doubtful(part: Part, checked: Checked, problems: list[Problem], cells: Cells) -> Iterator[Problem]:
    """1.234 where nothing tells whether its mark is that of decimals or of thousands."""
    shown: dict[int, int] = {}
    for problem in problems:
        if problem.value and cells.has_the_other_mark(problem.value):
            shown.setdefault(part.files.index(problem.file), problem.line)
    figures = {column: part.columns[column] for column in FIGURES if column in part.columns}
    for row, column, message in doubtful_marks(figures, checked, part.owner, shown, cells):
        checked.off[row] = True
        yield _problem(part, row, column, message, _day(checked, row))


def _told_twice(part: Part, checked: Checked) -> Iterator[Problem]:
    """What rows contradict each other; of those that say the same in every cell the first counts, without a word."""
    column = "date" if "date" in part.columns else "period_start"
    twice = told_twice({**part.columns, **part.beside}, checked, part.owner)
    checked.off[twice.repeats] = checked.off[twice.contradicting] = True
    others = dict(zip(twice.contradicting.tolist(), twice.others.tolist(), strict=True))
    for own in _by_file(part, twice.contradicting):
        told, more = np.split(own, [MOST_TOLD])
        for row in told.tolist():
            first, second = sorted((int(part.lines[row]), int(part.lines[others[row]])))
            message = f"lines {first} and {second} are about the same period and were published together, yet differ; "
            yield _problem(part, row, column, f"{message}neither is used until one is taken out", _day(checked, row))
        if more.size:
            message = f"{len(more):,} more rows from here on contradict another one; none of them is used"
            yield _counted(part, more, column, message, _day(checked, int(more[np.argmin(checked.known_at[more])])))


def ragged(line: int, row: list[str], header: Header, file: str, cells: Cells, today: date) -> Problem:
    """A row that is longer or shorter than the header."""
    given = {column: row[place] for column, place in header.places.items() if place < len(row)}
    message = f"{words.counted(len(row), 'cell')} under a header of {len(header.names)}; "
    if len(row) < len(header.names):
        message += "a blank cell needs its separator too"
    elif cells.layout.separator == ",":
        message += "a comma inside a number or a text needs quotation marks around the cell"
    else:
        message += "a separator inside a text needs quotation marks around the cell"
    return Problem(file, line, 0, "", message, known_on(given, cells, today), ",".join(row)[:_LONGEST_SHOWN], rows=1)


def _problem(part: Part, row: int, column: str, message: str, known_at: date | None) -> Problem:
    value = part.columns[column][row].as_py() if column in part.columns else ""
    header, file = part.header, part.files[part.owner[row]]
    return Problem(
        file, int(part.lines[row]), header.place_of(column), header.name_of(column), message, known_at,
        value[:_LONGEST_SHOWN], rows=1,
    )  # fmt: skip


def _given(part: Part, row: int) -> dict[str, str]:
    return {column: cells[row].as_py() for column, cells in part.columns.items()}


def _day(checked: Checked, row: int) -> date:
    day: date = checked.known_at[row].astype("datetime64[D]").item()
    return day
