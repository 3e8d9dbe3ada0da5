"""Archives that no source of the catalogue reads: told by whoever looks, with the command that mends it."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dashboard.archive.deliveries import Archive
from dashboard.archive.files.index import index_of
from dashboard.archive.journal import Run
from dashboard.archive.orphans import describe_orphans
from dashboard.catalog.active.active_catalog import load_active_catalog
from dashboard.catalog.loader import load_catalog
from dashboard.domain.errors import WatchfloorError
from dashboard.refresh.lock import WATCHING, sole_refresher
from dashboard.refresh.requests.archive_changes import rename
from dashboard.refresh.watch_loop import Watch
from tests.archiving import journal_of
from tests.command_line import watchfloor
from tests.refreshing import Place

SAID = "s: in the archive, but not in the catalogue, so that nothing reads what was received"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A drop folder with two deliveries, of which the first is gone from it."""
    result = Place(tmp_path / "with 'quotes")
    result.folder.mkdir()
    result.define(s="folder: in")
    path = result.write("in/a.csv", "2024-03-02,7")
    result.write("in/b.csv", "2024-03-01,1")
    result.refresh()
    path.unlink()
    return result


def lines(place: Place) -> tuple[str, ...]:
    return describe_orphans(load_active_catalog(place.catalog, None, place.state).catalog, place.state)


def run_command_of(place: Place) -> None:
    (line,) = lines(place)
    command, _ = re.findall("`watchfloor (.*?)`", line)
    words = command.replace("NEW_NAME", "new").split()
    assert words == ["archive", "rename", "s", "new"]
    rename(place.state, load_catalog(place.catalog), *words[2:], lambda: None)
    assert lines(place) == ()


@pytest.mark.parametrize("torn", [b"", b'{"outcome":"rece'], ids=["whole", "torn"])
@pytest.mark.parametrize("is_refreshed", [False, True], ids=["renamed", "renamed and refreshed"])
def test_the_command_gives_a_renamed_source_its_deliveries_back(place: Place, is_refreshed: bool, torn: bytes) -> None:
    with journal_of(place.state).open("ab") as journal:
        journal.write(torn)
    place.define(new="folder: in")
    if is_refreshed:
        place.later(hours=1).refresh()
        assert place.verdict("new")["severity"] == "normal"
    (line,) = lines(place)
    assert line.startswith(f"{SAID}; if it was renamed to new, run `watchfloor archive rename s new`; if it is gone")
    run_command_of(place)
    done = place.later(hours=1).refresh()
    assert done.is_well, done
    assert place.values("new") == [1, 7]
    assert place.verdict("new")["severity"] == "warning"
    assert Archive(place.state).sources() == ("new",)
    assert not [*place.state.glob("rows/s*")]


@pytest.mark.parametrize("left", ["*.segment", "journal.jsonl"])
def test_the_command_runs_where_only_a_journal_or_only_bytes_are_left(place: Place, left: str) -> None:
    (kept,) = place.state.glob(f"archive/{left}")
    for path in (place.state / "archive").iterdir():
        if path != kept:
            path.unlink()
    before = everything(place.state, "s")
    assert any(before)
    place.define(new="folder: in")
    run_command_of(place)
    assert everything(place.state, "new") == before
    assert everything(place.state, "s") == ((), set())


def everything(state: Path, source: str) -> tuple[tuple[Run, ...], set[str]]:
    """The runs of a source, and the checksums of its deliveries."""
    archive = Archive(state)
    return archive.runs(source), {record.sha256 for record in archive.stored(source)}


def test_a_source_of_the_old_name_begins_anew_after_the_renaming(place: Place) -> None:
    before = everything(place.state, "s")
    place.define(new="folder: in")
    run_command_of(place)
    place.define(new="folder: in", s="folder: out")
    place.write("out/c.csv", "2024-03-03,3")
    place.later(hours=1).refresh()
    runs, stored = everything(place.state, "s")
    assert [run.outcome for run in runs] == ["received"]
    assert len(stored) == 1
    runs, stored = everything(place.state, "new")
    assert runs[: len(before[0])] == before[0]
    assert stored == before[1]
    index_of.cache_clear()  # as another process reads it
    assert everything(place.state, "new") == (runs, stored)
    place.define(newer="folder: in", s="folder: out")
    rename(place.state, load_catalog(place.catalog), "new", "newer", lambda: None)
    assert everything(place.state, "newer") == (runs, stored)
    index_of.cache_clear()
    assert everything(place.state, "newer") == (runs, stored)


