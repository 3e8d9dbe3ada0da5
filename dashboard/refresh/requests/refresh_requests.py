"""What the pages ask for: for each source that is to be refreshed now a file, which whoever refreshes takes away."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path

from dashboard.atomic_files import private_folder

FOLDER = "requests"


def request_refresh(state: Path, source: str) -> None:
    """Ask for a source to be refreshed now; OSError where the state folder cannot be written to."""
    (private_folder(private_folder(state) / FOLDER) / source).touch(mode=0o600)


def requested_at(state: Path, source: str) -> datetime | None:
    """When a source was asked for that nobody has taken yet, in UTC and whole seconds."""
    try:
        return datetime.fromtimestamp(int((state / FOLDER / source).stat().st_mtime), UTC)
    except OSError:
        return None


def take(state: Path, sources: Collection[str]) -> tuple[str, ...]:
    """The sources that were asked for; their requests are gone before they are served, so a later one counts again.

    What names no source is thrown away.
    """
    try:
        found = sorted(path for path in (state / FOLDER).iterdir() if not path.is_dir())
    except FileNotFoundError:
        return ()
    for path in found:
        path.unlink(missing_ok=True)
    return tuple(path.name for path in found if path.name in sources)
