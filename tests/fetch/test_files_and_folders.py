"""Files and drop folders on a real file system, with every kind of entry that these can hold."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dashboard.catalog.source import Source
from dashboard.fetch.contract import FetchedFile, FetchError, Limits, Look

NOW = datetime(2024, 6, 14, 12, tzinfo=UTC)
Headers = Mapping[str, Mapping[str, str]]


def look(root: Path, marks: Headers | None = None, /, *, max_bytes: int = 1000, **keys: Any) -> tuple[FetchedFile, ...]:
    source = Source.model_validate({"title": "x", **keys})
    return source.origin.fetch(Look(root, marks or {}, {}, NOW, Limits(max_bytes=max_bytes)))


def fetch_error(root: Path, /, **keys: Any) -> FetchError:
    with pytest.raises(FetchError) as caught:
        look(root, **keys)
    assert "\n" not in str(caught.value)
    assert ";" in str(caught.value)  # between what happened and what to do
    return caught.value


def marks_of(files: tuple[FetchedFile, ...]) -> Headers:
    return {file.file: file.headers for file in files}


def put(path: Path, data: bytes = b"date,value\n", age: float = 60) -> Path:
    """A file that changed `age` seconds before NOW."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    os.utime(path, (0, NOW.timestamp() - age))
    return path


@pytest.fixture
def drop(tmp_path: Path) -> Path:
    folder = tmp_path / "catalogue" / "drop"
    folder.mkdir(parents=True)
    return folder


def test_a_file_is_fetched_again_only_when_it_has_changed(tmp_path: Path) -> None:
    path = put(tmp_path / "data" / "x.csv")
    first = look(tmp_path, file="data/x.csv")
    assert [(file.data, file.file, file.address) for file in first] == [(b"date,value\n", "data/x.csv", str(path))]
    assert look(tmp_path, marks_of(first), file="data/x.csv") == ()
    put(path, b"date,value\n2024,1\n")
    assert look(tmp_path, marks_of(first), file="data/x.csv")[0].data == b"date,value\n2024,1\n"


def test_an_unchanged_file_is_refused_once_a_link_leads_out_to_it(tmp_path: Path) -> None:
    """Moving a folder changes no mark of the files in it."""
    catalogue = tmp_path / "catalogue"
    put(catalogue / "data" / "x.csv")
    first = look(catalogue, file="data/x.csv")
    (catalogue / "data").rename(tmp_path / "elsewhere")
    (catalogue / "data").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FetchError, match="leads out of the catalogue's folder"):
        look(catalogue, marks_of(first), file="data/x.csv")


def test_a_change_that_keeps_size_and_mtime_is_noticed(tmp_path: Path) -> None:
    path = put(tmp_path / "x.csv", b"value\n1\n")
    first = look(tmp_path, file="x.csv")
    put(path, b"value\n2\n")
    assert look(tmp_path, marks_of(first), file="x.csv")[0].data == b"value\n2\n"


@pytest.mark.parametrize("age", [0, 1.5, -3600])
def test_a_file_that_changed_just_now_is_read_and_read_again(tmp_path: Path, age: float) -> None:
    put(tmp_path / "x.csv", age=age)
    first = look(tmp_path, file="x.csv")
    assert look(tmp_path, marks_of(first), file="x.csv") == first


