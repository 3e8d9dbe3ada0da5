"""A backtest and 200 as-of boards of 1,000 indicators, sharing what stays the same between two days.

The catalogue is that of the whole way. A board by itself is made of rows that no other day has looked at. CPU seconds.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from time import process_time

from dashboard.analysis.backtest import History, backtest
from dashboard.catalog import Catalog
from dashboard.catalog.loader import load_catalog
from dashboard.evaluation.evaluate import evaluate
from dashboard.rows.load import load_rows
from dashboard.rows.source_rows import SourceRows
from tests.benchmarks.whole_way import FEW, FIRST, ROWS, Line, generate

BOARDS = 200
SAMPLE = 10  # boards that are made by themselves: all would take minutes
LAST = FIRST + timedelta(weeks=ROWS + 4)


def run() -> list[Line]:
    """(what, measured, beside) for each."""
    with tempfile.TemporaryDirectory() as name:
        catalog = load_catalog(generate(Path(name) / "many", FEW))
        rows = load_rows(catalog, LAST)
        days = [LAST - timedelta(days=2 * number) for number in range(BOARDS)]
        alone = _alone(catalog, rows, days[:: BOARDS // SAMPLE]) * BOARDS / SAMPLE
        shared = _boards(catalog, rows, days)
        return [*_boards_lines(alone, shared), *_backtest_lines(catalog, rows, days)]


def _boards_lines(alone: float, shared: float) -> list[Line]:
    each = f"{1000 * shared / BOARDS / FEW:.2f} ms a verdict"
    return [
        (f"{BOARDS} boards by themselves", f"{alone:.1f} s", f"the reference, of {SAMPLE} boards"),
        (f"{BOARDS} boards that share", f"{shared:.1f} s", f"{shared / alone:.2f} x the reference; {each}"),
    ]


def _backtest_lines(catalog: Catalog, rows: SourceRows, days: Iterable[date]) -> list[Line]:
    begun = process_time()
    histories = backtest(catalog, SourceRows(rows.rows, rows.problems), catalog.indicators, LAST)
    replayed = process_time()
    _read(histories, days)
    read, evaluations = process_time() - replayed, sum(len(history.statuses) for history in histories)
    each = f"{evaluations:,} evaluations, {1000 * (replayed - begun) / evaluations:.2f} ms each"
    return [
        (f"backtest of {len(histories):,} indicators", f"{replayed - begun:.1f} s", each),
        (f"the severities of {BOARDS} boards read from it", f"{read:.2f} s", ""),
    ]


def _alone(catalog: Catalog, rows: SourceRows, days: Iterable[date]) -> float:
    begun = process_time()
    for day in days:
        evaluate(catalog, SourceRows(rows.rows, rows.problems), day)
    return process_time() - begun


def _boards(catalog: Catalog, rows: SourceRows, days: Iterable[date]) -> float:
    begun = process_time()
    for day in days:
        evaluate(catalog, rows, day)
    return process_time() - begun


def _read(histories: Iterable[History], days: Iterable[date]) -> None:
    for day in days:
        for history in histories:
            history.status_on(day)
