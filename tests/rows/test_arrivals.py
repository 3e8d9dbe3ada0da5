"""What many sources got at once gives the same rows as what each of them got by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as some

from dashboard.catalog.source import Source
from dashboard.ingest.batch_reader import Delivery, read_all
from dashboard.ingest.parse.dialect import Dialect
from dashboard.rows.guards.expectations import excessive_changes
from dashboard.rows.guards.joint_changes import Replacement, without_excessive_changes
from dashboard.rows.merging.apply_delivery import apply_deliveries, no_rows_yet, rows_replaced_by
from dashboard.rows.merging.arrivals import Arrival, apply_arrivals
from dashboard.rows.store.stored_rows import StoredRows
from tests.examples import examples
from tests.receiving import facts

TODAY = date(2024, 6, 1)
SOURCES = {
    "file": Source(title="A", file="a.csv"),
    "address": Source(title="B", url="https://example.org/b.csv"),
    "rolling": Source(title="C", file="c.csv", holds="2mo"),
    "folder": Source(title="D", folder="drop"),
    "strict": Source(title="E", file="e.csv", expect={"revise_at_most": 0}),
}
LINE = some.tuples(
    some.integers(1, 8), some.sampled_from([0, 1, 2, 5, 9]), some.sampled_from(["2024-02-01", "2024-03", "", "soon"]),
    some.sampled_from(["", "", "Posyet"]),
)  # fmt: skip
TEXT = some.lists(LINE, max_size=9).map(
    lambda lines: (
        "date,value,published_at,subject\n"
        + "".join(f"2023-{month:02},{value},{day},{subject}\n" for month, value, day, subject in lines)
    )
)
STEP = some.dictionaries(
    some.sampled_from([*SOURCES]),
    some.tuples(TEXT, some.sampled_from([0, 1, 3, -2]), some.booleans(), some.sampled_from(["", "", "", "moved.csv"])),
    min_size=1,
)


def arrivals_of(
    step: Mapping[str, tuple[str, int, bool, str]], before: Mapping[str, StoredRows], number: int
) -> dict[str, Arrival]:
    """What sources get in one step; all readings stand in shared frames where the reader joins them."""
    deliveries = [
        Delivery(f"{name}.csv", text.encode(), Dialect.of(SOURCES[name])) for name, (text, *_) in step.items()
    ]
    arrivals = {}
    for (name, (_, days, is_accepted, place)), reading, delivery in zip(
        step.items(), read_all(deliveries, TODAY), deliveries, strict=True
    ):
        at = np.datetime64("2024-04-01T12:00:00", "s") + np.timedelta64(max(0, number + days), "D")
        source = replace_file(SOURCES[name], place) if place else SOURCES[name]
        if not reading.rejected:
            files = [(reading, delivery.file)]
            arrivals[name] = Arrival(before[name], source.location, files, at, is_accepted=is_accepted)
    return arrivals


def replace_file(source: Source, file: str) -> Source:
    return Source(title=source.title, file=file, holds=source.holds)


@settings(max_examples=examples(40, 400), deadline=None)
@given(steps=some.lists(STEP, max_size=5))
def test_arrivals_applied_together_equal_those_applied_one_by_one(
    steps: Sequence[Mapping[str, tuple[str, int, bool, str]]],
) -> None:
    stored = {name: no_rows_yet(source) for name, source in SOURCES.items()}
    for number, step in enumerate(steps):
        arrivals = arrivals_of(step, stored, number)
        together = apply_arrivals(arrivals)
        assert together.keys() == arrivals.keys()
        for name, arrival in arrivals.items():
            alone, counts = apply_deliveries(
                arrival.stored, arrival.location, arrival.deliveries, arrival.at, is_accepted=arrival.is_accepted
            )
            assert together[name][1] == counts
            assert facts(together[name][0]) == facts(alone)
            pd.testing.assert_frame_equal(together[name][0].rows, alone.rows)
            stored[name] = replace(together[name][0], run_count=stored[name].run_count + 1)


@settings(max_examples=examples(60, 600), deadline=None)
@given(
    then=some.dictionaries(some.sampled_from([*SOURCES]), TEXT, min_size=1),
    now=some.dictionaries(some.sampled_from([*SOURCES]), TEXT),
    is_continued=some.booleans(),
)
def test_sources_without_excessive_changes_have_none(
    then: Mapping[str, str], now: Mapping[str, str], *, is_continued: bool
) -> None:
    stored = {name: no_rows_yet(source) for name, source in SOURCES.items()}
    first = arrivals_of({name: (text, 0, False, "") for name, text in then.items()}, stored, 0)
    stored |= {name: rows for name, (rows, _) in apply_arrivals(first).items()}
    if is_continued:
        now = {name: then[name] + text.partition("\n")[2] for name, text in now.items() if name in then}
    second = arrivals_of({name: (text, 1, False, "") for name, text in now.items() if name != "folder"}, stored, 1)
    replacements = {
        name: Replacement(SOURCES[name], arrival.stored, arrival.deliveries[0][0]) for name, arrival in second.items()
    }
    quiet = without_excessive_changes(replacements)
    for name, each in replacements.items():
        in_force = rows_replaced_by(each.stored, each.source.location, [f"{name}.csv"])
        if name in quiet:
            assert excessive_changes(each.source, each.reading, in_force) == ""


def test_rows_that_were_added_are_no_excessive_changes() -> None:
    months = [f"2023-{month:02},{month},2024-02-01,\n" for month in range(1, 9)]
    stored = {name: no_rows_yet(source) for name, source in SOURCES.items()}
    texts = {name: "date,value,published_at,subject\n" + "".join(months[:6]) for name in SOURCES}
    first = arrivals_of({name: (text, 0, False, "") for name, text in texts.items()}, stored, 0)
    stored |= {name: rows for name, (rows, _) in apply_arrivals(first).items()}
    added = {name: (text + "".join(months[6:]), 1, False, "") for name, text in texts.items()}
    scaled = {name: (text.replace(",2024", "00,2024"), 1, False, "") for name, text in texts.items()}
    for step, names in ((added, set(SOURCES)), (scaled, set())):
        arrivals = arrivals_of(step, stored, 1)
        replacements = {
            name: Replacement(SOURCES[name], arrival.stored, arrival.deliveries[0][0])
            for name, arrival in arrivals.items()
        }
        assert without_excessive_changes(replacements) == names
