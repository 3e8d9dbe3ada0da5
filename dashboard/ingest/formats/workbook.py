"""Reads a sheet of an xlsx workbook: days as ISO days, numbers in full, of formulas the results that Excel stored."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from dashboard.ingest.formats.doubts import Doubt
from dashboard.ingest.formats.grid import MOST_COLUMNS, Grid
from dashboard.ingest.formats.spans import SPANS
from dashboard.ingest.parse.decode import MAX_BYTES, too_large_message, untrusted
from dashboard.ingest.parse.dialect import Dialect

_LARGEST_SHEETS = 48 << 20  # bytes of XML; its cells take some thirty times the memory
_MOST_CELLS = 2_000_000  # blank ones too
_LITERAL = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.')  # of the form in which Excel shows a cell
_ERROR = "holds an error of Excel; see the workbook, or list it under missing: where it means no figure"
_NOT_COMPUTED = "holds a formula without a result; open the workbook in Excel and save it"


def read_workbook(data: bytes, file: str, dialect: Dialect) -> Grid:
    """The rows of the declared sheet and range. Raises UntrustedError."""
    if not data.startswith(b"PK\x03\x04"):
        raise untrusted(file, "is no xlsx workbook; see whether the address is right, or save it as xlsx")
    has_formulas = _check_parts(data, file)
    library = _library(file)
    sheet = _sheet(library, data, file, dialect, results=True)
    grid = _grid(sheet, file, dialect)
    if has_formulas:
        formulas = _sheet(library, data, file, dialect, results=False)
        _mark_formulas_without_results(grid, sheet, formulas, dialect.layout.range)
    return grid


def _library(file: str) -> Any:
    try:
        import openpyxl  # an extra, and slow to load
    except ImportError as error:
        message = "needs openpyxl to be read, the extra xlsx: pip install openpyxl; or save the sheet as CSV"
        raise untrusted(file, message) from error
    return openpyxl


def _check_parts(data: bytes, file: str) -> bool:
    """Whether the sheets hold formulas. UntrustedError for a workbook that is too large, or that defines entities."""
    size, has_formulas = 0, False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for info in archive.infolist():
                if not info.filename.endswith((".xml", ".rels")):
                    continue
                with archive.open(info) as member:
                    text = member.read(MAX_BYTES - size + 1)
                size += len(text)
                is_sheet = info.filename.startswith("xl/worksheets/")
                if size > MAX_BYTES or (is_sheet and len(text) > _LARGEST_SHEETS):
                    raise untrusted(file, f"is, unpacked, {too_large_message()}; or save the sheet as CSV")
                if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
                    raise untrusted(file, "is a workbook that defines entities, which Excel never does; do not open it")
                has_formulas |= is_sheet and (b"<f>" in text or b"<f " in text)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        raise untrusted(file, f"is a workbook that cannot be read ({error}); fetch it again") from error
    return has_formulas


def _sheet(library: Any, data: bytes, file: str, dialect: Dialect, *, results: bool) -> Any:
    """The declared sheet, or the only one that is not hidden."""
    try:
        workbook = library.load_workbook(io.BytesIO(data), data_only=results, keep_links=False)
    except Exception as error:  # the library raises whatever its parsing meets
        raise untrusted(file, f"is a workbook that cannot be read ({error}); save it again") from error
    sheets = {sheet.title: sheet for sheet in workbook.worksheets}
    named = dialect.layout.sheet
    if named:
        if named not in sheets:
            raise untrusted(file, f'has no sheet "{named}"; correct sheet:. It has {", ".join(sheets)}')
        return sheets[named]
    shown = [sheet for sheet in sheets.values() if sheet.sheet_state == "visible"]
    if len(shown) != 1:
        raise untrusted(file, f"has {len(shown)} sheets; name the right one in sheet:. It has {', '.join(sheets)}")
    return shown[0]


def _grid(sheet: Any, file: str, dialect: Dialect) -> Grid:
    first_row, last_row, first_column, last_column = _bounds(sheet, dialect.layout.range)
    height, width = last_row - first_row + 1, last_column - first_column + 1
    if width > MOST_COLUMNS or height * width > _MOST_CELLS:
        raise untrusted(file, f'has {height:,} rows of {width:,} columns; write where its table ends: range: "A1:F900"')
    rows, doubts = [], []
    for number, cells in enumerate(_cells(sheet, first_row, last_row, first_column, last_column), start=first_row):
        rows.append([_word(cell, dialect) for cell in cells])
        doubts += [Doubt(number, position, _ERROR) for position, cell in enumerate(cells) if cell.data_type == "e"]
    grid = Grid(rows, range(first_row, first_row + len(rows)), doubts=doubts)
    _fill_merged(grid, sheet, first_row, first_column)
    return grid


def _bounds(sheet: Any, declared: str) -> tuple[int, int, int, int]:
    """The first and last row and column, counted from 1."""
    if not declared:
        return 1, sheet.max_row, 1, sheet.max_column
    from openpyxl.utils.cell import column_index_from_string

    ends = declared.split(":")
    letters = ["".join(filter(str.isalpha, end)) for end in ends]
    numbers = ["".join(filter(str.isdecimal, end)) for end in ends]
    first_column, last_column = sorted(map(column_index_from_string, letters))
    return int(numbers[0]), int(numbers[1] or max(sheet.max_row, int(numbers[0]))), first_column, last_column


def _cells(sheet: Any, first_row: int, last_row: int, first_column: int, last_column: int) -> Iterator[tuple[Any, ...]]:
    """The cells of each row that the sheet has."""
    last = min(last_row, max(sheet.max_row, first_row))
    cells: Iterator[tuple[Any, ...]] = sheet.iter_rows(first_row, last, first_column, last_column)
    return cells


def _fill_merged(grid: Grid, sheet: Any, first_row: int, first_column: int) -> None:
    """Writes the words of merged cells in each of their places, with a doubt for each."""
    for merged in sheet.merged_cells.ranges:
        word = _word_at(grid, merged.min_row - first_row, merged.min_col - first_column)
        height, width = merged.max_row - merged.min_row + 1, merged.max_col - merged.min_col + 1
        for row in range(max(merged.min_row - first_row, 0), min(merged.max_row - first_row + 1, len(grid.rows))):
            columns = range(max(merged.min_col - first_column, 0), merged.max_col - first_column + 1)
            for column in columns[: max(len(grid.rows[row]) - columns.start, 0)]:
                grid.rows[row][column] = word
                grid.doubts.append(Doubt(grid.numbers[row], column, SPANS.format(height, width), "figure"))


def _word_at(grid: Grid, row: int, column: int) -> str:
    return grid.rows[row][column] if 0 <= row < len(grid.rows) and 0 <= column < len(grid.rows[row]) else ""


def _mark_formulas_without_results(grid: Grid, sheet: Any, formulas: Any, declared: str) -> None:
    first_row, last_row, first_column, last_column = _bounds(sheet, declared)
    for row, cells in enumerate(_cells(formulas, first_row, last_row, first_column, last_column)):
        for position, cell in enumerate(cells):
            if cell.data_type == "f" and row < len(grid.rows) and not grid.rows[row][position]:
                grid.rows[row][position] = "(a formula without a result)"
                grid.doubts.append(Doubt(grid.numbers[row], position, _NOT_COMPUTED))


def _word(cell: Any, dialect: Dialect) -> str:
    """The value of a cell as text."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{Decimal(repr(value)).normalize():f}".replace(".", dialect.decimal)
    return _date_word(value, cell.number_format, dialect) if isinstance(value, datetime) else str(value)


def _date_word(value: datetime, shown_as: str, dialect: Dialect) -> str:
    """A day as `dates:` declares it, where that says all of it; else in the plain form.

    A first day of a month or year that the sheet shows as that month or year is that.
    """
    for form in dialect.date_forms:
        text = value.strftime(form) if "%" in form else ""
        try:
            if text and datetime.strptime(text, form) == value:
                return text
        except ValueError:  # a form of which Python knows no days
            continue
    if (value.hour, value.minute, value.second, value.microsecond) != (0, 0, 0, 0):
        return value.isoformat(sep=" ", timespec="seconds")
    letters = set(_LITERAL.sub("", shown_as).lower())
    if value.day > 1 or letters & set("dhs") or "y" not in letters:
        return value.date().isoformat()
    return f"{value:%Y-%m}" if "m" in letters else f"{value:%Y}" if value.month == 1 else value.date().isoformat()
