"""Whatever is wrong with an entry of the catalogue, the other entries and every command work."""

from __future__ import annotations

import json
from datetime import date
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.analysis.backtest import backtest
from dashboard.analysis.lint import lint
from dashboard.analysis.rule_tests import run_tests
from dashboard.analysis.source_health import figures_of_sources
from dashboard.catalog.loader import parse_catalog
from dashboard.domain.axes import Severity
from dashboard.evaluation.evaluate import evaluate
from dashboard.reporting.board_json import board_as_json
from dashboard.rows.load import load_rows
from dashboard.thresholds.kinds import KINDS
from tests.examples import examples

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
    assert verdict.figure.value == 9


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
    assert catalog.evaluation_order[-1] == f"c{height - 1}"
    assert catalog.with_needs(f"c{height - 1}")[:2] == ("good", "bad")
    assert catalog.sources_of(catalog.indicators) == ("good", "bad")


def test_a_tower_of_composites_is_judged_like_its_lowest_members(folder: Path) -> None:
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


def test_every_composite_above_a_broken_indicator_is_not_loaded(folder: Path) -> None:
    text = stacked(300).replace("above: 50", "abov: 50")
    catalog = parse_catalog(text, "indicators.yaml", folder)
    assert list(catalog.indicators) == ["good"]
    assert len(catalog.not_loaded) == 301


def test_a_backtest_judges_each_member_of_a_tower_once_a_day(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    catalog = parse_catalog(stacked(12), "indicators.yaml", folder)
    judged: list[tuple[str, date]] = []
    evaluate_module = import_module("dashboard.evaluation.evaluate")
    judge = evaluate_module._evaluation

    def record(name: str, *rest: Any) -> Any:
        judged.append((name, rest[2]))
        return judge(name, *rest)

    monkeypatch.setattr(evaluate_module, "_evaluation", record)
    backtest(catalog, load_rows(catalog, TODAY), catalog.indicators, TODAY)
    members = [(name, day) for name, day in judged if name != "c11"]
    assert len(members) == len(set(members))


NASTY = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text("a0 \0\u200b\u0430:é\n\t{'#", max_size=6),
    st.sampled_from(
        ["", "\0", "a\0b.csv", "../x.csv", "/", ".", "x" * 6_000, "good", "s", "x", "\u202e", "-", "1e6", "%d",
         "https://u:p@h/x", "http://[::1", "2024-13-01", "9999-12-31", "0001-01-01", "0d", "100y", "36500d", "02-29",
         "* * * * *", "*/0 * * * *", "Europe", "utf-7", "undefined", "{", "*", "2024-01 5, 2024", "_"]
    ),
)  # fmt: skip
VALUES = st.recursive(
    NASTY,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "on", "", "\0"]), inner),
    max_leaves=4,
)
NUMBERS = st.sampled_from([0, 1, 2, 5, 50, 1e-300, 1e300, -1, 10**17])
SPANS = st.sampled_from(["1d", "30d", "1mo", "1y", "100y", "3 figures", "9999 figures"])
DAYS = st.sampled_from(["2024-01-01", "1000-01-01", "2100-12-31", "9999-12-31"])
KEYS: dict[str, st.SearchStrategy[Any]] = {
    "title": st.just("X"), "unit": st.sampled_from(["", "ships", "days", "times"]),
    "sources": st.lists(st.sampled_from(["s", "t", "u", "nobody"]), max_size=3),
    "file": st.sampled_from(["good.csv", "gone.csv", "a/b.csv", "x" * 300]),
    "kind": st.sampled_from(["flow", "level", "event"]),
    "combine": st.sampled_from(["sum", "prefer", "max", "median", "each"]),
    "accumulate": st.sampled_from(["calendar_year", {"anchor": "12-22"}, {"anchor": "02-28"}]), "limit": NUMBERS,
    "limit_in": st.just({"t": 5}), "evidence": st.just(["1.a"]), "place": st.just({"name": "A", "lat": 1, "lon": 1}),
    "folder": st.sampled_from(["in", "."]), "url": st.just("https://example.org/x"), "refresh": st.just("0 0 29 2 *"),
    "expect_every": SPANS, "late_after": SPANS, "stale_after": SPANS, "ended": DAYS,
    "series_break": st.lists(DAYS, max_size=2),
    "where": st.just({"value": "9"}), "columns": st.just({"value": "date"}), "encoding": st.just("utf-16"),
    "dates": st.just("%d.%m.%y"), "separator": st.just(";"), "exact": st.booleans(), "timezone": st.just("Asia/Seoul"),
    "factors": st.just([{"from": "t", "to": "ships", "value": 5, "low": 1, "high": 9, "note": "x"}]),
    "expect": st.just({"min_rows": 10**9, "shrink_at_most": 0}),
    "tests": st.just([{"given": "2024-01 5", "as_of": "2024-03-01", "expect": "normal"}]),
}  # fmt: skip
KIND = st.sampled_from([kind.key for kind in KINDS])
MEMBERS = st.lists(st.sampled_from(["good", "x", "y", "both", "nobody"]), min_size=2, max_size=3)
LEVELS = st.one_of(
    NUMBERS, st.just("any"), st.just([1, 5]), MEMBERS, SPANS, MEMBERS.map(lambda of: {"n": 2, "of": of}), VALUES,
    st.just({"ratio": 2, "between": ["good", "x"]}),
)  # fmt: skip
THRESHOLD_KEYS = {
    "for": SPANS, "keep_firing_for": SPANS, "recover_below": NUMBERS, "recover_above": NUMBERS, "within": SPANS,
    "window": SPANS,
    "baseline": st.sampled_from(["s", "t", "max"]), "over": SPANS, "between": MEMBERS, "false_alarm_every": SPANS,
}  # fmt: skip
THRESHOLDS = st.builds(
    lambda severity, kind, level, more: {"severity": severity, kind: level, **more},
    st.sampled_from(["info", "warning", "critical"]), KIND, LEVELS,
    st.lists(st.sampled_from(sorted(THRESHOLD_KEYS)), max_size=2).flatmap(
        lambda keys: st.fixed_dictionaries({key: THRESHOLD_KEYS[key] | VALUES for key in keys})
    ),
)  # fmt: skip
ENTRIES = st.builds(
    lambda entry, thresholds: {"title": "X", **entry, **({"thresholds": thresholds} if thresholds else {})},
    st.lists(st.sampled_from(sorted(KEYS)), max_size=3).flatmap(
        lambda keys: st.fixed_dictionaries({key: st.one_of(KEYS[key], KEYS[key], VALUES) for key in keys})
    ),
    st.lists(THRESHOLDS, max_size=2),
)
READS_GOOD = st.sampled_from([{"sources": ["s"]}, {"file": "good.csv"}, {}])


