"""A day that follows from an assumed publication is called assumed wherever it is shown, and changes no age."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest

from dashboard.analysis.backtest import backtest
from dashboard.app.charts.drawing import indicator_charts
from dashboard.app.indicator.row_tables import record_table, rows_table
from dashboard.app.indicator.verdict_view import heading, sources_section
from dashboard.catalog.catalog import Catalog
from dashboard.catalog.loader import parse_catalog
from dashboard.evaluation.evaluate import evaluate
from dashboard.evaluation.evaluation import Evaluation
from dashboard.reporting.board_json import board_as_json
from dashboard.reporting.explanation import explanation
from dashboard.reporting.history_csv import history_as_csv
from dashboard.rows.load import load_rows
from dashboard.rows.source_rows import SourceRows
from tests.receiving import TODAY, receive

YAML = """
version: 1
sources:
  s: {title: S, file: s.csv, kind: flow, expect_every: 1mo%s}
indicators:
  x: {title: X, unit: calls, sources: [s], thresholds: [{severity: critical, above: 50}]}
  most: {title: M, unit: calls, sources: [s], combine: max, thresholds: [{severity: critical, above: 50}]}
  cap:
    title: C
    unit: calls
    sources: [s]
    accumulate: calendar_year
    limit: 100
    thresholds: [{severity: critical, at_percent: 60}]
  both: {title: B, thresholds: [{severity: critical, all_of: [x, cap]}]}
