"""Whatever one entry of the catalogue can do wrong, the others go on, and every command with them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dashboard import evaluate as evaluation
from dashboard.backtest import backtest
from dashboard.catalog import parse_catalog
from dashboard.durable import stamp
from dashboard.evaluate import evaluate
from dashboard.intake import load_rows
from dashboard.model import Verdict

TODAY = date(2026, 11, 30)
SOUND = """version: 1
indicators:
  good: {title: Good, unit: ships, file: good.csv, thresholds: [{severity: critical, above: 5}]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "good.csv").write_text("date,value,published_at\n2026-11-20,9,2026-11-21\n")
    return tmp_path


@pytest.mark.parametrize("key", ["file", "folder"])
def test_a_nul_in_a_path_is_a_problem_of_its_entry(folder: Path, key: str) -> None:
    text = SOUND + f'sources:\n  s: {{title: S, {key}: "a\\0.csv"}}\n'
    catalog = parse_catalog(text, "indicators.yaml", folder)
    assert [problem.path for problem in catalog.problems] == [f"sources.s.{key}"]
    assert "U+0000" in catalog.problems[0].message
    [verdict] = evaluate(catalog, load_rows(catalog, TODAY), TODAY).verdicts
    assert verdict.value == 9


def test_a_name_that_no_file_can_have_is_the_name_of_none(tmp_path: Path) -> None:
    assert stamp(tmp_path / "a\0.csv")[1:] == (-1, -1, -1)


def test_any_number_of_thresholds_is_judged(folder: Path) -> None:
    levels = ", ".join(f"{{severity: warning, above: {level}}}" for level in range(200, 400))
    text = SOUND + f"  many: {{title: Many, file: good.csv, thresholds: [{levels}, {{severity: warning, above: 8}}]}}\n"
    catalog = parse_catalog(text, "indicators.yaml", folder)
    assert catalog.problems == ()
    verdict = evaluate(catalog, load_rows(catalog, TODAY), TODAY).verdict("many")
    assert verdict is not None
    assert verdict.decided_by == 200


def stacked(height: int, members: str = "good, bad") -> str:
    """Composites over composites, each over the two before it and two of the ground."""
    text = SOUND + "  bad: {title: Bad, file: good.csv, thresholds: [{severity: critical, above: 50}]}\n"
    before = [*members.split(", ")]
    for number in range(height):
        names = ", ".join(dict.fromkeys(["good", "bad", *before[-2:]]))
        text += f"  c{number}: {{title: C{number}, thresholds: [{{severity: critical, any_of: [{names}]}}]}}\n"
        before.append(f"c{number}")
    return text


@pytest.mark.parametrize("height", [40, 300])
def test_composites_over_composites_are_walked_in_linear_time(folder: Path, height: int) -> None:
    catalog = parse_catalog(stacked(height), "indicators.yaml", folder)
    assert catalog.problems == ()
    assert catalog.in_order[-1] == f"c{height - 1}"
    assert catalog.with_needs(f"c{height - 1}")[:2] == ("good", "bad")
    assert catalog.read_by(catalog.indicators) == ("good", "bad")


def test_a_tower_of_composites_is_judged_like_its_ground(folder: Path) -> None:
    catalog = parse_catalog(stacked(40), "indicators.yaml", folder)
    board = evaluate(catalog, load_rows(catalog, TODAY), TODAY)
    assert {verdict.state.value for verdict in board.verdicts if verdict.id != "bad"} == {"firing"}


def test_a_tall_circle_names_its_ends_and_leaves_the_others_out(folder: Path) -> None:
    text = stacked(300).replace("any_of: [good, bad]", "any_of: [good, c299]")
    catalog = parse_catalog(text, "indicators.yaml", folder)
    assert list(catalog.indicators) == ["good", "bad"]
    circles = [problem.message for problem in catalog.problems if "a circle" in problem.message]
    assert "a circle: c0 needs c299 needs c297 needs c295 needs (" in circles[0]
    assert max(map(len, circles)) < 200


def test_what_needs_a_broken_indicator_is_not_loaded_up_to_the_top(folder: Path) -> None:
    text = stacked(300).replace("above: 50", "abov: 50")
    catalog = parse_catalog(text, "indicators.yaml", folder)
    assert list(catalog.indicators) == ["good"]
    assert len(catalog.not_loaded) == 301


def test_a_backtest_judges_each_member_of_a_tower_once_a_day(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    catalog = parse_catalog(stacked(12), "indicators.yaml", folder)
    asked: list[tuple[str, date]] = []
    judge = evaluation._verdict

    def counted(name: str, *rest: Any) -> Verdict:
        asked.append((name, rest[2]))
        return judge(name, *rest)

    monkeypatch.setattr(evaluation, "_verdict", counted)
    backtest(catalog, load_rows(catalog, TODAY), catalog.indicators, TODAY)
    members = [one for one in asked if one[0] != "c11"]
    assert len(members) == len(set(members))
