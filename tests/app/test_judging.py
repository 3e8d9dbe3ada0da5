"""The process that judges for the pages: it answers from the files, comes back after a crash, and ends with them."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from time import monotonic, sleep

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from dashboard.analysis.source_health import figures_of_sources
from dashboard.app.judging import __main__ as judging_program
from dashboard.app.judging import process as judging_process
from dashboard.app.judging import running_process
from dashboard.app.judging.__main__ import answer_frame
from dashboard.app.judging.answers import Answers
from dashboard.app.judging.frames import FAILURE, FILES_CHANGED
from dashboard.app.judging.judge import Judge
from dashboard.app.judging.judged_files import JudgedFiles, Snapshot, with_own_rows
from dashboard.app.judging.process import JudgingError, JudgingProcess
from dashboard.app.judging.questions import (
    BoardQuestion,
    EvaluationQuestion,
    FiguresQuestion,
    FilesChangedError,
    Question,
)
from dashboard.domain import CatalogError, Problem, WatchfloorError
from dashboard.evaluation.evaluate import evaluate
from dashboard.refresh.publish import code_fingerprint
from dashboard.reporting.summary.board_summary import summarize, summarize_instant
from dashboard.rows.load import load_rows
from dashboard.workspace import Workspace, definition_stamps
from tests.refreshing import Place
from tests.shipped import board, shipped


@dataclass(frozen=True)
class Failing(Question[None]):
    """A question whose answer fails."""

    def answer(self, files: JudgedFiles) -> None:
        raise ValueError(f"nothing known of {files}")


@pytest.fixture
def judging() -> Iterator[JudgingProcess]:
    process = JudgingProcess()
    yield process
    if process.pid:
        os.kill(process.pid, signal.SIGKILL)


@pytest.fixture
def snapshot(place: Place) -> Snapshot:
    place.define(a="file: a.csv")
    place.write("a.csv", "2024-02-01,3", "2024-03-01,7")
    place.refresh()
    return snapshot_of(place)


def snapshot_of(place: Place) -> Snapshot:
    today, stamps = place.now.date(), definition_stamps(place.catalog)
    return Snapshot(place.catalog, place.state, stamps, place.workspace.fingerprint(today), today)


def is_alive(pid: int) -> bool:
    """Whether a process runs; a zombie does not."""
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


def wait_until_gone(pid: int) -> None:
    deadline = monotonic() + 20
    while is_alive(pid):
        assert monotonic() < deadline, "the process lives on"
        sleep(0.02)


def test_answers_are_those_of_the_files(judging: JudgingProcess, snapshot: Snapshot) -> None:
    catalog = Workspace(snapshot.path, snapshot.state).catalog
    rows = load_rows(catalog, snapshot.day, state=snapshot.state)
    now, before = (evaluate(catalog, rows, day) for day in (snapshot.day, date(2024, 2, 6)))
    judged = judging.ask(snapshot, BoardQuestion(snapshot.day, date(2024, 2, 6))).result()
    assert judged.summary.as_json() == summarize(now, before, catalog).as_json()
    evaluation = judging.ask(snapshot, EvaluationQuestion("of_a", snapshot.day)).result()
    assert repr(evaluation.verdict) == repr(now.evaluations["of_a"].verdict)  # NaN is not equal to itself
    assert evaluation.rows.equals(now.evaluations["of_a"].rows)
    assert judging.ask(snapshot, FiguresQuestion()).result() == figures_of_sources(catalog, rows, snapshot.day)


@pytest.mark.parametrize(
    ("day", "since"), [("2024-11-26", "2024-10-27"), ("2024-03-21", "2023-06-01"), ("2024-03-21",) * 2]
)
def test_a_board_that_drops_its_evaluations_says_the_same(day: str, since: str) -> None:
    catalog, rows = shipped()
    whole = summarize(board(day), board(since), catalog)
    summary = summarize_instant(catalog, rows, date.fromisoformat(day), date.fromisoformat(since))
    assert summary.as_json() == whole.as_json()


def test_an_evaluation_travels_with_its_own_rows_alone() -> None:
    for evaluation in board("2024-11-26").evaluations.values():
        small = with_own_rows(evaluation)
        assert len(small.all_rows) <= len(shipped()[1].rows)
        assert small.rows.equals(evaluation.rows)
        assert small.rows_ever.equals(evaluation.rows_ever)
        assert set(small.rests_on) <= set(small.all_rows.index)


def test_a_process_that_was_killed_is_started_again(judging: JudgingProcess, snapshot: Snapshot) -> None:
    question = EvaluationQuestion("of_a", snapshot.day)
    first = judging.ask(snapshot, question).result()
    pid = judging.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    wait_until_gone(pid)
    assert repr(judging.ask(snapshot, question).result().verdict) == repr(first.verdict)
    assert judging.pid != pid
    assert not Path(f"/proc/{pid}").exists()  # no zombie


def test_the_process_starts_before_the_first_question(
    judging: JudgingProcess, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    judging.wake()
    monkeypatch.setattr(judging_process, "FIRST_DRAW", 0)
    deadline = monotonic() + 20
    while judging.pid is None:
        judging.wake()
        assert monotonic() < deadline
        sleep(0.02)
    pid = judging.pid
    judging.wake()
    assert judging.ask(snapshot, FiguresQuestion()).result()
    assert judging.pid == pid


def test_a_process_that_dies_of_its_question_is_named(snapshot: Snapshot) -> None:
    dying = JudgingProcess([sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"])
    answer = dying.ask(snapshot, FiguresQuestion())
    with pytest.raises(JudgingError, match="ended by signal 9; perhaps the memory is full"):
        answer.result()


def test_a_question_that_fails_is_an_error_of_its_own(judging: JudgingProcess, snapshot: Snapshot) -> None:
    with pytest.raises(JudgingError, match="ValueError; the log says more"):
        judging.ask(snapshot, Failing()).result()
    assert judging.ask(snapshot, FiguresQuestion()).result()


def test_a_failure_stands_for_a_while(
    monkeypatch: pytest.MonkeyPatch, judging: JudgingProcess, snapshot: Snapshot
) -> None:
    answers = Answers(judging)
    first = answers.ask(snapshot, Failing())
    assert first.exception()
    assert answers.ask(snapshot, Failing()) is first
    monkeypatch.setattr("dashboard.app.judging.answers.RETRY_AFTER", 0)
    assert answers.ask(snapshot, Failing()) is not first


def test_definitions_that_changed_meanwhile_are_not_mixed_with_older_ones(place: Place, snapshot: Snapshot) -> None:
    judge = Judge()
    assert judge.answer(snapshot, FiguresQuestion())
    place.catalog.write_text(place.catalog.read_text().replace("above: 5", "above: 8"))
    assert judge.answer(snapshot, FiguresQuestion())  # of what was read before
    other = Judge()
    with pytest.raises(FilesChangedError):
        other.answer(snapshot, FiguresQuestion())
    assert judge.answer(snapshot_of(place), FiguresQuestion())
    assert other.answer(snapshot_of(place), FiguresQuestion())


def test_a_process_that_nobody_asks_ends_and_leaves_no_zombie(
    monkeypatch: pytest.MonkeyPatch, judging: JudgingProcess, snapshot: Snapshot
) -> None:
    monkeypatch.setattr(judging_process, "LEAVE_AFTER", 0.05)
    assert judging.ask(snapshot, FiguresQuestion()).result()
    deadline = monotonic() + 20
    while judging.pid is not None:
        assert monotonic() < deadline
        sleep(0.02)
    assert judging.ask(snapshot, FiguresQuestion()).result()


_SERVER = """
import sys, time, pickle
from dashboard.app.judging import FiguresQuestion, JudgingProcess
judging = JudgingProcess()
judging.ask(pickle.load(sys.stdin.buffer), FiguresQuestion()).result()
print(judging.pid, flush=True)
time.sleep(60)
"""


def test_the_process_ends_with_a_server_that_is_killed(snapshot: Snapshot) -> None:
    server = subprocess.Popen([sys.executable, "-c", _SERVER], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(pickle.dumps(snapshot))
    server.stdin.close()
    pid = int(server.stdout.readline())
    assert is_alive(pid)
    server.kill()
    server.wait()
    server.stdout.close()
    wait_until_gone(pid)


@dataclass(frozen=True)
class Raising(Question[None]):
    """A question whose answer raises an error of a kind."""

    kind: type[WatchfloorError]

    def answer(self, files: JudgedFiles) -> None:
        assert files
        if self.kind is CatalogError:
            raise CatalogError((Problem("indicators.yaml", 3, 1, "", "a reason"),))
        error = self.kind.__new__(self.kind)  # whatever it is made of
        error.args = ("a reason",)
        raise error


def kinds_of(base: type[WatchfloorError]) -> Iterator[type[WatchfloorError]]:
    for kind in base.__subclasses__():
        yield from kinds_of(kind)
        if kind.__module__.startswith("dashboard."):
            yield kind


def test_a_failure_crosses_the_pipe_as_a_kind_and_a_text(snapshot: Snapshot) -> None:
    kinds = {*kinds_of(WatchfloorError)}
    assert CatalogError in kinds
    for error in kinds:
        kind, text = pickle.loads(answer_frame(Judge(), snapshot, Raising(error)))
        assert kind == (FILES_CHANGED if error is FilesChangedError else FAILURE)
        assert type(text) is str
        assert "a reason" in text


def test_after_an_error_of_any_kind_the_next_question_is_answered(judging: JudgingProcess, snapshot: Snapshot) -> None:
    for kind in {*kinds_of(WatchfloorError)}:
        expected = FilesChangedError if kind is FilesChangedError else JudgingError
        with pytest.raises(expected, match="a reason"):
            judging.ask(snapshot, Raising(kind)).result(60)
        assert judging.ask(snapshot, FiguresQuestion()).result(60)


_IMITATION = """
import os, pickle, sys, time
folder, code, then = sys.argv[1:]
write = lambda data: os.write(1, data)
write(pickle.dumps(("code", code)))
while os.read(0, 1 << 20):
    if os.path.exists(folder + "/bytes"):
        write(open(folder + "/bytes", "rb").read())
        if then == "end":
            break
    else:
        write(pickle.dumps(("answer", "well")))
