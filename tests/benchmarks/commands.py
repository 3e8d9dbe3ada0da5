"""Whole commands and boards, as an officer waits for them; CPU seconds, the smallest of several runs."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

from dashboard.catalog import load_catalog
from dashboard.evaluate import evaluate
from dashboard.intake import load_rows

ROOT = Path(__file__).parent.parent.parent
ENTRY = "  generated_{number}: {{title: Generated, file: x.csv, thresholds: [{{severity: warning, above: 5}}]}}"


def run() -> list[tuple[str, str, str]]:
    """(what, measured, limit) for each."""
    catalog = load_catalog(ROOT / "indicators.yaml")
    intake = load_rows(catalog, date(2026, 11, 21))
    evaluate(catalog, intake, date(2024, 11, 26))
    days = [date(2018, 6, 1) + timedelta(days=15 * number) for number in range(200)]
    thousand = "\n".join(["version: 1", "indicators:", *(ENTRY.format(number=number) for number in range(1000))])
    return [
        ("one board of the shipped catalogue", *_cpu(lambda: evaluate(catalog, intake, date(2024, 11, 26)), "")),
        (
            "200 boards of the shipped catalogue",
            *_cpu(lambda: [evaluate(catalog, intake, day) for day in days], "5 s", 1),
        ),
        ("a catalogue of 1,000 indicators, parsed and checked", *_cpu(lambda: _parsed(thousand), "1.5 s")),
        ("watchfloor --help", *_process(["--help"], "0.25 s")),
        ("watchfloor check", *_process(["check"], "")),
    ]


def _parsed(text: str) -> None:
    from dashboard.catalog import parse_catalog

    assert not parse_catalog(text, "generated.yaml", ROOT).problems


def _cpu(work: Callable[[], object], limit: str, runs: int = 5) -> tuple[str, str]:
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
