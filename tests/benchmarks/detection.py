"""`unusual` on a simulated set, through the product's own engine, as known then.

    python tests/benchmarks/detection.py SET_FOLDER ALERTS.csv

Set A (counts.csv.gz, null.csv.gz): weeks 576 to 624 of every series and of its twin. Set B (obs_dev.csv.gz): at
each decision month the newest observation among the rows known then; one at a fraction of a month is dated there.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

if not __package__:  # run by its path: it judges with the checkout it stands in, whatever is installed
    sys.path.insert(0, str(Path(__file__).parents[2]))

from dashboard.domain.series import Series
from dashboard.thresholds.anomaly.detector import judge_history
from dashboard.thresholds.assessment import assess
from dashboard.thresholds.kinds.unusual import Unusual
from dashboard.thresholds.threshold import EvaluationContext

FIRST_WEEK, LAST_WEEK = 576, 624
FIRST_MONTH, MONTHS = 24, 96
AS_SHIPPED = Unusual.model_validate({"severity": "warning", "unusual": "high"})
SETTING = EvaluationContext(date(2100, 1, 1), "")


def series(ends: np.ndarray, values: np.ndarray) -> Series:
    """A plain series of figures, each known at the end of its day."""
    count, nothing = len(ends), np.zeros(len(ends), bool)
    return Series(
        "simulated", "Simulated", ends, ends, values, values, values, values, values, nothing, nothing,
        ends.astype("datetime64[s]"), np.ones(count, bool), np.arange(count), np.arange(count), ends,
    )  # fmt: skip


def passed(ends: np.ndarray, values: np.ndarray) -> np.ndarray:
    return assess(series(ends, values), [AS_SHIPPED], SETTING).passed[0] > 0


def surprise(ends: np.ndarray, values: np.ndarray, since: int) -> np.ndarray:
    """The logarithm of how rare the product says each figure is: the score that ranks alerts."""
    chance = judge_history(ends, values, AS_SHIPPED.yardstick, since=since).p_value
    return np.asarray(-np.log(np.maximum(chance, np.finfo(float).tiny)))


def weekly(folder: Path) -> pd.DataFrame:
    counts = pd.read_csv(folder / "counts.csv.gz").set_index("series_id").filter(regex=r"^w\d+$")
    null = pd.read_csv(folder / "null.csv.gz").set_index("series_id")
    twins = counts.copy()
    twins.loc[null.index, null.columns] = null
    twins.index = twins.index + "n"
    ends = np.datetime64("2010-01-03") + 7 * np.arange(LAST_WEEK)
    # No week judged is compared with what lies before the window of the first, so that is left out.
    start = int(np.searchsorted(ends, ends[FIRST_WEEK - 1] - int(AS_SHIPPED.yardstick.window_days) - 1))
    since = FIRST_WEEK - 1 - start
    weeks = np.arange(FIRST_WEEK, LAST_WEEK + 1)
    parts = []
    for name, row in pd.concat([counts, twins]).iterrows():
        values = row.to_numpy(float)[start:]
        alert, score = passed(ends[start:], values)[since:], surprise(ends[start:], values, since)
        parts.append(pd.DataFrame({"series_id": name, "week": weeks, "alert": alert.astype(int), "score": score}))
    return pd.concat(parts)


def monthly(folder: Path) -> pd.DataFrame:
    rows = []
    for name, known in pd.read_csv(folder / "obs_dev.csv.gz").groupby("series_id", sort=False):
        asof = known["asof"].to_numpy()
        alert = None
        for month in range(FIRST_MONTH, MONTHS):
            if alert is None or (asof == month).any():  # nothing new leaves the verdict as it was
                newest = known[asof <= month].drop_duplicates("t", keep="last").sort_values("t")
                alert = _newest_passes(newest["t"].to_numpy(float), newest["value"].to_numpy(float))
            rows.append((name, month, int(alert)))
    return pd.DataFrame(rows, columns=["series_id", "month", "alert"])


def _newest_passes(months: np.ndarray, values: np.ndarray) -> bool:
    if not len(values):
        return False
    whole = np.floor(months).astype(int)
    starts = np.datetime64("2010-01") + whole
    first, after = starts.astype("datetime64[D]"), (starts + 1).astype("datetime64[D]")
    within = np.where(months == whole, 1.0, months - whole)  # a month's figure is dated at its end
    days = first + np.floor((after - first).astype(int) * within).astype(int) - (months == whole)
    ends, last = np.unique(days[::-1], return_index=True)  # of two pictures of one day the later one
    return bool(passed(ends, values[::-1][last])[-1])


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    folder, output = Path(sys.argv[1]), Path(sys.argv[2])
    judge = weekly if (folder / "counts.csv.gz").exists() else monthly
    judge(folder).to_csv(output, index=False)


if __name__ == "__main__":
    main()
