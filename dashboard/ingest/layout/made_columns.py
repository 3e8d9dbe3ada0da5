"""Makes columns of the file's own: the values of a split cell, a day of its parts, a subject of several cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from dashboard.domain import ROW_SCHEMA, Problem
from dashboard.ingest.layout.declaration import Join, Split
from dashboard.ingest.parse.dialect import Dialect
from dashboard.ingest.parse.dictionary_column import DictionaryColumn
from dashboard.ingest.parse.header import Header
from dashboard.ingest.parse.tokenized_csv import MAX_LISTED, TokenizedCsv
from dashboard.late_imports import pc

PERIODS = {column.name for column in ROW_SCHEMA if column.role in ("period", "instant")}
BETWEEN = " \u00b7 "  # the cells of a subject


def add_made_columns(
    table: TokenizedCsv, header: Header, dialect: Dialect, file: str
) -> tuple[TokenizedCsv, tuple[Problem, ...]]:
    """The table with the columns that its layout makes, and a problem for each row that could not be split."""
    layout = dialect.layout
    problems: list[Problem] = []
    for split in layout.splits:
        table, bad = _with_parts(table, header, split, file)
        problems += bad
    cells = {name: table.columns[position] for position, name in enumerate(header.names[: len(table.columns)])}
    joined = [_joined([cells[name] for name in join.names], join, dialect) for join in layout.joins]
    return replace(table, columns=[*table.columns, *joined]), tuple(problems)


def _with_parts(table: TokenizedCsv, header: Header, split: Split, file: str) -> tuple[TokenizedCsv, list[Problem]]:
    position = header.names.index(split.column)
    words = DictionaryColumn.encode(table.columns[position])
    parts = [word.split(split.mark) for word in words.words]
    is_split = words.per_row(np.array([len(part) == len(split.names) for part in parts], bool))
    bad = np.flatnonzero(~is_split)
    problems = [_not_split(table, row, position, split, file) for row in bad[:MAX_LISTED].tolist()]
    if more := max(bad.size - MAX_LISTED, 0):
        message = f"{more:,} more rows from here on are not split as split: declares"
        problems.append(Problem(file, int(table.lines[bad[MAX_LISTED]]), 0, "", message, rows=more))
    columns = [
        DictionaryColumn(words.codes, pa.array([_part(part, number) for part in parts], pa.string())).strings
        for number in range(len(split.names))
    ]
    kept = pa.array(is_split)
    columns = [column.filter(kept) for column in [*table.columns, *columns]]
    return replace(table, columns=columns, lines=table.lines[is_split]), problems


def _part(parts: Sequence[str], number: int) -> str:
    return parts[number].strip() if number < len(parts) else ""


def _not_split(table: TokenizedCsv, row: int, position: int, split: Split, file: str) -> Problem:
    cell = table.columns[position][row].as_py()
    count = len(cell.split(split.mark))
    message = (
        f'"{cell[:60]}" has {count} values, and split: names {len(split.names)}; correct it, or write split: as it is'
    )
    return Problem(file, int(table.lines[row]), position + 1, split.column, message, value=cell[:1_000], rows=1)


def _joined(cells: Sequence[pa.Array], join: Join, dialect: Dialect) -> pa.Array:
    """A period of its parts, in the order in which `dates:` wants them; or the words of a text."""
    if join.column not in PERIODS:
        words = [DictionaryColumn.encode(column) for column in cells]
        texts = [word.with_dictionary(pc.utf8_trim_whitespace(word.dictionary)).strings for word in words]
        return _without_blanks(texts)
    mark = "-" if dialect.dates is None else " "
    return pc.binary_join_element_wise(*map(_padded, cells), mark) if len(cells) > 1 else cells[0]


def _padded(column: pa.Array) -> pa.Array:
    """Days and months of one figure with a nought before it."""
    is_short = pc.match_substring_regex(column, "^[0-9]$")
    return pc.if_else(is_short, pc.binary_join_element_wise("0", column, ""), column)


def _without_blanks(texts: Sequence[pa.Array]) -> pa.Array:
    result = texts[0]
    for text in texts[1:]:
        is_blank, was_blank = pc.equal(text, ""), pc.equal(result, "")
        both = pc.binary_join_element_wise(result, text, BETWEEN)
        result = pc.if_else(is_blank, result, pc.if_else(was_blank, text, both))
    return result
