"""Fingerprints of sources: one changes as soon as anything does that the rows of its source follow from."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path

from dashboard.archive import CHANGES, REJECTIONS, Archive, ArchiveError
from dashboard.atomic_files import file_stamp
from dashboard.catalog import Source
from dashboard.rows.loading.archive_faults import describe_archive_faults
from dashboard.rows.store.row_store import RowStore, Snapshot


class SourceFingerprints:
    """The fingerprints of the sources below one state folder. A journal is read again only after it has grown.

    A fingerprint holds the recorded changes and rejections of a source, the names and sizes of its stored deliveries,
    what is wrong with them, the version of its stored rows, and the stamp of the file that is read in place; a look
    without news leaves it as it is. While no file of the state has changed, only the files in place are looked at.
    """

    def __init__(self, state: Path, archive: Archive | None = None, store: RowStore | None = None) -> None:
        """`archive` and `store` are those of the state folder, where the caller has them open."""
        self._archive, self._store, self._place = archive or Archive(state), store or RowStore(state), str(state)
        self._folders = state / "archive", state / "rows"
        self._stamps: object = None  # of the files of both, as `_received` follows from them
        self._received: dict[tuple[str, str], tuple[object, ...]] = {}
        self._journals: dict[tuple[str, str], tuple[object, str]] = {}

    def of_all(self, sources: Mapping[str, Source], folder: Path) -> dict[str, tuple[object, ...]]:
        """The fingerprint of each source, of which those with a file have it in `folder`."""
        stamps = [_stamps_in(each) for each in self._folders]  # first: what changes later shows next time
        received = self._received if stamps == self._stamps else {}
        with self._archive.single_glance():
            stored = self._store.snapshot()
            for name, source in sources.items():
                key = name, source.location
                received[key] = received.get(key) or self._of_received(*key, stored)
        self._received, self._stamps = received, stamps
        return {
            name: (*received[name, source.location], self._in_place(source, folder)) for name, source in sources.items()
        }

    def _in_place(self, source: Source, folder: Path) -> tuple[int, ...]:
        """The stamp of the file that is read where it lies; none for another source."""
        origin = source.origin
        return file_stamp(folder / origin.name)[1:] if origin.is_read_in_place else ()

    def _of_received(self, name: str, location: str, stored: Snapshot) -> tuple[object, ...]:
        """What a fingerprint says of all that was received. It holds no path: a refresher and pages may run in two
        containers."""
        journal = self._journal(name, location)
        faults = [fault.replace(self._place, "") for fault in describe_archive_faults(name, self._archive)]
        return name, journal, self._archive.contents(name), faults, stored.version(name)

    def _journal(self, name: str, location: str) -> str:
        """A hash of the lines that change rows or their problems, or why they cannot be read."""
        key, grown = (name, location), self._archive.lines_stamp(name)
        known = self._journals.get(key)
        if known is None or known[0] != grown:
            known = self._journals[key] = grown, self._read(name, location)
        return known[1]

    def _read(self, name: str, location: str) -> str:
        try:
            changes = self._archive.lines(name, CHANGES)
            is_clean = not self._archive.lines(name, REJECTIONS)  # as most sources are; a log takes its time
            rejections = () if is_clean else self._archive.log(name, location).rejections
        except (ArchiveError, OSError) as error:
            return f"cannot be read: {error}"
        lines = [*changes, *(repr([each.run.as_line(name), each.until]).encode() for each in rejections)]
        return hashlib.sha256(b"\n".join(lines)).hexdigest()


def _stamps_in(folder: Path) -> list[tuple[object, ...]]:
    """The stamps of a folder and of all that lies in it: few files, however many sources there are."""
    try:
        with os.scandir(folder) as entries:
            paths = [folder, *sorted(Path(entry.path) for entry in entries)]
    except OSError as error:
        return [(type(error).__name__, str(error))]
    return [file_stamp(path) for path in paths]
