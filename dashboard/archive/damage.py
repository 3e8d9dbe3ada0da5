"""Damaged deliveries: found by reading the stored bytes again, and remembered until mended.

One file of the archive's folder lists them, so that a board knows of the damage without reading all bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from dashboard.archive.files.index import ArchiveIndex
from dashboard.archive.files.segments import Record, pieces
from dashboard.atomic_files import file_stamp, private_folder, write_atomic

FILE = "damaged.json"
OTHER_BYTES = "damaged, these are not the bytes that were received"


@dataclass(frozen=True)
class Damage:
    """A damaged delivery: its place, why it is damaged, and the stamp of its segment at that time."""

    segment: str
    offset: int
    reason: str
    stamp: tuple[int, ...]


class Damages:
    """The known damage in the archive's `folder`. The caller holds the refresher's lock when it writes."""

    def __init__(self, folder: Path, index: ArchiveIndex) -> None:
        self._folder, self._index = folder, index
        self.file = folder / FILE

    def entries(self) -> tuple[Damage, ...]:
        """All damage found, even if mended since; none where the file is unreadable: the next day finds it again."""
        try:
            entries = json.loads(self.file.read_bytes())
            return tuple(
                Damage(str(entry["segment"]), int(entry["offset"]), str(entry["why"]), tuple(map(int, entry["stamp"])))
                for entry in entries
            )
        except (OSError, ValueError, KeyError, TypeError):
            return ()

    def of(self, source: str) -> Mapping[str, str]:
        """The damaged deliveries of a source, in words, and why; one whose segment changed since is read again."""
        reasons = {}
        self._index.refresh()
        for damage in self.entries():
            record = self._index.record_at(damage.segment, damage.offset)
            if record and record.source == source and (why := self.why_now(damage)):
                reasons[describe_record(self._folder, record)] = why
        return reasons

    def why_now(self, damage: Damage) -> str:
        """Why a delivery is damaged now; "" where it is mended, or missing, which the journal shows."""
        record = self._index.record_at(damage.segment, damage.offset)
        if record is None or self.stamp(damage.segment) == damage.stamp:
            return damage.reason if record else ""
        return check_delivery(self._folder, record)

    def note(self, segment: str, offset: int, why: str, stamp: tuple[int, ...]) -> bool:
        """Store why a delivery is damaged, or "" for sound, with the stamp of its segment before it was read, so that a
        segment mended meanwhile is read again. Returns whether that is news."""
        known = {(damage.segment, damage.offset): damage for damage in self.entries()}
        before = known.pop((segment, offset), None)
        if why:
            known[segment, offset] = Damage(segment, offset, why, stamp)
        if known.get((segment, offset)) == before:
            return False
        self._write(known.values())
        return (before.reason if before else "") != why

    def stamp(self, segment: str) -> tuple[int, ...]:
        """A stamp that changes with a segment; it is not read for it."""
        return file_stamp(self._folder / segment)[1:]

    def _write(self, damages: Iterable[Damage]) -> None:
        entries = [
            {"segment": damage.segment, "offset": damage.offset, "why": damage.reason, "stamp": damage.stamp}
            for damage in damages
        ]
        write_atomic(private_folder(self._folder) / FILE, json.dumps(entries, indent=1).encode())


def describe_record(folder: Path, record: Record) -> str:
    """Where a stored delivery is: its segment, its place there, its SHA-256 and its source."""
    return f"{folder / record.segment}, byte {record.offset}, delivery {record.sha256} of {record.source}"


def describe_missing(folder: Path, source: str, sha256: str) -> str:
    """A delivery that is nowhere in the archive."""
    return f"{folder}: delivery {sha256} of {source} is missing from the archive"


def check_delivery(folder: Path, record: Record) -> str:
    """Why a stored delivery is damaged, read at once; "" where it is sound."""
    reading = verify(folder, record)
    while True:
        try:
            next(reading)
        except StopIteration as done:
            why: str = done.value
            return why


def verify(folder: Path, record: Record) -> Generator[int, None, str]:
    """Read a stored delivery piece by piece: yields the size of each piece, and returns why the delivery is damaged.
    A missing one is not damaged; `Archive.discrepancies` reports it."""
    digest = hashlib.sha256()
    try:
        for piece in pieces(folder / record.segment, record):
            digest.update(piece)
            yield len(piece)
    except FileNotFoundError:
        return ""
    except OSError as error:
        return f"cannot be read: {error.strerror or error}"
    except ValueError:
        return OTHER_BYTES
    return "" if digest.hexdigest() == record.sha256 else OTHER_BYTES
