"""Archives of sources that the catalogue does not name, as after a renaming: what is in them, nothing reads."""

from __future__ import annotations

from pathlib import Path

from dashboard.archive.deliveries import Archive
from dashboard.archive.journal import ArchiveError
from dashboard.catalog import Catalog

_NEW = "NEW_NAME"


def describe_orphans(catalog: Catalog, state: Path) -> tuple[str, ...]:
    """A line for each archive that no source of the catalogue reads, and what to do about it.

    A source whose last good definition stands is one of the catalogue, and so is one that has only problems. Nothing
    is said where the file does not say which sources there are: it cannot be read, has none, or `sources:` itself is
    wrong or misspelled.
    """
    archive = Archive(state)
    return tuple(_told(name, _successor(name, catalog, archive), state) for name in orphans(catalog, archive))


def orphans(catalog: Catalog, archive: Archive) -> tuple[str, ...]:
    """The names of those archives."""
    if not catalog.sources or any(one.file == catalog.file and "." not in one.path for one in catalog.problems):
        return ()
    broken = {one.path.split(".")[1] for one in catalog.problems if one.path.startswith("sources.")}
    known = {*catalog.sources, *catalog.not_loaded, *broken}
    return tuple(name for name in archive.folders() if name not in known)


def _told(name: str, successor: str, state: Path) -> str:
    renamed = f"if it was renamed to {successor}" if successor != _NEW else "if it was renamed"
    return (
        f"{name}: in the archive, but not in the catalogue, so that nothing reads what was received; {renamed}, run "
        f"`watchfloor archive rename {name} {successor}`; if it is gone for good, delete {state / 'archive' / name} "
        f"and {state / 'rows' / f'{name}.parquet'}"
    )


def _successor(name: str, catalog: Catalog, archive: Archive) -> str:
    """The one source that now reads the place where the newest delivery came from."""
    try:
        last = archive.log(name, "").last_received
    except (ArchiveError, OSError):
        last = None
    file = last.file if last else ""
    found = [one for one, source in catalog.sources.items() if file and source.origin.delivers(file)]
    return found[0] if len(found) == 1 else _NEW
