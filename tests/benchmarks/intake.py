"""Reading and checking CSV files beside bare pandas.read_csv of the same bytes, which checks nothing."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from dashboard.ingest.batch_reader import read_many
from dashboard.ingest.parse.dialect import Dialect
from dashboard.ingest.reader import read
from dashboard.ingest.reading import Reading, concatenate_rows

TODAY = date(2026, 11, 21)
ROWS, FILES, DAYS = 1_000_000, 10_000, 365
VINTAGES = 274  # figures of one period, each published a day after the other


def run() -> list[tuple[str, str, str]]:
    """(what, measured, ratio to the reference and its goal) for each."""
    data = generated(ROWS, VINTAGES)
    small = [(f"{number}.csv", generated(DAYS, 1, seed=number)) for number in range(FILES)]
    text = f"{ROWS:,} rows, {len(data) / 1e6:.0f} MB"
    bare, ours = _side_by_side(lambda: _bare(data), lambda: _accepted(read(data, "generated.csv", Dialect(), TODAY)))
    bare_small, ours_small = _side_by_side(
        lambda: [_bare(one) for _, one in small],
        lambda: concatenate_rows([*map(_accepted, read_many(small, Dialect(), TODAY))]),
        runs=2,
    )
    return [
        (f"bare pandas.read_csv, {text}", f"{bare:.2f} s", "the reference"),
        ("read and checked", f"{ours:.2f} s, {ROWS / ours / 1e6:.1f} million rows a second", _ratio(ours / bare, 1.5)),
        ("peak memory of reading them, with the file's bytes", f"{_memory(data):.0f} MB", "goal 1,000 MB"),
        (f"loop of pandas.read_csv, {FILES:,} files of {DAYS} rows", f"{bare_small:.2f} s", "the reference"),
        (
            "read and checked together, errors for each file, rows in one frame",
            f"{ours_small:.2f} s",
            f"{bare_small / ours_small:.1f} x as fast; goal 5 x",
        ),
    ]


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


def _side_by_side(one: Callable[[], object], other: Callable[[], object], runs: int = 7) -> tuple[float, float]:
    """The smallest wall time of each, taken in turns: whatever else the machine does befalls both."""
    best = [float("inf"), float("inf")]
    for _ in range(runs):
        for which, work in enumerate((one, other)):
            begun = time.perf_counter()
            work()
            best[which] = min(best[which], time.perf_counter() - begun)
    return best[0], best[1]


def _ratio(ratio: float, goal: float) -> str:
    return f"{ratio:.2f} x; goal {goal} x"


def _memory(data: bytes) -> float:
    """The peak of a process that does nothing but read, in MB."""
    result = subprocess.run([sys.executable, "-m", __name__], input=data, check=True, capture_output=True)
    return float(result.stdout)


if __name__ == "__main__":
    _accepted(read(sys.stdin.buffer.read(), "generated.csv", Dialect(), TODAY))
    (peak,) = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())  # ru_maxrss is the parent's too
    print(int(peak) / 1024)
