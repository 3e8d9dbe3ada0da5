"""What the pages ask for: for each source that is to be refreshed now a file, which whoever refreshes takes away."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

FOLDER = "requests"


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
