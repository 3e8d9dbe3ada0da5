"""Every delivery byte for byte, and a journal of the runs of each source.

These facts cannot be obtained again; rows are derived from them. Bytes are stored once, under their SHA-256. The caller
holds the refresher's lock when it writes; anybody may read at any time.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from dashboard.archive.damage import Damages, stored_deliveries
from dashboard.archive.journal import (
    CHANGES,
    RECEIVED,
    ArchiveError,
    Run,
    checked_lines,
    parse_run,
    runs_for_log,
    with_checksum,
)
from dashboard.archive.source_log import SourceLog
from dashboard.atomic_files import (
    PART,
    append_line,
    delete_partial_files,
    file_stamp,
    fsync_folder,
    private_folder,
    read_lines,
    write_atomic,
)

JOURNAL = "journal.jsonl"
_MARK = f"receiving{PART}"
_BYTES = re.compile(rb'"sha256":"([0-9a-f]{64})","size":([0-9]+)')
UNRECORDED = (
    "received, but the journal does not tell of it, so that it is not among the rows; fetch or save the same delivery "
    "again, put the journal back from a backup, or delete the file if it never counted"
)


class Archive:
    """The deliveries and journals below a state folder, a folder for each source."""

    def __init__(self, state: Path) -> None:
        self._folder = state / "archive"
        self.damages = Damages(self._folder)

    def keep(self, source: str, data: bytes) -> str:
        """Store the bytes of a delivery durably, if they are not stored already, and return their SHA-256."""
        sha256 = hashlib.sha256(data).hexdigest()
        path = self._bytes(source, sha256)
        if not _holds(path, data):
            private_folder(path.parent)
            write_atomic(path, data)
        return sha256

    def keep_all(self, deliveries: Sequence[tuple[str, bytes]]) -> list[str]:
        """Store the bytes of many deliveries (source, bytes) durably, and return the SHA-256 of each."""
        return [self.keep(source, data) for source, data in deliveries]

    @contextmanager
    def receiving(self, source: str, *, is_tried_again: bool = False) -> Iterator[None]:
        """Mark a source as receiving: readers then take bytes without a journal line for deliveries under judgement.

        If the process is killed, the mark stays until the next refresher sweeps. If the work fails and
        `is_tried_again`, the mark stays until the next try.
        """
        mark = private_folder(self._folder / source) / _MARK
        mark.touch()
        try:
            yield
        except Exception:
            if not is_tried_again:
                mark.unlink(missing_ok=True)
            raise
        except BaseException:
            mark.unlink(missing_ok=True)
            raise
        mark.unlink(missing_ok=True)

    def data(self, source: str, sha256: str) -> bytes:
        """The bytes of a delivery, checked. Raises ArchiveError where they are missing or damaged."""
        path = self._bytes(source, sha256)
        try:
            data = path.read_bytes()
        except FileNotFoundError as error:
            raise ArchiveError(f"{path}: a delivery of {source} is missing from the archive; {_MEND}") from error
        if (actual := hashlib.sha256(data).hexdigest()) != sha256:
            raise ArchiveError(
                f"{path}: damaged; these bytes of {source} have the SHA-256 {actual}, not that of the name; {_MEND}"
            )
        return data

    def record(self, source: str, run: Run, *, durable: bool = True) -> None:
        """Append a run to the source's journal. A run that saw the same again need not be `durable`: no fact is lost
        with it."""
        private_folder(self.journal(source).parent)
        append_line(self.journal(source), with_checksum(run.as_line()), durable=durable)

    def record_all(self, runs: Sequence[tuple[str, Run]]) -> None:
        """Append the runs of many sources (source, run) in their order; those that saw the same again are not forced to
        the disk."""
        for source, run in runs:
            self.record(source, run, durable=run.outcome != "seen again")

    def runs(self, source: str) -> tuple[Run, ...]:
        """All runs, oldest first."""
        path = self.journal(source)
        return tuple(parse_run(line, path) for line in read_lines(path))

    def received(self, source: str) -> tuple[Run, ...]:
        """The runs that put a delivery in force, oldest first.

        Raises ArchiveError where any line is damaged, since it may have recorded a delivery.
        """
        path = self.journal(source)
        return tuple(parse_run(line, path) for line in checked_lines(path) if line.startswith(RECEIVED))

    def changes(self, source: str) -> tuple[Run, ...]:
        """The runs that changed the rows, oldest first: deliveries received, and rows that a person accepted as wrong.
        Raises as `received` does."""
        path = self.journal(source)
        return tuple(parse_run(line, path) for line in checked_lines(path) if line.startswith(CHANGES))

    def extent(self, source: str) -> tuple[int, Run | None]:
        """The number of `changes`, and the newest of them. Raises as `received` does."""
        path = self.journal(source)
        lines = [line for line in checked_lines(path) if line.startswith(CHANGES)]
        return len(lines), parse_run(lines[-1], path) if lines else None

    def count_received(self, source: str) -> int:
        """The number of runs that put a delivery in force. Raises as `received` does."""
        return sum(line.startswith(RECEIVED) for line in checked_lines(self.journal(source)))

    def log(self, source: str, present_location: str) -> SourceLog:
        """What the runs add up to for a source whose location in the catalogue is `present_location`. Raises as
        `received` does."""
        return SourceLog.of(present_location, runs_for_log(self.journal(source)))

    def unrecorded(self, source: str) -> tuple[Path, ...]:
        """Stored bytes that no journal line records although nothing is being received: a refresher was killed before
        it wrote the line, or the line is lost."""
        return self.discrepancies(source)[0]

    def discrepancies(self, source: str) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
        """The `unrecorded` bytes, and the recorded bytes that are missing or of another size. Rejected bytes are not
        missed, since no rows are derived from them."""
        # the folder first, the journal last: a delivery that is received and recorded meanwhile is never unrecorded
        folder = self._folder / source / "bytes"
        sizes = _sizes(folder)
        is_receiving = (self._folder / source / _MARK).exists()
        lines = read_lines(self.journal(source))
        recorded = {sha256.decode(): int(size) for sha256, size in _BYTES.findall(b"\n".join(lines))}
        unrecorded = () if is_receiving else tuple(folder / name for name in sorted(sizes) if name not in recorded)
        # what differs is looked at again: the bytes may have arrived since
        suspect = [name for name, size in recorded.items() if sizes.get(name) != size]
        lost = [name for name in suspect if file_stamp(folder / name)[2] != recorded[name]]
        needed = b"\n".join(line for line in lines if line.startswith(RECEIVED)) if lost else b""
        return unrecorded, tuple(folder / name for name in lost if name.encode() in needed)

    def stored(self, source: str) -> list[Path]:
        """The files of all deliveries of a source, in order of their names."""
        return stored_deliveries(self._folder / source / "bytes")

    def stamps(self, source: str) -> tuple[object, ...]:
        """Stamps that change with the journal, with the stored bytes, with receiving and with damage; nothing is read
        for them."""
        return (
            file_stamp(self.journal(source)),
            *self.contents(source),
            file_stamp(self.damages.file),
        )

    def contents(self, source: str) -> tuple[object, bool]:
        """The names and sizes of the stored deliveries, or why they cannot be listed, and whether one is being
        received. A delivery that was truncated in place changes nothing else."""
        folder = self._folder / source
        try:
            return tuple(sorted(_sizes(folder / "bytes").items())), (folder / _MARK).exists()
        except (OSError, ValueError) as error:  # the rows report it
            return type(error).__name__, False

    def discard(self, source: str) -> None:
        """Delete the archive of a source, in one step."""
        remains = self._folder / f"{source}{PART}"
        self.folder(source).rename(remains)
        fsync_folder(self._folder)
        shutil.rmtree(remains)

    def folder(self, source: str) -> Path:
        """The folder of a source."""
        return self._folder / source

    def journal(self, source: str) -> Path:
        """The file of a source's journal."""
        return self._folder / source / JOURNAL

    def has(self, source: str) -> bool:
        """Whether anything of a source is stored, if only bytes without a journal."""
        return (self._folder / source).exists()

    def sources(self) -> tuple[str, ...]:
        """The names of the sources that were ever looked at, in alphabetical order."""
        return tuple(sorted(path.parent.name for path in self._folder.glob(f"*/{JOURNAL}")))

    def folders(self) -> tuple[str, ...]:
        """The names of all sources that `has` affirms, in alphabetical order."""
        try:
            return tuple(sorted(path.name for path in self._folder.iterdir() if path.is_dir() and path.suffix != PART))
        except OSError:  # each source reports its own missing or unreadable folder
            return ()

    def sweep(self) -> None:
        """Delete what killed writers left; only under the refresher's lock."""
        for remains in self._folder.glob(f"*{PART}/"):
            shutil.rmtree(remains)
        for folder in (self._folder, *self._folder.glob("*/"), *self._folder.glob("*/bytes")):
            delete_partial_files(folder)

    def _bytes(self, source: str, sha256: str) -> Path:
        return self._folder / source / "bytes" / sha256


_MEND = (
    "put this file back from a backup, or delete it and fetch or save the same delivery again, "
    "then run `watchfloor rebuild`"
)


def _holds(path: Path, data: bytes) -> bool:
    """Whether a file holds the bytes. A damaged file does not, and is mended when the bytes arrive again."""
    try:
        return path.stat().st_size == len(data) and path.read_bytes() == data
    except FileNotFoundError:
        return False


def _sizes(folder: Path) -> dict[str, int]:
    """By name, the sizes of the completely written files of a folder."""
    try:
        with os.scandir(folder) as entries:
            return {entry.name: entry.stat().st_size for entry in entries if not entry.name.endswith(PART)}
    except FileNotFoundError:
        return {}
