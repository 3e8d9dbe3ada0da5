"""Orphans: archives of sources that the catalogue does not name, as after a renaming; nothing reads them."""

from __future__ import annotations

from pathlib import Path

from dashboard.archive.deliveries import Archive
from dashboard.archive.journal import ArchiveError
from dashboard.catalog import Catalog

_NEW = "NEW_NAME"


def describe_orphans(catalog: Catalog, state: Path) -> tuple[str, ...]:
    """A line for each orphan, and what to do about it."""
    archive = Archive(state)
    return tuple(_describe(name, _successor(name, catalog, archive)) for name in orphans(catalog, archive))


def orphans(catalog: Catalog, archive: Archive) -> tuple[str, ...]:
    """The names of archives that no source of the catalogue reads.

    A source counts as named if its last good definition stands, or if it has only problems. There are no orphans while
    the file does not say which sources there are: it is unreadable, names none, or misspells `sources:`.
    """
    problems = catalog.problems
    if not catalog.sources or any(problem.file == catalog.file and "." not in problem.path for problem in problems):
        return ()
    broken = {problem.path.split(".")[1] for problem in problems if problem.path.startswith("sources.")}
    known = {*catalog.sources, *catalog.not_loaded, *broken}
    return tuple(name for name in archive.sources() if name not in known)


def _describe(name: str, successor: str) -> str:
    renamed = f"if it was renamed to {successor}" if successor != _NEW else "if it was renamed"
    return (
        f"{name}: in the archive, but not in the catalogue, so that nothing reads what was received; {renamed}, run "
        f"`watchfloor archive rename {name} {successor}`; if it is gone for good, run "
        f"`watchfloor archive forget {name} --by NAME --because TEXT`"
    )


def _successor(name: str, catalog: Catalog, archive: Archive) -> str:
    """The only source that now reads the location of the newest delivery; NEW_NAME where there is none, or several."""
    try:
        last = archive.log(name, "").last_received
    except (ArchiveError, OSError):
        last = None
    file = last.file if last else ""
    readers = [reader for reader, source in catalog.sources.items() if file and source.origin.delivers(file)]
    return readers[0] if len(readers) == 1 else _NEW
