"""Stored deliveries that change on the disk: found within a day, told of by the board, over once they are mended."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.archive.audit import problems_of_archive
from dashboard.archive.deliveries import Archive
from dashboard.archive.verification import Verification
from dashboard.refresh.lock import sole_refresher
from dashboard.refresh.watch_loop import Watch
from tests.archiving import damage_delivery, flip, journal_of, lines_of, record_of, segments_of
from tests.command_line import watchfloor
from tests.examples import examples
from tests.refreshing import Place


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Two sources; `a` has two deliveries, of which the first is no longer what its file says."""
    result = Place(tmp_path)
    result.define(a="file: a.csv", b="file: b.csv")
    result.write("b.csv", "2024-03-01,1")
    for rows in (["2024-03-01,3"], ["2024-03-01,3", "2024-03-02,7"]):
        result.write("a.csv", *rows)
        assert result.refresh().is_well
        result.later(hours=1)
    return result


def first_delivery(place: Place) -> str:
    """How messages name the first delivery of `a`."""
    record = record_of(place.state, "a", place.runs("a")[0].sha256)
    return f"{segment(place)}, byte {record.offset}, delivery {record.sha256} of a"


def damage_first(place: Place) -> bytes:
    """Change a byte of the first delivery of `a`, and return the original bytes of its segment."""
    return damage_delivery(place.state, "a", place.runs("a")[0].sha256)


def segment(place: Place) -> Path:
    (path,) = segments_of(place.state)
    return path


@settings(max_examples=examples(12, 160), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, 10**6), by=st.integers(1, 255))
def test_a_changed_byte_of_any_delivery_is_found_and_named(place: Place, at: int, by: int) -> None:
    archive, path = Archive(place.state), segment(place)
    assert list(problems_of_archive(archive)) == []
    at %= path.stat().st_size
    (record,) = (record for record in archive.all_stored() if record.offset <= at < record.end)
    original = flip(path, at, by)
    try:
        (problem,) = problems_of_archive(archive)
        place_of_damage = problem.file.removeprefix(f"{path}, ")
        if at >= record.begin:
            assert place_of_damage == f"byte {record.offset}, delivery {record.sha256} of {record.source}"
        else:
            assert place_of_damage == f"bytes {record.offset} to {record.end}"
        assert problem.message.startswith("damaged")
    finally:
        path.write_bytes(original)


def test_check_archive_reads_all_deliveries_and_writes_nothing(place: Place) -> None:
    before = sorted(path.name for path in place.state.rglob("*"))
    damage_first(place)
    assert watchfloor("check", folder=place.folder).returncode == 0
    done = watchfloor("check", "--archive", folder=place.folder)
    assert done.returncode == 1
    assert f"{first_delivery(place).removeprefix(f'{place.folder}/')}: damaged, these are not the bytes" in done.stdout
    journal = journal_of(place.state)
    flip(journal, 50)
    done = watchfloor("check", "--archive", "--json", folder=place.folder)
    assert sum("journal.jsonl: damaged" in json.dumps(one) for one in json.loads(done.stdout)) == 1, done.stdout
    assert sorted(path.name for path in place.state.rglob("*")) == before


def test_the_refresh_of_the_next_day_finds_damage_and_the_board_shows_it(place: Place) -> None:
    original = damage_first(place)
    assert place.refresh().is_well  # all was read today
    done = place.later(days=1).refresh()
    assert [name for name, found in done.sources.items() if not found.is_well] == ["a"]
    assert str(first_delivery(place)) in str(done.sources["a"].archive_faults)
    verdict = place.verdict("a")
    assert (verdict["value"], verdict["data_state"]) == (7, "error")
    assert str(first_delivery(place)) in verdict["problems"][0]["message"]
    assert place.verdict("b")["data_state"] != "error"
    assert not place.later(days=1).refresh("a").is_well  # remembered
    assert place.runs("a")[0].sha256 in watchfloor("check", folder=place.folder).stdout
    segment(place).write_bytes(original)
    assert place.refresh().is_well
    assert place.verdict("a")["data_state"] != "error"
    assert json.loads((place.state / "archive/damaged.json").read_bytes()) == []


def test_saving_the_same_delivery_again_mends_the_damage(place: Place) -> None:
    damage_delivery(place.state, "a", place.runs("a")[1].sha256)
    assert not place.later(days=1).refresh().is_well
    place.later(hours=1).write("a.csv", "2024-03-01,3", "2024-03-02,7")
    assert place.refresh().is_well
    assert place.outcomes("a")[-1] == "seen again"


def test_a_damaged_line_of_a_journal_shows_in_the_exit_code_and_on_the_board(place: Place) -> None:
    line = lines_of(place.state, "a")[0]
    journal = journal_of(place.state)
    flip(journal, journal.read_bytes().index(line) + line.index(b'"message"') + 2)
    done = watchfloor("refresh", folder=place.folder)
    assert done.returncode == 1
    assert "journal.jsonl: damaged" in done.stdout
    assert place.verdict("a")["data_state"] == "error"


def test_verification_in_small_steps_continues_where_a_single_refresh_stopped(place: Place) -> None:
    lines = steps_until_done(place)
    assert next(lines) == []
    assert 1 + sum(1 for _ in lines) == 1 + len(Archive(place.state).all_stored())
    place.later(days=1)
    damage_first(place)
    results = [line for step in steps_until_done(place) for line in step]
    assert results == [f"a: {first_delivery(place)}: damaged, these are not the bytes that were received"]


def steps_until_done(place: Place) -> Iterator[list[str]]:
    """Steps of one delivery, each by a process of its own, until all was read on that day."""
    today = place.now.date()
    (place.state / "verified.json").write_text(json.dumps({"done": "", "through": ["", -1]}))
    while json.loads((place.state / "verified.json").read_bytes())["done"] != today.isoformat():
        yield Verification(place.state, lambda: None).read_on(today, 1, to_end_of_file=True)


def test_a_watching_refresher_verifies_some_deliveries_after_each_run(place: Place) -> None:
    lines: list[str] = []
    place.later(days=1)
    with sole_refresher(place.state, "test", place.now) as hold:
        watch = Watch(place.workspace, hold, os.environ, lambda: place.now, lines.append, lambda: False)
        original = damage_first(place)
        watch.look_around()
        assert any(": damaged, these are not the bytes" in line for line in lines), lines
        watch.look_around()
        assert place.verdict("a")["data_state"] == "error"
        segment(place).write_bytes(original)
        watch.look_around()
        watch.look_around()
    assert place.verdict("a")["data_state"] != "error"
    assert any("no longer damaged" in line for line in lines), lines
