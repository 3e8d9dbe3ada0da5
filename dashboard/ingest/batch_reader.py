"""Many small deliveries in one layout: what is written alike is cut and checked together, as if it were one file.

Reading a file has a cost of its own, which for a few hundred rows is most of all. So the lines of files that begin with
the same header are joined, and told apart again by their numbers. A file that is written in any unusual way is read by
itself; what is wrong stays with its own file and its own lines in both ways.
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
from dashboard.ingest.parse.header import header_of
from dashboard.ingest.parse.tokenize import LF, cut, first_row
from dashboard.ingest.reader import Reading, chosen, ragged, read, reading_of, sound
from dashboard.ingest.validate.cell_formats import Cells
from dashboard.ingest.validate.truncation import may_be_torn

_SMALL = 1 << 20  # bytes; larger files gain nothing from company
_TOGETHER = 32 << 20  # bytes that are read together, so that a folder of any size fits into memory
_AT_A_TIME = min(os.cpu_count() or 1, 4)  # batches; Arrow and NumPy leave Python to the others while they work


@dataclass(frozen=True)
class _Plain:
    """A file that may be read with others: each of its lines is one row at most, and the last one is whole."""

    position: int
    file: str
    header: bytes
    body: memoryview
    is_open: bool  # no line break ends it

    @property
    def pieces(self) -> tuple[bytes | memoryview, ...]:
        return (self.body, b"\n") if self.is_open else (self.body,)

    @property
    def lines(self) -> int:
        return int(np.count_nonzero(np.frombuffer(self.body, np.uint8) == LF)) + self.is_open


def read_many(deliveries: Sequence[tuple[str, bytes]], layout: Dialect, today: date) -> list[Reading]:
    """The reading of each (name, bytes), in their order, as `read` gives it."""
    groups: dict[bytes, list[_Plain]] = {}
    for position, (file, data) in enumerate(deliveries):
        if plain := _plain(position, file, data, layout):
            groups.setdefault(plain.header, []).append(plain)
    batches = [some for group in groups.values() for some in _batches(group)]
    readings: dict[int, Reading] = {}
    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        for found in (pool.map if len(batches) > 1 else map)(partial(_together, layout=layout, today=today), batches):
            readings.update(found)
    return [
        readings[position] if position in readings else read(data, file, layout, today)
        for position, (file, data) in enumerate(deliveries)
    ]


def _plain(position: int, file: str, data: bytes, layout: Dialect) -> _Plain | None:
    """None where it is to be read by itself."""
    if layout.where:  # what else a file holds is told of each file by itself
        return None
    if len(data) > _SMALL or layout.encoding != "utf-8" or not data.isascii():
        return None
    if b'"' in data or b"\r" in data or b"\0" in data:
        return None
    begin = data.find(b"\n") + 1
    if begin < 2 or begin == len(data):
        return None
    header, is_open = data[: begin - 1], not data.endswith(b"\n")
    if is_open and not _is_whole(data[data.rfind(b"\n") + 1 :], header, layout):
        return None
    return _Plain(position, file, header, memoryview(data)[begin:], is_open)


def _is_whole(last: bytes, header: bytes, layout: Dialect) -> bool:
    """Whether a last line that nothing ends is as long as the header, and its last cell cannot be a part of one."""
    mark = layout.separator.encode()
    name = header.rpartition(mark)[2].decode()
    return last.count(mark) == header.count(mark) and not may_be_torn(name, layout)


def _batches(group: Sequence[_Plain]) -> Iterator[Sequence[_Plain]]:
    begin, size = 0, 0
    for position, one in enumerate(group):
        if size > _TOGETHER:
            yield group[begin:position]
            begin, size = position, 0
        size += len(one.body)
    yield group[begin:]


def _together(group: Sequence[_Plain], layout: Dialect, today: date) -> dict[int, Reading]:
    """The readings of a group by position; none where the joined text is not cut into just their rows."""
    files = tuple(one.file for one in group)
    if len(set(files)) < len(files):
        return {}  # a problem's file would not say whose it is
    try:
        text = decode(
            b"".join([group[0].header, b"\n", *chain.from_iterable(one.pieces for one in group)]), files[0], layout
        )
        names, begin = first_row(text, files[0], layout.separator)
        columns = header_of(names, files[0], layout)
        found = cut(text, begin, len(names), files[0], layout.separator)
    except UntrustedError:
        return {}
    if found.more_ragged.size:
        return {}
    lines = [one.lines for one in group]
    before = np.array([0, *accumulate(lines)], np.int64)  # lines of files before
    if len(found.lines) == before[-1]:
        owner = np.repeat(np.arange(len(group), dtype=np.int32), lines)
    else:
        owner = np.searchsorted(before, found.lines - 2, side="right").astype(np.int32) - 1
    cells = Cells(layout)
    part = chosen(replace(found, lines=found.lines - before[owner]), columns, layout, files, owner)
    rows, problems, owner = sound(part, cells, today)
    for line, row in found.ragged:
        whose = int(np.searchsorted(before, line - 2, side="right")) - 1
        problems.append(ragged(line - int(before[whose]), row, columns, files[whose], cells, today))
    ends = np.searchsorted(owner, np.arange(len(group) + 1)).tolist()
    wrong: dict[str, list[Problem]] = {}
    for problem in problems:
        wrong.setdefault(problem.file, []).append(problem)
    return {
        one.position: reading_of(rows, wrong.get(one.file, []), one.file, (ends[number], ends[number + 1]))
        for number, one in enumerate(group)
    }
