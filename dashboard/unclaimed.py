"""Archives of sources that the catalogue does not name, as after a renaming: what is in them, nothing reads."""

from __future__ import annotations

import shlex
from pathlib import Path

from dashboard.archive import JOURNAL, Archive
from dashboard.catalog import Catalog
from dashboard.durable import PART
from dashboard.journal import ArchiveError

_NEW = "NEW_NAME"


def unclaimed(catalog: Catalog, state: Path) -> tuple[str, ...]:
    """A line for each archive that no source of the catalogue reads, and what to do about it.

    A source whose last good definition stands is one of the catalogue, and so is one that has only problems. Nothing
    is said where the file does not say which sources there are: it cannot be read, has none, or `sources:` itself is
    wrong or misspelled.
    """
    if not catalog.sources or any(one.file == catalog.file and "." not in one.path for one in catalog.problems):
        return ()
    broken = {one.path.split(".")[1] for one in catalog.problems if one.path.startswith("sources.")}
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
    made anew of both. A line that a killed refresher has cut off is left out, as by those who read the journal."""
    old, new = (state / "archive" / one for one in (name, successor))
    [at_old, at_new, both] = [shlex.quote(str(one)) for one in (old / JOURNAL, new / JOURNAL, old / f"both{PART}")]
    [own, others, kept] = [shlex.quote(str(one)) for one in (old, new, old / "bytes")]
    steps = (
        f"mkdir -p {others} {kept}",
        f"touch {at_old} {at_new}",
        f'sed "$(($(wc -l < {at_old}) + 1)),\\$d" {at_old} > {both}',
        f"cat {at_new} >> {both}",
        f"mv {both} {at_new}",
        f"rm {at_old}",
        f"cp -R {kept} {others}",
        f"rm -r {own}",
        f"rm -f {shlex.quote(str(_rows(name, state)))} {shlex.quote(str(_rows(successor, state)))}",
    )
    return " && ".join(steps)


def _rows(name: str, state: Path) -> Path:
    return state / "rows" / f"{name}.parquet"
