"""Takes over an archive of the earlier version, which had a folder for each source: `bytes/SHA256`, `journal.jsonl`.

All bytes are stored in segments first; then the new journal appears in one step, and from then on the archive is one of
this version. The folders of the earlier one are moved to `archive.before`, which nothing reads. Damage is carried over
as damage of its source. Killed at any step, the next start goes on.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from dashboard.archive.files.index import JOURNAL, TAKEOVER, ArchiveIndex, is_of_old_version, old_folders
from dashboard.archive.files.journal_content import DAMAGED
from dashboard.archive.files.journal_lines import line_of
from dashboard.archive.files.segment_files import NewDelivery
from dashboard.archive.journal import ArchiveError, Run
from dashboard.atomic_files import PART, fsync_path, private_folder, read_lines_and_rest, write_atomic

BEFORE = "archive.before"
_TOGETHER = 32 << 20  # bytes that are stored in one write
_CHECKSUM = re.compile(rb',"checksum":"([0-9a-f]{16})"}$')


def take_over(folder: Path, index: ArchiveIndex) -> None:
    """Take over what the version before left in the archive's folder, and nothing else that lies there; the caller
    holds the refresher's lock."""
    sources = [path for name in _begin(folder) if (path := folder / name).is_dir()]
    if sources and not (folder / JOURNAL).exists():
        _take_over_bytes(sources, index)
        lines = [line for source in sources for line in _lines_of(source)]
        write_atomic(folder / JOURNAL, b"".join(line + b"\n" for line in lines))
    for path in sources:
        _move_away(path)
    if sources:
        fsync_path(folder)
    (folder / TAKEOVER).unlink(missing_ok=True)


def _begin(folder: Path) -> list[str]:
    """The names of the folders that a killed takeover began with, or that one begins with now."""
    with suppress(OSError, ValueError):
        return list(json.loads((folder / TAKEOVER).read_bytes()))
    names = [path.name for path in old_folders(folder) if path.suffix != PART]
    if not names or (folder / JOURNAL).exists() or not is_of_old_version(folder):
        return []
    write_atomic(folder / TAKEOVER, json.dumps(names).encode())
    return names


def _take_over_bytes(sources: Sequence[Path], index: ArchiveIndex) -> None:
    """Store the deliveries of all sources, many in one write."""
    with suppress(ArchiveError):  # there is no journal yet
        index.refresh()
    together, size = list[NewDelivery](), 0
    for delivery in _deliveries_of(sources, index):
        together.append(delivery)
        size += len(delivery[2])
        if size >= _TOGETHER:
            _append(index, together)
            together, size = [], 0
    _append(index, together)


def _deliveries_of(sources: Sequence[Path], index: ArchiveIndex) -> Iterator[NewDelivery]:
    """The deliveries that are not stored yet, under their names, which are their SHA-256 unless they are damaged."""
    for source in sources:
        known = index.deliveries(source.name)
        for path in _stored_files(source / "bytes"):
            if path.name not in known:
                yield source.name, path.name, _read(path)


def _append(index: ArchiveIndex, deliveries: Sequence[NewDelivery]) -> None:
    if deliveries:
        with suppress(ArchiveError):
            index.append_deliveries(deliveries)


def _stored_files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if re.fullmatch("[0-9a-f]{64}", path.name))
    except (FileNotFoundError, NotADirectoryError):
        return []


def _read(path: Path) -> bytes:
    """The bytes of a delivery; none where the disk does not give them, so that it counts as damaged."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _lines_of(source: Path) -> Iterator[bytes]:
    """The lines of a source's journal as this version writes them."""
    try:
        lines, rest = read_lines_and_rest(source / JOURNAL)
    except OSError as error:
        yield _damaged(source.name, str(error).encode(), "the journal cannot be read")
        return
    for line in lines:
        yield _line_of(source.name, line)
    if _CHECKSUM.search(rest[:-1]):
        yield _damaged(source.name, rest, "its line break is damaged")


def _line_of(source: str, line: bytes) -> bytes:
    checksum = _CHECKSUM.search(line)
    content = line[: checksum.start()] if checksum else line[:-1]
    if checksum and hashlib.sha256(content).hexdigest()[:16] != checksum[1].decode():
        return _damaged(source, line, "its checksum is that of another line")
    try:
        run = Run.of_line(content + b"}")
    except (ValueError, KeyError, TypeError) as error:
        return _damaged(source, line, f"it is no run: {error}")
    return run.as_line(source)


def _damaged(source: str, line: bytes, reason: str) -> bytes:
    return line_of(DAMAGED, source, {"reason": reason, "line": line.decode("utf-8", "backslashreplace")})


def _move_away(path: Path) -> None:
    """Move a folder of the earlier version out of the archive."""
    before = private_folder(path.parent.parent / BEFORE)
    target, number = before / path.name, 1
    while target.exists():
        number += 1
        target = before / f"{path.name}.{number}"
    with suppress(OSError):  # on another disk it stays where it is, and nothing reads it
        path.rename(target)
