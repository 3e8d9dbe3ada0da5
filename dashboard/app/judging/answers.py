"""The answers of the process that judges, kept for all visitors: each question about a snapshot is asked once."""

from __future__ import annotations

from concurrent.futures import Future
from threading import Lock
from time import monotonic
from typing import Any

from dashboard.app.judging.judged_files import Snapshot
from dashboard.app.judging.process import JudgingProcess
from dashboard.app.judging.questions import Answer, Question

MOST = 12  # answers that are kept; the oldest are forgotten first
RETRY_AFTER = 30.0  # seconds until a question that could not be answered is asked again


class Answers:
    """Several threads may ask. A failure stands for a while, so that no open page starts one process after another."""

    def __init__(self, process: JudgingProcess) -> None:
        self._process = process
        self._answers: dict[tuple[Snapshot, Question[Any]], tuple[Future[Any], float]] = {}
        self._lock = Lock()

    def wake(self) -> None:
        """Have the process started: whoever has opened a page soon asks something."""
        self._process.wake()

    def ask(self, snapshot: Snapshot, question: Question[Answer]) -> Future[Answer]:
        """The answer to come, or that of an earlier visitor."""
        key = snapshot, question
        with self._lock:
            entry = self._answers.pop(key, None)
            if entry is None or _is_to_be_tried_again(*entry):
                entry = self._process.ask(snapshot, question), monotonic()
            self._answers[key] = entry  # as the newest
            while len(self._answers) > MOST:
                del self._answers[next(iter(self._answers))]
            return entry[0]


def _is_to_be_tried_again(answer: Future[Any], asked_at: float) -> bool:
    return answer.done() and answer.exception() is not None and monotonic() - asked_at > RETRY_AFTER
