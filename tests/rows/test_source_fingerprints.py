"""The fingerprint of a source changes with all that its rows follow from, and with nothing else."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dashboard.archive.deliveries import Archive
from dashboard.archive.files.receiving_mark import ReceivingMark
from dashboard.rows.store.source_fingerprints import SourceFingerprints
from tests.archiving import change_lines, lose_all, overwrite, record_of, segments_of
from tests.receiving import part_of
from tests.refreshing import Place


def fingerprint(place: Place, name: str = "a", known: SourceFingerprints | None = None) -> object:
    fingerprints = known or SourceFingerprints(place.state)
    return fingerprints.of_all({name: place.workspace.catalog.sources[name]}, place.folder)


@pytest.fixture
def received(place: Place) -> Place:
    """A file and a folder, both received."""
    place.define(a="file: a.csv", b="folder: in")
    place.write("a.csv", "2024-03-01,7")
    place.write("in/b.csv", "2024-03-01,9")
    place.refresh()
    return place


def test_a_look_without_news_changes_no_fingerprint(received: Place) -> None:
    known = SourceFingerprints(received.state)
    before = [fingerprint(received, name, known) for name in "ab"]
    received.later(minutes=5).refresh("a", "b")
    assert received.outcomes("a") == ["received", "seen again"]
    assert [fingerprint(received, name, known) for name in "ab"] == before
    assert [fingerprint(received, name) for name in "ab"] == before


def receive(place: Place) -> None:
    place.write("in/b.csv", "2024-03-01,8")
    place.later(minutes=5).refresh()


def reject(place: Place) -> None:
    place.write("in/b.csv", "2024-03-01,x,y,z")
    place.later(minutes=5).refresh()


def delete_bytes(place: Place) -> None:
    lose_all(place.state, "b")


def truncate_bytes(place: Place) -> None:
    (path,) = segments_of(place.state)
    assert record_of(place.state, "b").end == path.stat().st_size
    overwrite(path, path.read_bytes()[:-1])


def begin_to_receive(place: Place) -> None:
    ReceivingMark(place.state / "archive").set(["b"])


def edit_rows(place: Place) -> None:
    path = part_of(place.state)
    path.write_bytes(path.read_bytes())


def cut_journal(place: Place) -> None:
    change_lines(place.state, "b", lambda lines: [line.replace(b"received", b"recieved") for line in lines])


def find_damage(place: Place) -> None:
    damages, record = Archive(place.state).damages, record_of(place.state, "b")
    damages.note(record.segment, record.offset, "damaged", damages.stamp(record.segment))


CHANGES = [
    receive, reject, delete_bytes, truncate_bytes, begin_to_receive, edit_rows, cut_journal, find_damage,
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_all_that_rows_follow_from_changes_the_fingerprint(received: Place, change: Callable[[Place], None]) -> None:
    known = SourceFingerprints(received.state)
    before = fingerprint(received, "b", known)
    change(received)
    assert fingerprint(received, "b", known) != before
    assert fingerprint(received, "b", known) == fingerprint(received, "b")


def test_an_edited_file_changes_the_fingerprint_before_it_is_received(received: Place) -> None:
    before = fingerprint(received, "a"), fingerprint(received, "b")
    received.write("a.csv", "2024-03-01,6")
    assert fingerprint(received, "a") != before[0]
    assert fingerprint(received, "b") == before[1]
    (received.folder / "a.csv").unlink()
    assert fingerprint(received, "a") != before[0]


def test_a_source_that_was_never_received_has_a_fingerprint(place: Place) -> None:
    place.define(a="file: a.csv")
    before = fingerprint(place)
    place.write("a.csv", "2024-03-01,7")
    assert fingerprint(place) != before
