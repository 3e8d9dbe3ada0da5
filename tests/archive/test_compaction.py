"""The space of deliveries that nothing reads any more is freed; whatever else there is stays."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dashboard.archive.deliveries import UNRECORDED, Archive
from dashboard.archive.files import segment_files
from dashboard.archive.files.index import index_of
from dashboard.archive.journal import ArchiveError
from dashboard.archive.upkeep import compaction
from tests.archive.test_deliveries import run
from tests.archive.test_orphans import Killed
from tests.archiving import change_lines, damage_delivery, lose_delivery, segments_of
from tests.command_line import watchfloor

WHO = {"at": "2026-03-01T00:00:00+00:00", "by": "Kim", "because": "it closed"}


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Four segments with two deliveries of each of three sources, of which one is forgotten and one renamed."""
    monkeypatch.setattr(segment_files, "FULL", 1)
    state = tmp_path / "var"
    archive = Archive(state)
    for batch in (["a", "b"], ["b", "c"], ["a"], ["c"]):
        number = len(segments_of(state))
        deliveries = [(name, f"{name}{number}".encode() * 99) for name in batch]
        checksums = archive.keep_all(deliveries)
        archive.record_all(
            [
                (name, run(minutes=number, sha256=sha256, size=len(data)))
                for (name, data), sha256 in zip(deliveries, checksums, strict=True)
            ]
        )
    archive.rename("c", "d")
    archive.forget("b", WHO)
    archive.keep("b", b"begun anew")
    return state


def contents(state: Path) -> dict[str, dict[str, bytes]]:
    """All deliveries of all sources."""
    archive = Archive(state)
    return {
        name: {record.sha256: archive.data(name, record.sha256) for record in archive.stored(name)}
        for name in archive.sources()
    }


def test_compaction_drops_what_was_forgotten_and_nothing_else(state: Path) -> None:
    before, size = contents(state), sum(path.stat().st_size for path in segments_of(state))
    assert {name: len(each) for name, each in before.items()} == {"a": 2, "b": 1, "d": 2}
    archive = Archive(state)
    freed = archive.compact()
    assert freed > 0
    assert sum(path.stat().st_size for path in segments_of(state)) == size - freed
    for _ in range(2):
        assert contents(state) == before
        assert [archive.discrepancies(name) for name in "ad"] == [((), ())] * 2
        index_of.cache_clear()
    names = [path.name for path in segments_of(state)]
    assert Archive(state).compact() == 0
    assert [path.name for path in segments_of(state)] == names


def test_a_compaction_killed_at_any_step_loses_nothing(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compaction, "_TOGETHER", 1)
    before, saved = contents(state), state.with_name("saved")
    shutil.copytree(state, saved)
    for step in range(1, 100):
        shutil.rmtree(state)
        shutil.copytree(saved, state)
        with Killed(step, monkeypatch) as killed:
            Archive(state).compact()
        index_of.cache_clear()
        assert contents(state) == before
        Archive(state).compact()
        assert contents(state) == before
        assert Archive(state).compact() == 0
        if not killed.was_killed:
            assert step > 4
            return
    raise AssertionError("it never ended")


def test_a_reader_goes_on_while_another_process_compacts(state: Path) -> None:
    reader, before = Archive(state), contents(state)
    index_of.cache_clear()
    assert Archive(state).compact() > 0
    for name, each in before.items():
        for sha256, data in each.items():
            assert reader.data(name, sha256) == data


def test_damage_that_a_person_may_mend_stays_and_that_of_a_rejected_delivery_goes(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    needed, rejected = archive.keep_all([("s", b"needed" * 9), ("t", b"rejected" * 9)])
    archive.record_all([("s", run(sha256=needed, size=54)), ("t", run("rejected", sha256=rejected, size=72))])
    damage_delivery(tmp_path, "s")
    damage_delivery(tmp_path, "t")
    assert archive.compact() == 0
    with pytest.raises(ArchiveError, match="damaged"):
        archive.data("s", needed)
    archive.keep("s", b"needed" * 9)
    assert archive.compact() > 0
    assert archive.data("s", needed) == b"needed" * 9
    assert [archive.discrepancies(name) for name in "st"] == [((), ())] * 2
    assert archive.stored("t") == []


def test_deliveries_that_no_line_records_go_only_where_a_person_says_so(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "var")
    recorded, _, doubtful = archive.keep_all([("s", b"recorded"), ("s", b"never counted"), ("t", b"of a damaged line")])
    archive.record_all([("s", run(sha256=recorded, size=8)), ("t", run(sha256=doubtful, size=17))])
    change_lines(tmp_path / "var", "t", lambda lines: [line.replace(b"outcome", b"outcame") for line in lines])
    (text,) = archive.unrecorded("s")
    assert archive.compact() == 0
    assert archive.unrecorded("s") == (text,)
    (tmp_path / "indicators.yaml").write_text("version: 1\nindicators: {}\n")
    assert "`watchfloor archive compact --unrecorded`" in UNRECORDED
    assert watchfloor("archive", "compact", "--unrecorded", folder=tmp_path).returncode == 0
    assert archive.unrecorded("s") == ()
    assert [record.sha256 for record in archive.stored("s")] == [recorded]
    assert [record.sha256 for record in archive.stored("t")] == [doubtful]


def test_a_segment_with_a_damaged_header_is_not_compacted(state: Path) -> None:
    before = contents(state)
    lose_delivery(state, "b")
    damaged = [path for path, _, _ in Archive(state).damaged_stretches()]
    Archive(state).compact()
    assert damaged[0].exists()
    assert {name: each for name, each in contents(state).items() if name != "b"} == {
        name: each for name, each in before.items() if name != "b"
    }


def test_the_command_says_what_was_freed(state: Path) -> None:
    (state.parent / "indicators.yaml").write_text("version: 1\nindicators: {}\n")
    done = watchfloor("archive", "compact", folder=state.parent)
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith(" bytes freed\n")
    assert not done.stdout.startswith("0 ")
