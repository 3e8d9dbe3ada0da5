"""Parses whole columns of numbers. A cell that is not plainly a number in the declared format is marked as bad."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa

from dashboard.ingest.parse.tokenized_csv import cell_ends
from dashboard.ingest.validate.cell_formats import MAX_NUMBER, CellFormats
from dashboard.late_imports import pc

_SAMPLE, _FEW_WORDS = 4_096, 3  # cells of a sample; words at most a third of it
_MINUS, _SLASH, _ZERO, _NINE = b"-/09"  # of the bytes from minus to nine, all but the slash occur in numbers


def parse_numbers(column: pa.Array, formats: CellFormats) -> tuple[np.ndarray, np.ndarray]:
    """Each cell as a float, NaN where it is blank or bad; and for each cell whether it is bad."""
    if not _repeats_words(column):
        return _parse_cells(column, formats)
    words = column.dictionary_encode()
    numbers, is_bad = _parse_cells(words.dictionary, formats)
    codes = words.indices.to_numpy()
    return numbers[codes], is_bad[codes] if is_bad.any() else np.zeros(len(codes), bool)


def _repeats_words(column: pa.Array) -> bool:
    """Whether a long column has few distinct words, so that each of them is parsed once."""
    sample = column[:_SAMPLE]
    return len(column) > _SAMPLE and len(sample.unique()) * _FEW_WORDS < len(sample)


def _parse_cells(column: pa.Array, formats: CellFormats) -> tuple[np.ndarray, np.ndarray]:
    is_quick = formats.is_plain and _has_only_number_characters(column)
    is_bad = _bad_edges(column) if is_quick else _mismatches(column, formats)
    try:
        return _parse(column, is_bad, formats)
    except pa.ArrowInvalid:  # repeated marks: 1.2.3, 1-2
        return _parse(column, is_bad | _mismatches(column, formats), formats)


def may_mean_thousands(column: pa.Array, formats: CellFormats) -> np.ndarray:
    """Cells with three digits after their only mark, whether that is declared as the decimal or the thousands mark."""
    mark = re.escape(formats.dialect.decimal)
    if formats.dialect.thousands in (",", "."):
        mark = f"[{mark}{re.escape(formats.dialect.thousands)}]"
    matches = pc.match_substring_regex(column, f"^-?[1-9][0-9]{{0,2}}{mark}[0-9]{{3}}$")
    return np.asarray(matches.to_numpy(zero_copy_only=False))


def has_decimal_mark(column: pa.Array, formats: CellFormats) -> np.ndarray:
    return np.asarray(pc.match_substring(column, formats.dialect.decimal).to_numpy(zero_copy_only=False))


def has_proof(column: pa.Array, formats: CellFormats) -> np.ndarray:
    """Cells that show which mark is the decimal mark: by short decimals, or by the declared thousands mark."""
    is_short = _has_short_decimals(column, formats)
    if not formats.dialect.thousands:
        return is_short
    is_grouped = pc.match_substring_regex(column, f"[{re.escape(formats.marks)}]")
    return np.asarray(is_short | is_grouped.to_numpy(zero_copy_only=False))


def _has_short_decimals(column: pa.Array, formats: CellFormats) -> np.ndarray:
    """Cells with one or two characters after the decimal mark, which cannot be a thousands mark then."""
    ends = cell_ends(column)
    if not len(column) or not column.buffers()[2]:
        return np.zeros(len(column), bool)
    text, stops = np.frombuffer(column.buffers()[2], np.uint8), ends[1:]
    mark = ord(formats.dialect.decimal)
    is_short = (text[np.maximum(stops - 2, 0)] == mark) | (text[np.maximum(stops - 3, 0)] == mark)
    return np.asarray(is_short & (stops - ends[:-1] > 2))


def _parse(column: pa.Array, is_bad: np.ndarray, formats: CellFormats) -> tuple[np.ndarray, np.ndarray]:
    ends = cell_ends(column)
    is_blank = ends[1:] == ends[:-1]
    is_bad = is_bad & ~is_blank
    if (is_skipped := is_bad | is_blank).any():
        column = _with_nulls(column, is_skipped)
    for mark in formats.marks:
        if mark.isascii() or not _is_ascii(column):
            column = pc.replace_substring(column, mark, "")
    if formats.dialect.decimal != ".":
        column = pc.replace_substring(column, formats.dialect.decimal, ".")
    numbers = pc.cast(column, pa.float64()).to_numpy(zero_copy_only=False)
    numbers = numbers + 0.0  # no negative zero
    is_too_large = (numbers > MAX_NUMBER) | (numbers < -MAX_NUMBER)
    if is_too_large.any():
        numbers[is_too_large] = np.nan
    return numbers, is_bad | is_too_large


def _is_ascii(column: pa.Array) -> bool:
    return column.buffers()[2] is None or not (np.frombuffer(column.buffers()[2], np.uint8) & 0x80).any()


def _with_nulls(column: pa.Array, is_null: np.ndarray) -> pa.Array:
    """The same text, with nulls in some cells."""
    validity = pa.py_buffer(np.packbits(~is_null, bitorder="little"))
    whole = column if not column.offset else pa.concat_arrays([column])
    return pa.Array.from_buffers(pa.string(), len(whole), [validity, *whole.buffers()[1:]])


def _has_only_number_characters(column: pa.Array) -> bool:
    """Whether all cells consist of digits, minus signs and points."""
    if column.buffers()[2] is None:
        return True
    ends = cell_ends(column)
    text = np.frombuffer(column.buffers()[2], np.uint8)[ends[0] : ends[-1]]
    return not text.size or bool(text.min() >= _MINUS and text.max() <= _NINE and not (text == _SLASH).any())


def _bad_edges(column: pa.Array) -> np.ndarray:
    """Bad cells among those of digits, minus signs and points, as far as their first and last characters show.

    The result for a blank cell is arbitrary.
    """
    is_bad = np.zeros(len(column), bool)
    if not len(column) or not column.buffers()[2]:
        return is_bad
    ends = cell_ends(column)
    text = np.frombuffer(column.buffers()[2], np.uint8)
    first, last = text[np.minimum(ends[:-1], text.size - 1)], text[np.maximum(ends[1:] - 1, 0)]
    suspects = np.flatnonzero((first <= _ZERO) | (last < _ZERO))  # minus, point or zero first; minus or point last
    is_bad[suspects] = _mismatches(column.take(pa.array(suspects)), CellFormats.plain())
    return is_bad


def _mismatches(column: pa.Array, formats: CellFormats) -> np.ndarray:
    """Cells that are no number in the declared format."""
    is_match = pc.match_substring_regex(column, f"^(?:{formats.number_pattern})$")
    return np.asarray(~is_match.to_numpy(zero_copy_only=False))