"""


@dataclass
class Imitation:
    """A process in place of the one that judges: it answers with the bytes of a file, and well without the file."""

    folder: Path
    then: str = "stay"
    code: str = code_fingerprint()

    def process(self) -> JudgingProcess:
        return JudgingProcess([sys.executable, "-S", "-c", _IMITATION, str(self.folder), self.code, self.then])

    def answer(self, data: bytes) -> None:
        (self.folder / "bytes").write_bytes(data)

    def answer_well(self) -> None:
        (self.folder / "bytes").unlink()


def pickles() -> some.SearchStrategy[bytes]:
    """Pickles of what is no answer, of answers cut short, and of objects that cannot be made."""
    unmakable = pickle.dumps(("failure", OSError("x"))).replace(b"OSError", b"NoError")
    values = some.sampled_from([(), 3, ("answer",), (1, 2), ("riddle", 1), ("code", "c"), [("answer", 1)]])
    whole = values.map(pickle.dumps) | some.just(unmakable)
    return whole | some.binary(max_size=40) | whole.map(lambda data: data[:-1])


@settings(max_examples=12)
@given(pickles(), some.sampled_from(["stay", "end"]))
def test_whatever_one_question_is_answered_with_the_next_is_answered(data: bytes, then: str) -> None:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(running_process, "SILENCE", 0.5)
        patch.setattr(running_process, "LAST_WORDS", 0.3)
        imitation = Imitation(Path(folder), then)
        judging = imitation.process()
        imitation.answer(data)
        assert isinstance(judging.ask(NOWHERE, FiguresQuestion()).exception(20), JudgingError)
        imitation.answer_well()
        assert judging.ask(NOWHERE, FiguresQuestion()).result(20) == "well"
        judging._end()


NOWHERE = Snapshot(Path("indicators.yaml"), Path("var"), (), "", date(2024, 3, 7))


def test_a_process_of_other_code_is_refused(tmp_path: Path) -> None:
    judging = Imitation(tmp_path, code="other").process()
    with pytest.raises(JudgingError, match="was updated, and this server still runs the version before; restart it"):
        judging.ask(NOWHERE, FiguresQuestion()).result(20)
    assert judging.pid is None


def test_a_process_that_hangs_is_ended_and_the_next_question_is_answered(
    judging: JudgingProcess, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert judging.ask(snapshot, FiguresQuestion()).result(60)
    pid = judging.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    with monkeypatch.context() as patch:
        patch.setattr(running_process, "SILENCE", 0.2)
        with pytest.raises(JudgingError, match=r"gave no sign of life for 0\.2 seconds, and was ended"):
            judging.ask(snapshot, FiguresQuestion()).result(20)
    wait_until_gone(pid)
    assert judging.ask(snapshot, FiguresQuestion()).result(60)


def test_a_question_that_takes_too_long_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running_process, "LONGEST", 0.5)
    imitation = Imitation(tmp_path)
    imitation.answer(pickle.dumps(("alive", None)))
    with pytest.raises(JudgingError, match=r"took more than 0\.5 seconds"):
        imitation.process().ask(NOWHERE, FiguresQuestion()).result(20)


def test_signs_of_life_are_no_answer(tmp_path: Path) -> None:
    imitation = Imitation(tmp_path)
    imitation.answer(pickle.dumps(("alive", None)) * 3 + pickle.dumps(("answer", 5)))
    judging = imitation.process()
    assert judging.ask(NOWHERE, FiguresQuestion()).result(20) == 5
    judging._end()


def test_a_process_that_works_gives_signs_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging_program, "SIGN_EVERY", 0.01)
    reader, writer = os.pipe()
    output = judging_program.Output(os.fdopen(writer, "wb"))
    Thread(target=output.give_signs_of_life, daemon=True).start()
    output.is_at_work.set()
    with os.fdopen(reader, "rb") as frames:
        assert [pickle.load(frames) for _ in range(2)] == [("alive", None)] * 2
        output.is_at_work.clear()
        sleep(0.05)


@pytest.mark.parametrize("error", [OSError(12, "Cannot allocate memory"), MemoryError("full"), RuntimeError("full")])
@pytest.mark.parametrize("place", ["Popen", "Thread"])
def test_a_process_that_cannot_be_started_is_a_reason(
    error: Exception, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    judging = Imitation(tmp_path).process()
    with monkeypatch.context() as patch:
        patch.setattr(subprocess if place == "Popen" else judging_process, place, fail)
        assert isinstance(judging.ask(NOWHERE, FiguresQuestion()).exception(20), JudgingError)
    assert judging.ask(NOWHERE, FiguresQuestion()).result(20) == "well"
    judging._end()
