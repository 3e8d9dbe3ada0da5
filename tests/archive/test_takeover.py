"""Archives of the version before, with a folder for each source: taken over by the refresher, whole or not at all."""

from __future__ import annotations

import hashlib
import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dashboard.archive.audit import problems_of_archive
from dashboard.archive.deliveries import Archive
from dashboard.archive.files.index import index_of
from dashboard.archive.journal import ArchiveError, Run
from dashboard.archive.upkeep import takeover
from tests.archive.test_orphans import Killed
from tests.archiving import segments_of
from tests.command_line import watchfloor
from tests.refreshing import Place

AT = datetime(2024, 3, 1, 6, tzinfo=UTC)


def old_line(run: Run, *, has_checksum: bool = True) -> bytes:
    """A line as the version before wrote it; the versions before that one wrote no checksum."""
    content = json.dumps(run.as_json(), separators=(",", ":"), ensure_ascii=False).encode()[:-1]
    end = f',"checksum":"{hashlib.sha256(content).hexdigest()[:16]}"}}' if has_checksum else "}"
    return content + end.encode() + b"\n"


def old_source(state: Path, name: str, deliveries: dict[str, bytes]) -> list[Run]:
    """The folder of a source in the version before: each delivery by its outcome; returns the runs."""
    folder, runs, lines = state / "archive" / name, [], []
    (folder / "bytes").mkdir(parents=True)
    for hours, (key, data) in enumerate(deliveries.items()):
        sha256 = hashlib.sha256(data).hexdigest()
        (folder / "bytes" / sha256).write_bytes(data)
        outcome = key.rstrip("0123456789")
        run = Run(AT + timedelta(hours=hours), outcome, f"{name}.csv", f"{name}.csv", sha256, len(data))  # type: ignore[arg-type]
        runs.append(run)
        lines.append(old_line(run, has_checksum=hours != 1))
    (folder / "journal.jsonl").write_bytes(b"".join(lines))
    return runs


@pytest.fixture
def old(tmp_path: Path) -> tuple[Path, dict[str, list[Run]]]:
    """A state folder with three sources of the version before, and their runs."""
    state = tmp_path / "var"
    deliveries = {
        "a": {"received": b"one" * 99, "rejected": b"<html>", "received2": b"two" * 99},
        "segments": {"received": b"one" * 99},
        "c": {"rejected": b""},
    }
    return state, {name: old_source(state, name, each) for name, each in deliveries.items()}


def check_taken_over(state: Path, runs: dict[str, list[Run]]) -> None:
    for cache in ("as it went on", "as another process reads it"):
        archive = Archive(state)
        assert archive.sources() == tuple(sorted(runs)), cache
        for name, each in runs.items():
            assert list(archive.runs(name)) == each
            assert archive.discrepancies(name) == ((), ())
            assert {record.sha256 for record in archive.stored(name)} == {run.sha256 for run in each}
            for run in each:
                assert hashlib.sha256(archive.data(name, run.sha256)).hexdigest() == run.sha256
        assert list(problems_of_archive(archive)) == []
        index_of.cache_clear()


def test_an_old_archive_is_taken_over_whole(old: tuple[Path, dict[str, list[Run]]]) -> None:
    state, runs = old
    files = sorted(path.relative_to(state / "archive") for path in (state / "archive").rglob("*") if path.is_file())
    Archive(state).sweep()
    check_taken_over(state, runs)
    before = state / "archive.before"
    assert sorted(path.relative_to(before) for path in before.rglob("*") if path.is_file()) == files
    assert sorted(path.name for path in (state / "archive").iterdir()) == ["000001.segment", "journal.jsonl"]
    segment = segments_of(state)[0].read_bytes()
    Archive(state).sweep()
    assert segments_of(state)[0].read_bytes() == segment


