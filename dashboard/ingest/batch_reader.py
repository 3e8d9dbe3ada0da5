"""Reads many small deliveries of any sources together, as if they were one file.

Reading a file has a fixed cost, which dominates for a few hundred rows. So the lines of files with the same dialect and
header are joined, and split again by their numbers. A file with any unusual feature is read by itself. Problems keep
their own file and line in both cases.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import accumulate, pairwise
from typing import NamedTuple

import numpy as np

from dashboard.domain import Problem
from dashboard.ingest.parse.arrow_tokenizer import tokenize_with_arrow
from dashboard.ingest.parse.decode import UntrustedError, decode
from dashboard.ingest.parse.dialect import Dialect
from dashboard.ingest.parse.header import Header, match_header
from dashboard.ingest.parse.tokenize import csv_body, first_row
from dashboard.ingest.parse.tokenized_csv import LF, TokenizedCsv
from dashboard.ingest.reader import read
from dashboard.ingest.reading import Reading
from dashboard.ingest.selected_rows import ragged_row_problem, select_rows, validate_rows
from dashboard.ingest.validate.cell_formats import CellFormats
from dashboard.ingest.validate.near_misses import NO_NEAR_MISSES, NearMisses, find_near_misses
from dashboard.ingest.validate.truncation import may_be_truncated
from dashboard.large_bytes import Bytes

_SMALL = 1 << 20  # bytes; larger files gain nothing from a batch
_BATCH_BYTES = 32 << 20  # so that a folder of any size fits into memory
_THREADS = min(os.cpu_count() or 1, 4)  # Arrow and NumPy release Python's lock while they work


@dataclass(frozen=True)
class Delivery:
    """The bytes of one delivery, its name in messages, and the dialect in which it is read."""

    file: str
    data: Bytes
    dialect: Dialect


class _Layout(NamedTuple):
    """What the files of a batch have in common. `is_quoted`: whether quotation marks stand below the header."""

    dialect: Dialect
    header: bytes
    is_quoted: bool


class _PlainFile(NamedTuple):
    """A file that may be read in a batch: no row reaches beyond it, and the last one is whole."""

    position: int
    file: str
    layout: _Layout
    body: memoryview
    end: bytes  # a line break where the last line has none


def read_all(deliveries: Sequence[Delivery], today: date) -> list[Reading]:
    """The reading of each delivery in order, the same as `read` returns; the deliveries may be of many sources."""
    readings: dict[int, Reading] = {}
    with ThreadPoolExecutor(_THREADS) as pool:  # it begins with the first batches while others are put together
        for batch_readings in pool.map(partial(_read_batch, today=today), _batches(deliveries)):
            readings.update(batch_readings)
    return [
        readings[position] if position in readings else read(delivery.data, delivery.file, delivery.dialect, today)
        for position, delivery in enumerate(deliveries)
    ]


def _plain_file(position: int, delivery: Delivery) -> _PlainFile | None:
    """None for a file that must be read by itself."""
    file, dialect = delivery.file, delivery.dialect
    if not isinstance(delivery.data, bytes) or len(delivery.data) > _SMALL or not dialect.layout.is_plain_text:
        return None
    try:
        text = decode(delivery.data, file, dialect)
    except UntrustedError:
        return None
    begin = text.find(b"\n") + 1
    header = text[: begin - 1].removesuffix(b"\r")
    if not header or begin in (0, len(text)):
        return None
    if b"\r" in text and text.count(b"\r") != text.count(b"\r\n"):
        return None
    quotes, is_open = text.count(b'"') if b'"' in text else 0, not text.endswith(b"\n")
    if quotes and (is_open or quotes % 2 or header.count(b'"') % 2):
        return None
    if is_open and not _is_complete(text[text.rfind(b"\n") + 1 :], header, dialect):
        return None
    end = b"\n" if is_open else b""
    return _PlainFile(position, file, _Layout(dialect, header, bool(quotes)), memoryview(text)[begin:], end)


def _is_complete(last_line: bytes, header: bytes, dialect: Dialect) -> bool:
    """Whether a last line without a line break is as long as the header, and its last cell cannot be truncated."""
    mark = dialect.separator.encode()
    name = header.rpartition(mark)[2].decode()
    return last_line.count(mark) == header.count(mark) and not may_be_truncated(name, dialect)


def _batches(deliveries: Sequence[Delivery]) -> Iterator[Sequence[_PlainFile]]:
    """Plain files with the same layout, so many that they have about `_BATCH_BYTES`."""
    groups: dict[_Layout, list[_PlainFile]] = {}
    sizes: Counter[_Layout] = Counter()
    for position, delivery in enumerate(deliveries):
        if plain_file := _plain_file(position, delivery):
            layout = plain_file.layout
            groups.setdefault(layout, []).append(plain_file)
            sizes[layout] += len(plain_file.body)
            if sizes[layout] > _BATCH_BYTES:
                sizes[layout] = 0
                yield groups.pop(layout)
    yield from groups.values()


def _read_batch(batch: Sequence[_PlainFile], today: date) -> dict[int, Reading]:
    """The readings of a batch by position; none under a header that is not valid.

    A batch that cannot be read as one file is halved until the file at fault stands alone, which has no reading here.
    """
    first = batch[0]
    separator = first.layout.dialect.separator
    parts: list[bytes | memoryview] = [first.layout.header, b"\n"]
    for plain_file in batch:
        parts += (plain_file.body, plain_file.end)
    text = b"".join(parts)
    try:
        names, begin = first_row(text, first.file, separator)
        header = match_header(names, first.file, first.layout.dialect)
    except UntrustedError:
        return {}
    body = csv_body(text, begin, len(names), separator)
    table = tokenize_with_arrow(body) if body.is_regular else None
    if table is not None and not table.unlisted_ragged_lines.size:
        return _readings(batch, table, header, _line_counts(batch, body.bytes), today)
    if len(batch) == 1:
        return {}
    middle = len(batch) // 2
    return _read_batch(batch[:middle], today) | _read_batch(batch[middle:], today)


def _line_counts(batch: Sequence[_PlainFile], body: np.ndarray) -> list[int]:
    """The number of lines of each file, below its header."""
    ends = [*accumulate(len(plain_file.body) + len(plain_file.end) for plain_file in batch)]
    return [int(np.count_nonzero(body[begin:end] == LF)) for begin, end in pairwise([0, *ends])]


def _readings(
    batch: Sequence[_PlainFile], table: TokenizedCsv, header: Header, line_counts: Sequence[int], today: date
) -> dict[int, Reading]:
    formats = CellFormats(batch[0].layout.dialect)
    files = tuple(plain_file.file for plain_file in batch)
    lines_before = np.array([0, *accumulate(line_counts)], np.int64)  # lines of the files before each file
    owner = _owners(table, line_counts, lines_before)
    own_lines = replace(table, lines=table.lines - lines_before[owner])
    selected = select_rows(own_lines, header, formats.dialect, files, owner)
    misses = _near_misses(own_lines, header, formats, files, owner, selected.owner, today)
    rows, row_problems, owner = validate_rows(selected, formats, today)
    problems: dict[int, list[Problem]] = {}
    for number, problem in row_problems:
        problems.setdefault(number, []).append(problem)
    for line, row in table.ragged_rows:
        number = int(np.searchsorted(lines_before, line - 2, side="right")) - 1
        own_line = line - int(lines_before[number])
        problem = ragged_row_problem(own_line, row, header, files[number], formats, today)
        problems.setdefault(number, []).append(problem)
    ends = np.searchsorted(owner, np.arange(len(batch) + 1)).tolist()
    return {
        batch[number].position: Reading.of_rows(
            rows, problems.get(number, ()), misses.get(number, NO_NEAR_MISSES), files[number], span
        )
        for number, span in enumerate(pairwise(ends))
    }


def _near_misses(
    table: TokenizedCsv,
    header: Header,
    formats: CellFormats,
    files: Sequence[str],
    owner: np.ndarray,
    selected_owner: np.ndarray,
    today: date,
) -> dict[int, NearMisses]:
    """The near misses of each file of which `where:` leaves rows out. Those of one file say nothing about another."""
    if not formats.dialect.where:
        return {}
    begins = np.searchsorted(owner, np.arange(len(files) + 1))
    selected_counts = np.bincount(selected_owner, minlength=len(files))
    misses = {}
    for number in np.flatnonzero(selected_counts < np.diff(begins)).tolist():
        rows = slice(begins[number], begins[number + 1])
        own_table = TokenizedCsv([column[rows] for column in table.columns], table.lines[rows], ())
        misses[number] = find_near_misses(own_table, header, formats, files[number], today)
    return misses


def _owners(table: TokenizedCsv, line_counts: Sequence[int], lines_before: np.ndarray) -> np.ndarray:
    """The position in the batch of each row's file."""
    if len(table.lines) == lines_before[-1]:
        return np.repeat(np.arange(len(line_counts), dtype=np.int32), line_counts)
    return np.searchsorted(lines_before, table.lines - 2, side="right").astype(np.int32) - 1
