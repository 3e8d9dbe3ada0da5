"""A delivery of 1,000,000 rows: read, kept, merged with what was held and written durably, beside a bare read_csv.

Wall time, since most of it waits for the disk; the smallest of several runs. The rows are generated.
"""

from __future__ import annotations

import io
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd

from dashboard.archive.deliveries import Archive
from dashboard.archive.journal import Run
from dashboard.catalog.source import Source
from dashboard.ingest.parse.dialect import Dialect
from dashboard.ingest.reader import read
from dashboard.ingest.reading import Reading
from dashboard.rows.merging.apply_delivery import apply_delivery, no_rows_yet
from dashboard.rows.merging.versions import MergedRows
from dashboard.rows.store.row_store import RowStore
from dashboard.rows.store.stored_rows import StoredRows
from tests.benchmarks.commands import ROOT

Result = TypeVar("Result")

ROWS, SUBJECTS, RUNS = 1_000_000, 1_000, 3
LINES_OF_JOURNAL = 100_000
AT = np.datetime64("2026-01-01T06:15:00", "s")
SOURCE = Source(title="Generated", file="generated.csv")


def run(count: int = ROWS) -> list[tuple[str, str, str]]:
    """(what, measured, ratio to the reference) for each step."""
    with tempfile.TemporaryDirectory() as name:
        few, all_columns = (_delivery(Path(name) / str(wide), count, wide=wide) for wide in (False, True))
        return [*few, *all_columns, *_journal(Path(name))]


def _delivery(state: Path, count: int, *, wide: bool) -> list[tuple[str, str, str]]:
    store = RowStore(state)
    earlier, data = (generated(count, seed, wide=wide) for seed in (1, 2))
    bare, _ = _least(lambda: pd.read_csv(io.BytesIO(data), parse_dates=["date", "published_at"]))
    reading, now = _least(lambda: read(data, "generated.csv", Dialect.of(SOURCE), date(2026, 1, 2)))
    assert len(now.rows) == count
    before = read(earlier, "generated.csv", Dialect.of(SOURCE), date(2026, 1, 1))
    held, _ = _received(no_rows_yet(SOURCE), before, AT)
    store.write("s", held)
    keeping, _ = _least(lambda: Archive(state).keep("s", data), before=lambda: _forget(state))
    loading, stored = _least(lambda: _stored(store))
    merging, (merged, arrival) = _least(lambda: _received(stored, now, AT + np.timedelta64(1, "D")))
    assert arrival.revised
    writing, _ = _least(lambda: store.write("s", merged))
    first, (alone, _) = _least(lambda: _received(no_rows_yet(SOURCE), now, AT))
    writing_first, _ = _least(lambda: store.write("s", alone))
    total_of_first = reading + keeping + first + writing_first
    (state / "generated.csv").write_bytes(data)
    store.write("s", held)
    steps = {"read and checked": reading, "kept": keeping, "what was held loaded": loading, "merged": merging,
             "written durably": writing}  # fmt: skip
    return [
        (f"bare pandas.read_csv, {_told(count, data)}, dates parsed", f"{bare:.2f} s", "the reference"),
        *((what, f"{seconds:.2f} s", f"{seconds / bare:.1f}x") for what, seconds in steps.items()),
        _all("all of it", sum(steps.values()), bare),
        _all("all of it, of a first delivery", total_of_first, bare),
        ("most memory, in a process of its own", f"{_memory_of_a_process(state):.0f} MB", "limit 1,000 MB"),
    ]


def _all(what: str, seconds: float, bare: float) -> tuple[str, str, str]:
    return what, f"{seconds:.2f} s", f"{seconds / bare:.1f}x, limit 6x"


def _memory_of_a_process(state: Path) -> float:
    code = f"from tests.benchmarks.archive import take; from pathlib import Path; print(take(Path({str(state)!r})))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    return float(done.stdout)


def take(state: Path) -> float:
    """Take the delivery that lies in a state folder as a refresh does; gives the most memory that was used, in MB."""
    data = (state / "generated.csv").read_bytes()
    reading = read(data, "generated.csv", Dialect.of(SOURCE), date(2026, 1, 2))
    Archive(state).keep("s", data)
    held = _stored(RowStore(state))
    RowStore(state).write("s", _received(held, reading, AT + np.timedelta64(1, "D"))[0])
    (peak,) = re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())  # ru_maxrss is the parent's too
    return int(peak) / 1024


def _journal(state: Path) -> list[tuple[str, str, str]]:
    archive = Archive(state)
    archive.record("long", Run(datetime(2026, 1, 1, tzinfo=UTC), "received", "a.csv", "a.csv", "0" * 64))
    seen = Run(datetime(2026, 1, 2, tzinfo=UTC), "seen again", "a.csv", "a.csv", "0" * 64).as_line("long") + b"\n"
    with (state / "archive" / "journal.jsonl").open("ab") as journal:
        journal.write(seen * LINES_OF_JOURNAL)
    seconds, _ = _least(lambda: archive.log("long", "file a.csv"), archive.read_anew)
    return [(f"the log of a journal of {LINES_OF_JOURNAL:,} lines", f"{seconds * 1000:.2f} ms", "")]


def generated(count: int, seed: int, *, wide: bool) -> bytes:
    """Daily figures of many subjects, one in a hundred of which differs from seed to seed; `wide` ones have a range, a
    unit and a citation too."""
    common, own = np.random.default_rng(0), np.random.default_rng(seed)
    days = np.datetime64("2020-01-01") + np.arange(count) // SUBJECTS
    values = common.gamma(20.0, 5.0, count).round(1)
    values = np.where(own.random(count) < 0.01, values + seed, values).round(1)
    subjects = np.char.add("ship ", (np.arange(count) % SUBJECTS).astype(str))
    rows = {"date": days, "value": values, "subject": subjects, "published_at": days + 1}
    if wide:
        citation = np.char.add("https://example.org/generated/", (days + 1).astype(str))
        rows |= {"low": (values * 0.9).round(1), "high": (values * 1.1).round(1), "unit": "bbl", "citation": citation}
    return pd.DataFrame(rows).to_csv(index=False).encode()


def _told(count: int, data: bytes) -> str:
    return f"{count:,} rows of {data[: data.index(10)].count(44) + 1} columns, {len(data) / 1e6:.0f} MB"


def _forget(state: Path) -> None:
    for path in (state / "archive").glob("*.segment"):
        path.unlink()


def _received(stored: StoredRows, reading: Reading, at: np.datetime64) -> tuple[StoredRows, MergedRows]:
    after, merged = apply_delivery(stored, SOURCE.location, reading, "generated.csv", at)
    return replace(after, run_count=stored.run_count + 1), merged


def _stored(store: RowStore) -> StoredRows:
    result = store.read("s")
    assert result is not None
    return result


def _least(work: Callable[[], Result], before: Callable[[], None] | None = None) -> tuple[float, Result]:
    """The smallest time that some runs took, and what the last of them gave."""
    best = float("inf")
    for _ in range(RUNS):
        if before:
            before()
        begun = time.perf_counter()
        result = work()
        best = min(best, time.perf_counter() - begun)
    return best, result
