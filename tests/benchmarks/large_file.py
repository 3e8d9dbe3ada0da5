"""A file of 800 MB of which 2,500 rows are meant: received, kept, read and judged, beside the limit of memory."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow.csv as csv

from tests.benchmarks.intake import Line

SIZE, ROWS = 800_000_000, 2_500
LIMIT = 300  # MB
_BLOCK = 20_000  # rows
# a process takes over the peak of the one that starts it, so a small one starts the command
_PEAK = """
import os, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
print(usage.ru_maxrss)
sys.exit(status != 0)
"""
_CATALOG = """version: 1
sources:
  trade: {title: Trade, file: trade.csv, other_columns: ignore, where: {code: "999999"}}
indicators:
  trade: {title: Trade, sources: [trade], thresholds: [{severity: critical, above: 10000}]}
"""


def run() -> Iterator[Line]:
    """(what, measured, the limit or the reference) for each."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        folder = Path(name)
        (folder / "indicators.yaml").write_text(_CATALOG)
        _write(folder / "trade.csv")
        bare = _bare(folder / "trade.csv")
        yield (
            f"every block of {SIZE / 1e6:.0f} MB tokenized by Arrow, and nothing else",
            f"{bare:.3g} s",
            "the reference",
        )
        for command in ("refresh", "rebuild", "evaluate"):
            seconds, peak = _measured(command, folder)
            yield command, f"{seconds:.3g} s, {peak:.0f} MB", f"{seconds / bare:.1f} x; {peak / LIMIT:.2f} x {LIMIT} MB"


def _write(path: Path) -> None:
    with path.open("w") as file:
        file.write("date,code,country,partner,value,note\n")
        number = 0
        while file.tell() < SIZE:
            file.writelines(map(_row, range(number, number + _BLOCK)))
            number += _BLOCK
        file.writelines(f"{1800 + row // 12}-{1 + row % 12:02}-01,999999,KP,P1,{row},kept\n" for row in range(ROWS))


def _row(number: int) -> str:
    day = f"{2000 + number % 25}-{1 + number % 12:02}-{1 + number % 28:02}"
    words = f"{2700 + number % 400}{number % 100:02},C{number % 211:03},P{number % 197:03}"
    return f"{day},{words},{number * 7919 % 1000003 / 10},row number {number} of the file\n"


def _bare(path: Path) -> float:
    begin = time.perf_counter()
    for _ in csv.open_csv(path, read_options=csv.ReadOptions(block_size=4 << 20)):
        pass
    return time.perf_counter() - begin


def _measured(command: str, folder: Path) -> tuple[float, float]:
    """The seconds of a command, and the peak of its memory in MB."""
    begin = time.perf_counter()
    result = subprocess.run(
        [sys.executable, "-c", _PEAK, sys.executable, "-m", "dashboard", command], cwd=folder, check=True,
        stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    return time.perf_counter() - begin, int(result.stdout) / 1024
