"""Sends one request to a web address and reads the answer. Each redirect is checked before it is followed.

This uses `http.client`, since no library above it lets its caller supply the socket: the connection must go to the
address that was checked, and end with the deadline. The body of a redirect is not read, and no cookie is kept.
"""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from email.message import Message
from functools import cache
from importlib import metadata
from typing import Any

from dashboard.fetch.contract import Limits
from dashboard.fetch.http.address import Address, AddressError, UnresolvedError, resolve
from dashboard.fetch.http.body import DamagedError, ForeignError, read_body
from dashboard.fetch.http.connection import TooLargeError, Wire, connect
from dashboard.fetch.http.deadline import Deadline
from dashboard.fetch.local_file import size_in_words
from dashboard.large_bytes import Bytes

_REDIRECTS = (301, 302, 303, 307, 308)


class FailedError(Exception):
    """A failure that another try cannot mend. The message says what happened and what to do."""


class PassingError(Exception):
    """A failure that another try may mend. `retry_after`: the wait in seconds that the server demands, if any."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


@dataclass(frozen=True)
class Question:
    """What to ask of a web address, in full. Redirects get the `headers` too, but `credentials` go to the first site
    only, by their names: no other host, port or scheme. `private_hosts` may be reached on this machine or a private
    network."""

    url: str
    private_hosts: Collection[str] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    credentials: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Answer:
    """The answer of the last address. `where`: a prefix of messages that names it, "" without a redirect."""

    status: int
    headers: Message
    body: Bytes  # of a 200 only; the body of any other answer is not read
    where: str


def ask(question: Question, deadline: Deadline, limits: Limits) -> Answer:
    """The answer of an address, or of the one that it redirects to. Raises FailedError and PassingError."""
    visited: list[Address] = []
    where = ""
    try:
        address = Address.parse(question.url)
        while True:
            if address in visited or len(visited) > limits.redirects:
                what = "in a circle" if address in visited else f"more than {limits.redirects} times"
                raise FailedError(f"redirects {what}; write the address where it ends in url:")
            visited.append(address)
            headers = dict(question.headers)
            if address.site == visited[0].site:
                headers.update(question.credentials)
            answer = _exchange(question, address, headers, deadline, limits, where)
            if answer.status not in _REDIRECTS:
                return answer
            address = address.following(_location(answer))
            where = f"redirects to {address.site}, which "
    except AddressError as error:
        raise FailedError(f"leads to {error}") from error


def _location(answer: Answer) -> str:
    location: str | None = answer.headers.get("Location")
    if not location:
        raise FailedError(f"{answer.where}answered {answer.status} without saying where to; ask its publisher")
    return location


def _exchange(
    question: Question, address: Address, headers: Mapping[str, str], deadline: Deadline, limits: Limits, where: str
) -> Answer:
    try:
        hosts = resolve(address, question.private_hosts, deadline)
        with connect(address, hosts, deadline, limits) as wire, _send(wire, address, headers) as response:
            body = read_body(response, wire, limits.max_bytes) if response.status == 200 else b""
            return Answer(response.status, response.headers, body, where)
    except TooLargeError as error:
        most = size_in_words(limits.max_bytes)
        raise FailedError(f"{where}sends more than {most}; ask its publisher for less") from error
    except ForeignError as error:
        raise FailedError(f"{where}{error}; ask its publisher") from error
    except DamagedError as error:
        raise PassingError(f"{where}{error}") from error
    except ssl.SSLCertVerificationError as error:
        mend = "correct url:, or add its certificate authority to the system's"
        raise FailedError(f"{where}has a certificate that is not trusted ({error.verify_message}); {mend}") from error
    except TimeoutError as error:
        waited = "took too long" if deadline.has_passed else f"was silent for {limits.read_timeout:g} s"
        raise PassingError(f"{where}{waited}") from error
    except UnresolvedError as error:
        raise PassingError(f"{where}cannot be reached: {error}") from error
    except http.client.HTTPException as error:
        raise PassingError(f"{where}did not answer as HTTP does") from error
    except OSError as error:
        raise PassingError(f"{where}connection failed: {error.strerror or 'it broke off'}") from error


def _send(wire: Wire, address: Address, headers: Mapping[str, str]) -> http.client.HTTPResponse:
    """Sends the request and reads the headers of the response; the body is not read yet."""
    connection = http.client.HTTPConnection(address.host, address.port)
    sock: Any = wire  # has the methods of a socket that `http.client` uses
    connection.sock = sock
    connection.putrequest("GET", address.target, skip_host=True, skip_accept_encoding=True)
    own = {
        "Host": address.host_header,
        "User-Agent": _agent(),
        "Accept": "text/csv, */*;q=0.5",
        "Accept-Encoding": "gzip",
        "Connection": "close",
    }
    for name, text in {**own, **headers}.items():
        connection.putheader(name, text)
    connection.endheaders()
    return connection.getresponse()


@cache
def _agent() -> str:
    try:
        return f"watchfloor/{metadata.version('watchfloor')}"
    except metadata.PackageNotFoundError:  # run from a checkout that is not installed
        return "watchfloor"
