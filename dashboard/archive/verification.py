"""Reads all stored deliveries again once a day, a little at a time, and compares them with their SHA-256."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from dashboard.archive.damage import change_stamp, verify
from dashboard.archive.deliveries import Archive
from dashboard.atomic_files import write_atomic

FILE = "verified.json"
STEP_BYTES = 4 << 20  # read after a look, in some hundredths of a second
SINGLE_RUN_BYTES = 64 << 20  # read by a single refresh
_FILE_COSTS = 1 << 16  # bytes that could be read while a file is opened


class Verification:
    """The caller holds the lock of the state folder; `check` is called before anything is written.

    The progress is stored, so that single refreshes get through a large archive too.
    """

    def __init__(self, state: Path, check: Callable[[], None]) -> None:
        self._archive, self._path, self._check = Archive(state), state / FILE, check
        self._done, self._through = _stored_progress(self._path)
        self._reading: Iterator[int] | None = None
        self._news: list[str] = []

    def read_on(self, today: date, most: int, *, to_end_of_file: bool = False) -> list[str]:
        """Read about `most` further bytes, unless all were read today; returns a line for each delivery that was found
        damaged or mended. A caller that will not continue in the same file reads it `to_end_of_file`."""
        self._news = []
        damages = self._archive.damages
        for known in damages.entries():
            path = damages.path(known)
            self._note(path, known.source, change_stamp(path), damages.why_now(known))
        if self._done != today.isoformat():
            self._read(today, most, to_end_of_file)
        return self._news

    def _store_progress(self) -> None:
        if _stored_progress(self._path) == (self._done, self._through):
            return
        self._check()
        write_atomic(self._path, json.dumps({"done": self._done, "through": self._through}).encode())

    def _read(self, today: date, most: int, to_end_of_file: bool) -> None:
        self._reading = self._reading or self._read_all()
        left = most
        for count in self._reading:
            left -= count
            if left <= 0 and not (count and to_end_of_file):
                break
        else:
            self._reading, self._done, self._through = None, today.isoformat(), ["", ""]
        self._store_progress()

    def _read_all(self) -> Iterator[int]:
        """The numbers of bytes read, of all deliveries after the last one read; 0 at the end of each."""
        begin = self._through
        for source in self._archive.folders():
            if source < begin[0]:
                continue
            for path in self._archive.stored(source):
                if [source, path.name] > begin:
                    yield _FILE_COSTS
                    times = change_stamp(path)
                    why = yield from verify(path)
                    self._note(path, source, times, why)
                    self._through = [source, path.name]
                    yield 0

    def _note(self, path: Path, source: str, times: tuple[int, ...], why: str) -> None:
        if not why and not self._archive.damages.file.exists():
            return
        self._check()
        if self._archive.damages.note(source, path.name, why, times):
            self._news.append(f"{source}: stored delivery {path.name}: {why or 'no longer damaged'}")


def _stored_progress(path: Path) -> tuple[str, list[str]]:
    """The day on which all was read last; and the source and name of the last delivery read since."""
    try:
        progress = json.loads(path.read_bytes())
        source, name = progress["through"]
        return str(progress["done"]), [str(source), str(name)]
    except (OSError, ValueError, KeyError, TypeError):
        return "", ["", ""]
