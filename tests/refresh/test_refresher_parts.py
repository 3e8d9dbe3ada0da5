"""The refresher's parts by themselves: its lock, its heartbeat, fetches in threads, guards."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from multiprocessing.context import ForkProcess
from multiprocessing.synchronize import Event as EventType
from pathlib import Path

import pytest

from dashboard.catalog.source import Expectations
from dashboard.refresh.heartbeat import FILE, HeartbeatWriter
from dashboard.refresh.lock import HOLDER, LOCK, BusyError, holder_of, sole_refresher
from dashboard.refresh.looks.fetch_pool import FetchPool, OverdueError
from dashboard.rows.guards.expectations import broken_expectations

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
FORK = multiprocessing.get_context("fork")  # a process that imports nothing again


def hold_the_lock(folder: Path, held: EventType) -> None:
    with sole_refresher(folder, "the other one", NOW):
        held.set()
        signal.pause()


@pytest.fixture
def other(tmp_path: Path) -> Iterator[ForkProcess]:
    """Another process, which holds the lock of the folder."""
    held = FORK.Event()
    process = FORK.Process(target=hold_the_lock, args=(tmp_path, held))
    process.start()
    assert held.wait(30)
    yield process
    process.kill()
    process.join()


def test_a_second_refresher_is_refused_by_the_name_of_the_first(tmp_path: Path, other: ForkProcess) -> None:
    with pytest.raises(BusyError, match=rf"the other one \(process {other.pid} on"), sole_refresher(tmp_path, "x", NOW):
        pass


def test_a_second_refresher_may_wait_for_the_first(tmp_path: Path, other: ForkProcess) -> None:
    threading.Timer(0.3, other.terminate).start()
    with sole_refresher(tmp_path, "the next one", NOW, wait=30):
        holder = holder_of(tmp_path)
        assert holder is not None
        assert (holder.name, holder.pid) == ("the next one", os.getpid())


def test_a_waiting_refresher_may_give_up(tmp_path: Path, other: ForkProcess) -> None:
    del other
    gave_up = threading.Event()
    threading.Timer(0.2, gave_up.set).start()
    with pytest.raises(BusyError), sole_refresher(tmp_path, "x", NOW, wait=600, give_up=gave_up.is_set):
        pass


def test_a_lock_dies_with_its_owner(tmp_path: Path, other: ForkProcess) -> None:
    other.kill()
    other.join()
    assert holder_of(tmp_path) is not None  # its name is still there, and proves nothing
    with sole_refresher(tmp_path, "x", NOW):
        pass
    assert sorted(path.name for path in tmp_path.iterdir()) == [LOCK]


def test_the_lock_is_released_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), sole_refresher(tmp_path, "x", NOW):
        raise ZeroDivisionError
    with sole_refresher(tmp_path, "x", NOW):
        pass


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"name": "x"}'])
def test_a_damaged_holder_file_names_no_holder(tmp_path: Path, content: bytes, other: ForkProcess) -> None:
    del other
    (tmp_path / HOLDER).write_bytes(content)
    with pytest.raises(BusyError, match="is in use by another process"), sole_refresher(tmp_path, "x", NOW):
        pass


def test_a_heartbeat_shows_the_present_task_and_is_deleted_at_the_end(tmp_path: Path) -> None:
    beaten = threading.Event()

    def clock() -> datetime:
        beaten.set()
        return NOW

    heartbeat = HeartbeatWriter(tmp_path, clock, lambda: False)
    heartbeat.doing, heartbeat.next_run = "looks", NOW
    with heartbeat.beating():
        assert beaten.wait(10)
        while not (tmp_path / FILE).exists():
            pass
        result = json.loads((tmp_path / FILE).read_bytes())
        assert result["pid"] == os.getpid()
        assert (result["at"], result["next_run"], result["doing"]) == (NOW.isoformat(), NOW.isoformat(), "looks")
    assert not (tmp_path / FILE).exists()


def test_a_heartbeat_that_cannot_be_written_is_reported(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    beaten = threading.Semaphore(0)

    def clock() -> datetime:
        beaten.release()
        return NOW

    with HeartbeatWriter(tmp_path / "nowhere", clock, lambda: False).beating():
        assert beaten.acquire(timeout=10)
    assert "the heartbeat cannot be written" in capfd.readouterr().err


def test_a_hanging_or_failing_fetch_delays_no_other() -> None:
    hangs = threading.Event()

    def work(name: str) -> str:
        if name == "hangs":
            hangs.wait(60)
        if name == "fails":
            raise ConnectionError("down")
        return name.upper()

    fetches: FetchPool[str] = FetchPool(width=2, deadline=0.5)
    for name in ("hangs", "fails", "a", "b", "c", "a"):
        fetches.begin(name, partial(work, name))
    result = dict(fetches.next_result(30) or ("", "") for _ in range(5))
    assert {name: result[name] for name in "abc"} == {"a": "A", "b": "B", "c": "C"}
    assert list(result)[-1] == "hangs"
    assert isinstance(result["hangs"], OverdueError)
    assert isinstance(result["fails"], ConnectionError)
    assert fetches.under_way == set()
    assert fetches.next_result(0) is None
    hangs.set()


def test_a_name_can_be_fetched_again() -> None:
    fetches: FetchPool[str] = FetchPool()
    for _ in range(3):
        fetches.begin("a", "a".upper)
        assert fetches.next_result(30) == ("a", "A")


@pytest.mark.parametrize(
    ("expect", "rows", "before", "reason"),
    [
        (Expectations(), 0, None, ""),  # a first file may hold a header alone
        (Expectations(), 0, 0, ""),
        (Expectations(), 0, 3, "it lost all of its 3 rows"),
        (Expectations(shrink_at_most=100), 0, 1, "it lost all of its 1 row;"),
        (Expectations(), 5, 10, ""),
        (Expectations(), 4, 10, "it shrank from 10 rows to 4, by more than 50 %"),
        (Expectations(shrink_at_most=0), 9, 10, "by more than 0 %"),
        (Expectations(shrink_at_most=0), 10, 10, ""),
        (Expectations(min_rows=3), 2, None, "it holds 2 rows, fewer than expect.min_rows: 3"),
        (Expectations(min_rows=3), 3, None, ""),
        (
            Expectations(columns=["date", "port"]),
            3,
            None,
            "it lacks port, expected in expect.columns; it has date, value",
        ),
        (Expectations(columns=["date"]), 3, None, ""),
    ],
)
def test_each_broken_expectation_has_its_reason(
    expect: Expectations, rows: int, before: int | None, reason: str
) -> None:
    result = broken_expectations(expect, rows, ["date", "value"], before)
    assert reason in result
    assert bool(result) == bool(reason)
