"""Matches the header of a delivery with our columns, or says why it is no header for this source."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from dashboard.catalog import did_you_mean
from dashboard.domain import Problem
from dashboard.domain.dates import parse_period
from dashboard.domain.text import with_code_points, without_hidden_characters
from dashboard.ingest.layout.declaration import our_columns
from dashboard.ingest.layout.wide_columns import lacks_year, wide_period
from dashboard.ingest.parse.decode import UntrustedError
from dashboard.ingest.parse.dialect import Dialect

MAX_LISTED = 20  # unknown columns that are listed one by one

_IGNORE = "write other_columns: ignore"
_NAME_IT = "write how its periods are written under wide:, or list under other_columns: what is none"
_WHERE_IT_STANDS = ", or write header: none, or skip_lines: and the number of lines above it"
_SHORT_YEAR = re.compile(r"(^|\D)\d\d$")
_MONTH_NAME = re.compile(r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)", re.IGNORECASE)
_YEAR = re.compile(r"(19|20)\d\d")
_FIGURE = re.compile(r"[-+]?[0-9][0-9.,' ]*")


@dataclass(frozen=True)
class Header:
    """names: the columns as the file names them, then those that its layout adds; width: how many the file has itself.

    positions: those of our columns among the names, counted from 0; wide: the positions of the columns that are
    periods, and these in the plain form.
    """

    names: tuple[str, ...]
    positions: Mapping[str, int]
    width: int
    wide: Mapping[int, str] = field(default_factory=dict)

    def name_of(self, column: str) -> str:
        """The file's name for one of our columns; our own name where the file does not have it."""
        return self.names[self.positions[column]] if column in self.positions else column

    def position(self, name: str) -> int:
        """The position of a column of `where:`."""
        return self.names.index(name)

    def number_of(self, column: str) -> int:
        """The number of one of our columns, counted from 1; 0 where the file does not have it."""
        position = self.positions.get(column, self.width)
        return position + 1 if position < self.width else 0


def match_header(cells: Sequence[str], file: str, dialect: Dialect, line: int | None = None) -> Header:
    """The header of these cells, with the columns that the layout adds. Raises UntrustedError with its problems.

    line: where they stand, if not where the layout says; 0 where they are no row of the file.
    """
    layout = dialect.layout
    line = layout.first_line if line is None else line
    width = len(cells)
    wide = wide_columns(cells, dialect) if layout.wide else {}
    problems = (_not_a_header(cells, file, dialect) if line else []) or [
        *_unknown(cells, file, dialect, wide), *_absent(cells, file, dialect), *_lacking(cells, file, dialect, wide),
    ]  # fmt: skip
    if problems:
        raise UntrustedError(*(replace(problem, line=line) for problem in problems))
    parts = [name for split in layout.splits for name in split.names]
    names = (*cells, *parts, *("-".join(join.names) for join in layout.joins))
    positions = {
        column: names.index(name) for column, name in our_columns(dialect.columns, layout).items() if name in names
    }
    joined = {join.column: width + len(parts) + number for number, join in enumerate(layout.joins)}
    return Header(names, {**positions, **joined}, width, wide)


def _not_a_header(cells: Sequence[str], file: str, dialect: Dialect) -> list[Problem]:
    """The one problem of a line that is no header; its other problems would only follow from it."""
    layout = dialect.layout
    is_text = layout.format == "csv"
    if is_text and len(cells) == 1 and (mark := next((mark for mark in ";\t|," if mark in cells[0]), None)):
        shown = "\\t" if mark == "\t" else mark
        message = f'the cells seem to be separated by "{shown}", not "{dialect.separator}"; write separator: "{shown}"'
        return [Problem(file, 1, 0, "", message)]
    if not layout.has_header:
        return []
    if cells and cells[0].lower().startswith("sep="):
        message = "no header: the line tells a spreadsheet how cells are separated; write skip_lines: 1"
        return [Problem(file, 1, 0, "", message)]
    line = f"the first {layout.unit}" if layout.first_line == 1 else f"{layout.unit} {layout.first_line}"
    if not any(cell.strip() for cell in cells):
        return [Problem(file, 1, 0, "", f"no header: {line} is blank; it must name the columns")]
    if not layout.wide and (figure := next((cell for cell in cells if _is_figure(cell)), None)):
        message = f'no header: {line} holds "{figure[:60]}"; it must name the columns{_WHERE_IT_STANDS}'
        return [Problem(file, 1, 0, "", message)]
    return []


def _unknown(cells: Sequence[str], file: str, dialect: Dialect, wide: Mapping[int, str]) -> list[Problem]:
    """Columns that nobody names, and names that stand twice. Where they are ignored, only names that are used count."""
    known = known_names(dialect)
    problems, unknown, earlier = [], 0, set()
    for number, name in enumerate(cells, start=1):
        is_known = name in known or number - 1 in wide
        is_ignored = not is_known and dialect.layout.is_ignored(name)
        if name in earlier and not is_ignored:
            message = "the column stands twice; take one of them out"
            problems.append(Problem(file, 1, number, with_code_points(name[:60]), message))
        elif is_ignored and dialect.layout.wide and dialect.layout.other_columns is True and _may_be_period(name):
            message = f"may be a period, and is not written as wide: declares; {_NAME_IT}"
            problems.append(Problem(file, 1, number, with_code_points(name[:60]), message))
        elif not is_known and not is_ignored and (unknown := unknown + 1) <= MAX_LISTED:
            problems.append(
                Problem(file, 1, number, with_code_points(name[:60]), _unknown_column(name, known, dialect))
            )
        earlier.add(name)
    if unknown > MAX_LISTED:
        problems.append(Problem(file, 1, 0, "", f"{unknown - MAX_LISTED} more unknown columns; {_IGNORE}"))
    return problems


