"""The files of an archive, and what a test does to them: damage, loss, and changes by hand."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from dashboard.archive.deliveries import Archive
from dashboard.archive.files.journal_lines import beginning
from dashboard.archive.files.segments import Record

SECOND = 10**9  # nanoseconds


def journal_of(state: Path) -> Path:
    return state / "archive" / "journal.jsonl"


def segments_of(state: Path) -> list[Path]:
    return sorted((state / "archive").glob("*.segment"))


def overwrite(path: Path, data: bytes) -> None:
    """Write a file as a person does, some time after its last change."""
    before = path.stat().st_mtime_ns if path.exists() else 0
    path.write_bytes(data)
    changed = max(path.stat().st_mtime_ns, before + SECOND)
    os.utime(path, ns=(changed, changed))


def is_of(line: bytes, source: str) -> bool:
    """Whether a line of the journal is one of a source."""
    parts = beginning(line)
    return parts is not None and parts[1] == source


def lines_of(state: Path, source: str) -> list[bytes]:
    """The lines of a source in the journal, with their line breaks."""
    return [line for line in journal_of(state).read_bytes().splitlines(keepends=True) if is_of(line, source)]


def change_lines(state: Path, source: str, change: Callable[[list[bytes]], list[bytes]]) -> None:
    """Put other lines in the place of those of a source, after those of all others."""
    journal = journal_of(state)
    others = [line for line in journal.read_bytes().splitlines(keepends=True) if not is_of(line, source)]
    overwrite(journal, b"".join([*others, *change(lines_of(state, source))]))


def record_of(state: Path, source: str, sha256: str = "") -> Record:
    """Where a delivery of a source is stored; without a SHA-256 its first one."""
    records = sorted(Archive(state).stored(source), key=lambda record: (record.segment, record.offset))
    return next(record for record in records if sha256 in ("", record.sha256))


def flip(path: Path, at: int = 0, by: int = 1) -> bytes:
    """Change a byte, as a disk would, and return the original bytes."""
    original, times = path.read_bytes(), path.stat()
    changed = bytearray(original)
    changed[at] ^= by
    path.write_bytes(changed)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    return original


def damage_delivery(state: Path, source: str, sha256: str = "") -> bytes:
    """Change a byte of a stored delivery, and return the original bytes of its segment."""
    record = record_of(state, source, sha256)
    return flip(state / "archive" / record.segment, record.end - 1)


def lose_delivery(state: Path, source: str, sha256: str = "") -> None:
    """Destroy the header of a stored delivery, so that it cannot be found any more."""
    record = record_of(state, source, sha256)
    path = state / "archive" / record.segment
    data = path.read_bytes()
    overwrite(path, data[: record.offset] + b"#" * (record.begin - record.offset) + data[record.begin :])


def lose_all(state: Path, source: str) -> None:
    """Destroy the headers of all stored deliveries of a source."""
    while Archive(state).stored(source):
        lose_delivery(state, source)
