"""Stored deliveries, each once and byte for byte, and the journal of runs."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.archive.deliveries import Archive
from dashboard.archive.journal import ArchiveError, Outcome, Run
from tests.examples import examples
from tests.refreshing import standing_rejections

AT = datetime(2026, 3, 1, 6, 15, tzinfo=UTC)


def run(outcome: Outcome = "received", minutes: int = 0, **more: Any) -> Run:
    return Run(at=AT + timedelta(minutes=minutes), outcome=outcome, **{"file": "a.csv", "address": "a.csv", **more})


def test_a_delivery_comes_back_byte_for_byte(tmp_path: Path) -> None:
    data = b"\xff\x00date,value\r\n" * 3
    sha256 = Archive(tmp_path).keep("s", data)
    assert sha256 == hashlib.sha256(data).hexdigest()
    assert Archive(tmp_path).data("s", sha256) == data


def test_the_same_bytes_are_stored_once(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    path = tmp_path / "archive" / "s" / "bytes" / archive.keep("s", b"x")
    before = path.stat().st_ino
    archive.keep("s", b"x")
    archive.keep("s", b"y")
    assert path.stat().st_ino == before
    assert len(list(path.parent.iterdir())) == 2


def test_only_its_owner_can_read_the_archive(tmp_path: Path) -> None:
    sha256 = Archive(tmp_path / "var").keep("s", b"x")
    for folder in (tmp_path / "var" / "archive" / "s" / "bytes" / sha256).parents[:4]:
        assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("damage", [b"", b"xy", b"y"])
def test_damaged_bytes_are_an_error_that_names_the_file_and_what_to_do(tmp_path: Path, damage: bytes) -> None:
    archive = Archive(tmp_path)
    sha256 = archive.keep("s", b"x")
    path = tmp_path / "archive" / "s" / "bytes" / sha256
    path.write_bytes(damage)
    with pytest.raises(ArchiveError, match=rf"{path}: damaged.*backup.*watchfloor rebuild"):
        archive.data("s", sha256)


def test_missing_bytes_are_an_error_that_names_the_file(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match=r"bytes/0a: a delivery of s is missing.*watchfloor rebuild"):
        Archive(tmp_path).data("s", "0a")


def test_damaged_bytes_are_replaced_when_the_same_delivery_arrives_again(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    sha256 = archive.keep("s", b"x")
    (tmp_path / "archive" / "s" / "bytes" / sha256).write_bytes(b"y")
    archive.keep("s", b"x")
    assert archive.data("s", sha256) == b"x"


@pytest.mark.parametrize(
    "recorded",
    [
        run(),
        run("seen again", headers={"ETag": '"a\\"', "mtime_ns": "1"}),
        run("rejected", sha256="ab", size=3, message='line 1: "x"\nis\u2028not CSV \ud800'),
        run("failed", message="김: 500", address="https://example.org/a.csv"),
        run(rows=1, quarantined=2, revised=3, dropped=4, layout={"separator": ";", "where": {"port": ["a", "b"]}}),
    ],
)
def test_a_run_survives_a_journal_line(recorded: Run) -> None:
    assert b"\n" not in recorded.as_line()
    assert Run.of_line(recorded.as_line()) == recorded


def test_a_line_of_an_old_version_without_a_count_of_dropped_figures_counts_none() -> None:
    line = json.loads(run(rows=1, revised=3, dropped=4).as_line())
    del line["dropped"]
    assert Run.of_line(json.dumps(line).encode()) == run(rows=1, revised=3)


def test_a_line_names_the_location_under_the_key_of_the_versions_before() -> None:
    line = json.loads(run(location="folder in (*.csv)").as_line())
    assert line["place"] == "folder in (*.csv)"
    assert "location" not in line
    del line["place"]
    assert Run.of_line(json.dumps(line).encode()).location == ""


def test_a_run_is_at_a_whole_second_with_a_zone_and_is_kept_in_utc() -> None:
    seoul = datetime(2026, 3, 1, 6, 15, tzinfo=timezone(timedelta(hours=9)))
    assert Run(at=seoul, outcome="failed", file="a", address="a").at.isoformat() == "2026-02-28T21:15:00+00:00"
    for problems in (datetime(2026, 3, 1), AT.replace(microsecond=1)):
        with pytest.raises(ValueError, match="whole second"):
            Run(at=problems, outcome="failed", file="a", address="a")


def test_runs_come_back_in_order_and_by_outcome(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    runs = [
        run(), run("seen again", 1), run(minutes=2, file="b.csv"), run("rejected", 3, file="b.csv"), run(minutes=4),
        run("failed", 5, message="no", headers={"outcome": "received"}),
    ]  # fmt: skip
    for recorded in runs:
        archive.record("s", recorded, durable=recorded.outcome != "seen again")
    assert archive.runs("s") == tuple(runs)
    assert archive.received("s") == (runs[0], runs[2], runs[4])
    log = archive.log("s", "folder in (*.csv)")
    assert log.in_force == {"a.csv": runs[4], "b.csv": runs[2]}
    assert (log.last, log.last_received) == (runs[5], runs[4])
    assert archive.sources() == ("s",)


def test_a_source_that_was_never_refreshed_has_no_runs(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "none")
    assert (archive.runs("s"), archive.received("s"), archive.sources()) == ((), (), ())
    log = archive.log("s", "file a.csv")
    assert (log.last, log.last_received) == (None, None)


@pytest.mark.parametrize("torn", [b"", b'{"outcome":"received","at', b"\x00" * 70_000])
@pytest.mark.parametrize("count", [0, 1, 3, 1000])
def test_a_truncated_last_line_is_ignored_in_a_journal_of_any_length(tmp_path: Path, count: int, torn: bytes) -> None:
    archive = Archive(tmp_path)
    runs = [
        run("seen again" if number else "received", number, message="x" * (number % 300)) for number in range(count)
    ]
    (tmp_path / "archive" / "s").mkdir(parents=True)
    (tmp_path / "archive" / "s" / "journal.jsonl").write_bytes(b"".join(one.as_line() + b"\n" for one in runs) + torn)
    log = archive.log("s", "file a.csv")
    assert log.last == (runs[-1] if runs else None)
    assert log.last_received == (runs[0] if runs else None)
    assert list(archive.runs("s")) == runs
    archive.record("s", run("failed", count))
    assert archive.runs("s") == (*runs, run("failed", count))


def test_an_invalid_journal_line_is_detected_anywhere(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.record("s", run("seen again"))
    journal = tmp_path / "archive" / "s" / "journal.jsonl"
    journal.write_bytes(b"not a run\n" + journal.read_bytes() * 1_000)
    for read in (archive.runs, lambda source: archive.log(source, "file a.csv")):
        with pytest.raises(ArchiveError, match=r"journal.jsonl: damaged.*b'not a run'.*watchfloor rebuild"):
            read("s")


@pytest.mark.parametrize("at", [0, 2, 20])
def test_a_damaged_line_that_may_have_recorded_a_delivery_is_an_error(tmp_path: Path, at: int) -> None:
    archive, journal = Archive(tmp_path), tmp_path / "archive" / "s" / "journal.jsonl"
    archive.record("s", run())
    archive.record("s", run(minutes=1))
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(lines[0] + lines[1][:at] + b"#" + lines[1][at + 1 :])
    for read in (
        archive.received, archive.count_received, archive.extent,
        lambda source: standing_rejections(archive, source, "file s.csv"),
    ):  # fmt: skip
        with pytest.raises(ArchiveError, match=r"journal.jsonl: damaged"):
            read("s")


@pytest.mark.parametrize("outcome", ["seen again", "failed"])
@pytest.mark.parametrize("damage", [b" ", b"\xff", b'"'])
def test_a_damaged_line_that_may_contain_the_next_one_is_an_error(
    tmp_path: Path, outcome: Outcome, damage: bytes
) -> None:
    archive, journal = Archive(tmp_path), tmp_path / "archive" / "s" / "journal.jsonl"
    for at, item in enumerate(("received", outcome, "rejected", "received")):
        archive.record("s", run(item, at))
    lines = journal.read_bytes().splitlines()
    journal.write_bytes(lines[0] + b"\n" + lines[1] + damage + lines[2] + b"\n" + lines[3] + b"\n")
    for read in (archive.received, archive.count_received):
        with pytest.raises(ArchiveError, match=r"journal.jsonl: damaged"):
            read("s")


def test_missing_bytes_and_bytes_of_another_size_are_reported(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    kept = [tmp_path / "archive/s/bytes" / archive.keep("s", data) for data in (b"one", b"two", b"three")]
    for path, size in zip(kept, (3, 3, 5), strict=True):
        archive.record("s", run(sha256=path.name, size=size))
    assert archive.discrepancies("s") == ((), ())
    kept[0].unlink()
    kept[2].write_bytes(b"thre")
    assert archive.discrepancies("s") == ((), (kept[0], kept[2]))


def test_rejected_bytes_are_not_missed(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    kept = [tmp_path / "archive/s/bytes" / archive.keep("s", data) for data in (b"one", b"two", b"html")]
    for path, outcome in zip(kept, ("received", "received", "rejected"), strict=True):
        archive.record("s", run(outcome, sha256=path.name, size=path.stat().st_size))
    archive.record("s", run("rejected", sha256=kept[1].name, size=3))
    for path in kept:
        path.unlink()
    assert archive.discrepancies("s") == ((), tuple(kept[:2]))


def test_a_truncated_line_records_no_bytes(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    path = tmp_path / "archive/s/bytes" / archive.keep("s", b"one")
    archive.record("s", run(sha256=path.name, size=3))
    journal = tmp_path / "archive/s/journal.jsonl"
    journal.write_bytes(journal.read_bytes()[:-1])
    assert archive.unrecorded("s") == (path,)


def test_bytes_that_are_being_received_are_not_unrecorded(tmp_path: Path) -> None:
    archive, reader = Archive(tmp_path), Archive(tmp_path)
    path = tmp_path / "archive/s/bytes" / archive.keep("s", b"one")
    before = reader.stamps("s")
    with archive.receiving("s"):
        assert reader.discrepancies("s") == ((), ())
        assert reader.stamps("s") != before
    assert reader.discrepancies("s") == ((path,), ())
    with suppress(OSError), archive.receiving("s"):
        raise OSError
    assert reader.unrecorded("s") == (path,)
    killed = archive.receiving("s")
    killed.__enter__()
    assert reader.unrecorded("s") == ()
    archive.sweep()  # as the next refresher does
    assert reader.unrecorded("s") == (path,)


A, B = "a" * 64, "b" * 64


@pytest.mark.parametrize(
    ("runs", "standing"),
    [
        ("received:A rejected:B", "B"),
        ("received:A rejected:B failed:", "B"),
        ("received:A rejected:B seen:B", "B"),
        ("received:A rejected:B seen:A", ""),
        ("received:A rejected:B seen:", ""),
        ("received:A rejected:B received:B", ""),
        ("rejected:B rejected:A", "A"),
        ("received:A seen:A", ""),
        ("", ""),
    ],
)
def test_a_rejection_stands_until_other_bytes_come(tmp_path: Path, runs: str, standing: str) -> None:
    archive, hashes = Archive(tmp_path), {"A": A, "B": B, "": ""}
    outcomes: dict[str, Outcome] = {
        "received": "received", "rejected": "rejected", "seen": "seen again", "failed": "failed"
    }  # fmt: skip
    for at, word in enumerate(runs.split()):
        outcome, _, sha256 = word.partition(":")
        archive.record("s", run(outcomes[outcome], at, sha256=hashes[sha256]))
    assert [one.sha256 for one in standing_rejections(archive, "s", "file s.csv")] == [hashes[one] for one in standing]


def test_a_rejection_keeps_its_day_when_its_file_is_deleted_or_unreadable(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.record("s", run("rejected", 1, sha256=B, message="bad"))
    archive.record("s", run("seen again", 2, message="the file is gone; what it brought before stays"))
    archive.record("s", run("rejected", 3, message="bad; it is gone"))
    (rejection,) = standing_rejections(archive, "s", "folder in (*.csv)")
    assert (rejection.at, rejection.message) == (run(minutes=1).at, "bad; it is gone")
    archive.record("s", run("seen again", 4))
    assert standing_rejections(archive, "s", "folder in (*.csv)") == ()


def test_rejections_of_a_folder_stand_file_by_file(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    for at, (outcome, file) in enumerate([("rejected", "a"), ("rejected", "b"), ("received", "a"), ("rejected", "c")]):
        archive.record("s", Run(at=AT + timedelta(minutes=at), outcome=outcome, file=file, address=""))  # type: ignore[arg-type]
    assert [one.file for one in standing_rejections(archive, "s", "folder in (*.csv)")] == ["b", "c"]
    assert [one.file for one in standing_rejections(archive, "s", "file s.csv")] == ["c"]


# --- checksums ---


@settings(max_examples=examples(20, 240), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(places=st.lists(st.integers(0, 10**6), min_size=1, max_size=20), other=st.integers(1, 255))
def test_a_changed_byte_anywhere_in_a_journal_is_detected(tmp_path: Path, places: list[int], other: int) -> None:
    archive, journal = Archive(tmp_path), tmp_path / "archive/s/journal.jsonl"
    if not journal.exists():
        for number, outcome in enumerate(get_args(Outcome)):
            archive.record("s", run(outcome, number, message='down: "x"', layout={"separator": ";"}, sha256=A, size=3))
    written = journal.read_bytes()
    archive.received("s")
    try:
        for place in {one % len(written) for one in (*places, len(written) - 1)}:
            flipped = bytearray(written)
            flipped[place] ^= other
            journal.write_bytes(flipped)
            with pytest.raises(ArchiveError, match="damaged"):
                archive.received("s")
    finally:
        journal.write_bytes(written)


def test_lines_of_the_version_before_have_no_checksum_and_are_read(tmp_path: Path) -> None:
    archive, journal = Archive(tmp_path), tmp_path / "archive/s/journal.jsonl"
    journal.parent.mkdir(parents=True)
    journal.write_bytes(run("rejected").as_line() + b"\n" + run(minutes=1).as_line() + b"\n")
    archive.record("s", run(minutes=2))
    assert [one.outcome for one in archive.runs("s")] == ["rejected", "received", "received"]
    assert archive.received("s") == (run(minutes=1), run(minutes=2))
    journal.write_bytes(journal.read_bytes().replace(b'"message"', b'"messagf"', 1))
    with pytest.raises(ArchiveError, match="damaged"):  # the name of a key
        archive.received("s")
