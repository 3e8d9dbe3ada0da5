"""The benchmark of `unusual` on simulated sets: it runs, and what it leaves out to be quick changes nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.benchmarks import detection

ROOT = Path(__file__).parents[2]
ENDS = np.datetime64("2010-01-03") + 7 * np.arange(detection.LAST_WEEK)
OUTBREAK = 600


@pytest.fixture(scope="module")
def weekly_set(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("set")
    calm = np.random.default_rng(1).poisson(4, detection.LAST_WEEK)
    outbreak = calm + 20 * (np.arange(detection.LAST_WEEK) == OUTBREAK - 1)
    names = [f"w{week}" for week in range(1, detection.LAST_WEEK + 1)]
    pd.DataFrame([["s", 1, 1, *outbreak]], columns=["series_id", "scenario", "rep", *names]).to_csv(
        folder / "counts.csv.gz", index=False
    )
    judged = names[detection.FIRST_WEEK - 1 :]
    null = pd.DataFrame([["s", *calm[detection.FIRST_WEEK - 1 :]]], columns=["series_id", *judged])
    null.to_csv(folder / "null.csv.gz", index=False)
    return folder


@pytest.mark.parametrize("how", [["tests/benchmarks/detection.py"], ["-m", "tests.benchmarks.detection"]])
def test_it_runs_by_its_path_and_as_a_module(how: list[str], weekly_set: Path, tmp_path: Path) -> None:
    output = tmp_path / "alerts.csv"
    subprocess.run([sys.executable, *how, str(weekly_set), str(output)], cwd=ROOT, check=True)
    alerts = pd.read_csv(output).set_index(["series_id", "week"])
    assert len(alerts) == 2 * (detection.LAST_WEEK - detection.FIRST_WEEK + 1)
    assert alerts.alert["s", OUTBREAK] == 1
    assert alerts.alert["sn", OUTBREAK] == 0
    assert alerts.score["s", OUTBREAK] > alerts.score["sn"].max()


def test_alerts_are_those_of_the_engine_on_the_whole_series(weekly_set: Path) -> None:
    alerts = detection.weekly(weekly_set).set_index("series_id")
    values = pd.read_csv(weekly_set / "counts.csv.gz").filter(regex=r"^w\d+$").iloc[0].to_numpy(float)
    whole = detection.passed(ENDS, values)[detection.FIRST_WEEK - 1 :]
    np.testing.assert_array_equal(alerts.loc["s", "alert"], whole)


def test_a_decision_month_sees_only_what_was_known_then(tmp_path: Path) -> None:
    rows = [("s", month, month, 4 + month % 3) for month in range(40)]
    rows += [("s", 40, 40, 5), ("s", 40, 42, 60)]  # first 5, two months later revised to 60
    pd.DataFrame(rows, columns=["series_id", "t", "asof", "value"]).to_csv(tmp_path / "obs_dev.csv.gz", index=False)
    alert = detection.monthly(tmp_path).set_index("month").alert
    assert alert[alert == 1].index.min() == 42
