"""Fetches a JSON feed page by page, as one file that holds every page byte for byte.

Pages are trusted only where they agree: no record stands on two of them, a total stays the same and is reached, and a
feed by offset or number ends with a page without records.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote, urljoin

from dashboard.domain.text import PathError, follow, join_pages, mask_all
from dashboard.fetch.contract import AbsentError, FetchedFile, FetchError, Look
from dashboard.fetch.http.address import Address, AddressError
from dashboard.fetch.http.client import IN_FULL, Request, fetch_in_full
from dashboard.fetch.http.deadline import Deadline
from dashboard.fetch.next_pages import NextPages
from dashboard.large_bytes import whole

_AGAIN = "all pages are fetched again at the next refresh; if that goes on"


class _PageError(Exception):
    """A page that does not fit the others, or is none."""


def fetch_pages(request: Request, form: NextPages, look: Look) -> tuple[FetchedFile, ...]:
    """All pages as one file. Raises FetchError where any page fails."""
    deadline = Deadline(look.limits.paged_deadline)
    pages = _Pages(form, look.rows, request.url)
    address: str | None = pages.first_address()
    while address is not None:
        page = replace(request, url=address, name=f"{request.name} (page {len(pages.bodies) + 1})")
        body = _body(page, len(pages.bodies) + 1, look, deadline, pages.size)
        try:
            address = pages.add(body, address)
        except (_PageError, PathError) as error:
            raise FetchError(f"{page.name}: {mask_all(str(error))}") from error
    for number, address, keys in pages.doubtful():
        page = replace(request, url=address, name=f"{request.name} (page {number})")
        body = _body(page, number, look, deadline, 0)
        try:
            pages.check_again(body, keys)
        except (_PageError, PathError) as error:
            raise FetchError(f"{page.name}: {mask_all(str(error))}") from error
    return (FetchedFile(join_pages(pages.bodies), request.name, request.name, {IN_FULL: look.at.isoformat()}),)


def _body(page: Request, number: int, look: Look, deadline: Deadline, size: int) -> bytes:
    """The bytes of a page, where `size` bytes came before it."""
    limits = look.limits
    most_bytes = min(limits.max_bytes, limits.most_in_memory)
    if number > limits.pages or deadline.has_passed:
        most = f"{limits.pages:,} pages" if number > limits.pages else f"{limits.paged_deadline:g} s"
        raise FetchError(f"{page.name}: more than {most} for all pages; ask for larger pages, or for less, in url:")
    try:
        return whole(fetch_in_full(page, replace(look, limits=replace(limits, max_bytes=most_bytes - size))).body)
    except AbsentError as error:
        if number == 1:
            raise AbsentError(str(error)) from error
        raise FetchError(str(error)) from error


@dataclass
class _Pages:
    """The pages of one feed so far."""

    form: NextPages
    rows: str
    url: str
    bodies: list[bytes] = field(default_factory=list)
    size: int = 0
    _count: int = 0
    _records: set[int] = field(default_factory=set)
    _visited: set[str] = field(default_factory=set)
    _kept: list[tuple[str, set[int]]] = field(default_factory=list)  # address and records of each page
    _more: bool = True
    _total: Any = None

    def first_address(self) -> str:
        return self.url if self.form.cursor or self.form.address else self._with_parameter(self._position())

    def add(self, body: bytes, address: str) -> str | None:
        """Keeps a page, and returns the address of the next one; None after the last."""
        self._visited.add(address)
        document = _parsed(body)
        records = [*_records(document, self.rows)]
        self._check_total(document)
        is_counted = bool(self.form.offset or self.form.page)
        if records or not self.bodies or not is_counted:
            self._keep(body, records, address)
        says_more = bool(_value(document, self.form.until)) if self.form.until else None
        following = self._counted(records, says_more) if is_counted else self._linked(document, address)
        if following is None and self._total is not None and self._count != self._total:
            raise _PageError(
                f"the last page, and {self._count:,} of {self._total:,} records came; {_AGAIN} correct next:"
            )
        if following in self._visited:
            raise _PageError("leads back to an earlier page; correct next:, or ask its publisher")
        return following

    def doubtful(self) -> list[tuple[int, str, set[int]]]:
        """The number, address and records of each page to be asked for again, where no total shows what is missing.

        A record that is taken out of a counted feed moves one past the next page; and the page without records, which
        ends the feed unless until: says so, may be empty in passing.
        """
        if self.form.total or not (self.form.offset or self.form.page):
            return []
        pages = [(number, *page) for number, page in enumerate(self._kept[:-1], start=1)]
        end = self._with_parameter(self._position())
        is_ended_by_it = end in self._visited and not self.form.until
        return [*pages, (len(self.bodies) + 1, end, set())] if is_ended_by_it else pages

    def check_again(self, body: bytes, keys: set[int]) -> None:
        """Checks that a page holds what it held before."""
        if _keys(_records(_parsed(body), self.rows)) != keys:
            raise _PageError(
                "its records changed while the pages were fetched, so that one may be missing; "
                f"{_AGAIN} ask for an order of records in url:"
            )

    def _keep(self, body: bytes, records: list[Any], address: str) -> None:
        keys = _keys(records)
        if keys & self._records:
            raise _PageError(
                f"holds a record of an earlier page; {_AGAIN} correct next:, or ask for an order of records in url:"
            )
        self._records |= keys
        self.bodies.append(body)
        self._kept.append((address, keys))
        self.size += len(body)
        self._count += len(records)

    def _check_total(self, document: Any) -> None:
        if not self.form.total:
            return
        total = next(follow(document, self.form.total), None)
        if not isinstance(total, int) or isinstance(total, bool):
            raise _PageError("its total is no whole number; correct total: in next:")
        if self._total not in (None, total):
            raise _PageError(
                f"says {total:,} records in all, and the first page said {self._total:,}; {_AGAIN} ask why"
            )
        self._total = total

    def _counted(self, records: list[Any], says_more: bool | None) -> str | None:
        if records and not self._more:
            raise _PageError("holds records, although the page before it was the last; correct until: in next:")
        if not records and says_more:
            raise _PageError(f"holds no records, and says that more follow; {_AGAIN} ask its publisher")
        self._more = says_more is not False
        return self._with_parameter(self._position()) if records else None

    def _linked(self, document: Any, address: str) -> str | None:
        path = self.form.cursor or self.form.address
        is_checked = len(self.bodies) > 1 or bool(self.form.total)
        link = _value(document, path) if is_checked else next(follow(document, path), None)
        if link is None or link == "":
            return None
        if not isinstance(link, str | int) or isinstance(link, bool):
            raise _PageError(f"{path} is no text or number; correct next:")
        if self.form.cursor:
            return self._with_parameter(str(link))
        following = urljoin(address, str(link))
        try:
            is_same = Address.parse(following).site == Address.parse(self.url).site
        except AddressError:
            is_same = False
        if not is_same:
            raise _PageError("the next page is on another host; only the host of url: is asked")
        return following

    def _position(self) -> str:
        return str(self._count if self.form.offset else self.form.first + len(self.bodies))

    def _with_parameter(self, text: str) -> str:
        address, mark = self.url, "&" if "?" in self.url else "?"
        return f"{address}{mark}{quote(self.form.parameter_name, safe='')}={quote(text, safe='')}"


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise _PageError("is no JSON in UTF-8; see whether the address is right, and asks for no login") from error


def _records(document: Any, rows: str) -> Iterator[Any]:
    if not rows and not isinstance(document, list):
        raise _PageError("its records are not the list itself; write rows:")
    if rows and "[]" not in rows:
        raise _PageError(f"rows: leads to a list, and not to its entries; write rows: {rows}[]")
    return follow(document, rows or "[]")


def _keys(records: Iterable[Any]) -> set[int]:
    return {hash(json.dumps(record, sort_keys=True)) for record in records}


def _value(document: Any, path: str) -> Any:
    """The value at a path; None where it leads nowhere, as on last pages."""
    try:
        return next(follow(document, path), None)
    except PathError:
        return None
