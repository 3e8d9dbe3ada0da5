"""What the index keeps of one source: its lines, without those that add nothing, and its deliveries."""

from __future__ import annotations

import re
import zlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from itertools import takewhile
from typing import NamedTuple

from dashboard.archive.files.journal_lines import checksum
from dashboard.archive.files.segments import Place, Record

RECEIVED, SEEN_AGAIN, ACCEPTED = b"received", b"seen again", b"accepted"
CHANGES = RECEIVED, ACCEPTED  # the outcomes that change rows
REJECTIONS = b"rejected", b"failed"  # the outcomes that may begin a rejection
_BYTES = re.compile(rb'"sha256":"([0-9a-f]{64})","size":([0-9]+)')


@dataclass
class SourceLines:
    """The lines of a source, each with its outcome, oldest first.

    Of a stretch of looks that saw the same again only the first and the last are kept, since those between add nothing
    and are most of a journal. count: of all lines. digest: changes with every line, and is the same in every process.
    thinned: the SHA-256 of deliveries that were let go, each with the place in the segments before which it is gone.
    thinning_count: how often lines were left out that added something, so that what they add up to is another.
    """

    lines: dict[int, tuple[bytes, bytes]] = field(default_factory=dict)
    count: int = 0
    digest: int = 0
    thinned: dict[str, Place] = field(default_factory=dict)
    thinning_count: int = 0
    _stretch: dict[bytes, int] = field(default_factory=dict)  # the numbers of the last lines of the present stretch

    def add(self, outcome: bytes, line: bytes, fields_at: int) -> None:
        """Continue with the next line, whose fields after the name of the source begin at `fields_at`."""
        number = self.count
        self.count, self.digest = number + 1, zlib.crc32(checksum(line), self.digest)
        if outcome != SEEN_AGAIN:
            self._stretch.clear()
        else:
            content = line[line.find(b'",', fields_at + len(b'"at":"')) : line.rfind(b',"source_again":')]
            before = self._stretch.get(content)
            if before is None:
                self._stretch[content] = -1
            else:
                self.lines.pop(before, None)
                self._stretch[content] = number
        self.lines[number] = outcome, line

    def thin(self, line: bytes, checksums: Collection[str], through: Place) -> None:
        """Leave out the lines of deliveries that were let go, as the next line says, and the looks that saw them again.
        Bytes that another line records stay."""
        self.count, self.digest = self.count + 1, zlib.crc32(checksum(line), self.digest)
        self.thinning_count += 1
        dropped = {entry for entry in self.lines.values() if checksum(entry[1]).decode() in checksums}
        left = {number: entry for number, entry in self.lines.items() if entry not in dropped}
        recorded = _checksums_in(line for outcome, line in left.values() if outcome != SEEN_AGAIN)
        unread = _checksums_in(line for _, line in dropped) - recorded
        self.thinned |= dict.fromkeys(unread, through)
        self.lines = {number: entry for number, entry in left.items() if not _checksums_in([entry[1]]) & unread}

    def since(self, number: int) -> list[tuple[bytes, bytes]]:
        """The lines from a number on, each with its outcome, oldest first."""
        newest = takewhile(lambda each: each >= number, reversed(self.lines))
        return [self.lines[each] for each in newest][::-1]


class ReadThrough:
    """How far the lines of a source were read, by something that is continued as they grow."""

    def __init__(self) -> None:
        self._lines, self._thinning_count, self._count = SourceLines(), 0, 0

    def is_of(self, lines: SourceLines) -> bool:
        """Whether these are the lines that were read, if only with more at their end."""
        return self._lines is lines and self._thinning_count == lines.thinning_count

    def begin(self, lines: SourceLines) -> None:
        """Begin anew with other lines."""
        self._lines, self._thinning_count, self._count = lines, lines.thinning_count, 0

    def read_on(self) -> list[tuple[bytes, bytes]]:
        """The lines that were not read yet, each with its outcome."""
        begin, self._count = self._count, self._lines.count
        return self._lines.since(begin)


class Differences(NamedTuple):
    """The stored deliveries that no line records; and the recorded ones that are not stored with their size, in the
    order of their lines: all of them, and those that rows are derived from."""

    unrecorded: list[Record]
    lost: list[str]
    lost_of_rows: list[str]


class Inventory:
    """The deliveries of a source: those that are stored, and those that its lines record, continued as both grow.

    stored: by SHA-256. sizes: of all that the lines record. needed: those that rows are derived from. unequal: those
    that are stored without a line, or recorded and not stored with that size. digest: of what is stored, the same in
    every process.
    """

    def __init__(self) -> None:
        self.stored: dict[str, Record] = {}
        self.sizes: dict[str, int] = {}
        self.needed: set[str] = set()
        self.unequal: set[str] = set()
        self.digest = 0
        self._read = ReadThrough()

    def add(self, record: Record) -> None:
        """Take in a stored delivery, in the place of an earlier one of the same bytes."""
        if before := self.stored.get(record.sha256):
            self.digest -= _digest_of(before)
        self.digest += _digest_of(record)
        self.stored[record.sha256] = record
        self._compare(record.sha256)

    def read_on(self, lines: SourceLines) -> None:
        """Take in what the lines record that were not read yet."""
        if not self._read.is_of(lines):
            self._read.begin(lines)
            self.sizes, self.needed, self.unequal = {}, set(), {*self.stored}
        for outcome, line in self._read.read_on():
            for checksum_of_bytes, size in _BYTES.findall(line):
                sha256 = checksum_of_bytes.decode()
                self.sizes[sha256] = int(size)
                if outcome == RECEIVED:
                    self.needed.add(sha256)
                self._compare(sha256)

    @property
    def differences(self) -> Differences:
        """What is stored and not recorded, or the other way round."""
        unrecorded = [self.stored[sha256] for sha256 in sorted(self.unequal) if sha256 not in self.sizes]
        is_any_lost = len(unrecorded) < len(self.unequal)
        lost = [sha256 for sha256 in self.sizes if sha256 in self.unequal] if is_any_lost else []
        return Differences(unrecorded, lost, [sha256 for sha256 in lost if sha256 in self.needed])

    def _compare(self, sha256: str) -> None:
        record = self.stored.get(sha256)
        if record and record.size == self.sizes.get(sha256):
            self.unequal.discard(sha256)
        else:
            self.unequal.add(sha256)


def _digest_of(record: Record) -> int:
    """What a delivery adds to the digest, whatever their order."""
    return int(record.sha256[:32] or "0", 16) * (2 * record.size + 1)


def _checksums_in(lines: Iterable[bytes]) -> set[str]:
    """The SHA-256 of the deliveries in lines."""
    return {sha256.decode() for line in lines for sha256, _ in _BYTES.findall(line)}
