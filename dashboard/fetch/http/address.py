"""Web addresses: their parts, where a redirect leads, and whether their host may be reached from here."""

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
_KEPT = "/%:@!$&'()*+,;=~"  # stands in a path as it is; what is encoded already is not encoded again
_TRANSLATED = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"))  # RFC 6052, 8215: IPv4 behind a gateway
_LAST_4_BYTES = 2**32 - 1
_UNREADABLE = "an address that cannot be read; correct url: or ask its publisher"


class AddressError(Exception):
    """An address that is not to be asked, and why."""


class UnresolvedError(OSError):
    """A name without an address, for now at least."""


@dataclass(frozen=True)
class Address:
    """A web address in the form in which it is sent."""

    scheme: str
    host: str  # lower case, IPv6 without brackets
    port: int
    target: str  # path and query, percent-encoded

    @classmethod
    def parse(cls, text: str) -> Address:
        """AddressError for all but http and https, user names and passwords, and what cannot be read."""
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
        target = quote(parts.path or "/", safe=_KEPT)
        return cls(
            parts.scheme, host, port, target + (f"?{quote(parts.query, safe=_KEPT + '?')}" if parts.query else "")
        )

    def following(self, location: str) -> Address:
        """Where a redirect leads. Servers send it as UTF-8 where they should not; http.client reads Latin-1."""
        with suppress(UnicodeError):  # else it was Latin-1
            location = location.encode("latin-1").decode("utf-8")
        try:
            return Address.parse(urljoin(f"{self.site}{self.target}", location))
        except ValueError as error:
            raise AddressError(_UNREADABLE) from error

    @property
    def site(self) -> str:
        """Scheme, host and port: whom one trusts with a secret, and what may be said of a redirect."""
        return f"{self.scheme}://{self.host_header}"

    @property
    def host_header(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"


def resolve(address: Address, allowed: Collection[str], deadline: Deadline) -> list[Any]:
    """The socket addresses of the host, all of them checked: the connection goes to these, and asks no name again.

    AddressError where one of them is not of the public Internet and the host is not `allowed` by its name.
    """
    found = _look_up(address, deadline)
    if address.host not in {_ascii(name.strip("[]")) for name in allowed}:
        for _, _, _, _, place in found:
            if not _is_public(str(place[0])):
                raise AddressError(
                    f"{address.host}, which is {place[0]}, of this machine or a private network; if that is meant "
                    f"write allow_private: [{address.host}]"
                )
    return found


def _look_up(address: Address, deadline: Deadline) -> list[Any]:
    """Names are looked up in a thread of its own, which may be left behind: the system waits as long as it likes."""
    answers: list[Any] = []
    failures: list[Exception] = []

    def look_up() -> None:
        try:
            answers.extend(socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            failures.append(error)

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(deadline.left)
    if thread.is_alive():
        raise TimeoutError
    if not answers:
        raise UnresolvedError(f"{address.host} has no address") from next(iter(failures), None)
    return answers


def _ascii(host: str) -> str:
    """As it is asked for. What cannot be written so stays, and is no host then."""
    host = host.lower().rstrip(".")
    with suppress(UnicodeError):
        return host.encode("idna").decode("ascii") if not host.isascii() else host
    return host


def _is_public(text: str) -> bool:
    place = ip_address(text.partition("%")[0])
    if isinstance(place, IPv6Address):
        within = _ipv4_within(place)
        if within is not None:
            return _is_public(str(within))
    return place.is_global and not (
        place.is_private or place.is_loopback or place.is_link_local or place.is_multicast or place.is_reserved
        or place.is_unspecified
    )  # fmt: skip


def _ipv4_within(place: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that is reached through an IPv6 one."""
    if place.ipv4_mapped or place.sixtofour:
        return place.ipv4_mapped or place.sixtofour
    if any(place in network for network in _TRANSLATED):
        return IPv4Address(int(place) & _LAST_4_BYTES)
    return None
