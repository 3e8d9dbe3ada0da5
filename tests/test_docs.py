"""The documents say what is true: every command, key, kind and file that they name exists, and none is left out."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from textwrap import indent

import pytest
import yaml

from dashboard.catalog.loader import parse_catalog
from dashboard.cli.application import app
from dashboard.feeds import load_feeds
from dashboard.ingest.parse.dialect import Dialect
from dashboard.ingest.reader import read
from dashboard.reporting.reference import reference
from tests.test_architecture import PACKAGE, RANK

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
MAP = (PACKAGE / "README.md").read_text()
DECISIONS = sorted((PACKAGE / "decisions").glob("[a-z]*.md"))
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "data" / "README.md",
    PACKAGE / "README.md",
    PACKAGE / "LAYOUTS.md",
    PACKAGE / "decisions" / "README.md",
    *DECISIONS,
]
STATE_FOLDERS = ("requests/", "var/")  # of the state folder, which only a running system has
every_document = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


def test_the_reference_is_current() -> None:
    assert (PACKAGE / "REFERENCE.md").read_text() == reference()


def test_the_readme_opens_with_the_two_commands() -> None:
    commands = re.findall(r"^    (make \w+)", README, re.MULTILINE)
    assert commands == ["make run", "make test"]
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert {"run", "test"} <= set(targets)


@every_document
def test_every_file_that_a_document_links_to_exists(path: Path) -> None:
    for target, heading in re.findall(r"\]\(([^)#]*)#?([^)]*)\)", path.read_text()):
        if "://" not in target:
            linked = path.parent / target if target else path
            assert linked.exists(), target
            headings = re.findall(r"^#+ (.*)$", linked.read_text(), re.MULTILINE) if heading else []
            assert not heading or heading in {title.lower().replace(" ", "-") for title in headings}, heading


@every_document
def test_every_file_that_a_document_names_exists(path: Path) -> None:
    """Files of Python as seen from the top or from the package, and the folders of the package."""
    for name in re.findall(r"`([\w./-]+(?:\.py|/))`", path.read_text()):
        if "<" not in name and name not in STATE_FOLDERS:
            assert any((folder / name).exists() for folder in (ROOT, PACKAGE, path.parent)), name


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_every_decision_has_its_four_lines(path: Path) -> None:
    for entry in re.split(r"^## ", path.read_text(), flags=re.MULTILINE)[1:]:
        title, *lines = entry.split("\n")
        parts = [line.split(":")[0] for line in lines if line.startswith("- ")]
        assert parts == ["- **Decision**", "- **Why**", "- **Price**", "- **Test**"], title


@cache
def words_of_the_project() -> frozenset[str]:
    """Every identifier and key that code, schema and catalogue mention."""
    files = [*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.json"), ROOT / "indicators.yaml", ROOT / "pyproject.toml"]
    return frozenset(word for path in files for word in re.findall(r"\w+", path.read_text()))


@every_document
def test_every_symbol_that_a_document_names_exists(path: Path) -> None:
    prose = re.sub(r"```.*?```", "", path.read_text(), flags=re.DOTALL)
    names = {name for name in re.findall(r"`([A-Za-z]\w+)`", prose) if not name.startswith("test_")}
    symbols = {name for name in names if "_" in name or name[1:] != name[1:].lower()}
    assert symbols - words_of_the_project() == set()


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_every_test_that_a_decision_names_exists(path: Path) -> None:
    gone = []
    for line in re.findall(r"^- \*\*Test\*\*: (.*)$", path.read_text(), re.MULTILINE):
        tests: list[str] = []
        assert line.startswith("`tests/"), line
        for name in re.findall(r"`([^`]+)`", line):
            if not name.endswith(".py"):
                gone += [name] if name not in tests else []
            elif (ROOT / name).exists():
                tests = re.findall(r"^def (test_\w+)", (ROOT / name).read_text(), re.MULTILINE)
            else:
                gone.append(name)
    assert gone == [], f"renamed or moved? mend {path.relative_to(ROOT)}"


def test_every_room_with_decisions_is_a_room() -> None:
    assert {path.stem for path in DECISIONS} <= set(RANK) | {"deliveries"}
    index = (PACKAGE / "decisions" / "README.md").read_text()
    assert [path.name for path in DECISIONS if f"({path.name})" not in index] == []


def test_the_map_can_be_overlooked() -> None:
    assert len(MAP.splitlines()) <= 160


def test_every_command_that_the_readme_names_exists_and_none_is_missing_from_the_documents() -> None:
    commands = {(command.name or command.callback.__name__) for command in app.registered_commands}  # type: ignore[union-attr]
    assert set(re.findall(r"watchfloor (\w+)", README)) <= commands
    assert commands <= set(re.findall(r"watchfloor (\w+)", README + MAP))


def test_the_indicator_of_the_readme_works(tmp_path: Path) -> None:
    (entry,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    found = parse_catalog(f"version: 1\nindicators:\n{entry}", "indicators.yaml", tmp_path)
    assert found.problems == ()
    assert len(entry.splitlines()) <= 10
    (header, line) = re.findall(r"^    (date,value.*)\n    (.*)$", README, re.MULTILINE)[0]
    from datetime import date

    found = read(f"{header}\n{line}\n".encode(), "x.csv", Dialect(), date(2026, 1, 1))
    assert (found.outcome, len(found.rows)) == ("accept", 1)


def test_the_map_names_every_room_bottom_first() -> None:
    table = [
        name.strip("/")
        for line in re.findall(r"^\| (`.*?) \|", MAP, re.MULTILINE)
        for name in re.findall(r"`(.*?)`", line)
    ]
    rooms = [name for name in table if name in RANK]
    assert set(rooms) == set(RANK) - {"__main__"}
    assert [RANK[name] for name in rooms] == sorted(RANK[name] for name in rooms)


def test_every_dependency_has_its_reason() -> None:
    project = (ROOT / "pyproject.toml").read_text()
    listed = re.findall(
        r'^    "([A-Za-z][A-Za-z0-9_-]+)(?:[>=~]|",$)', project.split("[project.scripts]")[0], re.MULTILINE
    )
    for name in listed:
        assert name in MAP, name


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_names_no_index_and_pins_everything_with_hashes(name: str) -> None:
    lock = (ROOT / name).read_text()
    assert "://" not in lock
    assert "index-url" not in lock
    pins = re.findall(r"^([a-z0-9-]+)==", lock, re.MULTILINE)
    assert lock.count("--hash=sha256:") >= len(pins) > 40


def test_tests_run_on_the_very_packages_that_the_dashboard_runs_on() -> None:
    pins = re.compile(r"^[a-z0-9-]+==[^\\]+", re.MULTILINE)
    running = set(pins.findall((ROOT / "requirements.lock").read_text()))
    testing = set(pins.findall((ROOT / "requirements-dev.lock").read_text()))
    assert running < testing
    assert not {pin for pin in running if pin.startswith(("pytest", "mypy", "ruff", "playwright"))}


def test_the_locks_pin_every_dependency_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    for name, wanted in (
        ("requirements.lock", [*project["dependencies"], *extras["build"]]),
        ("requirements-dev.lock", [*project["dependencies"], *extras["build"], *extras["dev"]]),
    ):
        pins = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / name).read_text(), re.MULTILINE))
        assert {re.split(r"[^A-Za-z0-9_-]", entry)[0].lower().replace("_", "-") for entry in wanted} <= pins


def test_only_the_promised_files_stand_at_the_top() -> None:
    allowed = {
        "pyproject.toml", "indicators.yaml", "data", "seeds", "dashboard", "tests", "README.md", "Makefile", "LICENSE",
        ".ci", ".gitignore", "requirements.lock", "requirements-dev.lock",
    }  # fmt: skip
    ignored = {name.strip("/") for name in (ROOT / ".gitignore").read_text().split()} | {".git"}
    assert {path.name for path in ROOT.iterdir()} - ignored - {".ruff_cache"} <= allowed


def test_indicators_yaml_reads_the_same_for_other_programs() -> None:
    """Nothing in it that the common loader would read in another way than we do."""
    text = (ROOT / "indicators.yaml").read_text()
    ours = parse_catalog(text, "indicators.yaml", ROOT)
    theirs = yaml.safe_load(text)
    assert set(theirs["indicators"]) == set(ours.indicators)


def test_the_readme_shows_a_feed_as_it_is() -> None:
    source, _, _ = load_feeds()["jodi"].text.partition("indicators:\n")
    assert indent(source.rstrip(), "    ") in README
