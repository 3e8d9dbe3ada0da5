"""The journal of all sources: its file, read on from where the last reading stopped, and appended to in one write."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dashboard.archive.files.journal_content import RUN_OUTCOMES, TRANSFERS, JournalContent
from dashboard.archive.files.journal_lines import beginning, has_right_checksum
from dashboard.atomic_files import append_at, file_stamp, private_folder

_COMPARED = 4096  # bytes before the end of the last reading, which must still be there


class JournalFile:
    """The file, and its `content` up to the last `refresh`, which is another object whenever it was read anew."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.content = JournalContent()
        self.forget()

    def forget(self) -> None:
        """Read everything anew with the next `refresh`; the content stays until then."""
        self._stamp: tuple[int, ...] | None = None
        self._size, self._end, self._before_end, self._rest = -1, 0, b"", b""

    def refresh(self) -> None:
        """Read what was appended since; everything where the file is not the same with more at its end."""
        stamp = file_stamp(self.path)[1:]
        if stamp == self._stamp:
            return
        content, data = self.content, self._news(stamp[1])
        if data is None:
            self.forget()
            content, data = JournalContent(), self._read(0)
        end = data.rfind(b"\n") + 1
        self._rest = data[end:]
        content.add_lines(data[:end].split(b"\n")[:-1])
        if self._rest_is_whole:
            content.add_unended(self._rest)
        self._before_end = (self._before_end + data[:end])[-_COMPARED:]
        self._end += end
        self._stamp, self._size, self.content = stamp, stamp[1], content

    @property
    def is_missing(self) -> bool:
        """Whether there was no file at the last `refresh`."""
        return self._stamp is not None and self._stamp[1] == -1

    def append(self, lines: Sequence[bytes], *, durable: bool) -> None:
        """Append lines in one write; `durable` syncs them to the disk. A truncated last line is removed; a whole one
        without its line break gets it back."""
        self.refresh()
        whole = self._rest[:-1] + b"\n" if self._rest_is_whole else b""
        path = private_folder(self.path.parent) / self.path.name
        append_at(path, self._end, max(self._size, 0), whole + b"\n".join(lines) + b"\n", durable=durable)
        self.refresh()

    def all_lines(self, source: str) -> list[bytes]:
        """All lines of runs of a source, oldest first, read from the file; damaged ones are left out."""
        names, transfers = {source}, list(self.content.transfers)
        for transfer in reversed(transfers):
            names |= {transfer.source} if transfer.new in names else set()
        lines: dict[str, list[bytes]] = {name: [] for name in names}
        for line in self._read(0).split(b"\n")[:-1]:
            parts = beginning(line)
            if not parts or not has_right_checksum(line):
                continue
            if parts[0] in TRANSFERS and transfers:
                old, new, _ = transfers.pop(0)
                before = lines.pop(old, [])
                if new in names:
                    lines[new] = before + lines.get(new, [])
            elif parts[1] in names and parts[0] in RUN_OUTCOMES:
                lines.setdefault(parts[1], []).append(line)
        return lines.get(source, [])

    def _news(self, size: int) -> bytes | None:
        """The bytes after the last reading; None where what was read then is no longer there."""
        if self._stamp is None or size <= self._size or self.content.ends_damaged:
            return None
        data = self._read(self._end - len(self._before_end))
        return data[len(self._before_end) :] if data.startswith(self._before_end) else None

    def _read(self, begin: int) -> bytes:
        try:
            with self.path.open("rb") as file:
                file.seek(begin)
                return file.read()
        except FileNotFoundError:
            return b""

    @property
    def _rest_is_whole(self) -> bool:
        return has_right_checksum(self._rest[:-1])
