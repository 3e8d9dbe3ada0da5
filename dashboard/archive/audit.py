"""Checks every line of every journal and every stored delivery against their checksums, at once."""

from __future__ import annotations

from collections.abc import Iterator

from dashboard.archive.damage import check_delivery
from dashboard.archive.deliveries import Archive
from dashboard.archive.journal import ArchiveError
from dashboard.domain import Problem

_MEND = (
    "put the file back from a backup, or fetch or save the same delivery again; if it was rejected and nobody needs it "
    "any more, delete it"
)


def problems_of_archive(archive: Archive) -> Iterator[Problem]:
    """The damage in the archive of each source, in the catalogue or not; nothing is written."""
    for source in archive.folders():
        journal = str(archive.journal(source))
        try:
            archive.received(source)
        except ArchiveError as error:
            yield Problem(journal, 0, 0, "", str(error).removeprefix(f"{journal}: "))
        for path in archive.stored(source):
            if why := check_delivery(path):
                yield Problem(str(path), 0, 0, "", f"{why}; {_MEND}")
