"""All rows of a delivery judged at once, by the rules that `row` has in words for one.

What is off here is judged there again, which says why; so no rule needs its words twice, and what is sound costs no
more than a few passes over its columns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dashboard.domain import WEB_ADDRESS
from dashboard.domain.dates import end_of_day
from dashboard.domain.text import tidied
from dashboard.ingest.parse.dictionary_column import Coded
from dashboard.ingest.validate.cell_formats import Cells
from dashboard.ingest.validate.numbers import numbers
from dashboard.ingest.validate.row_rules import CONTROL, STATUSES, TEXTS, Judged

MANY = 100_000  # rows from which on threads gain more than they cost
FIGURES = ("low", "value", "high")
_NEVER = np.datetime64("NaT", "s")
_PLAIN_WORD = r"^[ -~]*$"  # printable ASCII: holds nothing that could be a control character
_TIDY_WORD = r"^([!-~]+( [!-~]+)*)?$"  # the same with single blanks between words
REWRITTEN = ("subject", "unit", "document", "note")  # which words are keys, and where lines may end in two ways
_PLAIN_ADDRESS = r"^(?i:https?)://[!#-&(-;=?-_a-z{|}~]+$"  # printable ASCII without what no address holds


@dataclass(frozen=True, eq=False)
class Checked:
    """Rows as arrays, one entry a row; `off` says which of them something is wrong with.

    start, end: midnights of days; published_at, received_at, known_at: seconds, NaT where nothing was stated;
    earliest: the first day on which a row could be used, as its days alone say; texts: the columns of words that were
    given, by our names; rewritten: the names of those that are kept otherwise than they came, blanks and Unicode forms
    in the one way that tells no two of them apart.
    """

    start: np.ndarray
    end: np.ndarray
    figures: Mapping[str, np.ndarray]
    status: np.ndarray  # positions in STATUSES
    published_at: np.ndarray
    received_at: np.ndarray
    known_at: np.ndarray
    earliest: np.ndarray
    texts: Mapping[str, Coded]
    rewritten: frozenset[str]
    off: np.ndarray

    @property
    def stated(self) -> np.ndarray:
        """The publication that each row states, else when it is known: what puts the vintages of a figure in order."""
        return np.where(np.isnat(self.published_at), self.known_at, self.published_at)

    def correct(self, row: int, judged: Judged) -> None:
        """A row that was off at first sight is sound."""
        self.start[row], self.end[row] = judged.period.start, judged.period.end
        for column in FIGURES:
            self.figures[column][row] = getattr(judged, column)
        self.status[row] = STATUSES.index(judged.status)
        self.published_at[row] = _NEVER if judged.published_at is None else judged.published_at
        self.received_at[row] = _NEVER if judged.received_at is None else judged.received_at
        self.known_at[row] = judged.known_at
        self.off[row] = False


def check(columns: Mapping[str, pa.Array], count: int, cells: Cells, today: date) -> Checked:
    """`columns` are strings by our names, as many of them as the file has."""
    coded, figures, off = _each_column(columns, count, cells)
    start, end, wrong = _periods(coded, count, cells)
    off |= wrong
    published, received = (_stated(coded.get(name), count, cells, today) for name in ("published_at", "received_at"))
    published_at, received_at = published.ends, received.ends
    off |= published.is_off | received.is_off | (published.begins > received_at)
    known_at = np.fmin(np.fmin(published_at, received_at), end_of_day(today))
    off |= known_at < start
    earliest = np.fmax(start, np.fmax(published.begins, received.begins))
    if cells.layout.counts:
        off |= np.any([figures[name] < 0 for name in FIGURES if name in columns], axis=0)
    status, wrong = _statuses(coded, figures, count)
    off |= wrong | _out_of_order(figures) | _unfit_texts(coded, count)
    rewritten = {name: new for name in REWRITTEN if name in coded and (new := _rewritten(name, coded[name]))}
    coded |= rewritten
    return Checked(
        start, end, figures, status, published_at, received_at, known_at, earliest, coded, frozenset(rewritten), off
    )


def _each_column(
    columns: Mapping[str, pa.Array], count: int, cells: Cells
) -> tuple[dict[str, Coded], dict[str, np.ndarray], np.ndarray]:
    """The columns of words, those of numbers, and where a number is off; a long file's columns side by side."""

    def read(name: str) -> Coded | tuple[np.ndarray, np.ndarray]:
        return numbers(columns[name], cells) if name in FIGURES else Coded.of(columns[name])

    if count < MANY:
        done = dict(zip(columns, map(read, columns), strict=True))
    else:
        with ThreadPoolExecutor() as pool:
            done = dict(zip(columns, pool.map(read, columns), strict=True))
    coded = {name: made for name, made in done.items() if isinstance(made, Coded)}
    read_figures = {name: made for name, made in done.items() if not isinstance(made, Coded)}
    figures = {name: read_figures[name][0] if name in columns else np.full(count, np.nan) for name in FIGURES}
    off = np.zeros(count, bool)
    for _, wrong in read_figures.values():
        off |= wrong
    return coded, figures, off


