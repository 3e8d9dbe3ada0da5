"""A dashboard that really runs, in a process of its own, and what it asked of the network."""

from __future__ import annotations

import os
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

import pytest

from dashboard.app.serving.server import CATALOG_VARIABLE, STATE_VARIABLE, serve_command

# Python runs this before anything else in a process that has its folder in PYTHONPATH. It writes down each address
# that a socket is told to look up or to send to.
_WITNESS = """
import os, sys
def watch(event, arguments):
    if event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"):
        asked = arguments[0]
    elif event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        asked = arguments[1]
    else:
        return
    with open(os.environ["WITNESSED"], "a") as file:
        file.write(f"{event} {asked}\\n")
sys.addaudithook(watch)
"""


@contextmanager
def serving(catalog: Path, state: Path | None = None, environment: Mapping[str, str] | None = None) -> Iterator[str]:
    """A dashboard of its own process on a free port; without `state` nothing was ever received."""
    with TemporaryDirectory() as elsewhere:
        yield from _served(catalog, free_port(), str(state or elsewhere), environment or {})


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def witness(folder: Path) -> tuple[Path, dict[str, str]]:
    """The file of what the sockets of a process are asked for, and the environment that makes a process write it."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(_WITNESS)
    asked = folder / "asked"
    asked.touch()
    path = os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])
    return asked, {"PYTHONPATH": path, "WITNESSED": str(asked)}


def _served(catalog: Path, port: int, state: str, environment: Mapping[str, str]) -> Iterator[str]:
    variables = os.environ | {CATALOG_VARIABLE: str(catalog), STATE_VARIABLE: state} | environment
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(serve_command(port), env=variables, **silent)
    try:
        wait_until_healthy(f"http://127.0.0.1:{port}/_stcore/health", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=10)


def wait_until_healthy(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = monotonic() + 60
    while monotonic() < deadline:
        with suppress(urllib.error.URLError, TimeoutError), urllib.request.urlopen(address, timeout=1):
            return
        with suppress(subprocess.TimeoutExpired):
            pytest.fail(f"the dashboard's server ended with {process.wait(timeout=0.1)}")
    pytest.fail("the dashboard's server did not come up in 60 seconds")