def _may_be_period(name: str) -> bool:
    """Whether a column beside those that are periods may be another, written otherwise."""
    name = unicodedata.normalize("NFKC", name).strip()
    return bool(_YEAR.search(name) or _SHORT_YEAR.search(name) or _MONTH_NAME.match(name))


def _unknown_column(name: str, known_names: Sequence[str], dialect: Dialect) -> str:
    if not without_hidden_characters(name):
        return f"a column without a name; name it or take it out, or {_IGNORE}"
    advice = did_you_mean(name[:60], known_names)
    padded = [column for column, known in our_columns(dialect.columns, dialect.layout).items() if known == name.strip()]
    if advice and padded:
        advice += f" Or write {_line_of(name, padded[0])}"
    return f"unknown column{advice or f'; take it out, or name it in columns: if it is one of ours; or {_IGNORE}'}"


def _absent(cells: Sequence[str], file: str, dialect: Dialect) -> list[Problem]:
    """Columns that the catalogue names and the file does not have."""
    parts = {name for split in dialect.layout.splits for name in split.names}
    named = [(name, column) for column, name in dialect.columns.items()] + [(name, "where") for name in dialect.where]
    named += [(name, column) for column, names in dialect.layout.joins for name in names]
    named = [(name, use) for name, use in named if name not in parts]
    named += [(split.column, "split") for split in dialect.layout.splits]
    return [
        Problem(file, 1, 0, name, f"no such column, though the catalogue names it for {use}{advice}")
        for name, use in dict.fromkeys(named)
        if name not in cells
        for advice in [_padded_name(name, use, cells) or did_you_mean(name, cells) or "; correct its name there"]
    ]


def _padded_name(name: str, use: str, cells: Sequence[str]) -> str:
    """The line to write for a column that the file names with other blanks around it; "" where it has none."""
    padded = next((cell for cell in cells if cell.strip() == name.strip()), "")
    return f"; blanks around its name differ: write {_line_of(padded, use)}" if padded else ""


def _line_of(name: str, use: str) -> str:
    """The line of the YAML that names a column with its blanks."""
    quoted = json.dumps(name, ensure_ascii=not name.isprintable())
    if use == "where":
        return f"where: {{{quoted}: ...}}"
    return f"split: {{{quoted}: ...}}" if use == "split" else f"columns: {{{use}: {quoted}}}"


def _lacking(cells: Sequence[str], file: str, dialect: Dialect, wide: Mapping[int, str]) -> list[Problem]:
    problems, layout = [], dialect.layout
    parts = {name for split in layout.splits for name in split.names}
    names = our_columns(dialect.columns, layout)
    matched = {column for column, name in names.items() if name in cells or name in parts} | set(layout.parts)
    if layout.wide:
        if lacks_year(layout.wide) and "date" not in matched:
            message = "required: a column of years, since wide: names none; another name: columns: {date: NAME}"
            problems.append(Problem(file, 1, 0, "date", message))
        if not wide:
            problems.append(Problem(file, 1, 0, "date", f"no column is a period, as wide: {layout.wide} declares"))
        return problems
    if "date" not in matched and not {"period_start", "period_end"} <= matched:
        message = "required: date, or period_start and period_end; another name is declared with columns: {date: NAME}"
        problems.append(Problem(file, 1, 0, "date", message))
    if not {"value", "low", "high"} & matched and not layout.counts_rows:
        message = "required: value (or low and high); another name is declared with columns: {value: NAME}; where each "
        message += "row is an event, write value: 1"
        problems.append(Problem(file, 1, 0, "value", message))
    return problems


def known_names(dialect: Dialect) -> list[str]:
    """The names that a column of the file may have."""
    layout = dialect.layout
    parts = {name for split in layout.splits for name in split.names}
    names = [*our_columns(dialect.columns, layout).values(), *dialect.where]
    names += [name for join in layout.joins for name in join.names] + [split.column for split in layout.splits]
    return [name for name in dict.fromkeys(names) if name not in parts]


def wide_columns(cells: Sequence[str], dialect: Dialect) -> dict[int, str]:
    """The positions of the columns that are periods, each with its period in the plain form."""
    named = set(known_names(dialect))
    periods = {
        position: wide_period(name, dialect.layout.wide) for position, name in enumerate(cells) if name not in named
    }
    return {position: period for position, period in periods.items() if period}


def _is_figure(cell: str) -> bool:
    if _FIGURE.fullmatch(cell):
        return True
    try:
        parse_period(cell)
    except ValueError:
        return False
    return True
