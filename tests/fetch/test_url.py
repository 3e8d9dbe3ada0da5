"""Web addresses, fetched from a real server on loopback that fails in every way a server can."""

from __future__ import annotations

import gzip
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dashboard.catalog.source import Source
from dashboard.fetch.contract import FetchedFile, FetchError, Limits, Look
from dashboard.fetch.http.address import Address, AddressError, resolve
from dashboard.fetch.http.connection import certificates
from dashboard.fetch.http.deadline import Deadline
from tests.fetch_server import GOOD, Answer, Server, by_path, drip, in_turn, raw, reply

NOW = datetime(2024, 6, 14, 12, tzinfo=UTC)
QUICK = Limits(deadline=20, read_timeout=5, trailing_wait=0.1, retries=2, backoff=0.01, max_bytes=20_000_000)
OK = b"HTTP/1.1 200 OK\r\nConnection: close\r\n"


def fetch(
    url: str,
    marks: Mapping[str, str] | None = None,
    *,
    now: datetime = NOW,
    limits: Limits = QUICK,
    environment: Mapping[str, str] | None = None,
    **keys: Any,
) -> tuple[FetchedFile, ...]:
    source = Source.model_validate({"title": "x", "url": url, "allow_private": ["localhost"], **keys})
    return source.origin.fetch(Look(Path(), {url: marks} if marks else {}, environment or {}, now, limits))


def fetch_from(answer: Answer, **keys: Any) -> tuple[FetchedFile, ...]:
    with Server(answer) as server:
        return fetch(f"{server.site}/x.csv", **keys)


def failure_message(answer: Answer, **keys: Any) -> str:
    """The message of the failed fetch, as an officer reads it."""
    with Server(answer) as server, pytest.raises(FetchError) as caught:
        fetch(f"{server.site}/x.csv", **keys)
    message = str(caught.value)
    assert message.startswith(f"{server.site}/x.csv: ")
    assert "\n" not in message
    assert ";" in message  # what happened; what to do
    return message


