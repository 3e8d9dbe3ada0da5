"""Every delivery byte for byte, and a journal of what each run of a source brought.

These are the facts that cannot be made again; rows are made of them. Bytes are stored once, under their SHA-256. The
caller holds the refresher's lock when it writes; anybody may read at any time.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dashboard.archive.damage import Damages, stored_deliveries
from dashboard.archive.journal import (
    CHANGES,
    RECEIVED,
    ArchiveError,
    Run,
    run_of,
    telling_runs,
    whole_lines,
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
        """Store the bytes of a delivery durably and give their SHA-256; nothing is written where they are already."""
        sha256 = hashlib.sha256(data).hexdigest()
        path = self._bytes(source, sha256)
        if not _holds(path, data):
            private_folder(path.parent)
            write_atomic(path, data)
        return sha256

    @contextmanager
    def receiving(self, source: str, *, is_tried_again: bool = False) -> Iterator[None]:
        """While it lasts, bytes without a line are no loss to readers: they are being judged, and their line follows.

        Of one that was killed the mark stays until the next refresher sweeps; of one that failed, where it
        `is_tried_again`, until the next try.
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
        """The bytes of a delivery, checked; ArchiveError where they are gone or not what they were."""
        path = self._bytes(source, sha256)
        try:
            data = path.read_bytes()
        except FileNotFoundError as error:
            raise ArchiveError(f"{path}: a delivery of {source} is missing from the archive; {_MEND}") from error
        if (found := hashlib.sha256(data).hexdigest()) != sha256:
            raise ArchiveError(
                f"{path}: damaged; these bytes of {source} have the SHA-256 {found}, not that of the name; {_MEND}"
            )
        return data

    def record(self, source: str, run: Run, *, durable: bool = True) -> None:
        """Add a run to the source's journal; a lost `seen again` loses nothing and need not be `durable`."""
        private_folder(self.journal(source).parent)
        append_line(self.journal(source), with_checksum(run.as_line()), durable=durable)

    def runs(self, source: str) -> tuple[Run, ...]:
        """All runs, oldest first."""
        path = self.journal(source)
        return tuple(run_of(line, path) for line in read_lines(path))

    def received(self, source: str) -> tuple[Run, ...]:
        """The runs that brought what was in force, oldest first.

        ArchiveError where any line is no run's: it may have told of a delivery. Those who read less of a journal leave
        it to this to look into every line.
        """
        path = self.journal(source)
        return tuple(run_of(line, path) for line in whole_lines(path) if line.startswith(RECEIVED))

    def changes(self, source: str) -> tuple[Run, ...]:
        """The runs that changed the rows, oldest first: what was received, and what a person accepted. Raises as
        `received` does."""
        path = self.journal(source)
        return tuple(run_of(line, path) for line in whole_lines(path) if line.startswith(CHANGES))

    def extent(self, source: str) -> tuple[int, Run | None]:
        """How many `changes` there are, and the newest of them. Raises as `received` does."""
        path = self.journal(source)
        lines = [line for line in whole_lines(path) if line.startswith(CHANGES)]
        return len(lines), run_of(lines[-1], path) if lines else None

    def count_received(self, source: str) -> int:
        """How many runs brought what was in force. Raises as `received` does."""
        return sum(line.startswith(RECEIVED) for line in whole_lines(self.journal(source)))

    def log(self, source: str, here: str) -> SourceLog:
        """What the runs add up to for a source that the catalogue locates `here`. Raises as `received` does."""
        return SourceLog.of(here, telling_runs(self.journal(source)))

    def unrecorded(self, source: str) -> tuple[Path, ...]:
        """Bytes that were kept and of which no line of the journal tells, though none is being received: a refresher
        was killed before it wrote the line, or the line is lost."""
        return self.discrepancies(source)[0]

    def discrepancies(self, source: str) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
        """What is `untold`, and the bytes of which the journal tells and that are not there or of another size; but of
        what was rejected no rows are made, so that it is not missed."""
        # the folder first, the journal last: whoever receives and records meanwhile makes nothing untold
        folder = self._folder / source / "bytes"
        kept = _sizes(folder)
        is_receiving = (self._folder / source / _MARK).exists()
        lines = read_lines(self.journal(source))
        told = {sha256.decode(): int(size) for sha256, size in _BYTES.findall(b"\n".join(lines))}
        untold = () if is_receiving else tuple(folder / name for name in sorted(kept) if name not in told)
        # what differs is looked at again: it may have come since
        suspect = [name for name, size in told.items() if kept.get(name) != size]
        lost = [name for name in suspect if file_stamp(folder / name)[2] != told[name]]
        needed = b"\n".join(line for line in lines if line.startswith(RECEIVED)) if lost else b""
        return untold, tuple(folder / name for name in lost if name.encode() in needed)

    def stored(self, source: str) -> list[Path]:
        """The files of all its deliveries, in order of their names."""
        return stored_deliveries(self._folder / source / "bytes")

    def stamps(self, source: str) -> tuple[object, ...]:
        """What tells apart whether the journal was changed, bytes came or went, some are being received, or some were
        found damaged, without reading them."""
        folder = self._folder / source
        return (
            file_stamp(self.journal(source)),
            file_stamp(folder / "bytes"),
            file_stamp(folder / _MARK),
            file_stamp(self.damages.file),
        )

    def discard(self, source: str) -> None:
        """Delete all that is kept of a source; it is gone at once, or not at all."""
        left = self._folder / f"{source}{PART}"
        self.folder(source).rename(left)
        fsync_folder(self._folder)
        shutil.rmtree(left)

    def folder(self, source: str) -> Path:
        """Where all of a source is kept."""
        return self._folder / source

    def journal(self, source: str) -> Path:
        """The file of a source's journal."""
        return self._folder / source / JOURNAL

    def has(self, source: str) -> bool:
        """Whether there is anything of a source, be it bytes without a journal."""
        return (self._folder / source).exists()

    def sources(self) -> tuple[str, ...]:
        """The names of the sources that were ever looked at, in alphabetical order."""
        return tuple(sorted(path.parent.name for path in self._folder.glob(f"*/{JOURNAL}")))

    def folders(self) -> tuple[str, ...]:
        """The names of all sources of which anything is kept, be it bytes without a journal, in alphabetical order."""
        try:
            return tuple(sorted(path.name for path in self._folder.iterdir() if path.is_dir() and path.suffix != PART))
        except OSError:  # that nothing is there, or can be looked at, each source says itself
            return ()

    def sweep(self) -> None:
        """Delete what killed writers left; only under the refresher's lock."""
        for left in self._folder.glob(f"*{PART}/"):
            shutil.rmtree(left)
        for folder in (self._folder, *self._folder.glob("*/"), *self._folder.glob("*/bytes")):
            delete_partial_files(folder)

    def _bytes(self, source: str, sha256: str) -> Path:
        return self._folder / source / "bytes" / sha256


_MEND = (
    "put this file back from a backup, or delete it and fetch or save the same delivery again, "
    "then run `watchfloor rebuild`"
)


def _holds(path: Path, data: bytes) -> bool:
    """Whether a file holds the bytes; a damaged one does not, and is mended when they come again."""
    try:
        return path.stat().st_size == len(data) and path.read_bytes() == data
    except FileNotFoundError:
        return False


def _sizes(folder: Path) -> dict[str, int]:
    """By name, how large the files of a folder are that were written to their end."""
    try:
        with os.scandir(folder) as found:
            return {one.name: one.stat().st_size for one in found if not one.name.endswith(PART)}
    except FileNotFoundError:
        return {}
