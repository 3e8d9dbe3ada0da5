"""Stored deliveries, each once and byte for byte, and the journal of runs."""

from __future__ import annotations

import hashlib
import json
import os
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.archive.audit import problems_of_archive
from dashboard.archive.deliveries import Archive
from dashboard.archive.files import segment_files
from dashboard.archive.files.index import index_of
from dashboard.archive.files.journal_file import JournalFile
from dashboard.archive.journal import ArchiveError, Outcome, Run
from tests.archiving import damage_delivery, journal_of, lines_of, lose_delivery, overwrite, segments_of
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
    archive.keep("s", b"x")
    (segment,) = segments_of(tmp_path)
    before = segment.read_bytes()
    archive.keep_all([("s", b"x"), ("s", b"x")])
    assert segment.read_bytes() == before
    archive.keep_all([("s", b"y"), ("s", b"x"), ("s", b"y")])
    assert len(archive.stored("s")) == 2
    assert segment.read_bytes().startswith(before)
    assert segment.read_bytes().count(b'"source"') == 2


def test_deliveries_of_many_sources_are_one_write_and_one_sync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive, synced = Archive(tmp_path), list[int]()
    archive.keep("s", b"first")
    archive.record("s", run())
    monkeypatch.setattr(os, "fsync", synced.append)
    checksums = archive.keep_all([(f"s{number}", b"%d" % number * 99) for number in range(50)])
    assert len(synced) == 1
    archive.record_all([(f"s{number}", run(sha256=checksum)) for number, checksum in enumerate(checksums)])
    assert len(synced) == 2
    archive.record_all([(f"s{number}", run("seen again")) for number in range(50)])
    assert len(synced) == 2
    assert [archive.data(f"s{number}", checksums[number]) for number in range(50)] == [
        b"%d" % number * 99 for number in range(50)
    ]


def test_only_its_owner_can_read_the_archive(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "var")
    archive.keep("s", b"x")
    archive.record("s", run())
    for folder in (tmp_path / "var", tmp_path / "var" / "archive"):
        assert folder.stat().st_mode & 0o777 == 0o700
    for file in (tmp_path / "var" / "archive").iterdir():
        assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("data", [b"x", b"0123456789" * 99], ids=["as they are", "compressed"])
def test_damaged_bytes_are_an_error_that_names_the_file_and_what_to_do(tmp_path: Path, data: bytes) -> None:
    archive = Archive(tmp_path)
    archive.keep("t", b"before it")
    sha256 = archive.keep("s", data)
    damage_delivery(tmp_path, "s")
    (segment,) = segments_of(tmp_path)
    with pytest.raises(ArchiveError, match=rf"{segment}, byte \d+, delivery {sha256} of s: damaged.*rebuild"):
        archive.data("s", sha256)
    assert archive.data("t", hashlib.sha256(b"before it").hexdigest()) == b"before it"


def test_missing_bytes_are_an_error_that_names_the_source(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match=r"delivery 0a of s is missing from the archive.*watchfloor rebuild"):
        Archive(tmp_path).data("s", "0a")


def test_damaged_bytes_are_replaced_when_the_same_delivery_arrives_again(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    sha256 = archive.keep("s", b"x")
    damage_delivery(tmp_path, "s")
    archive.keep("s", b"x")
    assert archive.data("s", sha256) == b"x"
    assert [record.sha256 for record in archive.stored("s")] == [sha256]


@pytest.mark.parametrize("left", range(0, 200, 7))
def test_a_record_that_a_killed_writer_left_unfinished_is_ignored_and_replaced(tmp_path: Path, left: int) -> None:
    archive = Archive(tmp_path)
    before = archive.keep("s", b"whole" * 50)
    (segment,) = segments_of(tmp_path)
    whole = segment.read_bytes()
    archive.keep("s", bytes(range(256)))
    overwrite(segment, segment.read_bytes()[: len(whole) + left])
    assert [record.sha256 for record in archive.stored("s")] == [before]
    after = Archive(tmp_path).keep("s", b"later" * 50)
    assert segments_of(tmp_path) == [segment]
    assert segment.read_bytes().startswith(whole)
    assert (archive.data("s", before), archive.data("s", after)) == (b"whole" * 50, b"later" * 50)
    assert archive.damaged_stretches() == []


def test_a_full_segment_is_continued_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segment_files, "FULL", 300)
    archive = Archive(tmp_path)
    checksums = [archive.keep("s", b"%d" % number) for number in range(9)]
    assert [path.name for path in segments_of(tmp_path)] == [f"00000{number}.segment" for number in (1, 2, 3, 4, 5)]
    assert [archive.data("s", checksum) for checksum in checksums] == [b"%d" % number for number in range(9)]


