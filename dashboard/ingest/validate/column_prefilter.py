"""Applies the rules of `row_rules` to all rows at once, to find the rows that may break one.

`row_rules` validates each suspect again and words the problem, so that no rule needs two messages. Valid rows cost only
a few passes over the columns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from dashboard.domain import STATUSES, TEXTS, WEB_ADDRESS
from dashboard.domain.dates import end_of_day
from dashboard.domain.text import normalized_spaces
from dashboard.ingest.dates.periods import parse_periods, parse_stated
from dashboard.ingest.parse.dictionary_column import DictionaryColumn
from dashboard.ingest.validate.cell_formats import CellFormats
from dashboard.ingest.validate.numbers import parse_numbers
from dashboard.ingest.validate.row_rules import CONTROL, ValidRow
from dashboard.late_imports import pc

MANY_ROWS = 100_000  # from this number of rows on threads gain more than they cost
FIGURES = ("low", "value", "high")
_NEVER = np.datetime64("NaT", "s")
_PLAIN_WORD = r"^[ -~]*$"  # printable ASCII: cannot hold a control character
_TIDY_WORD = r"^([!-~]+( [!-~]+)*)?$"  # the same with single blanks between words
NORMALIZED = tuple(name for name in TEXTS if name != "citation")  # words that are keys, and texts with line breaks
_PLAIN_ADDRESS = r"^(?i:https?)://[!#-&(-;=?-_a-z{|}~]+$"  # printable ASCII that an address may hold


class _StatedPeriods(NamedTuple):
    """The days, months, years or times that a column states, one entry a word: NaT where a word states none.

    begins, ends: the first and the last second; known_at: the end, but at most the end of today; is_bad: whether the
    word is unreadable or in the future.
    """

    column: DictionaryColumn
    begins: np.ndarray
    ends: np.ndarray
    known_at: np.ndarray
    is_bad: np.ndarray


@dataclass(frozen=True, eq=False)
class CheckedRows:
    """The rows of a delivery as arrays with one entry a row; `is_bad` marks those that cannot be used.

    start, end: midnights of days; status: positions in `STATUSES`; published_at, received_at, known_at: seconds, NaT
    where nothing is stated; stated: the periods of publication and receipt; texts: the columns of words that the
    file has, by our names; normalized: the names of those whose blanks, Unicode forms or line breaks were changed to
    one form.
    """

    start: np.ndarray
    end: np.ndarray
    figures: Mapping[str, np.ndarray]
    status: np.ndarray
    published_at: np.ndarray
    received_at: np.ndarray
    known_at: np.ndarray
    stated: Sequence[_StatedPeriods]
    texts: Mapping[str, DictionaryColumn]
    normalized: frozenset[str]
    is_bad: np.ndarray

    @property
    def stated_at(self) -> np.ndarray:
        """The publication that each row states, else the instant when it was known. Vintages follow this order."""
        return np.where(np.isnat(self.published_at), self.known_at, self.published_at)

    def usable_from(self, rows: np.ndarray) -> np.ndarray:
        """The first day on which each of these rows could be used, by its days alone."""
        first: np.ndarray = self.start[rows]
        for stated in self.stated:
            day = stated.begins.astype("datetime64[D]").astype("datetime64[s]")
            first = np.fmax(first, day[stated.column.codes[rows]])
        return first

    def accept(self, row: int, values: ValidRow) -> None:
        """Clears a suspect that turned out to be valid."""
        self.start[row], self.end[row] = values.period.start, values.period.end
        for column in FIGURES:
            self.figures[column][row] = getattr(values, column)
        self.status[row] = STATUSES.index(values.status)
        self.published_at[row] = _NEVER if values.published_at is None else values.published_at
        self.received_at[row] = _NEVER if values.received_at is None else values.received_at
        self.known_at[row] = values.known_at
        self.is_bad[row] = False


def suspect(columns: Mapping[str, pa.Array], count: int, formats: CellFormats, today: date) -> CheckedRows:
    """All rows, with `is_bad` for every row that may break a rule. `columns` are the file's strings by our names.

    It may suspect a valid row, but never passes a bad one.
    """
    texts, figures, is_bad = _parse_columns(columns, count, formats)
    start, end, has_no_period = _periods(texts, count, formats)
    stated = [_stated_periods(texts.get(name), count, formats, today) for name in ("published_at", "received_at")]
    published_at, received_at = (periods.column.per_row(periods.ends) for periods in stated)
    known_at = np.minimum(*(periods.column.per_row(periods.known_at) for periods in stated))
    is_bad |= has_no_period | (known_at < start)
    for periods in stated:
        if periods.is_bad.any():
            is_bad |= periods.column.per_row(periods.is_bad)
    if not np.isnat(stated[1].ends).all():
        is_bad |= stated[0].column.per_row(stated[0].begins) > received_at
    if formats.dialect.counts:
        for name in FIGURES:
            is_bad |= figures[name] < 0
    status, contradicts_status = _statuses(texts, figures, count)
    is_bad |= contradicts_status | _out_of_order(figures) | _bad_texts(texts, count)
    normalized = {name: new for name in NORMALIZED if name in texts and (new := _normalized(name, texts[name]))}
    return CheckedRows(
        start, end, figures, status, published_at, received_at, known_at, stated, {**texts, **normalized},
        frozenset(normalized), is_bad,
    )  # fmt: skip


def _parse_columns(
    columns: Mapping[str, pa.Array], count: int, formats: CellFormats
) -> tuple[dict[str, DictionaryColumn], dict[str, np.ndarray], np.ndarray]:
    """The columns of words, the columns of numbers, and whether a row has a bad number. Long columns use threads."""

    def parse(name: str) -> DictionaryColumn | tuple[np.ndarray, np.ndarray]:
        return parse_numbers(columns[name], formats) if name in FIGURES else DictionaryColumn.encode(columns[name])

    if count < MANY_ROWS:
        parsed = dict(zip(columns, map(parse, columns), strict=True))
    else:
        with ThreadPoolExecutor() as pool:
            parsed = dict(zip(columns, pool.map(parse, columns), strict=True))
    texts = {name: column for name, column in parsed.items() if isinstance(column, DictionaryColumn)}
    numbers = {name: column for name, column in parsed.items() if not isinstance(column, DictionaryColumn)}
    figures = {name: numbers[name][0] if name in columns else np.full(count, np.nan) for name in FIGURES}
    is_bad = np.zeros(count, bool)
    for _, has_bad_number in numbers.values():
        is_bad |= has_bad_number
    return texts, figures, is_bad


def _periods(
    texts: Mapping[str, DictionaryColumn], count: int, formats: CellFormats
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The start and the end of each row's period, and whether it has none that is valid."""
    if "date" in texts:
        dates = texts["date"]
        first, last = parse_periods(dates.dictionary, formats)
        start, end = dates.per_row(first), dates.per_row(last)
        is_bad = dates.per_row(np.isnat(first))
    else:
        start, end, is_bad = np.full(count, _NEVER), np.full(count, _NEVER), np.ones(count, bool)
    if "period_start" in texts or "period_end" in texts:
        bounds = [texts.get(name, DictionaryColumn.blank(count)) for name in ("period_start", "period_end")]
        first = bounds[0].per_row(parse_periods(bounds[0].dictionary, formats)[0])
        last = bounds[1].per_row(parse_periods(bounds[1].dictionary, formats)[1])
        has_date = texts["date"].rows_where(bool) if "date" in texts else np.zeros(count, bool)
        has_bounds = bounds[0].rows_where(bool) | bounds[1].rows_where(bool)
        is_bad = np.where(has_bounds, has_date | ~(first <= last), is_bad)
        start, end = np.where(has_bounds, first, start), np.where(has_bounds, last, end)
    return start, end, is_bad


