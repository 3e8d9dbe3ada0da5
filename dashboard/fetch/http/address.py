"""Parses web addresses, follows their redirects, and decides whether their hosts may be reached."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from dashboard.fetch.http.deadline import Deadline

_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+")  # a name or IPv4, or IPv6
_UNQUOTED = "/%:@!$&'()*+,;=~"  # kept as they are; % too, so that nothing is encoded twice
_TRANSLATED_IPV4 = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"))  # RFC 6052, 8215: IPv4 behind a gateway
_LAST_4_BYTES = 2**32 - 1
_UNREADABLE = "an address that cannot be read; correct url: or ask its publisher"


class AddressError(Exception):
    """An address that must not be fetched, and why."""


class UnresolvedError(OSError):
    """A host name that has no address at the moment."""


@dataclass(frozen=True)
class Address:
    """A web address in the form that a request needs."""

    scheme: str
    host: str  # lower case, IPv6 without brackets
    port: int
    target: str  # path and query, percent-encoded

    @classmethod
    def parse(cls, text: str) -> Address:
        """AddressError for other schemes than http and https, for user names and passwords, and for unreadable text."""
        try:
            parts = urlsplit(text)
            host = _ascii(parts.hostname or "")
            port = parts.port or _PORTS.get(parts.scheme, 0)
        except ValueError as error:
            raise AddressError(_UNREADABLE) from error
        if parts.scheme not in _PORTS:
            raise AddressError(f"a {parts.scheme[:20]}: address; only http and https are fetched")
        if parts.username is not None or parts.password is not None:
            raise AddressError("an address with a user name; only authorization: names credentials")
        if not _HOST.fullmatch(host):
            raise AddressError("an address without a host that can be read; correct url: or ask its publisher")
        target = quote(parts.path or "/", safe=_UNQUOTED)
        return cls(
            parts.scheme, host, port, target + (f"?{quote(parts.query, safe=_UNQUOTED + '?')}" if parts.query else "")
        )

    def following(self, location: str) -> Address:
        """The address that a redirect leads to. Some servers wrongly send UTF-8; http.client reads Latin-1."""
        with suppress(UnicodeError):  # otherwise it is Latin-1
            location = location.encode("latin-1").decode("utf-8")
        try:
            return Address.parse(urljoin(f"{self.site}{self.target}", location))
        except ValueError as error:
            raise AddressError(_UNREADABLE) from error

    @property
    def site(self) -> str:
        """Scheme, host and port: secrets go to one site only, and messages name no more of a redirect."""
        return f"{self.scheme}://{self.host_header}"

    @property
    def host_header(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def resolve(address: Address, private_hosts: Collection[str], deadline: Deadline) -> list[Any]:
    """The socket addresses of the host, all checked. The connection must use these and never look the name up again.

    AddressError where one of them is outside the public Internet and `private_hosts` does not name the host.
    """
    hosts = _look_up(address, deadline)
    if address.host not in {_ascii(name.strip("[]")) for name in private_hosts}:
        for _, _, _, _, host in hosts:
            if not _is_public(str(host[0])):
                raise AddressError(
                    f"{address.host}, which is {host[0]}, of this machine or a private network; if that is meant "
                    f"write allow_private: [{address.host}]"
                )
    return hosts


def _look_up(address: Address, deadline: Deadline) -> list[Any]:
    """Looks the name up in a thread, which may be abandoned: the system has no limit for a look-up."""
    answers: list[Any] = []
    failures: list[Exception] = []

    def look_up() -> None:
        try:
            answers.extend(socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            failures.append(error)

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(deadline.seconds_left)
    if thread.is_alive():
        raise TimeoutError
    if not answers:
        raise UnresolvedError(f"{address.host} has no address") from next(iter(failures), None)
    return answers


def _ascii(host: str) -> str:
    """The host in ASCII. A host that cannot be encoded stays as it is, and is refused later."""
    host = host.lower().rstrip(".")
    with suppress(UnicodeError):
        return host.encode("idna").decode("ascii") if not host.isascii() else host
    return host


def _is_public(text: str) -> bool:
    ip = ip_address(text.partition("%")[0])
    if isinstance(ip, IPv6Address):
        ipv4 = _ipv4_within(ip)
        if ipv4 is not None:
            return _is_public(str(ipv4))
    return ip.is_global and not (
        ip.is_private or ip.is_loopback or ip.is_link_local or ip.is_multicast or ip.is_reserved or ip.is_unspecified
    )  # fmt: skip


def _ipv4_within(ip: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 address leads to; None where there is none."""
    if ip.ipv4_mapped or ip.sixtofour:
        return ip.ipv4_mapped or ip.sixtofour
    if any(ip in network for network in _TRANSLATED_IPV4):
        return IPv4Address(int(ip) & _LAST_4_BYTES)
    return None
