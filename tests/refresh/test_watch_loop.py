"""The refresher that goes on, and the dashboard with it, as real processes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep

import pytest

from dashboard.refresh.lock import BusyError, holder_of, sole_refresher
from tests.fetch_server import Server, reply
from tests.refreshing import Place

ROOT = Path(__file__).parents[2]
SOON = 30.0  # seconds that a busy machine may take; what is promised is five
LOCAL = "allow_private: [localhost]"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    result = Place(tmp_path, datetime.now(UTC).replace(microsecond=0))
    result.define(a="file: a.csv", drop="folder: drop")
    result.write("a.csv", "2024-03-01,7")
    result.write("drop/one.csv", "2024-03-01,7")
    return result


@pytest.fixture
def started(place: Place) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts `watchfloor` on the place; what still runs in the end is killed."""
    processes: list[subprocess.Popen[str]] = []

    def start(*words: str) -> subprocess.Popen[str]:
        log = (place.folder / f"log{len(processes)}").open("w")
        process = subprocess.Popen(
            [sys.executable, "-m", "dashboard", "--catalog", str(place.catalog), *words],
            cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip
        processes.append(process)
        return process

    yield start
    for process in processes:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def eventually(place: Place, what: Callable[[], object]) -> None:
    """Wait until it is so; the logs are the message where it never is."""
    until = monotonic() + SOON
    while monotonic() < until:
        with suppress(FileNotFoundError, ValueError, KeyError, StopIteration, urllib.error.URLError, OSError):
            if what():
                return
        sleep(0.05)
    pytest.fail("".join(path.read_text() for path in sorted(place.folder.glob("log*"))))


def heartbeat(place: Place) -> dict[str, str]:
    result: dict[str, str] = json.loads((place.state / "heartbeat.json").read_bytes())
    return result


def test_edits_are_noticed_and_a_signal_ends_it(place: Place, started: Callable[..., subprocess.Popen[str]]) -> None:
    process = started("refresh", "--watch")
    eventually(place, lambda: place.verdict("a")["value"] == 7 and place.verdict("drop")["value"] == 7)
    assert heartbeat(place)["pid"] == process.pid

    (place.folder / "a.csv").write_text("date,value\n2024-03-01,8\n")
    eventually(place, lambda: place.verdict("a")["value"] == 8)

    (place.folder / "drop/two.csv").write_text("date,value\n2024-03-02,9\n")
    eventually(place, lambda: place.verdict("drop")["value"] == 9)

    board = place.state / "board.json"
    whole = board.read_bytes()
    board.write_bytes(whole.replace(b'"warning"', b'"normal"'))
    eventually(place, lambda: board.read_bytes() == whole)
    board.unlink()
    eventually(place, lambda: board.read_bytes() == whole)

    place.catalog.write_text(place.catalog.read_text().replace("above: 5", "above: 50"))
    eventually(place, lambda: place.verdict("a")["severity"] != "warning")

    place.catalog.write_text("version: 1\nindicators: [")  # the last good definitions stand
    eventually(place, lambda: "2 indicators, 1 problem" in (place.folder / "log0").read_text())
    eventually(place, lambda: place.verdict("a")["severity"] != "warning")

    request = monotonic()
    process.terminate()
    assert process.wait(10) == 0
    assert monotonic() - request < 5
    assert not (place.state / "heartbeat.json").exists()
    assert not (place.state / "refresh.holder.json").exists()


def test_a_hanging_address_keeps_no_edit_waiting_and_no_signal(
    place: Place, started: Callable[..., subprocess.Popen[str]]
) -> None:
    with Server(lambda *_: server.stopping.wait(60)) as server:
        place.define(a="file: a.csv", hangs=f"url: {server.site}/x, {LOCAL}")
        process = started("refresh", "--watch")
        eventually(place, lambda: place.verdict("a")["value"] == 7)
        eventually(place, lambda: heartbeat(place)["doing"] == "fetching hangs")
        (place.folder / "a.csv").write_text("date,value\n2024-03-01,8\n")
        eventually(place, lambda: place.verdict("a")["value"] == 8)
        process.terminate()
        assert process.wait(10) == 0


def test_a_page_may_ask_for_a_source(place: Place, started: Callable[..., subprocess.Popen[str]]) -> None:
    with Server(reply(b"date,value\n2024-03-01,7\n")) as server:
        place.define(web=f"url: {server.site}/x, {LOCAL}, refresh: '0 0 29 2 *'")
        started("refresh", "--watch")
        eventually(place, lambda: place.outcomes("web") == ["received"])
        requests = place.state / "requests"
        requests.mkdir(exist_ok=True)
        (requests / "web").touch()
        (requests / "nothing").touch()
        eventually(place, lambda: place.outcomes("web") == ["received", "seen again"])
        assert list(requests.iterdir()) == []


def test_a_refresher_that_goes_on_accepts_for_whoever_asks(
    place: Place, started: Callable[..., subprocess.Popen[str]]
) -> None:
    place.write("a.csv", *(f"2024-03-0{day},7" for day in range(1, 5)))
    started("refresh", "--watch")
    eventually(place, lambda: place.outcomes("a") == ["received"])
    place.write("a.csv", "2024-03-01,7")
    eventually(place, lambda: place.outcomes("a")[-1] == "rejected")
    ask = started("accept", "a", "--by", "Kim", "--because", "so it is")
    assert ask.wait(SOON) == 0
    assert "accepted: 1 row of a.csv received " in (place.folder / "log1").read_text()
    assert place.values("a") == [7.0]
    assert [path.name for path in (place.state / "requests" / "acceptances").iterdir()] == []
    eventually(place, lambda: not place.verdict("a")["problems"])
    again = started("accept", "a", "--by", "Kim", "--because", "so it is")
    assert again.wait(SOON) == 1


def test_a_second_refresher_refuses_or_waits(place: Place, started: Callable[..., subprocess.Popen[str]]) -> None:
    first = started("refresh", "--watch")
    eventually(place, lambda: heartbeat(place)["pid"] == first.pid)
    refused = started("refresh")
    assert refused.wait(SOON) == 2
    assert f"in use by watchfloor refresh --watch (process {first.pid} on" in (place.folder / "log1").read_text()
    waiting = started("refresh", "--wait", "60")
    first.kill()  # no stale lock survives its owner
    assert waiting.wait(SOON) == 0


@pytest.mark.parametrize("is_deleted", [True, False])
def test_one_whose_state_folder_was_taken_away_ends_and_leaves_the_next_one_alone(
    place: Place, started: Callable[..., subprocess.Popen[str]], is_deleted: bool
) -> None:
    first = started("refresh", "--watch")
    eventually(place, lambda: place.verdict("a")["value"] == 7)
    first.send_signal(signal.SIGSTOP)  # busy, so that the second one surely comes before it looks around
    if is_deleted:
        shutil.rmtree(place.state)
    else:
        place.state.rename(place.folder / "away")
    second = started("refresh", "--watch")
    eventually(place, lambda: place.verdict("a")["value"] == 7 and heartbeat(place)["pid"] == second.pid)
    (place.folder / "a.csv").write_text("date,value\n2024-03-01,8\n")
    first.send_signal(signal.SIGCONT)
    assert first.wait(SOON) == 2
    assert "var was moved or deleted away while it was being refreshed" in (place.folder / "log0").read_text()
    eventually(place, lambda: place.verdict("a")["value"] == 8)
    assert place.outcomes("a") == ["received", "received"]
    assert heartbeat(place)["pid"] == second.pid
    assert holder_of(place.state).pid == second.pid
    assert second.poll() is None


def test_what_was_missed_is_caught_up_when_it_starts(
    place: Place, started: Callable[..., subprocess.Popen[str]]
) -> None:
    with Server(reply(b"date,value\n2024-03-01,7\n")) as server:
        place.define(web=f"url: {server.site}/x, {LOCAL}, refresh: '15 6 * * *'")
        place.later(days=-3).refresh()
        started("refresh", "--watch")
        eventually(place, lambda: place.outcomes("web") == ["received", "seen again"])


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def is_healthy(port: int) -> bool:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1) as answer:
        return bool(answer.status == 200)


