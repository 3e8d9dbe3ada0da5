"""Deliveries of a source that a test receives as a refresh does."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np

from dashboard.archive.deliveries import Archive
from dashboard.archive.journal import Run
from dashboard.catalog.catalog import Catalog
from dashboard.catalog.loader import parse_catalog
from dashboard.catalog.source import Source
from dashboard.ingest.parse.dialect import Dialect
from dashboard.ingest.reader import read
from dashboard.rows.merging.apply_delivery import apply_deliveries, count_run
from dashboard.rows.replay import replay_deliveries
from dashboard.rows.source_rows import SourceRows
from dashboard.rows.store.row_store import RowStore
from dashboard.rows.store.stored_rows import StoredRows

START = datetime(2024, 3, 1, 12, tzinfo=UTC)
TODAY = date(2024, 6, 1)
HEADER = "date,value,published_at\n"


def catalog(folder: Path, source: str = "file: s.csv") -> Catalog:
    text = f"""
version: 1
sources:
  s: {{title: S, {source}}}
indicators:
  x: {{title: X, sources: [s], thresholds: [{{severity: critical, above: 50}}]}}
"""
    found = parse_catalog(text, str(folder / "indicators.yaml"), folder)
    assert not found.problems
    return found


def receive(state: Path, source: Source, text: str, day: float = 0, *, file: str = "s.csv", stored: bool = True) -> Run:
    """Receive a delivery as a refresh does: read it, store its bytes, record its run, and write the rows."""
    archive, store, at = Archive(state), RowStore(state), START + timedelta(days=day)
    before = replay_deliveries("s", source, archive, store, at.date())
    reading = read(text.encode(), file, Dialect.of(source), at.date())
    assert not reading.rejected
    instant = np.datetime64(at.replace(tzinfo=None), "s")
    after, [(revised, dropped)] = apply_deliveries(before, source.location, [(reading, file)], instant)
    run = Run(
        at, "received", file, file, archive.keep("s", text.encode()), len(text), rows=len(reading.rows),
        quarantined=len(reading.quarantined), revised=revised, dropped=dropped,
        layout=Dialect.of(source).as_json(), location=source.location,
    )  # fmt: skip
    archive.record("s", run)
    if stored:
        store.write("s", count_run(after, run))
    return run


def reject(state: Path, text: str, day: int, message: str = "shrank") -> None:
    archive, data = Archive(state), text.encode()
    at = START + timedelta(days=day)
    archive.record("s", Run(at, "rejected", "s.csv", "s.csv", archive.keep("s", data), len(data), message=message))


def part_of(state: Path) -> Path:
    """The only file of stored rows."""
    (path,) = (state / "rows").glob("*.rows")
    return path


def facts(stored: StoredRows) -> dict[str, object]:
    """Everything about the rows of a source but the rows."""
    return {name: value for name, value in vars(stored).items() if name not in ("batch_rows", "span", "rows")}


def figures(rows: SourceRows) -> list[float]:
    """The figures in force, in ascending order."""
    return sorted(rows.rows[rows.rows["held_until"].isna()]["value"])