def both_processes(archive: Archive) -> tuple[Archive, Archive]:
    """The archive as a process knows it that went on, and as another one reads it."""
    index_of.cache_clear()
    return archive, Archive(archive.folder.parent)


@pytest.mark.parametrize(
    "name", ["000000.segment", "000007.segment", "old.segment", "9.segment", "0000012.segment", "999999.segment"]
)
@pytest.mark.parametrize("sort", ["link to nowhere", "link to itself", "folder", "copy", "nothing"])
def test_a_stray_file_concerns_no_segment_and_is_named(tmp_path: Path, name: str, sort: str) -> None:
    archive = Archive(tmp_path)
    first = archive.keep("s", b"first" * 99)
    stray = archive.folder / name
    if sort == "folder":
        stray.mkdir()
    elif sort.startswith("link"):
        stray.symlink_to(tmp_path / "nowhere" if sort == "link to nowhere" else stray)
    else:
        stray.write_bytes(segments_of(tmp_path)[0].read_bytes() if sort == "copy" else b"")
    for number in range(3):
        other = archive.keep("s", b"other %d" % number)
        for process in both_processes(archive):
            assert process.data("s", first) == b"first" * 99
            assert process.data("s", other) == b"other %d" % number
    problems = [problem.file for problem in problems_of_archive(archive)]
    is_empty_segment = sort == "nothing" and name in ("000007.segment", "999999.segment")
    assert [file for file in problems if name in file] or is_empty_segment
    assert all(name in file for file in problems)


def test_segments_are_in_the_order_of_their_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segment_files, "FULL", 1)
    archive = Archive(tmp_path)
    archive.folder.mkdir()
    (archive.folder / "999998.segment").touch()
    for number in range(4):
        archive.keep("old", b"%d" % number)
        if number == 1:
            archive.rename("old", "new")
    for process in both_processes(archive):
        assert [record.segment for record in process.all_stored()] == [
            f"{number}.segment" for number in (999_998, 999_999, 1_000_000, 1_000_001)
        ]
        assert (len(process.stored("new")), len(process.stored("old"))) == (2, 2)


def test_a_listing_during_a_compaction_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive, listed = Archive(tmp_path), segment_files._segments_in
    sha256 = archive.keep("s", b"bytes")
    listings: list[dict[str, os.stat_result]] = [{}]
    monkeypatch.setattr(segment_files, "_segments_in", lambda folder: listings.pop() if listings else listed(folder))
    assert archive.discrepancies("s")[0]
    assert archive.data("s", sha256) == b"bytes"


@settings(max_examples=examples(20, 240), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    batches=st.lists(
        st.lists(st.tuples(st.sampled_from(["a", 'b"\\', "김"]), st.binary(max_size=300)), max_size=5), max_size=5
    )
)
def test_another_process_reads_what_one_that_went_on_reads(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[tuple[str, bytes]]]
) -> None:
    state = tmp_path_factory.mktemp("archive")
    writer = Archive(state)
    for batch in batches:
        checksums = writer.keep_all(batch)
        writer.record_all([(name, run(sha256=sha256)) for (name, _), sha256 in zip(batch, checksums, strict=True)])
        index_of.cache_clear()
        reader = Archive(state)
        assert reader.sources() == writer.sources()
        for name in reader.sources():
            assert reader.stamps(name) == writer.stamps(name)
            assert reader.runs(name) == writer.runs(name)
            assert reader.log(name, "file a.csv") == writer.log(name, "file a.csv")
            assert reader.stored(name) == writer.stored(name)
    for name, data in (delivery for batch in batches for delivery in batch):
        assert writer.data(name, hashlib.sha256(data).hexdigest()) == data


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
    assert b"\n" not in recorded.as_line("s")
    assert Run.of_line(recorded.as_line("s")) == recorded


def test_a_line_of_an_old_version_without_a_count_of_dropped_figures_counts_none() -> None:
    line = json.loads(run(rows=1, revised=3, dropped=4).as_line("s"))
    del line["dropped"]
    assert Run.of_line(json.dumps(line).encode()) == run(rows=1, revised=3)


