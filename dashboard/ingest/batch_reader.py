"""Reads many small deliveries in one dialect together, as if they were one file.

Reading a file has a fixed cost, which dominates for a few hundred rows. So the lines of files with the same header are
joined, and split again by their numbers. A file with any unusual feature is read by itself. Problems keep their own
file and line in both cases.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import accumulate, chain

import numpy as np

from dashboard.domain import Problem
from dashboard.ingest.parse.decode import UntrustedError, decode
from dashboard.ingest.parse.dialect import Dialect
from dashboard.ingest.parse.header import match_header
from dashboard.ingest.parse.tokenize import first_row, tokenize
from dashboard.ingest.parse.tokenized_csv import LF, TokenizedCsv
from dashboard.ingest.reader import read
from dashboard.ingest.reading import Reading
from dashboard.ingest.selected_rows import ragged_row_problem, select_rows, validate_rows
from dashboard.ingest.validate.cell_formats import CellFormats
from dashboard.ingest.validate.truncation import may_be_truncated

_SMALL = 1 << 20  # bytes; larger files gain nothing from a batch
_BATCH_BYTES = 32 << 20  # so that a folder of any size fits into memory
_THREADS = min(os.cpu_count() or 1, 4)  # Arrow and NumPy release Python's lock while they work


@dataclass(frozen=True)
class _PlainFile:
    """A file that may be read in a batch: each of its lines is at most one row, and the last one is whole."""

    position: int
    file: str
    header: bytes
    body: memoryview
    is_open: bool  # without a final line break

    @property
    def pieces(self) -> tuple[bytes | memoryview, ...]:
        return (self.body, b"\n") if self.is_open else (self.body,)

    @property
    def line_count(self) -> int:
        return int(np.count_nonzero(np.frombuffer(self.body, np.uint8) == LF)) + self.is_open


@dataclass(frozen=True)
class Delivery:
    """The bytes of one delivery, its name in messages, and the dialect in which it is read."""

    file: str
    data: bytes
    dialect: Dialect


def read_all(deliveries: Sequence[Delivery], today: date) -> list[Reading]:
    """The reading of each delivery in order, the same as `read` returns; the deliveries may be of many sources."""
    return [read(delivery.data, delivery.file, delivery.dialect, today) for delivery in deliveries]


def read_many(deliveries: Sequence[tuple[str, bytes]], dialect: Dialect, today: date) -> list[Reading]:
    """The reading of each (name, bytes) in order, the same as `read` returns."""
    groups: dict[bytes, list[_PlainFile]] = {}
    for position, (file, data) in enumerate(deliveries):
        if plain_file := _plain_file(position, file, data, dialect):
            groups.setdefault(plain_file.header, []).append(plain_file)
    batches = [batch for group in groups.values() for batch in _batches(group)]
    readings: dict[int, Reading] = {}
    with ThreadPoolExecutor(_THREADS) as pool:
        run = pool.map if len(batches) > 1 else map
        for batch_readings in run(partial(_read_batch, dialect=dialect, today=today), batches):
            readings.update(batch_readings)
    return [
        readings[position] if position in readings else read(data, file, dialect, today)
        for position, (file, data) in enumerate(deliveries)
    ]


def _plain_file(position: int, file: str, data: bytes, dialect: Dialect) -> _PlainFile | None:
    """None for a file that must be read by itself."""
    if dialect.where:  # near misses are found file by file
        return None
    if len(data) > _SMALL or dialect.encoding != "utf-8" or not data.isascii():
        return None
    if b'"' in data or b"\r" in data or b"\0" in data:
        return None
    begin = data.find(b"\n") + 1
    if begin < 2 or begin == len(data):
        return None
    header, is_open = data[: begin - 1], not data.endswith(b"\n")
    if is_open and not _is_complete(data[data.rfind(b"\n") + 1 :], header, dialect):
        return None
    return _PlainFile(position, file, header, memoryview(data)[begin:], is_open)


def _is_complete(last_line: bytes, header: bytes, dialect: Dialect) -> bool:
    """Whether a last line without a line break is as long as the header, and its last cell cannot be truncated."""
    mark = dialect.separator.encode()
    name = header.rpartition(mark)[2].decode()
    return last_line.count(mark) == header.count(mark) and not may_be_truncated(name, dialect)


def _batches(group: Sequence[_PlainFile]) -> Iterator[Sequence[_PlainFile]]:
    begin, size = 0, 0
    for position, plain_file in enumerate(group):
        if size > _BATCH_BYTES:
            yield group[begin:position]
            begin, size = position, 0
        size += len(plain_file.body)
    yield group[begin:]


def _read_batch(batch: Sequence[_PlainFile], dialect: Dialect, today: date) -> dict[int, Reading]:
    """The readings of a batch by position; none where the joined text does not tokenize into just its rows."""
    files = tuple(plain_file.file for plain_file in batch)
    if len(set(files)) < len(files):
        return {}  # a problem's file name would be ambiguous
    try:
        text = decode(b"".join([batch[0].header, b"\n", *chain.from_iterable(map(_pieces, batch))]), files[0], dialect)
        names, begin = first_row(text, files[0], dialect.separator)
        header = match_header(names, files[0], dialect)
        table = tokenize(text, begin, len(names), files[0], dialect.separator)
    except UntrustedError:
        return {}
    if table.unlisted_ragged_lines.size:
        return {}
    line_counts = [plain_file.line_count for plain_file in batch]
    lines_before = np.array([0, *accumulate(line_counts)], np.int64)  # lines of the files before each file
    owner = _owners(table, line_counts, lines_before)
    formats = CellFormats(dialect)
    own_lines = replace(table, lines=table.lines - lines_before[owner])
    rows, problems, owner = validate_rows(select_rows(own_lines, header, dialect, files, owner), formats, today)
    for line, row in table.ragged_rows:
        number = int(np.searchsorted(lines_before, line - 2, side="right")) - 1
        own_line = line - int(lines_before[number])
        problems.append(ragged_row_problem(own_line, row, header, files[number], formats, today))
    ends = np.searchsorted(owner, np.arange(len(batch) + 1)).tolist()
    problems_by_file: dict[str, list[Problem]] = {}
    for problem in problems:
        problems_by_file.setdefault(problem.file, []).append(problem)
    return {
        batch[number].position: Reading.of_rows(rows, problems_by_file.get(file, []), file, (begin, end))
        for number, (file, begin, end) in enumerate(zip(files, ends, ends[1:], strict=False))
    }


def _pieces(plain_file: _PlainFile) -> tuple[bytes | memoryview, ...]:
    return plain_file.pieces


def _owners(table: TokenizedCsv, line_counts: Sequence[int], lines_before: np.ndarray) -> np.ndarray:
    """The position in the batch of each row's file."""
    if len(table.lines) == lines_before[-1]:
        return np.repeat(np.arange(len(line_counts), dtype=np.int32), line_counts)
    return np.searchsorted(lines_before, table.lines - 2, side="right").astype(np.int32) - 1
