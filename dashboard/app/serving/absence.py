"""Why `serve` runs no refresher, as the dashboard that it started is told.

Both processes have a nameless file open for that: `serve` must be able to tell it where no file can be written.
Streamlit is not imported here, so that the command line stays quick.
"""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import suppress

ABSENCE_VARIABLE = "WATCHFLOOR_ABSENCE"  # where the dashboard finds the number of the open file
_MOST = 4096  # bytes


class RefresherAbsence:
    """What `serve` writes; processes that inherit `handle` under the same number read it."""

    def __init__(self) -> None:
        self.handle = _nameless_file()
        self._told = ""

    def tell(self, why: str) -> bool:
        """From now on this is the reason, or "" where there is none; returns whether that is news."""
        is_news, self._told = why != self._told, why
        if is_news:
            data = why.encode(errors="replace")[:_MOST]
            os.ftruncate(self.handle, 0)
            os.pwrite(self.handle, data, 0)
        return is_news


def absence_reason() -> str:
    """Why no refresher runs; "" where one may, or where nobody said."""
    with suppress(OSError, ValueError):
        return os.pread(int(os.environ.get(ABSENCE_VARIABLE, "")), _MOST, 0).decode(errors="replace")
    return ""


def _nameless_file() -> int:
    if sys.platform == "linux":
        return os.memfd_create("watchfloor")  # in memory: a full or read-only disk is what there is to tell
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