def test_a_line_names_the_location_under_the_key_of_the_versions_before() -> None:
    line = json.loads(run(location="folder in (*.csv)").as_line("s"))
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
        archive.record("s", recorded)
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
    journal_of(tmp_path).parent.mkdir(parents=True)
    journal_of(tmp_path).write_bytes(b"".join(one.as_line("s") + b"\n" for one in runs) + torn)
    log = archive.log("s", "file a.csv")
    assert log.last == (runs[-1] if runs else None)
    assert log.last_received == (runs[0] if runs else None)
    assert list(archive.runs("s")) == runs
    archive.record("s", run("failed", count))
    assert archive.runs("s") == (*runs, run("failed", count))


def test_an_invalid_journal_line_is_detected_anywhere(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.record("s", run("seen again"))
    journal = journal_of(tmp_path)
    overwrite(journal, b"not a run\n" + journal.read_bytes() * 1_000)
    for read in (archive.runs, lambda source: archive.log(source, "file a.csv")):
        for source in ("s", "another, since nobody knows whose the line was"):
            with pytest.raises(ArchiveError, match=r"journal.jsonl: damaged, line 1 .*b'not a run'.*rebuild"):
                read(source)


@pytest.mark.parametrize("at", [0, 2, 20, 40, 100, -60, -20])
def test_a_damaged_line_that_may_have_recorded_a_delivery_is_an_error(tmp_path: Path, at: int) -> None:
    archive = Archive(tmp_path)
    for source, minutes in (("other", 0), ("s", 0), ("s", 1), ("another", 0)):
        archive.record(source, run(minutes=minutes))
    line = lines_of(tmp_path, "s")[1]
    overwrite(journal_of(tmp_path), journal_of(tmp_path).read_bytes().replace(line, line[:at] + b"#" + line[at + 1 :]))
    for read in (
        archive.received, archive.count_received,
        lambda source: standing_rejections(archive, source, "file s.csv"),
    ):  # fmt: skip
        with pytest.raises(ArchiveError, match=r"journal.jsonl: damaged, line 3"):
            read("s")
        for source in ("other", "another"):
            read(source)


@pytest.mark.parametrize("outcome", ["seen again", "failed"])
@pytest.mark.parametrize("damage", [b" ", b"\xff", b'"'])
def test_a_damaged_line_that_may_contain_the_next_one_is_an_error_of_both_sources(
    tmp_path: Path, outcome: Outcome, damage: bytes
) -> None:
    archive, journal = Archive(tmp_path), journal_of(tmp_path)
    outcomes: list[Outcome] = ["received", outcome, "rejected", "received"]
    archive.record_all([(source, run(item)) for source, item in zip("asta", outcomes, strict=True)])
    lines = journal.read_bytes().splitlines()
    overwrite(journal, lines[0] + b"\n" + lines[1] + damage + lines[2] + b"\n" + lines[3] + b"\n")
    for read in (archive.received, archive.count_received):
        for source in "st":
            with pytest.raises(ArchiveError, match=r"journal.jsonl: damaged"):
                read(source)
        read("a")


def test_a_line_cut_in_two_is_an_error_of_its_source_alone(tmp_path: Path) -> None:
    archive, journal = Archive(tmp_path), journal_of(tmp_path)
    archive.record_all([(source, run()) for source in "ast"])
    line = lines_of(tmp_path, "s")[0]
    for at in range(len(line) - 1):
        overwrite(journal, b"".join([*lines_of(tmp_path, "a"), line[:at], b"\n", line[at + 1 :]]))
        with pytest.raises(ArchiveError, match=r"journal.jsonl: damaged"):
            archive.received("s")
        archive.received("a")


def test_other_sources_are_recorded_beside_a_damaged_line_which_stays(tmp_path: Path) -> None:
    archive, journal = Archive(tmp_path), journal_of(tmp_path)
    archive.record_all([("s", run()), ("t", run())])
    line = lines_of(tmp_path, "t")[0]
    for damaged in (line[:-1] + b"#", line.replace(b"received", b"recieved")):
        overwrite(journal, lines_of(tmp_path, "s")[0] + damaged)
        archive.record("s", run("failed", 1))
        assert [one.outcome for one in archive.runs("s")] == ["received", "failed"]
        if damaged.endswith(b"#"):  # only the line break was another byte, and the line is whole
            assert archive.received("t") == (run(),)
        else:
            with pytest.raises(ArchiveError, match=r"journal.jsonl: damaged"):
                archive.received("t")


def test_missing_bytes_and_bytes_of_another_size_are_reported(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    kept = [archive.keep("s", data) for data in (b"one", b"two", b"three")]
    for sha256, size in zip(kept, (3, 3, 4), strict=True):
        archive.record("s", run(sha256=sha256, size=size))
    lose_delivery(tmp_path, "s", kept[0])
    assert lost(archive) == [kept[0], kept[2]]
    segments_of(tmp_path)[0].unlink()
    assert lost(archive) == kept


def lost(archive: Archive) -> list[str]:
    unrecorded, missing = archive.discrepancies("s")
    assert unrecorded == ()
    return [text.split()[2] for text in missing]


def test_rejected_bytes_are_not_missed(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    kept = [archive.keep("s", data) for data in (b"one", b"two", b"html")]
    for sha256, outcome in zip(kept, ("received", "received", "rejected"), strict=True):
        archive.record("s", run(outcome, sha256=sha256, size=4 if outcome == "rejected" else 3))
    archive.record("s", run("rejected", sha256=kept[1], size=3))
    assert lost(archive) == []
    lose_delivery(tmp_path, "s", kept[2])
    assert lost(archive) == kept[2:]  # something that was there is damaged
    segments_of(tmp_path)[0].unlink()
    assert lost(archive) == kept[:2]


def test_a_truncated_line_records_no_bytes(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    sha256 = archive.keep("s", b"one")
    archive.record("s", run(sha256=sha256, size=3))
    journal = journal_of(tmp_path)
    overwrite(journal, journal.read_bytes()[:-2])
    (text,) = archive.unrecorded("s")
    assert f"delivery {sha256} of s" in text


def test_bytes_that_are_being_received_are_not_unrecorded(tmp_path: Path) -> None:
    archive, reader = Archive(tmp_path), Archive(tmp_path)
    archive.keep_all([("s", b"one"), ("t", b"one")])
    before = reader.stamps("s")
    unrecorded = reader.unrecorded("s")
    assert len(unrecorded) == 1
    with archive.receiving(["s"]):
        assert reader.discrepancies("s") == ((), ())
        assert reader.stamps("s") != before
        assert len(reader.unrecorded("t")) == 1
        with archive.receiving(["t"]):
            assert (reader.unrecorded("s"), reader.unrecorded("t")) == ((), ())
        assert len(reader.unrecorded("t")) == 1
    assert reader.discrepancies("s") == (unrecorded, ())
    with suppress(OSError), archive.receiving(["s", "t"]):
        raise OSError
    assert reader.unrecorded("s") == unrecorded
    with suppress(OSError), archive.receiving(["s", "t"], tried_again=["s"]):
        raise OSError
    assert (reader.unrecorded("s"), len(reader.unrecorded("t"))) == ((), 1)
    with archive.receiving(["s"]):
        pass
    assert reader.unrecorded("s") == unrecorded
    killed = archive.receiving(["s"])
    killed.__enter__()
    assert reader.unrecorded("s") == ()
    archive.sweep()  # as the next refresher does
    assert reader.unrecorded("s") == unrecorded


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
def test_a_changed_byte_anywhere_in_a_journal_is_detected_and_is_one_sources_error(
    tmp_path: Path, places: list[int], other: int
) -> None:
    archive, journal = Archive(tmp_path), journal_of(tmp_path)
    if not journal.exists():
        archive.record("t", run())
        for number, outcome in enumerate(get_args(Outcome)):
            archive.record("s", run(outcome, number, message='down: "x"', layout={"separator": ";"}, sha256=A, size=3))
        archive.record("s", run(minutes=9))
    written = journal.read_bytes()
    archive.received("s")
    begin = len(lines_of(tmp_path, "t")[0])
    try:
        for place in {begin + one % (len(written) - begin) for one in (*places, len(written) - begin - 1)}:
            flipped = bytearray(written)
            flipped[place] ^= other
            overwrite(journal, bytes(flipped))
            with pytest.raises(ArchiveError, match="damaged"):
                archive.received("s")
            assert archive.received("t") == (run(),)
    finally:
        overwrite(journal, written)


def overwritten(size: int) -> st.SearchStrategy[bytes]:
    """What a disk may give back instead of `size` bytes: zeros, other bytes, or lines of another file."""
    others = st.binary(min_size=64, max_size=64).map(lambda block: (block * (size // 64 + 1))[:size])
    return st.just(bytes(size)) | others | st.just((b"2024-03-01,12,sea level\n" * (size // 24 + 1))[:size])


@settings(max_examples=examples(60, 2_000), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_damaged_stretch_of_a_journal_hides_no_line_of_any_source(tmp_path: Path, data: st.DataObject) -> None:
    archive, journal, names = Archive(tmp_path), journal_of(tmp_path), ("a", "b", "ä c")
    if not journal.exists():
        for minutes in range(3):
            for source in names:
                archive.record(source, run("received", minutes, message="ä" * minutes * 30, sha256=A, size=3))
                archive.record(source, run("rejected", minutes, message="it is gone"))
        archive.rename("b", "d")
        archive.record("b", run("failed", 9))
    written = journal.read_bytes()
    before = {source: archive.runs(source) for source in (*names, "d")}
    begin = data.draw(st.integers(0, len(written) - 2))
    end = data.draw(st.integers(begin + 1, min(begin + 3_000, len(written) - 1)))
    try:
        overwrite(journal, written[:begin] + data.draw(overwritten(end - begin)) + written[end:])
        for source, runs in before.items():
            with suppress(ArchiveError):
                assert archive.runs(source) == runs
    finally:
        overwrite(journal, written)


@settings(max_examples=examples(20, 240), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(places=st.lists(st.integers(0, 10**6), min_size=1, max_size=20), other=st.integers(1, 255))
def test_a_changed_byte_anywhere_in_a_segment_costs_the_delivery_that_it_is_in_and_no_other(
    tmp_path: Path, places: list[int], other: int
) -> None:
    archive = Archive(tmp_path)
    data = {name: (name * count).encode() for name, count in zip("abc", (3, 999, 5), strict=True)}
    checksums = dict(zip(data, archive.keep_all(list(data.items())), strict=True))
    (segment,) = segments_of(tmp_path)
    written = segment.read_bytes()
    owners = [name for name in data for _ in range(length_of(archive, name))]
    assert len(owners) == len(written)
    try:
        for place in {one % len(written) for one in places}:
            flipped = bytearray(written)
            flipped[place] ^= other
            overwrite(segment, bytes(flipped))
            archive.read_anew()
            archive.sources()
            for name in data:
                if name == owners[place]:
                    with pytest.raises(ArchiveError, match=f"delivery {checksums[name]} of {name}"):
                        archive.data(name, checksums[name])
                else:
                    assert archive.data(name, checksums[name]) == data[name]
    finally:
        overwrite(segment, written)


def length_of(archive: Archive, source: str) -> int:
    (record,) = archive.stored(source)
    return record.end - record.offset


def test_a_segment_inside_a_delivery_is_not_taken_for_its_neighbours_after_damage(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.keep("s", b"x")
    (segment,) = segments_of(tmp_path)
    nested = segment.read_bytes()
    archive.keep("t", nested)
    lose_delivery(tmp_path, "t")
    assert [record.offset for record in archive.stored("s")] == [0]
    assert archive.damaged_stretches() == [(segment, len(nested), segment.stat().st_size)]
    archive.keep("t", nested)  # not behind the damage, which ends that segment
    assert len(segments_of(tmp_path)) == 2
    assert len(archive.stored("t")) == 1


def test_within_a_single_glance_the_files_are_looked_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = Archive(tmp_path)
    writer.record("s", run())
    index_of.cache_clear()
    reader, looks = Archive(tmp_path), list[object]()
    refresh = JournalFile.refresh
    monkeypatch.setattr(JournalFile, "refresh", lambda journal: [looks.append(journal), refresh(journal)])
    with reader.single_glance():
        assert reader.runs("s") == (run(),)
        writer.record("s", run(minutes=1))
        looks.clear()
        assert (reader.count_received("s"), looks) == (1, [])
        reader.record("t", run())  # its own changes are seen
        assert reader.sources() == ("s", "t")
        reader.read_anew()
        assert reader.count_received("s") == 2
    writer.record("s", run(minutes=2))
    assert reader.count_received("s") == 3
    with reader.single_glance(), reader.single_glance():
        writer.record("s", run(minutes=3))
        assert reader.count_received("s") == 3
        with reader.single_glance():
            assert reader.count_received("s") == 4


def test_within_a_single_glance_each_question_says_why_the_files_cannot_be_read(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.record("s", run())
    journal_of(tmp_path).unlink()
    journal_of(tmp_path).mkdir()
    with archive.single_glance(), pytest.raises(IsADirectoryError):
        archive.log("s", "file a.csv")
