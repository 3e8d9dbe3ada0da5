"""Applies what many sources got at once to their stored rows: one merge for all of them, in place of one for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from dashboard.domain.dates import day_of
from dashboard.fetch import covers_whole_source
from dashboard.ingest import Reading
from dashboard.rows.merging.apply_delivery import apply_deliveries, problems_of, receipt_of
from dashboard.rows.merging.delivery_problems import update_problems
from dashboard.rows.merging.matching import JointRows
from dashboard.rows.merging.versions import merge_deliveries
from dashboard.rows.row_spans import place_of
from dashboard.rows.store.stored_rows import StoredRows

_MANY_ROWS = 100_000  # of a source: its merge takes much longer than beginning it, and is done by itself to save memory


@dataclass(frozen=True, eq=False)
class Arrival:
    """The deliveries (reading and file) that one source got at one instant from one location, and its rows before.

    is_accepted: whether a person let them in.
    """

    stored: StoredRows
    location: str
    deliveries: Sequence[tuple[Reading, str]]
    at: np.datetime64
    is_accepted: bool = False


def apply_arrivals(arrivals: Mapping[str, Arrival]) -> dict[str, tuple[StoredRows, list[tuple[int, int]]]]:
    """For each source what `apply_deliveries` gives for what it got."""
    together = _apply_together({name: arrival for name, arrival in arrivals.items() if _is_usual(arrival)})
    return {
        name: together[name]
        if name in together
        else apply_deliveries(
            arrival.stored, arrival.location, arrival.deliveries, arrival.at, is_accepted=arrival.is_accepted
        )
        for name, arrival in arrivals.items()
    }


def _is_usual(arrival: Arrival) -> bool:
    """Whether one delivery replaces all rows of a source that came from the same location, if it has any."""
    stored, deliveries = arrival.stored, arrival.deliveries
    return (
        len(deliveries) == 1
        and not stored.superseded_files
        and covers_whole_source(arrival.location)
        and (stored.location == arrival.location or not stored.row_count)
        and max(stored.row_count, deliveries[0][0].row_count) < _MANY_ROWS
    )


def _apply_together(arrivals: Mapping[str, Arrival]) -> dict[str, tuple[StoredRows, list[tuple[int, int]]]]:
    if not arrivals:
        return {}
    readings = [arrival.deliveries[0][0] for arrival in arrivals.values()]
    receipts = [
        receipt_of(arrival.stored, reading, None, arrival.at, is_accepted=arrival.is_accepted)
        for arrival, reading in zip(arrivals.values(), readings, strict=True)
    ]
    held = JointRows.of([arrival.stored.place for arrival in arrivals.values()])
    delivered = JointRows.of([place_of(reading) for reading in readings])
    merged = merge_deliveries(held, delivered, receipts)
    rows, ends = merged.rows.frame, np.cumsum(merged.rows.counts(len(readings))).tolist()
    results = {}
    for number, (name, arrival) in enumerate(arrivals.items()):
        ((reading, file),) = arrival.deliveries
        stored = replace(arrival.stored, location=arrival.location, superseded_files=())
        stored = update_problems(stored, {file: problems_of(reading, stored)}, day_of(arrival.at), is_whole=True)
        stored = stored.with_rows(rows, (ends[number - 1] if number else 0, ends[number]))
        results[name] = stored, [(int(merged.revised[number]), int(merged.dropped[number]))]
    return results
