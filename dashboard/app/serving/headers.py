"""The headers that every answer of the dashboard's server carries: what its pages may load, and who may embed them."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Each directive is as narrow as Streamlit's pages allow: they write styles into the page, hence 'unsafe-inline' for
# these alone, bring some fonts and icons as data:, and save charts by way of blob:.
_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
}
_FIXED = {
    "X-Frame-Options": "DENY",  # for browsers that do not know frame-ancestors
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",  # the address of a page says what an officer looks at
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class Headers:
    """ASGI middleware that adds the headers to every answer."""

    def __init__(self, app: ASGIApp, index: Path, sockets: Iterable[str]) -> None:
        """`index` is the page that Streamlit serves, `sockets` are the addresses of the server's own websockets."""
        self.app = app
        policy = content_security_policy(index.read_text(encoding="utf-8"), sockets)
        self.fixed = {"Content-Security-Policy": policy, **_FIXED}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"].endswith("response.start"):  # of a page, or of a websocket that was refused
                MutableHeaders(scope=message).update(self.fixed)
            await send(message)

        await self.app(scope, receive, send_with_headers)


def content_security_policy(index: str, sockets: Iterable[str]) -> str:
    """The policy for a page of the HTML `index`: it may load what this server serves, and run its own inline scripts.

    The websockets are named because older browsers do not count them to 'self'.
    """
    scripts = " ".join(("'self'", *inline_scripts(index)))
    connections = " ".join(("'self'", *sockets))
    policy = {**_POLICY, "script-src": scripts, "connect-src": connections}
    return "; ".join(f"{name} {value}" for name, value in policy.items())


def inline_scripts(index: str) -> Iterator[str]:
    """The hashes of a page's inline scripts, by which the policy lets these run, and no others."""
    parser = _InlineScripts()
    parser.feed(index)
    for text in parser.texts:
        yield f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


class _InlineScripts(HTMLParser):
    """Collects the text of each script that has no address."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._is_inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._is_inside = tag == "script" and "src" not in dict(attrs)
        if self._is_inside:
            self.texts.append("")

    def handle_endtag(self, tag: str) -> None:
        del tag
        self._is_inside = False

    def handle_data(self, data: str) -> None:
        if self._is_inside:
            self.texts[-1] += data
