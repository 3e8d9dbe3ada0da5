"""The receipts of every source; what it adds up to is derived again only after it has grown."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard.analysis import Receipts
from dashboard.archive import Archive, ArchiveError, Run
from dashboard.catalog import Catalog, Source


class ReceiptsCache:
    """The receipts of all sources below one state folder."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._archive = Archive(state)
        self._version = 1
        self._runs: dict[object, tuple[Run, ...]] = {}  # of the source that was last asked for
        self._known: dict[tuple[str, str], tuple[object, Receipts]] = {}

    def receipts(self, catalog: Catalog) -> tuple[dict[str, Receipts], int]:
        """The receipts of every source of the catalogue, and a number that changes whenever one of them does."""
        if not has_archive(self._state):
            return dict.fromkeys(catalog.sources, Receipts()), 0
        with self._archive.single_glance():
            return {name: self._of(name, source) for name, source in catalog.sources.items()}, self._version

    def runs(self, name: str) -> tuple[Run, ...]:
        """All runs of a source, newest first; ArchiveError where they cannot be read."""
        key = name, self._archive.lines_stamp(name)
        runs_by_stamp = self._runs  # another session may put another one in its place
        if key not in runs_by_stamp:
            runs_by_stamp = self._runs = {key: tuple(reversed(self._archive.runs(name)))}
        return runs_by_stamp[key]

    def _of(self, name: str, source: Source) -> Receipts:
        journal_stamp, key = self._archive.lines_stamp(name), (name, source.location)
        entry = self._known.get(key)
        if entry is None or entry[0] != journal_stamp:
            self._version += 1
            entry = self._known[key] = (journal_stamp, self._read(name, source))
        return entry[1]

    def _read(self, name: str, source: Source) -> Receipts:
        try:
            return Receipts.of(self._archive.log(name, source.location))
        except (ArchiveError, OSError) as error:
            return Receipts(damage=str(error))


def has_archive(state: Path) -> bool:
    """Whether anything was ever received below a state folder; a folder that cannot be read counts as received."""
    try:
        return (state / "archive").exists()
    except OSError:
        return True


@st.cache_resource(show_spinner=False, max_entries=2)
def receipts_cache(state: Path) -> ReceiptsCache:
    return ReceiptsCache(state)
