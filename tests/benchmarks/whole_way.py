"""The whole way, from many small files to a published board, beside a loop of pandas.read_csv over the same files.

The catalogue and all files are generated: each source is a file of about 60 rows with a rule or two. CPU seconds
include the system's. The YAML is parsed before, and Python's start is no part of what is measured within a process.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv

from dashboard.refresh.refresher import Refresher
from dashboard.refresh.single_run import refresh
from dashboard.workspace import Workspace
from tests.benchmarks.many import own_cache

FEW, MANY = 1_000, 10_000
SIZES = (FEW, MANY)
GOALS = {  # for few sources and for many
    "first refresh": ("1.5 x", "2 x"),
    "look, nothing new": ("0.1 s", "1 s"),
    "look, one changed": ("0.3 s", ""),
    "refresh, nothing new": ("0.8 s", "2.5 s"),
    "refresh, one file changed": ("1.5 s", ""),
    "evaluate, verdicts kept": ("1.5 s", "8 s"),
    "evaluate, none kept": ("2.5 s", "15 s"),
    "refresh, a new row in each": ("4 s", ""),
}
ROWS = 60
FIRST = date(2024, 1, 1)
RULES = (
    "unit: railcars, thresholds: [{severity: warning, above: 110}, {severity: critical, times_baseline: 2}]",
    "unit: bbl, kind: flow, thresholds: [{severity: warning, above: 120}, {severity: critical, above: 135, for: 7d}]",
)
Line = tuple[str, str, str]

# the greatest memory of the process itself; what the system counts for a child includes its parent's
_WITH_MEMORY = """
import atexit, sys
def report():
    with open("/proc/self/status") as status:
        print(next(line.split()[1] for line in status if line.startswith("VmHWM")), file=sys.stderr)
