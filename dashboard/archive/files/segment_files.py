"""All segments of an archive: their records, read on from where the last reading stopped, and appended to."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from dashboard.archive.files.segments import FULL, SUFFIX, Record, encoded, header_at, scan, with_header
from dashboard.atomic_files import append_at, private_folder

NewDelivery = tuple[str, str, bytes]  # source, SHA-256, bytes
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
    """The segments of a folder, by their names, which are in the order in which they were written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.segments: dict[str, Segment] = {}

    def path(self, segment: str) -> Path:
        return self._folder / segment

    def refresh(self) -> list[Record] | None:
        """Read what was added; returns the new records, or None where earlier ones changed too. A segment that cannot
        be read has no records. Raises OSError where the folder cannot be listed."""
        statuses = _segments_in(self._folder)
        new: list[Record] = []
        is_appended = bool(self.segments) and self.segments.keys() <= statuses.keys()
        for name, status in sorted(statuses.items()):
            stamp = status.st_ino, status.st_mtime_ns, status.st_ctime_ns, status.st_size
            known = self.segments.get(name)
            if known is None or known.stamp != stamp:
                was_continued = known is None or self._has_only_grown(name, known, stamp)
                before = len(known.records) if known and was_continued else 0
                self.segments[name] = self._scan(name, known if was_continued else None, stamp)
                is_appended = is_appended and was_continued and name >= max(self.segments)
                new += self.segments[name].records[before:]
        self.segments = {name: self.segments[name] for name in sorted(statuses)}
        return new if is_appended else None

    def forget(self) -> None:
        """Read everything anew with the next `refresh`."""
        self.segments = {}

    def append(self, deliveries: Sequence[NewDelivery], after: str = "") -> None:
        """Append records in one write, synced to the disk at once; to a segment whose name comes after `after`."""
        name, end, size = self._place(after)
        parts, offset = [], end
        for source, sha256, data in deliveries:
            parts.append(encoded(source, sha256, data, name, offset))
            offset += len(parts[-1])
        append_at(self._created(name), end, size, b"".join(parts))

    def append_copies(self, copies: Iterable[tuple[Record, bytes]], after: str) -> None:
        """Append records with stored bytes that they have already, as `append` does."""
        name, end, size = self._place(after)
        parts, offset = [], end
        for record, stored in copies:
            parts.append(with_header(record._replace(segment=name, offset=offset), stored))
            offset += len(parts[-1])
        append_at(self._created(name), end, size, b"".join(parts))

    @property
    def end(self) -> tuple[str, int]:
        """The place after all records."""
        name = max(self.segments, default="")
        return name, self.segments[name].end if name else 0

    def _created(self, name: str) -> Path:
        return private_folder(self._folder) / name

    def _place(self, after: str) -> tuple[str, int, int]:
        """Where the next record goes, and the size of its segment now: the newest segment, or the next one where that
        is full or its end is damaged."""
        name = max(self.segments, default="")
        if name > after and self.segments[name].is_open:
            return name, self.segments[name].end, self.segments[name].size
        number = int(max(name, after, "0").removesuffix(SUFFIX)) + 1
        return f"{number:06}{SUFFIX}", 0, 0

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
            return {entry.name: entry.stat() for entry in entries if entry.name.endswith(SUFFIX)}
    except FileNotFoundError:
        return {}
