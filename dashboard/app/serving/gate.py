"""The gate lets in requests of the server's own pages and of programs on this machine.

Everything else is refused before Streamlit sees it. Streamlit would let in pages that any other program on this machine
serves, would ask a service on the internet for this machine's address to judge a foreign page, and takes uploads.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

METHODS = ("GET", "HEAD")  # reading; log-in and downloads need no other
_WEB = {"ws": "http", "wss": "https"}  # a page's origin has the scheme of the page, not of its websocket


class Gate:
    """ASGI middleware that refuses requests with 403 or 405 and says why."""

    def __init__(self, app: ASGIApp, hosts: Collection[str]) -> None:
        """`hosts` are the names under which the server answers, without port."""
        self.app = app
        self.hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = self._refusal(scope) if scope["type"] in ("http", "websocket") else None
        await (answer or self.app)(scope, receive, send)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        """The answer to a refused request; None for one that is let in."""
        if scope.get("method", "GET") not in METHODS:
            headers = {"Allow": ", ".join(METHODS)}
            return PlainTextResponse("Watchfloor is read only: nothing can be sent to it.", 405, headers)
        hosts, origins = _values(scope, b"host"), _values(scope, b"origin")
        if not is_own_host(hosts, self.hosts):
            return PlainTextResponse(f"Watchfloor answers only under {' and '.join(self.hosts)}.", 403)
        scheme = str(scope.get("scheme", "http"))
        if not is_own_origin(origins, f"{_WEB.get(scheme, scheme)}://{hosts[0]}"):
            return PlainTextResponse("Watchfloor does not answer to pages of other servers.", 403)
        return None


def is_own_host(values: Sequence[str], hosts: Collection[str]) -> bool:
    """Whether the one Host header names one of the `hosts`; any other may be a foreign name for this machine.

    This defeats DNS rebinding: there the browser takes a foreign page for one of this server, and sends its host name.
    """
    if len(values) != 1:
        return False
    name, colon, port = values[0].rpartition(":")
    return values[0] in hosts or (name in hosts and bool(colon) and port.isascii() and port.isdecimal())


def is_own_origin(values: Sequence[str], own: str) -> bool:
    """Whether the request comes from a page of the origin `own`, or from no page: browsers then send no Origin.

    Another port is another origin: what listens there is another program.
    """
    return not values or list(values) == [own]


def _values(scope: Scope, name: bytes) -> list[str]:
    return [value.decode("latin-1") for key, value in scope["headers"] if key.lower() == name]