def test_a_fetched_file_has_the_headers_for_the_next_request() -> None:
    with Server(reply(ETag='"1"', Last_Modified="Fri, 14 Jun 2024 00:00:00 GMT", Set_Cookie="a=b")) as server:
        url = f"{server.site}/x.csv"
        (file,) = fetch(url)
    assert (file.data, file.file, file.address) == (GOOD, url, url)
    assert file.headers == {
        "ETag": '"1"',
        "Last-Modified": "Fri, 14 Jun 2024 00:00:00 GMT",
        "Asked-In-Full": "2024-06-14T12:00:00+00:00",
    }
    headers = server.requests[0].headers
    assert headers["Host"] == f"localhost:{server.port}"
    assert headers["User-Agent"].startswith("watchfloor")
    assert not {"Authorization", "Cookie", "If-None-Match"} & set(headers)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (reply(b""), b""),
        (reply(b"<html>Please sign in</html>", Content_Type="text/html"), b"<html>Please sign in</html>"),
        (reply(b"x" * 10_000_000), b"x" * 10_000_000),
        (reply(gzip.compress(GOOD), Content_Encoding="gzip"), GOOD),
        (reply(gzip.compress(b"a") + gzip.compress(b"b"), Content_Encoding="gzip"), b"ab"),
        (raw(OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"), b"abcde"),
        (raw(OK + b"\r\nuntil the end"), b"until the end"),
        (raw(OK + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc"), b"abc"),
        (raw(b"HTTP/1.0 200 OK\r\n\r\nold"), b"old"),
        (raw(b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"Content-Length: 1\r\n\r\nx"), b"x"),
    ],
    ids=["empty", "html", "10 MB", "gzip", "gzip twice", "chunked", "without length", "length twice", "1.0", "100"],
)
def test_any_whole_body_is_accepted(answer: Answer, expected: bytes) -> None:
    (file,) = fetch_from(answer)
    assert file.data == expected


def test_a_body_is_whole_although_the_connection_stays_open() -> None:
    with Server(lambda *_: None) as server:

        def answer(_: Any, connection: socket.socket) -> None:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc")
            server.stopping.wait(5)

        server.answer = answer
        (file,) = fetch(f"{server.site}/x.csv")
    assert file.data == b"abc"


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (reply(status=204, body=b""), "answered 204 where only 200 will do"),
        (reply(status=206), "answered 206 where only 200 will do; ask its publisher why it sends a part"),
        (reply(status=203), "answered 203"),
        (reply(status=304, body=b""), "answered 304, not modified, although all of it was asked for"),
        (reply(status=404), "answered 404 where only 200 will do; correct url:"),
        (reply(status=401), "wants credentials, or others; name an environment variable in authorization:"),
        (reply(status=300), "answered 300"),
        (reply(status=302), "answered 302 without saying where to"),
        (reply(gzip.compress(b"0" * 30_000_000), Content_Encoding="gzip"), "sends more than 19 MB"),
        (reply(b"", length=30_000_000), "sends more than 19 MB"),
        (reply(Content_Encoding="br"), "packed as 'br' although only gzip was asked for"),
        (raw(OK + b"Transfer-Encoding: gzip\r\n\r\n"), "framed as 'gzip'"),
        (reply(status=302, body=b"", Location="file:///etc/passwd"), "a file: address; only http and https"),
        (reply(status=302, body=b"", Location="http://a:b@localhost/"), "an address with a user name"),
        (reply(status=302, body=b"", Location="http://[::1/"), "an address that cannot be read"),
        (reply(status=302, body=b"", Location="http://127.0.0.1/"), "127.0.0.1, of this machine or a private network"),
        (reply(status=302, body=b"", Location="http://10.0.0.1/"), "write allow_private: [10.0.0.1]"),
        (reply(status=302, body=b"", Location="http://2130706433/"), "which is 127.0.0.1"),
        (reply(status=302, body=b"", Location="/x.csv"), "redirects in a circle"),
    ],
)
def test_a_lasting_failure_is_not_retried(answer: Answer, message: str) -> None:
    with Server(answer) as server, pytest.raises(FetchError) as caught:
        fetch(f"{server.site}/x.csv")
    assert message in str(caught.value)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (reply(status=500), "answered 500 (3 times)"),
        (reply(status=503), "answered 503 (3 times)"),
        (reply(status=429, Retry_After="soon"), "answered 429 (3 times)"),
        (reply(length=len(GOOD) + 7), "broke off 7 bytes before its announced end"),
        (reply(length=len(GOOD) - 7), "sent more bytes than it announced"),
        (raw(OK + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"), "contradicts itself about the length"),
        (raw(OK + b"Content-Length: -3\r\n\r\nabcd"), "contradicts itself about the length"),
        (raw(OK + b"Transfer-Encoding: chunked\r\n\r\n9\r\nabc"), "broke off before its end"),
        (raw(OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"), "broke off before its end"),
        (raw(OK + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nabc\r\n"), "broke off before its end"),
        (reply(gzip.compress(GOOD)[:-4], Content_Encoding="gzip"), "gzip that is cut off"),
        (reply(b"", Content_Encoding="gzip"), "gzip that is cut off"),
        (reply(GOOD, Content_Encoding="gzip"), "damaged gzip"),
        (reply(gzip.compress(GOOD)[:-8] + b"\0" * 8, Content_Encoding="gzip"), "damaged gzip"),
        (raw(b"SSH-2.0-OpenSSH\r\n"), "did not answer as HTTP does"),
        (raw(b""), "did not answer as HTTP does"),
        (raw(OK + b"X: " + b"x" * 70_000), "did not answer as HTTP does"),
    ],
)
def test_a_passing_failure_is_retried(answer: Answer, message: str) -> None:
    assert message in failure_message(answer)
    (file,) = fetch_from(in_turn(answer, reply()))
    assert file.data == GOOD


def test_retry_after_delays_the_next_request() -> None:
    answer = in_turn(reply(status=429, Retry_After="1"), reply())
    started = Deadline(60)
    (file,) = fetch_from(answer)
    assert file.data == GOOD
    assert 60 - started.seconds_left >= 1


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_beyond_the_deadline_ends_the_fetch(status: int) -> None:
    with Server(reply(status=status, Retry_After="3600")) as server, pytest.raises(FetchError) as caught:
        fetch(f"{server.site}/x.csv")
    assert caught.value.retry_after == 3600
    assert f"answered {status}; it asks to be left alone for 3600 s" in str(caught.value)
    assert len(server.requests) == 1


def test_a_refused_connection_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(FetchError, match="connection failed: Connection refused"):
        fetch(f"http://localhost:{port}/x.csv")


def test_an_unknown_host_name_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(FetchError, match=r"cannot be reached: nowhere\.invalid has no address"):
        fetch("http://nowhere.invalid/x.csv")


@pytest.mark.parametrize(
    "sent", [b"", b"HTTP/1.1 200 OK\r\n", OK + b"Content-Length: 99\r\n\r\nabc"], ids=["nothing", "headers", "body"]
)
def test_a_silent_server_times_out(sent: bytes) -> None:
    with Server(lambda *_: None) as server:

        def answer(_: Any, connection: socket.socket) -> None:
            connection.sendall(sent)
            server.stopping.wait(5)

        server.answer = answer
        with pytest.raises(FetchError, match=r"was silent for 0.1 s \(3 times\); it is tried again"):
            fetch(f"{server.site}/x.csv", limits=replace(QUICK, read_timeout=0.1))


@pytest.mark.parametrize(
    "sent",
    [b"", b"HTTP/1.1 200 OK\r\nX: ", OK + b"\r\n", OK + b"Content-Length: 9999\r\n\r\n"],
    ids=["status", "headers", "endless body", "body"],
)
def test_a_slow_server_cannot_exceed_the_deadline(sent: bytes) -> None:
    started = Deadline(60)
    with Server(lambda *_: None) as server:
        server.answer = drip(sent, server.stopping)
        with pytest.raises(FetchError, match=r"took too long and gave nothing whole within 0\.5 s; it is tried again"):
            fetch(f"{server.site}/x.csv", limits=replace(QUICK, deadline=0.5))
    assert 60 - started.seconds_left < 5


def test_a_slow_name_server_cannot_exceed_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    stopping = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [stopping.wait(5)])
    with pytest.raises(FetchError, match=r"took too long and gave nothing whole within 0\.2 s"):
        fetch("http://csv.example/x.csv", limits=replace(QUICK, deadline=0.2))
    stopping.set()


def test_an_unmodified_file_is_not_sent_again() -> None:
    answer = in_turn(reply(ETag='"1"', Last_Modified="Fri, 14 Jun 2024 00:00:00 GMT"), reply(b"", status=304))
    with Server(answer) as server:
        url = f"{server.site}/x.csv"
        (file,) = fetch(url)
        assert fetch(url, file.headers, now=NOW + timedelta(hours=1)) == ()
    headers = server.requests[1].headers
    assert (headers["If-None-Match"], headers["If-Modified-Since"]) == ('"1"', "Fri, 14 Jun 2024 00:00:00 GMT")


@pytest.mark.parametrize("later", [timedelta(days=1), timedelta(seconds=-1)], ids=["a day", "clock moved back"])
def test_a_wrong_etag_is_detected_within_a_day(later: timedelta) -> None:
    def answer(request: Any, connection: socket.socket) -> None:
        same = request.headers.get("If-None-Match") == '"1"'
        body = GOOD + b"2024-02,9\n" * (request.number - 1)
        (reply(b"", status=304) if same else reply(body, ETag='"1"'))(request, connection)

    with Server(answer) as server:
        url = f"{server.site}/x.csv"
        (first,) = fetch(url)
        assert fetch(url, first.headers, now=NOW + timedelta(hours=23)) == ()
        (second,) = fetch(url, first.headers, now=NOW + later)
    assert second.data != first.data
    assert server.requests[2].headers["Cache-Control"] == "no-cache"


def test_304_is_an_error_after_an_unconditional_request() -> None:
    message = failure_message(
        reply(b"", status=304), marks={"ETag": '"1"', "Asked-In-Full": "2024-06-01T00:00:00+00:00"}
    )
    assert "answered 304" in message


def test_redirects_are_followed() -> None:
    answer = by_path(**{"x.csv": reply(b"", 301, Location="/b"), "b": reply(b"", 307, Location="c"), "c": reply()})
    (file,) = fetch_from(answer)
    assert file.data == GOOD


@pytest.mark.parametrize(
    ("location", "path"),
    [("/북한/자료.csv?이=1", "/%EB%B6%81%ED%95%9C/%EC%9E%90%EB%A3%8C.csv?%EC%9D%B4=1"), ("/a b%20c", "/a%20b%20c")],
)
def test_a_redirect_in_another_script_is_followed(location: str, path: str) -> None:
    with Server(in_turn(reply(b"", 302, Location=location), reply())) as server:
        fetch(f"{server.site}/x.csv")
    assert server.requests[1].path == path


def test_more_than_five_redirects_are_refused() -> None:
    def answer(request: Any, connection: socket.socket) -> None:
        reply(b"", 302, Location=f"/{request.number}")(request, connection)

    with Server(answer) as server, pytest.raises(FetchError, match="redirects more than 5 times; write the address"):
        fetch(f"{server.site}/x.csv")
    assert len(server.requests) == 6


def test_the_body_of_a_redirect_is_not_read() -> None:
    (file,) = fetch_from(in_turn(reply(b"x", 302, length=10**12, Location="/y"), reply()))
    assert file.data == GOOD


def test_credentials_go_to_the_first_site_only_and_into_no_message(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    caplog.set_level("DEBUG")
    keys: dict[str, Any] = {"authorization": "TOKEN", "environment": {"TOKEN": "Bearer geheim\n"}}
    with Server(reply(status=403)) as other, Server(lambda *_: None) as first:
        first.answer = by_path(
            **{"x.csv": reply(b"", 302, Location="/y"), "y": reply(b"", 302, Location=f"{other.site}?key=geheim")}
        )
        with pytest.raises(FetchError) as caught:
            fetch(f"{first.site}/x.csv", **keys)
    assert [request.headers.get("Authorization") for request in first.requests] == ["Bearer geheim"] * 2
    assert [request.headers.get("Authorization") for request in other.requests] == [None]
    assert "geheim" not in str(caught.value) + repr(caught.value.__cause__) + caplog.text
    assert f"redirects to {other.site}, which answered 403" in str(caught.value)
    assert "check what TOKEN holds" in str(caught.value)


def test_headers_of_variables_go_to_the_first_site_only_and_into_no_message() -> None:
    keys: dict[str, Any] = {"headers": {"X-Api-Key": "TOKEN"}, "environment": {"TOKEN": "geheim"}}
    with Server(reply(status=403)) as other, Server(lambda *_: None) as first:
        first.answer = by_path(
            **{"x.csv": reply(b"", 302, Location="/y"), "y": reply(b"", 302, Location=f"{other.site}?key=geheim")}
        )
        with pytest.raises(FetchError) as caught:
            fetch(f"{first.site}/x.csv", **keys)
    assert [request.headers.get("X-Api-Key") for request in first.requests] == ["geheim"] * 2
    assert [request.headers.get("X-Api-Key") for request in other.requests] == [None]
    assert "geheim" not in str(caught.value) + repr(caught.value.__cause__)
    assert "check what TOKEN holds" in str(caught.value)


@pytest.mark.parametrize("large", [10**9, 10], ids=["in memory", "in a file"])
def test_an_answer_that_repeats_a_secret_is_refused(large: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.large_bytes.LARGE", large)
    monkeypatch.setattr("dashboard.large_bytes.PIECE", 7)  # the secret stands in several
    keys: dict[str, Any] = {"authorization": "TOKEN", "environment": {"TOKEN": "Bearer geheim-1234"}}
    message = failure_message(reply(b'{"error": "no such key: geheim-1234"}'), **keys)
    assert "repeats in its answer what TOKEN holds" in message
    assert "geheim" not in message


def test_a_header_whose_variable_is_not_set_is_not_sent() -> None:
    message = failure_message(reply(), headers={"X-Api-Key": "TOKEN"})
    assert "the environment variable TOKEN that headers: names is not set; set it" in message


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({}, "the environment variable TOKEN that authorization: names is not set; set it"),
        ({"TOKEN": " "}, "is not set"),
        ({"TOKEN": "geheim\r\nX: y"}, "TOKEN holds what no header can hold"),
        ({"TOKEN": "geheim한"}, "TOKEN holds what no header can hold"),
    ],
)
def test_messages_about_credentials_name_the_variable_and_not_its_value(
    environment: dict[str, str], message: str
) -> None:
    failure = failure_message(reply(), authorization="TOKEN", environment=environment)
    assert message in failure
    assert "geheim" not in failure


def test_this_machine_is_refused_unless_the_yaml_names_it() -> None:
    message = failure_message(reply(), allow_private=["127.0.0.1", "host.local"])
    assert "leads to localhost, which is" in message
    assert "write allow_private: [localhost]" in message


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise a name server could give the check a public address and the connection a private one."""
    names: list[str] = []
    with Server(reply()) as server:

        def look_up(host: str, port: int, **_: object) -> list[Any]:
            names.append(host)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        fetch(f"http://csv.example:{server.port}/x.csv", allow_private=["CSV.example"])
    assert names == ["csv.example"]
    assert server.requests[0].headers["Host"] == f"csv.example:{server.port}"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "240.0.0.1", "255.255.255.255", "192.0.2.1", "::1", "::", "fe80::1%eth0", "fc00::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1", "::7f00:1",
    ],
)  # fmt: skip
def test_a_private_address_is_refused_even_beside_a_public_one(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    addresses = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (text, 80)) for text in ("93.184.215.14", host)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: addresses)
    address = Address.parse("http://csv.example/")
    with pytest.raises(AddressError, match="private network"):
        resolve(address, (), Deadline(1))
    assert resolve(address, ("csv.example",), Deadline(1)) == addresses


@pytest.mark.parametrize("host", ["93.184.215.14", "2a00:1450:4001:80b::200e", "64:ff9b::5db8:d70e", "::ffff:8.8.8.8"])
def test_public_addresses_are_allowed(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    addresses = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: addresses)
    assert resolve(Address.parse("http://csv.example/"), (), Deadline(1)) == addresses


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A key and a certificate for localhost, made for this test."""
    if not shutil.which("openssl"):
        pytest.skip("no openssl to make a certificate with")
    path = tmp_path / "localhost.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    options = ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(path), "-out", str(tmp_path / "public.pem")]
    subprocess.run([*command.split(), *options], check=True, capture_output=True)
    path.write_bytes(path.read_bytes() + (tmp_path / "public.pem").read_bytes())
    return path


def secure(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_an_untrusted_certificate_is_refused(certificate: Path) -> None:
    with (
        Server(reply(), secure(certificate)) as server,
        pytest.raises(FetchError, match="certificate that is not trusted"),
    ):
        fetch(f"{server.site}/x.csv")
    assert not server.requests


def test_an_unanswered_tls_handshake_times_out() -> None:
    with Server(reply()) as server, pytest.raises(FetchError, match=r"was silent for 0\.1 s \(3 times\)"):
        fetch(f"https://localhost:{server.port}/x.csv", limits=replace(QUICK, read_timeout=0.1))


def test_https_uses_the_system_certificates(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    certificates.cache_clear()
    try:
        with Server(reply(), secure(certificate)) as server:
            (file,) = fetch(f"{server.site}/x.csv")
            assert file.data == GOOD
        with Server(raw(OK + b"\r\n" + GOOD), secure(certificate)) as server:
            url = f"{server.site}/x.csv"
            with pytest.raises(FetchError, match=r"connection failed: .*EOF"):
                fetch(url)  # closed without notice: the body may be truncated
    finally:
        certificates.cache_clear()
