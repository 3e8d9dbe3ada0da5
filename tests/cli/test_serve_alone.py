"""`serve` where no refresher can work: the dashboard runs all the same, under an alarm that says why.

Root may write where the rights of files say no, so the folders here are such that nobody can: mounted read-only or on a
full disk, in a mount namespace of the process's own; below a file; with a name that no file system takes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep

import pytest
from playwright.sync_api import Browser, expect

from dashboard.app import data as boards
from dashboard.app.serving.absence import ABSENCE_VARIABLE, RefresherAbsence
from dashboard.app.serving.server import CATALOG_VARIABLE, STATE_VARIABLE
from dashboard.cli.serve import why_no_refresher
from tests.app.test_browser import browser, no_browser, open_page, visiting  # noqa: F401
from tests.app.test_pages import INDICATOR, SOURCES, WATCH, board, run_page, words
from tests.app.test_sources_page import alarms
from tests.refresh.test_heartbeat import beat
from tests.refreshing import Place
from tests.serving import free_port

ROOT = Path(__file__).parents[2]
SOON = 60.0  # seconds that a busy machine may take
OWN_MOUNTS = ("unshare", "--map-root-user", "--mount", "sh", "-c")
READ_ONLY = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0"'
FULL = 'mount -t tmpfs -o size=16k tmpfs "$0" && { cat /dev/zero > "$0/filled" || true; } 2>/dev/null'
CATALOG = """version: 1
sources:
  ships: {title: Counted ships, file: ships.csv}
  web: {title: From the web, url: "http://127.0.0.1:9/x.csv"}
indicators:
  ships: {title: Ships, sources: [ships], thresholds: [{severity: critical, above: 5}]}
