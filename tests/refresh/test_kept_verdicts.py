"""Only what changed is judged again, and the board says byte for byte what a full evaluation says."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as some

from dashboard.analysis import figures_of_sources
from dashboard.archive.verification import SINGLE_RUN_BYTES, Verification
from dashboard.catalog.catalog import Catalog
from dashboard.catalog.loader import load_catalog
from dashboard.evaluation import evaluate
from dashboard.refresh.publish import (
    FILE,
    PARTS_FILE,
    SOURCES_FILE,
    SUMMARY_FILE,
    current_parts,
    read_published_figures,
)
from dashboard.refresh.refresher import Refresher
from dashboard.reporting import renew_parts
from dashboard.reporting.board_json import board_as_json
from dashboard.reporting.parts import renewal
from dashboard.reporting.parts.keys import source_keys
from dashboard.reporting.summary.board_summary import USUAL_SPAN, summarize
from dashboard.workspace import Workspace
from tests.examples import examples
from tests.refreshing import Place

NAMES = ("a", "b", "c", "d")
FOLDERS = ("d",)


@dataclass
class Course:
    """A refresher and the edits of its files: each step takes a number, from which all its choices follow."""

    place: Place
    sources: dict[str, int] = field(default_factory=lambda: dict.fromkeys(NAMES, 0))
    level: int = 5
    composite: str = "all_of: [of_a, of_b]"
    refresher: Refresher | None = None

    def define(self, unread: str = "") -> None:
        """Write the catalogue; the number of a source is the state of its definition, -1 for a missing one. 3: no
        indicator reads it, nor that of the name `unread`."""
        lines = ["version: 1", "sources:"]
        names = [name for name, number in self.sources.items() if number >= 0]
        for name in names:
            origin = "folder: in_" + name if name in FOLDERS else f"file: {name}.csv"
            repeats = ", repeats: a" if name == "c" and self.sources[name] % 2 and "a" in names else ""
            decimal = ', decimal: "."' if self.sources[name] % 4 == 2 else ""
            lines.append(f"  {name}: {{title: {name} {self.sources[name]}, {origin}{repeats}{decimal}}}")
        lines.append("indicators:")
        names = [name for name in names if self.sources[name] != 3 and name != unread] or names
        for name in names:
            lines.append(f"  of_{name}: {{title: {name}, sources: [{name}], thresholds: [{self.rule(name)}]}}")
        lines.append(f"  several: {{title: several, sources: [{', '.join(names)}], thresholds: [{self.rule('')}]}}")
        if {"a", "b"} <= {*names}:
            lines.append(f"  both: {{title: both, thresholds: [{{severity: critical, {self.composite}}}]}}")
            lines.append("  above: {title: above, thresholds: [{severity: warning, any_of: [both, of_b]}]}")
        self.place.put("indicators.yaml", "\n".join([*lines, ""]))

    def rule(self, name: str) -> str:
        return f"{{severity: warning, above: {self.level if name in 'a' else 5}}}"

    def step(self, kind: int, number: int) -> None:
        STEPS[kind % len(STEPS)](self, number)
        self.place.later(minutes=1)

    def publish(self) -> None:
        """Look at all sources and publish, in the refresher that goes on."""
        workspace = self.place.workspace
        workspace.remember_definitions()
        if self.refresher is None:
            self.refresher = Refresher(workspace, os.environ, lambda: self.place.now)
        else:
            self.refresher.adopt(workspace)
        for _ in self.refresher.look(self.refresher.sources):
            pass
        self.refresher.publish()


def edit(course: Course, number: int) -> None:
    name = NAMES[number % len(NAMES)]
    path = f"in_{name}/{number % 3}.csv" if name in FOLDERS else f"{name}.csv"
    rows = [f"2024-0{1 + day % 3}-0{1 + day},{(number * day) % 11}" for day in range(1 + number % 5)]
    course.place.write(path, *(["2024-02-01,x"] if number % 7 == 0 else []), *rows)


def remove_file(course: Course, number: int) -> None:
    (course.place.folder / f"{NAMES[number % 3]}.csv").unlink(missing_ok=True)


def define_source(course: Course, number: int) -> None:
    course.sources[NAMES[number % len(NAMES)]] = number % 4 if number % 4 < 3 or number % 3 else -1
    course.define()


def define_rule(course: Course, number: int) -> None:
    course.level = number % 9
    course.composite = ("all_of: [of_a, of_b]", "any_of: [of_a, of_b]")[number % 2]
    course.define()


def break_catalog(course: Course, number: int) -> None:
    text = course.place.catalog.read_text()
    course.place.put("indicators.yaml", text.replace("above:", "abov:", 1) if number % 2 else text + "  x: [")


def wait(course: Course, number: int) -> None:
    course.place.later(days=number % 40)


def restart(course: Course, number: int) -> None:
    del number
    course.refresher = None


def damage_archive(course: Course, number: int) -> None:
    files = sorted(path for path in (course.place.state / "archive").rglob("*") if path.is_file())
    damage(files[number % len(files)], number)


def damage_state(course: Course, number: int) -> None:
    names = (FILE, SUMMARY_FILE, PARTS_FILE, SOURCES_FILE)
    files = sorted(path for path in (course.place.state / "rows").rglob("*") if path.is_file())
    files += [course.place.state / name for name in names]
    damage(files[number % len(files)], number)
    course.refresher = None


def damage(path: Path, number: int) -> None:
    data = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes((data[: len(data) // 2], data[:-1] + b"!", b"", data + b"{")[number % 4])


def verify(course: Course, number: int) -> None:
    Verification(course.place.state, lambda: None).read_on(course.place.now.date(), SINGLE_RUN_BYTES)
    del number


STEPS: list[Callable[[Course, int], None]] = [
    edit, edit, edit, remove_file, define_source, define_rule, break_catalog, wait, restart, damage_archive,
    damage_state, verify,
]  # fmt: skip


def expect_full_evaluation(course: Course) -> None:
    """What was published, and what another process makes of the published parts, is what a full evaluation says."""
    place, today = course.place, course.place.now.date()
    workspace = Workspace(place.catalog, place.state)
    rows = workspace.rows(today)
    board, before = (evaluate(workspace.catalog, rows, day) for day in (today, today - USUAL_SPAN))
    text = board_as_json(board)
    published = (place.state / FILE).read_text()
    assert "{\n" + published.split("\n", 2)[2] == text
    _, _, body = (place.state / SUMMARY_FILE).read_bytes().partition(b"\n")
    assert body == summarize(board, before, workspace.catalog).as_json()
    figures = read_published_figures(place.state)
    assert figures is not None
    assert figures.figures == figures_of_sources(workspace.catalog, rows, today)
    assert (figures.as_of, figures.fingerprint) == (today, workspace.fingerprint(today))
    expect_current(course, text)


def expect_current(course: Course, text: str) -> None:
    other = Workspace(course.place.catalog, course.place.state)
    parts = current_parts(other, course.place.now.date())
    assert parts.board_json(parts.whole(other.catalog)) == text


@given(some.lists(some.tuples(some.integers(0, 11), some.integers(0, 99)), min_size=4, max_size=10))
@settings(max_examples=examples(5, 60))
def test_kept_verdicts_are_those_of_a_full_evaluation(steps: list[tuple[int, int]]) -> None:
    with TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setattr(renewal, "MOST_TOGETHER", 2)
        course = Course(Place(Path(name)))
        course.define()
        for number in range(4):
            edit(course, number + 8)
        course.publish()
        for kind, number in steps:
            course.step(kind, number)
            workspace, today = course.place.workspace, course.place.now.date()
            expect_current(course, board_as_json(evaluate(workspace.catalog, workspace.rows(today), today)))
            course.publish()
            expect_full_evaluation(course)


CATALOG: dict[str, Any] = {
    "version": 1,
    "sources": {
        "ports": {
            "title": "Ports",
            "file": "ports.csv",
            "columns": {"value": "ships", "date": "day"},
            "where": {"port": ["Nampo", "Chongjin"], "flag": ["A"]},
            "where_not": {"flag": ["C"], "port": ["Wonsan"]},
        },
        "oil": {"title": "Oil", "file": "oil.csv", "kind": "flow"},
    },
    "indicators": {
        "calls": {
            "title": "Calls",
            "unit": "ships",
            "sources": ["ports"],
            "thresholds": [{"severity": "warning", "above": 50}],
        },
        "cap": {
            "title": "Cap",
            "unit": "bbl",
            "sources": ["oil"],
            "combine": "sum",
            "accumulate": "calendar_year",
            "limit": 500000,
            "limit_in": {"t": 60000, "m3": 80000},
            "thresholds": [{"severity": "warning", "at_percent": 75}],
        },
    },
}


def shuffled(value: Any, draw: some.DrawFn, from_depth: int) -> Any:
    """The same value with the keys of every mapping below a depth in some order. The inner ones alone leave each file
    at its line and column."""
    if isinstance(value, list):
        return [shuffled(each, draw, from_depth - 1) for each in value]
    if isinstance(value, dict):
        keys = draw(some.permutations([*value])) if from_depth <= 0 else [*value]
        return {key: shuffled(value[key], draw, from_depth - 1) for key in keys}
    return value


@some.composite
def reordered_catalogs(draw: some.DrawFn) -> dict[str, Any]:
    catalog: dict[str, Any] = shuffled(CATALOG, draw, draw(some.sampled_from([0, 3])))
    return catalog


REVERSED = json.loads(json.dumps(CATALOG))
REVERSED["sources"]["ports"]["where"] = {"flag": ["A"], "port": ["Nampo", "Chongjin"]}


@given(some.lists(reordered_catalogs(), min_size=2, max_size=4))
@example([CATALOG, REVERSED])
@settings(max_examples=examples(5, 40))
def test_kept_verdicts_are_those_of_the_order_in_the_file(catalogs: list[dict[str, Any]]) -> None:
    with TemporaryDirectory() as name:
        course = Course(Place(Path(name)))
        words = ("Nampo,A", "NAMPO,a", "Nampo,B", "Nampo ,A ", "chongjin,a", "Nampo,a")
        calls = (f"2024-0{1 + day % 2}-1{day},{9 - day},{line}" for day, line in enumerate(words))
        course.place.put("ports.csv", "\n".join(["day,ships,port,flag", *calls, ""]))
        course.place.put("oil.csv", "date,value,unit\n2024-01,60,t\n2024-02,70,m3\n2024-03,70,kg\n")
        for catalog in catalogs:
            course.place.put("indicators.yaml", json.dumps(catalog))
            workspace, today = course.place.workspace, course.place.now.date()
            assert not workspace.catalog.problems
            text = board_as_json(evaluate(workspace.catalog, workspace.rows(today), today))
            expect_current(course, text)
            course.publish()
            expect_full_evaluation(course)
            course.place.later(minutes=1)


@pytest.fixture
def course(place: Place) -> Course:
    course = Course(place)
    course.define()
    for number in range(4):
        edit(course, number + 8)
    course.publish()
    return course


def judged(course: Course, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The indicators that the next publishing judges today."""
    names: list[str] = []

    def judge(order: tuple[str, ...], *inputs: object, **more: object) -> object:
        names.extend(order)
        return real(order, *inputs, **more)  # type: ignore[arg-type]

    real = renewal.evaluations_of
    monkeypatch.setattr(renewal, "evaluations_of", judge)
    course.publish()
    monkeypatch.setattr(renewal, "evaluations_of", real)
    return sorted({*names})


