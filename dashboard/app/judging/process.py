"""The process that judges, as the pages see it: started at the first question, and again where it has ended.

Pages share one interpreter, so a judgement of a thousand indicators in it would keep every visitor waiting. The process
reads questions from its standard input and ends with it, however the server ends.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from time import monotonic
from typing import Any

from dashboard.app.judging.judged_files import Snapshot
from dashboard.app.judging.questions import Answer, Question
from dashboard.domain import WatchfloorError

COMMAND = (sys.executable, "-m", "dashboard.app.judging")
ATTEMPTS = 2  # of a question: the process may have been killed between two questions
FIRST_DRAW = 2.0  # seconds in which a browser draws its first page
LEAVE_AFTER = 600.0  # seconds without a question, after which the process is ended and its memory is free


class JudgingError(WatchfloorError):
    """A question could not be answered."""


class JudgingProcess:
    """Answers one question after the other. Several threads may ask."""

    def __init__(self, command: Sequence[str] = COMMAND) -> None:
        self._command = command
        self._questions: SimpleQueue[tuple[bytes, Future[Any]]] = SimpleQueue()
        self._running: subprocess.Popen[bytes] | None = None
        self._thread: Thread | None = None
        self._lock = Lock()
        self._visited_at: float | None = None

    def ask(self, snapshot: Snapshot, question: Question[Answer]) -> Future[Answer]:
        """The answer to come; its error is a JudgingError, or the FilesChangedError of the question."""
        answer: Future[Answer] = Future()
        self._put(pickle.dumps((snapshot, question)), answer)
        return answer

    def _put(self, message: bytes, answer: Future[Any]) -> None:
        self._questions.put((message, answer))
        with self._lock:
            if self._thread is None:
                self._thread = Thread(target=self._work, name="judging", daemon=True)
                self._thread.start()

    def wake(self) -> None:
        """Start the process if it does not run, so that the next question need not wait for that. The first call only
        notes that somebody is there: his page is being drawn, and comes first."""
        if self._visited_at is None:
            self._visited_at = monotonic()
        elif self._running is None and self._questions.empty() and monotonic() - self._visited_at > FIRST_DRAW:
            self._put(b"", Future())

    @property
    def pid(self) -> int | None:
        """The id of the process; None before the first question."""
        return None if self._running is None else self._running.pid

    def _work(self) -> None:
        """Answer for ever; the thread ends with the server, and the process with the thread's end of the pipe."""
        while True:
            try:
                message, answer = self._questions.get(timeout=LEAVE_AFTER)
            except Empty:
                if self._running is not None:
                    self._end(self._running)
                continue
            try:
                value = self._answer(message)
            except BaseException as error:
                answer.set_exception(error)
            else:
                answer.set_result(value)

    def _answer(self, message: bytes) -> Any:
        ending = ""
        for _ in range(ATTEMPTS):
            running = self._running = self._running or self._start()
            if not message:  # only to have it started
                return None
            try:
                is_answer, value = _exchange(running, message)
            except (OSError, EOFError, pickle.UnpicklingError):
                ending = self._end(running)
                continue
            if is_answer:
                return value
            raise value if isinstance(value, WatchfloorError) else JudgingError(str(value))
        raise JudgingError(f"the process that judges ended {ending}")

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def _end(self, running: subprocess.Popen[bytes]) -> str:
        """End a process that answers no more, and leave no zombie behind; how it ended, in words."""
        self._running = None
        running.kill()  # does nothing to one that has ended
        running.communicate()
        code = running.returncode
        return f"by signal {-code}; perhaps the memory is full" if code < 0 else f"with {code}, and the log says why"


def _exchange(running: subprocess.Popen[bytes], message: bytes) -> tuple[bool, Any]:
    """Send a question; whether it could be answered, and the answer or else the reason."""
    assert running.stdin is not None
    assert running.stdout is not None
    running.stdin.write(message)
    running.stdin.flush()
    is_answer, value = pickle.load(running.stdout)
    return bool(is_answer), value
