"""`folder: in`: a drop folder. A refused file never keeps the other files of its folder back."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from fnmatch import translate
from functools import partial
from typing import ClassVar

from pydantic import Field

from dashboard.fetch.contract import FetchedFile, FetchError, Look, RefusedFile, UnfinishedError
from dashboard.fetch.local_file import (
    age,
    is_unchanged,
    marks_of,
    path_problem,
    read_whole,
    real_path,
    size_in_words,
    unreadable,
)
from dashboard.fetch.source_kind import SourceKind
from dashboard.large_bytes import LARGE, LargeBytes

_UNFINISHED = (".part", ".tmp", "~")  # suffixes of files that a program is still writing
_HIDDEN = (".", "~")  # prefixes of files that are not deliveries: "~$report.csv" is a lock
_MOST_NAMED = 5  # refused files that a message names


class Folder(SourceKind):
    """A drop folder: each file in it is a delivery, which replaces the rows of the file of the same name."""

    key: ClassVar[str] = "folder"
    label: ClassVar[str] = "Folder"
    default_rhythm: ClassVar[str] = "all the time, by its time of change and size"

    folder: str = Field(description="A drop folder, relative to the catalogue's: each file in it adds its rows.")
    glob: str = Field(default="*.csv", description="With `folder`: which of its files are read.")

    @classmethod
    def is_whole(cls, location: str) -> bool:
        del location
        return False

    @property
    def description(self) -> str:
        return f"{self._path} ({self.glob})"

    @property
    def _path(self) -> str:
        return self.folder.rstrip("/")

    def delivery_name(self, file: str) -> str:
        return f"{self._path}/{file}"

    def delivers(self, delivery: str) -> bool:
        return delivery == self.folder or delivery.startswith(f"{self._path}/")

    def problems(self) -> Iterator[tuple[str, str]]:
        if problem := path_problem(self.folder):
            yield "folder", problem
        if "/" in self.glob or "\\" in self.glob:
            yield "glob", "a pattern for names of files in the folder itself, like *.csv"

    def fetch(self, look: Look) -> tuple[FetchedFile, ...]:
        """New and changed files, sorted by name. Files that are still being written are left to a later look."""
        fetched: list[FetchedFile] = []
        refused: list[RefusedFile] = []
        limits = look.limits
        bytes_left = most_bytes = min(limits.max_bytes, limits.most_in_memory)
        waiting, prefix = 0, self.delivery_name("")
        for entry in self._entries(look):
            name = _printable(prefix + entry.name)
            try:
                status = _status_if_changed(look, name, entry)
                if status is None:
                    continue
                if bytes_left < status.st_size <= min(LARGE, most_bytes):
                    waiting += 1
                    continue
                file = _read(look, name, entry)
            except UnfinishedError as error:
                if look.is_all_or_nothing:
                    message = f"{error}; nothing is taken from {self.folder} before all files in it are whole"
                    raise FetchError(message) from error
                refused.append(RefusedFile(self.folder, str(error)))
                continue
            except FetchError as error:
                if not _is_deleted(entry):
                    refused.append(RefusedFile(name, str(error)))
                continue
            fetched.append(file)
            bytes_left -= 0 if isinstance(file.data, LargeBytes) else len(file.data)
        if waiting:
            message = f"{self.folder}: {waiting} more files wait, a look takes {size_in_words(most_bytes)}; look again"
            refused.append(RefusedFile(self.folder, message))
        if refused:
            raise FetchError(_summary_line(refused), fetched=tuple(fetched), refused=tuple(refused))
        return tuple(fetched)

    def _entries(self, look: Look) -> list[os.DirEntry[str]]:
        if "/" in self.glob:
            message = f'{self.folder}: glob: "{self.glob}" names folders; only files of the folder itself are read'
            raise FetchError(message)
        is_delivery = partial(_is_delivery, re.compile(translate(self.glob.lower())))
        try:
            with os.scandir(real_path(look, self.folder)) as entries:
                deliveries = [entry for entry in entries if is_delivery(entry.name.lower())]
        except OSError as error:
            raise unreadable(self.folder, error) from error
        return sorted(deliveries, key=lambda entry: entry.name)


def _is_delivery(glob: re.Pattern[str], name: str) -> bool:
    """Both in lower case: otherwise nobody would notice that a `REPORT.CSV` is never read."""
    return bool(glob.match(name)) and not name.startswith(_HIDDEN) and not name.endswith(_UNFINISHED)


def _printable(name: str) -> str:
    """A name that messages and the journal can hold: escaped where it contains unprintable characters."""
    return name if name.isprintable() else f"{name!a}"


def _is_deleted(entry: os.DirEntry[str]) -> bool:
    """Whether a file was deleted since the folder was listed. A file without read permission still exists."""
    try:
        os.lstat(entry.path)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return False


def _status_if_changed(look: Look, name: str, entry: os.DirEntry[str]) -> os.stat_result | None:
    """The status of a file that is to be read, because it changed and nobody has written to it for a while."""
    if not entry.name.isprintable():
        raise FetchError(f"{name}: its name holds control characters or is not UTF-8; rename it")
    try:
        status = entry.stat()
    except FileNotFoundError as error:
        raise FetchError(
            f"{name}: is a link that leads nowhere; put the file that it names back, or the file itself in its place"
        ) from error
    except OSError as error:
        raise unreadable(name, error) from error
    if is_unchanged(look.marks.get(name), status):
        return None
    settle_time, unchanged_for = look.limits.settle_time, age(status, look.at)
    if unchanged_for < -settle_time:
        raise FetchError(f"{name}: changed in the future, so nobody knows if it is whole; set the clock or touch it")
    if unchanged_for >= settle_time:
        return status
    if look.is_all_or_nothing:
        raise UnfinishedError(f"{name}: changed just now")
    return None


def _read(look: Look, name: str, entry: os.DirEntry[str]) -> FetchedFile:
    path = real_path(look, name) if entry.is_symlink() else entry.path
    data, status = read_whole(path, name, look.limits.max_bytes)
    return FetchedFile(data, name, path, marks_of(status))


def _summary_line(refused: list[RefusedFile]) -> str:
    rest = len(refused) - _MOST_NAMED
    return " | ".join(file.message for file in refused[:_MOST_NAMED]) + (f" | and {rest} more" if rest > 0 else "")
