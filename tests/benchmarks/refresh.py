"""A refresh that finds nothing new, a look of the one that goes on, and the board after one delivery among many.

The smallest of several runs, nothing fetched.

The catalogue and all files are generated. What is not measured is the first refresh, which takes everything in.
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

SOURCES, FILES, RUNS = 1_000, 10_000, 3
NOW = datetime.now(UTC).replace(microsecond=0) + timedelta(minutes=5)  # later than the files, so that they are settled


def run() -> list[tuple[str, str, str]]:
    """(what, measured, beside) for each."""
    with tempfile.TemporaryDirectory() as name, own_cache(Path(name)):
        folder = Path(name)
        return [
            *_unchanged(many := _many_files(folder / "many"), f"{SOURCES:,} file sources"),
            _one_received(many),
            *_unchanged(_one_folder(folder / "drop"), f"a folder with {FILES:,} files"),
        ]


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


def _one_received(path: Path) -> tuple[str, str, str]:
    """From the edited file to the published board, which follows from the rows of all; the refresher goes on."""
    state, values = path.parent / "var", iter(range(10, 100))
    refresher = Refresher(Workspace(path, state), os.environ, lambda: NOW)

    def received() -> None:
        (path.parent / "generated_7.csv").write_text(f"date,value\n2024-03-01,{next(values)}\n")
        assert [looked.source for looked in refresher.look(refresher.sources) if looked.runs] == ["generated_7"]
        assert refresher.publish(NOW.date()).is_new

    received()  # the first board takes all rows in
    return (f"one of {SOURCES:,} sources received, the board again", *_least(received))


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


def _many_files(folder: Path) -> Path:
    folder.mkdir()
    for number in range(SOURCES):
        (folder / f"generated_{number}.csv").write_text("date,value\n2024-03-01,3\n")
    entry = (
        "  generated_{0}: {{title: Generated, file: generated_{0}.csv, thresholds: [{{severity: warning, above: 5}}]}}"
    )
    return _catalog(folder, ["indicators:", *(entry.format(number) for number in range(SOURCES))])


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
