"""Reads the file of a source where it lies: before anything was received, and when it was edited since."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from dashboard.archive import SourceLog, accept_hint
from dashboard.catalog import Catalog, Source
from dashboard.domain import Problem, with_advice
from dashboard.domain.dates import end_of_day
from dashboard.ingest import Delivery, Dialect, Reading, read, read_all
from dashboard.large_bytes import LARGE, LARGEST, Bytes, collect, pieces_of, sha256_of
from dashboard.rows.guards.expectations import unmet_expectations
from dashboard.rows.merging.apply_delivery import apply_delivery, no_rows_yet, rows_replaced_by
from dashboard.rows.row_spans import Span, place_of
from dashboard.rows.store.stored_rows import StoredRows

_BATCH_BYTES = 32 << 20  # of files that are read together

LoadedRows = tuple[Span | None, Sequence[Problem]]  # None where no rows could be read


class PlacedFiles:
    """The files in a catalogue's folder; whether a folder below leads out of it is found out once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._is_inside: dict[str, bool] = {}

    def read(self, file: str) -> Bytes:
        """Raises OSError, ValueError or RuntimeError (a loop of links)."""
        path = os.path.join(self._folder, file)  # noqa: PTH118 - paths take longer than reading a small file
        if not self._leads_inside(path.rpartition("/")[0]) or path.endswith(".."):
            self._expect_inside(path)
        status = os.lstat(path)
        if stat.S_ISLNK(status.st_mode):
            self._expect_inside(path)
            status = Path(path).stat()
        if not stat.S_ISREG(status.st_mode):
            raise ValueError("it is not a file")
        if status.st_size > LARGEST:
            raise ValueError(f"it is larger than {LARGEST // 2**20} MB")
        if status.st_size <= LARGE:
            return Path(path).read_bytes()
        with Path(path).open("rb") as stream:
            return collect(pieces_of(stream), status.st_size)

    def _expect_inside(self, path: str) -> None:
        if not Path(path).resolve().is_relative_to(self._folder.resolve()):
            raise ValueError("it leads out of the catalogue's folder")

    def _leads_inside(self, path: str) -> bool:
        """Whether a folder lies in the catalogue's."""
        if path not in self._is_inside:
            self._is_inside[path] = Path(path).resolve().is_relative_to(self._folder.resolve())
        return self._is_inside[path]


def read_in_place(
    names: Collection[str], catalog: Catalog, today: date, files: PlacedFiles, without_file: str
) -> dict[str, LoadedRows]:
    """The rows of the files of sources alone; none where a file does not meet its expectations. `without_file`: the
    problem of a source that has no file to read."""
    loaded, batch, size = dict[str, LoadedRows](), dict[str, Bytes](), 0
    for name in names:
        origin = catalog.sources[name].origin
        if not origin.is_read_in_place:
            loaded[name] = None, [catalog.problem_of_source(name, without_file)] if without_file else []
            continue
        try:
            batch[name] = files.read(origin.name)
        except (OSError, ValueError, RuntimeError) as error:
            loaded[name] = None, [catalog.problem_of_source(name, _describe(origin.name, error))]
            continue
        size += len(batch[name])
        if size > _BATCH_BYTES:
            loaded |= _read_together(batch, catalog, today)
            batch, size = {}, 0
    return loaded | _read_together(batch, catalog, today)


def _read_together(data_by_source: Mapping[str, Bytes], catalog: Catalog, today: date) -> dict[str, LoadedRows]:
    sources = {name: catalog.sources[name] for name in data_by_source}
    deliveries = [
        Delivery(sources[name].origin.name, data, Dialect.of(sources[name])) for name, data in data_by_source.items()
    ]
    loaded: dict[str, LoadedRows] = {}
    for (name, source), each, reading in zip(sources.items(), deliveries, read_all(deliveries, today), strict=True):
        if not reading.rejected and (reason := unmet_expectations(source, each.data, reading, before=None)):
            message = with_advice(f"{each.file} is held back: {reason}", accept_hint(name))
            loaded[name] = None, [catalog.problem_of_source(name, message)]
        else:
            problems = (*reading.rejected, *reading.quarantined, *reading.near_misses)
            loaded[name] = _place_of_first(reading, source, each.file, today), problems
    return loaded


def _place_of_first(reading: Reading, source: Source, file: str, today: date) -> Span:
    """Where the rows of a file stand. Where their publication is assumed, the file is the first delivery of its source,
    received at the end of today."""
    if source.assumed_delay is None or reading.rejected:
        return place_of(reading)
    return apply_delivery(no_rows_yet(source), source.location, reading, file, end_of_day(today))[0].place


def apply_edit(
    name: str, catalog: Catalog, stored: StoredRows, log: SourceLog, today: date, files: PlacedFiles
) -> tuple[StoredRows, list[Problem] | None]:
    """The stored rows after the file as it lies there now, and the problems of that file as a whole; None for problems
    where the file is the rejected delivery, whose rejection stands."""
    source = catalog.sources[name]
    file, newest, is_moved = source.origin.name, log.last_received, stored.location != source.location
    try:
        data = files.read(file)
    except (OSError, ValueError, RuntimeError) as error:
        return stored, [replace(catalog.problem_of_source(name, _describe(file, error)), known_at=today)]
    sha256, dialect = sha256_of(data), Dialect.of(source)
    if newest is not None and newest.sha256 == sha256 and not is_moved:
        return stored, []
    rejected = [run for run in log.open_rejections if run.location in ("", source.location)]
    if any(run.sha256 == sha256 and run.layout in ({}, dialect.as_json()) for run in rejected):
        return stored, None
    reading = read(data, file, dialect, today)
    if reading.rejected:
        return stored, [*reading.rejected]
    before = int(stored.rows["held_until"].isna().sum()) if is_moved or newest is None else newest.rows
    if reason := unmet_expectations(source, data, reading, before, rows_replaced_by(stored, source.location, [file])):
        held_back = with_advice(f"{file} as it stands is held back: {reason}", "the rows before it stand")
        message = with_advice(held_back, accept_hint(name))
        return stored, [replace(catalog.problem_of_source(name, message), known_at=today)]
    return apply_delivery(stored, source.location, reading, file, end_of_day(today))[0], []


def _describe(file: str, error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return f"no such file: {file}"
    reason = error.strerror or error if isinstance(error, OSError) else error
    return f"{file} cannot be read: {reason}; mend the file, its permissions or the source's path in the YAML"
