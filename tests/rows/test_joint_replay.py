"""Rows of many sources derived together equal those derived source by source."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as some

from dashboard.archive.deliveries import Archive
from dashboard.archive.journal import ArchiveError, Run
from dashboard.catalog.source import Source
from dashboard.ingest.parse.dialect import Dialect
from dashboard.rows.joint_replay import replay_all
from dashboard.rows.replay import replay_deliveries
from dashboard.rows.store.row_store import RowStore
from dashboard.rows.store.stored_rows import StoredRows
from tests.examples import examples
from tests.receiving import HEADER, START, facts

SOURCES = {
    "a": Source(title="A", file="s.csv"),
    "b": Source(title="B", url="https://example.org/s.csv"),
    "c": Source(title="C", file="s.csv", holds="1mo"),
    "d": Source(title="D", folder="drop"),
}
TEXT = some.lists(
    some.tuples(some.integers(1, 7), some.integers(0, 3), some.sampled_from(["", "2024-02-01", "2024-02", "soon"])),
    max_size=5,
).map(lambda lines: HEADER + "".join(f"2024-{month:02},{value},{day}\n" for month, value, day in lines))
STEP = some.tuples(
    some.sampled_from([*SOURCES]), some.sampled_from([0, 0, 1, 30, -1]), some.one_of(TEXT, some.just("date,val\n")),
    some.sampled_from(["received", "received", "received", "let in", "accepted", "lost"]),
    some.sampled_from(["", "", "", "file t.csv"]),
)  # fmt: skip


@settings(max_examples=examples(40, 400), deadline=None)
@given(steps=some.lists(STEP, max_size=12), stored=some.integers(0, 12), days=some.sampled_from([0, 0, 60, -40]))
def test_rows_derived_together_equal_rows_derived_one_by_one(
    steps: Sequence[tuple[str, int, str, str, str]], stored: int, days: int
) -> None:
    with TemporaryDirectory() as folder:
        archive, store, at = Archive(Path(folder)), RowStore(Path(folder)), START
        for number, (name, passed, text, outcome, location) in enumerate(steps):
            at, source, data = at + timedelta(days=passed), SOURCES[name], text.encode()
            run = Run(
                at, "accepted" if outcome == "accepted" else "received", "s.csv", "s.csv", size=len(data),
                sha256="0" * 64 if outcome == "lost" else archive.keep(name, data),
                by="me" if outcome in ("accepted", "let in") else "",
                layout=Dialect.of(source).as_json(), location=location or source.location,
            )  # fmt: skip
            archive.record(name, run)
            if number < stored and not isinstance(rows := derived(name, archive, None, at.date()), str):
                store.write(name, rows)
        today = (at + timedelta(days=days)).date()
        sources = {name: (source, archive.log(name, source.location)) for name, source in SOURCES.items()}
        for known in (store, RowStore(Path(folder) / "none")):
            together = replay_all(sources, archive, known, today)
            for name in SOURCES:
                alone = derived(name, archive, known, today)
                assert (name in together) == (not isinstance(alone, str))
                if not isinstance(alone, str):
                    pd.testing.assert_frame_equal(together[name].rows, alone.rows)
                    assert facts(together[name]) == facts(alone)


def derived(name: str, archive: Archive, store: RowStore | None, today: date) -> StoredRows | str:
    try:
        return replay_deliveries(name, SOURCES[name], archive, store, today)
    except ArchiveError as error:
        return str(error)
