"""How long a backtest of the shipped catalogue takes, and 200 as-of dates read from it: CPU seconds, printed.

Run it with `python -m tests.benchmarks.backtest`.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from time import process_time

from dashboard.analysis.backtest import backtest
from dashboard.catalog.loader import load_catalog
from dashboard.rows.load import load_rows

ROOT = Path(__file__).parents[2].parent
TODAY = date(2026, 11, 21)


def main() -> None:
    catalog = load_catalog(ROOT / "indicators.yaml")
    intake = load_rows(catalog, TODAY)
    begin = process_time()
    histories = backtest(catalog, intake, catalog.indicators, TODAY)
    replayed = process_time()
    days = [TODAY - timedelta(days=15 * number) for number in range(200)]
    texts = [history.status_on(day) for day in days for history in histories]
    evaluations = sum(len(history.statuses) for history in histories)
    print(f"whole history, {len(histories)} indicators, {evaluations} evaluations: {replayed - begin:.2f} s")
    print(f"{len(texts)} verdicts on {len(days)} days: {process_time() - replayed:.3f} s")


if __name__ == "__main__":
    main()
