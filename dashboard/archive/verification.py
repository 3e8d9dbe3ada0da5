"""Reads all stored deliveries again once a day, a little at a time, and compares them with their SHA-256."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

from dashboard.archive.damage import describe_record, verify
from dashboard.archive.deliveries import Archive
from dashboard.archive.files.segments import place_of
from dashboard.atomic_files import write_atomic

FILE = "verified.json"
STEP_BYTES = 4 << 20  # read after a look, in some hundredths of a second
SINGLE_RUN_BYTES = 64 << 20  # read by a single refresh
_RECORD_COSTS = 1 << 12  # bytes that could be read while a delivery is opened
_BEGINNING = "", -1


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
            stamp = damages.stamp(known.segment)
            self._note(known.segment, known.offset, stamp, damages.why_now(known))
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
            self._reading, self._done, self._through = None, today.isoformat(), _BEGINNING
        self._store_progress()

    def _read_all(self) -> Iterator[int]:
        """The numbers of bytes read, of all deliveries after the last one read; 0 at the end of each."""
        self._archive.read_anew()
        for record in self._archive.all_stored():
            if record.place > place_of(*self._through):
                yield _RECORD_COSTS
                stamp = self._archive.damages.stamp(record.segment)
                why = yield from verify(self._archive.folder, record)
                self._note(record.segment, record.offset, stamp, why)
                self._through = record.segment, record.offset
                yield 0

    def _note(self, segment: str, offset: int, stamp: tuple[int, ...], why: str) -> None:
        damages = self._archive.damages
        if not why and not damages.file.exists():
            return
        self._check()
        if damages.note(segment, offset, why, stamp):
            record = self._archive.stored_at(segment, offset)
            place = describe_record(self._archive.folder, record) if record else f"{segment}, byte {offset}"
            self._news.append(f"{record.source if record else 'archive'}: {place}: {why or 'no longer damaged'}")


def _stored_progress(path: Path) -> tuple[str, tuple[str, int]]:
    """The day on which all was read last; and the place of the last delivery read since."""
    try:
        progress = json.loads(path.read_bytes())
        segment, offset = progress["through"]
        return str(progress["done"]), (str(segment), int(offset))
    except (OSError, ValueError, KeyError, TypeError):
        return "", _BEGINNING
