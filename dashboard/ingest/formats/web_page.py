"""Reads a table of an HTML page, chosen by its number or its heading. Nothing of the page is executed or fetched."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from lxml import etree, html

from dashboard.domain.text import with_code_points
from dashboard.ingest.formats.grid import Grid
from dashboard.ingest.formats.page_cells import cell_of, rows_of, words_of
from dashboard.ingest.formats.spans import TooLargeError, laid_out
from dashboard.ingest.parse.decode import decode_text, untrusted
from dashboard.ingest.parse.dialect import Dialect

_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_HIDDEN_BEGIN = re.compile(rb"<!--|<(script|style|template)\b", re.IGNORECASE)
_HIDDEN_ENDS = {name: re.compile(rb"</%s\b" % name, re.IGNORECASE) for name in (b"script", b"style", b"template")}
_COMMENT_END = re.compile(b"-->")
_TABLE_TAG = re.compile(rb"<(/?)table(?=[\s>/])", re.IGNORECASE)
_MOST_LISTED, _LONGEST_HEADING = 10, 200


def read_page(data: bytes, file: str, dialect: Dialect) -> Grid:
    """The rows of the declared table. Raises UntrustedError."""
    text = decode_text(data, file, dialect)
    if text.lstrip()[:1] != b"<":
        raise untrusted(file, "is no HTML page; see whether the address is right", 1)
    _refuse_cut_page(text, file)
    page = _parsed(text, file)
    table = _chosen([*_tables(page)], file, dialect.layout.table)
    ignores_footnotes = dialect.layout.ignores_footnotes
    try:
        return laid_out([[cell_of(cell, ignores_footnotes) for cell in row] for row in rows_of(table)])
    except TooLargeError as error:
        raise untrusted(file, f"{error}, so it is no table of figures; choose another one with table:") from error


def _refuse_cut_page(text: bytes, file: str) -> None:
    """UntrustedError where a table of the page does not end: its last cell may be cut off and look complete."""
    open_tables = 0
    for part in _shown(text):
        for tag in _TABLE_TAG.finditer(part):
            open_tables = max(open_tables - 1, 0) if tag[1] else open_tables + 1
    if open_tables:
        raise untrusted(file, "does not end a table that it begins, so the page was cut off; fetch or save it again")


def _shown(text: bytes) -> Iterator[bytes]:
    """The parts of a page between comments, scripts and styles, up to one that does not end."""
    begin = 0
    while match := _HIDDEN_BEGIN.search(text, begin):
        yield text[begin : match.start()]
        name = match[1]
        end = (_HIDDEN_ENDS[name.lower()] if name else _COMMENT_END).search(text, match.end())
        if end is None:
            return
        begin = end.end()
    yield text[begin:]


def _parsed(text: bytes, file: str) -> html.HtmlElement:
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    try:
        page = html.document_fromstring(text, parser=parser)
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise untrusted(file, f"is no HTML that can be read: {error}") from error
    fatal = [entry for entry in parser.error_log if entry.level == etree.ErrorLevels.FATAL]
    if fatal:
        raise untrusted(file, f"is no HTML that can be read to its end: {fatal[0].message.strip()}", fatal[0].line)
    return page


class _Table(NamedTuple):
    """A table of a page, and the heading that stands last before it."""

    element: html.HtmlElement
    heading: str


def _tables(page: html.HtmlElement) -> Iterator[_Table]:
    heading = None
    for element in page.iter("table", *_HEADINGS):
        if element.tag != "table":
            heading = element
        elif next(element.iterancestors("template"), None) is None:
            yield _Table(element, "" if heading is None else words_of(heading, ignores_footnotes=True))


def _chosen(tables: list[_Table], file: str, declared: int | str | None) -> html.HtmlElement:
    """The table that the YAML declares, or the only one."""
    if not tables:
        raise untrusted(file, "has no table; see whether the address is right, and asks for no login")
    if isinstance(declared, int):
        if declared > len(tables):
            raise untrusted(file, f"has no table {declared}; correct table:. {_listed(tables)}")
        return tables[declared - 1].element
    matches = [table for table in tables if declared is None or _plain(declared) in _headings(table)]
    if len(matches) == 1:
        return matches[0].element
    if declared is None:
        raise untrusted(file, f"has {len(tables)} tables; name one with table:. {_listed(tables)}")
    what = f'has {len(matches) or "no"} table{"s" if matches else ""} under the heading "{declared[:60]}"'
    raise untrusted(file, f"{what}; correct table:, or write its number there. {_listed(tables)}")


def _listed(tables: list[_Table]) -> str:
    listed = [f"{number} {_described(table)}" for number, table in enumerate(tables[:_MOST_LISTED], start=1)]
    more = f" and {len(tables) - _MOST_LISTED} more" if len(tables) > _MOST_LISTED else ""
    return f"It has {', '.join(listed)}{more}"


def _described(table: _Table) -> str:
    heading = next(_headings(table), "without a heading")
    first = next(iter(rows_of(table.element)), [])
    cells = ", ".join(words_of(cell, ignores_footnotes=True)[:20] for cell in first[:4])
    return with_code_points(f'"{heading[:60]}" ({cells})')


def _headings(table: _Table) -> Iterator[str]:
    """The words of its caption, of the headings within it, of what stands just above it; of the last heading before it
    where it has no caption."""
    element = table.element
    for heading in element.iter("caption", *_HEADINGS):
        if next(heading.iterancestors("table"), None) is element:
            yield words_of(heading, ignores_footnotes=True)
    above = element.getprevious()
    if above is not None and above.tag != "table":
        words = words_of(above, ignores_footnotes=True)
        if 0 < len(words) <= _LONGEST_HEADING:
            yield words
    if element.find("caption") is None and table.heading:
        yield table.heading


def _plain(heading: str) -> str:
    return " ".join(heading.split())
