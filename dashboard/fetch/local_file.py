"""Reads one local file whole: never outside the catalogue's folder, and never while a program writes it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path, PurePosixPath

from dashboard.fetch.contract import FetchError, Look, UnfinishedError
from dashboard.large_bytes import LARGE, PIECE, Bytes, collect

_OTHER_FILES = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def path_problem(path: str) -> str:
    """Why a path of the catalogue does not lead below the catalogue's folder, as far as its text shows; else ""."""
    parts = PurePosixPath(path)
    if "\0" in path:
        return "holds a NUL, U+0000, which no path can; take it out"
    if parts.is_absolute() or ".." in parts.parts or "\\" in path or ":" in path:
        return f'"{path}" must be a path below the catalogue\'s folder'
    return ""


def status_of(look: Look, name: str) -> os.stat_result:
    """The status of a file below the catalogue's folder. FetchError where it leads out of that."""
    status = _status_without_links(str(look.folder), name)
    if status is not None:
        return status
    try:
        return Path(real_path(look, name)).stat()
    except (OSError, ValueError) as error:
        raise unreadable(name, error) from error


def real_path(look: Look, name: str) -> str:
    """The path of `name` with its links followed. FetchError where it leads out of the catalogue's folder."""
    try:
        root = _real_folder(look.folder, look.at)
        if _status_without_links(root, name) is not None:
            return f"{root.rstrip('/')}/{name}"
        path = os.path.realpath(look.folder / name, strict=True)
    except (OSError, ValueError) as error:
        raise unreadable(name, error) from error
    if not Path(path).is_relative_to(root):
        raise FetchError(f"{name}: leads out of the catalogue's folder, {root}; put the file itself there")
    return path


@lru_cache(maxsize=1)  # the looks of one instant share it; later the folder may be another one
def _real_folder(folder: Path, at: datetime) -> str:
    del at
    return os.path.realpath(folder, strict=True)


def _status_without_links(folder: str, name: str) -> os.stat_result | None:
    """The status of a file below a folder; None where a link lies on the way from the folder, or something is amiss.

    It asks the system once for each part of the name, which is far cheaper than to resolve a path.
    """
    path, status = folder, None
    for part in name.split("/"):
        path = f"{path}/{part}"
        if part in ("", ".", ".."):
            return None
        try:
            status = os.lstat(path)
        except (OSError, ValueError):
            return None
        if stat.S_ISLNK(status.st_mode):
            return None
    return status


def read_whole(path: str, name: str, max_bytes: int) -> tuple[Bytes, os.stat_result]:
    """The bytes of a file, and its status, which was the same before and after reading."""
    try:
        _refuse_unless_plain(name, os.lstat(path), max_bytes)  # before opening: opening a device may have effects
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            status = os.fstat(handle)
            _refuse_unless_plain(name, status, max_bytes)
            data = _read_bytes(handle, status.st_size + 1)
            status_after = os.fstat(handle)
        finally:
            os.close(handle)
    except OSError as error:
        raise unreadable(name, error) from error
    if _identity(status) != _identity(status_after) or len(data) != status.st_size:
        raise UnfinishedError(f"{name}: is being written just now; it is read at the next look")
    return data, status


def _read_bytes(handle: int, count: int) -> Bytes:
    """At most `count` bytes; fewer only where the file ends."""
    if count > LARGE:
        return collect(_pieces(handle, count), count)
    data = os.read(handle, count)
    while len(data) < count and (more := os.read(handle, count - len(data))):
        data += more
    return data


def _pieces(handle: int, count: int) -> Iterator[bytes]:
    while count and (piece := os.read(handle, min(count, PIECE))):
        yield piece
        count -= len(piece)


def marks_of(status: os.stat_result) -> dict[str, str]:
    """The marks that change with a file's bytes. A program that resets mtime still changes ctime."""
    mtime_ns, ctime_ns, size = map(str, _identity(status))
    return {"mtime_ns": mtime_ns, "ctime_ns": ctime_ns, "size": size}


def is_unchanged(marks: Mapping[str, str] | None, status: os.stat_result) -> bool:
    if marks is None or marks.get("ctime_ns") != str(status.st_ctime_ns):
        return False
    return marks.get("mtime_ns") == str(status.st_mtime_ns) and marks.get("size") == str(status.st_size)


def _identity(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_mtime_ns, status.st_ctime_ns, status.st_size


def age(status: os.stat_result, now: datetime) -> timedelta:
    """The time since a file changed; negative where its time of change lies in the future."""
    return timedelta(seconds=now.timestamp() - status.st_mtime)


def unreadable(name: str, error: OSError | ValueError) -> FetchError:
    if isinstance(error, FileNotFoundError):
        return FetchError(f"{name}: no such file; put it there, or correct the source's path in the YAML")
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return FetchError(f"{name}: cannot be read: {reason}; mend the file or its permissions")


def _refuse_unless_plain(name: str, status: os.stat_result, max_bytes: int) -> None:
    """FetchError for a folder, a device or the like, and for a file that is too large."""
    if not stat.S_ISREG(status.st_mode):
        other = _OTHER_FILES.get(stat.S_IFMT(status.st_mode), "something else")
        raise FetchError(f"{name}: is {other}, not a file; name a CSV file")
    if status.st_size > max_bytes:
        raise FetchError(f"{name}: is larger than {size_in_words(max_bytes)}; split it or take out what is not needed")


def size_in_words(count: int) -> str:
    return f"{count // 2**20} MB" if count >= 2**20 else f"{count:,} bytes"
