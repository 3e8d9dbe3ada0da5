"""Segments: files of the bytes of deliveries, appended to until they are full, and never changed.

A record is a header, one line of text, and the bytes of a delivery, compressed where that pays. A header ends with a
checksum over itself and its place, so that a header is recognized after damage, and never within the bytes of a file.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import IO, NamedTuple

import pyarrow as pa

from dashboard.large_bytes import LARGE, Bytes, LargeBytes, sha256_of

SUFFIX = ".segment"
FULL = 64 << 20  # bytes after which the next segment begins
_HEADER = re.compile(
    rb'\{"source":("(?:[^"\\]|\\.)*"),"sha256":"([0-9a-f]*)","size":([0-9]+),"stored":([0-9]+),"codec":"([a-z]*)",'
    rb'"checksum":"([0-9a-f]{16})"\}\n'
)
_NAME = re.compile(rf"([0-9]{{6,}}){re.escape(SUFFIX)}")
_BEGINNING = b'{"source":"'
_LONGEST_HEADER = 4096
_WINDOW = 1 << 18  # bytes that are read at a time
_PIECE = 1 << 20
_WORTH_COMPRESSING = 128  # bytes
_ZSTD = pa.Codec("zstd", 1)


Place = tuple[int, int]  # the number of a segment and a byte of it, in the order in which they were written


class Record(NamedTuple):
    """A stored delivery of a source, and where its bytes are: `stored` bytes from `begin` of a segment on."""

    source: str
    sha256: str
    size: int
    segment: str
    offset: int
    begin: int
    stored: int
    codec: str

    @property
    def end(self) -> int:
        return self.begin + self.stored

    @property
    def place(self) -> Place:
        return place_of(self.segment, self.offset)


class Scan(NamedTuple):
    """What a segment holds from some byte on: whole records, damaged stretches (begin, end), and where the last record
    ends. is_torn: whether a killed writer left something after that."""

    records: list[Record]
    damaged: list[tuple[int, int]]
    end: int
    is_torn: bool


def segment_name(number: int) -> str:
    """The name of a segment, counted from 1."""
    return f"{number:06}{SUFFIX}"


@lru_cache(maxsize=1024)
def number_of(name: str) -> int:
    """The number of the segment of this name; 0 where a writer gives no such name."""
    match = _NAME.fullmatch(name)
    number = int(match[1]) if match else 0
    return number if segment_name(number) == name else 0


def place_of(segment: str, offset: int) -> Place:
    """The place of a byte of a segment, to be compared with others; the first of all where `segment` is ""."""
    return number_of(segment), offset


def encoded(source: str, sha256: str, data: Bytes, segment: str, offset: int) -> tuple[bytes, Iterator[bytes], int]:
    """The record of a delivery as it is written at a place, as its first and its further bytes; and its length."""
    if isinstance(data, LargeBytes):
        record = Record(source, sha256, len(data), segment, offset, 0, data.stored, data.codec)
        header = with_header(record, b"")
        return header, data.stored_pieces(), len(header) + data.stored
    stored, codec = data, ""
    if len(data) >= _WORTH_COMPRESSING:
        compressed = _ZSTD.compress(data, asbytes=True)
        if len(compressed) < 0.9 * len(data):
            stored, codec = compressed, "zstd"
    whole = with_header(Record(source, sha256, len(data), segment, offset, 0, len(stored), codec), stored)
    return whole, iter(()), len(whole)


def with_header(record: Record, stored: bytes) -> bytes:
    """The stored bytes of a record after its header."""
    source = json.dumps(record.source)
    content = (
        f'{{"source":{source},"sha256":"{record.sha256}","size":{record.size},"stored":{record.stored},'
        f'"codec":"{record.codec}"'
    ).encode()
    return b'%b,"checksum":"%b"}\n%b' % (content, _checksum(content, record.segment, record.offset), stored)


def scan(path: Path, begin: int, size: int) -> Scan:
    """The records of a segment of `size` bytes from `begin` on. Raises OSError."""
    records: list[Record] = []
    damaged: list[tuple[int, int]] = []
    offset = begin
    with path.open("rb") as file:
        window = _Window(file.fileno())
        while offset < size:
            data = window.read(offset, _LONGEST_HEADER)
            record = header_at(data, path.name, offset)
            if record is None:
                following = _next_header(window, path.name, offset + 1, size)
                if following is None:
                    is_torn = _is_unfinished(data)
                    damaged += [] if is_torn else [(offset, size)]
                    return Scan(records, damaged, offset, is_torn)
                damaged.append((offset, following))
                offset = following
            elif record.end > size:
                return Scan(records, damaged, offset, is_torn=True)
            else:
                records.append(record)
                offset = record.end
    return Scan(records, damaged, offset, is_torn=False)


def header_at(data: bytes, segment: str, offset: int) -> Record | None:
    """The record whose header `data` begins with, if it was written at this place."""
    match = _HEADER.match(data)
    if match is None or match[6] != _checksum(data[: match.start(6) - len(b',"checksum":"')], segment, offset):
        return None
    source, sha256, size, stored, codec, _ = match.groups()
    name = json.loads(source)
    return Record(name, sha256.decode(), int(size), segment, offset, offset + match.end(), int(stored), codec.decode())


def read(path: Path, record: Record) -> Bytes:
    """The bytes of a delivery, not checked. Raises OSError where the segment cannot be read, and ValueError where they
    cannot be decompressed or are not all there."""
    if record.size > LARGE:
        return read_large(path, record)
    stored = read_stored(path, record)
    if record.codec != "zstd":
        return stored
    try:
        data: bytes = _ZSTD.decompress(stored, record.size, asbytes=True)
    except OSError as error:
        raise ValueError(str(error)) from error
    return data


def read_large(path: Path, record: Record) -> LargeBytes:
    """The bytes of a large delivery where they stand, not checked. Raises as `read` does."""
    file = path.open("rb")
    if os.fstat(file.fileno()).st_size < record.end:
        file.close()
        raise ValueError("the segment ends before them")
    return LargeBytes(file, record.begin, record.stored, record.codec, record.size, record.sha256)


def sha256_stored(path: Path, record: Record) -> str:
    """The SHA-256 of the bytes of a delivery as they are now. Raises as `read` does."""
    if record.size <= LARGE:
        return sha256_of(read(path, record))
    digest = hashlib.sha256()
    for piece in pieces(path, record):
        digest.update(piece)
    return digest.hexdigest()


def read_stored(path: Path, record: Record) -> bytes:
    """The bytes of a delivery as they are stored. Raises as `read` does."""
    with path.open("rb") as file:
        file.seek(record.begin)
        stored = file.read(record.stored)
    if len(stored) != record.stored:
        raise ValueError("the segment ends before them")
    return stored


def pieces(path: Path, record: Record) -> Iterator[bytes]:
    """The bytes of a delivery, piece by piece. Raises as `read` does."""
    stream = read_large(path, record).stream()
    while piece := _next_piece(stream):
        yield piece


def _next_piece(stream: IO[bytes]) -> bytes:
    try:
        return stream.read(_PIECE)
    except OSError as error:
        if error.errno is not None:
            raise
        raise ValueError(str(error)) from error


def _is_unfinished(data: bytes) -> bool:
    """Whether a killed writer, or a power cut, left this at the end of a segment: part of a header, or zeros."""
    end = data.find(b'"}')
    is_part = data.startswith(_BEGINNING[: len(data)]) and b"\n" not in data and end in (-1, len(data) - 2)
    return is_part or not data.strip(b"\0")


def _checksum(content: bytes, segment: str, offset: int) -> bytes:
    return hashlib.sha256(b"%b:%d:%b" % (segment.encode(), offset, content)).hexdigest()[:16].encode()


def _next_header(window: _Window, segment: str, offset: int, size: int) -> int | None:
    """Where the next header after a damaged one begins; None where there is none."""
    while offset < size:
        data = window.read(offset, _WINDOW)
        at = data.find(_BEGINNING)
        while at >= 0:
            if header_at(window.read(offset + at, _LONGEST_HEADER), segment, offset + at):
                return offset + at
            at = data.find(_BEGINNING, at + 1)
        offset += max(len(data) - len(_BEGINNING) + 1, 1)
    return None


class _Window:
    """Reads a file in large pieces."""

    def __init__(self, handle: int) -> None:
        self._handle, self._begin, self._data = handle, 0, b""

    def read(self, offset: int, most: int) -> bytes:
        at = offset - self._begin
        if at < 0 or at + most > len(self._data):
            self._begin, self._data, at = offset, os.pread(self._handle, max(most, _WINDOW), offset), 0
        return self._data[at : at + most]
