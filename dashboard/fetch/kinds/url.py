"""`url: https://example.org/x.csv`: one file behind a web address, by default fetched every hour."""

from __future__ import annotations

import re
from collections.abc import Iterator
from operator import not_
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

from pydantic import Field

from dashboard.domain import UrlText, VariableText, truncated
from dashboard.domain.text import masked, secrets_in
from dashboard.fetch.contract import FetchedFile, Look
from dashboard.fetch.next_pages import NextPages
from dashboard.fetch.source_kind import SourceKind

_HEADER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,99}")
_OWN_HEADERS = {
    "host", "user-agent", "accept", "accept-encoding", "connection", "cache-control", "pragma", "range", "cookie", "te",
    "expect", "trailer", "upgrade", "keep-alive", "transfer-encoding", "via", "forwarded", "max-forwards",
}  # fmt: skip
_OWN_PREFIXES = ("content-", "if-", "proxy-", "sec-", "x-forwarded-", "access-control-")


class Url(SourceKind):
    """A web address, http or https."""

    key: ClassVar[str] = "url"
    label: ClassVar[str] = "Address"
    is_remote: ClassVar[bool] = True
    default_schedule: ClassVar[str | None] = "0 * * * *"
    default_rhythm: ClassVar[str] = "hourly"

    url: UrlText = Field(description="The web address of a CSV file, http or https.")
    authorization: VariableText | None = Field(
        default=None,
        description="With `url`: the name of the environment variable that holds the Authorization header. Never the "
        "secret itself.",
    )
    headers: dict[str, VariableText] = Field(
        exclude_if=not_,  # a key that came later: only where it is written it is a part of the definition
        default_factory=dict,
        description="With `url`: further headers of its requests, each with the name of the environment variable that "
        "holds its value: {Ocp-Apim-Subscription-Key: COMTRADE_KEY}. They go to the host of `url` only.",
    )
    next: NextPages | None = Field(
        exclude_if=not_,
        default=None,
        description="With `url` and `format: json`: how the next page is asked for, where a feed sends its records in "
        "pages: {offset: resultOffset, until: exceededTransferLimit}. All pages are one delivery.",
    )
    allow_private: list[str] = Field(
        default_factory=list,
        description="With `url`: names of hosts that may be reached although they are of this machine or a private "
        "network.",
    )

    @property
    def name(self) -> str:
        return masked(self.url)

    @property
    def exposed_secrets(self) -> list[str]:
        return secrets_in(self.url)

    @property
    def sends_credentials_in_clear(self) -> bool:
        return bool(self._credentials) and self.url.lower().startswith("http:")

    @property
    def _credentials(self) -> dict[str, str]:
        return {**({"Authorization": self.authorization} if self.authorization else {}), **self.headers}

    def problems(self) -> Iterator[tuple[str, str]]:
        if self.next:
            yield from (("next", message) for message in self.next.problems())
            name = self.next.parameter_name
            if name and name in parse_qs(urlsplit(self.url).query, keep_blank_values=True):
                yield "url", f"{name} is set for each page by next:; take it out of the address"
        names: set[str] = set()
        for name in self.headers:
            if not _HEADER_NAME.fullmatch(name):
                yield "headers", f'"{truncated(name)}" is no name of a header like X-Api-Key'
            elif name.lower() == "authorization":
                yield "headers", f"write authorization: {self.headers[name]} instead of {name} in headers:"
            elif name.lower() in _OWN_HEADERS or name.lower().startswith(_OWN_PREFIXES):
                yield "headers", f"{name} is set by the program itself, or says how bytes are sent; take it out"
            elif name.lower() in names:
                yield "headers", f"{name} stands twice, since the case of its letters does not count; take out one"
            names.add(name.lower())

    def fetch(self, look: Look) -> tuple[FetchedFile, ...]:
        # imported here: urllib3 takes 20 ms, and most commands fetch nothing
        from dashboard.fetch.http.client import Request, fetch_url

        request = Request(self.url, self.name, self._credentials, tuple(self.allow_private))
        if self.next:
            from dashboard.fetch.http.pages import fetch_pages

            return fetch_pages(request, self.next, look)
        return fetch_url(request, look)
