"""Reading and checking CSV files beside bare pandas.read_csv of the same bytes, which checks nothing."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from dashboard.fetch.contract import FetchedFile, Limits, Look
from dashboard.fetch.kinds import File, Folder
from dashboard.ingest.batch_reader import Delivery, read_all
from dashboard.ingest.parse.dialect import Dialect
from dashboard.ingest.reader import read
from dashboard.ingest.reading import Reading, concatenate_rows

TODAY = date(2026, 11, 21)
_NOW = datetime.now(UTC)
ROWS, FILES, DAYS = 1_000_000, 10_000, 365
SOURCES = (1_000, 10_000)
WEEKS = 60
VINTAGES = 274  # figures of one period, each published a day after the other
Line = tuple[str, str, str]


class Cost(NamedTuple):
    """The least seconds of several runs. CPU counts all threads."""

    wall: float
    cpu: float

    def __str__(self) -> str:
        return f"{self.wall:.3g} s, CPU {self.cpu:.3g} s"


def run() -> list[Line]:
    """(what, measured, ratio to the reference and its goal) for each."""
    lines = list(_long_file())
    with tempfile.TemporaryDirectory() as name:
        lines += _drop_folder(Path(name))
    for count in SOURCES:
        with tempfile.TemporaryDirectory() as name:
            lines += _sources(Path(name), count)
    return lines


def _long_file() -> Iterator[Line]:
    data = generated(ROWS, VINTAGES)
    bare, ours = _side_by_side(lambda: _bare(data), lambda: _accepted(read(data, "generated.csv", Dialect(), TODAY)))
    yield f"bare pandas.read_csv, {ROWS:,} rows, {len(data) / 1e6:.0f} MB", str(bare), "the reference"
    yield "read and checked", str(ours), f"{_ratio(ours, bare)}; goal 1.5 x"
    yield "peak memory of reading them, with the file's bytes", f"{_memory(data):.0f} MB", "goal 1,000 MB"


def _drop_folder(root: Path) -> Iterator[Line]:
    """New files in one folder: listed, read, checked, and their rows put in one frame."""
    names = [f"in/{number}.csv" for number in range(FILES)]
    paths = [root / name for name in names]
    _write(root, {name: generated(DAYS, 1, seed=number) for number, name in enumerate(names)})
    folder = Folder(folder="in")
    bare, ours = _side_by_side(
        lambda: [_bare(path.read_bytes()) for path in paths],
        lambda: concatenate_rows(_read_fetched(folder.fetch(_look(root)))),
        runs=2,
    )
    marks = {file.file: file.headers for file in folder.fetch(_look(root))}
    unchanged, stats = _side_by_side(lambda: folder.fetch(_look(root, marks)), lambda: [path.stat() for path in paths])
    yield f"loop of pandas.read_csv, {FILES:,} files of {DAYS} rows", str(bare), "the reference"
    beside = f"{bare.wall / ours.wall:.1f} x as fast, in CPU {bare.cpu / ours.cpu:.1f} x; goal 5 x"
    yield "fetched from their folder, read and checked, rows in one frame", str(ours), beside
    yield "a look at the folder that finds nothing new", str(unchanged), f"{_ratio(unchanged, stats)} of stat alone"


def _sources(root: Path, count: int) -> Iterator[Line]:
    """Sources with a short file each."""
    names = [f"data/{number}.csv" for number in range(count)]
    paths = [root / name for name in names]
    _write(root, {name: _weekly(number) for number, name in enumerate(names)})
    sources = [File(file=name) for name in names]
    marks: dict[str, dict[str, dict[str, str]]] = {}

    def fetch_all() -> list[FetchedFile]:
        return [file for source in sources for file in source.fetch(_look(root, marks.get(source.file)))]

    bare, ours = _side_by_side(
        lambda: [_bare(path.read_bytes()) for path in paths], lambda: _read_fetched(fetch_all()), runs=3
    )
    marks = {file.file: {file.file: dict(file.headers)} for file in fetch_all()}
    unchanged, stats = _side_by_side(fetch_all, lambda: [path.stat() for path in paths])
    yield f"loop of pandas.read_csv, {count:,} sources with a file of {WEEKS} rows", str(bare), "the reference"
    yield f"{count:,} sources: fetched, read and checked", str(ours), f"{_ratio(ours, bare)}; goal 0.3 x"
    beside = f"{1e6 * (unchanged.cpu - stats.cpu) / count:.1f} microseconds each beyond stat; goal 10"
    yield f"{count:,} sources: a look that finds nothing new", str(unchanged), beside


def _look(root: Path, marks: dict[str, dict[str, str]] | None = None) -> Look:
    return Look(root, marks or {}, {}, _NOW, Limits(max_bytes=1 << 30))


def _read_fetched(files: list[FetchedFile] | tuple[FetchedFile, ...]) -> list[Reading]:
    """Each file in a dialect of its own, as of a source of its own."""
    return [*map(_accepted, read_all([Delivery(file.file, file.data, Dialect()) for file in files], TODAY))]


def _write(root: Path, files: dict[str, bytes]) -> None:
    for folder in {(root / name).parent for name in files}:
        folder.mkdir()
    for name, data in files.items():
        (root / name).write_bytes(data)
        os.utime(root / name, (0, _NOW.timestamp() - 60))


def _weekly(seed: int) -> bytes:
    rng = np.random.default_rng(seed)
    days = np.datetime64("2024-01-01") + 7 * np.arange(WEEKS)
    columns = {"date": days, "value": rng.integers(0, 140, WEEKS), "published_at": days + 3}
    return pd.DataFrame({**columns, "citation": f"https://example.org/{seed}"}).to_csv(index=False).encode()


def generated(rows: int, vintages: int, seed: int = 1) -> bytes:
    """A file of generated figures with ranges, units, publication and citation."""
    rng = np.random.default_rng(seed)
    days = np.datetime64("2010-01-01") + np.arange(rows) // vintages
    published = (days + 1 + np.arange(rows) % vintages).astype(str)
    value = rng.gamma(20.0, 5.0, rows).round(1)
    columns = {
        "date": days.astype(str), "value": value, "low": (value * 0.9).round(1), "high": (value * 1.1).round(1),
        "unit": "bbl", "published_at": published,
        "citation": np.char.add("https://example.org/generated/", published),
    }  # fmt: skip
    return pd.DataFrame(columns).to_csv(index=False).encode()


def _bare(data: bytes) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(data), engine="c", parse_dates=["date", "published_at"])


def _accepted(reading: Reading) -> Reading:
    assert reading.outcome == "accept", reading
    return reading


def _side_by_side(first: Callable[[], object], second: Callable[[], object], runs: int = 7) -> tuple[Cost, Cost]:
    """The least cost of each, taken in turns: whatever else the machine does befalls both."""
    costs: tuple[list[Cost], list[Cost]] = ([], [])
    for _ in range(runs):
        for taken, work in zip(costs, (first, second), strict=True):
            wall, cpu = time.perf_counter(), time.process_time()
            work()
            taken.append(Cost(time.perf_counter() - wall, time.process_time() - cpu))
    least = [Cost(min(cost.wall for cost in taken), min(cost.cpu for cost in taken)) for taken in costs]
    return least[0], least[1]


def _ratio(cost: Cost, reference: Cost) -> str:
    return f"{cost.wall / reference.wall:.2f} x, in CPU {cost.cpu / reference.cpu:.2f} x"


def _memory(data: bytes) -> float:
    """The peak of a process that does nothing but read, in MB."""
    result = subprocess.run([sys.executable, "-m", __name__], input=data, check=True, capture_output=True)
    return float(result.stdout)


if __name__ == "__main__":
    _accepted(read(sys.stdin.buffer.read(), "generated.csv", Dialect(), TODAY))
    (peak,) = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())  # ru_maxrss is the parent's too
    print(int(peak) / 1024)
