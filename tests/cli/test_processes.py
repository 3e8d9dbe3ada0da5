"""Processes that are kept running together, with real ones."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from dashboard.cli import processes
from dashboard.cli.processes import MOST_DEATHS, Process, keep_running


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(processes, "LONGEST_PAUSE", 0.02)
    monkeypatch.setattr(processes, "LOOK_EVERY", 0.01)


def running(name: str, script: str) -> Process:
    return Process(name, [sys.executable, "-c", script], os.environ)


def test_a_vital_process_that_cannot_be_kept_running_ends_the_others(capfd: pytest.CaptureFixture[str]) -> None:
    steady, dying = running("steady", "import time; time.sleep(600)"), running("dying", "raise SystemExit(3)")
    assert not keep_running([steady, dying], lambda: False)
    assert dying.deaths == MOST_DEATHS
    assert steady.running is not None
    assert steady.running.returncode is not None
    lines = capfd.readouterr().err.splitlines()
    assert lines[0] == "dying ended with 3 and is started again in 0.01 s"
    assert lines[-1] == "dying ended with 3 and is not started again"


def test_a_process_that_is_not_vital_is_restarted_for_ever(
    capfd: pytest.CaptureFixture[str],
) -> None:
    troubles: list[str] = []
    steady, dying = running("steady", "import time; time.sleep(600)"), running("dying", "raise SystemExit(3)")
    dying.is_vital, dying.on_trouble = False, troubles.append
    assert keep_running([steady, dying], lambda: dying.deaths > MOST_DEATHS)
    assert capfd.readouterr().err.count("dying ended with 3 and is started again") == dying.deaths
    assert troubles == ["dying ended with 3 again, and its log says why"] * (dying.deaths - 1)


def test_a_hindered_process_is_started_as_soon_as_it_can_be(tmp_path: Path) -> None:
    reasons = ["no room", "no room", ""]
    late = running("late", f"import pathlib, time; pathlib.Path({str(tmp_path / 'up')!r}).touch(); time.sleep(600)")
    late.is_vital, late.hindrance = False, lambda: reasons.pop(0)
    assert keep_running([late], (tmp_path / "up").exists)
    assert reasons == []


def test_a_process_that_ignores_signals_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "PATIENCE", 0.2)
    deaf = running(
        "deaf",
        "import pathlib, signal, sys, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"pathlib.Path({str(tmp_path / 'up')!r}).touch()\ntime.sleep(600)",
    )
    assert keep_running([deaf], (tmp_path / "up").exists)
    assert deaf.running is not None
    assert deaf.running.returncode == -9


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no process is told of its parent's death")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGABRT, signal.SIGHUP])
def test_processes_end_with_the_process_that_started_them_however_it_ends(number: int) -> None:
    script = (
        "import os, sys\nfrom dashboard.cli.processes import Process, keep_running\n"
        "command = [sys.executable, '-c', 'import os, time; os.write(1, bytes(1)); time.sleep(600)']\n"
        "keep_running([Process(name, command, os.environ) for name in 'ab'], lambda: False)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, start_new_session=True)
    try:
        assert parent.stdout is not None
        assert parent.stdout.read(2) == b"\0\0"
        parent.send_signal(number)
        assert parent.wait(30) == -number
        reader, _, _ = select.select([parent.stdout], [], [], 30)
        assert reader, "a child lives on"  # the pipe ends only when no process has its other end any more
    finally:
        with suppress(ProcessLookupError):
            os.killpg(parent.pid, signal.SIGKILL)
