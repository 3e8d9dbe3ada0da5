"""Writing files so that a kill or a power cut leaves the old whole or the new whole, never anything between.

A file is written beside its place, forced to the disk, and renamed; then its folder is forced to the disk too. A
journal grows line by line: a line that was cut off is no line to readers, and is cut away by the next writer.
"""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

# a path, its time of change in nanoseconds, its size, and the time of change that nobody can set; -1 where it is not
Stamp = tuple[str, int, int, int]
PART = ".part"  # how files end that are being written; what a killed writer left of them may be deleted


def private_folder(path: Path) -> Path:
    """The folder, made for its owner alone where it is not there yet, and so are those above it."""
    if not path.is_dir():
        private_folder(path.parent)
        try:
            path.mkdir(mode=0o700, exist_ok=True)
        except FileExistsError as error:
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path)) from error
        fsync_folder(path.parent)
    return path


def write_atomic(path: Path, data: bytes) -> None:
    """Put `data` at `path` in one step; the folder must be there. OSError has the path and leaves what stood there."""
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
    fsync_folder(path.parent)


def append_line(path: Path, line: bytes, *, durable: bool = True) -> None:
    """Add a line, which holds no line break, to a journal; `durable` forces it to the disk before it returns.

    One writer at a time: the caller holds the lock.
    """
    if b"\n" in line:
        raise ValueError("a line of a journal holds no line break")
    is_new = not path.exists()
    with _naming(path), path.open("a+b") as file:
        _cut_torn_line(file)
        file.write(line + b"\n")
        file.flush()
        if durable:
            os.fsync(file.fileno())
    if is_new and durable:
        fsync_folder(path.parent)


def read_lines(path: Path) -> list[bytes]:
    """The whole lines of a journal, without their breaks; none where there is no file."""
    return read_lines_and_rest(path)[0]


def read_lines_and_rest(path: Path) -> tuple[list[bytes], bytes]:
    """The whole lines of a journal, and the beginning of one that was cut off."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return [], b""
    end = _after_last_line(data)
    return data[:end].split(b"\n")[:-1], data[end:]


def file_stamp(path: Path) -> Stamp:
    """What tells an edit apart, also where the time of change was set back (`cp -p`)."""
    try:
        found = path.stat()
    except (OSError, ValueError):  # ValueError: a name that no file can have, with a NUL in it
        return str(path), -1, -1, -1
    return str(path), found.st_mtime_ns, found.st_size, found.st_ctime_ns


def delete_partial_files(folder: Path) -> None:
    """Delete what killed writers left. Only while nobody else writes there: the caller holds the lock."""
    for left in folder.glob(f"*{PART}"):
        left.unlink(missing_ok=True)


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """What the system says of a full disk names no file: it names the path of what is being written."""
    try:
        yield
    except OSError as error:
        error.filename = error.filename or str(path)
        raise


def _cut_torn_line(file: BinaryIO) -> None:
    """Leave the file ending where its last whole line does."""
    end = file.seek(0, os.SEEK_END)
    if not end:
        return
    file.seek(end - 1)
    if file.read(1) != b"\n":
        file.seek(0)
        file.truncate(_after_last_line(file.read()))


def _after_last_line(data: bytes) -> int:
    return data.rfind(b"\n") + 1


def fsync_folder(folder: Path) -> None:
    """Force to the disk which files a folder has."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
