"""Gives a source that was renamed in the catalogue the archive of its old name, by one line of the journal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dashboard.archive import Archive, orphans
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
    _expect_in_order(archive, old, new)
    check()
    for name in (old, new):
        store.remove(name)  # they are derived anew
    archive.rename(old, new)
    return f"{new}: has all that was received as {old}"


def expect_renamed(catalog: Catalog, archive: Archive, old: str, new: str) -> None:
    """WatchfloorError where the catalogue has no source `new`, or where `old` has no archive that no source reads."""
    expect_sources(catalog, [new])
    if old not in archive.sources():
        raise WatchfloorError(f"nothing was received as {old}{did_you_mean(old, list(archive.sources()))}")
    if old not in orphans(catalog, archive):
        raise WatchfloorError(
            f"{old} is still in the catalogue, or what is wrong there hides it; rename it there to {new}, and mend "
            "what `watchfloor check` names"
        )


def _expect_in_order(archive: Archive, old: str, new: str) -> None:
    """WatchfloorError where the new name begins before the old one ends: then they are two sources."""
    before, after = archive.runs(old), archive.runs(new)
    if before and after and after[0].at < before[-1].at:
        raise WatchfloorError(
            f"{new} was looked at on {after[0].at:%Y-%m-%d %H:%M} UTC, before {old} was for the last time, on "
            f"{before[-1].at:%Y-%m-%d %H:%M} UTC: they are two sources; nothing was changed"
        )