def test_a_link_within_the_folder_is_followed(tmp_path: Path) -> None:
    path = put(tmp_path / "data" / "june.csv")
    (tmp_path / "newest.csv").symlink_to(path)
    (files,) = look(tmp_path, file="newest.csv")
    assert (files.file, files.address) == ("newest.csv", str(path))


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("none.csv", "none.csv: no such file; put it there"),
        ("../outside.csv", "leads out of the catalogue's folder"),
        ("/etc/hostname", "leads out of the catalogue's folder"),
        ("link.csv", "leads out of the catalogue's folder"),
        ("linked/outside.csv", "leads out of the catalogue's folder"),
        ("circle.csv", "cannot be read: Too many levels of symbolic links"),
        ("drop", "is a folder, not a file"),
        ("pipe.csv", "is a pipe, not a file"),
        ("socket.csv", "is a socket, not a file"),
        ("large.csv", "is larger than 1,000 bytes"),
        ("large.csv/x", "cannot be read: Not a directory"),
        ("nul\0.csv", "cannot be read: embedded null byte"),
        ("x" * 300, "cannot be read: File name too long"),
    ],
)
def test_only_plain_files_below_the_catalogue_are_read(
    drop: Path, file: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = drop.parent
    put(catalogue.parent / "outside.csv")
    (catalogue / "link.csv").symlink_to(catalogue.parent / "outside.csv")
    (catalogue / "linked").symlink_to(catalogue.parent)
    (catalogue / "circle.csv").symlink_to("circle.csv")
    os.mkfifo(catalogue / "pipe.csv")
    put(catalogue / "large.csv", b"x" * 1001)
    monkeypatch.chdir(catalogue)  # because the path of a socket must be short
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket.csv")
        assert message in str(fetch_error(catalogue, file=file))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_read_permission_is_an_error(tmp_path: Path) -> None:
    put(tmp_path / "x.csv").chmod(0)
    assert "cannot be read: Permission denied" in str(fetch_error(tmp_path, file="x.csv"))


def test_a_file_that_grows_while_it_is_read_is_left_for_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = put(tmp_path / "x.csv")
    stat = os.fstat

    def add_a_row(handle: int) -> os.stat_result:
        files = stat(handle)
        with path.open("ab") as file:
            file.write(b"2024,1\n")
        return files

    monkeypatch.setattr(os, "fstat", add_a_row)
    assert "is being written just now" in str(fetch_error(tmp_path, file="x.csv"))


def test_the_files_of_a_folder_are_fetched_in_order_and_once(drop: Path) -> None:
    for name in ("b.csv", "a.csv", "C.CSV"):
        put(drop / name, name.encode())
    put(drop / "below" / "d.csv")
    files = look(drop.parent, folder="drop/")
    assert [(file.file, file.data) for file in files] == [
        ("drop/C.CSV", b"C.CSV"),
        ("drop/a.csv", b"a.csv"),
        ("drop/b.csv", b"b.csv"),
    ]
    assert look(drop.parent, marks_of(files), folder="drop/") == ()
    put(drop / "a.csv", b"new")
    assert [file.file for file in look(drop.parent, marks_of(files), folder="drop")] == ["drop/a.csv"]


def test_unchanged_files_of_a_folder_are_not_opened(drop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(100):
        put(drop / f"{number}.csv")
    files = look(drop.parent, max_bytes=10_000, folder="drop")

    def opened(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(os, "open", opened)
    assert len(files) == 100
    assert look(drop.parent, marks_of(files), folder="drop") == ()


@pytest.mark.parametrize(
    "name", ["x.csv.part", "x.tmp", "x.TMP", "x.csv~", ".x.csv", "~$x.csv", ".~lock.x.csv#", "x.txt"]
)
def test_hidden_unfinished_and_unmatched_files_are_not_read(drop: Path, name: str) -> None:
    put(drop / name)
    glob = "*.csv" if name.endswith("txt") else "*"
    assert look(drop.parent, folder="drop", glob=glob) == ()


@pytest.mark.parametrize(("age", "files"), [(0, 0), (1.9, 0), (2, 1), (-1, 0)])
def test_a_file_of_a_folder_is_fetched_two_seconds_after_its_last_change(drop: Path, age: float, files: int) -> None:
    put(drop / "x.csv", age=age)
    assert len(look(drop.parent, folder="drop")) == files


def test_a_refused_file_does_not_keep_the_others_back(drop: Path) -> None:
    put(drop / "good.csv")
    put(drop / "z good.csv")
    put(drop / "large.csv", b"x" * 1001)
    put(drop / "later.csv", age=-3600)
    put(drop / "line\nbreak.csv")
    put(Path(os.fsdecode(os.fsencode(drop) + b"/\xff.csv")))
    (drop / "folder.csv").mkdir()
    (drop / "gone.csv").symlink_to("nowhere")
    (drop / "link.csv").symlink_to(put(drop.parent.parent / "outside.csv"))
    os.mkfifo(drop / "pipe.csv")
    error = fetch_error(drop.parent, folder="drop")
    assert [file.file for file in error.fetched] == ["drop/good.csv", "drop/z good.csv"]
    parts = str(error).split(" | ")
    assert [part.split(":")[0] for part in parts[:-1]] == [
        "drop/folder.csv",
        "drop/gone.csv",
        "drop/large.csv",
        "drop/later.csv",
        "'drop/line\\nbreak.csv'",
    ]
    assert parts[-1] == "and 3 more"
    assert [file.file for file in error.refused[5:]] == ["drop/link.csv", "drop/pipe.csv", "'drop/\\udcff.csv'"]
    assert "is a link that leads nowhere; put the file" in error.refused[1].message


def test_a_link_out_of_the_folder_is_refused_by_name(drop: Path) -> None:
    (drop / "link.csv").symlink_to(put(drop.parent.parent / "outside.csv"))
    error = fetch_error(drop.parent, folder="drop")
    assert "drop/link.csv: leads out of the catalogue's folder" in str(error)
    assert error.fetched == ()


def test_files_beyond_the_limit_of_a_look_are_announced_and_fetched_next(drop: Path) -> None:
    for name in ("a", "b", "c"):
        put(drop / f"{name}.csv", b"x" * 400)
    error = fetch_error(drop.parent, folder="drop")
    assert "drop: 1 more files wait, a look takes 1,000 bytes; look again" in str(error)
    (last,) = look(drop.parent, marks_of(error.fetched), folder="drop")
    assert last.file == "drop/c.csv"


@pytest.mark.parametrize(
    ("folder", "glob", "message"),
    [
        ("none", "*", "none: no such file"),
        ("file.csv", "*", "file.csv: cannot be read: Not a directory"),
        ("..", "*", "leads out of the catalogue's folder"),
        ("out", "*", "leads out of the catalogue's folder"),
        ("drop", "../*", 'glob: "../*" names folders'),
        ("drop", "**/*.csv", 'glob: "**/*.csv" names folders'),
    ],
)
def test_a_path_that_is_no_folder_is_refused(drop: Path, folder: str, glob: str, message: str) -> None:
    put(drop.parent / "file.csv")
    (drop.parent / "out").symlink_to(drop.parent.parent)
    assert message in str(fetch_error(drop.parent, folder=folder, glob=glob))


def test_a_folder_without_files_has_nothing_new(drop: Path) -> None:
    assert look(drop.parent, folder="drop") == ()
