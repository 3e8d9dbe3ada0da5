"""Several deliveries of one instant give the same rows together as in turn."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from dashboard.catalog.source import Source
from dashboard.ingest.parse.dialect import Dialect
from dashboard.ingest.reader import read
from dashboard.ingest.reading import Reading
from dashboard.rows.merging.apply_delivery import apply_deliveries, apply_delivery, no_rows_yet
from dashboard.rows.store.stored_rows import StoredRows

FOLDER = Source(title="Generated", folder="drop")
FIRST, SECOND = np.datetime64("2024-03-07T12:00:00"), np.datetime64("2024-03-08T12:00:00")


def reading(file: str, *rows: str) -> tuple[Reading, str]:
    text = "\n".join(["date,value", *rows, ""])
    return read(text.encode(), file, Dialect.of(FOLDER), date(2024, 3, 8)), file


def one_by_one(
    stored: StoredRows, deliveries: list[tuple[Reading, str]], at: np.datetime64
) -> tuple[StoredRows, list[tuple[int, int]]]:
    changed = []
    for each, file in deliveries:
        stored, arrival = apply_delivery(stored, FOLDER.location, each, file, at)
        changed.append((arrival.revised, arrival.dropped))
    return stored, changed


@pytest.mark.parametrize(
    "later",
    [
        [],
        [reading("a", "2024-03-01,9"), reading("d", "2024-03-04,4"), reading("e", "2024-03-05,x", "2024-03-06,6")],
        [reading("d", "2024-03-04,4"), reading("a"), reading("e", "2024-03-05,5"), reading("b", "2024-03-02,y")],
        [reading("d", "2024-03-04,4")],
        [reading("d", "2024-03-04,4"), reading("d", "2024-03-04,5"), reading("e", "2024-03-05,5")],
    ],
)
def test_deliveries_applied_together_equal_those_applied_in_turn(later: list[tuple[Reading, str]]) -> None:
    first = [reading("a", "2024-03-01,1"), reading("b", "2024-03-02,2", "2024-03-03,z"), reading("c")]
    together, changed = apply_deliveries(no_rows_yet(FOLDER), FOLDER.location, first, FIRST)
    single, counted = one_by_one(no_rows_yet(FOLDER), first, FIRST)
    assert changed == counted
    same(together, single)
    together, changed = apply_deliveries(together, FOLDER.location, later, SECOND)
    single, counted = one_by_one(single, later, SECOND)
    assert changed == counted
    same(together, single)


def same(one: StoredRows, other: StoredRows) -> None:
    order = ["file", "line", "held_from", "held_until"]
    pd.testing.assert_frame_equal(
        one.rows.sort_values(order, ignore_index=True), other.rows.sort_values(order, ignore_index=True)
    )
    assert dict(one.problems_by_file) == dict(other.problems_by_file)
