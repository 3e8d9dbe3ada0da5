"""One connection to one server, on which nothing waits beyond the deadline and nothing is read beyond a limit.

Each read, the handshake included, may take what is left of the deadline at most, so a server that drips gains nothing.
After the body the connection can be asked for bytes that were not announced, which `http.client` leaves unseen.
"""

from __future__ import annotations

import io
import socket
import ssl
from functools import cache
from typing import Any

from dashboard.fetch.contract import Limits
from dashboard.fetch.http.address import Address
from dashboard.fetch.http.deadline import Deadline

_HEADERS = 1024 * 1024  # bytes that are read besides those of the body


class TooLargeError(Exception):
    """More was sent than one reads."""


class Wire:
    """What `http.client` takes for its socket. It closes it once the headers are read; `end` really does."""

    def __init__(self, connection: socket.socket, deadline: Deadline, limits: Limits) -> None:
        self._connection = connection
        self._deadline = deadline
        self._limits = limits
        self._incoming = _Incoming(_Reads(connection, deadline, limits))

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def sendall(self, data: bytes) -> None:
        self._connection.settimeout(self._deadline.at_most(self._limits.silence))
        self._connection.sendall(data)

    def makefile(self, *_: Any) -> io.BufferedReader:
        return self._incoming

    def close(self) -> None:
        """Not yet: the body still comes."""

    def goes_on(self) -> bool:
        """Whether more comes before the server closes or falls silent; a server that keeps the line open is whole."""
        self._incoming.raw.silence = self._limits.past_end
        try:
            return bool(self._incoming.read(1))
        except OSError:
            return False


def connect(address: Address, places: list[Any], deadline: Deadline, limits: Limits) -> Wire:
    """A connection to the first of `places` that takes one; https with the system's certificates."""
    failure: OSError | None = None
    for family, kind, protocol, _, place in places:
        try:
            connection = socket.socket(family, kind, protocol)
            try:
                connection.settimeout(deadline.at_most(limits.silence))
                connection.connect(place)
                if address.scheme == "https":
                    connection = _secured(connection, address.host)
            except BaseException:
                connection.close()
                raise
            return Wire(connection, deadline, limits)
        except OSError as error:
            failure = error
    assert failure is not None
    raise failure


@cache
def trusted() -> ssl.SSLContext:
    """The system's certificates, read once; SSL_CERT_FILE names others, as for any OpenSSL."""
    return ssl.create_default_context()


def _secured(connection: socket.socket, host: str) -> ssl.SSLSocket:
    # a connection that was cut is an error, not an end: else a body without a length could be cut unseen
    return trusted().wrap_socket(connection, server_hostname=host, suppress_ragged_eofs=False)


class _Reads(io.RawIOBase):
    def __init__(self, connection: socket.socket, deadline: Deadline, limits: Limits) -> None:
        self._connection = connection
        self._deadline = deadline
        self._left = limits.most_bytes + _HEADERS
        self.silence = limits.silence

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._connection.settimeout(self._deadline.at_most(self.silence))
        count = self._connection.recv_into(buffer)
        self._left -= count
        if self._left < 0:
            raise TooLargeError
        return count


class _Incoming(io.BufferedReader):
    raw: _Reads

    def close(self) -> None:
        """Not yet: `http.client` closes after the announced length, and what follows is looked at too."""
