"""Reads one local file whole: never outside the catalogue's folder, and never while a program writes it."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath

from dashboard.fetch.contract import FetchError, UnfinishedError

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


def real_path(folder: Path, name: str) -> Path:
    """The path of `name` with its links followed. FetchError where it leads out of the catalogue's folder."""
    try:
        path = Path(os.path.realpath(folder / name, strict=True))
        root = Path(os.path.realpath(folder, strict=True))
    except (OSError, ValueError) as error:
        raise unreadable(name, error) from error
    if not path.is_relative_to(root):
        raise FetchError(f"{name}: leads out of the catalogue's folder, {root}; put the file itself there")
    return path


def read_whole(path: Path, name: str, max_bytes: int) -> tuple[bytes, os.stat_result]:
    """The bytes of a file, and its status, which was the same before and after reading."""
    try:
        _refuse_unless_plain(name, path.lstat(), max_bytes)  # before opening: opening a device may have effects
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as file:
            status = os.fstat(handle)
            _refuse_unless_plain(name, status, max_bytes)
            data = file.read(status.st_size + 1)
            status_after = os.fstat(handle)
    except OSError as error:
        raise unreadable(name, error) from error
    if marks_of(status) != marks_of(status_after) or len(data) != status.st_size:
        raise UnfinishedError(f"{name}: is being written just now; it is read at the next look")
    return data, status


def marks_of(status: os.stat_result) -> dict[str, str]:
    """The marks that change with a file's bytes. A program that resets mtime still changes ctime."""
    return {"mtime_ns": str(status.st_mtime_ns), "ctime_ns": str(status.st_ctime_ns), "size": str(status.st_size)}


def is_unchanged(marks: Mapping[str, str] | None, status: os.stat_result) -> bool:
    return marks is not None and all(marks.get(key) == text for key, text in marks_of(status).items())


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
