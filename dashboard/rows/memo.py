"""A bounded, thread-safe memo of pure functions, keyed by their inputs.

Between two instants most sources have nothing new, so their series, and what follows from those alone, stay the same. A
key names all inputs of a result; results that change with time alone do not belong here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from threading import Lock
from typing import Any, TypeVar

from dashboard.domain.dates import Anchor, Period

Result = TypeVar("Result")

MOST = 250_000  # observations, at 0.1 to 0.3 kB with all that is derived from each: 75 MB at most
_LEAST_WEIGHT = 20  # of a result without observations

_BY_VALUE = frozenset({str, bytes, int, bool, float, date, Period, Anchor, type(None)})


class Memo:
    """Results by their inputs; the oldest are forgotten first. Several threads may use it."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._weight = 0
        self._results: dict[tuple[Any, ...], tuple[Any, tuple[object, ...], int]] = {}
        self._lock = Lock()

    def get(self, make: Callable[[], Result], *inputs: object, observations: int) -> Result:
        """The result of `make()`, or the one of an earlier call with the same inputs.

        The first input is the name of the result. Texts, bytes, numbers, days and periods are the same if they are
        equal, other inputs if they are the same object. `observations` is the size of the result.
        """
        key = _key(inputs)
        entry = self._results.get(key)
        if entry is None:
            entry = make(), inputs, observations + _LEAST_WEIGHT  # inputs stay alive, so that no id is used again
            self._keep(key, entry)
        result: Result = entry[0]
        return result

    def _keep(self, key: tuple[Any, ...], entry: tuple[Any, tuple[object, ...], int]) -> None:
        if entry[2] > self._most:
            return
        with self._lock:
            if key not in self._results:
                self._results[key] = entry
                self._weight += entry[2]
            while self._weight > self._most:
                oldest = next(iter(self._results))
                self._weight -= self._results.pop(oldest)[2]


def _key(parts: tuple[object, ...]) -> tuple[Any, ...]:
    return tuple(
        [part if type(part) in _BY_VALUE else _key(part) if isinstance(part, tuple) else id(part) for part in parts]
    )
