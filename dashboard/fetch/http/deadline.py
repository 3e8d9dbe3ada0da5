"""How long one fetch may still take. A stopwatch, not a clock: it measures, and tells nobody what time it is."""

from __future__ import annotations

import threading
from time import monotonic


class Deadline:
    """So many seconds from now, for everything together."""

    def __init__(self, seconds: float) -> None:
        self._end = monotonic() + seconds

    @property
    def left(self) -> float:
        return max(0.0, self._end - monotonic())

    @property
    def has_passed(self) -> bool:
        return self.left == 0

    def at_most(self, seconds: float) -> float:
        """`seconds`, or what is left if that is less. TimeoutError when nothing is left."""
        left = self.left
        if not left:
            raise TimeoutError
        return min(seconds, left)

    def wait(self, seconds: float) -> None:
        """Sleep so long, or as long as is left."""
        threading.Event().wait(min(seconds, self.left))
