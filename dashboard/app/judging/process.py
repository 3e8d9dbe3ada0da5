"""The process that judges, as the pages see it: started at the first question, and again where it has ended.

Pages share one interpreter, so a judgement of a thousand indicators in it would keep every visitor waiting. The process
reads questions from its standard input and ends with it, however the server ends.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from time import monotonic
from typing import Any

from dashboard.app.judging.frames import ANSWER, FAILURE, FILES_CHANGED, Frame
from dashboard.app.judging.judged_files import Snapshot
from dashboard.app.judging.questions import Answer, FilesChangedError, Question
from dashboard.app.judging.running_process import RunningProcess, SilenceError
from dashboard.domain import WatchfloorError
from dashboard.refresh import code_fingerprint

COMMAND = (sys.executable, "-m", "dashboard.app.judging")
ATTEMPTS = 2  # of a question: the process may have been killed between two questions
FIRST_DRAW = 2.0  # seconds in which a browser draws its first page
LEAVE_AFTER = 600.0  # seconds without a question, after which the process is ended and its memory is free


class JudgingError(WatchfloorError):
    """A question could not be answered."""


class OtherCodeError(Exception):
    """The process runs another version of this code than the server."""


class JudgingProcess:
    """Answers one question after the other. Several threads may ask."""

    def __init__(self, command: Sequence[str] = COMMAND) -> None:
        self._command, self._code = command, code_fingerprint()
        self._questions: SimpleQueue[tuple[bytes, Future[Any]]] = SimpleQueue()
        self._running: RunningProcess | None = None
        self._thread: Thread | None = None
        self._lock = Lock()
        self._visited_at: float | None = None

    def ask(self, snapshot: Snapshot, question: Question[Answer]) -> Future[Answer]:
        """The answer to come; its error is a JudgingError, or the FilesChangedError of the question."""
        answer: Future[Answer] = Future()
        try:
            self._put(pickle.dumps((snapshot, question)), answer)
        except Exception as error:  # no memory, or no thread
            answer.set_exception(JudgingError(f"the question cannot be asked: {error}"))
        return answer

    def _put(self, message: bytes, answer: Future[Any]) -> None:
        with self._lock:
            if self._thread is None:
                thread = Thread(target=self._work, name="judging", daemon=True)
                thread.start()
                self._thread = thread
        self._questions.put((message, answer))

    def wake(self) -> None:
        """Start the process if it does not run, so that the next question need not wait for that. The first call only
        notes that somebody is there: his page is being drawn, and comes first."""
        if self._visited_at is None:
            self._visited_at = monotonic()
        elif self._running is None and self._questions.empty() and monotonic() - self._visited_at > FIRST_DRAW:
            with suppress(RuntimeError):  # no thread: the next question says so
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
                self._end()
                continue
            try:
                answer.set_result(self._answer(message))
            except WatchfloorError as error:
                answer.set_exception(error)
            except BaseException as error:
                self._end()
                answer.set_exception(JudgingError(f"{type(error).__name__}: {error}"))

    def _answer(self, message: bytes) -> Any:
        """The answer to a message, None for an empty one. A process that fails in any way is ended, so the next
        question meets a new one."""
        reason = ""
        for _ in range(ATTEMPTS):
            try:
                self._running = self._running or RunningProcess(self._command)
                self._check_code(self._running)
                return _answer_of(self._running.exchange(message)) if message else None
            except (SilenceError, OtherCodeError) as error:
                self._end()
                raise JudgingError(str(error)) from error
            except WatchfloorError:
                raise
            except Exception as error:
                reason = self._reason(error)
                self._end()
        raise JudgingError(reason)

    def _check_code(self, running: RunningProcess) -> None:
        """OtherCodeError where the files of this code were replaced after the server had read them."""
        if running.code is None:
            running.code = running.exchange(b"")[1]
        if running.code != self._code:
            raise OtherCodeError("Watchfloor was updated, and this server still runs the version before; restart it")

    def _reason(self, error: Exception) -> str:
        """Why an exchange failed, in words."""
        if self._running is None:
            return f"the process that judges cannot be started: {error}"
        ending = self._running.last_words()
        return f"the process that judges ended {ending}" if ending else f"its answer cannot be read ({error!r})"

    def _end(self) -> None:
        """End the process, if there is one."""
        running, self._running = self._running, None
        if running is not None:
            running.end()


def _answer_of(frame: Frame) -> Any:
    """The value of an answer. Raises FilesChangedError or JudgingError for a failure that the process reports."""
    kind, value = frame
    if kind == ANSWER:
        return value
    if kind == FILES_CHANGED:
        raise FilesChangedError(str(value))
    if kind == FAILURE:
        raise JudgingError(str(value))
    raise ValueError(f"a frame of kind {kind}")
