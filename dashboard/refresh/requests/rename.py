"""Gives a source that was renamed in the catalogue the archive of its old name.

At any moment one of the two names has all of it, so a command that was killed can be repeated.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from dashboard.archive import Archive, orphans, parse_run
from dashboard.atomic_files import fsync_folder, private_folder, read_lines_and_rest, write_atomic
from dashboard.catalog import Catalog, did_you_mean
from dashboard.domain import WatchfloorError
from dashboard.rows import RowStore
from dashboard.workspace import expect_sources


def rename(state: Path, catalog: Catalog, old: str, new: str, check: Callable[[], None]) -> str:
    """Put all that was received as `old` before what the source `new` has received since; says what was done.

    The caller holds the refresher's lock; `check` raises LostLockError where it is lost. WatchfloorError where the two
    names are not those of one source; nothing is changed then.
    """
    archive, store = Archive(state), RowStore(state)
    expect_renamed(catalog, archive, old, new)
    lines = _joined(archive, old, new)
    check()
    store.remove(old)
    if not archive.has(new):
        store.remove(new)  # rows without a journal cannot be derived again
        archive.folder(old).rename(archive.folder(new))
        fsync_folder(archive.folder(new).parent)
    else:
        _move_in(archive, store, old, new, lines)
    archive.damages.rename(old, new)
    return f"{new}: has all that was received as {old}"


def expect_renamed(catalog: Catalog, archive: Archive, old: str, new: str) -> None:
    """WatchfloorError where the catalogue has no source `new`, or where `old` has no archive that no source reads."""
    expect_sources(catalog, [new])
    if old not in archive.folders():
        raise WatchfloorError(f"nothing was received as {old}{did_you_mean(old, list(archive.folders()))}")
    if old not in orphans(catalog, archive):
        raise WatchfloorError(
            f"{old} is still in the catalogue, or what is wrong there hides it; rename it there to {new}, and mend "
            "what `watchfloor check` names"
        )


def _joined(archive: Archive, old: str, new: str) -> list[bytes]:
    """The lines of both journals, those of the old name first; each once where they were joined before.

    A truncated line is left out, as in every reading of a journal. WatchfloorError where the new name begins before the
    old one ends: then they are two sources.
    """
    before, after = (read_lines_and_rest(archive.journal(name))[0] for name in (old, new))
    if after[: len(before)] == before:
        return after
    if after and before:
        last, first = parse_run(before[-1], archive.journal(old)), parse_run(after[0], archive.journal(new))
        if first.at < last.at:
            raise WatchfloorError(
                f"{new} was looked at on {first.at:%Y-%m-%d %H:%M} UTC, before {old} was for the last time, on "
                f"{last.at:%Y-%m-%d %H:%M} UTC: they are two sources; nothing was changed"
            )
    return [*before, *after]


def _move_in(archive: Archive, store: RowStore, old: str, new: str, lines: list[bytes]) -> None:
    """Add the deliveries, to which no line refers yet; then replace the journal at once; then delete the old name."""
    folder = private_folder(archive.folder(new) / "bytes")
    with archive.receiving(new):
        for path in archive.stored(old):
            if not (folder / path.name).exists():
                _link(path, folder / path.name)
        fsync_folder(folder)
        store.remove(new)
        if lines:
            write_atomic(archive.journal(new), b"\n".join(lines) + b"\n")
    archive.discard(old)


def _link(path: Path, target: Path) -> None:
    """Link the file under another name, or copy it where the file system has no links."""
    with suppress(OSError):
        os.link(path, target)
        return
    write_atomic(target, path.read_bytes())
