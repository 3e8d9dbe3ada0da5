"""The rows that `where:` selects, and how they are validated: a frame of the valid rows, a problem for each bad one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from dashboard.domain import STATUSES, TEXTS, Problem
from dashboard.domain.text import wording as words
from dashboard.ingest.dates.date_order import find_doubtful_days, is_in_order, other_order
from dashboard.ingest.frame import frame_from_columns
from dashboard.ingest.layout.arrange import as_plain_rows
from dashboard.ingest.layout.declaration import PLAIN, Layout
from dashboard.ingest.layout.made_columns import PERIODS
from dashboard.ingest.layout.wide_columns import in_years, lacks_year, long_rows
from dashboard.ingest.parse.dialect import Dialect
from dashboard.ingest.parse.dictionary_column import DictionaryColumn
from dashboard.ingest.parse.header import Header
from dashboard.ingest.parse.tokenized_csv import MAX_LISTED, TokenizedCsv
from dashboard.ingest.validate.ambiguous_numbers import find_ambiguous_numbers
from dashboard.ingest.validate.cell_formats import CellFormats
from dashboard.ingest.validate.column_prefilter import FIGURES, CheckedRows, suspect
from dashboard.ingest.validate.duplicates import find_duplicates
from dashboard.ingest.validate.row_rules import BadCellError, bad_row_known_on, validate
from dashboard.late_imports import pd

_LONGEST_CELL = 1_000  # characters of a cell that a problem repeats


class OwnedProblem(NamedTuple):
    """A problem and the position of its file among those that are read together; several may have the same name."""

    owner: int
    problem: Problem


@dataclass(frozen=True, eq=False)
class SelectedRows:
    """The selected rows of one delivery, or of several deliveries with the same header that are read together.

    columns: strings by our column names; lines: the line of each row in its file; owner: the position in `files` of
    each row's file; filter_columns: the columns of `where:` that select several words, and those of no use, in
    which rows may differ;
    figure_columns: the position of each row's figure where the file has a column for each period.
    """

    files: tuple[str, ...]
    header: Header
    columns: Mapping[str, pa.Array]
    lines: np.ndarray
    owner: np.ndarray
    filter_columns: Mapping[str, pa.Array]
    figure_columns: np.ndarray | None = None

    def cells(self, row: int) -> dict[str, str]:
        return {column: cells[row].as_py() for column, cells in self.columns.items()}

    def problem(self, row: int, column: str, message: str, known_at: date | None) -> OwnedProblem:
        value = self.columns[column][row].as_py() if column in self.columns else ""
        owner = int(self.owner[row])
        number, name = self._place(row, column)
        problem = Problem(
            self.files[owner], int(self.lines[row]), number, name, message, known_at, value[:_LONGEST_CELL], rows=1
        )
        return OwnedProblem(owner, problem)

    def _place(self, row: int, column: str) -> tuple[int, str]:
        """The number and the name of the file's column of a cell."""
        if self.figure_columns is not None and column in ("date", "value"):
            position = int(self.figure_columns[row])
            return position + 1, self.header.names[position]
        return self.header.number_of(column), self.header.name_of(column)

    def summary_problem(self, rows: np.ndarray, column: str, message: str, known_at: date | None) -> OwnedProblem:
        """One problem for many rows of a file."""
        owner, problem = self.problem(int(rows[0]), column, message, known_at)
        return OwnedProblem(owner, replace(problem, value="", rows=len(rows)))

    def split_by_file(self, rows: np.ndarray) -> list[np.ndarray]:
        """The rows of each file, in their order."""
        return np.split(rows, np.flatnonzero(np.diff(self.owner[rows])) + 1)


def select_rows(
    table: TokenizedCsv, header: Header, dialect: Dialect, files: tuple[str, ...], owner: np.ndarray
) -> SelectedRows:
    """The rows that `where:` selects, by our column names."""
    is_selected = np.ones(len(table.lines), bool)
    filters = {name: table.columns[header.position(name)] for name in dialect.where}
    formats = CellFormats(dialect)
    for name, cells in filters.items():
        is_selected &= DictionaryColumn.encode(cells).rows_where(partial(formats.is_chosen, name))
    several = {f"where {name}": cells for name, cells in filters.items() if dialect.where[name].chooses_several}
    cells = list(table.columns)
    lines = table.lines
    if not is_selected.all():
        selected = pa.array(is_selected)
        cells, several = (
            [column.filter(selected) for column in cells],
            {name: column.filter(selected) for name, column in several.items()},
        )
        lines, owner = lines[is_selected], owner[is_selected]
    columns = {column: cells[position] for column, position in header.positions.items()}
    rows = SelectedRows(files, header, columns, lines, owner, several)
    return _arranged(rows, cells, dialect.layout) if dialect.layout != PLAIN else rows


