"""Processes that are kept running together: one that ends is started again, and all end when told.

On Linux they also end with the process that started them, however that ends; elsewhere not if it is killed.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from time import monotonic, sleep

LOOK_EVERY = 0.2  # seconds
STEADY = 30.0  # what has run for so many seconds is well again
MOST_DEATHS = 5  # without having been steady in between
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0  # seconds before it is started again; twice as long each time
PATIENCE = 8.0  # seconds between being told to end and being killed
_SET_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2): the signal that a process gets when its parent dies
_SYSTEM = ctypes.CDLL(None) if sys.platform == "linux" else None


@dataclass
class Process:
    """A command and the process that runs it now."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    running: subprocess.Popen[bytes] | None = field(default=None, init=False)
    deaths: int = field(default=0, init=False)
    begins_at: float = field(default=0.0, init=False)

    def start(self) -> None:
        # its standard input is nobody's: two processes that wait for the same keys would share them out
        self.running = subprocess.Popen(
            self.command,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            preexec_fn=partial(_die_with, os.getpid()) if _SYSTEM else None,
        )
        self.begins_at = monotonic()

    def look(self) -> None:
        """Start it again if it has ended, after a pause that grows with its deaths."""
        if self.running is None:
            if monotonic() >= self.begins_at:
                self.start()
            return
        code = self.running.poll()
        if code is None:
            return
        self.deaths = 1 if monotonic() - self.begins_at > STEADY else self.deaths + 1
        pause = min(FIRST_PAUSE * 2 ** (self.deaths - 1), LONGEST_PAUSE)
        self.running, self.begins_at = None, monotonic() + pause
        what = "is not started again" if self.is_hopeless else f"is started again in {pause:g} s"
        print(f"{self.name} ended with {code} and {what}", file=sys.stderr, flush=True)

    @property
    def is_hopeless(self) -> bool:
        return self.deaths >= MOST_DEATHS

    def end(self, deadline: float) -> None:
        """Wait until it has ended, or end it by force at the deadline."""
        if self.running is None:
            return
        try:
            self.running.wait(max(deadline - monotonic(), 0))
        except subprocess.TimeoutExpired:
            self.running.kill()
            self.running.wait()


def _die_with(parent: int) -> None:
    """Called in a new process before its program begins: who kills the parent with -9 leaves no orphan at work."""
    if _SYSTEM is not None:
        _SYSTEM.prctl(_SET_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:  # it died before that
        os._exit(1)


def keep_running(processes: Sequence[Process], is_ending: Callable[[], bool]) -> bool:
    """Run them until it is time to end, then end them all; False where one could not be kept running."""
    try:
        while not is_ending() and not any(process.is_hopeless for process in processes):
            for process in processes:
                process.look()
            sleep(LOOK_EVERY)
    finally:
        for process in processes:
            if process.running is not None:
                process.running.terminate()
        deadline = monotonic() + PATIENCE
        for process in processes:
            process.end(deadline)
    return not any(process.is_hopeless for process in processes)
