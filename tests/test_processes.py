"""Processes that are kept running together, with real ones."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from dashboard.cli import processes
from dashboard.cli.processes import MOST_DEATHS, Process, keep_running


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(processes, "LOOK_EVERY", 0.01)


def running(name: str, script: str) -> Process:
    return Process(name, [sys.executable, "-c", script], os.environ)


def test_one_that_cannot_be_kept_running_ends_the_others(capfd: pytest.CaptureFixture[str]) -> None:
    steady, dying = running("steady", "import time; time.sleep(600)"), running("dying", "raise SystemExit(3)")
    assert not keep_running([steady, dying], lambda: False)
    assert dying.deaths == MOST_DEATHS
    assert steady.running is not None
    assert steady.running.returncode is not None
    said = capfd.readouterr().err.splitlines()
    assert said[0] == "dying ended with 3 and is started again in 0.01 s"
    assert said[-1] == "dying ended with 3 and is not started again"


def test_one_that_does_not_listen_is_ended_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "PATIENCE", 0.2)
    deaf = running(
        "deaf",
        "import pathlib, signal, sys, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"pathlib.Path({str(tmp_path / 'up')!r}).touch()\ntime.sleep(600)",
    )
    assert keep_running([deaf], (tmp_path / "up").exists)
    assert deaf.running is not None
    assert deaf.running.returncode == -9
