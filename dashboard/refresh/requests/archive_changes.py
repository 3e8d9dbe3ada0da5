"""Changes of the archive that a person asks for: a source's new name, a source forgotten, the space freed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from dashboard.archive import Archive, ArchiveError, orphans, superseded_deliveries
from dashboard.catalog import Catalog, did_you_mean
from dashboard.domain import WatchfloorError
from dashboard.domain.text import wording as words
from dashboard.rows import RowStore
from dashboard.workspace import expect_sources


@dataclass(frozen=True)
class ArchiveChange:
    """A request: give the source `new` what was received as `source`; forget that, as `by` says, `because` of
    something; or free the space of what was forgotten or need not be kept, and where `with_unrecorded` of what no line
    records."""

    action: Literal["rename", "forget", "compact"]
    source: str = ""
    new: str = ""
    by: str = ""
    because: str = ""
    with_unrecorded: bool = False


def expect_possible(change: ArchiveChange, catalog: Catalog, archive: Archive) -> None:
    """WatchfloorError where the change cannot be made of this archive."""
    if change.action == "rename":
        expect_sources(catalog, [change.new])
    if change.action != "compact":
        _expect_orphan(catalog, archive, change)


def carry_out(change: ArchiveChange, state: Path, catalog: Catalog, now: datetime, check: Callable[[], None]) -> str:
    """Do what is asked for, and say what was done. The caller holds the refresher's lock; `check` raises LostLockError
    where it is lost. WatchfloorError where it is impossible; nothing is changed then."""
    archive = Archive(state)
    expect_possible(change, catalog, archive)
    if change.action == "compact":
        count = thin_deliveries(state, catalog, now, check)
        check()
        return f"{_describe_thinned(count)}{archive.compact(with_unrecorded=change.with_unrecorded):,} bytes freed"
    if change.action == "rename":
        return rename(state, catalog, change.source, change.new, check)
    check()
    RowStore(state).remove(change.source)
    archive.forget(change.source, {"at": now.isoformat(), "by": change.by, "because": change.because})
    return f"{change.source}: forgotten; `watchfloor archive compact` frees its space"


def thin_deliveries(state: Path, catalog: Catalog, now: datetime, check: Callable[[], None]) -> int:
    """Let go of the deliveries that sources with `keep:` no longer need; returns how many. A source with a damaged
    journal keeps all of them. Its stored rows go first, so that none are made of a delivery that is gone."""
    archive, count = Archive(state), 0
    for name, source in catalog.sources.items():
        if source.kept_span is None:
            continue
        with suppress(ArchiveError):
            if lines := superseded_deliveries(archive, name, source.kept_span, now.date()):
                check()
                RowStore(state).remove(name)
                archive.thin(name, lines, {"at": now.isoformat(), "keep": source.keep or ""})
                count += len(lines)
    return count


def thin_and_compact(state: Path, catalog: Catalog, now: datetime, check: Callable[[], None]) -> str:
    """Let go of the deliveries that sources with `keep:` no longer need, and free their space; says so, or "" where
    there are none."""
    count = thin_deliveries(state, catalog, now, check)
    return f"{_describe_thinned(count)}{Archive(state).compact():,} bytes freed" if count else ""


def _describe_thinned(count: int) -> str:
    return f"{words.counted(count, 'receipt')} let go, " if count else ""


def rename(state: Path, catalog: Catalog, old: str, new: str, check: Callable[[], None]) -> str:
    """Put all that was received as `old` before what the source `new` has received since; says what was done.

    WatchfloorError where the two names are not those of one source; nothing is changed then.
    """
    archive, store = Archive(state), RowStore(state)
    expect_possible(ArchiveChange("rename", old, new), catalog, archive)
    _expect_in_order(archive, old, new)
    check()
    for name in (old, new):
        store.remove(name)  # they are derived anew
    archive.rename(old, new)
    return f"{new}: has all that was received as {old}"


def _expect_orphan(catalog: Catalog, archive: Archive, change: ArchiveChange) -> None:
    """WatchfloorError where nothing was received of a source, or where it is in the catalogue."""
    old = change.source
    if old not in archive.sources():
        raise WatchfloorError(f"nothing was received as {old}{did_you_mean(old, list(archive.sources()))}")
    if old not in orphans(catalog, archive):
        step = f"rename it there to {change.new}" if change.new else "delete it there"
        raise WatchfloorError(
            f"{old} is still in the catalogue, or what is wrong there hides it; {step}, and mend "
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