def test_serve_keeps_both_processes_running_and_ends_both(
    place: Place, started: Callable[..., subprocess.Popen[str]]
) -> None:
    port = free_port()
    process = started("serve", "--port", str(port))
    eventually(place, lambda: is_healthy(port) and place.verdict("a")["value"] == 7)
    refresher = int(heartbeat(place)["pid"])
    assert refresher != process.pid
    os.kill(refresher, signal.SIGKILL)
    eventually(place, lambda: int(heartbeat(place)["pid"]) != refresher)
    assert "the refresher ended with -9 and is started again" in (place.folder / "log0").read_text()
    process.terminate()
    assert process.wait(20) == 0
    assert not (place.state / "heartbeat.json").exists()
    with pytest.raises(OSError, match="refused"):
        is_healthy(port)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no process is told of its parent's death")
def test_serve_killed_takes_both_processes_with_it(place: Place, started: Callable[..., subprocess.Popen[str]]) -> None:
    port = free_port()
    process = started("serve", "--port", str(port))
    eventually(place, lambda: is_healthy(port) and heartbeat(place)["pid"])
    process.kill()
    eventually(place, lambda: _is_free(place.state) and not _listens(port))
    with socket.create_server(("127.0.0.1", port)):  # nobody listens there any more
        place.later(seconds=5).refresh()
    assert place.verdict("a")["value"] == 7


def _listens(port: int) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0


def _is_free(state: Path) -> bool:
    with suppress(BusyError), sole_refresher(state, "a test", datetime.now(UTC)):
        return True
    return False


def test_serve_leaves_a_refresher_alone_that_runs_already(
    place: Place, started: Callable[..., subprocess.Popen[str]]
) -> None:
    refresher = started("refresh", "--watch")
    eventually(place, lambda: heartbeat(place)["pid"] == refresher.pid)
    port = free_port()
    process = started("serve", "--port", str(port))
    eventually(place, lambda: is_healthy(port))
    assert "only the dashboard is started" in (place.folder / "log1").read_text()
    process.terminate()
    assert process.wait(20) == 0
    assert refresher.poll() is None


def test_serve_says_that_its_port_is_taken(place: Place, started: Callable[..., subprocess.Popen[str]]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = started("serve", "--port", str(taken.getsockname()[1]))
        assert process.wait(SOON) == 2
    assert "is in use; choose another with --port" in (place.folder / "log0").read_text()
