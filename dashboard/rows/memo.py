"""What pure functions made of the same things before: found again, never worked out twice, and never too much of it.

Between two instants most sources have nothing new, so that their series, and what follows from those alone, are the
same. Whoever remembers something names all that it follows from; what time alone may change does not belong here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from threading import Lock
from typing import Any, TypeVar

from dashboard.domain.dates import Anchor, Period

Result = TypeVar("Result")

MOST = 250_000  # observations, at 0.1 to 0.3 kB with all that is worked out for each: 75 MB at most
_EACH = 20  # what a result weighs that has none

_BY_VALUE = (str, bytes, int, float, date, Period, Anchor, type(None))


class Memo:
    """A store of results; the oldest go first. Several threads may use it."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._weight = 0
        self._results: dict[tuple[Any, ...], tuple[Any, tuple[object, ...], int]] = {}
        self._lock = Lock()

    def get(self, make: Callable[[], Result], *follows_from: object, observations: int) -> Result:
        """What `make()` gives, or gave before.

        `follows_from` begins with the name of what is made. Words, bytes, numbers, days and periods are the same
        when they are equal, anything else when it is the very same object. `observations` is how large the result is.
        """
        key = _key(follows_from)
        found = self._results.get(key)
        if found is None:
            found = make(), follows_from, observations + _EACH  # what it follows from stays alive, so no id comes again
            self._keep(key, found)
        result: Result = found[0]
        return result

    def _keep(self, key: tuple[Any, ...], found: tuple[Any, tuple[object, ...], int]) -> None:
        if found[2] > self._most:
            return
        with self._lock:
            if key not in self._results:
                self._results[key] = found
                self._weight += found[2]
            while self._weight > self._most:
                oldest = next(iter(self._results))
                self._weight -= self._results.pop(oldest)[2]


def _key(parts: tuple[object, ...]) -> tuple[Any, ...]:
    return tuple(
        part if isinstance(part, _BY_VALUE) else _key(part) if isinstance(part, tuple) else id(part) for part in parts
    )
