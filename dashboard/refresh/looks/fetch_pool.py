"""Fetches under way, each in a thread with its own deadline, so that one that hangs or fails delays no other."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Result = TypeVar("Result")

WIDTH = 32  # fetches at a time; they mostly wait for the network
DEADLINE = 90.0  # seconds; `fetch` ends a fetch itself after 60, this ends one that ignores that


class OverdueError(Exception):
    """A fetch did not end by its deadline; whatever it still brings is thrown away."""


class FetchPool(Generic[Result]):
    """Runs one fetch at a time for each name. Only the thread that made the pool may call its methods.

    Threads are daemons: they write nothing, so a process may end while they wait.
    """

    def __init__(self, width: int = WIDTH, deadline: float = DEADLINE) -> None:
        self._width, self._deadline = width, deadline
        self._waiting: queue.SimpleQueue[tuple[str, Callable[[], Result], float]] = queue.SimpleQueue()
        self._ended: queue.SimpleQueue[tuple[str, Result | Exception]] = queue.SimpleQueue()
        self._workers = 0
        self.under_way: set[str] = set()

    def begin(self, name: str, work: Callable[[], Result], longest: float = 0) -> None:
        """Do the `work` for a name as soon as a thread is free, unless a fetch for that name is under way. `longest`:
        the seconds that it may take where that is more than usual."""
        if name in self.under_way:
            return
        self.under_way.add(name)
        self._waiting.put((name, work, max(longest, self._deadline)))
        if self._workers < min(self._width, len(self.under_way)):
            self._workers += 1
            threading.Thread(target=self._serve, name=f"fetches {self._workers}", daemon=True).start()

    def next_result(self, wait: float) -> tuple[str, Result | Exception] | None:
        """A name and its result, or the error that ended its fetch; None where none ends within `wait` seconds."""
        try:
            name, result = self._ended.get(timeout=wait) if wait else self._ended.get_nowait()
        except queue.Empty:
            return None
        self.under_way.discard(name)
        return name, result

    def _serve(self) -> None:
        while True:
            name, work, deadline = self._waiting.get()
            self._ended.put((name, self._within_deadline(name, work, deadline)))

    def _within_deadline(self, name: str, work: Callable[[], Result], deadline: float) -> Result | Exception:
        results: queue.SimpleQueue[Result | Exception] = queue.SimpleQueue()

        def run() -> None:
            try:
                results.put(work())
            except Exception as error:  # handed to the caller, which logs what it does not know
                results.put(error)

        threading.Thread(target=run, name=f"fetch {name}", daemon=True).start()
        try:
            return results.get(timeout=deadline)
        except queue.Empty:
            return OverdueError(f"no answer within {deadline:g} seconds")
