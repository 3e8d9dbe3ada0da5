"""Matches the header of a delivery with our columns, or says why it is no header for this source."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dashboard.catalog import did_you_mean
from dashboard.domain import COLUMNS, Problem
from dashboard.domain.dates import parse_period
from dashboard.domain.text import with_code_points, without_hidden_characters
from dashboard.ingest.parse.decode import UntrustedError
from dashboard.ingest.parse.dialect import Dialect

MAX_LISTED = 20  # unknown columns that are listed one by one

_FIGURE = re.compile(r"[-+]?[0-9][0-9.,' ]*")


@dataclass(frozen=True)
class Header:
    """names: the columns as the file names them; positions: those of our columns among them, counted from 0."""

    names: tuple[str, ...]
    positions: Mapping[str, int]

    def name_of(self, column: str) -> str:
        """The file's name for one of our columns; our own name where the file does not have it."""
        return self.names[self.positions[column]] if column in self.positions else column

    def number_of(self, column: str) -> int:
        """The number of one of our columns, counted from 1; 0 where the file does not have it."""
        return self.positions[column] + 1 if column in self.positions else 0


def match_header(cells: Sequence[str], file: str, dialect: Dialect) -> Header:
    """The header of these cells. Raises UntrustedError with all its problems."""
    problems = _not_a_header(cells, file, dialect) or [
        *_unknown(cells, file, dialect), *_absent(cells, file, dialect), *_lacking(cells, file, dialect),
    ]  # fmt: skip
    if problems:
        raise UntrustedError(*problems)
    names = {column: dialect.columns.get(column, column) for column in COLUMNS}
    return Header(tuple(cells), {column: cells.index(name) for column, name in names.items() if name in cells})


def _not_a_header(cells: Sequence[str], file: str, dialect: Dialect) -> list[Problem]:
    """The one problem of a line that is no header; its other problems would only follow from it."""
    if len(cells) == 1 and (mark := next((mark for mark in ";\t|," if mark in cells[0]), None)):
        shown = "\\t" if mark == "\t" else mark
        message = f'the cells seem to be separated by "{shown}", not "{dialect.separator}"; write separator: "{shown}"'
        return [Problem(file, 1, 0, "", message)]
    if not any(cell.strip() for cell in cells):
        return [Problem(file, 1, 0, "", "no header: the first line is blank; it must name the columns")]
    if figure := next((cell for cell in cells if _is_figure(cell)), None):
        message = f'no header: the first line holds "{figure[:60]}"; it must name the columns'
        return [Problem(file, 1, 0, "", message)]
    return []


def _unknown(cells: Sequence[str], file: str, dialect: Dialect) -> list[Problem]:
    known_names = _known_names(dialect)
    problems, unknown, earlier = [], 0, set()
    for number, name in enumerate(cells, start=1):
        if name in earlier:
            message = "the column stands twice; take one of them out"
            problems.append(Problem(file, 1, number, with_code_points(name[:60]), message))
        elif name not in known_names and (unknown := unknown + 1) <= MAX_LISTED:
            problems.append(Problem(file, 1, number, with_code_points(name[:60]), _unknown_column(name, known_names)))
        earlier.add(name)
    if unknown > MAX_LISTED:
        problems.append(Problem(file, 1, 0, "", f"{unknown - MAX_LISTED} more unknown columns"))
    return problems


def _unknown_column(name: str, known_names: Sequence[str]) -> str:
    if not without_hidden_characters(name):
        return "a column without a name; name it or take it out"
    advice = did_you_mean(name[:60], known_names) or "; take it out, or name it in columns: if it is one of ours"
    return f"unknown column{advice}"


def _absent(cells: Sequence[str], file: str, dialect: Dialect) -> list[Problem]:
    """Columns that the catalogue names and the file does not have."""
    named = [(name, column) for column, name in dialect.columns.items()] + [(name, "where") for name in dialect.where]
    return [
        Problem(file, 1, 0, name, f"no such column, though the catalogue names it for {use}{advice}")
        for name, use in named
        if name not in cells
        for advice in [did_you_mean(name, cells) or "; correct its name there"]
    ]


def _lacking(cells: Sequence[str], file: str, dialect: Dialect) -> list[Problem]:
    problems = []
    matched = {column for column in COLUMNS if dialect.columns.get(column, column) in cells}
    if "date" not in matched and not {"period_start", "period_end"} <= matched:
        message = "required: date, or period_start and period_end; another name is declared with columns: {date: NAME}"
        problems.append(Problem(file, 1, 0, "date", message))
    if not {"value", "low", "high"} & matched:
        message = "required: value (or low and high); another name is declared with columns: {value: NAME}"
        problems.append(Problem(file, 1, 0, "value", message))
    return problems


def _known_names(dialect: Dialect) -> list[str]:
    return [*(column for column in COLUMNS if column not in dialect.columns), *dialect.columns.values(), *dialect.where]


def _is_figure(cell: str) -> bool:
    if _FIGURE.fullmatch(cell):
        return True
    try:
        parse_period(cell)
    except ValueError:
        return False
    return True
