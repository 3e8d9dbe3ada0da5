"""The refresher's sign of life, rewritten every few seconds: who it is, what it does, when it next has something to do.

A page that finds it overdue raises an alarm: figures may then be older than they look.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from dashboard.atomic_files import write_atomic
from dashboard.domain import system_message
from dashboard.refresh.heartbeat import FILE

EVERY = 5.0  # seconds between two beats


class HeartbeatWriter:
    """Beats in a thread of its own, also while the refresher is busy; what it says is told to it.

    A beat that cannot be written is reported and tried again: a heartbeat that grows old is the alarm. Where the lock
    of the state folder `is_lost` the file there is another refresher's, and left alone.
    """

    def __init__(self, state: Path, clock: Callable[[], datetime], is_lost: Callable[[], bool]) -> None:
        self.doing = "starting"
        self.next_run: datetime | None = None
        self._path, self._clock, self._is_lost = state / FILE, clock, is_lost
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._beat_on, name="heartbeat", daemon=True)
        self._had_failed = False

    @contextmanager
    def beating(self) -> Iterator[None]:
        """Until the end of the `with`. Then the file goes: what was ended on purpose is absent, not overdue."""
        self._thread.start()
        try:
            yield
        finally:
            self.stop()

    def stop(self) -> None:
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()
        if not self._is_lost():
            self._path.unlink(missing_ok=True)

    def _beat_on(self) -> None:
        while not self._is_lost():
            self._beat()
            if self._stopped.wait(EVERY):
                return

    def _beat(self) -> None:
        try:
            write_atomic(self._path, _told(self._clock(), self.next_run, self.doing))
            self._had_failed = False
        except OSError as error:
            if not self._had_failed:
                print(f"the heartbeat cannot be written: {system_message(error)}", file=sys.stderr, flush=True)
            self._had_failed = True


def write_single_heartbeat(state: Path, began: datetime, next_run: datetime | None) -> None:
    """What a single refresh that has looked at everything leaves behind; whoever watches later writes over it."""
    write_atomic(state / FILE, _told(began, next_run, "", single=True))


def _told(at: datetime, next_run: datetime | None, doing: str, **more: bool) -> bytes:
    following = next_run.isoformat(timespec="seconds") if next_run else None
    told = {"at": at.isoformat(timespec="seconds"), "next_run": following, "doing": doing, **more}
    return json.dumps({"pid": os.getpid(), "host": socket.gethostname(), **told}).encode()
