"""The rows of every source of a catalogue, as its files stand."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from pathlib import Path

import pandas as pd

from dashboard.catalog import Catalog
from dashboard.errors import Problem
from dashboard.intake.layout import Layout
from dashboard.intake.reading import read
from dashboard.intake.rows import Intake, frame
from dashboard.intake.text import MOST_BYTES


def load_rows(catalog: Catalog, today: date, sources: Collection[str] | None = None) -> Intake:
    """The rows of the named sources, or of all. A row without publication and receipt counts as received `today`."""
    parts: list[pd.DataFrame] = [frame([])]
    problems: dict[str, tuple[Problem, ...]] = {}
    for name in catalog.sources if sources is None else sources:
        source = catalog.sources[name]
        if source.file is None:
            problems[name] = (catalog.problem_of_source(name, "nothing received yet; run `watchfloor refresh`"),)
            continue
        try:
            data = _bytes(catalog.folder, source.file)
        except (OSError, ValueError, RuntimeError) as error:
            problems[name] = (catalog.problem_of_source(name, _reason(source.file, error)),)
            continue
        reading = read(data, source.file, Layout.of(source), today)
        parts.append(reading.rows.assign(source=name))
        if wrong := (*reading.rejected, *reading.quarantined):
            problems[name] = wrong
    return Intake(pd.concat(parts, ignore_index=True), problems)


def _bytes(folder: Path, file: str) -> bytes:
    path = folder / file
    if not path.resolve().is_relative_to(folder.resolve()):
        raise ValueError("it leads out of the catalogue's folder")
    if path.exists() and not path.is_file():
        raise ValueError("it is not a file")
    if path.stat().st_size > MOST_BYTES:
        raise ValueError(f"larger than {MOST_BYTES // 2**20} MB")
    return path.read_bytes()


def _reason(file: str, error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return f"no such file: {file}"
    return f"{file} cannot be read: {error}"
