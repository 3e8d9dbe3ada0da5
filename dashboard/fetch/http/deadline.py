"""Measures how long one fetch may still take. It is a stopwatch: it never says what time it is."""

from __future__ import annotations

import threading
from time import monotonic


class Deadline:
    """The end of a number of seconds that begin now."""

    def __init__(self, seconds: float) -> None:
        self._end = monotonic() + seconds

    @property
    def seconds_left(self) -> float:
        return max(0.0, self._end - monotonic())

    @property
    def has_passed(self) -> bool:
        return self.seconds_left == 0

    def at_most(self, seconds: float) -> float:
        """`seconds`, or the time left where that is less. TimeoutError when no time is left."""
        left = self.seconds_left
        if not left:
            raise TimeoutError
        return min(seconds, left)

    def wait(self, seconds: float) -> None:
        """Sleeps for `seconds`, but never beyond the deadline."""
        threading.Event().wait(min(seconds, self.seconds_left))
