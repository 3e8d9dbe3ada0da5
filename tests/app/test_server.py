"""The dashboard's server as the network sees it: whom it answers, with which headers, and that it asks nobody."""

from __future__ import annotations

import http.client
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dashboard.app.serving.gate import is_own_host, is_own_origin
from dashboard.app.serving.headers import content_security_policy
from dashboard.app.serving.server import serve_command, server_flags
from tests.serving import serving, witness

ROOT = Path(__file__).parents[2]
STREAM = "/_stcore/stream"
UPLOAD = "/_stcore/upload_file/session/file"
HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec_WebSocket_Version": "13",
    "Sec_WebSocket_Key": "AAAAAAAAAAAAAAAAAAAAAA==",
}
FOREIGN = (
    "http://evil.example", "https://evil.example:8501", "null", "", "http://localhost:9999", "http://127.0.0.1:9999",
    "http://127.0.0.1", "https://127.0.0.1:{port}", "http://localhost:{port}", "http://127.0.0.1:{port}.evil.example",
    "http://evil.example/127.0.0.1:{port}", "http://127.0.0.1:{port}@evil.example", "http://[::1]:{port}", "file://",
)  # fmt: skip


@dataclass(frozen=True)
class Served:
    """A dashboard that runs: its port, and the file of all that its sockets were asked for."""

    port: int
    asked: Path

    def answer(self, path: str, method: str = "GET", **headers: str) -> http.client.HTTPResponse:
        """The answer to a request; names of headers are written with underscores."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        named = {name.replace("_", "-"): value.format(port=self.port) for name, value in headers.items()}
        connection.putrequest(method, path, skip_host="Host" in named)
        for name, value in named.items():
            connection.putheader(name, value)
        connection.endheaders()
        return connection.getresponse()

    def websocket(self, **headers: str) -> int:
        """The status of an attempt to open the pages' websocket: 101 lets in."""
        return self.answer(STREAM, **HANDSHAKE, **headers).status


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    asked, environment = witness(tmp_path_factory.mktemp("witness") / "python")
    with serving(ROOT / "indicators.yaml", environment=environment) as address:
        yield Served(urlsplit(address).port or 0, asked)


def test_the_witness_sees_the_requests_of_a_socket(tmp_path: Path) -> None:
    asked, environment = witness(tmp_path / "python")
    script = "import socket; socket.getaddrinfo('localhost', 80); socket.socket(type=2).connect(('127.0.0.1', 1))"
    subprocess.run([sys.executable, "-c", script], env=os.environ | environment, check=True)
    assert asked.read_text().splitlines() == [
        "socket.getaddrinfo localhost",
        "socket.connect ('127.0.0.1', 1)",
    ]


@pytest.mark.parametrize("origin", FOREIGN)
def test_pages_of_other_servers_open_no_websocket(served: Served, origin: str) -> None:
    assert served.websocket(Origin=origin) == 403


def test_own_pages_and_programs_without_a_page_open_a_websocket(served: Served) -> None:
    assert served.websocket(Origin="http://127.0.0.1:{port}") == 101
    assert served.websocket(Origin="http://localhost:{port}", Host="localhost:{port}") == 101
    assert served.websocket() == 101


@pytest.mark.parametrize("host", ["evil.example", "evil.example:{port}", "0.0.0.0:{port}", "", "127.0.0.1:{port}/x"])
def test_no_address_answers_a_foreign_name_for_this_machine(served: Served, host: str) -> None:
    assert served.websocket(Host=host, Origin=f"http://{host}") == 403
    assert {served.answer(path, Host=host).status for path in ("/", "/_stcore/health")} <= {400, 403}


def test_no_request_makes_the_server_ask_the_network(served: Served) -> None:
    paths = ("/", "/_stcore/health", "/_stcore/host-config", "/_stcore/metrics", UPLOAD, "/auth/login", "/x")
    for origin, host in product(FOREIGN, ("127.0.0.1:{port}", "evil.example")):
        served.websocket(Origin=origin, Host=host)
    for path, method in product(paths, ("GET", "OPTIONS", "PUT")):
        served.answer(path, method, Origin="http://evil.example")
        served.answer(path, method)
    assert served.asked.read_text() == ""  # nor did its start


