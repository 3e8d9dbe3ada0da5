"""Atomic writes: a kill or a power cut leaves either the old file or the new one, never a mixture.

A new file is written beside its target, synced to disk, and renamed; then the folder is synced too. A journal grows
line by line: readers ignore a truncated last line, and the next writer removes it.
"""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

# path, mtime in nanoseconds, size, and ctime, which nobody can set; -1 for a missing file
Stamp = tuple[str, int, int, int]
_TOGETHER = 4 << 20  # bytes of one write
PART = ".part"  # suffix of unfinished files; those that a killed writer left may be deleted


def private_folder(path: Path) -> Path:
    """The folder; it and its missing parents are created for their owner alone."""
    if not path.is_dir():
        private_folder(path.parent)
        try:
            path.mkdir(mode=0o700, exist_ok=True)
        except FileExistsError as error:
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path)) from error
        fsync_path(path.parent)
    return path


def write_atomic(path: Path, data: bytes) -> None:
    """Replace the file at `path` by `data` in one step; its folder must exist.

    OSError names the path, and the old file stays.
    """
    handle, name = tempfile.mkstemp(prefix=f"{path.name}.", suffix=PART, dir=path.parent)
    try:
        with _naming(path), os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(name).unlink()
        raise
    fsync_path(path.parent)


def append_at(path: Path, end: int, size: int, data: bytes | Iterable[bytes], *, durable: bool = True) -> None:
    """Write bytes, or pieces one after the other, behind the first `end` bytes of a file, in the place of what a killed
    writer left there.

    `durable` syncs them to disk before returning. Where that fails, the file ends at `end` again. Raises OSError and
    changes nothing where the file is not of the `size` that the caller knows: a person may be mending it.

    The caller holds the lock, since only one writer may append.
    """
    is_new = not path.exists()
    handle = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        with _naming(path):
            if os.fstat(handle).st_size != size:
                raise OSError(errno.EBUSY, "somebody else has changed it just now")
            _write_or_cut(handle, end, data, durable=durable)
    finally:
        os.close(handle)
    if is_new:
        fsync_path(path.parent)


def _write_or_cut(handle: int, begin: int, data: bytes | Iterable[bytes], *, durable: bool) -> None:
    end = begin
    try:
        os.ftruncate(handle, end)
        for piece in _in_few_writes([data] if isinstance(data, bytes) else data):
            _write_all(handle, end, piece)
            end += len(piece)
        if durable:
            os.fsync(handle)
    except BaseException:
        with suppress(OSError):
            os.ftruncate(handle, begin)
        raise


def _in_few_writes(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in large pieces, so that a write costs little."""
    together, size = list[bytes](), 0
    for piece in pieces:
        together.append(piece)
        if (size := size + len(piece)) >= _TOGETHER:
            yield b"".join(together)
            together, size = [], 0
    yield b"".join(together)


def _write_all(handle: int, offset: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        written = os.pwrite(handle, rest, offset)
        rest, offset = rest[written:], offset + written


def read_lines(path: Path) -> list[bytes]:
    """The complete lines of a journal, without line breaks; none for a missing file."""
    return read_lines_and_rest(path)[0]


def read_lines_and_rest(path: Path) -> tuple[list[bytes], bytes]:
    """The complete lines of a journal, and the bytes of a truncated last line."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return [], b""
    end = _after_last_line(data)
    return data[:end].split(b"\n")[:-1], data[end:]


def file_stamp(path: Path) -> Stamp:
    """A stamp that changes with every edit, even where mtime was set back (`cp -p`)."""
    try:
        status = path.stat()
    except (OSError, ValueError):  # ValueError: a NUL in the name
        return str(path), -1, -1, -1
    return str(path), status.st_mtime_ns, status.st_size, status.st_ctime_ns


def delete_partial_files(folder: Path) -> None:
    """Delete the unfinished files of killed writers. The caller holds the lock, so that nobody else writes there."""
    for path in folder.glob(f"*{PART}"):
        path.unlink(missing_ok=True)


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Add the path to errors that lack one, such as that of a full disk."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or str(path)
        raise


def _after_last_line(data: bytes) -> int:
    return data.rfind(b"\n") + 1


def fsync_path(path: Path) -> None:
    """Sync a file, or the entries of a folder, to disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
