"""Cells that are not plainly words: spanned, lacking, erroneous. Where a row needs such a cell, it is not read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal, NamedTuple

import numpy as np
import pyarrow as pa

from dashboard.domain import Problem
from dashboard.ingest.parse.dialect import Dialect
from dashboard.ingest.parse.header import Header
from dashboard.ingest.parse.tokenized_csv import MAX_LISTED, TokenizedCsv
from dashboard.ingest.validate.cell_formats import CellFormats

_FIGURES = ("value", "low", "high")
_DATES = ("date", "period_start", "period_end")
_REMARKS = ("note", "citation")


class Doubt(NamedTuple):
    """number: of the row; position: of the column, counted from 0; reason: what is the matter.

    about: a `figure` that may be about several rows or columns, a `key` that lacks, or `all` uses of the cell, whose
    words are no number and no day then.
    """

    number: int
    position: int
    reason: str
    about: Literal["figure", "key", "all"] = "all"


def settle_doubts(
    table: TokenizedCsv, doubts: Sequence[Doubt], header: Header, file: str, dialect: Dialect
) -> tuple[TokenizedCsv, tuple[Problem, ...]]:
    """The table without rows whose keys are in doubt, each with a problem; figures in doubt become no numbers."""
    if not doubts:
        return table, ()
    row_of = {number: row for row, number in enumerate(table.lines.tolist())}
    by_row: defaultdict[int, list[Doubt]] = defaultdict(list)
    for doubt in doubts:
        if doubt.number in row_of:
            by_row[row_of[doubt.number]].append(doubt)
    formats, keys = CellFormats(dialect), _keys(header, dialect)
    problems = {}
    for row, row_doubts in by_row.items():
        relevant = [doubt for doubt in row_doubts if doubt.about in keys.get(doubt.position, ())]
        if relevant and _may_be_selected(table, row, {doubt.position for doubt in relevant}, header, formats):
            problems[row] = _problem(table, row, relevant[0], header, file)
    return _without(_with_marked_figures(table, by_row, header), problems), _listed(problems)


def _keys(header: Header, dialect: Dialect) -> dict[int, tuple[str, ...]]:
    """The columns that tell which row it is, and the doubts that matter there. The words judge figures and days."""
    layout = dialect.layout
    dates, figures = (
        {header.positions[name] for name in names if name in header.positions} for names in (_DATES, _FIGURES)
    )
    remarks = {header.positions[name] for name in _REMARKS if name in header.positions}
    named = [*dialect.where, *(split.column for split in layout.splits)]
    named += [name for join in layout.joins for name in join.names]
    used = {header.names.index(name) for name in named if name in header.names[: header.width]}
    columns = dict.fromkeys(set(header.positions.values()) - dates - figures - remarks | used, ("all", "key"))
    return {**dict.fromkeys(figures, ("key",)), **dict.fromkeys(remarks, ("all",)), **columns}


def _may_be_selected(table: TokenizedCsv, row: int, doubtful: set[int], header: Header, formats: CellFormats) -> bool:
    """Whether `where:` may choose the row, whatever its doubtful cells hold."""
    for name in formats.dialect.where:
        position = header.position(name)
        if position in doubtful or position >= len(table.columns):
            continue
        if not formats.is_chosen(name, table.columns[position][row].as_py()):
            return False
    return True


def _problem(table: TokenizedCsv, row: int, doubt: Doubt, header: Header, file: str) -> Problem:
    cell, name = table.columns[doubt.position][row].as_py(), header.names[doubt.position]
    return Problem(file, doubt.number, doubt.position + 1, name, doubt.reason, value=cell[:1_000], rows=1)


def _with_marked_figures(table: TokenizedCsv, doubts: Mapping[int, Sequence[Doubt]], header: Header) -> TokenizedCsv:
    """The table with a reason behind each figure that may be about several rows, so that it is no number."""
    figures = {header.positions[name] for name in _FIGURES if name in header.positions} | set(header.wide)
    columns = list(table.columns)
    for position in figures & set(range(len(columns))):
        reasons = {
            row: doubt.reason
            for row, row_doubts in doubts.items()
            for doubt in row_doubts
            if doubt.about == "figure" and doubt.position == position
        }
        if reasons:
            cells = enumerate(columns[position].to_pylist())
            words = [f"{cell} ({reasons[row]})" if cell and row in reasons else cell for row, cell in cells]
            columns[position] = pa.array(words, pa.string())
    return replace(table, columns=columns)


def _without(table: TokenizedCsv, rows: Mapping[int, Problem]) -> TokenizedCsv:
    if not rows:
        return table
    is_kept = np.ones(len(table.lines), bool)
    is_kept[[*rows]] = False
    kept = pa.array(is_kept)
    return replace(table, columns=[column.filter(kept) for column in table.columns], lines=table.lines[is_kept])


def _listed(problems: Mapping[int, Problem]) -> tuple[Problem, ...]:
    listed = sorted(problems.values())
    if len(listed) <= MAX_LISTED:
        return tuple(listed)
    more, first = len(listed) - MAX_LISTED, listed[MAX_LISTED]
    message = f"{more:,} more rows from here on have such cells"
    return (*listed[:MAX_LISTED], replace(first, column=0, path="", value="", message=message, rows=more))
