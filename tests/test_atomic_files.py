"""Files that are written whole, and journals whose torn lines are no lines."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dashboard.atomic_files import (
    PART,
    append_at,
    delete_partial_files,
    file_stamp,
    private_folder,
    read_lines,
    write_atomic,
)


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    write_atomic(tmp_path / "x", b"old")
    write_atomic(tmp_path / "x", b"new")
    assert (tmp_path / "x").read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_a_full_disk_leaves_what_stood_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_atomic(tmp_path / "x", b"old")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_atomic(tmp_path / "x", b"new")
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
    assert (tmp_path / "x").read_bytes() == b"old"


def test_bytes_are_appended_in_order(tmp_path: Path) -> None:
    for number in range(3):
        append_at(tmp_path / "journal", 2 * number, 2 * number, b"%d\n" % number, durable=number != 1)
    assert read_lines(tmp_path / "journal") == [b"0", b"1", b"2"]


@pytest.mark.parametrize("torn", [b"two", b"\xff", b"{", b"longer than what comes"])
def test_a_torn_line_is_no_line_and_the_next_writer_cuts_it(tmp_path: Path, torn: bytes) -> None:
    journal = tmp_path / "journal"
    journal.write_bytes(b"one\n" + torn)
    assert read_lines(journal) == [b"one"]
    append_at(journal, 4, 4 + len(torn), b"three\n")
    assert journal.read_bytes() == b"one\nthree\n"


def test_a_journal_of_one_torn_line_is_empty(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    journal.write_bytes(b"one")
    assert read_lines(journal) == []
    append_at(journal, 0, 3, b"two\n")
    assert read_lines(journal) == [b"two"]


def test_what_could_not_be_appended_durably_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = tmp_path / "journal"
    append_at(journal, 0, 0, b"one\n")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        append_at(journal, 4, 4, b"two\n")
    assert journal.read_bytes() == b"one\n"


def test_a_file_that_somebody_else_changed_is_left_alone(tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    journal.write_bytes(b"one\nmended by hand\n")
    with pytest.raises(OSError, match="somebody else has changed it"):
        append_at(journal, 4, 4, b"two\n")
    assert journal.read_bytes() == b"one\nmended by hand\n"


def test_what_a_killed_writer_left_is_swept(tmp_path: Path) -> None:
    (tmp_path / f"x.abc{PART}").write_bytes(b"half")
    write_atomic(tmp_path / "x", b"whole")
    delete_partial_files(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_a_folder_is_its_owners_alone(tmp_path: Path) -> None:
    assert private_folder(tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("written", ["write_atomic(path, b'x' * 1_000)", "append_at(path, 0, 0, b'x' * 1_000)"])
def test_a_full_disk_is_told_with_the_path(tmp_path: Path, written: str) -> None:
    """A limit on the size of files fails as a full disk does: when bytes are written, without a name."""
    code = f"""
import resource
from pathlib import Path
from dashboard.atomic_files import append_at, write_atomic
from dashboard.domain.errors import system_message
resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))
path = Path("board.json").absolute()
try:
    {written}
except OSError as error:
    print(system_message(error))
"""
    root = Path(__file__).parent.parent
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env={"PYTHONPATH": str(root)}, capture_output=True, text=True
    )
    assert run.stdout == f"{tmp_path / 'board.json'}: File too large\n"


def test_a_name_that_no_file_can_have_is_treated_as_a_missing_file(tmp_path: Path) -> None:
    assert file_stamp(tmp_path / "a\0.csv")[1:] == (-1, -1, -1)