@pytest.mark.parametrize("is_refreshed", [False, True])
def test_a_rename_killed_at_any_step_leaves_all_files_under_one_name(
    place: Place, is_refreshed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.define(new="folder: in")
    if is_refreshed:
        place.later(hours=1).refresh()
    catalog = load_catalog(place.catalog)
    saved = place.folder / "saved"
    shutil.copytree(place.state, saved)
    own = Archive(place.state).runs("new")
    all_runs = (*Archive(place.state).runs("s"), *own)
    bytes_kept = {record.sha256 for record in Archive(place.state).all_stored()}
    for step in range(1, 100):
        shutil.rmtree(place.state)
        shutil.copytree(saved, place.state)
        with Killed(step, monkeypatch) as killed:
            rename(place.state, catalog, "s", "new", lambda: None)
        archive = Archive(place.state)
        archive.sweep()
        old, new = archive.runs("s"), archive.runs("new")
        whole = new if len(new) == len(all_runs) else old + new
        assert whole == all_runs, step
        names = [{record.sha256 for record in archive.stored(name)} for name in ("s", "new")]
        assert bytes_kept in names or new == own, step
        if killed.was_killed and archive.has("s"):
            assert describe_orphans(catalog, place.state)  # the command is still told
            rename(place.state, catalog, "s", "new", lambda: None)
        assert archive.runs("new") == all_runs
        assert {record.sha256 for record in archive.stored("new")} == bytes_kept
        assert archive.sources() == ("new",)
        place.later(hours=1)
        assert place.refresh().is_well
        assert place.values("new") == [1, 7]
        if not killed.was_killed:
            assert step > 2
            return
    raise AssertionError("it never ended")


class KilledError(BaseException):
    """Nothing catches it, as nothing catches `kill -9`."""


class Killed:
    """Ends what runs within it before its n-th operation on the disk."""

    def __init__(self, step: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self._left, self._patch, self.was_killed = step, monkeypatch, False

    def __enter__(self) -> Killed:
        for name in ("link", "rename", "replace", "unlink", "rmdir", "fsync"):
            self._patch.setattr(os, name, self._counted(getattr(os, name)))
        return self

    def __exit__(self, kind: object, *_: object) -> bool:
        self._patch.undo()
        return kind is KilledError

    def _counted(self, work: Callable[..., object]) -> Callable[..., object]:
        def done(*words: object, **more: object) -> object:
            self._left -= 1
            if self.was_killed or self._left == 0:
                self.was_killed = True
                raise KilledError
            return work(*words, **more)

        return done


def test_an_impossible_rename_is_refused_and_changes_no_file(place: Place) -> None:
    place.define(s="folder: in", other="folder: further")
    before = sorted(place.state.rglob("*"))
    for names, text in (
        (("s", "other"), "s is still in the catalogue"),
        (("t", "other"), "nothing was received as t"),
        (("../s", "other"), "nothing was received as ../s"),
        (("s", "othe"), 'no source othe; did you mean "other"?'),
    ):
        with pytest.raises(WatchfloorError, match=re.escape(text)):
            rename(place.state, load_catalog(place.catalog), *names, lambda: None)
    done = watchfloor("archive", "rename", "s", "other", folder=place.folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert "s is still in the catalogue" in done.stderr
    assert sorted(place.state.rglob("*")) == before


def test_a_source_with_deliveries_of_its_own_cannot_take_an_orphaned_archive(place: Place) -> None:
    place.define(s="folder: in", other="folder: in")
    place.later(hours=1).refresh()
    place.write("in/c.csv", "2024-03-03,1")
    place.later(hours=1).refresh()
    place.define(other="folder: in")
    with pytest.raises(WatchfloorError, match="they are two sources; nothing was changed"):
        rename(place.state, load_catalog(place.catalog), "s", "other", lambda: None)
    assert place.outcomes("s")


def test_the_command_renames_where_no_refresher_runs(place: Place) -> None:
    place.define(new="folder: in")
    done = watchfloor("archive", "rename", "s", "new", folder=place.folder)
    assert (done.returncode, done.stdout) == (0, "new: has all that was received as s\n"), done.stderr
    assert lines(place) == ()


def test_a_source_that_is_forgotten_is_gone_and_can_begin_anew(place: Place) -> None:
    place.define(new="folder: elsewhere")
    words = ("archive", "forget", "s", "--by", "Kim", "--because", "the port closed")
    done = watchfloor(*words, folder=place.folder)
    assert (done.returncode, done.stdout) == (0, "s: forgotten; `watchfloor archive compact` frees its space\n")
    line = json.loads(journal_of(place.state).read_bytes().splitlines()[-1])
    assert (line["outcome"], line["by"], line["because"]) == ("forgotten", "Kim", "the port closed")
    assert lines(place) == ()
    assert everything(place.state, "s") == ((), set())
    assert not [*place.state.glob("rows/s*")]
    assert watchfloor(*words, folder=place.folder).returncode == 2
    place.define(s="folder: in")
    place.later(hours=1).refresh()
    assert place.outcomes("s") == ["received"]
    index_of.cache_clear()
    assert place.outcomes("s") == ["received"]
    assert place.values("s") == [1]


def test_what_is_in_the_catalogue_is_not_forgotten(place: Place) -> None:
    done = watchfloor("archive", "forget", "s", "--by", "Kim", "--because", "no", folder=place.folder)
    assert (done.returncode, done.stdout) == (2, "")
    assert "s is still in the catalogue, or what is wrong there hides it; delete it there" in done.stderr
    for words in (("forget", "s"), ("rename", "s"), ("compact", "s"), ("forget", "s", "t", "--by", "x")):
        assert watchfloor("archive", *words, folder=place.folder).returncode == 2
    assert place.outcomes("s")


def test_a_watching_refresher_renames_on_request(place: Place) -> None:
    place.define(new="folder: in")
    messages: list[str] = []
    with sole_refresher(place.state, WATCHING, place.now) as hold:
        watch = Watch(place.workspace, hold, os.environ, lambda: place.now, messages.append, lambda: False)
        watch.look_around()
        asking = start("archive", "rename", "s", "new", folder=place.folder)
        while asking.poll() is None:
            watch.look_around()
        assert asking.communicate()[0] == "new: has all that was received as s\n"
        watch.look_around()
        assert place.values("new") == [1, 7]
        assert place.verdict("new")["severity"] == "warning"
    assert [*(place.state / "requests" / "archive").iterdir()] == []


def start(*words: str, folder: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.Popen(
        [sys.executable, "-m", "dashboard", *words], cwd=folder, env=environment, text=True, stdout=subprocess.PIPE
    )


def test_an_orphan_whose_location_no_source_reads_gets_no_suggested_name(place: Place) -> None:
    place.define(new="folder: elsewhere", other="folder: further")
    (line,) = lines(place)
    assert "; if it was renamed, run `watchfloor archive rename s NEW_NAME`;" in line


def test_a_source_that_is_broken_in_the_file_has_its_archive(place: Place) -> None:
    place.define(s="folder: in, refresh: never")
    assert lines(place) == ()
    (place.state / "definitions" / "good.json").unlink()
    assert lines(place) == ()
    assert describe_orphans(load_catalog(place.catalog), place.state) == ()


@pytest.mark.parametrize("sources", ["source:", "sources: 5\nothers:", "Sources:"])
def test_there_is_no_advice_where_the_file_does_not_say_which_sources_exist(place: Place, sources: str) -> None:
    place.catalog.write_text(place.catalog.read_text().replace("sources:", sources, 1))
    (place.state / "definitions" / "good.json").unlink()
    assert lines(place) == ()


def test_there_is_no_advice_where_the_file_names_no_source(place: Place) -> None:
    place.catalog.write_text("version: 1\nindicators: {}\n")
    assert lines(place) == ()


def test_refresh_and_check_warn_of_orphans(place: Place) -> None:
    assert SAID not in watchfloor("check", folder=place.folder).stderr
    place.define(new="folder: in")
    assert watchfloor("refresh", folder=place.folder).stderr.count(f"warning: {SAID}") == 1
    result = watchfloor("check", folder=place.folder)
    assert (result.returncode, result.stderr.count(f"warning: {SAID}")) == (0, 1), result.stdout
    (text,) = json.loads(watchfloor("refresh", "--json", folder=place.folder).stdout)["unclaimed"]
    assert text.startswith(SAID)
