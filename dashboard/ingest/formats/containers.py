"""Unpacks a delivery that is packed with gzip, ZIP or Zstandard, as its first bytes say; nothing is written to disk."""

from __future__ import annotations

import gzip
import io
import lzma
import zipfile
import zlib
from fnmatch import fnmatchcase
from typing import IO

import pyarrow as pa

from dashboard.domain.text import with_code_points
from dashboard.ingest.layout.declaration import Layout
from dashboard.ingest.parse.decode import MAX_BYTES, too_large_message, untrusted

GZIP, ZIP, ZSTANDARD = b"\x1f\x8b", b"PK\x03\x04", b"\x28\xb5\x2f\xfd"
_EMPTY_ZIP = b"PK\x05\x06"
_MOST_NAMES = 10  # members that a message lists
_DAMAGE = (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError, zipfile.BadZipFile)  # what readers raise for it
_WORKBOOK = "[Content_Types].xml"  # a member of every workbook


def unpacked(data: bytes, file: str, layout: Layout) -> bytes:
    """The bytes of the single or the named member; those of a file that is not packed. Raises UntrustedError."""
    if data.startswith((ZIP, _EMPTY_ZIP)):
        return _member(data, file, layout)
    if layout.member:
        raise untrusted(file, "is no ZIP archive, and the YAML names member:; take that out, or see what the file is")
    if data.startswith(GZIP):
        return _limited(gzip.GzipFile(fileobj=io.BytesIO(data)), file, "gzip")
    if data.startswith(ZSTANDARD):
        return _limited(pa.CompressedInputStream(pa.BufferReader(data), "zstd"), file, "Zstandard")
    return data


def _member(data: bytes, file: str, layout: Layout) -> bytes:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [info for info in archive.infolist() if not info.is_dir()]
            if not layout.member and _WORKBOOK in archive.namelist():
                return _workbook(data, file, layout)
            info = _chosen(members, file, layout.member)
            with archive.open(info) as member:
                return _limited(member, file, "ZIP")
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        RuntimeError,
        ValueError,
        EOFError,
        OSError,
        lzma.LZMAError,
    ) as error:
        raise untrusted(file, f"is a ZIP archive that cannot be read ({error}); fetch it again") from error


def _workbook(data: bytes, file: str, layout: Layout) -> bytes:
    """The workbook itself, which is a ZIP archive too."""
    if layout.format != "xlsx":
        raise untrusted(file, "is an Excel file; write format: xlsx, or save the sheet as CSV")
    return data


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


def _limited(stream: IO[bytes] | pa.NativeFile, file: str, what: str) -> bytes:
    """All bytes of a stream, read no further than the limit."""
    parts: list[bytes] = []
    size = 0
    try:
        while part := stream.read(1 << 20):
            parts.append(part)
            if (size := size + len(part)) > MAX_BYTES:
                raise untrusted(file, f"is packed with {what}, and unpacked it is {too_large_message()}")
    except _DAMAGE as error:
        raise untrusted(file, f"is packed with {what}, and damaged or cut off; fetch it again") from error
    return b"".join(parts)
