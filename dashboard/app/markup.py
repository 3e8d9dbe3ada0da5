"""HTML elements with text from data: the one place that puts text between tags.

Text from data never goes through Markdown, where `![](address)` would make the browser fetch a page and
`:red-badge[...]` would fake a badge. Here every text and attribute is escaped; only what this module built
itself (`Markup`) is not escaped again.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from typing import Literal

import streamlit as st


class Markup(str):
    """HTML that this module built, so that it need not be escaped."""

    __slots__ = ()


def element(tag: str, *content: str, **attributes: str) -> Markup:
    """`element("p", "text", class_="note")`: escaped text and ready markup in one element."""
    attribute_text = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{html.escape(value)}"' for name, value in attributes.items() if value
    )
    inner = "".join(part if isinstance(part, Markup) else html.escape(part) for part in content)
    return Markup(f"<{tag}{attribute_text}>{inner}</{tag}>")


def join_markup(parts: Iterable[Markup]) -> Markup:
    """Concatenates pieces of markup."""
    return Markup("".join(parts))


def table(caption: str, header: Iterable[str], rows: Iterable[Iterable[str]], class_: str = "") -> Markup:
    """A table that wraps its text; cells may be text or markup."""
    head = element("tr", *(element("th", name, scope="col") for name in header))
    body = (element("tr", *(element("td", cell) for cell in row)) for row in rows)
    return element(
        "div",
        element(
            "table",
            element("caption", caption, class_="unseen"),
            element("thead", head),
            element("tbody", *body),
            class_=f"plain {class_}".strip(),
        ),
        class_="wide",
    )


def table_of_cards(caption: str, header: Sequence[str], rows: Iterable[Sequence[str]], class_: str = "") -> Markup:
    """A table whose rows become cards on narrow screens, each cell with its column's name before it."""
    head = element("tr", *(element("th", name, scope="col") for name in header))
    body = (
        element("tr", *(element("td", cell, data_label=name) for name, cell in zip(header, row, strict=True)))
        for row in rows
    )
    return element(
        "table",
        element("caption", caption, class_="unseen"),
        element("thead", head),
        element("tbody", *body),
        class_=f"plain cards {class_}".strip(),
    )


def fact_list(pairs: Iterable[tuple[str, str]], class_: str = "facts") -> Markup:
    """A list of names and texts; a pair with an empty text is left out."""
    rows = (join_markup((element("dt", name), element("dd", text))) for name, text in pairs if text)
    return element("dl", *rows, class_=class_)


def show(*parts: Markup, width: Literal["stretch", "content"] = "stretch") -> None:
    """Put markup on the page, if there is any."""
    if markup := join_markup(parts):
        st.html(markup, width=width)


def alert(*texts: str) -> None:
    """Say that something is wrong, so that a screen reader announces it too."""
    show(element("div", *(element("p", text) for text in texts), class_="alert", role="alert"))
