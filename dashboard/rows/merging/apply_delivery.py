"""Applies deliveries to a source's stored rows.

After a source's location changes, its old rows stay in force until the first accepted delivery without quarantined rows
from the new location, which replaces them all.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from functools import cache

import numpy as np

from dashboard.archive import Run
from dashboard.catalog import Source
from dashboard.domain import Problem
from dashboard.domain.dates import day_of
from dashboard.fetch import covers_whole_source
from dashboard.ingest import Reading, concatenate_rows, frame
from dashboard.late_imports import pd
from dashboard.rows.merging.delivery_problems import update_problems
from dashboard.rows.merging.versions import MergedRows, Receipt, accept_missing, merge_delivery
from dashboard.rows.store.fingerprint import fingerprint, run_name
from dashboard.rows.store.stored_rows import StoredRows

_NO_FILE = "\0"  # the name of no file, so that a merge under it ends no rows


def no_rows_yet(source: Source) -> StoredRows:
    """The stored rows before the first delivery. All sources share one frame, since rows are never changed in place."""
    return StoredRows(
        _no_rows(),
        run_count=0,
        fingerprint=fingerprint(source),
        holds=source.rolling_span,
        assumed_delay=source.assumed_delay,
    )


@cache
def _no_rows() -> pd.DataFrame:
    return frame([])


def apply_delivery(
    stored: StoredRows, location: str, reading: Reading, file: str, at: np.datetime64, *, is_accepted: bool = False
) -> tuple[StoredRows, MergedRows]:
    """The stored rows after a delivery that was not rejected, and what it changed.

    `count_run` must follow once its run is in the journal. `is_accepted`: the delivery was held back and a person let
    it in.
    """
    stored = _move_to(stored, location, at)
    is_whole = covers_whole_source(location)
    receipt = receipt_of(stored, reading, None if is_whole else file, at, is_accepted=is_accepted)
    merged = merge_delivery(stored.rows, reading.rows, receipt)
    stored = update_problems(stored, {file: problems_of(reading, stored)}, day_of(at), is_whole=is_whole)
    return stored.with_rows(merged.rows), merged


def apply_deliveries(
    stored: StoredRows,
    location: str,
    deliveries: Sequence[tuple[Reading, str]],
    at: np.datetime64,
    *,
    is_accepted: bool = False,
) -> tuple[StoredRows, list[tuple[int, int]]]:
    """The stored rows after the deliveries (reading and file) of one instant and location, and the numbers of keys that
    each delivery revised and dropped.

    New files of a folder are merged together, since each merge copies all stored rows; the result is the same as one by
    one.
    """
    stored = _move_to(stored, location, at)
    if stored.superseded_files and deliveries:
        return _apply_moved_files(stored, deliveries, at, is_accepted=is_accepted)
    known = {*stored.rows["file"].unique(), *stored.problems_by_file}
    new = [(reading, file) for reading, file in deliveries if not covers_whole_source(location) and file not in known]
    is_together = len(new) > 1 and len({file for _, file in new}) == len(new)
    if is_together:
        rows = concatenate_rows([reading for reading, _ in new])
        merged = merge_delivery(stored.rows, rows, Receipt(at, _NO_FILE, assumed_delay=stored.assumed_delay))
        problems = {file: problems_of(reading, stored) for reading, file in new}
        stored = update_problems(stored, problems, day_of(at), is_whole=False).with_rows(merged.rows)
    counts = []
    for reading, file in deliveries:
        if is_together and file not in known:
            counts.append((0, 0))
            continue
        stored, merged = apply_delivery(stored, location, reading, file, at, is_accepted=is_accepted)
        counts.append((merged.revised, merged.dropped))
    return stored, counts


def rows_replaced_by(stored: StoredRows, location: str, files: Collection[str]) -> pd.DataFrame:
    """The rows in force that deliveries of files from a location would replace."""
    is_replaced = stored.rows["held_until"].isna()
    if not covers_whole_source(location):
        has_moved = stored.location != location
        superseded = {*stored.rows["file"].unique()} if has_moved else {*stored.superseded_files}
        is_replaced &= stored.rows["file"].isin({*files, *superseded})
    return stored.rows[is_replaced]


def apply_acceptance(stored: StoredRows, at: np.datetime64) -> StoredRows:
    """The stored rows once a person said that the rows were wrong which deliveries no longer have."""
    return stored.with_rows(accept_missing(stored.rows, at))


def count_run(stored: StoredRows, run: Run) -> StoredRows:
    """The same rows, recorded as derived from one run more."""
    return replace(stored, run_count=stored.run_count + 1, newest_run=run_name(run), assumed_delay=None)


def _move_to(stored: StoredRows, location: str, at: np.datetime64) -> StoredRows:
    """The same rows once a delivery comes from a location: those of another one are superseded, and their problems end.

    Rows in force are put together, since a delivery may now be the whole of the source, or of one file.
    """
    if stored.location == location:
        return stored
    rows = stored.rows
    if len(rows):
        rows = rows.sort_values(["held_until", "file"], kind="stable", ignore_index=True)
    stored = replace(stored.with_rows(rows), location=location, superseded_files=())
    if covers_whole_source(location):  # the delivery replaces all rows and problems in any case
        return stored
    superseded = {*rows.loc[rows["held_until"].isna(), "file"], *stored.problems_by_file}
    stored = update_problems(stored, dict.fromkeys(stored.problems_by_file, ()), day_of(at), is_whole=False)
    return replace(stored, problems_by_file={}, superseded_files=tuple(sorted(superseded)))


def _apply_moved_files(
    stored: StoredRows, deliveries: Sequence[tuple[Reading, str]], at: np.datetime64, *, is_accepted: bool
) -> tuple[StoredRows, list[tuple[int, int]]]:
    """The stored rows after files of a folder, while rows of the location before are in force. The files together
    replace those rows and the rows of their own names; with quarantined rows among them they remove nothing, and the
    next deliveries do.
    """
    newest = {file: reading for reading, file in deliveries}
    is_beside = stored.rows["held_until"].isna() & ~stored.rows["file"].isin([*stored.superseded_files, *newest])
    before = stored.rows[~is_beside].sort_values("held_until", kind="stable", ignore_index=True)
    is_complete = not any(reading.quarantined for reading in newest.values())
    receipt = Receipt(at, is_complete=is_complete, holds=stored.holds, is_accepted=is_accepted)
    merged = merge_delivery(before, concatenate_rows(list(newest.values())), receipt)
    # the rows in force of a file lie together
    rows = pd.concat([stored.rows[is_beside], merged.rows]).sort_values(
        ["held_until", "file"], kind="stable", ignore_index=True
    )
    problems = {file: problems_of(reading, stored) for file, reading in newest.items()}
    stored = update_problems(stored, problems, day_of(at), is_whole=False)
    superseded = () if is_complete else tuple(file for file in stored.superseded_files if file not in newest)
    counts = [(merged.revised, merged.dropped), *[(0, 0)] * (len(deliveries) - 1)]
    return replace(stored.with_rows(rows), superseded_files=superseded), counts


def receipt_of(
    stored: StoredRows, reading: Reading, file: str | None, at: np.datetime64, *, is_accepted: bool
) -> Receipt:
    """How a delivery was received that is the whole of a file, or of its source where no file is named."""
    return Receipt(
        at,
        file,
        is_complete=not reading.quarantined,
        holds=stored.holds,
        is_accepted=is_accepted,
        assumed_delay=stored.assumed_delay,
    )


def problems_of(reading: Reading, stored: StoredRows) -> tuple[Problem, ...]:
    """The problems of a delivery to stored rows. Of a first delivery whose rows are assumed to be published earlier, a
    problem without a day of its own is as old as the first of these rows, since its row may be as old."""
    problems = (*reading.quarantined, *reading.near_misses, *reading.old_dialect_problems)
    if stored.assumed_delay is None or not problems or not len(reading.rows):
        return problems
    first = stored.assumed_delay.after(day_of(reading.rows["start"].to_numpy().min()))
    return tuple(problem if problem.known_at else replace(problem, known_at=first) for problem in problems)
