"""Thousands of indicators: their catalogue, and one of them judged again; CPU seconds, the smallest of several runs.

The catalogue and all figures are generated. Counted for one indicator is what it takes from the rows of its changed
file to the verdict; what reading that file takes stands on a line of its own, and publishing is no part of it.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from dashboard.catalog.catalog import Catalog
from dashboard.catalog.loader import load_catalog, parse_catalog
from dashboard.domain.row_schema import DTYPES
from dashboard.evaluation.evaluate import evaluation_of
from dashboard.rows.load import load_rows
from dashboard.rows.source_rows import SourceRows
from tests.benchmarks.commands import cpu
from tests.benchmarks.engine import FIRST, POINTS, generated

MANY, MONTHS = 10_000, 60
NAME = "generated_5000"
AS_OF, TODAY = date(2024, 6, 30), date(2024, 7, 1)

SMALL = "  generated_{number}: {{title: Generated, file: x.csv, thresholds: [{{severity: warning, above: 5}}]}}"
LARGE = """
  generated_{number}:
    title: Generated amounts, number {number}
    unit: bbl
    direction: RU+CN -> KP
    place: {{name: Vostochny, lat: 42.74, lon: 133.08}}
    file: generated_{number}.csv
    kind: flow
    rationale: An indicator of a benchmark, with as many words and keys as a real one has.
    action: Nothing is to be done; this is generated.
    thresholds:
      - {{severity: warning, above: 130, for: 3d, recover_below: 110}}
      - {{severity: critical, times_baseline: 2}}
    tests:
      - {{given: "2024-01-01 100, 2024-01-02 120", as_of: 2024-01-03, expect: normal}}"""


def run() -> list[tuple[str, str, str]]:
    """(what, measured, limit) for each."""
    with tempfile.TemporaryDirectory() as name, own_cache(Path(name)):
        return [*_catalogues(Path(name)), *_one_again(Path(name))]


def _catalogues(folder: Path) -> list[tuple[str, str, str]]:
    thousand, many, large = text_of(SMALL, 1000), text_of(SMALL, MANY), text_of(LARGE, MANY)
    kept = {name: folder / f"{name}.yaml" for name in ("small", "large")}
    for path, text in zip(kept.values(), (many, large), strict=True):
        path.write_text(text)
        load_catalog(path)
    sentence = f"{MANY:,} indicators"
    return [
        ("1,000 indicators, parsed and checked", *cpu(lambda: _parsed(thousand), "1.5 s")),
        (f"{sentence}, parsed and checked", *cpu(lambda: _parsed(many), "", 2)),
        (f"{sentence}, file unchanged", *cpu(lambda: load_catalog(kept["small"]), "0.3 s")),
        (f"{sentence}, file unchanged, each then asked for", *cpu(lambda: _asked_for(kept["small"]), "")),
        (f"{sentence} of 14 lines, parsed and checked", *cpu(lambda: _parsed(large), "", 1)),
        (f"{sentence} of 14 lines, file unchanged", *cpu(lambda: load_catalog(kept["large"]), "0.3 s")),
    ]


def _one_again(folder: Path) -> list[tuple[str, str, str]]:
    """One indicator among many, of which all rows are in memory: as it is, and after its file has changed."""
    catalog = load_catalog(folder / "large.yaml")
    everything = SourceRows(rows(list(catalog.sources), MONTHS))
    everything.table.known(NAME, AS_OF)  # rows as arrays, in order: done once for all instants
    changed = rows([NAME], POINTS)
    _write(folder / f"{NAME}.csv", changed)
    names = iter(everything.table.slices)  # each run asks for another one: of the first something is remembered
    return [
        (
            f"1 of {MANY:,} judged, {len(everything.rows):,} rows of all in memory",
            *cpu(lambda: evaluation_of(next(names), catalog, everything, AS_OF), ""),
        ),
        (
            f"1 of {MANY:,} judged after its {POINTS:,} rows have changed",
            *cpu(lambda: evaluation_of(NAME, catalog, SourceRows(changed), AS_OF), "0.05 s"),
        ),
        (f"1 of {MANY:,} judged, its file of {POINTS:,} lines read too", *cpu(lambda: _from_file(catalog), "")),
    ]


def _from_file(catalog: Catalog) -> None:
    intake = load_rows(catalog, TODAY, catalog.sources_of([NAME]))
    assert not intake.problems
    assert len(evaluation_of(NAME, catalog, intake, AS_OF).known_rows) == POINTS


def text_of(entry: str, count: int) -> str:
    return "\n".join(["version: 1", "indicators:", *(entry.format(number=number) for number in range(count))])


def rows(sources: list[str], count: int) -> pd.DataFrame:
    """For each source so many daily figures, each published on its day."""
    days = np.tile(FIRST + np.arange(count), len(sources))
    values = np.tile(generated(1)[0][:count], len(sources))
    known = days.astype("datetime64[s]") + np.timedelta64(86_399, "s")
    columns = {
        "source": np.repeat(sources, count), "file": np.repeat([f"{one}.csv" for one in sources], count),
        "line": np.tile(np.arange(2, count + 2), len(sources)), "start": days, "end": days,
        "low": np.nan, "value": values, "high": np.nan, "unit": "bbl", "subject": "", "status": "reported",
        "published": days.astype(str).astype(object), "published_at": known, "received_at": np.datetime64("NaT", "s"),
        "known_at": known, "citation": "https://example.org/generated", "document": "", "note": "",
    }  # fmt: skip
    return pd.DataFrame(columns, columns=list(DTYPES)).astype(DTYPES)


def _write(path: Path, figures: pd.DataFrame) -> None:
    written = figures[["start", "value", "unit", "published", "citation"]]
    written.rename(columns={"start": "date", "published": "published_at"}).to_csv(path, index=False)


def _parsed(text: str) -> None:
    assert not parse_catalog(text, "generated.yaml", Path()).problems


def _asked_for(path: Path) -> None:
    catalog = load_catalog(path)
    assert len(catalog.evaluation_order) == len(list(catalog.sources.values())) == MANY


@contextmanager
def own_cache(folder: Path) -> Iterator[None]:
    """Catalogues are kept in a folder that goes with the benchmark."""
    before = os.environ.get("XDG_CACHE_HOME")
    os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
    try:
        yield
    finally:
        if before is None:
            del os.environ["XDG_CACHE_HOME"]
        else:
            os.environ["XDG_CACHE_HOME"] = before