def _arranged(rows: SelectedRows, cells: Sequence[pa.Array], layout: Layout) -> SelectedRows:
    """The same rows in the words of a plain file; a row for each figure where a file has a column for each period."""
    header = rows.header
    if layout.wide:
        figures = {position: cells[position] for position in header.wide}
        long = long_rows(figures, header.wide, keeps_blanks="" in layout.missing)
        taken = pa.array(long.row)
        columns = {name: column.take(taken) for name, column in rows.columns.items()}
        several = {name: column.take(taken) for name, column in rows.filter_columns.items()}
        period = in_years(long.period, columns["date"], layout.wide) if lacks_year(layout.wide) else long.period
        columns |= {"date": period, "value": long.value}
        rows = SelectedRows(
            rows.files, header, columns, rows.lines[long.row], rows.owner[long.row], several, long.position
        )
    dates = {position for name, position in header.positions.items() if name in PERIODS}
    others = [column for position, column in enumerate(cells) if position not in dates]
    columns = as_plain_rows(rows.columns, others, len(rows.lines), layout)
    if layout.counts_rows or layout.wide or not layout.other_columns:
        return replace(rows, columns=columns)
    used = set(header.positions.values())
    ignored = {f"ignored {place}": cells[place] for place in range(header.width) if place not in used}
    return replace(rows, columns=columns, filter_columns={**rows.filter_columns, **ignored})


def validate_rows(
    rows: SelectedRows, formats: CellFormats, today: date
) -> tuple[pd.DataFrame, list[OwnedProblem], np.ndarray]:
    """The frame of the valid rows, a problem for each of the others, and the owner of each valid row."""
    checked = suspect(rows.columns, len(rows.lines), formats, today)
    problems = [*_validate_suspects(rows, checked, formats, today)]
    if checked.normalized:
        normalized = {name: checked.texts[name].strings for name in checked.normalized}
        rows = replace(rows, columns={**rows.columns, **normalized})
    problems += _ambiguous_numbers(rows, checked, problems, formats)
    problems += _days_in_other_order(rows, checked, problems, formats)
    problems += _contradictions(rows, checked, formats.dialect.layout)
    return _frame(rows, checked, formats), problems, rows.owner[~checked.is_bad]


def _frame(rows: SelectedRows, checked: CheckedRows, formats: CellFormats) -> pd.DataFrame:
    """The frame of the valid rows. Days of publication are written in ISO form, whatever form the file uses."""
    texts = {name: rows.columns[name] for name in TEXTS if name in rows.columns}
    if "published_at" in rows.columns:
        texts["published"] = rows.columns["published_at"]
    if "published" in texts and not formats.reads_iso_days:
        stated = checked.texts["published_at"]
        publications = map(formats.stated_or_none, stated.words)
        iso_texts = ["" if publication is None else publication.text for publication in publications]
        texts["published"] = DictionaryColumn(stated.codes, pa.array(iso_texts, pa.string())).strings
    texts["file"] = DictionaryColumn(rows.owner, pa.array(rows.files, pa.string())).strings
    texts["status"] = DictionaryColumn(checked.status, pa.array(STATUSES)).strings
    instants = {name: getattr(checked, name) for name in ("start", "end", "published_at", "received_at", "known_at")}
    return frame_from_columns(texts, ~checked.is_bad, line=rows.lines, **checked.figures, **instants)


def _validate_suspects(
    rows: SelectedRows, checked: CheckedRows, formats: CellFormats, today: date
) -> Iterator[OwnedProblem]:
    """The problem of each bad row. A suspect that turns out to be valid is accepted."""
    for suspects in rows.split_by_file(np.flatnonzero(checked.is_bad)):
        listed, unlisted = np.split(suspects, [MAX_LISTED])
        for row in listed.tolist():
            cells = rows.cells(row)
            try:
                checked.accept(row, validate(cells, formats, today))
            except BadCellError as error:
                known_at = bad_row_known_on(cells, formats, today)
                owner, problem = rows.problem(row, error.column, str(error), known_at)
                yield OwnedProblem(owner, replace(problem, usable_from=error.usable_from))
        if unlisted.size:
            message = f"{len(unlisted):,} more rows from here on cannot be used"
            days = checked.usable_from(unlisted)
            later = days[days > np.datetime64(today)]
            usable_from = later.min().astype("datetime64[D]").item() if later.size else None
            owner, problem = rows.summary_problem(unlisted, "", message, None)
            yield OwnedProblem(owner, replace(problem, usable_from=usable_from))


