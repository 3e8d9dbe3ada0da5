"""Arranges the selected cells of a table as rows of our columns, as its layout declares."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pyarrow as pa

from dashboard.ingest.layout.declaration import Layout
from dashboard.ingest.layout.made_columns import BETWEEN
from dashboard.ingest.parse.dictionary_column import DictionaryColumn
from dashboard.late_imports import pc

FIGURES = ("value", "low", "high")
_LONGEST_KEY = 120  # characters of the cells that tell a row from others

Columns = Mapping[str, pa.Array]


def as_plain_rows(columns: Columns, cells: Sequence[pa.Array], count: int, layout: Layout) -> dict[str, pa.Array]:
    """Our columns in the words of a plain file. `cells` are all columns of the file, of the same rows."""
    plain = dict(columns)
    if layout.flags:
        plain = _with_statuses(plain, count, layout)
    if layout.missing:
        plain = _with_missing(plain, count, layout)
    if layout.counts_rows:
        plain["value"] = pa.repeat("1", count).cast(pa.string())
        if "subject" not in plain:
            plain["subject"] = _row_keys(cells, count)
    return plain


def _with_statuses(columns: dict[str, pa.Array], count: int, layout: Layout) -> dict[str, pa.Array]:
    """The flags behind figures, or in the column of the status, as statuses. An unknown flag stays where it stands."""
    statuses = dict(layout.flags)
    if "status" in columns:
        columns["status"] = _mapped(columns["status"], lambda word: statuses.get(word.strip(), word))
    for name in FIGURES:
        if name not in columns:
            continue
        words = DictionaryColumn.encode(columns[name])
        parts = [_without_flag(word, statuses) for word in words.words]
        figures = DictionaryColumn(words.codes, pa.array([figure for figure, _ in parts], pa.string())).strings
        status = DictionaryColumn(words.codes, pa.array([status for _, status in parts], pa.string())).strings
        columns[name] = figures
        columns["status"] = _milder(status, columns["status"]) if "status" in columns else status
    if "status" in columns and (missing := [flag for flag, status in layout.flags if status == "missing"]):
        note = f"flagged {' or '.join(missing)} by its publisher"
        columns["note"] = _noted(columns, count, pc.equal(columns["status"], "missing"), lambda _: note)
    return columns


def _without_flag(word: str, statuses: Mapping[str, str]) -> tuple[str, str]:
    """The figure of a cell and the status of its flag; "" where it has none that is known.

    Publishers who write flags leave their place blank where there is none.
    """
    for flag in sorted(statuses, key=len, reverse=True):
        if word.rstrip().endswith(flag):
            return word.rstrip().removesuffix(flag).strip(), statuses[flag]
        if word.lstrip().startswith(flag):
            return word.lstrip().removeprefix(flag).strip(), statuses[flag]
    return word.strip(), ""


def _with_missing(columns: dict[str, pa.Array], count: int, layout: Layout) -> dict[str, pa.Array]:
    """Marks for "no figure" as blank figures of status missing, with the mark as the reason."""
    present = [name for name in FIGURES if name in columns]
    is_missing = np.ones(count, bool)
    reasons = [DictionaryColumn.blank(count).strings]
    for name in present:
        words = DictionaryColumn.encode(columns[name])
        is_mark = np.array([_is_mark(word.strip(), layout.missing) for word in words.words], bool)
        is_missing &= words.per_row(is_mark | np.array([not word for word in words.words], bool))
        marks = [word.strip() if mark else "" for word, mark in zip(words.words, is_mark, strict=True)]
        reasons.append(DictionaryColumn(words.codes, pa.array(marks, pa.string())).strings)
        blank = ["" if mark else word for word, mark in zip(words.words, is_mark, strict=True)]
        columns[name] = DictionaryColumn(words.codes, pa.array(blank, pa.string())).strings
    mark = _first_words(reasons)
    is_missing &= np.asarray(pc.not_equal(mark, "").to_numpy(zero_copy_only=False)) | ("" in layout.missing)
    missing = pa.array(is_missing)
    status = columns.get("status", DictionaryColumn.blank(count).strings)
    columns["status"] = pc.if_else(pc.and_(missing, pc.not_equal(status, "withdrawn")), "missing", status)
    columns["note"] = _noted({**columns, "mark": mark}, count, missing, _reason)
    return columns


def _is_mark(word: str, marks: Sequence[str]) -> bool:
    """Whether a cell is one of the marks; -9999.0 is the mark -9999."""
    return word in marks or any(_same_number(word, mark) for mark in marks)


def _same_number(word: str, mark: str) -> bool:
    try:
        return float(word) == float(mark)
    except ValueError:
        return False


def _reason(mark: str) -> str:
    return f'no figure: "{mark}" stands in its place' if mark else "no figure: the cell is blank"


def _noted(columns: Columns, count: int, is_meant: pa.Array, reason: Callable[[str], str]) -> pa.Array:
    """The notes, with the reason where a row is meant and has no note."""
    notes = columns.get("note", DictionaryColumn.blank(count).strings)
    marks = _mapped(columns.get("mark", DictionaryColumn.blank(count).strings), reason)
    return pc.if_else(pc.and_(is_meant, pc.equal(notes, "")), marks, notes)


def _row_keys(cells: Sequence[pa.Array], count: int) -> pa.Array:
    """The cells of each row in one text, which tells it from all rows that differ from it."""
    texts = zip(*(column.to_pylist() for column in cells), strict=True) if cells else [()] * count
    return pa.array([_key([cell for cell in row if cell]) for row in texts], pa.string())


def _key(cells: Sequence[str]) -> str:
    text = BETWEEN.join(cells)
    if len(text) <= _LONGEST_KEY:
        return text
    return f"{text[:_LONGEST_KEY]}... {hashlib.sha256(text.encode()).hexdigest()[:8]}"


def _mapped(column: pa.Array, change: Callable[[str], str]) -> pa.Array:
    words = DictionaryColumn.encode(column)
    return DictionaryColumn(words.codes, pa.array([change(word) for word in words.words], pa.string())).strings


def _milder(status: pa.Array, other: pa.Array) -> pa.Array:
    """The status of each row; a provisional figure stays provisional whatever stands beside it."""
    is_provisional = pc.or_(pc.equal(status, "provisional"), pc.equal(other, "provisional"))
    return pc.if_else(is_provisional, "provisional", _first_words([status, other]))


def _first_words(columns: Sequence[pa.Array]) -> pa.Array:
    """The first word of each row that is not blank."""
    result = columns[0]
    for column in columns[1:]:
        result = pc.if_else(pc.equal(result, ""), column, result)
    return result
