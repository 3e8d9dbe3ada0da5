"""Looks at many sources are recorded together, and what stayed the same is not looked at twice."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from errno import ENOSPC
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dashboard.archive import Archive
from dashboard.archive.files import journal_file, segment_files
from dashboard.refresh.looks import source_refresher as looks
from dashboard.refresh.looks.look_result import LookResult
from dashboard.refresh.refresher import Refresher
from tests.examples import examples
from tests.fetch_server import Server, reply
from tests.refreshing import Place

LATER = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """Two sources with a figure each, whose files nobody writes any more."""
    place = Place(tmp_path, LATER)
    place.define(a="file: a.csv", b="file: b.csv")
    place.write("a.csv", "2024-03-01,3")
    place.write("b.csv", "2024-03-01,4")
    return place


def running(place: Place) -> Refresher:
    return Refresher(place.workspace, os.environ, lambda: place.now)


def look(refresher: Refresher, *requested: str) -> dict[str, LookResult]:
    return {result.source: result for result in refresher.look(refresher.sources, requested)}


def outcomes(results: dict[str, LookResult]) -> dict[str, list[str]]:
    return {name: [run.outcome for run in result.runs] for name, result in results.items()}


def edit(place: Place) -> None:
    place.write("a.csv", "2024-03-01,5")


def edit_and_set_the_time_back(place: Place) -> None:
    """An edit that leaves size and time of the file as they were."""
    path = place.folder / "a.csv"
    status = path.stat()
    path.write_text(path.read_text().replace(",3", ",5"))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def replace_by_rename(place: Place) -> None:
    place.write("new.csv", "2024-03-01,5").rename(place.folder / "a.csv")


@pytest.mark.parametrize("change", [edit, edit_and_set_the_time_back, replace_by_rename])
def test_a_quiet_file_is_read_again_once_it_is_another(place: Place, change: Callable[[Place], None]) -> None:
    refresher = running(place)
    assert outcomes(look(refresher)) == {"a": ["received"], "b": ["received"]}
    for _ in range(3):
        assert outcomes(look(refresher)) == {"a": [], "b": []}
    change(place)
    assert outcomes(look(refresher)) == {"a": ["received"], "b": []}


def test_a_quiet_file_that_is_gone_is_a_failure(place: Place) -> None:
    refresher = running(place)
    for _ in range(3):
        look(refresher)
    (place.folder / "a.csv").unlink()
    assert outcomes(look(refresher)) == {"a": ["failed"], "b": []}
    place.write("a.csv", "2024-03-01,3")
    assert outcomes(look(refresher))["a"] == ["seen again"]


def test_a_quiet_source_is_looked_at_when_its_schedule_asks(place: Place) -> None:
    place.define(a='file: a.csv, refresh: "15 * * * *"', b="file: b.csv")
    refresher = running(place)
    for _ in range(3):
        look(refresher)
    place.later(hours=2)
    assert outcomes(look(refresher)) == {"a": ["seen again"], "b": []}
    assert outcomes(look(refresher)) == {"a": [], "b": []}


def test_a_quiet_source_is_looked_at_on_request(place: Place) -> None:
    refresher = running(place)
    for _ in range(3):
        look(refresher)
    assert outcomes(look(refresher, "b")) == {"a": [], "b": ["seen again"]}


def test_rows_of_a_quiet_source_are_used_on_their_day(place: Place) -> None:
    tomorrow = place.now + timedelta(days=1)
    place.write("a.csv", "2024-03-01,3", f"{tomorrow:%Y-%m-%d},9")
    refresher = running(place)
    for _ in range(3):
        look(refresher)
    assert place.values("a") == [3]
    place.later(days=1)
    assert look(refresher)["a"].has_news or place.values("a") == [3, 9]
    assert place.values("a") == [3, 9]


def test_a_damaged_source_delays_no_other_in_its_group(place: Place) -> None:
    refresher = running(place)
    look(refresher)
    journal = place.state / "archive" / "journal.jsonl"
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join([lines[0].replace(b'"rows":1', b'"rows":7'), *lines[1:]]))
    place.later(minutes=5)
    for name in ("a", "b"):
        place.write(f"{name}.csv", "2024-03-01,5", "2024-03-02,6")
    results = look(refresher)
    assert "damaged" in results["a"].trouble
    assert outcomes(results)["b"] == ["received"]
    assert place.values("b") == [5, 6]


def test_a_group_that_cannot_be_recorded_is_recorded_source_by_source(place: Place) -> None:
    """The rows of one source were made of a run that the journal does not have."""
    look(running(place))
    journal = place.state / "archive" / "journal.jsonl"
    kept = journal.read_bytes()
    place.later(minutes=5)
    place.write("a.csv", "2024-03-01,5")
    look(running(place))
    journal.write_bytes(kept)  # the second run of a is lost
    place.later(minutes=5)
    for name in ("a", "b"):
        place.write(f"{name}.csv", "2024-03-01,5", "2024-03-02,6")
    results = look(running(place))
    assert "lost lines" in results["a"].trouble
    assert outcomes(results)["b"] == ["received"]
    assert place.values("b") == [5, 6]


FAULTS = {"journal": (journal_file, "append_at"), "segment": (segment_files, "append_at"), "rows": (looks, "catch_up")}


@settings(max_examples=examples(12, 200), deadline=None)
@given(
    steps=st.lists(
        st.tuples(
            st.sets(st.sampled_from(sorted(FAULTS))), st.sets(st.sampled_from(["a.csv", "in/x.csv"])), st.booleans()
        ),
        max_size=4,
    )
)
@example([({"journal", "rows"}, {"a.csv", "in/x.csv"}, False), (set(), {"a.csv"}, True)])
def test_after_faults_two_looks_leave_nothing_marked_and_tell_of_what_was_not_recorded(
    steps: list[tuple[set[str], set[str], bool]],
) -> None:
    with TemporaryDirectory() as folder:
        place = Place(Path(folder), LATER)
        place.define(a="file: a.csv", b="folder: in")
        place.write("a.csv", "2024-03-01,3")
        place.write("in/one.csv", "2024-03-01,4")
        refresher = Refresher(place.workspace, os.environ, lambda: place.now, retries=True)
        look(refresher)
        for number, (faults, edited, is_reverted) in enumerate(steps, 4):
            place.later(minutes=5)
            for file in edited:
                place.write(file, "2024-03-01,3" if is_reverted and file == "a.csv" else f"2024-03-01,{number}")
            if is_reverted:
                (place.folder / "in/x.csv").unlink(missing_ok=True)
            with ExitStack() as stack:
                for fault in faults:
                    stack.enter_context(patch.object(*FAULTS[fault], side_effect=OSError(ENOSPC, "No space left")))
                look(refresher)
        for _ in range(2):
            place.later(minutes=5)
            look(refresher)
        assert list((place.state / "archive").glob("*.part")) == []
        archive = Archive(place.state)
        recorded = {(name, run.sha256) for name in ("a", "b") for run in archive.runs(name)}
        for name in ("a", "b"):
            lost = [one for one in archive.stored(name) if (name, one.sha256) not in recorded]
            assert len(archive.unrecorded(name)) == len(lost)


def test_an_address_that_is_not_due_keeps_no_mark(place: Place) -> None:
    with Server(reply(b"date,value\n2024-03-01,3\n")) as server:
        place.define(a=f"url: {server.site}/a.csv, allow_private: [localhost]", b="file: b.csv")
        refresher = Refresher(place.workspace, os.environ, lambda: place.now, retries=True)
        look(refresher)
        assert [run.outcome for result in refresher.arrivals(20) for run in result.runs] == ["received"]
        with suppress(OSError), refresher.archive.receiving(["a"], ["a"]):
            refresher.source("a").is_unrecorded = True
            raise OSError(ENOSPC, "No space left")
        assert list((place.state / "archive").glob("*.part"))
        look(refresher)
        assert list((place.state / "archive").glob("*.part")) == []
