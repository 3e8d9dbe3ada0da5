"""Finds near misses: rows that `where:` leaves out although they may be meant, since such a row may hold a breach.

A near miss looks like a word of `where:`, or came when that word no longer did. `where_not:` names the words that are
left out on purpose.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

import numpy as np
import pyarrow as pa

from dashboard.domain import Problem
from dashboard.domain.text import appearance_keys, difference_in_words
from dashboard.ingest.dates.periods import parse_periods
from dashboard.ingest.layout.conditions import Condition
from dashboard.ingest.parse.dialect import Dialect
from dashboard.ingest.parse.dictionary_column import DictionaryColumn
from dashboard.ingest.parse.header import Header
from dashboard.ingest.parse.tokenized_csv import MAX_LISTED, TokenizedCsv
from dashboard.ingest.validate.cell_formats import CellFormats
from dashboard.ingest.validate.row_rules import bad_row_known_on

USUAL = 3  # words that first came while rows were selected; from this number on a new word is nothing unusual
_MOST_NAMED = 5
_LONG_AGO, _NEVER = np.datetime64("0001-01-01"), np.datetime64("9999-12-31")


@dataclass(frozen=True)
class NearMisses:
    """rows: a problem for each row with a look-alike of a word of `where:`; problems: those of the file as a whole;
    notes: what else is new in the file."""

    rows: tuple[Problem, ...] = ()
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()


NO_NEAR_MISSES = NearMisses()


@dataclass(frozen=True, eq=False)
class _Filter:
    """One column of `where:`, with flags for each row. `is_selected`: its word is one of `where:`; `is_similar`: it is
    or looks like one; `is_excluded`: it is one of `where_not:`."""

    name: str
    words: DictionaryColumn
    is_selected: np.ndarray
    is_similar: np.ndarray
    is_excluded: np.ndarray
    condition: Condition


def find_near_misses(table: TokenizedCsv, header: Header, formats: CellFormats, file: str, today: date) -> NearMisses:
    dialect = formats.dialect
    filters = [_filter(table.columns[header.position(name)], name, formats) for name in dialect.where]
    is_selected = np.logical_and.reduce([column.is_selected for column in filters])
    if is_selected.all():
        return NO_NEAR_MISSES
    rows = np.flatnonzero(np.logical_and.reduce([column.is_similar for column in filters]) & ~is_selected)
    row_problems = tuple(_row_problems(table, rows, header, formats, file, today))
    if not is_selected.any() and not rows.size:
        is_open = ~np.logical_or.reduce([column.is_excluded for column in filters])
        empty = _problems_of_empty_selection(filters, is_open, header, file) if is_open.any() else ()
        return NearMisses(row_problems, tuple(empty))
    problems, notes = [], []
    for column in filters:
        if not column.condition.names_words:
            continue  # other numbers and days are always new
        others = [other.is_selected for other in filters if other is not column]
        is_rest = np.logical_and.reduce([~column.is_similar, ~column.is_excluded, *others])
        if new := _find_new_words(table, header, formats, column.words, is_selected, is_rest):
            if new.is_usual:
                notes.append(f"where: leaves out what is new in {column.name}: {_first_few(new.words)}")
            else:
                problems.append(_renamed_problem(new, column.name, dialect, header, file))
    return NearMisses(row_problems, tuple(problems), tuple(notes))


def needed_rows(table: TokenizedCsv, header: Header, formats: CellFormats) -> np.ndarray:
    """A flag for each row that is selected or looks like it, and for the first, the earliest and the latest row of each
    kind that `where:` tells apart. The others change neither the rows nor the near misses."""
    filters = [_filter(table.columns[header.position(name)], name, formats) for name in formats.dialect.where]
    is_needed: np.ndarray = np.logical_and.reduce([column.is_similar for column in filters])
    kinds = np.zeros(len(table.lines), np.int64)
    for column in filters:
        flags = column.is_selected + 2 * column.is_similar + 4 * column.is_excluded
        own = column.words.codes if column.condition.names_words else flags.astype(np.int64)
        _, kinds = np.unique(kinds * (int(own.max(initial=0)) + 1) + own, return_inverse=True)
    days = _last_days(table, header, formats)
    order = np.lexsort((days, kinds))
    is_last = np.append(np.diff(kinds[order]) > 0, True)[: len(order)]
    is_readable = days[order] > _LONG_AGO
    before = np.append(-1, kinds[order][:-1])[: len(order)]
    was_readable = np.append(False, is_readable[:-1])[: len(order)]
    is_first = is_readable & ((kinds[order] != before) | ~was_readable)
    is_needed[order[is_last | is_first]] = True
    is_needed[np.unique(kinds, return_index=True)[1]] = True  # in messages, words stand in their order in the file
    return is_needed


def _filter(cells: pa.Array, name: str, formats: CellFormats) -> _Filter:
    words = DictionaryColumn.encode(cells)
    is_selected = words.rows_where(partial(formats.is_chosen, name))
    is_similar = is_selected | words.rows_where(lambda word: bool(_slip(formats, name, word)))
    is_excluded = words.rows_where(partial(_is_excluded, formats.dialect, name))
    return _Filter(name, words, is_selected, is_similar, is_excluded, formats.dialect.where[name])


def _is_excluded(dialect: Dialect, name: str, word: str) -> bool:
    return word in dialect.where_not.get(name, ())


def _slip(formats: CellFormats, name: str, word: str) -> str:
    """How a cell that is left out misses `where:` narrowly, in words; "" where it does not, or is listed."""
    dialect = formats.dialect
    condition = dialect.where[name]
    if _is_excluded(dialect, name, word) or formats.is_chosen(name, word):
        return ""
    if condition.names(word) and formats.lies_within(name, word) is None:
        return (
            f"which asks for a range, and it is no number or day; correct it, or list {_quoted(word)} under where_not:"
        )
    if condition.names(word) and (excluded := formats.looks_excluded(name, word)):
        return f"which leaves out {_quoted(excluded)}; correct it, or write {_quoted(word)} too under not:"
    if similar := _similar_word(condition, word):
        difference = difference_in_words(word[: len(similar)] if condition.beginnings else word, similar)
        message = f"which asks for {_quoted(similar)}, from which it differs in {difference}; correct it, or write "
        return message + f"{_quoted(word)} too under where: if it is meant, else under where_not:"
    return ""


def _similar_word(condition: Condition, word: str) -> str:
    """The word or the beginning of `where:` that a cell looks like; "" where there is none."""
    for candidate in condition.named:
        seen = word[: len(candidate)] if condition.beginnings else word
        if seen != candidate and any(map(str.__eq__, appearance_keys(seen), appearance_keys(candidate))):
            return candidate
    return ""


def _row_problems(
    table: TokenizedCsv, rows: np.ndarray, header: Header, formats: CellFormats, file: str, today: date
) -> Iterator[Problem]:
    listed, unlisted = np.split(rows, [MAX_LISTED])
    for row in listed.tolist():
        cells = {column: table.columns[position][row].as_py() for column, position in header.positions.items()}
        name, word, slip = next(_slips(table, row, header, formats))
        message = f"left out by where:, {slip}"
        yield Problem(
            file, int(table.lines[row]), header.position(name) + 1, name, f"{_quoted(word)} {message}",
            bad_row_known_on(cells, formats, today), word, rows=1,
        )  # fmt: skip
    if unlisted.size:
        message = f"{len(unlisted):,} more rows from here on are left out by where: and look like what it asks for"
        yield Problem(file, int(table.lines[unlisted[0]]), 0, "", message, rows=len(unlisted))


def _slips(table: TokenizedCsv, row: int, header: Header, formats: CellFormats) -> Iterator[tuple[str, str, str]]:
    """The columns in which a row misses `where:` narrowly: the name, the cell, and how it misses."""
    for name in formats.dialect.where:
        word = table.columns[header.position(name)][row].as_py()
        if slip := _slip(formats, name, word):
            yield name, word, slip


@dataclass(frozen=True)
class _NewWords:
    """Words that first came after the last selected row. `first` is the day of the first of them."""

    words: Sequence[str]
    first: date
    last_selected: date
    is_usual: bool


def _find_new_words(
    table: TokenizedCsv,
    header: Header,
    formats: CellFormats,
    words: DictionaryColumn,
    is_selected: np.ndarray,
    is_rest: np.ndarray,
) -> _NewWords | None:
    """None where no new word has come since, or no day can be read."""
    ends = _last_days(table, header, formats)
    selected_ends = ends[is_selected & (ends > _LONG_AGO)]
    is_rest = is_rest & (ends > _LONG_AGO)
    if not selected_ends.size or not is_rest.any():
        return None
    first_days = np.full(len(words.words), _NEVER, "datetime64[D]").view(np.int64)
    np.minimum.at(first_days, words.codes[is_rest], ends[is_rest].view(np.int64))
    first, last = first_days.view("datetime64[D]"), selected_ends.max()
    new = np.flatnonzero((first > last) & (first < _NEVER))
    if not new.size:
        return None
    came_before = (first > ends[ends > _LONG_AGO].min()) & (first <= last)
    new = new[np.argsort(first[new], kind="stable")]
    new_words = [words.words[code] for code in new.tolist()]
    return _NewWords(new_words, first[new[0]].item(), last.item(), bool(np.count_nonzero(came_before) >= USUAL))


def _last_days(table: TokenizedCsv, header: Header, formats: CellFormats) -> np.ndarray:
    """The last day of each row's period; long ago where none can be read."""
    ends = np.full(len(table.lines), _LONG_AGO, "datetime64[D]")
    for column in ("period_end", "date"):
        if column in header.positions:
            texts = DictionaryColumn.encode(table.columns[header.positions[column]])
            _, last = parse_periods(texts.dictionary, formats)
            ends = np.fmax(ends, texts.per_row(last.astype("datetime64[D]")))
    return ends


