"""All stored deliveries are read again once a day, a little at a time, and compared with their SHA-256."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from dashboard.archive.damage import change_stamp, verify
from dashboard.archive.deliveries import Archive
from dashboard.atomic_files import write_atomic

FILE = "verified.json"
STEP_BYTES = 4 << 20  # bytes that are read after a look, in some hundredths of a second
SINGLE_RUN_BYTES = 64 << 20  # bytes that a single refresh reads
_FILE_COSTS = 1 << 16  # bytes that could be read while a file is opened


class Verification:
    """Whoever uses it holds the lock of the state folder; `check` is called before anything is written.

    How far it has come is remembered, so that single refreshes come through a large archive too.
    """

    def __init__(self, state: Path, check: Callable[[], None]) -> None:
        self._archive, self._path, self._check = Archive(state), state / FILE, check
        self._done, self._through = _remembered(self._path)
        self._reading: Iterator[int] | None = None
        self._news: list[str] = []

    def read_on(self, today: date, most: int, *, to_end_of_file: bool = False) -> list[str]:
        """Read on for about `most` bytes, if not all was read today; gives a line for each delivery that was found
        damaged, or mended. Who will not go on in the same file reads it to its end."""
        self._news = []
        for known in self._archive.damages.known():
            path = self._archive.damages.path(known)
            self._note(path, known.source, change_stamp(path), self._archive.damages.why_now(known))
        if self._done != today.isoformat():
            self._read(today, most, to_end_of_file)
        return self._news

    def _remember(self) -> None:
        told = {"done": self._done, "through": self._through}
        if _remembered(self._path) == (self._done, self._through):
            return
        self._check()
        write_atomic(self._path, json.dumps(told).encode())

    def _read(self, today: date, most: int, to_end_of_file: bool) -> None:
        self._reading = self._reading or self._all()
        left = most
        for count in self._reading:
            left -= count
            if left <= 0 and not (count and to_end_of_file):
                break
        else:
            self._reading, self._done, self._through = None, today.isoformat(), ["", ""]
        self._remember()

    def _all(self) -> Iterator[int]:
        """How many bytes were read each time, of all deliveries that come after those that were read before; 0 at the
        end of each."""
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


def _remembered(path: Path) -> tuple[str, list[str]]:
    """The day on which all was read last, and the source and delivery that were read last of what is being read."""
    try:
        told = json.loads(path.read_bytes())
        source, name = told["through"]
        return str(told["done"]), [str(source), str(name)]
    except (OSError, ValueError, KeyError, TypeError):
        return "", ["", ""]
