"""A drop folder, refreshed: each file is a whole of its own, and what is refused stays an error until it is mended."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.refreshing import NOON, Place


def test_each_file_of_a_folder_is_a_delivery_of_its_own(place: Place) -> None:
    place.define(drop="folder: drop")
    place.write("drop/a.csv", "2024-03-01,1", "2024-03-02,2")
    place.write("drop/b.csv", "2024-03-03,3")
    place.refresh()
    place.later(hours=1).write("drop/a.csv", "2024-03-01,4", "2024-03-02,2")
    place.refresh()
    assert place.values("drop") == [4, 2, 3]
    assert [(run.file, run.outcome) for run in place.runs("drop")] == [
        ("drop/a.csv", "received"), ("drop/b.csv", "received"), ("drop/a.csv", "received"),
    ]  # fmt: skip


def test_a_bad_file_is_rejected_alone_until_a_good_file_of_its_name_comes(place: Place) -> None:
    place.define(drop="folder: drop")
    place.write("drop/a.csv", "2024-03-01,1")
    bad = place.write("drop/b.csv", "2024-03-03,3")
    bad.write_text("nothing,of,ours\n1,2,3\n")
    os.utime(bad, (NOON.timestamp() - 60, NOON.timestamp() - 60))
    done = place.refresh()
    assert not done.is_well
    assert place.values("drop") == [1]
    place.later(hours=1).write("drop/c.csv", "2024-03-04,4")
    assert not place.refresh().is_well
    bad.unlink()
    for _ in range(2):
        assert not place.later(hours=1).refresh().is_well
    assert place.outcomes("drop") == ["received", "rejected", "received", "rejected"]  # that it is gone is told once
    assert "it is gone, and what it held is not known" in place.runs("drop")[-1].message
    assert place.verdict("drop")["data_state"] == "error"
    place.write("drop/b.csv")
    assert place.later(hours=1).refresh().is_well
    assert place.verdict("drop")["data_state"] == "fresh"
    assert place.values("drop") == [1, 4]


def test_an_emptied_folder_ends_no_rejection(place: Place) -> None:
    place.define(drop="folder: drop")
    place.write("drop/a.csv", "2024-03-01,1")
    place.write("drop/b.csv", "2024-03-01,9").write_text("date;value\n2024-03-01;9\n")
    os.utime(place.folder / "drop/b.csv", (NOON.timestamp() - 60,) * 2)
    assert not place.refresh().is_well
    (place.folder / "drop").rename(place.folder / "away")
    (place.folder / "drop").mkdir()
    assert not place.later(hours=1).refresh().is_well
    assert place.verdict("drop")["data_state"] == "error"
    (place.folder / "drop").rmdir()
    (place.folder / "away").rename(place.folder / "drop")
    assert not place.later(hours=1).refresh().is_well
    assert "it is gone" not in place.runs("drop")[-1].message


UNREADABLE = {
    "tomorrow": "changed in the future, so nobody knows if it is whole",
    "leads nowhere": "is a link that leads nowhere; put the file that it names back, or the file itself in its place",
    "leads out": "leads out of the catalogue's folder",
    "folder": "is a folder, not a file",
}


def _unreadable(place: Place, path: Path, fault: str) -> None:
    if fault == "tomorrow":
        place.write("drop/b.csv", "2024-03-02,9")
        os.utime(path, (NOON.timestamp() + 86400,) * 2)
    elif fault == "folder":
        path.mkdir()
        os.utime(path, (NOON.timestamp() - 60,) * 2)
    elif fault == "leads nowhere":
        path.symlink_to("nowhere")
    else:
        path.symlink_to(place.write(f"../outside {place.folder.name}.csv", "2024-03-02,9"))


@pytest.mark.parametrize("fault", UNREADABLE)
def test_a_file_of_a_folder_that_cannot_be_read_is_an_error_until_a_good_one_of_its_name_comes(
    place: Place, fault: str
) -> None:
    place.define(drop="folder: drop")
    place.write("drop/a.csv", "2024-03-01,1")
    path = place.folder / "drop/b.csv"
    _unreadable(place, path, fault)
    for _ in range(2):
        assert not place.refresh().is_well
    outcomes = [(run.file, run.outcome) for run in place.runs("drop")]
    assert outcomes == [("drop/a.csv", "received"), ("drop/b.csv", "rejected")]  # told once, under its own name
    assert UNREADABLE[fault] in place.runs("drop")[-1].message
    assert (place.verdict("drop")["severity"], place.verdict("drop")["data_state"]) == (None, "error")
    path.rmdir() if fault == "folder" else path.unlink()
    assert not place.later(hours=1).refresh().is_well
    place.write("drop/b.csv", "2024-03-02,2")
    assert place.refresh().is_well
    assert place.verdict("drop")["severity"] == "normal"
    assert place.values("drop") == [1, 2]


def test_a_file_that_can_be_read_again_as_it_was_is_seen_again(place: Place) -> None:
    place.define(drop="folder: drop")
    (place.folder / "kept").mkdir()
    target = place.write("kept/a.csv", "2024-03-01,1")
    (place.folder / "drop").mkdir()
    (place.folder / "drop/a.csv").symlink_to(target)
    place.refresh()
    (place.folder / "kept").rename(place.folder / "away")
    assert not place.later(hours=1).refresh().is_well
    (place.folder / "away").rename(place.folder / "kept")  # its time of change is the one that was received
    assert place.later(hours=1).refresh().is_well
    assert place.outcomes("drop") == ["received", "rejected", "seen again"]
    assert place.verdict("drop")["data_state"] == "fresh"


def test_a_file_whose_name_is_refused_is_an_error_until_it_is_renamed(place: Place) -> None:
    place.define(drop="folder: drop")
    bad = place.write("drop/b\n.csv", "2024-03-01,1")
    assert not place.refresh().is_well
    assert place.verdict("drop")["data_state"] == "error"
    bad.rename(place.folder / "drop/b.csv")
    assert place.later(hours=1).refresh().is_well
    assert place.verdict("drop")["data_state"] == "fresh"
    assert place.runs("drop")[-1].message == "no file has this name any more"


def test_a_missing_folder_makes_no_figure_wrong(place: Place) -> None:
    place.define(drop="folder: drop")
    place.write("drop/a.csv", "2024-03-01,1")
    place.refresh()
    (place.folder / "drop").rename(place.folder / "away")
    assert not place.later(hours=1).refresh().is_well
    assert place.runs("drop")[-1].outcome == "failed"
    assert place.verdict("drop")["data_state"] == "fresh"
