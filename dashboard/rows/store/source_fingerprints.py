"""Fingerprints of sources: one changes as soon as anything does that the rows of its source follow from."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from dashboard.archive import Archive, ArchiveError
from dashboard.atomic_files import file_stamp
from dashboard.catalog import Source
from dashboard.rows.loading.archive_faults import describe_archive_faults
from dashboard.rows.store.row_store import RowStore


class SourceFingerprints:
    """The fingerprints of the sources below one state folder. A journal is read again only after it has grown.

    A fingerprint holds the recorded changes and rejections of a source, the names and sizes of its stored deliveries,
    what is wrong with them, the version of its stored rows, and the stamp of the file that is read in place; a look
    without news leaves it as it is.
    """

    def __init__(self, state: Path) -> None:
        self._archive, self._store, self._place = Archive(state), RowStore(state), str(state)
        self._journals: dict[tuple[str, str], tuple[object, str]] = {}

    def of_all(self, sources: Mapping[str, Source], folder: Path) -> dict[str, tuple[object, ...]]:
        """The fingerprint of each source, of which those with a file have it in `folder`."""
        with self._archive.single_glance():
            return {name: self.of(name, source, folder) for name, source in sources.items()}

    def of(self, name: str, source: Source, folder: Path) -> tuple[object, ...]:
        """The fingerprint of a source. It holds no path: a refresher and pages may run in two containers."""
        origin = source.origin
        in_place = file_stamp(folder / origin.name)[1:] if origin.is_read_in_place else ()
        journal = self._journal(name, origin.location)
        faults = [fault.replace(self._place, "") for fault in describe_archive_faults(name, self._archive)]
        return name, journal, self._archive.contents(name), faults, self._store.snapshot().version(name), in_place

    def _journal(self, name: str, location: str) -> str:
        """A hash of the lines that change rows or their problems, or why they cannot be read."""
        key, grown = (name, location), self._archive.lines_stamp(name)
        known = self._journals.get(key)
        if known is None or known[0] != grown:
            known = self._journals[key] = grown, self._read(name, location)
        return known[1]

    def _read(self, name: str, location: str) -> str:
        try:
            changes = [run.as_line(name) for run in self._archive.changes(name)]
            rejections = self._archive.log(name, location).rejections
        except (ArchiveError, OSError) as error:
            return f"cannot be read: {error}"
        lines = [*changes, *(repr([each.run.as_line(name), each.until]).encode() for each in rejections)]
        return hashlib.sha256(b"\n".join(lines)).hexdigest()
