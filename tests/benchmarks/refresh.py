"""A refresh of a drop folder that finds nothing new, and a look of the one that goes on.

The smallest of several runs. All files are generated. What is not measured is the first refresh, which takes everything
in; `whole_way` measures many sources with a file each.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dashboard.refresh.refresher import Refresher
from dashboard.refresh.single_run import refresh
from dashboard.workspace import Workspace
from tests.benchmarks.many import own_cache

FILES, RUNS = 10_000, 3
NOW = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=5)  # later than the files, so that they are settled


def run() -> list[tuple[str, str, str]]:
    """(what, measured, beside) for each."""
    with tempfile.TemporaryDirectory() as name, own_cache(Path(name)):
        return _unchanged(_one_folder(Path(name) / "drop"), f"a folder with {FILES:,} files")


def _unchanged(path: Path, said: str) -> list[tuple[str, str, str]]:
    state = path.parent / "var"
    first = refresh(Workspace(path, state), (), os.environ, lambda: NOW)
    assert first.is_well
    assert first.board.is_new
    refresher = Refresher(Workspace(path, state), os.environ, lambda: NOW)
    return [
        (f"{said}, nothing new: a single refresh", *_least(lambda: _nothing_new(path, state))),
        (f"{said}, nothing new: a look of refresh --watch", *_least(lambda: _no_look_finds_any(refresher))),
    ]


def _nothing_new(path: Path, state: Path) -> None:
    done = refresh(Workspace(path, state), (), os.environ, lambda: NOW)
    assert not done.board.is_new
    assert not any(looked.runs for found in done.sources.values() for looked in found.looks)


def _no_look_finds_any(refresher: Refresher) -> None:
    assert not any(looked.runs for looked in refresher.look(refresher.sources))


def _least(work: Callable[[], None]) -> tuple[str, str]:
    """Wall and CPU time; both from the run with the least of the one."""
    results = []
    for _ in range(RUNS):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        results.append((time.perf_counter() - wall, time.process_time() - cpu))
    wall, cpu = min(results)
    return f"{wall:.3f} s", f"CPU {cpu:.3f} s"


def _one_folder(folder: Path) -> Path:
    (folder / "in").mkdir(parents=True)
    for number in range(FILES):
        (folder / f"in/generated_{number}.csv").write_text(f"date,value,subject\n2024-03-01,3,s{number}\n")
    lines = ["sources:", "  drop: {title: Generated, folder: in}", "indicators:"]
    return _catalog(
        folder,
        [*lines, "  generated: {title: Generated, sources: [drop], thresholds: [{severity: warning, above: 5}]}"],
    )


def _catalog(folder: Path, lines: list[str]) -> Path:
    path = folder / "indicators.yaml"
    path.write_text("\n".join(["version: 1", *lines, ""]))
    return path