"""


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A folder of the test's own through which every user may pass; those of pytest are its user's alone."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(tmp_path, datetime.now(UTC).replace(microsecond=0))
    place.catalog.write_text(CATALOG.replace("  web:", "  # web:"))
    place.write("ships.csv", f"{place.now.date()},7")
    return place


@contextmanager
def serving_alone(place: Place, state: Path, mounting: str = "") -> Iterator[tuple[int, Callable[[], str]]]:
    """`serve` in its own mounts; its port, and what it has said so far."""
    port, log = free_port(), place.folder / "log"
    command = [sys.executable, "-m", "dashboard", "--catalog", str(place.catalog), "--state", str(state)]
    command += ["serve", "--port", str(port)]
    if mounting:
        command = [
            "unshare",
            "--map-root-user",
            "--mount",
            "sh",
            "-c",
            f'{mounting} && exec "$@"',
            str(state),
            *command,
        ]
    with log.open("w") as file:
        process = subprocess.Popen(command, cwd=ROOT, stdout=file, stderr=subprocess.STDOUT)
    try:
        yield port, log.read_text
        process.terminate()
        assert process.wait(20) == 0, log.read_text()
    finally:
        process.kill()
        process.wait()


def eventually(condition: Callable[[], bool], log: Callable[[], str]) -> None:
    until = monotonic() + SOON
    while monotonic() < until:
        try:
            if condition():
                return
        except OSError:
            pass
        sleep(0.05)
    pytest.fail(log())


def is_healthy(port: int) -> bool:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=1) as answer:
        return bool(answer.status == 200)


def can_mount(mounting: str, folder: Path) -> bool:
    command = [*OWN_MOUNTS, f'{mounting} && ! echo x 2>/dev/null > "$0/x"']
    try:
        return subprocess.run([*command, str(folder)], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def mountable(mounting: str, folder: Path) -> None:
    """Skip where this machine lets nobody mount; CI does."""
    if not can_mount(mounting, folder) and not os.environ.get("CI"):
        pytest.skip("no mount namespaces on this machine")


@no_browser
@pytest.mark.browser
def test_on_a_read_only_disk_officers_have_the_board_and_the_alarm_says_why(place: Place, browser: Browser) -> None:  # noqa: F811
    place.refresh()  # so that there is something to read, and a lock that cannot be run_page for writing
    mountable(READ_ONLY, place.state)
    with serving_alone(place, place.state, READ_ONLY) as (port, log):
        eventually(lambda: is_healthy(port), log)
        with visiting(browser, "light") as page:
            open_page(page, f"http://127.0.0.1:{port}/")
            expect(page.locator(".breach").get_by_role("link", name="Ships")).to_be_visible()
            alarm = page.get_by_role("alert").filter(has_text="No refresher can run")
            expect(alarm).to_contain_text(f"{place.state}/refresh.lock: Read-only file system")


def test_on_a_full_disk_the_dashboard_is_served(place: Place) -> None:
    place.state.mkdir()
    mountable(FULL, place.state)
    with serving_alone(place, place.state, FULL) as (port, log):
        eventually(lambda: is_healthy(port) and "No space left on device" in log(), log)
        assert "no refresher can run" in log()


def test_the_refresher_starts_by_itself_once_it_can(place: Place) -> None:
    blocking = place.folder / "disk"
    blocking.write_text("a file where the folder should be")
    with serving_alone(place, blocking / "var") as (port, log):
        eventually(lambda: is_healthy(port) and f"{blocking}: Not a directory" in log(), log)
        blocking.unlink()
        heartbeat = blocking / "var" / "heartbeat.json"
        eventually(lambda: json.loads(heartbeat.read_bytes())["pid"] > 0, log)
    assert log().count("no refresher can run") == 1


def in_the_way(state: Path) -> None:
    (state / "refresh.lock").mkdir(parents=True)


def a_file(state: Path) -> None:
    state.write_text("x")


@pytest.mark.parametrize("obstacle", [in_the_way, a_file])
def test_the_reason_why_the_lock_cannot_be_taken_is_shown(tmp_path: Path, obstacle: Callable[[Path], None]) -> None:
    state, absence = tmp_path / "var", RefresherAbsence()
    obstacle(state)
    why = why_no_refresher(state, absence)
    assert str(state) in why
    assert os.pread(absence.handle, 4096, 0).decode() == why


def test_no_reason_is_shown_while_another_refresher_beats(tmp_path: Path) -> None:
    state, absence = tmp_path / "var", RefresherAbsence()
    in_the_way(state)
    beat(state, datetime.now(UTC))
    assert why_no_refresher(state, absence)
    assert os.pread(absence.handle, 4096, 0) == b""


def test_a_process_that_inherits_the_file_reads_the_last_reason() -> None:
    absence = RefresherAbsence()
    script = "from dashboard.app.serving.absence import absence_reason; print(absence_reason())"
    for why in ("var: Read-only file system", "short: ÿ", ""):
        absence.set_reason(why)
        environment = os.environ | {ABSENCE_VARIABLE: str(absence.handle)}
        done = subprocess.run(
            [sys.executable, "-c", script], env=environment, cwd=ROOT, pass_fds=[absence.handle], capture_output=True,
            encoding="utf-8", check=True,
        )  # fmt: skip
        assert done.stdout == f"{why}\n"


# --- pages ---


@pytest.fixture
def absence(place: Place, monkeypatch: pytest.MonkeyPatch) -> RefresherAbsence:
    """What a `serve` tells the pages of this process."""
    absence = RefresherAbsence()
    monkeypatch.setenv(ABSENCE_VARIABLE, str(absence.handle))
    monkeypatch.setenv(CATALOG_VARIABLE, str(place.catalog))
    monkeypatch.setenv(STATE_VARIABLE, str(place.state))
    monkeypatch.setattr(boards, "now", lambda: place.now)
    return absence


@pytest.mark.usefixtures("_fresh_caches")
def test_the_alarm_stands_even_where_files_alone_need_no_refresher(place: Place, absence: RefresherAbsence) -> None:
    assert not alarms(run_page())
    absence.set_reason("var: <b>Read-only</b>")
    assert "No refresher can run: var: &lt;b&gt;Read-only&lt;/b&gt;." in alarms(run_page())
    place.state.mkdir()
    beat(place.state, datetime(2026, 11, 20, tzinfo=UTC))
    assert "it was last seen on 20 Nov 2026 00:00:00 UTC" in alarms(run_page())
    absence.set_reason("")
    beat(place.state, place.now)
    assert not alarms(run_page())


@pytest.mark.usefixtures("_fresh_caches", "absence")
@pytest.mark.parametrize("state", ["ships.csv/var", "x" * 300, "/proc/nobody/var"])
def test_every_page_is_drawn_whatever_the_state_folder_is(
    place: Place, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(STATE_VARIABLE, str(place.folder / state))
    place.catalog.write_text(CATALOG)
    _draw_every_page(place)


@pytest.mark.usefixtures("_fresh_caches", "absence")
def test_every_page_is_drawn_where_the_state_folder_is_unreadable(place: Place) -> None:
    place.refresh()
    place.catalog.write_text(CATALOG)
    for page in (WATCH, INDICATOR, SOURCES):
        run_page(page)  # somebody else may not import what these need
    place.state.chmod(0)
    if os.geteuid() == 0:  # who may see everything looks as somebody else
        os.seteuid(65534)
    try:
        _draw_every_page(place)
    finally:
        os.seteuid(os.getuid())
        place.state.chmod(0o700)


def _draw_every_page(place: Place) -> None:
    """None of them fails (which `run_page` asserts), the board has its row, and each page is under an alarm."""
    for page, query in ((WATCH, {}), (INDICATOR, {"id": "ships"}), (SOURCES, {}), (SOURCES, {"source": "ships"})):
        app = run_page(page, **query)
        assert "Ships" in (str(board(app)) if page == WATCH else words(app).title()), place
        assert alarms(app)
