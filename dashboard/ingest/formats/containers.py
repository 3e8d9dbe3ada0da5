"""Unpacks a delivery that is packed with gzip, ZIP or Zstandard, as its first bytes say; nothing is written to disk."""

from __future__ import annotations

import gzip
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import IO, NamedTuple

import pyarrow as pa

from dashboard.domain.text import with_code_points
from dashboard.ingest.layout.declaration import Layout
from dashboard.ingest.parse.decode import MAX_BYTES, too_large_message, untrusted
from dashboard.large_bytes import PIECE, Bytes, stream_of

GZIP, ZIP, ZSTANDARD = b"\x1f\x8b", b"PK\x03\x04", b"\x28\xb5\x2f\xfd"
_ZIPS = (ZIP, b"PK\x05\x06")
PACKED = (*_ZIPS, GZIP, ZSTANDARD)
_MOST_NAMES = 10  # members that a message lists
_DAMAGE = (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError, zipfile.BadZipFile)  # what readers raise for it
_WORKBOOK = "[Content_Types].xml"  # a member of every workbook


class Unpacked(NamedTuple):
    """The bytes of a file as a stream, and with what they are packed; "" where they are not."""

    stream: IO[bytes] | pa.NativeFile
    packing: str


def unpacked(data: Bytes, file: str, layout: Layout) -> bytes:
    """The bytes of the single or the named member; those of a file that is not packed. Raises UntrustedError."""
    if isinstance(data, bytes) and not layout.member and not data.startswith(PACKED):
        return data
    return b"".join(pieces_within(MAX_BYTES, opened(data, file, layout), file))


def opened(data: Bytes, file: str, layout: Layout) -> Unpacked:
    """The bytes of the single or the named member, to be read with `pieces_within`. Raises UntrustedError."""
    begin = stream_of(data).read(len(ZIP))
    if begin.startswith(_ZIPS):
        return _member(data, file, layout)
    if layout.member:
        raise untrusted(file, "is no ZIP archive, and the YAML names member:; take that out, or see what the file is")
    if begin.startswith(GZIP):
        return Unpacked(gzip.GzipFile(fileobj=stream_of(data)), "gzip")
    if begin.startswith(ZSTANDARD):
        return Unpacked(pa.CompressedInputStream(pa.PythonFile(stream_of(data), "r"), "zstd"), "Zstandard")
    return Unpacked(stream_of(data), "")


def pieces_within(most: int, unpacked: Unpacked, file: str, piece: int = PIECE) -> Iterator[bytes]:
    """All bytes of a stream in pieces of this size, read no further than `most`. Raises UntrustedError."""
    size = 0
    while part := _next_part(unpacked, file, piece):
        if (size := size + len(part)) > most:
            packed = f"is packed with {unpacked.packing}, and unpacked it is " if unpacked.packing else ""
            raise untrusted(file, packed + too_large_message(None if most == MAX_BYTES else most))
        yield part


def _next_part(unpacked: Unpacked, file: str, piece: int) -> bytes:
    stream, packing = unpacked
    try:
        return stream.read(piece)
    except _DAMAGE as error:
        packed = f"is packed with {packing}, and" if packing else "is"
        raise untrusted(file, f"{packed} damaged or cut off; fetch it again") from error


def _member(data: Bytes, file: str, layout: Layout) -> Unpacked:
    try:
        archive = zipfile.ZipFile(stream_of(data))
        members = [info for info in archive.infolist() if not info.is_dir()]
        if not layout.member and _WORKBOOK in archive.namelist():
            _expect_workbook(file, layout)
            return Unpacked(stream_of(data), "")
        return Unpacked(archive.open(_chosen(members, file, layout.member)), "ZIP")
    except (*_DAMAGE, NotImplementedError, RuntimeError) as error:
        raise untrusted(file, f"is a ZIP archive that cannot be read ({error}); fetch it again") from error


def _expect_workbook(file: str, layout: Layout) -> None:
    """UntrustedError for a workbook, which is a ZIP archive too, where none is declared."""
    if layout.format != "xlsx":
        raise untrusted(file, "is an Excel file; write format: xlsx, or save the sheet as CSV")


def _chosen(members: list[zipfile.ZipInfo], file: str, pattern: str) -> zipfile.ZipInfo:
    """The member that the YAML names, or the only one."""
    matches = [info for info in members if not pattern or fnmatchcase(info.filename, pattern)]
    if len(matches) != 1:
        names = ", ".join(with_code_points(info.filename[:60]) for info in members[:_MOST_NAMES]) or "none"
        more = f" and {len(members) - _MOST_NAMES} more" if len(members) > _MOST_NAMES else ""
        which = f"{len(matches)} of its files match member: {pattern}" if pattern else f"it holds {len(members)} files"
        raise untrusted(file, f"is a ZIP archive, and {which}; name the right one in member:. It holds {names}{more}")
    info = matches[0]
    if info.flag_bits & 1:
        raise untrusted(file, "is a ZIP archive with a password; ask its publisher for a file without")
    if info.filename.startswith(("/", "\\")) or ".." in info.filename.replace("\\", "/").split("/"):
        raise untrusted(file, f'is a ZIP archive whose file "{info.filename[:60]}" leads out of it; see who made it')
    return info
