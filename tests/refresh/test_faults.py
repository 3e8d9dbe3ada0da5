"""Disks that are full or read-only, refreshers that are killed at any moment, and two at once.

Afterwards the archive, the rows and the board are as before or as after, never between, and the next run repairs what
is left to repair.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep

import pytest

from dashboard.archive.deliveries import Archive
from dashboard.archive.files import segment_files
from dashboard.archive.journal import Run
from dashboard.atomic_files import PART
from dashboard.catalog.loader import load_catalog
from dashboard.refresh.lock import BusyError, sole_refresher
from dashboard.refresh.publish import Publisher
from dashboard.refresh.watch_loop import Watch
from dashboard.rows.load import load_rows
from dashboard.rows.store.row_store import RowStore
from tests.archiving import change_lines, journal_of, lines_of, lose_delivery, overwrite, record_of
from tests.fetch_server import Server, reply
from tests.refreshing import NOON, Place

KILLS = 220
MANY = 1000  # beside which the number of a version is a small revision, that no guard holds back
NAMES = ("a", "drop", "web")


@dataclass
class Kept:
    """A place with a source of each sort, whose figures all say the number of their version."""

    place: Place
    server: Server
    version: int = 0
    bodies: list[bytes] = field(default_factory=list)

    def write(self, padding: int = 0) -> None:
        """The next version of everything; `padding` makes its files longer."""
        self.version += 1
        self.place.later(minutes=1)
        rows = [f"2024-02-{day:02},{MANY + self.version}" for day in range(1, 29)]
        rows += [f"{1900 + number // 12}-{number % 12 + 1:02},{MANY + self.version}" for number in range(padding)]
        self.place.write("a.csv", *rows)
        self.place.write("drop/x.csv", *rows)
        self.bodies.append("\n".join(["date,value", *rows, ""]).encode())
        self.server.answer = reply(self.bodies[-1])

    def versions(self) -> dict[str, int]:
        """Which version the published board tells of each source, after a check that it is whole."""
        board = self.place.board()
        version = board.pop("version")
        assert version == hashlib.sha256(json.dumps(board, indent=2, ensure_ascii=False).encode()).hexdigest()
        return {name: int(self.place.verdict(name)["value"]) - MANY for name in NAMES}

    def check_whole(self) -> None:
        """All that is in the journals has its bytes, and the rows are those of one version."""
        archive = Archive(self.place.state)
        for name in archive.sources():
            for run in archive.received(name):
                assert hashlib.sha256(archive.data(name, run.sha256)).hexdigest() == run.sha256
        for name in NAMES:
            if RowStore(self.place.state).summary(name):
                assert len(set(self.place.values(name))) == 1, f"{name} lies between two versions"

    def refresh(self) -> bool:
        return self.place.refresh(*NAMES).is_well


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    with Server(reply(b"")) as server:
        place = Place(tmp_path)
        place.define(a="file: a.csv", drop="folder: drop", web=f"url: {server.site}/x, allow_private: [localhost]")
        kept_place = Kept(place, server)
        kept_place.write()
        assert kept_place.refresh()
        assert kept_place.versions() == dict.fromkeys(NAMES, 1)
        yield kept_place


@pytest.mark.long
def test_after_a_kill_all_files_are_as_before_or_as_after_the_refresh(kept: Kept) -> None:
    moments = random.Random(20240307)
    before, lasts, finished = kept.versions(), 1.0, 0
    for number in range(KILLS):
        kept.write()
        for _ in range(1 + number % 2):  # every other time the repair is killed too
            finished += _killed(kept, moments.uniform(0, 1.3 * lasts))
            kept.check_whole()
            assert kept.versions() in (before, dict.fromkeys(NAMES, kept.version))
        begun = monotonic()
        assert kept.refresh()
        lasts = monotonic() - begun
        before = kept.versions()
        assert before == dict.fromkeys(NAMES, kept.version)
        kept.check_whole()
        assert not list(kept.place.state.rglob(f"*{PART}"))
        for name in NAMES:
            assert len(Archive(kept.place.state).received(name)) == kept.version
    assert 0 < finished < KILLS  # some were killed too late, and most were not


def _killed(kept: Kept, after: float) -> bool:
    """Whether a refresh came to its end before it was killed. Forked from here, so that nothing is imported again."""
    child = os.fork()
    if not child:
        try:
            kept.refresh()
            os._exit(0)
        finally:
            os._exit(1)
    sleep(after)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status):
        assert os.WEXITSTATUS(status) == 0
    return os.WIFEXITED(status)


@pytest.fixture
def small(kept: Kept) -> Iterator[Kept]:
    """The state on a small disk of its own; only root may make one."""
    state = kept.place.state
    state.rename(kept.place.folder / "was")
    state.mkdir(mode=0o700)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=512k,mode=700", "tmpfs", str(state)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"no disk can be mounted here: {mounted.stderr.decode().strip()}")
    try:
        assert kept.refresh()
        yield kept
    finally:
        subprocess.run(["umount", str(state)], check=True)


# kilobytes that are left on the disk; `.ci/run` also tries the sizes between
LEFT = [pytest.param(left, marks=pytest.mark.long if left % 12 else ()) for left in range(0, 72, 4)]


@pytest.mark.parametrize("left", LEFT)
def test_on_a_full_disk_all_stays_as_it_was_until_there_is_room(small: Kept, left: int) -> None:
    filler = small.place.state / "filler"
    space = os.statvfs(small.place.state)
    filler.write_bytes(bytes(max(space.f_bavail * space.f_frsize - left * 1024, 0)))
    small.write(padding=400)
    with suppress(OSError):  # where not even the board can be written
        small.refresh()
    small.check_whole()
    assert small.versions() in _partly(small)
    filler.unlink()
    assert small.refresh()
    assert small.versions() == dict.fromkeys(NAMES, small.version)
    small.check_whole()
    assert not list(small.place.state.rglob(f"*{PART}"))


def _partly(kept: Kept) -> list[dict[str, int]]:
    """Each source whole, of this version or of the one before: a disk may have had room for some of them."""
    versions = (kept.version - 1, kept.version)
    return [{"a": a, "drop": b, "web": c} for a in versions for b in versions for c in versions]


def test_on_a_read_only_disk_it_says_so_and_nothing_changes(small: Kept) -> None:
    state = str(small.place.state)
    subprocess.run(["mount", "-o", "remount,ro", state], check=True)
    small.write()
    with pytest.raises(OSError, match="Read-only"):
        small.refresh()
    assert small.versions() == dict.fromkeys(NAMES, 1)
    subprocess.run(["mount", "-o", "remount,rw", state], check=True)
    assert small.refresh()
    assert small.versions() == dict.fromkeys(NAMES, 2)


@pytest.mark.parametrize("step", ["keep", "record", "write", "publish"])
def test_the_next_run_repairs_a_step_that_the_system_refused(
    kept: Kept, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    where = {"keep": (Archive, "keep_all"), "record": (Archive, "record_all"), "write": (RowStore, "write_all")}
    owner, name = where.get(step, (Publisher, "publish"))
    kept.write()
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, refused)
        if owner is Publisher:
            with pytest.raises(OSError, match="No space left"):
                kept.refresh()
        else:
            assert not kept.refresh()
    kept.check_whole()
    assert kept.refresh()
    assert kept.versions() == dict.fromkeys(NAMES, 2)


def test_the_second_of_two_refreshers_is_refused_and_nothing_is_doubled(kept: Kept) -> None:
    kept.write()
    refused = []

    def refresh() -> None:
        try:
            kept.refresh()
        except BusyError as error:
            refused.append(error)

    several = [threading.Thread(target=refresh) for _ in range(4)]
    for refresher in several:
        refresher.start()
    for refresher in several:
        refresher.join()
    assert len(refused) < 4
    assert kept.versions() == dict.fromkeys(NAMES, 2)
    for name in NAMES:
        assert len(Archive(kept.place.state).received(name)) == 2


def _spoil(path: Path) -> None:
    """Bytes in the middle of a file are other ones; its end stays as it was."""
    data = path.read_bytes()
    path.write_bytes(data[:20] + b"####" + data[24:])


def damage_a_line(place: Place) -> Callable[[], object]:
    change_lines(place.state, "a", lambda lines: [line.replace(b"outcome", b"outcame") for line in lines])
    journal = journal_of(place.state)
    return lambda: overwrite(journal, journal.read_bytes().replace(b"outcame", b"outcome"))


def lose_lines(place: Place) -> Callable[[], object]:
    lines = lines_of(place.state, "a")
    change_lines(place.state, "a", lambda _: [])
    return lambda: change_lines(place.state, "a", lambda _: lines)


def lose_bytes(place: Place) -> Callable[[], object]:
    record = record_of(place.state, "a")
    segment = place.state / "archive" / record.segment
    header = segment.read_bytes()[record.offset : record.begin]
    lose_delivery(place.state, "a")
    lost = b"#" * len(header)
    return lambda: overwrite(segment, segment.read_bytes().replace(lost, header))


def spoil_rows(place: Place) -> Callable[[], object]:
    (path,) = place.state.glob("rows/*.rows")
    before = path.read_bytes()
    _spoil(path)
    return lambda: path.write_bytes(before)


def lose_rows(place: Place) -> Callable[[], object]:
    (path,) = place.state.glob("rows/*.rows")
    before = path.read_bytes()
    path.unlink()
    return lambda: path.write_bytes(before)


@pytest.mark.parametrize(
    ("damage", "message", "state"),
    [
        (damage_a_line, "a: .*journal.jsonl: damaged", "error"),
        (lose_lines, "a: .*it has lost lines", "error"),
        (lose_bytes, "board .* published", "error"),
        (spoil_rows, "a: rows made anew from the archive", "fresh"),
        (lose_rows, "a: rows made anew from the archive", "fresh"),
    ],
)
def test_a_watching_refresher_notices_damage_and_its_repair_at_the_next_look(
    tmp_path: Path, damage: Callable[[Place], Callable[[], object]], message: str, state: str
) -> None:
    place, lines = Place(tmp_path), list[str]()
    place.define(a="file: a.csv", b="file: b.csv")
    for name in "ab":
        place.write(f"{name}.csv", *(f"2024-03-{day:02d},{day}" for day in (1, 2)))
    with sole_refresher(place.state, "a test", NOON) as hold:
        watch = Watch(place.workspace, hold, os.environ, lambda: place.now, lines.append, lambda: False)
        watch.look_around()
        watch.look_around()
        lines.clear()
        watch.look_around()
        assert not lines
        mend = damage(place)
        place.later(minutes=5).write("b.csv", "2024-03-01,9")
        watch.look_around()
        assert re.search(message, "\n".join(lines)), lines
        assert (place.verdict("a")["data_state"], place.verdict("b")["value"]) == (state, 9)
        lines.clear()
        watch.look_around()
        assert not lines
        mend()
        watch.look_around()
        watch.look_around()
        assert place.verdict("a")["data_state"] == "fresh"
        assert place.outcomes("a") == ["received"]


def test_a_damaged_line_is_an_error_of_its_source_and_stops_no_other(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.define(a="file: a.csv", b="file: b.csv")
    place.write("a.csv", "2024-03-01,1")
    place.write("b.csv", "2024-03-01,1")
    place.refresh()
    journal = journal_of(place.state)
    garbage = b'garbage "source":"a" garbage\n'
    overwrite(journal, journal.read_bytes() + garbage)
    place.later(minutes=5).write("b.csv", "2024-03-01,9")
    assert not place.refresh().is_well
    assert (place.verdict("b")["severity"], place.verdict("a")["data_state"]) == ("warning", "error")
    overwrite(journal, journal.read_bytes().replace(garbage, b""))
    assert place.later(minutes=5).refresh().is_well
    assert place.verdict("a")["data_state"] != "error"


@pytest.mark.parametrize("damage", [b"garbage\n", None])
def test_a_journal_that_cannot_be_read_is_an_error_of_all_sources(tmp_path: Path, damage: bytes | None) -> None:
    place = Place(tmp_path)
    place.define(a="file: a.csv", b="file: b.csv")
    for name in "ab":
        place.write(f"{name}.csv", "2024-03-01,1")
    place.refresh()
    journal = journal_of(place.state)
    whole = journal.read_bytes()
    if damage:
        overwrite(journal, whole + damage)
    else:
        journal.unlink()
        journal.mkdir()
    place.later(minutes=5).write("b.csv", "2024-03-01,9")
    assert not place.refresh().is_well
    for name in "ab":
        assert (place.verdict(name)["value"], place.verdict(name)["data_state"]) == (1, "error")
    if damage is None:
        journal.rmdir()
    overwrite(journal, whole)
    assert place.later(minutes=5).refresh().is_well
    assert place.verdict("a")["data_state"] != "error"


def test_a_segment_that_cannot_be_read_is_an_error_of_its_sources_and_stops_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segment_files, "FULL", 1)  # so that each refresh writes a segment of its own
    place, lines = Place(tmp_path), list[str]()
    place.define(a="file: a.csv", b="file: b.csv")
    for name in "ab":
        place.write(f"{name}.csv", "2024-03-01,1")
        place.refresh(name)
    kept, away = place.state / "archive" / record_of(place.state, "a").segment, tmp_path / "away"
    kept.rename(away)
    kept.mkdir()
    place.later(minutes=5).write("b.csv", "2024-03-01,9")
    place.refresh()
    assert (place.verdict("b")["severity"], place.verdict("a")["data_state"]) == ("warning", "error")
    with sole_refresher(place.state, "a test", NOON) as hold:
        watch = Watch(place.workspace, hold, os.environ, lambda: place.now, lines.append, lambda: False)
        place.later(minutes=5).write("b.csv", "2024-03-01,9", "2024-03-02,1")
        watch.look_around()
        assert (place.verdict("b")["severity"], place.verdict("a")["data_state"]) == ("normal", "error"), lines
        kept.rmdir()
        away.rename(kept)
        watch.look_around()
    assert place.verdict("a")["data_state"] == "fresh"


@pytest.mark.parametrize("is_failing", [False, True])
def test_readers_report_no_loss_while_a_delivery_is_judged(
    tmp_path: Path, is_failing: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(tmp_path)
    place.define(a="folder: drop")
    place.write("drop/a.csv", "2024-03-01,1")
    place.refresh()
    record, seen = Archive.record_all, list[object]()

    def problems_now() -> object:
        return load_rows(load_catalog(place.catalog), NOON.date(), state=place.state).problems.get("a", ())

    def looked_at(archive: Archive, runs: Sequence[tuple[str, Run]]) -> None:
        seen.append(problems_now())
        if is_failing:
            raise OSError(28, "No space left on device")
        record(archive, runs)

    monkeypatch.setattr(Archive, "record_all", looked_at)
    place.later(minutes=5).write("drop/b.csv", "2024-03-01,9")
    place.refresh()
    assert seen == [()]
    assert ("does not tell of it" in str(problems_now())) == is_failing


@pytest.mark.parametrize("failures", [1, 2])
def test_an_unwritten_line_is_reported_unless_the_next_look_writes_it(
    tmp_path: Path, failures: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(tmp_path)
    place.define(a="folder: drop")
    place.write("drop/a.csv", "2024-03-01,1")
    place.refresh()
    record, left, lines = Archive.record_all, [failures], list[str]()

    def full(archive: Archive, runs: Sequence[tuple[str, Run]]) -> None:
        left[0] -= 1
        if left[0] >= 0:
            raise OSError(28, "No space left on device")
        record(archive, runs)

    def message() -> str:
        return str(load_rows(load_catalog(place.catalog), NOON.date(), state=place.state).problems.get("a", ()))

    monkeypatch.setattr(Archive, "record_all", full)
    place.later(minutes=5).write("drop/b.csv", "2024-03-01,9")
    with sole_refresher(place.state, "a test", NOON) as hold:
        watch = Watch(place.workspace, hold, os.environ, lambda: place.now, lines.append, lambda: False)
        watch.look_around()
        assert message() == "()"
        watch.look_around()
        assert ("does not tell of it" in message()) == (failures == 2)
        watch.look_around()
    assert message() == "()"
    assert place.verdict("a")["value"] == 9
    assert lines.count("a: all is well again") == 1
