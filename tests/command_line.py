"""The command line as its users meet it: words in, two streams and an exit code out."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import chdir
from pathlib import Path

from typer.testing import CliRunner

from dashboard.cli import app

ROOT = Path(__file__).parent.parent
PLAIN = {"NO_COLOR": "1", "COLUMNS": "200"}


def watchfloor(*words: str, folder: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a command in this process, as if started in `folder`; to start Python takes seconds."""
    with chdir(folder):
        result = CliRunner().invoke(app, words, env={**PLAIN, **environment})
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return subprocess.CompletedProcess(words, result.exit_code, result.stdout, result.stderr)


def watchfloor_process(*words: str, folder: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs a command in a process of its own, where that matters."""
    return subprocess.run(
        [sys.executable, "-m", "dashboard", *words],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT), **PLAIN, **environment},
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
