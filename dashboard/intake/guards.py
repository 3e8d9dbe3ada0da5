"""What a delivery must have to be believed (`expect:`): one that has not is rejected, the last good one stands."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.catalog import Source
from dashboard.catalog.source import Expect
from dashboard.intake.cut import first_row
from dashboard.intake.layout import Layout
from dashboard.intake.reading import Reading
from dashboard.intake.text import utf8


def disbelief(source: Source, data: bytes, reading: Reading, before: int | None) -> str:
    """Why a delivery that was read and not rejected is not believed; `before`: how many rows those in force hold that
    it replaces."""
    header = _header(data, Layout.of(source)) if source.expect.columns else []
    return refusal(source.expect, len(reading.rows), header, before)


def refusal(expect: Expect, rows: int, header: Sequence[str], before: int | None) -> str:
    """Why a delivery is not believed, and what to do; empty where nothing is against it.

    rows: how many it holds, those that cannot be used too; header: the columns of its file; before: how many rows the
    last good delivery held, None where there was none. A first file may be empty; losing all rows later may not be.
    """
    found = [_columns(expect, header), _fewest(expect, rows), shrunk(expect, rows, before)]
    return "; ".join(reason for reason in found if reason)


def _header(data: bytes, layout: Layout) -> Sequence[str]:
    """The columns of a file that could be read, as it was read."""
    return first_row(utf8(data, "", layout), "", layout.separator)[0]


def _columns(expect: Expect, header: Sequence[str]) -> str:
    lacking = [column for column in expect.columns if column not in header]
    if not lacking:
        return ""
    has = ", ".join(header) or "no columns"
    return f"it lacks {', '.join(lacking)}, expected in expect.columns; it has {has}; correct either"


def _fewest(expect: Expect, rows: int) -> str:
    if rows >= expect.min_rows:
        return ""
    return f"it holds {_rows(rows)}, fewer than expect.min_rows: {expect.min_rows}; fetch it again, or lower that"


def shrunk(expect: Expect, rows: int, before: int | None) -> str:
    """Why too few rows came in the place of those `before`."""
    if not before:
        return ""
    lost = before - rows
    if not rows:
        return f"it lost all of its {_rows(before)}; if that is meant, mark them status: withdrawn"
    if 100 * lost > expect.shrink_at_most * before:
        said = f"it shrank from {_rows(before)} to {rows}, by more than {expect.shrink_at_most:g} %"
        return f"{said}; if that is meant, raise expect.shrink_at_most for once"
    return ""


def _rows(count: int) -> str:
    return f"{count} row" if count == 1 else f"{count} rows"
