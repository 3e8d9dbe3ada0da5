"""What stored rows were derived with: the dialect, the libraries and the code; and the names of runs."""

from __future__ import annotations

import hashlib
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa

from dashboard.archive import Run
from dashboard.catalog import Source
from dashboard.ingest import Dialect
from dashboard.late_imports import pandas_version

_PACKAGE = Path(__file__).parents[2]
_CODE = (  # derives rows from bytes
    "ingest", "rows", "archive/source_log.py", "fetch/location.py",
    "domain/text", "domain/dates", "domain/row_schema.py",
)  # fmt: skip


def fingerprint(source: Source, day: date | None = None) -> str:
    """A fingerprint of all that rows follow from besides the deliveries: the source's dialect, for how long a rolling
    file holds its rows, what is assumed of its publication, this code, and the day, where a clock was ahead."""
    inputs = repr([Dialect.of(source), source.holds, source.published_after, _code_fingerprint(), day])
    return hashlib.sha256(inputs.encode()).hexdigest()


def run_name(run: Run) -> str:
    """A name that tells a run from all others of its source."""
    return f"{run.at.isoformat()} {run.file} {run.sha256}"


@cache
def _code_fingerprint() -> str:
    digest = hashlib.sha256(f"{pandas_version()} {np.__version__} {pa.__version__}".encode())
    for name in _CODE:
        folder = _PACKAGE / name
        for path in sorted(folder.rglob("*.py")) if folder.is_dir() else [folder]:
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