def test_a_takeover_killed_at_any_step_goes_on_with_the_next_start(
    old: tuple[Path, dict[str, list[Run]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    state, runs = old
    saved = state.with_name("saved")
    shutil.copytree(state, saved)
    for step in range(1, 100):
        shutil.rmtree(state)
        shutil.copytree(saved, state)
        with Killed(step, monkeypatch) as killed:
            Archive(state).sweep()
        index_of.cache_clear()
        if (state / "archive/journal.jsonl").exists():
            assert Archive(state).log("a", "file a.csv").last == runs["a"][-1]
        else:
            with pytest.raises(ArchiveError, match="run `watchfloor refresh`"):
                Archive(state).log("a", "file a.csv")
        Archive(state).sweep()
        check_taken_over(state, runs)
        if not killed.was_killed:
            assert step > 5
            return
    raise AssertionError("it never ended")


def test_a_takeover_killed_between_two_writes_stores_nothing_twice(
    old: tuple[Path, dict[str, list[Run]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(takeover, "_TOGETHER", 1)  # each delivery is a write
    state, runs = old
    whole = state.with_name("whole")
    shutil.copytree(state, whole)
    Archive(whole).sweep()
    with Killed(5, monkeypatch) as killed:
        Archive(state).sweep()
    assert killed.was_killed
    assert 0 < segments_of(state)[0].stat().st_size < segments_of(whole)[0].stat().st_size
    index_of.cache_clear()
    Archive(state).sweep()
    check_taken_over(state, runs)
    assert segments_of(state)[0].stat().st_size == segments_of(whole)[0].stat().st_size


def test_readers_name_the_command_until_a_refresher_has_taken_over(old: tuple[Path, dict[str, list[Run]]]) -> None:
    state, _ = old
    archive = Archive(state)
    assert archive.has("a")
    assert archive.sources() == ()
    for read in (archive.runs, archive.changes, archive.discrepancies):
        with pytest.raises(ArchiveError, match="written by an earlier version; run `watchfloor refresh`"):
            read("a")
    (problem,) = problems_of_archive(archive)
    assert "run `watchfloor refresh`" in problem.message


def test_damage_of_an_old_archive_is_carried_over_as_that_of_its_source(
    old: tuple[Path, dict[str, list[Run]]],
) -> None:
    state, runs = old
    journal = state / "archive/c/journal.jsonl"
    journal.write_bytes(journal.read_bytes().replace(b"rejected", b"recieved"))
    first, _, last = runs["a"]
    (state / "archive/a/bytes" / first.sha256).write_bytes(b"other bytes")
    (state / "archive/a/bytes" / last.sha256).unlink()
    archive = Archive(state)
    archive.sweep()
    with pytest.raises(ArchiveError, match=r"journal.jsonl: damaged, line 4 .*in an archive of an earlier version"):
        archive.log("c", "file c.csv")
    with pytest.raises(ArchiveError, match=f"delivery {first.sha256} of a: damaged"):
        archive.data("a", first.sha256)
    assert [text.split()[2] for text in archive.discrepancies("a")[1]] == [first.sha256, last.sha256]
    assert list(archive.runs("a")) == runs["a"]
    assert archive.log("segments", "file s.csv").last == runs["segments"][0]


def test_the_refresh_command_takes_over_and_the_board_is_the_same(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.define(a="file: a.csv")
    place.write("a.csv", "2024-03-01,7")
    place.refresh()
    archive = Archive(place.state)
    (run,) = archive.runs("a")
    data, board = archive.data("a", run.sha256), place.board()
    shutil.rmtree(place.state / "archive")
    folder = place.state / "archive/a"
    (folder / "bytes").mkdir(parents=True)
    (folder / "bytes" / run.sha256).write_bytes(data)
    (folder / "journal.jsonl").write_bytes(old_line(run))
    done = watchfloor("evaluate", "--json", folder=place.folder)
    assert "written by an earlier version; run `watchfloor refresh`" in done.stdout
    assert place.refresh().is_well
    after = place.board()
    assert after["indicators"] == board["indicators"]
    assert place.values("a") == [7]


@pytest.mark.parametrize("has_journal", [True, False])
@pytest.mark.parametrize("content", ["the archive", "the journal", "an old source", "bytes"])
def test_a_folder_of_a_person_is_never_taken_over(tmp_path: Path, content: str, *, has_journal: bool) -> None:
    place = Place(tmp_path)
    place.define(a="file: a.csv")
    place.write("a.csv", "2024-03-01,7")
    place.refresh()
    folder, backup = place.state / "archive", place.state / "archive/backup"
    if content == "an old source":
        old_source(place.state, "backup", {"received": b"one" * 99})
    else:
        backup.mkdir()
        for path in [*folder.glob("*.*")] if content == "the archive" else [folder / "journal.jsonl"]:
            shutil.copy(path, backup / ("bytes" if content == "bytes" else path.name))
    if not has_journal:
        (folder / "journal.jsonl").rename(place.folder / "journal.jsonl")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    place.later(minutes=5)
    result = watchfloor("refresh", folder=place.folder)
    assert {path: path.read_bytes() for path in before} == before
    assert not (place.state / "archive.before").exists()
    assert (f"journal.jsonl is missing, and {backup} is no archive" in result.stdout + result.stderr) != has_journal
    if not has_journal:
        assert result.returncode > 0
        (place.folder / "journal.jsonl").rename(folder / "journal.jsonl")
    assert place.refresh().is_well
    assert place.values("a") == [7]


def test_an_old_archive_with_a_folder_that_names_sources_is_refused(old: tuple[Path, dict[str, list[Run]]]) -> None:
    state, runs = old
    other = state / "archive/other"
    other.mkdir()
    (other / "journal.jsonl").write_bytes(runs["a"][0].as_line("a") + b"\n")
    files = sorted(state.rglob("*"))
    Archive(state).sweep()
    assert sorted(state.rglob("*")) == files
    with pytest.raises(ArchiveError, match=f"{other} is no archive of an earlier version"):
        Archive(state).runs("a")
    shutil.move(other, state.parent)
    Archive(state).sweep()
    check_taken_over(state, runs)