atexit.register(report)
from dashboard.cli import app
app()
"""


def run() -> list[Line]:
    """(what, measured, beside) for each."""
    lines: list[Line] = []
    for count in SIZES:
        with tempfile.TemporaryDirectory() as name, own_cache(Path(name)):
            lines += _whole_way(generate(Path(name) / "many", count), count)
    return lines


def generate(folder: Path, count: int) -> Path:
    """The catalogue of so many generated sources, each a file of its own."""
    chance = random.Random(11)
    (folder / "data").mkdir(parents=True)
    lines = ["version: 1", "indicators:"]
    for number in range(count):
        lines.append(f"  g{number}: {{title: Generated {number}, file: data/g{number}.csv, {RULES[number % 2]}}}")
        days = [FIRST + timedelta(days=7 * week) for week in range(ROWS - 3 * (number % 5 == 0))]
        rows = [
            f"{day},{chance.randint(0, 140)},{day + timedelta(days=3)},https://example.org/{number}" for day in days
        ]
        _write(_file(folder, number), ["date,value,published_at,citation", *rows])
    path = folder / "indicators.yaml"
    path.write_text("\n".join([*lines, ""]))
    return path


def _whole_way(path: Path, count: int) -> list[Line]:
    workspace = Workspace(path, path.parent / "var")
    assert not workspace.catalog.problems
    loop = _cpu(lambda: _read_by_pandas(path.parent / "data"))
    first = _cpu(lambda: refresh(workspace, (), os.environ, _now))
    goal = GOALS["first refresh"][count > FEW]
    floor = _cpu(lambda: _keep_and_judge_by_arrow(path.parent / "data", path.parent / "kept"))
    beside = f"the same work without a check or a word: {first / floor:.1f} x less than the first refresh"
    lines = [
        ("a loop of pandas.read_csv and crossings", _seconds(loop), "the reference"),
        ("bare Arrow and NumPy: hashed, kept, crossings", _seconds(floor), beside),
        ("first refresh, all received and judged", _seconds(first), f"{first / loop:.1f} x the loop, goal {goal}"),
        *_looks(path, count),
        *_commands(path, count),
    ]
    return [(f"{count:,} sources: {what}", measured, beside) for what, measured, beside in lines]


def _looks(path: Path, count: int) -> Iterator[Line]:
    """A refresher that goes on; CPU seconds."""
    refresher = Refresher(Workspace(path, path.parent / "var"), os.environ, _now)
    _look(refresher)
    yield "a look, nothing new", _seconds(_cpu(lambda: _look(refresher))), _goal("look, nothing new", count)
    _change(path.parent, 7)
    yield "a look, one file changed", _seconds(_cpu(lambda: _look(refresher))), _goal("look, one changed", count)


def _commands(path: Path, count: int) -> Iterator[Line]:
    """Commands in processes of their own, from start to end; wall seconds."""
    folder = path.parent
    for words in (["check"], ["explain", "g0"]):  # all modules are compiled after these, pandas among them
        _command(path, words)
    steps: list[tuple[str, Callable[[], None], list[str]]] = [
        ("refresh, nothing new", lambda: None, ["refresh"]),
        ("refresh, one file changed", lambda: _change(folder, 8), ["refresh"]),
        ("evaluate, verdicts kept", lambda: None, ["evaluate", "--json"]),
        ("evaluate, none kept", lambda: _forget_board(folder / "var"), ["evaluate", "--json"]),
        ("check", lambda: None, ["check"]),
        ("refresh, a new row in each", lambda: _append_to_all(folder, count), ["refresh"]),
    ]
    for what, prepare, words in steps:
        prepare()
        wall, cpu, memory = _command(path, words)
        beside = f"CPU {cpu:.2f} s, at most {memory:,.0f} MB"
        yield f"the command {what}", _seconds(wall), "; ".join(filter(None, [beside, _goal(what, count)]))


def _goal(what: str, count: int) -> str:
    goal = GOALS.get(what, ("", ""))[count > FEW]
    return f"goal {goal}" if goal else ""


def _read_by_pandas(folder: Path) -> int:
    """What a script without any checks would do: read each file, and find where its figures cross a level."""
    crossings = 0
    for path in sorted(folder.glob("*.csv")):
        rows = pd.read_csv(path, parse_dates=["date", "published_at"])
        crossings += len(np.flatnonzero(np.diff(rows["value"].to_numpy() > 120)))
    return crossings


def _keep_and_judge_by_arrow(folder: Path, kept: Path) -> int:
    """The floor: each file is read, hashed, compressed and kept durably in one file, and its crossings are found."""
    crossings, journal = 0, []
    with kept.open("wb") as segment:
        for path in sorted(folder.glob("*.csv")):
            data = path.read_bytes()
            journal.append({"file": path.name, "sha256": hashlib.sha256(data).hexdigest(), "size": len(data)})
            segment.write(zlib.compress(data, 1))
            rows = csv.read_csv(pa.BufferReader(data))
            crossings += len(np.flatnonzero(np.diff(rows["value"].to_numpy() > 120)))
        segment.write(json.dumps(journal).encode())
        segment.flush()
        os.fsync(segment.fileno())
    return crossings


def _look(refresher: Refresher) -> None:
    assert not any(look.trouble for look in refresher.look(refresher.sources))
    refresher.publish()


def _change(folder: Path, number: int) -> None:
    """Another figure in one file."""
    path = _file(folder, number)
    lines = path.read_text().splitlines()
    cells = lines[-1].split(",")
    cells[1] = str(int(cells[1]) + 1)
    _write(path, [*lines[:-1], ",".join(cells)])


def _append_to_all(folder: Path, count: int) -> None:
    for number in range(count):
        path = _file(folder, number)
        lines = path.read_text().splitlines()
        day = date.fromisoformat(lines[-1][:10]) + timedelta(days=7)
        _write(path, [*lines, _row(day, number % 140, number)])


def _row(day: date, figure: int, number: int) -> str:
    return f"{day},{figure},{day + timedelta(days=3)},https://example.org/{number}"


def _forget_board(state: Path) -> None:
    for path in state.glob("board*"):
        path.unlink()


def _write(path: Path, lines: list[str]) -> None:
    """A file that was left alone for a while, so that nobody waits for its writer."""
    path.write_text("\n".join([*lines, ""]))
    settled = time.time() - 60
    os.utime(path, (settled, settled))


def _file(folder: Path, number: int) -> Path:
    return folder / f"data/g{number}.csv"


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def _cpu(work: Callable[[], object]) -> float:
    before = time.process_time()
    work()
    return time.process_time() - before


def _command(path: Path, words: list[str]) -> tuple[float, float, float]:
    """Wall seconds, CPU seconds, and megabytes at most, of a command in a process of its own."""
    command, before = [sys.executable, "-c", _WITH_MEMORY, *words], resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.perf_counter()
    done = subprocess.run(command, cwd=path.parent, capture_output=True, env=_environment(path.parent), check=False)
    wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stderr
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, int(done.stderr.split()[-1]) / 1024


def _environment(folder: Path) -> dict[str, str]:
    """As on a machine where the command ran before: its modules are compiled."""
    others = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**others, "PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONPYCACHEPREFIX": str(folder / "compiled")}


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f} s"