def _renamed_problem(new: _NewWords, name: str, dialect: Dialect, header: Header, file: str) -> Problem:
    chosen = _first_few(dialect.where[name].named)
    message = (
        f"where: asks for {name} {chosen}, whose newest row is of {new.last_selected}; "
        f"since then rows have come that it leaves out, with {_first_few(new.words)}, which the file had not had "
        "before; was it renamed? write the new name under where: too, or under where_not: if it is another thing"
    )
    return Problem(file, 0, header.position(name) + 1, name, message, new.first)


def _problems_of_empty_selection(
    filters: Sequence[_Filter], is_open: np.ndarray, header: Header, file: str
) -> Iterator[Problem]:
    """The problem of a file that has rows, none of which `where:` selects. A range may well be empty."""
    by_name = [column for column in filters if column.condition.names_words]
    for column in by_name:
        name, words = column.name, column.words
        present = [words.words[code] for code in np.unique(words.codes[is_open]).tolist()]
        if not any(map(column.condition.names, present)) or len(filters) == 1:
            message = (
                f"where: asks for {name} {_first_few(column.condition.named)}, and the rows of the file have "
                f"{_first_few(sorted(present))}; correct it if these are meant, else name them under where_not:"
            )
            yield Problem(file, 0, header.position(name) + 1, name, message)
            return
    if len(by_name) == len(filters):
        message = "no row has all that where: asks for; correct it, or name under where_not: what is left out on "
        message += "purpose"
        yield Problem(file, 0, 0, "", message)


def _first_few(words: Sequence[str]) -> str:
    shown = ", ".join(_quoted(word) for word in words[:_MOST_NAMED])
    return f"{shown} and {len(words) - _MOST_NAMED} more" if len(words) > _MOST_NAMED else shown


def _quoted(word: str) -> str:
    """The word as YAML reads it, with escapes for invisible and non-ASCII characters."""
    return json.dumps(word[:60], ensure_ascii=not word.isprintable() or any(ord(mark) > 127 for mark in word))
