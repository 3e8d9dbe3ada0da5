"""The program of the process that judges: questions come in by standard input, answers go out by standard output."""

from __future__ import annotations

import os
import pickle
import signal
import sys
import traceback
from queue import SimpleQueue
from threading import Thread
from typing import IO, Any

from dashboard.app.judging.judge import Judge
from dashboard.app.judging.judged_files import Snapshot
from dashboard.app.judging.questions import Question
from dashboard.domain import WatchfloorError


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the server, and this process ends with it
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what is printed goes to the log and does not get among the answers
    questions: SimpleQueue[Any] = SimpleQueue()
    Thread(target=_receive, args=(sys.stdin.buffer, questions), daemon=True).start()
    judge = Judge()
    while True:
        answers.write(_answer(judge, *questions.get()))
        answers.flush()


def _answer(judge: Judge, snapshot: Snapshot, question: Question[Any]) -> bytes:
    """Whether the question could be answered, and the answer or else the reason."""
    try:
        return pickle.dumps((True, judge.answer(snapshot, question)), protocol=pickle.HIGHEST_PROTOCOL)
    except WatchfloorError as error:
        return pickle.dumps((False, error))
    except Exception as error:
        traceback.print_exc()
        return pickle.dumps((False, f"{type(error).__name__}; the log says more"))


def _receive(source: IO[bytes], questions: SimpleQueue[Any]) -> None:
    """Hand questions on. The end of the input is the end of the server: then leave at once, in whatever middle."""
    while True:
        try:
            questions.put(pickle.load(source))
        except (EOFError, OSError):
            os._exit(0)
        except Exception:
            traceback.print_exc()
            os._exit(1)  # a question that cannot be read: what follows it in the pipe cannot, either


if __name__ == "__main__":
    main()
