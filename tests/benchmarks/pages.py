"""The pages in a real Chromium, from the request to the painted board, beside a bare page of Streamlit; wall seconds.

`serve` runs with its refresher on a generated catalogue that was refreshed before. A first visit begins as soon as the
server answers, in a browser that knows nothing; a warm one in a browser that has been there.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, Page, sync_playwright

from tests.app.test_browser import CHROMIUM, DRAWN, QUIET
from tests.benchmarks.many import own_cache
from tests.benchmarks.whole_way import generate
from tests.serving import free_port, wait_until_healthy

SIZES = (1_000, 10_000)
IDLE_SOURCES, IDLE_SECONDS = 64, 60
WARM_VISITS = 3
BOARD, SOURCES = ".board h2", "table.sources"
_BARE = "import streamlit as st\nst.html('<p class=\"bare\">bare</p>')\n"
Line = tuple[str, str, str]


def run(sizes: Sequence[int] = SIZES, idle_seconds: int = IDLE_SECONDS) -> list[Line]:
    """(what, measured, beside) for each."""
    if CHROMIUM is None:
        return [("pages", "not measured", "no Chromium found on this machine")]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        lines = _bare(browser)
        for count in sizes:
            lines += _pages(browser, count)
        return [*lines, *_idle(browser, idle_seconds)]


def _bare(browser: Browser) -> list[Line]:
    """A page of one line: what Streamlit itself takes in this browser."""
    with tempfile.TemporaryDirectory() as name:
        script, port = Path(name) / "bare.py", free_port()
        script.write_text(_BARE)
        flags = ["--server.headless=true", "--server.address=127.0.0.1", "--browser.gatherUsageStats=false"]
        command = [sys.executable, "-m", "streamlit", "run", str(script), f"--server.port={port}", *flags]
        with _running(command, port) as (address, _):
            first, warm = _visits(browser, address, ".bare")
    return [
        ("a bare page of Streamlit: first visit after a start", first, "the floor"),
        ("a bare page of Streamlit: warm", warm, "the floor"),
    ]


def _pages(browser: Browser, count: int) -> list[Line]:
    with _serving(count) as (address, server):
        first, warm = _visits(browser, address, BOARD)
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        page = context.new_page()
        sources = _painted(page, f"{address}/sources", SOURCES)
        found = _filtered(page, count)
        context.close()
        past_day = "?as_of=2024-11-01"
        past = _visit(browser, f"{address}/{past_day}", BOARD)
        memory = {name: _memory(pid) for name, pid in _processes(server).items()}
    lines = [
        ("Watch painted, first visit after a start", first, "goal 2 s"),
        ("Watch painted, warm", warm, "goal 1 s"),
        ("Sources painted, first visit", _seconds(sources), "goal 2 s"),
        ("Sources painted after a filter", _seconds(found), "goal 0.5 s"),
        ("Watch painted, a past instant that nobody asked for before", _seconds(past), ""),
        *(
            (f"memory of {name}, at most", f"{megabytes:,.0f} MB", "goal 1,000 MB")
            for name, megabytes in memory.items()
        ),
    ]
    return [(f"{count:,} indicators: {what}", measured, beside) for what, measured, beside in lines]


def _visits(browser: Browser, address: str, selector: str) -> tuple[str, str]:
    """Seconds until something is painted: at the first visit of a new browser, and at later ones."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    first = _painted(context.new_page(), address, selector)
    warm = [_painted(context.new_page(), address, selector) for _ in range(WARM_VISITS)]
    context.close()
    return _seconds(first), _seconds(median(warm))


def _visit(browser: Browser, address: str, selector: str) -> float:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    seconds = _painted(context.new_page(), address, selector)
    context.close()
    return seconds


def _painted(page: Page, address: str, selector: str) -> float:
    begun = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_selector(selector, timeout=600_000)
    return time.perf_counter() - begun


def _filtered(page: Page, count: int) -> float:
    """Search for one of the sources."""
    page.wait_for_selector(DRAWN)
    field = page.get_by_label("Find a source")
    field.fill(f"Generated {count - 1}")
    begun = time.perf_counter()
    field.press("Enter")
    page.wait_for_function("() => document.querySelectorAll('table.sources tbody tr').length === 1")
    return time.perf_counter() - begun


def _idle(browser: Browser, seconds: int) -> list[Line]:
    """The CPU of `serve` with a small catalogue, with nobody looking and with an open page, by process."""
    lines: list[Line] = []
    with _serving(IDLE_SOURCES) as (address, server):
        time.sleep(10)  # the first look is over
        lines += _idle_lines("nobody looks", server, seconds)
        context = browser.new_context()
        page = context.new_page()
        _painted(page, address, BOARD)
        page.wait_for_selector(DRAWN)
        lines += _idle_lines("one open page", server, seconds)
        context.close()
    return lines


def _idle_lines(who: str, server: int, seconds: int) -> list[Line]:
    processes = _processes(server)
    before = {name: _cpu(pid) for name, pid in processes.items()}
    time.sleep(seconds)
    return [
        (
            f"{IDLE_SOURCES} sources, idle, {who}: {name}",
            f"{(_cpu(pid) - before[name]) / seconds:.1%} of a core",
            "goal 1 %",
        )
        for name, pid in processes.items()
    ]


@contextmanager
def _serving(count: int) -> Iterator[tuple[str, int]]:
    """The address of `serve` on a generated catalogue with a published board, and the id of its process."""
    with tempfile.TemporaryDirectory() as name, own_cache(Path(name)):
        path, port = generate(Path(name) / "many", count), free_port()
        command = [sys.executable, "-m", "dashboard", "--catalog", str(path)]
        subprocess.run([*command, "refresh"], check=True, stdout=subprocess.DEVNULL)
        with _running([*command, "serve", "--port", str(port)], port) as served:
            yield served


@contextmanager
def _running(command: list[str], port: int) -> Iterator[tuple[str, int]]:
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, **silent)  # type: ignore[call-overload]
    try:
        wait_until_healthy(f"http://127.0.0.1:{port}/_stcore/health", process)
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def _processes(server: int) -> dict[str, int]:
    """The processes that `serve` has started, by what they are, and the one that judges for the pages."""
    children = {pid: _command_line(pid) for pid in _children(server)}
    page = next(pid for pid, words in children.items() if "streamlit" in words)
    named = {"the page's process": page, "the refresher": next(pid for pid in children if pid != page)}
    for pid in _children(page):
        named["the process that judges"] = pid
    return named


def _children(parent: int) -> list[int]:
    return [
        int(child)
        for thread in Path(f"/proc/{parent}/task").iterdir()
        for child in (thread / "children").read_text().split()
    ]


def _command_line(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


def _memory(pid: int) -> float:
    """Megabytes at most since the start of the process."""
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line.split()[1] for line in status if line.startswith("VmHWM"))) / 1024


def _cpu(pid: int) -> float:
    """Seconds of CPU since the start of the process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _seconds(seconds: float) -> str:
    return f"{seconds:.2f} s"


if __name__ == "__main__":
    for what, measured, beside in run([int(word) for word in sys.argv[1:]] or SIZES):
        print(f"{what:75} {measured:>16}  {beside}")
