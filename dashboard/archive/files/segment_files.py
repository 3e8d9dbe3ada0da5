"""All segments of an archive: their records, read on from where the last reading stopped, and appended to."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from dashboard.archive.files.segments import (
    FULL,
    SUFFIX,
    Record,
    encoded,
    header_at,
    number_of,
    scan,
    segment_name,
    with_header,
)
from dashboard.atomic_files import append_at, private_folder
from dashboard.large_bytes import Bytes

NewDelivery = tuple[str, str, Bytes]  # source, SHA-256, bytes
_LONGEST_HEADER = 4096


@dataclass
class Segment:
    """A segment as it was read last. end: where its last record ends. size: -1 where it cannot be read."""

    stamp: tuple[int, ...]
    size: int
    records: list[Record]
    damaged: list[tuple[int, int]]
    end: int
    is_torn: bool

    @property
    def is_open(self) -> bool:
        """Whether a writer may continue it, if nothing comes after it."""
        return self.size >= 0 and self.end < FULL and (self.end == self.size or self.is_torn)


class SegmentFiles:
    """The segments of a folder by their names, in the order of their numbers, in which they were written. A file whose
    name no writer gives is none, and is not read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.segments: dict[str, Segment] = {}

    def path(self, segment: str) -> Path:
        return self._folder / segment

    def refresh(self) -> list[Record] | None:
        """Read what was added; returns the new records, or None where earlier ones changed too. A segment that cannot
        be read has no records. Raises OSError where the folder cannot be listed."""
        statuses = self._listed()
        new: list[Record] = []
        is_appended = bool(self.segments) and self.segments.keys() <= statuses.keys()
        for name, status in statuses.items():
            stamp = status.st_ino, status.st_mtime_ns, status.st_ctime_ns, status.st_size
            known = self.segments.get(name)
            if known is None or known.stamp != stamp:
                was_continued = known is None or self._has_only_grown(name, known, stamp)
                before = len(known.records) if known and was_continued else 0
                self.segments[name] = self._scan(name, known if was_continued else None, stamp)
                is_appended = is_appended and was_continued and name == self._newest
                new += self.segments[name].records[before:]
        self.segments = {name: self.segments[name] for name in statuses}
        return new if is_appended else None

    def forget(self) -> None:
        """Read everything anew with the next `refresh`."""
        self.segments = {}

    def append(self, deliveries: Sequence[NewDelivery], after: int = 0) -> None:
        """Append records in one write, synced to the disk at once; to a segment whose number is above `after`."""
        name, end, size = self._place(after)
        parts, offset = list[Iterable[bytes]](), end
        for source, sha256, data in deliveries:
            first, rest, length = encoded(source, sha256, data, name, offset)
            parts += [(first,), rest]
            offset += length
        append_at(self._created(name), end, size, chain.from_iterable(parts))

    def append_copies(self, copies: Iterable[tuple[Record, Iterable[bytes]]], after: int) -> None:
        """Append records with stored bytes that they have already, as `append` does."""
        name, end, size = self._place(after)
        parts, offset = list[Iterable[bytes]](), end
        for record, stored in copies:
            header = with_header(record._replace(segment=name, offset=offset), b"")
            parts += [(header,), stored]
            offset += len(header) + record.stored
        append_at(self._created(name), end, size, chain.from_iterable(parts))

    @property
    def end(self) -> tuple[str, int]:
        """The place after all records."""
        name = self._newest
        return name, self.segments[name].end if name else 0

    @property
    def unread(self) -> list[tuple[Path, str]]:
        """What lies beside the segments under such a name and is not read, and why; and segments that cannot be."""
        strays = sorted(path for path in self._folder.glob(f"*{SUFFIX}") if not number_of(path.name))
        unreadable = [self.path(name) for name, segment in self.segments.items() if segment.size < 0]
        return [
            *((path, "not read, since no segment has such a name") for path in strays),
            *((path, "this segment cannot be read") for path in unreadable),
        ]

    @property
    def _newest(self) -> str:
        return next(reversed(self.segments), "")

    def _created(self, name: str) -> Path:
        return private_folder(self._folder) / name

    def _place(self, after: int) -> tuple[str, int, int]:
        """Where the next record goes, and the size of its segment now: the newest segment, or the next one where that
        is full or its end is damaged."""
        name = self._newest
        number = number_of(name)
        if number > after and self.segments[name].is_open:
            return name, self.segments[name].end, self.segments[name].size
        return segment_name(max(number, after) + 1), 0, 0

    def _listed(self) -> dict[str, os.stat_result]:
        """The segments in the folder, by their numbers. Where some came or went, they are listed until two listings
        agree: a listing during a compaction may have neither the copies nor what was copied."""
        names, statuses = {*self.segments}, _segments_in(self._folder)
        while names != statuses.keys():
            names, statuses = {*statuses}, _segments_in(self._folder)
        return dict(sorted(statuses.items(), key=lambda item: number_of(item[0])))

    def _has_only_grown(self, name: str, known: Segment, stamp: tuple[int, ...]) -> bool:
        """Whether the records that are known are still in the segment, as far as the last of them shows."""
        if known.size < 0 or stamp[0] != known.stamp[0] or stamp[-1] <= known.size or known.damaged:
            return False
        if not known.records:
            return True
        last = known.records[-1]
        try:
            with self.path(name).open("rb") as file:
                return header_at(os.pread(file.fileno(), _LONGEST_HEADER, last.offset), name, last.offset) == last
        except OSError:
            return False

    def _scan(self, name: str, known: Segment | None, stamp: tuple[int, ...]) -> Segment:
        size = stamp[-1]
        before, begin = (known.records, known.end) if known else ([], 0)
        try:
            content = scan(self.path(name), begin, size)
        except OSError:
            return Segment((), -1, [], [], 0, is_torn=False)
        return Segment(stamp, size, [*before, *content.records], content.damaged, content.end, content.is_torn)


def _segments_in(folder: Path) -> dict[str, os.stat_result]:
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries if number_of(entry.name)]
    except FileNotFoundError:
        return {}
    return {name: status for name in names if (status := _status(folder / name))}


def _status(path: Path) -> os.stat_result | None:
    """The status of a file, that of a link which leads nowhere, or none where it was deleted meanwhile."""
    with suppress(OSError):
        return path.stat()
    with suppress(FileNotFoundError):
        return path.lstat()
    return None
