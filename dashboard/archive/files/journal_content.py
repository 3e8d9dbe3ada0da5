"""What the lines of the journal say: the runs of each source, its new names, and which lines are damaged."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from dashboard.archive.files.journal_lines import beginning, has_right_checksum, may_hide_a_line, names_in
from dashboard.archive.files.segments import Place, place_of
from dashboard.archive.files.source_lines import SourceLines

RUN_OUTCOMES = frozenset({b"received", b"seen again", b"rejected", b"failed", b"accepted"})
RENAMED, FORGOTTEN, THINNED, DAMAGED = "renamed", "forgotten", "thinned", "damaged"  # how lines begin that are no runs
TRANSFERS = frozenset(name.encode() for name in (RENAMED, FORGOTTEN))
_OUTCOMES = RUN_OUTCOMES | TRANSFERS | {THINNED.encode(), DAMAGED.encode()}


class Transfer(NamedTuple):
    """All that a source had so far goes to the source `new`, or to none where that is "": its lines, and its deliveries
    before the place `through` of the segments."""

    source: str
    new: str
    through: Place


class Damage(NamedTuple):
    """A damaged line: its number, counted from 1, and what a person reads of it after the path of the journal."""

    line: int
    text: str


class JournalContent:
    """The content of a journal as far as it was read.

    by_source: the lines. damages: of all damaged lines. transfers: in the order of their lines. removal_count: of
    lines after which deliveries have other sources or none; through: the last place in the segments that one of them
    names. ends_damaged: whether the last line is damaged, which the next one may make clearer.
    """

    def __init__(self) -> None:
        self.by_source: dict[str, SourceLines] = {}
        self.damages: list[Damage] = []
        self.transfers: list[Transfer] = []
        self.removal_count, self.through = 0, (0, 0)
        self.ends_damaged = False
        self._damage: dict[str, Damage] = {}  # the first of each source, under "" that of all sources
        self._count = 0

    def damage_of(self, source: str) -> Damage | None:
        """The first damaged line that may be one of this source."""
        return self._damage.get(source) or self._damage.get("")

    def forget_thinned(self, stored: Collection[str]) -> None:
        """Forget the deliveries that were let go, but for those that are still stored: they may be many."""
        for lines in self.by_source.values():
            if lines.thinned:
                lines.thinned = {sha256: through for sha256, through in lines.thinned.items() if sha256 in stored}

    def add_unended(self, line: bytes) -> None:
        """Note the last line where only its line break is damaged."""
        self._note_damage([(self._count + 1, line, "its line break is damaged")])
        self.ends_damaged = True

    def add_lines(self, lines: Iterable[bytes]) -> None:
        """Continue with the next lines."""
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
        self.ends_damaged = bool(stretch)

    def _add(self, line: bytes) -> str:
        """Take in a line; why it is damaged, or "" where it is sound."""
        if not has_right_checksum(line):
            return "it was cut off or changed"
        parts = beginning(line)
        if parts is None or parts[0] not in _OUTCOMES:
            return "it does not begin with an outcome and a source"
        outcome, source, fields_at = parts
        if outcome not in RUN_OUTCOMES:
            return self._add_control(outcome.decode(), source, line)
        self._lines_of(source).add(outcome, line, fields_at)
        return ""

    def _lines_of(self, source: str) -> SourceLines:
        lines = self.by_source.get(source)
        if lines is None:
            lines = self.by_source[source] = SourceLines()
        return lines

    def _add_control(self, outcome: str, source: str, line: bytes) -> str:
        values = json.loads(line)
        if outcome == DAMAGED:
            return f"{values['reason']}, in an archive of an earlier version"
        through = place_of(*values["through"])
        self.removal_count, self.through = self.removal_count + 1, max(self.through, through)
        if outcome == THINNED:
            self._lines_of(source).thin(line, {*values["lines"]}, through)
            return ""
        old, new = (values["from"], source) if outcome == RENAMED else (source, "")
        self.transfers.append(Transfer(old, new, through))
        before, own = self.by_source.pop(old, SourceLines()), self.by_source.get(new, SourceLines())
        damage = self._damage.pop(old, None)
        if new:
            self.by_source[new] = _joined(before, own)
            if damage:
                self._damage.setdefault(new, damage)
        return ""

    def _note_damage(self, stretch: Sequence[tuple[int, bytes, str]]) -> None:
        """Note damaged lines next to each other. One without a readable name may be of any source named beside it; all
        may be of any at all where no name is left, or where a whole line may have been between two names."""
        damaged = b"\n".join(line for _, line, _ in stretch)
        names_beside = names_in(damaged) or {""}
        further = {""} if may_hide_a_line(damaged) else set()
        for number, line, reason in stretch:
            entry = Damage(number, f"damaged, line {number} is no run of a source ({reason}): {line[:80]!r}")
            self.damages.append(entry)
            for name in (names_in(line) or names_beside) | further:
                self._damage.setdefault(name, entry)


def _joined(before: SourceLines, own: SourceLines) -> SourceLines:
    """The lines of a source under two names, those of the old one first."""
    joined = SourceLines()
    for outcome, line in (*before.lines.values(), *own.lines.values()):
        joined.add(outcome, line, line.find(b'"at":"'))
    joined.thinned = before.thinned | own.thinned
    return joined
