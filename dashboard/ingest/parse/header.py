"""The header of a delivery: which of its columns is which of ours, or why it is no header for this source."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dashboard.catalog import did_you_mean
from dashboard.domain import COLUMNS, Problem
from dashboard.domain.dates import parse_period
from dashboard.domain.text import visible, without_hidden
from dashboard.ingest.parse.decode import UntrustedError
from dashboard.ingest.parse.dialect import Dialect

MOST_NAMED = 20  # of columns that nobody knows; a hundred thousand problems tell no more than twenty

_FIGURE = re.compile(r"[-+]?[0-9][0-9.,' ]*")


@dataclass(frozen=True)
class Header:
    """names: the columns as the file names them; places: where our columns stand among them."""

    names: tuple[str, ...]
    places: Mapping[str, int]

    def name_of(self, column: str) -> str:
        """What the file calls a column of ours; our own name where it has none."""
        return self.names[self.places[column]] if column in self.places else column

    def place_of(self, column: str) -> int:
        """Counted from 1; 0 where the file has no such column."""
        return self.places[column] + 1 if column in self.places else 0


def header_of(cells: Sequence[str], file: str, layout: Dialect) -> Header:
    """Raises UntrustedError with all that is wrong with the header."""
    problems = _not_a_header(cells, file, layout) or [
        *_unknown(cells, file, layout), *_absent(cells, file, layout), *_lacking(cells, file, layout),
    ]  # fmt: skip
    if problems:
        raise UntrustedError(*problems)
    names = {column: layout.columns.get(column, column) for column in COLUMNS}
    return Header(tuple(cells), {column: cells.index(name) for column, name in names.items() if name in cells})


def _not_a_header(cells: Sequence[str], file: str, layout: Dialect) -> list[Problem]:
    """Another separator, or figures where names should stand: all that follows would be wrong too."""
    if len(cells) == 1 and (mark := next((one for one in ";\t|," if one in cells[0]), None)):
        shown = "\\t" if mark == "\t" else mark
        message = f'the cells seem to be separated by "{shown}", not "{layout.separator}"; write separator: "{shown}"'
        return [Problem(file, 1, 0, "", message)]
    if not any(cell.strip() for cell in cells):
        return [Problem(file, 1, 0, "", "no header: the first line is blank; it must name the columns")]
    if figure := next((cell for cell in cells if _is_figure(cell)), None):
        message = f'no header: the first line holds "{figure[:60]}"; it must name the columns'
        return [Problem(file, 1, 0, "", message)]
    return []


def _unknown(cells: Sequence[str], file: str, layout: Dialect) -> list[Problem]:
    known = _known(layout)
    problems, unknown, seen = [], 0, set()
    for place, name in enumerate(cells, start=1):
        if name in seen:
            problems.append(
                Problem(file, 1, place, visible(name[:60]), "the column stands twice; take one of them out")
            )
        elif name not in known and (unknown := unknown + 1) <= MOST_NAMED:
            problems.append(Problem(file, 1, place, visible(name[:60]), _not_known(name, known)))
        seen.add(name)
    if unknown > MOST_NAMED:
        problems.append(Problem(file, 1, 0, "", f"{unknown - MOST_NAMED} more unknown columns"))
    return problems


def _not_known(name: str, known: Sequence[str]) -> str:
    if not without_hidden(name):
        return "a column without a name; name it or take it out"
    advice = did_you_mean(name[:60], known) or "; take it out, or name it in columns: if it is one of ours"
    return f"unknown column{advice}"


def _absent(cells: Sequence[str], file: str, layout: Dialect) -> list[Problem]:
    """What the catalogue names and the file has not."""
    named = [(theirs, column) for column, theirs in layout.columns.items()] + [(name, "where") for name in layout.where]
    return [
        Problem(file, 1, 0, theirs, f"no such column, though the catalogue names it for {use}{advice}")
        for theirs, use in named
        if theirs not in cells
        for advice in [did_you_mean(theirs, cells) or "; correct its name there"]
    ]


def _lacking(cells: Sequence[str], file: str, layout: Dialect) -> list[Problem]:
    problems = []
    has = {column for column in COLUMNS if layout.columns.get(column, column) in cells}
    if "date" not in has and not {"period_start", "period_end"} <= has:
        message = "required: date, or period_start and period_end; another name is declared with columns: {date: NAME}"
        problems.append(Problem(file, 1, 0, "date", message))
    if not {"value", "low", "high"} & has:
        message = "required: value (or low and high); another name is declared with columns: {value: NAME}"
        problems.append(Problem(file, 1, 0, "value", message))
    return problems


def _known(layout: Dialect) -> list[str]:
    return [*(one for one in COLUMNS if one not in layout.columns), *layout.columns.values(), *layout.where]


def _is_figure(cell: str) -> bool:
    if _FIGURE.fullmatch(cell):
        return True
    try:
        parse_period(cell)
    except ValueError:
        return False
    return True
