"""The lines of one source, as the index keeps them: without those that add nothing to what the runs add up to."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, field

from dashboard.archive.files.journal_lines import checksum

RECEIVED, SEEN_AGAIN, ACCEPTED = b"received", b"seen again", b"accepted"
CHANGES = RECEIVED, ACCEPTED  # the outcomes that change rows
REJECTIONS = b"rejected", b"failed"  # the outcomes that may begin a rejection
_BYTES = re.compile(rb'"sha256":"([0-9a-f]{64})","size":([0-9]+)')


@dataclass
class SourceLines:
    """The lines of a source, each with its outcome, oldest first.

    Of a stretch of looks that saw the same again only the first and the last are kept, since those between add nothing
    and are most of a journal. count: of all lines. digest: changes with every line, and is the same in every process.
    """

    lines: dict[int, tuple[bytes, bytes]] = field(default_factory=dict)
    count: int = 0
    digest: int = 0
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
