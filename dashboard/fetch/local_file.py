"""Files of this machine: one below the catalogue's folder, read whole and only while nobody writes it."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from dashboard.fetch.contract import Fetched, FetchError, Look, UnfinishedError

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


def fetch_file(look: Look) -> tuple[Fetched, ...]:
    """The file of a `file:` source, where it changed. One that changed just now is read, and read again next time."""
    name = look.source.file
    assert name is not None
    path = real_path(look.folder, name)
    try:
        found = path.stat()
    except (OSError, ValueError) as error:
        raise unreadable(name, error) from error
    if is_unchanged(look.before.get(name), found):
        return ()
    data, found = read_whole(path, name, look.limits.most_bytes)
    headers = marks(found) if age(found, look.at) >= look.limits.settled_after else {}
    return (Fetched(data, name, str(path), headers),)


def real_path(folder: Path, name: str) -> Path:
    """Where `name` leads, links followed; never out of the catalogue's folder."""
    try:
        path = Path(os.path.realpath(folder / name, strict=True))
        root = Path(os.path.realpath(folder, strict=True))
    except (OSError, ValueError) as error:
        raise unreadable(name, error) from error
    if not path.is_relative_to(root):
        raise FetchError(f"{name}: leads out of the catalogue's folder, {root}; put the file itself there")
    return path


def read_whole(path: Path, name: str, most_bytes: int) -> tuple[bytes, os.stat_result]:
    """The bytes, and how the file stood before and after they were read."""
    try:
        _refuse(name, path.lstat(), most_bytes)  # before it is opened: opening a device may already do something
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as file:
            found = os.fstat(handle)
            _refuse(name, found, most_bytes)
            data = file.read(found.st_size + 1)
            after = os.fstat(handle)
    except OSError as error:
        raise unreadable(name, error) from error
    if marks(found) != marks(after) or len(data) != found.st_size:
        raise UnfinishedError(f"{name}: is being written just now; it is read at the next look")
    return data, found


def marks(found: os.stat_result) -> dict[str, str]:
    """What changes with a file's bytes: whoever sets its time of change back still changes ctime."""
    return {"mtime_ns": str(found.st_mtime_ns), "ctime_ns": str(found.st_ctime_ns), "size": str(found.st_size)}


def is_unchanged(before: Mapping[str, str] | None, found: os.stat_result) -> bool:
    return before is not None and all(before.get(key) == text for key, text in marks(found).items())


def age(found: os.stat_result, now: datetime) -> timedelta:
    """How long ago it changed; below zero where its time of change lies in the future."""
    return timedelta(seconds=now.timestamp() - found.st_mtime)


def unreadable(name: str, error: OSError | ValueError) -> FetchError:
    if isinstance(error, FileNotFoundError):
        return FetchError(f"{name}: no such file; put it there, or correct the source's path in the YAML")
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return FetchError(f"{name}: cannot be read: {reason}; mend the file or its permissions")


def _refuse(name: str, found: os.stat_result, most_bytes: int) -> None:
    """Whatever is no ordinary file of a size that can be read."""
    if not stat.S_ISREG(found.st_mode):
        kind = _KINDS.get(stat.S_IFMT(found.st_mode), "something else")
        raise FetchError(f"{name}: is {kind}, not a file; name a CSV file")
    if found.st_size > most_bytes:
        raise FetchError(f"{name}: is larger than {size(most_bytes)}; split it or take out what is not needed")


def size(count: int) -> str:
    return f"{count // 2**20} MB" if count >= 2**20 else f"{count:,} bytes"
