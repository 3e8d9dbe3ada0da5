"""What a refresher does first: it sets right what one that was killed has left behind."""

from __future__ import annotations

from pathlib import Path

from dashboard.archive import Archive
from dashboard.durable import sweep
from dashboard.refresh.requests import FOLDER

_WRITTEN = ("", "rows", "definitions", FOLDER)  # folders of the state, besides those of the archive


def sweep_all(state: Path) -> None:
    """Delete files that were never finished; the caller holds the lock.

    Rows that the journal knows of and the store does not are merged with the next look at their source.
    """
    for folder in (*(state / name for name in _WRITTEN), *Archive(state).folders()):
        sweep(folder)
