"""One process that judges, from its start to its end. Each question ends in time, whatever the process sends or not."""

from __future__ import annotations

import pickle
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import Any

from dashboard.app.judging.frames import ALIVE, BROKEN, Frame

SILENCE = 60.0  # seconds without a sign of life, after which a process is taken to hang
LONGEST = 900.0  # seconds that one question may take
LAST_WORDS = 1.0  # seconds that a process whose pipe is broken has to end by itself
END_WITHIN = 10.0  # seconds that the system has to end a process that was killed


class SilenceError(Exception):
    """The process gave no sign of life, or no answer, in time."""


class RunningProcess:
    """A process that reads questions from its standard input and writes frames to its standard output. `code` is the
    fingerprint of its code, None until it was read from the first frame."""

    def __init__(self, command: Sequence[str]) -> None:
        self.code: object = None
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    @property
    def pid(self) -> int:
        return self._process.pid

    def exchange(self, message: bytes) -> Frame:
        """Send a message; the next frame that is no sign of life. SilenceError where none comes in time. After any
        exception nothing that the process sends can be trusted, and it has to be ended."""
        frames: SimpleQueue[Frame] = SimpleQueue()
        Thread(target=self._transfer, args=(message, frames), daemon=True).start()
        deadline = monotonic() + LONGEST
        while True:
            try:
                kind, value = frames.get(timeout=max(0.0, min(SILENCE, deadline - monotonic())))
            except Empty:
                is_late = monotonic() >= deadline
                reason = f"took more than {LONGEST:g}" if is_late else f"gave no sign of life for {SILENCE:g}"
                raise SilenceError(f"the process that judges {reason} seconds, and was ended") from None
            if kind == BROKEN:
                raise value
            if kind != ALIVE:
                return kind, value

    def _transfer(self, message: bytes, frames: SimpleQueue[Frame]) -> None:
        """Hand frames on until the one that answers. Reading and writing may block for ever, so a thread does both."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(message)
            self._process.stdin.flush()
            kind = ALIVE
            while kind == ALIVE:
                kind, value = _frame(pickle.load(self._process.stdout))
                frames.put((kind, value))
        except BaseException as error:
            frames.put((BROKEN, error))

    def last_words(self) -> str:
        """How a process with a broken pipe ended, in words; "" for one that still runs."""
        try:
            code = self._process.wait(LAST_WORDS)
        except subprocess.TimeoutExpired:
            return ""
        return f"by signal {-code}; perhaps the memory is full" if code < 0 else f"with {code}, and the log says why"

    def end(self) -> None:
        """End the process, and leave no zombie behind."""
        with suppress(OSError, subprocess.TimeoutExpired):  # one that a failing disk keeps waiting cannot be killed
            self._process.kill()  # does nothing to one that has ended
            self._process.wait(END_WITHIN)
            for pipe in (self._process.stdin, self._process.stdout):
                assert pipe is not None
                with suppress(OSError):
                    pipe.close()


def _frame(content: Any) -> Frame:
    """The frame that was read; ValueError for anything else."""
    if isinstance(content, tuple) and len(content) == 2 and isinstance(content[0], str):
        return content
    raise ValueError("no frame")
