"""What a refresher does first: it clears away what one that was killed has left unfinished."""

from __future__ import annotations

from pathlib import Path

from dashboard.archive import Archive
from dashboard.atomic_files import delete_partial_files
from dashboard.catalog import DEFINITIONS_FOLDER as DEFINITIONS
from dashboard.refresh.requests import acceptance_requests as acceptances
from dashboard.rows import RowStore


def sweep_state(state: Path) -> None:
    """Delete files that were never finished; the caller holds the lock.

    Rows that the journal knows of and the store does not are merged with the next look at their source.
    """
    for folder in (state, state / DEFINITIONS):
        delete_partial_files(folder)
    acceptances.sweep(state)
    RowStore(state).sweep()
    Archive(state).sweep()
