"""Loads the rows of a catalogue's sources, and keeps those of sources in which nothing changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa

from dashboard.archive import Archive
from dashboard.atomic_files import file_stamp
from dashboard.catalog import Catalog
from dashboard.domain import Problem
from dashboard.domain.dates import end_of_day
from dashboard.late_imports import pd
from dashboard.rows.loading.file_in_place import LoadedRows
from dashboard.rows.loading.source_loader import SourceLoader
from dashboard.rows.row_spans import Span, join_spans
from dashboard.rows.source_rows import SourceRows
from dashboard.rows.store.row_store import RowStore

MOST_ROWS = 1_000_000  # that are kept between two loads, at 0.2 to 0.4 kB; boards are judged on the same frame


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
    names = [*(catalog.sources if sources is None else sources)]
    return (loads or RowCache()).get(names, catalog, today, state)


@dataclass(frozen=True)
class _Entry:
    """What was loaded of a source, and the fingerprint of all that it follows from."""

    fingerprint: object
    span: Span | None
    problems: Sequence[Problem]

    @property
    def row_count(self) -> int:
        return self.span[2] - self.span[1] if self.span else 0


class RowCache:
    """The rows loaded of each source, returned again as long as the source's fingerprint stays the same.

    At most `most` rows are kept, those of the first sources. A source with a problem as a whole is loaded each time,
    since the cause may end without a trace; a problem that ended before today does not matter.
    """

    def __init__(self, most: int = MOST_ROWS) -> None:
        self._most = most
        self._entries: Mapping[str, _Entry] = {}
        self._opened: dict[Path, tuple[Archive, RowStore]] = {}

    def opened(self, state: Path) -> tuple[Archive, RowStore]:
        """The archive and the row store below a state folder; what they read of their files is read once."""
        return self._opened.setdefault(state, (Archive(state), RowStore(state)))

    def get(self, names: Sequence[str], catalog: Catalog, today: date, state: Path | None) -> SourceRows:
        """The rows and problems of the sources now. Several threads may ask."""
        before = self._entries
        archive, store = self.opened(state) if state else (None, None)
        # first: later changes show next time
        with archive.single_glance() if archive else nullcontext():
            fingerprints = _fingerprints(names, catalog, today, archive, store)
        changed = [name for name in names if name not in before or before[name].fingerprint != fingerprints[name]]
        loaded = _load(changed, catalog, today, archive, store)
        entries = {
            name: _Entry(fingerprints[name], *loaded[name]) if name in loaded else before[name] for name in names
        }
        rows, entries = _in_one_frame(entries)
        self._entries = self._kept(entries, catalog, today)
        problems = {name: tuple(entry.problems) for name, entry in entries.items() if entry.problems}
        return SourceRows(rows, problems)

    def _kept(self, entries: Mapping[str, _Entry], catalog: Catalog, today: date) -> Mapping[str, _Entry]:
        """The entries that are kept until the next load."""
        kept, count = dict[str, _Entry](), 0
        for name, entry in entries.items():
            if count + entry.row_count <= self._most and not any(
                may_end_unnoticed(problem, catalog, today) for problem in entry.problems
            ):
                kept[name] = entry
                count += entry.row_count
        is_most = 2 * count > sum(entry.row_count for entry in entries.values())
        return kept if is_most else _in_one_frame(kept)[1]  # else the frame would keep the others' rows in memory


def may_end_unnoticed(problem: Problem, catalog: Catalog, today: date) -> bool:
    """Whether a problem is one of a source as a whole that did not end before today: its cause may leave no trace."""
    return problem.file == catalog.file and (problem.held_until is None or problem.held_until >= today)


def _fingerprints(
    names: Iterable[str], catalog: Catalog, today: date, archive: Archive | None, store: RowStore | None
) -> dict[str, object]:
    """For each source everything that its rows follow from, by the stamps of files."""
    snapshot, fingerprints = store.snapshot() if store else None, dict[str, object]()
    for name in names:
        source = catalog.sources[name]
        stamps = (*archive.stamps(name), snapshot.version(name)) if archive and snapshot else ()
        in_place = file_stamp(catalog.folder / source.origin.name) if source.origin.is_read_in_place else None
        fingerprints[name] = source, catalog.folder, today, stamps, in_place
    return fingerprints


def _load(
    names: Collection[str], catalog: Catalog, today: date, archive: Archive | None, store: RowStore | None
) -> dict[str, LoadedRows]:
    """The rows of sources, with their names and without instants to come, and their problems."""
    loaded = SourceLoader(catalog, today, archive, store).load(names)
    spans = {name: span for name, (span, _) in loaded.items() if span}
    lengths = [end - begin for _, begin, end in spans.values()]
    owner = np.repeat(np.arange(len(spans)), lengths)
    rows = _without_instants_after(today, join_spans(spans.values()), owner)
    names_of_rows = pa.array([*spans], pa.large_string()).take(pa.array(owner))
    rows = rows.assign(source=pa.table({"source": names_of_rows}).to_pandas()["source"])
    ends = dict(zip(spans, np.cumsum(lengths).tolist(), strict=True))
    return {
        name: ((rows, ends[name] - span[2] + span[1], ends[name]) if span else None, problems)
        for name, (span, problems) in loaded.items()
    }


def _without_instants_after(today: date, rows: pd.DataFrame, owner: np.ndarray) -> pd.DataFrame:
    """The rows without instants after today: a clock that was ahead at their receipt must not hide them now. All rows
    of a source with such receipts are concerned; `owner` numbers the sources."""
    last = end_of_day(today)
    instants = {name: rows[name].to_numpy("datetime64[s]") for name in ("held_from", "held_until", "accepted_at")}
    is_ahead = np.logical_or.reduce([column > last for column in instants.values()])
    if not is_ahead.any():
        return rows
    is_concerned = np.isin(owner, owner[is_ahead])
    instants["known_at"] = rows["known_at"].to_numpy("datetime64[s]")
    return rows.assign(
        **{name: np.where(is_concerned & (column > last), last, column) for name, column in instants.items()}
    )


def _in_one_frame(entries: Mapping[str, _Entry]) -> tuple[pd.DataFrame, dict[str, _Entry]]:
    """The rows of all entries in order, and the entries with their spans of these."""
    rows, end, moved = join_spans(entry.span for entry in entries.values() if entry.span), 0, dict[str, _Entry]()
    for name, entry in entries.items():
        begin, end = end, end + entry.row_count
        moved[name] = _Entry(entry.fingerprint, (rows, begin, end) if entry.span else None, entry.problems)
    return rows, moved
