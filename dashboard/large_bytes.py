"""The bytes of a delivery: in memory, or, where they are many, compressed in a file and read in pieces.

A large delivery is compressed once, while it comes in, in the form in which the archive stores it. Its file has no
name, so that nothing is left of it after a kill.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import IO, Any, TypeAlias

import pyarrow as pa

LARGE = 96 << 20  # bytes; deliveries of more are held in a file
LARGEST = 4 << 30  # bytes; nobody reads a file of more
PIECE = 1 << 20
_SAMPLE = 4 << 20  # bytes that show whether it pays to compress

ZSTANDARD = "zstd"


class LargeBytes:
    """The bytes of a large delivery: `stored` bytes from position `begin` of a file on, compressed where `codec` says
    so. size: of the bytes themselves. sha256: theirs too."""

    def __init__(self, file: IO[bytes], begin: int, stored: int, codec: str, size: int, sha256: str) -> None:
        self._file, self._begin = file, begin
        self.stored, self.codec, self.size, self.sha256 = stored, codec, size, sha256

    def __len__(self) -> int:
        return self.size

    def stream(self) -> IO[bytes]:
        """The bytes from the first one on, each time. Bytes that cannot be decompressed raise OSError."""
        stored: Any = _Stretch(self._file, self._begin, self.stored)  # closed by its reader, and not the file
        if self.codec == ZSTANDARD:
            unpacked: Any = _Reader(pa.CompressedInputStream(pa.PythonFile(stored, "r"), ZSTANDARD))
            return io.BufferedReader(unpacked, PIECE)
        return io.BufferedReader(stored, PIECE)

    def read(self) -> bytes:
        """All of it, in memory."""
        return self.stream().read()

    def stored_pieces(self) -> Iterator[bytes]:
        """The bytes as they are stored."""
        return pieces_of(_Stretch(self._file, self._begin, self.stored))  # type: ignore[arg-type]


Bytes: TypeAlias = bytes | LargeBytes


def stream_of(data: Bytes) -> IO[bytes]:
    return data.stream() if isinstance(data, LargeBytes) else io.BytesIO(data)


def pieces_of(stream: IO[bytes]) -> Iterator[bytes]:
    while piece := stream.read(PIECE):
        yield piece


def sha256_of(data: Bytes) -> str:
    return data.sha256 if isinstance(data, LargeBytes) else hashlib.sha256(data).hexdigest()


def collect(pieces: Iterable[bytes], expected: int = 0) -> Bytes:
    """All pieces together, in memory unless they are many; `expected`: how many bytes there will be, 0 where nobody
    knows."""
    if expected > LARGE:
        return _spooled(iter(pieces))
    begun, size, rest = list[bytes](), 0, iter(pieces)
    for piece in rest:
        begun.append(piece)
        if (size := size + len(piece)) > LARGE:
            return _spooled(chain(_emptied(begun), rest))
    return b"".join(begun)


def _emptied(pieces: list[bytes]) -> Iterator[bytes]:
    """The pieces, none of which stays in memory."""
    pieces.reverse()
    while pieces:
        yield pieces.pop()


def _spooled(pieces: Iterator[bytes]) -> LargeBytes:
    first = next(pieces, b"")
    sample = first[:_SAMPLE]
    codec = ZSTANDARD if len(pa.compress(sample, ZSTANDARD, asbytes=True)) < 0.9 * len(sample) else ""
    digest, size = hashlib.sha256(), 0
    file: Any = tempfile.TemporaryFile(dir=_folder())  # noqa: SIM115 - it lives as long as the bytes
    sink: Any = os.fdopen(os.dup(file.fileno()), "wb")  # Arrow closes what it writes to
    packed = pa.CompressedOutputStream(pa.PythonFile(sink, "w"), ZSTANDARD) if codec else sink
    for piece in chain([first], pieces):
        digest.update(piece)
        size += len(piece)
        with _naming_the_folder():
            packed.write(piece)
    with _naming_the_folder():
        packed.close()
    return LargeBytes(file, 0, os.fstat(file.fileno()).st_size, codec, size, digest.hexdigest())


@contextmanager
def _naming_the_folder() -> Iterator[None]:
    """Name the folder in the error of a full disk, which is not the disk of the file that is read."""
    try:
        yield
    except OSError as error:
        folder = _folder() or tempfile.gettempdir()
        raise OSError(error.errno or errno.EIO, f"no room in {folder} for a large file ({error})") from error


def _folder() -> str | None:
    """A folder on a disk where there is one: a folder for temporary files may lie in memory."""
    return "/var/tmp" if "TMPDIR" not in os.environ and Path("/var/tmp").is_dir() else None


class _Stretch(io.RawIOBase):
    """Part of a file as a file of its own. Several may read the same file at once."""

    def __init__(self, file: IO[bytes], begin: int, size: int) -> None:
        self._file, self._begin, self._size, self._at = file, begin, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(start + offset, 0)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: Any) -> int:
        count = max(min(len(buffer), self._size - self._at), 0)
        data = os.pread(self._file.fileno(), count, self._begin + self._at)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)


class _Reader(io.RawIOBase):
    """A stream of Arrow as a file."""

    def __init__(self, stream: pa.NativeFile) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def whole(data: Bytes) -> bytes:
    """All of it, in memory."""
    return data.read() if isinstance(data, LargeBytes) else data