def _stated_periods(column: DictionaryColumn | None, count: int, formats: CellFormats, today: date) -> _StatedPeriods:
    column = column or DictionaryColumn.blank(count)
    begins, ends = parse_stated(column.dictionary, formats)
    last = end_of_day(today)
    is_bad = np.array(list(map(bool, column.words)), bool) & ~(begins <= last)
    return _StatedPeriods(column, begins, ends, np.fmin(ends, last), is_bad)


def _statuses(
    texts: Mapping[str, DictionaryColumn], figures: Mapping[str, np.ndarray], count: int
) -> tuple[np.ndarray, np.ndarray]:
    """The status of each row, and whether it contradicts the row's figures or note."""
    has_figure = ~(np.isnan(figures["low"]) & np.isnan(figures["value"]) & np.isnan(figures["high"]))
    if "status" not in texts:
        return np.zeros(count, np.int8), ~has_figure
    codes = {word: code for code, word in enumerate(STATUSES)} | {"": 0}
    status = texts["status"].per_row(np.array([codes.get(word, -1) for word in texts["status"].words], np.int8))
    missing, withdrawn = (status == codes[word] for word in ("missing", "withdrawn"))
    unexplained = ~texts["note"].rows_where(bool) if "note" in texts else np.ones(count, bool)
    is_bad = (status < 0) | (missing & (has_figure | unexplained)) | ~(has_figure | missing | withdrawn)
    return np.maximum(status, 0), is_bad


def _out_of_order(figures: Mapping[str, np.ndarray]) -> np.ndarray:
    """Rows in which low, value and high do not rise. A blank is in order with any number."""
    low, value, high = (figures[name] for name in FIGURES)
    is_bad = np.zeros(len(low), bool)
    for less, more in ((low, value), (value, high), (low, high)):
        is_bad |= less > more
    return is_bad


def _bad_texts(texts: Mapping[str, DictionaryColumn], count: int) -> np.ndarray:
    is_bad = np.zeros(count, bool)
    for name in TEXTS:
        if name in texts:
            is_bad |= _mismatches(texts[name], _PLAIN_WORD, lambda word: not CONTROL.search(word))
    if "citation" in texts:
        is_bad |= _mismatches(texts["citation"], _PLAIN_ADDRESS, _is_citation)
    return is_bad


def _is_citation(word: str) -> bool:
    return not word or bool(WEB_ADDRESS.fullmatch(word))


def _normalized(name: str, column: DictionaryColumn) -> DictionaryColumn | None:
    """The column in its one form; None where it has this form already."""
    if name == "note":
        if not pc.any(pc.match_substring(column.dictionary, "\r\n")).as_py():
            return None
        return column.with_dictionary(pc.replace_substring(column.dictionary, "\r\n", "\n"))
    if pc.all(pc.match_substring_regex(column.dictionary, _TIDY_WORD)).as_py() is not False:
        return None
    return column.with_dictionary(pa.array([normalized_spaces(word) for word in column.words], pa.string()))


def _mismatches(column: DictionaryColumn, plain_pattern: str, is_valid: Callable[[str], bool]) -> np.ndarray:
    """Rows whose word is not valid. Words that match the plain pattern are valid, and need no closer look."""
    is_bad = ~pc.match_substring_regex(column.dictionary, plain_pattern).to_numpy(zero_copy_only=False)
    for position in np.flatnonzero(is_bad).tolist():
        is_bad[position] = not is_valid(column.dictionary[position].as_py())
    return column.per_row(is_bad) if is_bad.any() else np.zeros(len(column.codes), bool)
