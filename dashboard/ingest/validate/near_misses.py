"""Rows that `where:` leaves out and that may be meant: look-alikes of what it asks for, and what came in its place.

Nobody would miss such a row, and it might hold a breach. What is left out on purpose stands in `where_not:`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

import numpy as np

from dashboard.domain import Problem
from dashboard.domain.text import apart, looks
from dashboard.ingest.parse.dialect import Dialect
from dashboard.ingest.parse.dictionary_column import Coded
from dashboard.ingest.parse.header import Header
from dashboard.ingest.parse.tokenize import MOST_TOLD, Cut
from dashboard.ingest.validate.cell_formats import Cells
from dashboard.ingest.validate.row_rules import known_on

USUAL = 3  # cells that first came while rows were chosen all the same, from which on a new one is nothing unusual
_MOST_NAMED = 5
_LONG_AGO, _NEVER = np.datetime64("0001-01-01"), np.datetime64("9999-12-31")


@dataclass(frozen=True)
class LeftOut:
    """unread: a problem for each row that looks like one that is asked for, and those of the file as a whole; notes:
    what else is new in it."""

    unread: tuple[Problem, ...] = ()
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()


def left_out(found: Cut, header: Header, cells: Cells, file: str, today: date) -> LeftOut:
    layout = cells.layout
    asked = {name: Coded.of(found.columns[header.names.index(name)]) for name in layout.where}
    exact = {name: words.where(partial(_is_asked, layout, name)) for name, words in asked.items()}
    wanted = np.logical_and.reduce([*exact.values()])
    if wanted.all():
        return LeftOut()
    meant = {name: words.where(partial(_is_left, layout, name)) for name, words in asked.items()}
    near = {name: exact[name] | words.where(partial(_is_near, layout, name)) for name, words in asked.items()}
    rows = np.flatnonzero(np.logical_and.reduce([*near.values()]) & ~wanted)
    unread = tuple(_unread(found, rows, header, cells, file, today))
    if not wanted.any() and not rows.size:
        is_open = ~np.logical_or.reduce([*meant.values()])
        nothing = _nothing_chosen(asked, is_open, layout, header, file) if is_open.any() else ()
        return LeftOut(unread, tuple(nothing))
    problems, notes = [], []
    for name, words in asked.items():
        others = np.logical_and.reduce([np.ones(len(wanted), bool), *(exact[one] for one in asked if one != name)])
        is_other = others & ~near[name] & ~meant[name]
        if new := _new_cells(found, header, cells, words, wanted, is_other):
            if new.is_usual:
                notes.append(f"where: leaves out what is new in {name}: {_some(new.words)}")
            else:
                problems.append(_taken_over(new, name, layout, header, file))
    return LeftOut(unread, tuple(problems), tuple(notes))


def _is_asked(layout: Dialect, name: str, word: str) -> bool:
    return word in layout.where[name]


def _is_near(layout: Dialect, name: str, word: str) -> bool:
    return bool(_near(layout, name, word))


def _is_left(layout: Dialect, name: str, word: str) -> bool:
    """Whether a cell is left out on purpose."""
    return word in layout.where_not.get(name, ())


def _near(layout: Dialect, name: str, word: str) -> str:
    """The cell asked for that a word looks like, "" where there is none, or it is asked for or left out on purpose."""
    if word in layout.where[name] or _is_left(layout, name, word):
        return ""
    shown = looks(word)
    for one in layout.where[name]:
        if any(mine == other for mine, other in zip(shown, looks(one), strict=True)):
            return one
    return ""


def _unread(found: Cut, rows: np.ndarray, header: Header, cells: Cells, file: str, today: date) -> Iterator[Problem]:
    told, more = np.split(rows, [MOST_TOLD])
    for row in told.tolist():
        given = {column: found.columns[place][row].as_py() for column, place in header.places.items()}
        name, word, one = next(_slips(found, row, header, cells.layout))
        message = f"left out by where:, which asks for {_quoted(one)}, from which it differs in {apart(word, one)}; "
        message += f"correct it, or write {_quoted(word)} too under where: if it is meant, else under where_not:"
        yield Problem(
            file, int(found.lines[row]), header.names.index(name) + 1, name, f"{_quoted(word)} {message}",
            known_on(given, cells, today), word, rows=1,
        )  # fmt: skip
    if more.size:
        message = f"{len(more):,} more rows from here on are left out by where: and look like what it asks for"
        yield Problem(file, int(found.lines[more[0]]), 0, "", message, rows=len(more))


def _slips(found: Cut, row: int, header: Header, layout: Dialect) -> Iterator[tuple[str, str, str]]:
    """The columns in which a row is not what `where:` asks for: name, its cell, and the one that it looks like."""
    for name in layout.where:
        word = found.columns[header.names.index(name)][row].as_py()
        if one := _near(layout, name, word):
            yield name, word, one


@dataclass(frozen=True)
class _New:
    """Cells that first came after the last row that was chosen: the day of the first of them, and of that row."""

    words: Sequence[str]
    first: date
    last_asked: date
    is_usual: bool


def _new_cells(
    found: Cut, header: Header, cells: Cells, words: Coded, wanted: np.ndarray, is_other: np.ndarray
) -> _New | None:
    """None where nothing new has come since, or no day can be read."""
    ends = _ends(found, header, cells)
    asked = ends[wanted & (ends > _LONG_AGO)]
    is_other = is_other & (ends > _LONG_AGO)
    if not asked.size or not is_other.any():
        return None
    firsts = np.full(len(words.words), _NEVER, "datetime64[D]").view(np.int64)
    np.minimum.at(firsts, words.codes[is_other], ends[is_other].view(np.int64))
    first, last = firsts.view("datetime64[D]"), asked.max()
    new = np.flatnonzero((first > last) & (first < _NEVER))
    if not new.size:
        return None
    before = (first > ends[ends > _LONG_AGO].min()) & (first <= last)
    new = new[np.argsort(first[new], kind="stable")]
    named = [words.words[code] for code in new.tolist()]
    return _New(named, first[new[0]].item(), last.item(), bool(np.count_nonzero(before) >= USUAL))


def _ends(found: Cut, header: Header, cells: Cells) -> np.ndarray:
    """The last day of each row's period, long ago where none can be read."""
    ends = np.full(len(found.lines), _LONG_AGO, "datetime64[D]")
    for column in ("period_end", "date"):
        if column in header.places:
            coded = Coded.of(found.columns[header.places[column]])
            days = [cells.period_or_none(word) for word in coded.words]
            read = coded.each(np.array([_LONG_AGO if day is None else day.end for day in days], "datetime64[D]"))
            ends = np.maximum(ends, read)
    return ends


