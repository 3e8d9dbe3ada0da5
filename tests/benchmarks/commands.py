"""Whole commands and boards, as an officer waits for them; CPU seconds, the smallest of several runs."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path

from dashboard.catalog.catalog import Catalog
from dashboard.catalog.loader import load_catalog
from dashboard.evaluation.evaluate import evaluate
from dashboard.rows.load import load_rows
from dashboard.rows.source_rows import SourceRows

ROOT = Path(__file__).parents[2]


def run() -> list[tuple[str, str, str]]:
    """(what, measured, limit) for each."""
    catalog = load_catalog(ROOT / "indicators.yaml")
    intake = load_rows(catalog, date(2026, 11, 21))
    evaluate(catalog, intake, date(2024, 11, 26))  # first calls import and warm up what is no part of a board
    days = [date(2018, 6, 1) + timedelta(days=15 * number) for number in range(200)]
    return [
        (
            "one board of the shipped catalogue, of fresh rows",
            *cpu(lambda: _boards(catalog, intake, days[150:151]), ""),
        ),
        ("200 boards of the shipped catalogue, of fresh rows", *cpu(lambda: _boards(catalog, intake, days), "5 s", 3)),
        ("watchfloor --help", *_process(["--help"], "0.25 s")),
        ("watchfloor check", *_process(["check"], "")),
    ]


def _boards(catalog: Catalog, rows: SourceRows, days: Sequence[date]) -> None:
    """The boards of days, of rows from which nothing was made before."""
    intake = SourceRows(rows.rows, rows.problems)
    for day in days:
        evaluate(catalog, intake, day)


def cpu(work: Callable[[], object], limit: str, runs: int = 5) -> tuple[str, str]:
    """The smallest CPU time of some runs, and its limit, in words."""
    best = float("inf")
    for _ in range(runs):
        begun = time.process_time()
        work()
        best = min(best, time.process_time() - begun)
    return f"{best:.3f} s", f"limit {limit}" if limit else ""


def _process(words: list[str], limit: str) -> tuple[str, str]:
    best = float("inf")
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-m", "dashboard", *words], cwd=ROOT, check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        best = min(best, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return f"{best:.3f} s", f"limit {limit}" if limit else ""
