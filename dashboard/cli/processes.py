"""Keeps processes running together: one that ends is started again, and all end on a signal.

A vital process that cannot be kept running ends them all. On Linux they also end with the process that started them,
however that ends; elsewhere they outlive it if it is killed.
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
from types import FrameType

LOOK_EVERY = 0.2  # seconds
STEADY = 30.0  # seconds after which a process counts as well again
MOST_DEATHS = 5  # without having been steady in between
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0  # seconds before it is started again; twice as long each time
PATIENCE = 8.0  # seconds between SIGTERM and SIGKILL
_SET_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2): the signal that a process gets when its parent dies
_SYSTEM = ctypes.CDLL(None) if sys.platform == "linux" else None


class EndSignal:
    """Whether SIGTERM, as service managers send it, or Ctrl+C has come since it was made; neither ends the process.

    A plain flag: the lock of an `Event` may be held by the very thread that the signal interrupts.
    """

    def __init__(self) -> None:
        self.has_come = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._receive)

    def _receive(self, _number: int, _frame: FrameType | None) -> None:
        self.has_come = True


def _never() -> str:
    return ""


def _ignore(_trouble: str) -> None:
    return


@dataclass
class Process:
    """A command and the process that runs it now.

    is_vital: whether the others are of no use without it; another one is restarted for ever. hindrance: called before
    each start, says why the process cannot run now, "" if it can. on_trouble: called with the reason when the process
    keeps ending, and with "" once it runs steadily again. inherits: file descriptors that stay open in it.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    is_vital: bool = True
    hindrance: Callable[[], str] = _never
    on_trouble: Callable[[str], object] = _ignore
    inherits: Sequence[int] = ()
    running: subprocess.Popen[bytes] | None = field(default=None, init=False)
    deaths: int = field(default=0, init=False)
    begins_at: float = field(default=0.0, init=False)

    def start(self) -> None:
        # without standard input: two processes that read the same keys would share them out
        self.running = subprocess.Popen(
            self.command,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            preexec_fn=partial(_die_with, os.getpid()) if _SYSTEM else None,
            pass_fds=self.inherits,
        )
        self.begins_at = monotonic()

    def look(self) -> None:
        """Start it again if it has ended, after a pause that grows with its deaths."""
        if self.running is None:
            if monotonic() >= self.begins_at:
                self._start_unless_hindered()
            return
        is_steady = monotonic() - self.begins_at > STEADY
        code = self.running.poll()
        if code is None:
            if is_steady:
                self.on_trouble("")
            return
        self.deaths = 1 if is_steady else self.deaths + 1
        pause = self._pause()
        outcome = "is not started again" if self.is_hopeless else f"is started again in {pause:g} s"
        print(f"{self.name} ended with {code} and {outcome}", file=sys.stderr, flush=True)
        if self.deaths > 1:
            self.on_trouble(f"{self.name} ended with {code} again, and its log says why")

    def _start_unless_hindered(self) -> None:
        if self.hindrance():
            self.deaths += 1
            self._pause()
        else:
            self.start()

    def _pause(self) -> float:
        """Put the next start off; by how many seconds."""
        pause = min(FIRST_PAUSE * 2.0 ** min(self.deaths - 1, 32), LONGEST_PAUSE)
        self.running, self.begins_at = None, monotonic() + pause
        return pause

    @property
    def is_hopeless(self) -> bool:
        return self.is_vital and self.deaths >= MOST_DEATHS

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
    """Called in a new process before its program begins, so that a parent killed with -9 leaves no orphan at work."""
    if _SYSTEM is not None:
        _SYSTEM.prctl(_SET_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:  # the parent died before that
        os._exit(1)


def keep_running(processes: Sequence[Process], is_ending: Callable[[], bool]) -> bool:
    """Run them until `is_ending` is true, then end them all; False where a vital one could not be kept running."""
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
