"""One question to a web address and its answer, redirects followed one by one, each checked before it is asked.

On `http.client`, since nothing above it leaves the socket to its user: the connection must go to the address that was
checked, and end with the deadline; the body of a redirect is not read, and no cookie is kept.
"""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from functools import cache
from importlib import metadata
from typing import Any

from dashboard.fetch.contract import Look
from dashboard.fetch.http.address import Address, AddressError, UnresolvedError, resolve
from dashboard.fetch.http.body import DamagedError, ForeignError, read_body
from dashboard.fetch.http.connection import TooLargeError, Wire, connect
from dashboard.fetch.http.deadline import Deadline
from dashboard.fetch.local_file import size

_REDIRECTS = (301, 302, 303, 307, 308)


class FailedError(Exception):
    """It will be no better when it is asked again: what happened, and what to do."""


class PassingError(Exception):
    """It may be better when it is asked again; `retry_after`: in how many seconds, if the server says."""

    def __init__(self, message: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


@dataclass(frozen=True)
class Answer:
    """What the last address answered; `where` names it in messages, if it is not the first."""

    status: int
    headers: Message
    body: bytes  # of a 200 only; others are not read
    where: str


def ask(look: Look, conditions: Mapping[str, str], credentials: str | None, deadline: Deadline) -> Answer:
    """The answer of the source's address, or of that to which it redirects. FailedError, PassingError.

    `conditions` go along with every hop, `credentials` to the first site only: no other host, port or scheme.
    """
    asked: list[Address] = []
    where = ""
    try:
        address = Address.parse(look.source.url or "")
        while True:
            if address in asked or len(asked) > look.limits.redirects:
                what = "in a circle" if address in asked else f"more than {look.limits.redirects} times"
                raise FailedError(f"redirects {what}; write the address where it ends in url:")
            asked.append(address)
            headers = dict(conditions)
            if credentials and address.site == asked[0].site:
                headers["Authorization"] = credentials
            answer = _exchange(look, address, headers, deadline, where)
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


def _exchange(look: Look, address: Address, headers: Mapping[str, str], deadline: Deadline, where: str) -> Answer:
    limits = look.limits
    try:
        places = resolve(address, look.source.allow_private, deadline)
        with connect(address, places, deadline, limits) as wire, _sent(wire, address, headers) as response:
            body = read_body(response, wire, limits.most_bytes) if response.status == 200 else b""
            return Answer(response.status, response.headers, body, where)
    except TooLargeError as error:
        raise FailedError(f"{where}sends more than {size(limits.most_bytes)}; ask its publisher for less") from error
    except ForeignError as error:
        raise FailedError(f"{where}{error}; ask its publisher") from error
    except DamagedError as error:
        raise PassingError(f"{where}{error}") from error
    except ssl.SSLCertVerificationError as error:
        mend = "correct url:, or add its certificate authority to the system's"
        raise FailedError(f"{where}has a certificate that is not trusted ({error.verify_message}); {mend}") from error
    except TimeoutError as error:
        waited = "took too long" if deadline.has_passed else f"was silent for {limits.silence:g} s"
        raise PassingError(f"{where}{waited}") from error
    except UnresolvedError as error:
        raise PassingError(f"{where}cannot be reached: {error}") from error
    except http.client.HTTPException as error:
        raise PassingError(f"{where}did not answer as HTTP does") from error
    except OSError as error:
        raise PassingError(f"{where}connection failed: {error.strerror or 'it broke off'}") from error


def _sent(wire: Wire, address: Address, headers: Mapping[str, str]) -> http.client.HTTPResponse:
    """The answer with its headers read, the body still to come."""
    connection = http.client.HTTPConnection(address.host, address.port)
    speaks: Any = wire  # has of a socket what `http.client` uses
    connection.sock = speaks
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
    except metadata.PackageNotFoundError:  # run from a checkout that nobody installed
        return "watchfloor"
