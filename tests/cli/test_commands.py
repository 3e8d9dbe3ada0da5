"""The command line as its users meet it: what it prints, where, and with which exit code."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dashboard import workspace
from dashboard.evidence import Card, load_cards
from tests.command_line import watchfloor, watchfloor_process

ROOT = Path(__file__).parents[2]
KEYS = {
    "id", "title", "severity", "state", "passed_by", "data_state", "value", "low", "high", "unit", "limit",
    "share_of_limit", "or_more", "date", "since", "breach_known_since", "first_known", "current",
    "figure", "headlines", "dated_events", "support", "sentence", "series", "withdrawn", "on_record",
    "outlook", "problems",
}  # fmt: skip


def test_evaluate_prints_the_promised_keys_and_the_same_bytes_every_time() -> None:
    first = watchfloor_process("evaluate", "--as-of", "2024-11-26", "--json", PYTHONHASHSEED="1")
    second = watchfloor_process("evaluate", "--as-of", "2024-11-26", "--json", PYTHONHASHSEED="2")
    assert first.returncode == 0, first.stderr
    assert first.stdout == second.stdout
    board = json.loads(first.stdout)
    assert {"as_of", "data_version", "indicators"} <= set(board)
    assert all(set(indicator) == KEYS for indicator in board["indicators"])
    estimated = next(one for one in board["indicators"] if one["id"] == "petroleum_estimated")
    assert {"source", "claimant", "period", "value", "low", "high", "date", "published_at"} <= set(
        estimated["series"][0]
    )
    record = {"period", "severity", "passed_by", "value", "share_of_limit", "breach_known_since", "figure"}
    assert record <= set(estimated["on_record"][0])


def test_evaluate_without_json_reads_as_sentences() -> None:
    result = watchfloor("evaluate", "--as-of", "2024-11-26")
    assert "critical  firing, even at its lowest; data fresh  petroleum_estimated" in result.stdout
    assert "not assessed  inactive; no data  crude_oil" in result.stdout


def test_history_has_a_line_for_each_observation() -> None:
    result = list(csv.DictReader(io.StringIO(watchfloor("history", "tumangang_railcars", "--csv").stdout)))
    assert list(result[0]) == [
        "indicator", "source", "date", "value", "low", "high", "severity", "passed_by", "state", "known_on",
        "breach_known_since",
    ]  # fmt: skip
    judged = {(line["date"], line["value"]): (line["severity"], line["state"], line["known_on"]) for line in result}
    assert judged["2023-10-05", "73"] == ("critical", "firing", "2023-10-06")
    assert judged["2022-10-28", "7"] == ("normal", "inactive", "2022-11-10")


def test_explain_names_each_row_with_its_place_and_its_source() -> None:
    result = watchfloor("explain", "petroleum_estimated", "--as-of", "2024-11-26").stdout
    assert "data/petroleum_estimated/osc.csv:2" in result
    assert "https://stories.opensourcecentre.org/refined-tastes" in result
    assert "Not judged until checked (provisional)" in result


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("evaluate", "--as-of", "2024-02-30"), 2, '--as-of "2024-02-30" is not in the calendar'),
        (("evaluate", "--as-of", "2199-01-01"), 2, "is in the future"),
        (("evaluate", "--as-of", "0001-01-01"), 2, "is not in the years 1900 to 2199"),
        (("check", "--catalog", "nowhere.yaml"), 2, "no such file"),
        (("check", "--catalog", "x" * 5000), 2, "cannot read or write"),
        (("serve", "--port", "99999"), 2, "65535"),
        (("evaluate", "--as-of", "yesterday"), 2, "is not a day like 2024-03-07"),
        (("evaluate", "--catalog", "nowhere.yaml"), 2, "no such file"),
        (("explain", "petroleum_estimate"), 2, 'did you mean "petroleum_estimated"?'),
        (("history", "nothing"), 2, "no indicator nothing"),
        (("evidence", "--documents", "nowhere"), 1, "mismatches"),
        (("evaluate", "--no-such-option"), 2, "No such option"),
    ],
)
def test_an_impossible_command_is_one_clear_line_and_a_code(words: tuple[str, ...], code: int, message: str) -> None:
    result = watchfloor(*words)
    assert result.returncode == code
    assert message in result.stdout + result.stderr
    assert "Traceback" not in result.stderr
    assert "Errno" not in result.stderr


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    (tmp_path / "indicators.yaml").write_text(
        "version: 1\nindicators:\n"
        "  good: {title: Good, file: good.csv, thresholds: [{severity: warning, above: 5}]}\n"
        "  bad: {title: Bad, file: good.csv, thresholds: [{severity: warning, abov: 5}]}\n"
    )
    (tmp_path / "good.csv").write_text("date,value\n2024-01-01,7\n2024-01-02,x\n")
    return tmp_path


def test_check_names_every_problem_and_exits_with_one(broken: Path) -> None:
    result = watchfloor("check", folder=broken)
    assert result.returncode == 1
    assert 'indicators.yaml:4:70 indicators.bad.thresholds[0].abov: unknown key; did you mean "above"?' in result.stdout
    assert 'good.csv:3:2 value: "x" is not a plain number' in result.stdout
    as_json = json.loads(watchfloor("check", "--json", "--catalog", str(broken / "indicators.yaml")).stdout)
    assert {problem["line"] for problem in as_json} == {3, 4}


def test_one_broken_indicator_leaves_the_others_running(broken: Path) -> None:
    result = json.loads(watchfloor("evaluate", "--json", folder=broken).stdout)
    (good,) = result["indicators"]
    assert (good["id"], good["severity"], good["data_state"]) == ("good", "warning", "error")
    assert list(result["not_loaded"]) == ["bad"]


def test_paths_are_relative_to_the_catalogues_folder_and_options_may_stand_before(broken: Path) -> None:
    result = watchfloor("--catalog", str(broken / "indicators.yaml"), "evaluate", "--json", folder=Path("/"))
    assert result.returncode == 0, result.stderr


def test_the_shipped_catalogue_passes_its_check() -> None:
    result = watchfloor("check")
    assert (result.returncode, "no problems" in result.stdout) == (0, True)
    assert watchfloor("check", "--json").stdout.strip() == "[]"


def test_check_reads_the_cards_of_a_catalogue_in_order_once(monkeypatch: pytest.MonkeyPatch) -> None:
    readings: list[Path] = []

    def load_and_count(seeds: Path) -> tuple[Card, ...]:
        readings.append(seeds)
        return load_cards(seeds)

    monkeypatch.setattr(workspace, "load_cards", load_and_count)
    assert "no problems" in watchfloor("check").stdout
    assert len(readings) == 1


def test_schema_prints_the_json_schema() -> None:
    assert json.loads(watchfloor("schema").stdout)["title"] == "Watchfloor catalogue"


def test_help_loads_neither_pandas_nor_streamlit() -> None:
    script = (
        "import sys\nfrom typer.testing import CliRunner\nfrom dashboard.cli import app\n"
        "assert CliRunner().invoke(app, ['--help']).exit_code == 0\n"
        "print([name for name in ('pandas', 'numpy', 'streamlit', 'altair', 'pydantic') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_a_refresh_that_finds_nothing_new_loads_no_pandas(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("date,value,published_at\n2026-11-01,500,2026-11-02\n")
    os.utime(tmp_path / "a.csv", (1_700_000_000, 1_700_000_000))
    (tmp_path / "indicators.yaml").write_text(
        "version: 1\nindicators:\n  x: {title: X, file: a.csv, thresholds: [{severity: critical, above: 100}]}\n"
    )
    script = (
        "import sys\nfrom typer.testing import CliRunner\nfrom dashboard.cli import app\n"
        f"result = CliRunner().invoke(app, ['--catalog', {str(tmp_path / 'indicators.yaml')!r}, 'refresh'])\n"
        "print(result.output, 'pandas' in sys.modules)"
    )
    outputs = [
        subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    ]
    assert [("published" in output, output.split()[-1]) for output in outputs] == [(True, "True"), (False, "False")]


def test_backtest_and_check_know_what_was_received(tmp_path: Path) -> None:
    (tmp_path / "drop").mkdir()
    figures = tmp_path / "drop" / "a.csv"
    figures.write_text("date,value,published_at\n2026-11-01,500,2026-11-02\n")
    os.utime(figures, (1_700_000_000, 1_700_000_000))
    (tmp_path / "indicators.yaml").write_text(
        "version: 1\nsources: {s: {title: S, folder: drop}}\nindicators:\n"
        "  x: {title: X, sources: [s], thresholds: [{severity: critical, above: 100}]}\n"
    )
    assert watchfloor("refresh", folder=tmp_path).returncode == 0
    figures.unlink()
    assert "nothing received" not in watchfloor("check", folder=tmp_path).stdout
    (result,) = json.loads(watchfloor("backtest", "--json", folder=tmp_path).stdout)["indicators"]
    assert len(result["episodes"]) == 1


def test_a_pipe_is_not_inspected_for_ever(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    done = watchfloor_process("inspect", "pipe.csv", folder=tmp_path)
    assert (done.returncode, done.stderr) == (2, "cannot read or write: pipe.csv is not a file\n")
