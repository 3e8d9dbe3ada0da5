"""Archives of sources that the catalogue does not name, as after a renaming: what is in them, nothing reads."""

from __future__ import annotations

import shlex
from pathlib import Path

from dashboard.archive import JOURNAL, Archive
from dashboard.catalog import Catalog
from dashboard.journal import ArchiveError

_NEW = "NEW_NAME"


def unclaimed(catalog: Catalog, state: Path) -> tuple[str, ...]:
    """A line for each archive that no source of the catalogue reads, and what to do about it.

    A source whose last good definition stands is one of the catalogue, and so is one that has only problems.
    """
    broken = {problem.path.split(".")[1] for problem in catalog.problems if "." in problem.path}
    known = {*catalog.sources, *catalog.not_loaded, *broken}
    archive = Archive(state)
    return tuple(
        _told(name, _successor(name, catalog, archive), state) for name in archive.folders() if name not in known
    )


def _told(name: str, successor: str, state: Path) -> str:
    renamed = f"if it was renamed to {successor}" if successor != _NEW else "if it was renamed"
    return (
        f"{name}: in the archive, but not in the catalogue, so that nothing reads what was received; {renamed}, end "
        f"the refresher and run `{_moved(name, successor, state)}`; if it is gone for good, delete "
        f"{state / 'archive' / name} and {_rows(name, state)}"
    )


def _successor(name: str, catalog: Catalog, archive: Archive) -> str:
    """The one source that now reads the place where the newest delivery came from."""
    try:
        last = archive.last_received(name)
    except (ArchiveError, OSError):
        last = None
    file = last.file if last else ""
    found = [
        one
        for one, source in catalog.sources.items()
        if file and (file == source.place or (source.folder and file.startswith(f"{source.folder.rstrip('/')}/")))
    ]
    return found[0] if len(found) == 1 else _NEW


def _moved(name: str, successor: str, state: Path) -> str:
    """Commands that put its deliveries before those that came under the new name, if any did by then; the rows are
    made anew of both."""
    old, new = (state / "archive" / one for one in (name, successor))
    steps: list[tuple[str | Path, ...]] = [
        ("mkdir", "-p", new),
        ("touch", new / JOURNAL),
        ("cat", new / JOURNAL, ">>", old / JOURNAL),
        ("mv", old / JOURNAL, new / JOURNAL),
        ("cp", "-R", old / "bytes", new),
        ("rm", "-r", old),
        ("rm", "-f", _rows(name, state), _rows(successor, state)),
    ]
    return " && ".join(" ".join(">>" if word == ">>" else shlex.quote(str(word)) for word in one) for one in steps)


def _rows(name: str, state: Path) -> Path:
    return state / "rows" / f"{name}.parquet"
