"""Whether this process was asked to end: by SIGTERM, as service managers do, or by Ctrl+C."""

from __future__ import annotations

import signal
from types import FrameType


class Ending:
    """From when it is made, both signals only leave their mark, and whoever works looks for it.

    A plain flag: the lock of an `Event` may be held by the very thread that the signal interrupts.
    """

    def __init__(self) -> None:
        self.is_asked = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self.is_asked = True
