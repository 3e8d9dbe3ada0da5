"""What a refresher does first: it deletes the unfinished files of one that was killed."""

from __future__ import annotations

from pathlib import Path

from dashboard.archive import Archive
from dashboard.atomic_files import delete_partial_files
from dashboard.catalog import DEFINITIONS_FOLDER as DEFINITIONS
from dashboard.refresh.requests.mailbox import sweep_mailboxes
from dashboard.rows import RowStore


def sweep_state(state: Path) -> None:
    """Delete files that were never finished; the caller holds the lock.

    The next look at a source merges rows that its journal has and the row store lacks.
    """
    for folder in (state, state / DEFINITIONS):
        delete_partial_files(folder)
    sweep_mailboxes(state)
    RowStore(state).sweep()
    Archive(state).sweep()
