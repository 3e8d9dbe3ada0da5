"""Fetches under way, each in a thread with its own deadline: what hangs or fails holds up nobody."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

Result = TypeVar("Result")

WIDTH = 32  # fetches at a time; they mostly wait for the network
DEADLINE = 90.0  # seconds; `fetch` ends a fetch itself after 60, this catches what does not even listen to that


class OverdueError(Exception):
    """A fetch that did not come to an end by its deadline; whatever it still brings is thrown away."""


class FetchPool(Generic[Result]):
    """One at a time for each name. Only the thread that made this may call its methods.

    Threads are daemons: they write nothing, so a process may end while they wait.
    """

    def __init__(self, width: int = WIDTH, deadline: float = DEADLINE) -> None:
        self._width, self._deadline = width, deadline
        self._waiting: queue.SimpleQueue[tuple[str, Callable[[], Result]]] = queue.SimpleQueue()
        self._arrived: queue.SimpleQueue[tuple[str, Result | Exception]] = queue.SimpleQueue()
        self._workers = 0
        self.under_way: set[str] = set()

    def begin(self, name: str, work: Callable[[], Result]) -> None:
        """Do the `work` for a name as soon as a thread is free; nothing where some is under way for it."""
        if name in self.under_way:
            return
        self.under_way.add(name)
        self._waiting.put((name, work))
        if self._workers < min(self._width, len(self.under_way)):
            self._workers += 1
            threading.Thread(target=self._serve, name=f"fetches {self._workers}", daemon=True).start()

    def next_arrived(self, wait: float) -> tuple[str, Result | Exception] | None:
        """What has come for a source, or why nothing did; None where nothing did within `wait` seconds."""
        try:
            name, got = self._arrived.get(timeout=wait) if wait else self._arrived.get_nowait()
        except queue.Empty:
            return None
        self.under_way.discard(name)
        return name, got

    def _serve(self) -> None:
        while True:
            name, work = self._waiting.get()
            self._arrived.put((name, self._within_deadline(name, work)))

    def _within_deadline(self, name: str, work: Callable[[], Result]) -> Result | Exception:
        box: queue.SimpleQueue[Result | Exception] = queue.SimpleQueue()

        def do() -> None:
            try:
                box.put(work())
            except Exception as error:  # handed to whoever waits for it, who raises what it does not know
                box.put(error)

        threading.Thread(target=do, name=f"fetch {name}", daemon=True).start()
        try:
            return box.get(timeout=self._deadline)
        except queue.Empty:
            return OverdueError(f"no answer within {self._deadline:g} seconds")
