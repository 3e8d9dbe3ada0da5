"""The reason why `serve` runs no refresher, for the dashboard that it started.

Both processes have a nameless file open: `serve` must report a reason even where it can write no file.
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
    """The reason that `serve` writes; processes that inherit `handle` under the same number read it."""

    def __init__(self) -> None:
        self.handle = _nameless_file()
        self._reason = ""

    def set_reason(self, reason: str) -> bool:
        """Set the reason, "" for none; return whether it has changed."""
        is_news, self._reason = reason != self._reason, reason
        if is_news:
            data = reason.encode(errors="replace")[:_MOST]
            os.ftruncate(self.handle, 0)
            os.pwrite(self.handle, data, 0)
        return is_news


def absence_reason() -> str:
    """The reason why no refresher runs; "" where one may run, or no reason was set."""
    with suppress(OSError, ValueError):
        return os.pread(int(os.environ.get(ABSENCE_VARIABLE, "")), _MOST, 0).decode(errors="replace")
    return ""


def _nameless_file() -> int:
    if sys.platform == "linux":
        return os.memfd_create("watchfloor")  # in memory, since a full or read-only disk may be the reason
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
