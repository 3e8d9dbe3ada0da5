"""The quarantined rows of a source: the place of each, its value, and the reason."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import streamlit as st

from dashboard.analysis import Receipts
from dashboard.archive import Archive, Run
from dashboard.atomic_files import Stamp, file_stamp
from dashboard.catalog import Source
from dashboard.domain import Problem
from dashboard.ingest import Dialect, read
from dashboard.late_imports import pd
from dashboard.reporting import as_csv

COLUMNS = ("File", "Line", "Column", "Value", "Reason")


@dataclass(frozen=True)
class Quarantine:
    """Quarantined rows: one problem for each; is_edited: whether their file was edited since its receipt."""

    problems: tuple[Problem, ...] = ()
    is_edited: bool = False

    @property
    def cells(self) -> list[tuple[str, ...]]:
        """The rows under `COLUMNS`."""
        return [(one.file, str(one.line), one.path, one.value, one.message) for one in self.problems]

    def table(self) -> pd.DataFrame:
        return pd.DataFrame(self.cells, columns=list(COLUMNS))

    def csv(self) -> bytes:
        """The rows for a spreadsheet, with the mark by which it recognizes UTF-8."""
        return as_csv(COLUMNS, self.cells).encode("utf-8-sig")


def quarantined_rows(
    state: Path, folder: Path, name: str, source: Source, receipts: Receipts, today: date
) -> Quarantine:
    """The quarantined rows of what the board reads: the deliveries in force, or a file that was edited since.

    ArchiveError where the archive has lost one.
    """
    dialect = Dialect.of(source)
    edited = _stamp_of_edited_file(folder, source, receipts.last)
    if edited is not None:
        file = source.origin.name
        return _quarantine_of_file(
            folder / file, edited, file, receipts.last is not None, repr(dialect), today, dialect
        )
    deliveries = tuple((run.sha256, run.file, today) for run in receipts.received if run.quarantined)
    return _quarantine_of_deliveries(state, name, deliveries, repr(dialect), dialect)


def _stamp_of_edited_file(folder: Path, source: Source, last: Run | None) -> Stamp | None:
    """The stamp of a file whose content the refresher has not received; None where it has."""
    if not source.origin.is_read_in_place:
        return None
    path = folder / source.origin.name
    try:
        current_stamp = file_stamp(path)
        is_received = last is not None and last.size == current_stamp[2] and last.sha256 == _sha256(path, current_stamp)
    except OSError:
        return None  # the source's problems say so
    return None if is_received or current_stamp[2] < 0 else current_stamp


# What follows is drawn again every few seconds. Texts of dialects are part of the keys, which a dialect cannot be.


@st.cache_resource(show_spinner=False, max_entries=32)
def _sha256(path: Path, stamp: Stamp) -> str:
    del stamp
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@st.cache_resource(show_spinner=False, max_entries=8)
def _quarantine_of_file(
    path: Path, stamp: Stamp, file: str, is_edited: bool, dialect_text: str, today: date, _dialect: Dialect
) -> Quarantine:
    del stamp, dialect_text
    try:
        data = path.read_bytes()
    except OSError:
        return Quarantine()  # gone in this moment; the next time of change is another key
    return Quarantine(read(data, file, _dialect, today).quarantined, is_edited=is_edited)


@st.cache_resource(show_spinner=False, max_entries=8)
def _quarantine_of_deliveries(
    state: Path, name: str, deliveries: tuple[tuple[str, str, date], ...], dialect_text: str, _dialect: Dialect
) -> Quarantine:
    del dialect_text
    archive = Archive(state)
    problems_by_delivery = (
        read(archive.data(name, sha256), file, _dialect, day).quarantined for sha256, file, day in deliveries
    )
    return Quarantine(tuple(problem for one in problems_by_delivery for problem in one))
