"""Checks every line of the journal and every stored delivery against their checksums, at once."""

from __future__ import annotations

from collections.abc import Iterator

from dashboard.archive.damage import check_delivery, describe_record
from dashboard.archive.deliveries import Archive
from dashboard.archive.journal import ArchiveError
from dashboard.domain import Problem

_MEND = "put the segment back from a backup, or fetch or save the same delivery again"


def problems_of_archive(archive: Archive) -> Iterator[Problem]:
    """The damage in the archive, of sources in the catalogue or not; nothing is written."""
    archive.read_anew()
    try:
        damages, stretches = archive.damaged_lines(), archive.damaged_stretches()
    except ArchiveError as error:
        yield Problem(str(archive.folder), 0, 0, "", str(error))
        return
    for text in damages:
        yield Problem(str(archive.journal), 0, 0, "", text)
    for path, begin, end in stretches:
        yield Problem(f"{path}, bytes {begin} to {end}", 0, 0, "", f"damaged, no delivery can be read here; {_MEND}")
    for path, why in archive.unread_files():
        yield Problem(str(path), 0, 0, "", f"{why}; put it right from a backup, or move it out of the archive")
    for record in archive.all_stored():
        if why := check_delivery(archive.folder, record):
            yield Problem(describe_record(archive.folder, record), 0, 0, "", f"{why}; {_MEND}")
