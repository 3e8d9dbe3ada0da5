"""The program of the process that judges: questions come in by standard input, frames go out by standard output."""

from __future__ import annotations

import os
import pickle
import signal
import sys
import traceback
from queue import SimpleQueue
from threading import Event, Lock, Thread
from time import sleep
from typing import IO, Any

from dashboard.app.judging.frames import ALIVE, ANSWER, CODE, FAILURE, FILES_CHANGED
from dashboard.app.judging.judge import Judge
from dashboard.app.judging.judged_files import Snapshot
from dashboard.app.judging.questions import FilesChangedError, Question
from dashboard.domain import WatchfloorError
from dashboard.refresh import code_fingerprint

SIGN_EVERY = 5.0  # seconds between two signs of life


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the server, and this process ends with it
    output = Output(os.fdopen(os.dup(1), "wb"))
    os.dup2(2, 1)  # what is printed goes to the log and does not get among the frames
    output.write(pickle.dumps((CODE, code_fingerprint())))
    questions: SimpleQueue[Any] = SimpleQueue()
    Thread(target=_receive, args=(sys.stdin.buffer, questions), daemon=True).start()
    Thread(target=output.give_signs_of_life, daemon=True).start()
    judge = Judge()
    while True:
        snapshot, question = questions.get()
        output.is_at_work.set()
        frame = answer_frame(judge, snapshot, question)
        output.is_at_work.clear()
        output.write(frame)


class Output:
    """Where frames are written, by two threads."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe, self._lock, self.is_at_work = pipe, Lock(), Event()

    def write(self, frame: bytes) -> None:
        with self._lock:
            self._pipe.write(frame)
            self._pipe.flush()

    def give_signs_of_life(self) -> None:
        """While a question is being answered, write a sign every few seconds."""
        while True:
            self.is_at_work.wait()
            sleep(SIGN_EVERY)
            if self.is_at_work.is_set():
                self.write(pickle.dumps((ALIVE, None)))


def answer_frame(judge: Judge, snapshot: Snapshot, question: Question[Any]) -> bytes:
    """The frame with the answer, or else with the reason why there is none."""
    try:
        return pickle.dumps((ANSWER, judge.answer(snapshot, question)), protocol=pickle.HIGHEST_PROTOCOL)
    except FilesChangedError as error:
        return pickle.dumps((FILES_CHANGED, str(error)))
    except WatchfloorError as error:
        return pickle.dumps((FAILURE, str(error)))
    except Exception as error:
        traceback.print_exc()
        return pickle.dumps((FAILURE, f"{type(error).__name__}; the log says more"))


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
