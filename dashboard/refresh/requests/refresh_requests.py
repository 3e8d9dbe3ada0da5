"""Requests of the pages: a file for each source to refresh now, which the refresher deletes as it takes the request."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path

from dashboard.atomic_files import private_folder

FOLDER = "requests"


def request_refresh(state: Path, source: str) -> None:
    """Ask the refresher to look at a source now; OSError where the state folder cannot be written to."""
    (private_folder(private_folder(state) / FOLDER) / source).touch(mode=0o600)


def requested_at(state: Path, source: str) -> datetime | None:
    """When a source was requested, in UTC and whole seconds; None where no request waits."""
    try:
        return datetime.fromtimestamp(int((state / FOLDER / source).stat().st_mtime), UTC)
    except OSError:
        return None


def take_requests(state: Path, sources: Collection[str]) -> tuple[str, ...]:
    """The requested sources. Their files are deleted first, so that a later request counts again; a file that names no
    source is deleted too."""
    try:
        paths = sorted(path for path in (state / FOLDER).iterdir() if not path.is_dir())
    except FileNotFoundError:
        return ()
    for path in paths:
        path.unlink(missing_ok=True)
    return tuple(path.name for path in paths if path.name in sources)
