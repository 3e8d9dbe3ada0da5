"""Whatever one entry of the catalogue can do wrong, the others go on, and every command with them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from dashboard.catalog import parse_catalog
from dashboard.durable import stamp
from dashboard.evaluate import evaluate
from dashboard.intake import load_rows

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
