"""The rows of a source that cannot be used: where each stands, what stands there, and why it is not believed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd
import streamlit as st

from dashboard.app.sources.receipts import journals
from dashboard.archive import Run
from dashboard.catalog import Source
from dashboard.errors import Problem
from dashboard.health import Receipts
from dashboard.intake import Layout, read
from dashboard.spreadsheet import as_csv

COLUMNS = ("File", "Line", "Column", "Value", "Reason")


@dataclass(frozen=True)
class Quarantine:
    """problems: one a row; cells: the same under `COLUMNS`; is_edited: the file is no longer what was received."""

    problems: tuple[Problem, ...] = ()
    cells: tuple[tuple[str, str, str, str, str], ...] = ()
    is_edited: bool = False

    def table(self) -> pd.DataFrame:
        return pd.DataFrame(list(self.cells), columns=list(COLUMNS))

    def csv(self) -> bytes:
        """For a spreadsheet; with the mark that tells it that this is UTF-8."""
        return as_csv(COLUMNS, self.cells).encode("utf-8-sig")


def quarantine(state: Path, folder: Path, name: str, source: Source, receipts: Receipts, today: date) -> Quarantine:
    """The quarantined rows of what the board reads: the deliveries in force, or a file that was edited since.

    ArchiveError where the archive has lost one.
    """
    edited = _edited(folder, source, receipts)
    if edited is not None:
        one = _of(edited, str(source.file), Layout.of(source), today)
        return Quarantine(one.problems, one.cells, is_edited=receipts.last is not None)
    found = [_of_run(state, name, run, Layout.of(source)) for run in receipts.received]
    problems = tuple(problem for one in found for problem in one.problems)
    return Quarantine(problems, tuple(cells for one in found for cells in one.cells))


def _edited(folder: Path, source: Source, receipts: Receipts) -> bytes | None:
    """The bytes of a file that the refresher has not seen as they are now."""
    if source.file is None:
        return None
    try:
        data = (folder / source.file).read_bytes()
    except OSError:
        return None  # the source's problems say so
    last = receipts.last.sha256 if receipts.last else ""
    return data if hashlib.sha256(data).hexdigest() != last else None


def _of_run(state: Path, name: str, run: Run, layout: Layout) -> Quarantine:
    return _kept(state, name, run.sha256, run.file, repr(layout), run.at.date(), layout)


@st.cache_resource(show_spinner=False, max_entries=32)
def _kept(state: Path, name: str, sha256: str, file: str, written: str, day: date, _layout: Layout) -> Quarantine:
    del written  # part of the key only
    return _of(journals(state).data(name, sha256), file, _layout, day)


def _of(data: bytes, file: str, layout: Layout, today: date) -> Quarantine:
    problems = read(data, file, layout, today).quarantined
    return Quarantine(problems, tuple((one.file, str(one.line), one.path, one.value, one.message) for one in problems))