@settings(max_examples=examples(12, 160), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ENTRIES | VALUES, max_size=2), st.lists(st.tuples(ENTRIES, READS_GOOD), min_size=1, max_size=2))
def test_whatever_is_wrong_with_some_entries_the_others_work(sources: list[Any], indicators: list[Any]) -> None:
    entries = {"s": {"title": "S", "file": "good.csv"}, **dict(zip("tu", sources, strict=False))}
    broken = {name: {**entry, **reads} for name, (entry, reads) in zip("xy", indicators, strict=False)}
    rule = {"severity": "critical", "above": 5}
    good = {"title": "Good", "unit": "ships", "file": "good.csv", "thresholds": [rule]}
    text = json.dumps({"version": 1, "sources": entries, "indicators": {"good": good, **broken}})
    with TemporaryDirectory() as name:
        folder = Path(name)
        rows = "2026-10-01,3,2026-10-02\n2026-11-20,9,2026-11-21\n"
        (folder / "good.csv").write_text(f"date,value,published_at\n{rows}")
        catalog = parse_catalog(text, "indicators.yaml", folder)
        assert "good" in catalog.indicators
        intake = load_rows(catalog, TODAY)
        board = evaluate(catalog, intake, TODAY)
        verdict = board.verdict("good")
        assert verdict is not None
        assert (verdict.severity, verdict.figure.value) == (Severity.CRITICAL, 9)
        assert set(catalog.indicators) | set(catalog.not_loaded) == {"good", *broken}
        assert all(len(str(problem)) < 1_500 for problem in catalog.problems)
        board_as_json(board)
        figures_of_sources(catalog, intake, TODAY)
        lint(catalog, intake, catalog.indicators, TODAY)
        list(run_tests(catalog, catalog.indicators))
