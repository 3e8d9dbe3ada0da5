"""The lines of one source, as the index keeps them: without those that add nothing to what the runs add up to."""

from __future__ import annotations

import re
import zlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from dashboard.archive.files.journal_lines import checksum
from dashboard.archive.files.segments import Place

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
    """

    lines: dict[int, tuple[bytes, bytes]] = field(default_factory=dict)
    count: int = 0
    digest: int = 0
    thinned: dict[str, Place] = field(default_factory=dict)
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
        dropped = {entry for entry in self.lines.values() if checksum(entry[1]).decode() in checksums}
        left = {number: entry for number, entry in self.lines.items() if entry not in dropped}
        recorded = _checksums_in(line for outcome, line in left.values() if outcome != SEEN_AGAIN)
        unread = _checksums_in(line for _, line in dropped) - recorded
        self.thinned |= dict.fromkeys(unread, through)
        self.lines = {number: entry for number, entry in left.items() if not _checksums_in([entry[1]]) & unread}

    def recorded(self) -> tuple[dict[str, int], set[str]]:
        """The sizes of all deliveries that the lines record, by SHA-256; and those that rows are derived from."""
        sizes: dict[str, int] = {}
        needed = set()
        for outcome, line in self.lines.values():
            for sha256, size in _BYTES.findall(line):
                sizes[sha256.decode()] = int(size)
                if outcome == RECEIVED:
                    needed.add(sha256.decode())
        return sizes, needed


def _checksums_in(lines: Iterable[bytes]) -> set[str]:
    """The SHA-256 of the deliveries in lines."""
    return {sha256.decode() for line in lines for sha256, _ in _BYTES.findall(line)}
