"""The mark that deliveries are being received: a file with the names of their sources, while they are judged."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from dashboard.atomic_files import PART, file_stamp, private_folder

FILE = f"receiving{PART}"


class ReceivingMark:
    """sources: those that were receiving when the file was read last. Only one process writes it at a time."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._stamp: object = None
        self.sources: frozenset[str] = frozenset()

    def refresh(self) -> None:
        """Read the file again where it changed; no source is receiving where it is missing or unreadable."""
        stamp = file_stamp(self._path)
        if stamp == self._stamp:
            return
        try:
            self.sources = frozenset(json.loads(self._path.read_bytes()))
        except (OSError, ValueError, TypeError):
            self.sources = frozenset()
        self._stamp = stamp

    def set(self, sources: Iterable[str]) -> None:
        """Mark these sources and no others; nothing of it is synced to the disk."""
        names = sorted(sources)
        if names:
            draft = private_folder(self._path.parent) / f"next.{FILE}"
            draft.write_text(json.dumps(names))
            draft.replace(self._path)
        else:
            self._path.unlink(missing_ok=True)
        self._stamp = None
        self.refresh()