def _periods(coded: Mapping[str, Coded], count: int, cells: Cells) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Start, end, and where there is none."""
    if "date" in coded:
        words = [cells.period_or_none(word) for word in coded["date"].words]
        start = coded["date"].each(np.array([word.start if word else _NEVER for word in words], "datetime64[s]"))
        end = coded["date"].each(np.array([word.end if word else _NEVER for word in words], "datetime64[s]"))
        off = coded["date"].each(np.array([word is None for word in words], bool))
    else:
        start, end, off = np.full(count, _NEVER), np.full(count, _NEVER), np.ones(count, bool)
    if "period_start" in coded or "period_end" in coded:
        spans = [coded.get(name, Coded.blank(count)) for name in ("period_start", "period_end")]
        begins, stops = (
            span.each(np.array([_day(word, cells) for word in span.words], "datetime64[s]")) for span in spans
        )
        has_day = coded["date"].where(bool) if "date" in coded else np.zeros(count, bool)
        has_span = spans[0].where(bool) | spans[1].where(bool)
        off = np.where(has_span, has_day | ~(begins <= stops), off)
        start, end = np.where(has_span, begins, start), np.where(has_span, stops, end)
    return start, end, off


class _Stated(NamedTuple):
    """Of each row the first and the last second of what is stated, and where that cannot be read or lies in the
    future."""

    begins: np.ndarray
    ends: np.ndarray
    is_off: np.ndarray


def _stated(column: Coded | None, count: int, cells: Cells, today: date) -> _Stated:
    if column is None:
        never = np.full(count, _NEVER)
        return _Stated(never, never, np.zeros(count, bool))
    stated = [cells.period_or_none(word) for word in column.words]
    is_off = [
        bool(word) and (read is None or read.start > today) for word, read in zip(column.words, stated, strict=True)
    ]
    begins = [_NEVER if read is None else np.datetime64(read.start, "s") for read in stated]
    ends = [_NEVER if read is None else end_of_day(read.end) for read in stated]
    return _Stated(
        column.each(np.array(begins, "datetime64[s]")),
        column.each(np.array(ends, "datetime64[s]")),
        column.each(np.array(is_off, bool)),
    )


def _statuses(
    coded: Mapping[str, Coded], figures: Mapping[str, np.ndarray], count: int
) -> tuple[np.ndarray, np.ndarray]:
    has_figure = ~(np.isnan(figures["low"]) & np.isnan(figures["value"]) & np.isnan(figures["high"]))
    if "status" not in coded:
        return np.zeros(count, np.int8), ~has_figure
    codes = {word: code for code, word in enumerate(STATUSES)} | {"": 0}
    status = coded["status"].each(np.array([codes.get(word, -1) for word in coded["status"].words], np.int8))
    missing, withdrawn = (status == codes[word] for word in ("missing", "withdrawn"))
    unexplained = ~coded["note"].where(bool) if "note" in coded else np.ones(count, bool)
    off = (status < 0) | (missing & (has_figure | unexplained)) | ~(has_figure | missing | withdrawn)
    return np.maximum(status, 0), off


def _out_of_order(figures: Mapping[str, np.ndarray]) -> np.ndarray:
    """Where low, value and high do not rise; a blank is in order with anything."""
    low, value, high = (figures[name] for name in FIGURES)
    off = np.zeros(len(low), bool)
    for less, more in ((low, value), (value, high), (low, high)):
        off |= less > more
    return off


def _unfit_texts(coded: Mapping[str, Coded], count: int) -> np.ndarray:
    off = np.zeros(count, bool)
    for name in TEXTS:
        if name in coded:
            off |= _unless(coded[name], _PLAIN_WORD, lambda word: not CONTROL.search(word))
    if "citation" in coded:
        off |= _unless(coded["citation"], _PLAIN_ADDRESS, lambda word: not word or bool(WEB_ADDRESS.fullmatch(word)))
    return off


def _rewritten(name: str, column: Coded) -> Coded | None:
    """A column as it is kept; None where that is as it came."""
    if name == "note":
        if not pc.any(pc.match_substring(column.column, "\r\n")).as_py():
            return None
        return _with_words(column, pc.replace_substring(column.column, "\r\n", "\n"))
    if pc.all(pc.match_substring_regex(column.column, _TIDY_WORD)).as_py() is not False:
        return None
    return _with_words(column, pa.array([tidied(word) for word in column.words], pa.string()))


def _with_words(column: Coded, words: pa.Array) -> Coded:
    """The same with other words, of which some may have become the same."""
    different = words.dictionary_encode()
    return Coded(different.indices.to_numpy()[column.codes], different.dictionary)


def _unless(column: Coded, plainly_fit: str, is_fit: Callable[[str], bool]) -> np.ndarray:
    """Where a word is not fit; only what is not plainly so is looked at one by one."""
    by_word = ~pc.match_substring_regex(column.column, plainly_fit).to_numpy(zero_copy_only=False)
    for position in np.flatnonzero(by_word).tolist():
        by_word[position] = not is_fit(column.column[position].as_py())
    return column.each(by_word) if by_word.any() else np.zeros(len(column.codes), bool)


def _day(word: str, cells: Cells) -> np.datetime64:
    try:
        return np.datetime64(cells.day(word), "s")
    except ValueError:
        return _NEVER