def test_streamlit_makes_no_network_request_even_behind_an_open_gate(tmp_path: Path) -> None:
    asked, environment = witness(tmp_path / "python")
    script = (
        "import dashboard.app.serving.application\n"
        "from streamlit.web.server.server_util import is_url_from_allowed_origins\n"
        "assert not is_url_from_allowed_origins('http://evil.example')"
    )
    subprocess.run([sys.executable, "-c", script], env=os.environ | environment, cwd=ROOT, check=True)
    assert asked.read_text() == ""


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH", "OPTIONS"])
def test_nothing_can_be_sent_to_the_server(served: Served, method: str) -> None:
    token = re.search("_streamlit_xsrf=([^;]+)", served.answer("/_stcore/health").headers["Set-Cookie"] or "")
    assert token
    secret = {"Cookie": f"_streamlit_xsrf={token[1]}", "X_Xsrftoken": token[1]}
    # answered before a byte of it has come
    refused = served.answer(UPLOAD, method, **secret, Content_Length="100000000", Origin="http://127.0.0.1:{port}")
    assert (refused.status, refused.headers["Allow"]) == (405, "GET, HEAD")


def test_every_answer_has_a_policy_for_its_page_and_for_embedding(served: Served) -> None:
    page = served.answer("/").read().decode()
    (script,) = re.findall(r'<script type="module" crossorigin src="\.(.+?)"', page)
    answers = {
        "a page": served.answer("/"),
        "a page of an address": served.answer("/sources"),
        "a script": served.answer(script),
        "health": served.answer("/_stcore/health"),
        "no such file": served.answer("/_stcore/bidi-components/x/y.js"),
        "a foreign host": served.answer("/", Host="evil.example"),
        "an upload": served.answer(UPLOAD, "PUT"),
        "a websocket": served.answer(STREAM, **{"Upgrade": "websocket"}, Origin="http://evil.example"),
    }
    assert [answers[name].status for name in ("a page", "a page of an address", "a script", "health")] == [200] * 4
    assert "javascript" in answers["a script"].headers["Content-Type"]  # nosniff: else no browser runs it
    for name, answer in answers.items():
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"], name
        assert answer.headers["X-Frame-Options"] == "DENY", name
        assert answer.headers["X-Content-Type-Options"] == "nosniff", name
        assert answer.headers["Referrer-Policy"] == "no-referrer", name


def test_the_policy_allows_only_the_inline_scripts_that_streamlit_writes() -> None:
    # the hash is of the example in the recommendation, https://www.w3.org/TR/CSP2/#script-src-hash-usage
    page = "<script>alert('Hello, world.');</script><script src='x.js'></script><p>text</p>"
    policy = content_security_policy(page, ["ws://127.0.0.1:8501"])
    assert "script-src 'self' 'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng=';" in policy
    assert "connect-src 'self' ws://127.0.0.1:8501;" in policy
    assert "unsafe-eval" not in policy
    assert policy.count("unsafe-inline") == 1  # styles


def test_log_in_and_its_way_back_pass_the_gate(served: Served) -> None:
    """The way back comes from the page of another server, as a navigation: browsers send no Origin with it."""
    back = served.answer("/oauth2callback?code=1&state=2", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="navigate")
    assert (back.status, back.headers["Location"]) == (302, "/")
    for path in ("/auth/login", "/auth/logout"):
        answer = served.answer(path)
        assert (answer.status, answer.headers["Location"]) == (302, "/")  # no log-in is set up here


@given(st.lists(st.one_of(st.text(), st.sampled_from(FOREIGN)), min_size=1, max_size=2))
@example(["http://127.0.0.1:8501", "http://127.0.0.1:8501"])
def test_only_one_origin_is_own(origins: list[str]) -> None:
    own = "http://127.0.0.1:8501"
    assert is_own_origin(origins, own) == (origins == [own])


@given(st.lists(st.one_of(st.text(), st.from_regex(r"(127\.0\.0\.1|localhost|a)[.:@/?#\[\]0-9a]*")), max_size=2))
@example(["127.0.0.1", "127.0.0.1"])
@example(["a@127.0.0.1"])
@example(["localhost:"])
@example(["localhost:8501"])
def test_a_host_is_own_only_by_its_name_and_port(values: list[str]) -> None:
    own = len(values) == 1 and re.fullmatch(r"(127\.0\.0\.1|localhost)(:[0-9]+)?", values[0])
    assert is_own_host(values, ("127.0.0.1", "localhost")) == bool(own)


def test_the_server_listens_on_this_machine_only_and_makes_no_network_request() -> None:
    flags = server_flags(8501)
    for flag in (
        "--server.address=127.0.0.1",
        "--server.enableCORS=true",
        "--server.enableXsrfProtection=true",
        "--server.enableAgentApi=false",
        "--server.maxUploadSize=0",
        "--browser.gatherUsageStats=false",
        "--client.toolbarMode=viewer",
        "--client.showErrorLinks=false",
    ):
        assert flag in flags
    assert serve_command(8501)[-len(flags) :] == flags
