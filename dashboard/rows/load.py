"""Loads the rows of a catalogue's sources, and keeps those of sources in which nothing changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from pathlib import Path

import pandas as pd

from dashboard.archive import Archive
from dashboard.atomic_files import file_stamp
from dashboard.catalog import Catalog
from dashboard.domain import Problem
from dashboard.ingest import frame
from dashboard.rows.loading.file_in_place import LoadedRows
from dashboard.rows.loading.source_loader import load_source
from dashboard.rows.source_rows import SourceRows
from dashboard.rows.store.row_store import RowStore

MOST_ROWS = 250_000  # that are kept between two loads, at 0.2 to 0.4 kB: 100 MB at most


def load_rows(
    catalog: Catalog,
    today: date,
    sources: Collection[str] | None = None,
    state: Path | None = None,
    loads: RowCache | None = None,
) -> SourceRows:
    """The rows of the named sources, or of all; with a `state` folder those of all deliveries in its archive.

    Without a state folder, or where a source has nothing in the archive, its file is read where it lies, and a row
    without publication and receipt counts as received `today`. Nothing is written. With `loads` only the sources that
    changed since the load before are read.
    """
    parts: list[pd.DataFrame] = [frame([])]
    problems_by_source: dict[str, tuple[Problem, ...]] = {}
    names = catalog.sources if sources is None else sources
    for name, (rows, problems) in (loads or RowCache()).get(names, catalog, today, state).items():
        if rows is not None:
            parts.append(rows)
        if problems:
            problems_by_source[name] = tuple(problems)
    return SourceRows(pd.concat(parts, ignore_index=True), problems_by_source)


class RowCache:
    """The rows loaded of each source, returned again as long as the source's fingerprint stays the same.

    At most `most` rows are kept, those of the first sources. A source with a problem as a whole is loaded each time,
    since the cause may end without a trace; a problem that ended before today does not matter.
    """

    def __init__(self, most: int = MOST_ROWS) -> None:
        self._most = most
        self._entries: dict[str, tuple[object, LoadedRows]] = {}

    def get(self, names: Iterable[str], catalog: Catalog, today: date, state: Path | None) -> dict[str, LoadedRows]:
        """The rows and problems of each source now. Several threads may ask."""
        archive, store = (Archive(state), RowStore(state)) if state else (None, None)
        before, entries, results, count = self._entries, dict[str, tuple[object, LoadedRows]](), {}, 0
        for name in names:
            fingerprint = _fingerprint(name, catalog, today, archive, store)  # first: later changes show next time
            entry = before.get(name)
            is_same = entry is not None and entry[0] == fingerprint
            loaded = entry[1] if entry and is_same else load_source(name, catalog, today, archive, store)
            results[name] = loaded
            rows = 0 if loaded[0] is None else len(loaded[0])
            if count + rows <= self._most and not any(
                may_end_unnoticed(problem, catalog, today) for problem in loaded[1]
            ):
                entries[name] = fingerprint, loaded
                count += rows
        self._entries = entries
        return results


def may_end_unnoticed(problem: Problem, catalog: Catalog, today: date) -> bool:
    """Whether a problem is one of a source as a whole that did not end before today: its cause may leave no trace."""
    return problem.file == catalog.file and (problem.held_until is None or problem.held_until >= today)


def _fingerprint(name: str, catalog: Catalog, today: date, archive: Archive | None, store: RowStore | None) -> object:
    """Everything that the rows of a source follow from, by the stamps of its files."""
    source = catalog.sources[name]
    stamps = (*archive.stamps(name), store.snapshot().version(name)) if archive and store else ()
    in_place = file_stamp(catalog.folder / source.origin.name) if source.origin.is_read_in_place else None
    return source, catalog.folder, today, stamps, in_place