def test_one_changed_source_costs_the_verdicts_that_read_it(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    course.place.later(minutes=1).write("c.csv", "2024-03-01,9")
    assert judged(course, monkeypatch) == ["of_c", "several"]
    expect_full_evaluation(course)


def test_a_member_is_judged_with_those_that_need_it(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    course.refresher = None  # a new process starts from the published files
    course.place.later(minutes=1).write("b.csv", "2024-03-01,9")
    assert judged(course, monkeypatch) == ["above", "both", "of_a", "of_b", "several"]
    expect_full_evaluation(course)


def test_a_definition_costs_its_own_verdict(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    course.place.later(minutes=1)
    define_rule(course, 4)
    assert judged(course, monkeypatch) == ["above", "both", "of_a", "of_b", "several"]
    expect_full_evaluation(course)


def test_a_default_that_is_written_out_changes_the_key(course: Course) -> None:
    text = course.place.catalog.read_text()
    course.place.put("indicators.yaml", text.replace("file: a.csv", 'file: a.csv, decimal: "."'))
    before, after = (
        load_catalog(course.place.put("x.yaml", each)) for each in (text, course.place.catalog.read_text())
    )
    assert before.definitions == after.definitions
    changed = [name for name in NAMES if keys_of(before)[name] != keys_of(after)[name]]
    assert changed == ["a"]


def keys_of(catalog: Catalog) -> dict[str, str]:
    return source_keys(catalog, dict.fromkeys(catalog.sources, ""))


def test_a_source_stands_as_the_indicators_of_the_moment_find_it(course: Course) -> None:
    course.place.write("c.csv", "2024-02-01,1", "2024-02-01,2")
    for unread in ("c", "", "c", ""):
        course.define(unread)
        course.place.later(minutes=1)
        course.publish()
        expect_full_evaluation(course)
        published = read_published_figures(course.place.state)
        assert published is not None
        assert published.figures["c"].used_by == (() if unread else ("of_c", "several"))


def test_a_new_day_judges_everything(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    course.place.later(days=1)
    assert len(judged(course, monkeypatch)) == 7


@pytest.mark.parametrize("file", [FILE, SUMMARY_FILE, PARTS_FILE, SOURCES_FILE])
@pytest.mark.parametrize("number", range(4))
def test_no_verdict_is_taken_from_damaged_files(
    course: Course, file: str, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    damage(course.place.state / file, number)
    course.refresher = None
    assert len(judged(course, monkeypatch)) == 7
    expect_full_evaluation(course)


def test_a_source_with_a_problem_as_a_whole_is_read_again_each_time(course: Course) -> None:
    (course.place.folder / "a.csv").unlink()
    course.place.later(minutes=1)
    course.publish()
    workspace = course.place.workspace
    today = course.place.now.date()
    parts = renew_parts(workspace, today, workspace.source_fingerprints(), with_summary=False)
    doubtful = [name for name, part in parts.verdicts.items() if not part.key]
    assert doubtful == ["of_a", "several", "both", "above"]
