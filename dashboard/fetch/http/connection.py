"""A connection to one server that never waits beyond the deadline and never reads beyond a limit.

Each read, the handshake included, may take at most the time left of the deadline, so a slow server gains nothing. After
the body the connection can be checked for unannounced bytes, which `http.client` would ignore.
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

_MAX_HEADER_BYTES = 1024 * 1024  # read besides those of the body


class TooLargeError(Exception):
    """The server sent more bytes than the limit."""


class Wire:
    """The socket for `http.client`, which closes it after the headers; leaving the `with` block really does."""

    def __init__(self, connection: socket.socket, deadline: Deadline, limits: Limits) -> None:
        self._connection = connection
        self._deadline = deadline
        self._limits = limits
        self._incoming = _Incoming(_LimitedReads(connection, deadline, limits))

    def __enter__(self) -> Wire:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def sendall(self, data: bytes) -> None:
        self._connection.settimeout(self._deadline.at_most(self._limits.read_timeout))
        self._connection.sendall(data)

    def makefile(self, *_: Any) -> io.BufferedReader:
        return self._incoming

    def close(self) -> None:
        """Does nothing: the body is still to be read."""

    def has_more(self) -> bool:
        """Whether the server sends more bytes before it closes; an open connection without any counts as the end."""
        self._incoming.raw.timeout = self._limits.trailing_wait
        try:
            return bool(self._incoming.read(1))
        except OSError:
            return False


def connect(address: Address, hosts: list[Any], deadline: Deadline, limits: Limits) -> Wire:
    """A connection to the first of the `hosts` that accepts it; https with the system's certificates."""
    failure: OSError | None = None
    for family, kind, protocol, _, host in hosts:
        try:
            connection = socket.socket(family, kind, protocol)
            try:
                connection.settimeout(deadline.at_most(limits.read_timeout))
                connection.connect(host)
                if address.scheme == "https":
                    connection = _encrypted(connection, address.host)
            except BaseException:
                connection.close()
                raise
            return Wire(connection, deadline, limits)
        except OSError as error:
            failure = error
    assert failure is not None
    raise failure


@cache
def certificates() -> ssl.SSLContext:
    """The system's certificates, read once. SSL_CERT_FILE names others, as for any OpenSSL program."""
    return ssl.create_default_context()


def _encrypted(connection: socket.socket, host: str) -> ssl.SSLSocket:
    # a cut connection is an error and not an end: otherwise a truncated body without a length would look whole
    return certificates().wrap_socket(connection, server_hostname=host, suppress_ragged_eofs=False)


class _LimitedReads(io.RawIOBase):
    def __init__(self, connection: socket.socket, deadline: Deadline, limits: Limits) -> None:
        self._connection = connection
        self._deadline = deadline
        self._left = limits.max_bytes + _MAX_HEADER_BYTES
        self.timeout = limits.read_timeout

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._connection.settimeout(self._deadline.at_most(self.timeout))
        count = self._connection.recv_into(buffer)
        self._left -= count
        if self._left < 0:
            raise TooLargeError
        return count


class _Incoming(io.BufferedReader):
    raw: _LimitedReads

    def close(self) -> None:
        """Does nothing: `http.client` closes after the announced length, and `has_more` reads further."""
