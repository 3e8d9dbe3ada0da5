"""Drop folders: the files in one that changed and are whole; one that is refused keeps none of the others back."""

from __future__ import annotations

import os
from fnmatch import fnmatchcase
from pathlib import Path

from dashboard.fetch.contract import Fetched, FetchError, Look, Refused, UnfinishedError
from dashboard.fetch.local_file import age, is_unchanged, marks, read_whole, real_path, size, unreadable

_UNFINISHED = (".part", ".tmp", "~")  # how the names end under which programs write
_HIDDEN = (".", "~")  # how those begin that are not for us: "~$report.csv" is a lock
_NAMED = 5  # refused files that a message names


def fetch_folder(look: Look) -> tuple[Fetched, ...]:
    """New and changed files, in order of their names; those still being written come with a later look."""
    folder = look.source.folder
    assert folder is not None
    fetched: list[Fetched] = []
    refused: list[Refused] = []
    room = look.limits.most_bytes
    waiting = 0
    for entry in _entries(look.folder, folder, look.source.glob):
        name = _told(f"{folder.rstrip('/')}/{entry.name}")
        try:
            found = _changed(look, name, entry)
            if found is None:
                continue
            if room < found.st_size <= look.limits.most_bytes:
                waiting += 1
                continue
            new = _read(look, name, entry)
        except UnfinishedError as error:
            if look.together:
                raise FetchError(f"{error}; nothing is taken from {folder} before all files in it are whole") from error
            refused.append(Refused(folder, str(error)))
            continue
        except FetchError as error:
            if not _is_gone(entry):
                refused.append(Refused(name, str(error)))
            continue
        fetched.append(new)
        room -= len(new.data)
    if waiting:
        most = size(look.limits.most_bytes)
        refused.append(Refused(folder, f"{folder}: {waiting} more files wait, a look takes {most}; look again"))
    if refused:
        raise FetchError(_together(refused), fetched=tuple(fetched), refused=tuple(refused))
    return tuple(fetched)


def _entries(root: Path, folder: str, glob: str) -> list[os.DirEntry[str]]:
    if "/" in glob:
        raise FetchError(f'{folder}: glob: "{glob}" names folders; only files of the folder itself are read')
    try:
        with os.scandir(real_path(root, folder)) as listed:
            entries = [entry for entry in listed if _is_meant(entry.name.lower(), glob.lower())]
    except OSError as error:
        raise unreadable(folder, error) from error
    return sorted(entries, key=lambda entry: entry.name)


def _is_meant(name: str, glob: str) -> bool:
    """Whatever the case: a `REPORT.CSV` that nobody reads would be missed by nobody."""
    return fnmatchcase(name, glob) and not name.startswith(_HIDDEN) and not name.endswith(_UNFINISHED)


def _told(name: str) -> str:
    """A name as messages and the journal can have it; quoted where it cannot stand there as it is."""
    return name if name.isprintable() else f"{name!a}"


def _is_gone(entry: os.DirEntry[str]) -> bool:
    """Whether it was taken away since it was listed; what may not be looked at is still there."""
    try:
        os.lstat(entry.path)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return False


def _changed(look: Look, name: str, entry: os.DirEntry[str]) -> os.stat_result | None:
    """How the file stands, if it is to be read: it changed, and then was left alone for a while."""
    if not entry.name.isprintable():
        raise FetchError(f"{name}: its name holds control characters or is not UTF-8; rename it")
    try:
        found = entry.stat()
    except FileNotFoundError as error:
        raise FetchError(
            f"{name}: is a link that leads nowhere; put the file that it names back, or the file itself in its place"
        ) from error
    except OSError as error:
        raise unreadable(name, error) from error
    if is_unchanged(look.before.get(name), found):
        return None
    wait = look.limits.settled_after
    if age(found, look.at) < -wait:
        raise FetchError(f"{name}: changed in the future, so nobody knows if it is whole; set the clock or touch it")
    if age(found, look.at) >= wait:
        return found
    if look.together:
        raise UnfinishedError(f"{name}: changed just now")
    return None


def _read(look: Look, name: str, entry: os.DirEntry[str]) -> Fetched:
    path = real_path(look.folder, name) if entry.is_symlink() else Path(entry.path)
    data, found = read_whole(path, name, look.limits.most_bytes)
    return Fetched(data, name, str(path), marks(found))


def _together(refused: list[Refused]) -> str:
    rest = len(refused) - _NAMED
    return " | ".join(one.message for one in refused[:_NAMED]) + (f" | and {rest} more" if rest > 0 else "")
