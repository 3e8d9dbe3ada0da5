"""Tables with a column for each period: which columns these are, and a row for each of their cells."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from dashboard.domain.dates import Period, date_form, parse_period
from dashboard.ingest.parse.dictionary_column import DictionaryColumn
from dashboard.late_imports import pc

_PLAIN = {
    "fiscal_years": re.compile(r"((FY ?)?\d{4}|FY ?\d{2})([/-](\d{4}|\d{2}))?", re.ASCII),
    "years": re.compile(r"\d{4}", re.ASCII),
    "halves": re.compile(r"\d{4}-?[SH]\d", re.ASCII),
    "quarters": re.compile(r"\d{4}-?Q\d", re.ASCII),
    "months": re.compile(r"\d{4}(-|-?M)\d{2}", re.ASCII),
    "weeks": re.compile(r"\d{4}-?W\d{2}", re.ASCII),
    "days": re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII),
}


_ANY_YEAR = 2000


class LongRows(NamedTuple):
    """A row for each cell of the wide columns. row: the row of the table; position: the column of the cell."""

    row: np.ndarray
    position: np.ndarray
    period: pa.Array
    value: pa.Array


def lacks_year(form: str) -> bool:
    """Whether the names of columns state a part of a year only, so that a column holds the years."""
    return "%" in form and not re.search("%[YyG]", form)


def wide_period(name: str, form: str) -> str:
    """The period that the name of a column states, in the plain form; "" where it states none.

    Where it lacks the year, the name itself.
    """
    name = name.strip()
    if lacks_year(form):
        return name if wide_period(f"{name} {_ANY_YEAR}", f"{form} %Y") else ""
    if plain := _PLAIN.get(form):
        return name if plain.fullmatch(name) and (form == "fiscal_years" or _is_period(name)) else ""
    try:
        period = date_form(form).read(name)
    except ValueError:
        return ""
    if not isinstance(period, Period) or (date_form(form).resolution == "year" and period.end.year > period.start.year):
        return ""  # a year that stands twice, as in 2014 [YR2014], is the same twice
    return str(period)


def in_years(parts: pa.Array, years: pa.Array, form: str) -> pa.Array:
    """The periods that parts of years state in the years beside them; both as they stand where they state none."""
    words = DictionaryColumn.encode(pc.binary_join_element_wise(parts, pc.utf8_trim_whitespace(years), " "))
    periods = [wide_period(word, f"{form} %Y") or word for word in words.words]
    return DictionaryColumn(words.codes, pa.array(periods, pa.string())).strings


def _is_period(name: str) -> bool:
    try:
        parse_period(name)
    except ValueError:
        return False
    return True


def long_rows(columns: Mapping[int, pa.Array], periods: Mapping[int, str], *, keeps_blanks: bool) -> LongRows:
    """The cells of the wide columns, row by row. `periods` are their names by position; blank cells may be left out."""
    positions = np.array(list(periods), np.int64)
    count = len(next(iter(columns.values())))
    cells = pa.concat_arrays([columns[position] for position in periods])  # column by column
    order = np.arange(count * len(positions)).reshape(len(positions), count).T.ravel()
    values = cells.take(pa.array(order))
    row, place = np.divmod(np.arange(len(order)), len(positions)) if len(positions) else (order, order)
    if not keeps_blanks:
        is_kept = np.array([bool(cell.strip()) for cell in values.to_pylist()], bool)
        row, place, values = row[is_kept], place[is_kept], values.filter(pa.array(is_kept))
    words = pa.array(list(periods.values()), pa.string())
    return LongRows(row, positions[place], words.take(pa.array(place)), values)
