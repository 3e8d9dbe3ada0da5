"""Refreshes that are killed at any moment: what was received stays, and the next run goes on from there."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from dashboard.archive.deliveries import Archive
from dashboard.rows.load import load_rows
from dashboard.rows.replay import replay_deliveries
from dashboard.rows.store.row_store import RowStore
from tests.receiving import HEADER, START, TODAY, catalog, receive

LINES = 300  # of a delivery, so that there is something to be killed in


def delivery(number: int) -> str:
    """A delivery that differs from those before in some rows."""
    days = (START.date() - timedelta(days=one) for one in range(LINES))
    return HEADER + "".join(f"{day},{number % (at + 3)},{day}\n" for at, day in enumerate(days))


def killed_refreshes(state: Path, folder: Path, begin: int, done: int, delay: float) -> int:
    """Receive deliveries from number `begin` on in a process that is killed `delay` seconds after it has reported some;
    returns how many it reported."""
    reading_end, writing_end = os.pipe()
    child = os.fork()
    if not child:
        source = catalog(folder).sources["s"]
        for number in range(begin, begin + 10_000):
            receive(state, source, delivery(number), number)
            os.write(writing_end, b".")
        os._exit(1)
    os.close(writing_end)
    with os.fdopen(reading_end, "rb") as file:
        reported = len(file.read(done))
        time.sleep(delay)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return reported + len(file.read())


def after_kills(folder: Path, kills: int, seed: int) -> Iterator[int]:
    """How many deliveries are in the archive after each kill; what they are is checked."""
    state, loaded, moments = folder / "var", catalog(folder), random.Random(seed)
    archive, store, count = Archive(state), RowStore(state), 1
    receive(state, loaded.sources["s"], delivery(0))  # the parent is warm from now on
    begun = time.monotonic()
    receive(folder / "other", loaded.sources["s"], delivery(0))
    takes = time.monotonic() - begun
    for _ in range(kills):
        reported = killed_refreshes(
            state, folder, count, moments.choice([0, 0, 0, 1, 2]), moments.random() * takes * 1.5
        )
        runs = archive.received("s")
        assert count + reported <= len(runs) <= count + reported + 1
        for number, run in enumerate(runs[count:], start=count):
            assert archive.data("s", run.sha256) == delivery(number).encode()
        count = len(runs)
        stored, caught_up = store.read("s"), replay_deliveries("s", loaded.sources["s"], archive, store)
        assert stored is None or stored.run_count <= count  # behind by the refreshes killed one after another
        assert len([*(state / "rows").glob("*.rows")]) >= (stored is not None)
        assert caught_up.run_count == count
        yield count
    rebuilt = replay_deliveries("s", loaded.sources["s"], archive, None)
    pd.testing.assert_frame_equal(replay_deliveries("s", loaded.sources["s"], archive, store).rows, rebuilt.rows)
    (folder / "s.csv").write_text(delivery(count))
    receive(state, loaded.sources["s"], delivery(count), count)
    archive.sweep()
    store.sweep()
    loaded_rows = load_rows(loaded, max(TODAY, (START + timedelta(days=count)).date()), state=state)
    assert loaded_rows.problems == {}
    assert loaded_rows.rows["held_until"].isna().sum() == LINES
    assert not list(state.rglob("*.part"))


def test_a_few_kills_leave_everything_before_or_after(tmp_path: Path) -> None:
    assert list(after_kills(tmp_path, 5, seed=1))[-1] > 1


@pytest.mark.long
@pytest.mark.parametrize("turn", range(5))
def test_many_kills_leave_everything_before_or_after(tmp_path: Path, turn: int) -> None:
    assert list(after_kills(tmp_path / str(turn), 50, seed=turn))[-1] > 25
