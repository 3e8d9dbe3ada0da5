"""CSV for people who open it in a spreadsheet, where a cell that begins like a formula would be run as one."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable

# A formula begins a cell, or what a spreadsheet of another country takes for one: behind its separator, or a line
# break. The wide forms are formulas in East Asia.
_BEFORE_FORMULA = re.compile(r"(^|[,;|\t\r\n\"])( *)(?=[=+\-@\t\r\uff1d\uff0b\uff0d\uff20])")


def as_csv(header: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """All cells quoted; an apostrophe stands before what would begin a formula, which spreadsheets read as text."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return out.getvalue()


def harmless(cell: str) -> str:
    return _BEFORE_FORMULA.sub(r"\1\2'", cell)
