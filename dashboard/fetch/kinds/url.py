"""`url: https://example.org/x.csv`: one file behind a web address, by default fetched every hour."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import cached_property
from typing import ClassVar, Literal
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field

from dashboard.domain import DayText, UrlText, VariableText, is_unwritten, truncated
from dashboard.domain.text import masked, secrets_in
from dashboard.fetch.contract import FetchedFile, FileRemark, Limits, Look
from dashboard.fetch.dated_addresses import DatedAddresses, has_placeholder, is_dated, template_problems
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
    url_since: DayText | None = Field(
        exclude_if=is_unwritten,
        default=None,
        description="With {year}, {month} and {day} in `url`: a day of the first year, month or day of which there is "
        "a file. Each address up to today, in `timezone`, is a file of its own, as in a folder.",
    )
    url_gaps: Literal["any"] | list[DayText] = Field(
        exclude_if=is_unwritten,
        default_factory=list,
        description="With `url_since`: a day of each year, month or day of which no file was published; `any` where "
        "files may lack, or come later than a period after their own.",
    )
    authorization: VariableText | None = Field(
        default=None,
        description="With `url`: the name of the environment variable that holds the Authorization header. Never the "
        "secret itself.",
    )
    headers: dict[str, VariableText] = Field(
        exclude_if=is_unwritten,
        default_factory=dict,
        description="With `url`: further headers of its requests, each with the name of the environment variable that "
        "holds its value: {Ocp-Apim-Subscription-Key: COMTRADE_KEY}. They go to the host of `url` only.",
    )
    next: NextPages | None = Field(
        exclude_if=is_unwritten,
        default=None,
        description="With `url` and `format: json`: how the next page is asked for, where a feed sends its records in "
        "pages: {offset: resultOffset, until: exceededTransferLimit}. All pages are one delivery.",
    )
    allow_private: list[str] = Field(
        default_factory=list,
        description="With `url`: names of hosts that may be reached although they are of this machine or a private "
        "network.",
    )

    @classmethod
    def is_whole(cls, location: str) -> bool:
        return not is_dated(location)

    @property
    def is_whole_delivery(self) -> bool:
        return self._dated is None

    @property
    def name(self) -> str:
        return masked(self.url)

    @property
    def description(self) -> str:
        return self.name if self._dated is None else self._dated.description

    @property
    def longest_fetch(self) -> float:
        limits = Limits()
        takes_long = self.next is not None or self._dated is not None
        return limits.paged_deadline + 2 * limits.deadline if takes_long else 0

    @property
    def depends_on_day(self) -> bool:
        return self._dated is not None

    @cached_property
    def _dated(self) -> DatedAddresses | None:
        """The addresses that the address stands for; None where it is one itself."""
        if self.url_since is None or not has_placeholder(self.url):
            return None
        return DatedAddresses.of(self.url, self.url_since, [] if self.url_gaps == "any" else self.url_gaps)

    def delivery_name(self, file: str) -> str:
        begin = self._dated.begin_of_file(file) if self._dated else None
        return self._dated.address(begin).name if self._dated and begin else self.name

    def delivers(self, delivery: str) -> bool:
        is_own = self._dated is not None and self._dated.begin_of_delivery(delivery) is not None
        return delivery == self.name or is_own

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
        yield from template_problems(self.url, self.url_since, has_gaps=bool(self.url_gaps))
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

    def fetch(self, look: Look) -> tuple[FetchedFile | FileRemark, ...]:
        # imported here: urllib3 takes 20 ms, and most commands fetch nothing
        from dashboard.fetch.http.dated_files import fetch_dated

        if self._dated is None:
            return self._fetch_address(self.url, self.name, look)
        today: date = look.at.astimezone(ZoneInfo(look.zone)).date()
        return fetch_dated(
            self.name, self._dated.until(today), self._fetch_address, look, allows_gaps=self.url_gaps == "any"
        )

    def _fetch_address(self, url: str, name: str, look: Look) -> tuple[FetchedFile, ...]:
        from dashboard.fetch.http.client import Request, fetch_url

        request = Request(url, name, self._credentials, tuple(self.allow_private))
        if self.next:
            from dashboard.fetch.http.pages import fetch_pages

            return fetch_pages(request, self.next, look)
        return fetch_url(request, look)