def _ambiguous_numbers(
    rows: SelectedRows, checked: CheckedRows, problems: list[OwnedProblem], formats: CellFormats
) -> Iterator[OwnedProblem]:
    contradictions: dict[int, int] = {}
    for owner, problem in problems:
        if problem.value and formats.shows_other_decimal_mark(problem.value):
            contradictions.setdefault(owner, problem.line)
    figures = {column: rows.columns[column] for column in FIGURES if column in rows.columns}
    for row, column, message in find_ambiguous_numbers(figures, checked, rows.owner, contradictions, formats):
        checked.is_bad[row] = True
        yield rows.problem(row, column, message, _known_on(checked, row))


def _days_in_other_order(
    rows: SelectedRows, checked: CheckedRows, problems: list[OwnedProblem], formats: CellFormats
) -> Iterator[OwnedProblem]:
    """The problem of each row whose day may be a month, as another row of its file shows."""
    form = other_order(formats.dialect)
    names = {rows.header.name_of(name): name for name in PERIODS if name in rows.columns}
    shown: dict[int, int] = {}
    for owner, problem in problems if form else ():
        if problem.path in names and is_in_order(problem.value, form):
            shown.setdefault(owner, problem.line)
    for row, line in find_doubtful_days(shown, checked.start, rows.owner, checked.is_bad):
        checked.is_bad[row] = True
        column = next(iter(names.values()))
        message = f'"{rows.cells(row)[column]}" may be another day: line {line} is written as {form}; '
        message += f'write dates: "{form}" if the whole file is'
        yield rows.problem(row, column, message, _known_on(checked, row))


def _contradictions(rows: SelectedRows, checked: CheckedRows, layout: Layout) -> Iterator[OwnedProblem]:
    """The problem of each row that contradicts another. Repetitions are dropped without a problem.

    Two rows that count one are one event where they are about one subject and day, whatever their times.
    """
    unit, is_event = layout.unit, layout.counts_rows
    column = "date" if "date" in rows.columns else "period_start"
    compared = {name: cells for name, cells in rows.columns.items() if not (is_event and name in PERIODS)}
    duplicates = find_duplicates({**compared, **rows.filter_columns}, checked, rows.owner)
    checked.is_bad[duplicates.repetitions] = checked.is_bad[duplicates.contradictions] = True
    counterparts = dict(zip(duplicates.contradictions.tolist(), duplicates.counterparts.tolist(), strict=True))
    for contradictions in rows.split_by_file(duplicates.contradictions):
        listed, unlisted = np.split(contradictions, [MAX_LISTED])
        for row in listed.tolist():
            first, second = sorted((int(rows.lines[row]), int(rows.lines[counterparts[row]])))
            message = f"{unit}s {first} and {second} are about the same period and were published together, yet "
            message += "differ; neither is used until one is taken out, or a subject tells them apart; where each row "
            message += "is an event, write value: 1"
            yield rows.problem(row, column, message, _known_on(checked, row))
        if unlisted.size:
            message = f"{len(unlisted):,} more rows from here on contradict another one; none of them is used"
            earliest = int(unlisted[np.argmin(checked.known_at[unlisted])])
            yield rows.summary_problem(unlisted, column, message, _known_on(checked, earliest))


def ragged_row_problem(
    line: int, row: list[str], header: Header, file: str, formats: CellFormats, today: date
) -> Problem:
    """The problem of a row that is longer or shorter than the header."""
    cells = {column: row[position] for column, position in header.positions.items() if position < len(row)}
    message = f"{words.counted(len(row), 'cell')} under a header of {header.width}; "
    if formats.dialect.layout.format != "csv":
        message += "leave out with until: what is no row of figures, or see whether this is the right table"
    elif len(row) < header.width:
        message += "a blank cell needs its separator too"
    elif formats.dialect.separator == ",":
        message += "a comma inside a number or a text needs quotation marks around the cell"
    else:
        message += "a separator inside a text needs quotation marks around the cell"
    known_at = bad_row_known_on(cells, formats, today)
    return Problem(file, line, 0, "", message, known_at, ",".join(row)[:_LONGEST_CELL], rows=1)


def _known_on(checked: CheckedRows, row: int) -> date:
    day: date = checked.known_at[row].astype("datetime64[D]").item()
    return day
