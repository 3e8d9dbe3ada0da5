"""The journal of all sources: its file, read on from where the last reading stopped, and appended to in one write."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from dashboard.archive.files.journal_lines import beginning, has_right_checksum, names_in
from dashboard.archive.files.source_lines import SourceLines
from dashboard.atomic_files import append_at, file_stamp, private_folder

RUN_OUTCOMES = frozenset({b"received", b"seen again", b"rejected", b"failed", b"accepted"})
RENAMED, FORGOTTEN, DAMAGED = "renamed", "forgotten", "damaged"  # how lines begin that are no runs
_CONTROLS = frozenset(name.encode() for name in (RENAMED, FORGOTTEN, DAMAGED))
_TRANSFERS = (b"renamed", b"forgotten")
_COMPARED = 4096  # bytes before the end of the last reading, which must still be there


class Transfer(NamedTuple):
    """All that a source had so far goes to the source `new`, or to none where that is "": its lines, and its deliveries
    before the place `through` of the segments."""

    source: str
    new: str
    through: tuple[str, int]


class Damage(NamedTuple):
    """A damaged line: its number, counted from 1, and what a person reads of it after the path of the journal."""

    line: int
    text: str


class JournalFile:
    """What the file says of each source, up to the last `refresh`.

    by_source: the lines. damage: the first damage of each source, under "" that of all sources. damages: all of them.
    transfers: in the order of their lines. version: changes whenever the file is read anew from its beginning.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.version = 0
        self.forget()

    def forget(self) -> None:
        """Read everything anew with the next `refresh`."""
        self.by_source: dict[str, SourceLines] = {}
        self.damage: dict[str, Damage] = {}
        self.damages: list[Damage] = []
        self.transfers: list[Transfer] = []
        self._stamp: tuple[int, ...] | None = None
        self._size = -1
        self._end, self._count, self._before_end, self._rest = 0, 0, b"", b""
        self._ends_damaged = False
        self.version += 1

    def refresh(self) -> None:
        """Read what was appended since; everything where the file is not the same with more at its end."""
        stamp = file_stamp(self.path)[1:]
        if stamp == self._stamp:
            return
        data = self._news(stamp[1])
        if data is None:
            self.forget()
            data = self._read(0)
        end = data.rfind(b"\n") + 1
        self._rest = data[end:]
        self._add_lines(data[:end].split(b"\n")[:-1])
        self._before_end = (self._before_end + data[:end])[-_COMPARED:]
        self._end += end
        if self._rest_is_whole:
            self._note_damage([(self._count + 1, self._rest, "its line break is damaged")])
        self._stamp, self._size = stamp, stamp[1]

    @property
    def is_missing(self) -> bool:
        """Whether there was no file at the last `refresh`."""
        return self._stamp is not None and self._stamp[1] == -1

    def damage_of(self, source: str) -> Damage | None:
        """The first damaged line that may be one of this source."""
        return self.damage.get(source) or self.damage.get("")

    def append(self, lines: Sequence[bytes], *, durable: bool) -> None:
        """Append lines in one write; `durable` syncs them to the disk. A truncated last line is removed; a whole one
        without its line break gets it back."""
        self.refresh()
        whole = self._rest[:-1] + b"\n" if self._rest_is_whole else b""
        append_at(
            private_folder(self.path.parent) / self.path.name,
            self._end,
            whole + b"\n".join(lines) + b"\n",
            durable=durable,
        )
        self._stamp = None
        self.refresh()

    def _news(self, size: int) -> bytes | None:
        """The bytes after the last reading; None where what was read then is no longer there."""
        if (self._stamp is None and not self._end) or size <= self._size or self._ends_damaged or self._rest_is_whole:
            return None
        data = self._read(self._end - len(self._before_end))
        return data[len(self._before_end) :] if data.startswith(self._before_end) else None

    def all_lines(self, source: str) -> list[bytes]:
        """All lines of runs of a source, oldest first, read from the file; damaged ones are left out."""
        names = {source}
        for transfer in reversed(self.transfers):
            names |= {transfer.source} if transfer.new in names else set()
        lines: dict[str, list[bytes]] = {name: [] for name in names}
        transfers = iter(self.transfers)
        for line in self._read(0).split(b"\n")[:-1]:
            parts = beginning(line)
            if parts and parts[0] in _TRANSFERS and has_right_checksum(line):
                old, new, _ = next(transfers)
                before = lines.pop(old, [])
                if new in names:
                    lines[new] = before + lines.get(new, [])
            elif parts and parts[1] in names and parts[0] in RUN_OUTCOMES and has_right_checksum(line):
                lines.setdefault(parts[1], []).append(line)
        return lines.get(source, [])

    @property
    def _rest_is_whole(self) -> bool:
        return has_right_checksum(self._rest[:-1])

    def _read(self, begin: int) -> bytes:
        try:
            with self.path.open("rb") as file:
                file.seek(begin)
                return file.read()
        except FileNotFoundError:
            return b""

    def _add_lines(self, lines: Iterable[bytes]) -> None:
        stretch: list[tuple[int, bytes, str]] = []  # damaged lines next to each other: one spot can make two of one
        for line in lines:
            self._count += 1
            if reason := self._add(line):
                stretch.append((self._count, line, reason))
            elif stretch:
                self._note_damage(stretch)
                stretch = []
        if stretch:
            self._note_damage(stretch)
        self._ends_damaged = bool(stretch)

    def _add(self, line: bytes) -> str:
        """Take in a line; why it is damaged, or "" where it is sound."""
        if not has_right_checksum(line):
            return "it was cut off or changed"
        parts = beginning(line)
        if parts is None or (parts[0] not in RUN_OUTCOMES and parts[0] not in _CONTROLS):
            return "it does not begin with an outcome and a source"
        outcome, source, fields_at = parts
        if outcome in _CONTROLS:
            return self._add_control(outcome.decode(), source, line)
        lines = self.by_source.get(source)
        if lines is None:
            lines = self.by_source[source] = SourceLines()
        lines.add(outcome, line, fields_at)
        return ""

    def _add_control(self, outcome: str, source: str, line: bytes) -> str:
        values = json.loads(line)
        if outcome == DAMAGED:
            return f"{values['reason']}, in an archive of an earlier version"
        segment, offset = values["through"]
        old, new = (values["from"], source) if outcome == RENAMED else (source, "")
        self.transfers.append(Transfer(old, new, (segment, offset)))
        before, own = self.by_source.pop(old, SourceLines()), self.by_source.get(new, SourceLines())
        damage = self.damage.pop(old, None)
        if new:
            self.by_source[new] = _joined(before, own)
            if damage:
                self.damage.setdefault(new, damage)
        return ""

    def _note_damage(self, stretch: Sequence[tuple[int, bytes, str]]) -> None:
        """Note damaged lines next to each other. One without a readable name may be of any source named beside it, or
        of any at all where no name is left."""
        names_beside = names_in([line for _, line, _ in stretch]) or {""}
        for number, line, reason in stretch:
            entry = Damage(number, f"damaged, line {number} is no run of a source ({reason}): {line[:80]!r}")
            self.damages.append(entry)
            for name in names_in([line]) or names_beside:
                self.damage.setdefault(name, entry)


def _joined(before: SourceLines, own: SourceLines) -> SourceLines:
    """The lines of a source under two names, those of the old one first."""
    joined = SourceLines()
    for outcome, line in (*before.lines.values(), *own.lines.values()):
        joined.add(outcome, line, line.find(b'"at":"'))
    return joined