def _taken_over(new: _New, name: str, layout: Dialect, header: Header, file: str) -> Problem:
    asked = _some(layout.where[name])
    message = (
        f"where: asks for {name} {asked}, whose newest row is of {new.last_asked}; since then rows have come that it "
        f"leaves out, with {_some(new.words)}, which the file had not had before; was it renamed? write the new name "
        "under where: too, or under where_not: if it is another thing"
    )
    return Problem(file, 0, header.names.index(name) + 1, name, message, new.first)


def _nothing_chosen(
    asked: Mapping[str, Coded], is_open: np.ndarray, layout: Dialect, header: Header, file: str
) -> Iterator[Problem]:
    """No row is left of a file that has rows."""
    for name, words in asked.items():
        has = [words.words[code] for code in np.unique(words.codes[is_open]).tolist()]
        if not set(has) & set(layout.where[name]) or len(asked) == 1:
            said = f"where: asks for {name} {_some(layout.where[name])}, and the rows of the file have"
            message = f"{said} {_some(sorted(has))}; correct it if these are meant, else name them under where_not:"
            yield Problem(file, 0, header.names.index(name) + 1, name, message)
            return
    message = "no row has all that where: asks for; correct it, or name under where_not: what is left out on purpose"
    yield Problem(file, 0, 0, "", message)


def _some(words: Sequence[str]) -> str:
    shown = ", ".join(_quoted(word) for word in words[:_MOST_NAMED])
    return f"{shown} and {len(words) - _MOST_NAMED} more" if len(words) > _MOST_NAMED else shown


def _quoted(word: str) -> str:
    """As YAML reads it; what nobody can see is written by its code."""
    return json.dumps(word[:60], ensure_ascii=not word.isprintable() or any(ord(mark) > 127 for mark in word))
