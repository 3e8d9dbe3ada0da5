"""Archives that no source of the catalogue reads: told by whoever looks, with commands that mend it."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from dashboard.catalog import load_catalog
from dashboard.definitions import load_definitions
from dashboard.unclaimed import unclaimed
from tests.refreshing import Place
from tests.test_cli import watchfloor

SAID = "s: in the archive, but not in the catalogue, so that nothing reads what was received"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A drop folder with two deliveries, of which the first is gone from it."""
    found = Place(tmp_path / "with 'quotes")
    found.folder.mkdir()
    found.define(s="folder: in")
    path = found.write("in/a.csv", "2024-03-02,7")
    found.write("in/b.csv", "2024-03-01,1")
    found.refresh()
    path.unlink()
    return found


def lines(place: Place) -> tuple[str, ...]:
    return unclaimed(load_definitions(place.catalog, None, place.state).catalog, place.state)


def run_commands_of(place: Place) -> None:
    (line,) = lines(place)
    command = re.findall("`(.*?)`", line)[0].replace("NEW_NAME", "new")
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False, cwd="/")
    assert (done.returncode, done.stderr) == (0, "")
    assert lines(place) == ()


@pytest.mark.parametrize("torn", [b"", b'{"outcome":"rece'], ids=["whole", "torn"])
@pytest.mark.parametrize("is_refreshed", [False, True], ids=["renamed", "renamed and refreshed"])
def test_the_commands_give_a_renamed_source_its_deliveries_back(place: Place, is_refreshed: bool, torn: bytes) -> None:
    with (place.state / "archive/s/journal.jsonl").open("ab") as journal:
        journal.write(torn)
    place.define(new="folder: in")
    if is_refreshed:
        place.later(hours=1).refresh()
        assert place.verdict("new")["severity"] == "normal"
    (line,) = lines(place)
    assert line.startswith(f"{SAID}; if it was renamed to new, end the refresher and run `")
    run_commands_of(place)
    done = place.later(hours=1).refresh()
    assert done.is_well, done
    assert place.values("new") == [1, 7]
    assert place.verdict("new")["severity"] == "warning"


@pytest.mark.parametrize("left", ["bytes", "journal.jsonl"])
def test_the_commands_run_where_only_a_journal_or_only_bytes_are_left(place: Place, left: str) -> None:
    for path in (place.state / "archive/s").iterdir():
        if path.name != left:
            path.rename(place.folder / path.name)
    before = sorted(path.name for path in (place.state / "archive/s").rglob("*"))
    place.define(new="folder: in")
    run_commands_of(place)
    assert sorted({path.name for path in (place.state / "archive/new").rglob("*")} - {"bytes", "journal.jsonl"}) == [
        name for name in before if name not in ("bytes", "journal.jsonl")
    ]


def test_a_source_that_went_elsewhere_is_told_without_a_guess(place: Place) -> None:
    place.define(new="folder: elsewhere", other="folder: further")
    (line,) = lines(place)
    assert "if it was renamed, end the refresher" in line
    assert "NEW_NAME" in line


def test_a_source_that_is_broken_in_the_file_has_its_archive(place: Place) -> None:
    place.define(s="folder: in, refresh: never")
    assert lines(place) == ()
    (place.state / "definitions" / "good.json").unlink()
    assert lines(place) == ()
    assert unclaimed(load_catalog(place.catalog), place.state) == ()


@pytest.mark.parametrize("sources", ["source:", "sources: 5\nothers:", "Sources:"])
def test_nothing_is_advised_where_the_file_does_not_say_which_sources_there_are(place: Place, sources: str) -> None:
    place.catalog.write_text(place.catalog.read_text().replace("sources:", sources, 1))
    (place.state / "definitions" / "good.json").unlink()
    assert lines(place) == ()


def test_nothing_is_advised_where_the_file_names_no_source_any_more(place: Place) -> None:
    place.catalog.write_text("version: 1\nindicators: {}\n")
    assert lines(place) == ()


def test_refresh_and_check_warn_of_it(place: Place) -> None:
    assert SAID not in watchfloor("check", folder=place.folder).stderr
    place.define(new="folder: in")
    assert watchfloor("refresh", folder=place.folder).stderr.count(f"warning: {SAID}") == 1
    found = watchfloor("check", folder=place.folder)
    assert (found.returncode, found.stderr.count(f"warning: {SAID}")) == (0, 1), found.stdout
    (told,) = json.loads(watchfloor("refresh", "--json", folder=place.folder).stdout)["unclaimed"]
    assert told.startswith(SAID)
