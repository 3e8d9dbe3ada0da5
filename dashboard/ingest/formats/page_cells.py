"""The words of the cells of an HTML table, as a browser shows them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from dashboard.ingest.formats.spans import SpanningCell

_BLOCKS = {
    "address", "article", "br", "caption", "dd", "div", "dl", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li",
    "ol", "p", "pre", "section", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
}  # fmt: skip
_NOT_SHOWN = {"script", "style", "template", "noscript", "select", "textarea", "svg", "math"}
_STRUCK = {"del", "s", "strike"}
_RAISED, _LOWERED = "sup", "sub"
_MARKS = {_RAISED: "^", _LOWERED: "_", **dict.fromkeys(_STRUCK, " ~")}
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_MOST_COLUMNS, _MOST_ROWS = 1_000, 65_534  # of one cell, as browsers limit it
_FOOTNOTE = "holds a raised mark; write footnotes: ignore if it is no part of the cell"
_STRUCK_OUT = "holds words that are struck out; see the page"


def rows_of(table: HtmlElement) -> Iterator[list[HtmlElement]]:
    """The cells of each row of a table, without those of tables within it."""
    for row in table.iter("tr"):
        if next(row.iterancestors("table")) is table:
            yield [cell for cell in row if cell.tag in ("td", "th")]


def cell_of(cell: HtmlElement, ignores_footnotes: bool) -> SpanningCell:
    reason = ""
    inner = {element.tag for element in cell.iter() if isinstance(element.tag, str) and _has_words(element)}
    if inner & _STRUCK:
        reason = _STRUCK_OUT
    elif _RAISED in inner and not ignores_footnotes:
        reason = _FOOTNOTE
    rows, columns = _span(cell, "rowspan", _MOST_ROWS), max(_span(cell, "colspan", _MOST_COLUMNS), 1)
    return SpanningCell(words_of(cell, ignores_footnotes), rows or _MOST_ROWS, columns, reason)


def words_of(element: HtmlElement, ignores_footnotes: bool) -> str:
    """The words of an element in one line. Marks set what is raised, lowered or struck out apart from the rest."""
    return " ".join("".join(_parts(element, ignores_footnotes)).split())


def _parts(element: HtmlElement, ignores_footnotes: bool) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if isinstance(child.tag, str) and not _is_hidden(child):
            is_block = child.tag in _BLOCKS
            if is_block:
                yield " "
            if child.tag != _RAISED or not ignores_footnotes:
                mark = _MARKS.get(child.tag, "") if _has_words(child) else ""
                yield from (mark, *_parts(child, ignores_footnotes))
            if is_block:
                yield " "
        yield child.tail or ""


def _is_hidden(element: HtmlElement) -> bool:
    is_hidden = "hidden" in element.attrib or _HIDDEN.search(element.get("style", ""))
    return element.tag in _NOT_SHOWN or bool(is_hidden)


def _has_words(element: HtmlElement) -> bool:
    return bool("".join(element.itertext()).strip())


def _span(cell: HtmlElement, name: str, most: int) -> int:
    """How many rows or columns a cell spans; 1 where that is no number, 0 for all rows that follow."""
    text = cell.get(name, "1").strip()
    return min(int(text), most) if text.isdecimal() and text.isascii() and len(text) < 10 else 1