"""
ROWS = "date,value,unit\n2023-11,70,calls\n2023-12,60,calls\n2024-01,60,calls\n"
LATER = ROWS + "2024-02,65,calls\n"


def catalog(folder: Path, more: str = ", published_after: 9d") -> Catalog:
    item = parse_catalog(YAML % more, str(folder / "indicators.yaml"), folder)
    assert not item.problems
    return item


@pytest.fixture
def received(tmp_path: Path) -> SourceRows:
    """Four months, of which the last one came with a second delivery on 8 March."""
    item = catalog(tmp_path)
    receive(tmp_path, item.sources["s"], ROWS)
    receive(tmp_path, item.sources["s"], LATER, 7)
    (tmp_path / "s.csv").write_text(LATER)
    return load_rows(item, TODAY, state=tmp_path)


def evaluation(folder: Path, rows: SourceRows, day: str, name: str = "x") -> Evaluation:
    return evaluate(catalog(folder), rows, date.fromisoformat(day)).evaluations[name]


@pytest.mark.parametrize("name", ["x", "most", "cap", "both"])
def test_sentences_call_each_assumed_day_assumed(tmp_path: Path, received: SourceRows, name: str) -> None:
    """The first delivery states no day: all days of publication before its receipt are assumed."""
    for day in ("2024-02-20", "2024-03-20"):
        result = evaluation(tmp_path, received, day, name)
        texts = [result.verdict.sentence, *(record.sentence for record in result.verdict.on_record)]
        texts.append(explanation(result, date.fromisoformat(day)))
        days = [match for text in texts for match in re.findall(r"(.{18})\b9 (?:Dec|Jan|Feb) 20\d\d(.{0,10})", text)]
        assert days
        assert all("assumed published " in before or " (assumed)" in after for before, after in days)


def test_a_figure_of_a_later_delivery_is_known_since_its_receipt(tmp_path: Path, received: SourceRows) -> None:
    sentence = evaluation(tmp_path, received, "2024-03-20").verdict.sentence
    assert sentence.startswith("65 calls in Feb 2024 (S, known 8 Mar 2024): ")
    assert "First known 9 Dec 2023 (assumed)" in sentence
    assert "this alert since 9 Dec 2023 (assumed)." in sentence


def test_json_has_a_key_more_where_a_day_is_assumed(tmp_path: Path, received: SourceRows) -> None:
    board = evaluate(catalog(tmp_path), received, date(2024, 3, 20))
    indicator = json.loads(board_as_json(board))["indicators"][0]
    assert indicator["known_since_assumed"] is indicator["first_known"]["figure"]["published_assumed"] is True
    assert "published_assumed" not in indicator["figure"]
    assert indicator["breach_known_since"] == indicator["first_known"]["on"] == "2023-12-09"


def test_history_and_backtest_name_assumed_dates(tmp_path: Path, received: SourceRows) -> None:
    lines = history_as_csv([evaluation(tmp_path, received, "2024-03-20")]).splitlines()
    assert [line.split(",")[-3:] for line in lines] == [
        ["known_on", "breach_known_since", "assumed"],
        ["2023-12-09", "2023-12-09", "known_on breach_known_since"],
        ["2024-01-09", "2024-01-09", "known_on breach_known_since"],
        ["2024-02-09", "2024-02-09", "known_on breach_known_since"],
        ["2024-03-08", "2024-03-08", ""],
    ]
    (history,) = backtest(catalog(tmp_path), received, ["x"], TODAY)
    (episode,) = history.episodes
    assert (episode.as_json()["known_from"], episode.as_json()["published_assumed"]) == ("2023-12-09", True)


def test_pages_call_assumed_days_assumed(tmp_path: Path, received: SourceRows) -> None:
    item, day = catalog(tmp_path), date(2024, 3, 20)
    result, indicator = evaluation(tmp_path, received, "2024-03-20"), item.indicators["x"]
    assert list(rows_table(result, {})["Published"]) == [
        "", "9 Feb 2024 (assumed)", "9 Jan 2024 (assumed)", "9 Dec 2023 (assumed)",
    ]  # fmt: skip
    page = heading(result.verdict, indicator)
    assert page.count("9 Dec 2023") == page.count("9 Dec 2023 (assumed)") == 4
    charts = indicator_charts(result, indicator, {"s": "S"}, day)
    drawn = json.dumps([chart.chart.to_dict() for chart in charts])
    assert drawn.count("9 Feb 2024") == drawn.count("9 Feb 2024 (assumed)") > 0
    assert "first known 9 Dec 2023 (assumed)" in drawn
    assert "assumed to be published 9 days after" in sources_section(result.verdict, indicator, item, day)
    record = record_table(evaluation(tmp_path, received, "2024-03-20", "cap").verdict, {})
    assert [line[4] for line in record] == ["9 Jan 2024 (assumed)"]


def test_ages_and_states_are_those_without_the_key(tmp_path: Path, received: SourceRows) -> None:
    plain = catalog(tmp_path, "")
    boards = [(plain, load_rows(plain, TODAY, state=tmp_path)), (catalog(tmp_path), received)]
    for day in (date(2024, 3, 1), date(2024, 3, 20), TODAY):
        verdicts = [evaluate(item, rows, day).verdicts for item, rows in boards]
        ages = [[(each.severity, each.data_state, each.date) for each in verdicts_of] for verdicts_of in verdicts]
        assert ages[0] == ages[1]


def test_the_newest_evidence_is_never_one_of_an_assumed_day(tmp_path: Path, received: SourceRows) -> None:
    days = ["2024-02-20", "2024-03-05", "2024-03-20"]
    newest = [evaluate(catalog(tmp_path), received, date.fromisoformat(day)).newest_published for day in days]
    assert newest == [None, date(2024, 3, 1), date(2024, 3, 8)]


def test_without_the_key_nothing_is_called_assumed(tmp_path: Path, received: SourceRows) -> None:
    del received  # the deliveries stay
    plain, day = catalog(tmp_path, ""), date(2024, 3, 20)
    board = evaluate(plain, load_rows(plain, TODAY, state=tmp_path), day)
    outputs = [board_as_json(board), history_as_csv(board.evaluations.values())]
    outputs += [explanation(each, day) for each in board.evaluations.values()]
    assert not any("assumed" in text for text in outputs)
