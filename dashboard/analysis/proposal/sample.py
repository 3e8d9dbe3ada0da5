"""The table that a file seems to hold: its format, marks and header, each as a key of the YAML."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from dashboard.analysis.proposal.cells import as_period, is_figure
from dashboard.ingest import Dialect, Layout, UntrustedError, known_forms, rows_of_words, unpacked

_ENCODINGS = ("utf-8", "utf-16", "cp1252", "cp1251", "cp949", "gb18030", "shift_jis")
_CERTAIN = ("utf-8", "utf-16")
_ZIP = b"PK\x03\x04"
_MOST_ROWS = 5_000  # that a proposal looks at
_MOST_TABLES = 20  # of a page that are looked at
_MOST_ABOVE = 60  # lines above a header


@dataclass
class Sample:
    """names: the columns; rows: below them, as wide as these; keys: what the YAML must say for that; comments: what is
    not known, by key."""

    names: list[str]
    rows: list[list[str]]
    keys: dict[str, Any] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)

    def column(self, name: str) -> list[str]:
        place = self.names.index(name)
        return [row[place] for row in self.rows]


def take_sample(data: bytes, file: str) -> Sample:
    """The table of a file. Raises UntrustedError where it holds none."""
    keys, comments = _format(data, file)
    if "format" not in keys:
        keys |= _marks_of_text(unpacked(data, file, Layout()), comments)
    layout = Layout(**{key: value for key, value in keys.items() if key in ("format", "rows", "table", "sheet")})
    dialect = Dialect(layout=layout, separator=keys.get("separator", ","), encoding=keys.get("encoding", "utf-8"))
    try:
        rows = rows_of_words(data, file, dialect)
    except UntrustedError as error:
        if keys.get("format") != "html":
            raise
        rows = _largest_table(data, file, keys, comments, error)
    return _below_header(rows, keys, comments)


def _format(data: bytes, file: str) -> tuple[dict[str, Any], dict[str, str]]:
    """The keys of a format that is no text of cells."""
    if data.startswith(_ZIP) and b"xl/workbook" in data:
        return {"format": "xlsx"}, {}
    text = unpacked(data, file, Layout()).lstrip(b"\xef\xbb\xbf \t\r\n")
    if text[:1] in (b"{", b"["):
        return _json_keys(text)
    if re.match(rb"(?i)<(!doctype html|html|table|\?xml)", text):
        return {"format": "html"}, {}
    return {}, {}


def _largest_table(
    data: bytes, file: str, keys: dict[str, Any], comments: dict[str, str], error: UntrustedError
) -> list[list[str]]:
    """The rows of the largest table of a page that has several."""
    tables = {}
    for number in range(1, _MOST_TABLES + 1):
        try:
            tables[number] = rows_of_words(data, file, Dialect(layout=Layout(format="html", table=number)))
        except UntrustedError:
            continue
    if not tables:
        raise error
    keys["table"] = max(tables, key=lambda number: sum(map(len, tables[number])))
    comments["table"] = (
        f"{error.problems[0].message}; a heading, as in {{heading: WORDS}}, outlives a new table above it"
    )
    return tables[keys["table"]]


def _json_keys(text: bytes) -> tuple[dict[str, Any], dict[str, str]]:
    try:
        document = json.loads(text)
    except ValueError:
        return {"format": "json_lines"}, {}
    paths = sorted(_lists_of_objects(document), key=lambda path: -path[1])
    if not paths:
        return {"format": "json"}, {"rows": "no list of records is seen; write rows: and the path to it"}
    path = paths[0][0]
    others = [other for other, _ in paths[1:4]]
    comments = {"rows": f"lists of records stand also at {', '.join(others)}"} if others else {}
    return {"format": "json", **({"rows": path} if path != "[]" else {})}, comments


def _lists_of_objects(value: Any, path: str = "") -> list[tuple[str, int]]:
    """The paths of the lists of objects in a document, each with its length; of a list of features their attributes."""
    if isinstance(value, list):
        objects = [entry for entry in value if isinstance(entry, dict)]
        if objects and len(objects) == len(value):
            inner = next((name for name in ("attributes", "properties") if isinstance(objects[0].get(name), dict)), "")
            return [(f"{path}[]{'.' + inner if inner else ''}", len(objects))]
        return [
            found for place, entry in enumerate(value[:5]) for found in _lists_of_objects(entry, f"{path}[{place}]")
        ]
    if isinstance(value, dict):
        return [
            found
            for name, entry in value.items()
            for found in _lists_of_objects(entry, f"{path}.{name}" if path else name)
        ]
    return []


def _marks_of_text(text: bytes, comments: dict[str, str]) -> dict[str, Any]:
    """The encoding and the separator of a text, as far as its first lines show them."""
    keys: dict[str, Any] = {}
    readable = [name for name in _ENCODINGS if _decodes(text, name)]
    if readable and readable[0] != "utf-8":
        keys["encoding"] = readable[0]
        if readable[0] not in _CERTAIN:
            comments["encoding"] = f"see whether its words read well; {', '.join(readable[1:4])} would read it too"
    lines = text[: 1 << 16].decode(keys.get("encoding", "utf-8"), errors="replace").splitlines()[:200]
    widths = {mark: Counter(line.count(mark) for line in lines if line.count(mark)) for mark in ",;\t|"}
    regular = {
        mark: max(counts.items(), key=lambda item: item[1] * item[0]) for mark, counts in widths.items() if counts
    }
    if regular:
        mark = max(regular, key=lambda mark: (regular[mark][1], mark != ",", regular[mark][0]))
        if mark != ",":
            keys["separator"] = mark
    return keys


def _decodes(text: bytes, encoding: str) -> bool:
    if encoding == "utf-16" and not text.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    try:
        text.decode(encoding)
    except UnicodeError:
        return False
    return True


def _below_header(rows: Sequence[list[str]], keys: dict[str, Any], comments: dict[str, str]) -> Sample:
    """The rows below the header, which is the first of the usual width that holds no figure."""
    widths = Counter(len(row) for row in rows if len(row) > 1)
    width = max(widths, key=lambda width: (widths[width], width)) if widths else max(map(len, rows), default=0)
    first = next((place for place, row in enumerate(rows) if len(row) == width and any(row)), None)
    if first is None or not width:
        raise UntrustedError()
    first = _header_place(rows, first, width)
    names = [cell.strip() if not cell.strip() else cell for cell in rows[first]]
    body_from = first + 1
    if _is_data(names) or _holds_a_date(names):
        keys["header"], keys["cells"] = "none", width
        comments["header"] = "see what each column is"
        names, body_from = [str(number) for number in range(1, width + 1)], first
    if first:
        keys["skip_lines"] = first
    body = rows[body_from:]
    full = [place for place, row in enumerate(body) if len(row) == width and any(row)]
    last = max((place for place in full if _states_something(body[place])), default=max(full, default=-1))
    tail = [row for row in body[last + 1 :] if any(row)]
    if tail:
        keys["until"] = "^" + re.escape(f'"{tail[0][0]}' if "," in tail[0][0] else tail[0][0])[:24]
    return Sample(
        names, [row for row in body[: last + 1] if len(row) == width and any(row)][:_MOST_ROWS], keys, comments
    )


def _header_place(rows: Sequence[list[str]], first: int, width: int) -> int:
    """The last row of words before the first row with a date or a figure, or else the first row of the usual width."""
    for place in range(first, min(first + _MOST_ABOVE, len(rows) - 1)):
        row, following = rows[place], rows[place + 1]
        if len(row) == width and len(following) == width and not _is_data(row) and _is_data(following):
            return first if _holds_a_date(row) else place
    return first


def _states_something(cells: Sequence[str]) -> bool:
    """Whether a row holds a figure, or a date in any form."""
    return any(cell.strip() and (is_figure(cell) or as_period(cell) or known_forms(cell)) for cell in cells)


def _holds_a_date(cells: Sequence[str]) -> bool:
    """Whether a row holds a single date in a form that is to be declared: a header of periods has several."""
    return sum(bool(known_forms(cell.strip())) for cell in cells) == 1


def _is_data(cells: Sequence[str]) -> bool:
    """Whether a row holds a figure or a date beside which no other period stands: a header of periods has several."""
    figures = [cell for cell in cells if cell.strip() and (is_figure(cell) or as_period(cell))]
    periods = [cell for cell in figures if as_period(cell)]
    if len(periods) >= 2 and len(periods) == len(figures) and len(set(periods)) == len(periods):
        return False  # periods as columns
    return bool(figures)
