"""The expectations (`expect:`) of a source: a delivery that does not meet them is held back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from dashboard.catalog import Expectations, Source
from dashboard.domain.dates import stated_days
from dashboard.domain.text import in_full
from dashboard.ingest import Dialect, Reading, column_names
from dashboard.large_bytes import Bytes
from dashboard.late_imports import pd
from dashboard.rows.guards.revision_limits import excessive_revisions


def unmet_expectations(
    source: Source, data: Bytes, reading: Reading, before: int | None, in_force: pd.DataFrame | None = None
) -> str:
    """Why a readable delivery is held back; "" where it is not. `before`: the number of rows of the deliveries that it
    replaces; `in_force`: the rows that it replaces, None where these are compared apart."""
    header = column_names(data, Dialect.of(source)) if source.expect.columns else []
    changes = "" if in_force is None else excessive_changes(source, reading, in_force)
    return _joined(broken_expectations(source.expect, reading.row_count, header, before), changes)


def _joined(*reasons: str) -> str:
    return "; ".join(reason for reason in reasons if reason)


def excessive_changes(source: Source, reading: Reading, in_force: pd.DataFrame) -> str:
    """Why the figures of a delivery differ too much from those in force, or are older; "" where they do not."""
    is_complete = not (reading.quarantined or reading.near_misses)  # otherwise the newest row may be lacking
    copy = old_copy(in_force, reading.rows) if source.origin.is_remote and is_complete else ""
    return _joined(copy, excessive_revisions(in_force, reading.rows, source.expect.revise_at_most))


def old_copy(in_force: pd.DataFrame, delivery: pd.DataFrame) -> str:
    """Why a delivery is an old copy: its newest publication lies before that of the rows in force, or its newest
    period, where one of the two states no publication.

    A publication is a span of days where a month or a year is stated; an old copy ends before that span begins.
    """
    if in_force.empty or delivery.empty:
        return ""
    published, begun = delivery["published_at"].max(), _newest_begun(in_force)
    if not pd.isna(published) and begun is not None:
        what, newest, before = "publication", published.date(), begun
    else:
        what, newest, before = "period", delivery["end"].max().date(), in_force["end"].max().date()
    if newest >= before:
        return ""
    return f"it is an old copy: its newest {what} is of {newest:%-d %b %Y}, that in force of {before:%-d %b %Y}"


def _newest_begun(rows: pd.DataFrame) -> date | None:
    """The first day of the newest publication that rows state; None where they state none."""
    return max((stated_days(text).start for text in rows["published"].unique() if text), default=None)


def broken_expectations(expect: Expectations, rows: int, header: Sequence[str], before: int | None) -> str:
    """Why a delivery breaks the declared expectations, and what to do; "" where it breaks none.

    rows: the number of its rows; header: the columns of its file; before: the number of rows of the last good delivery,
    None where there was none. A first file may be empty; a later one may not lose all rows.
    """
    return _joined(_missing_columns(expect, header), _too_few(expect, rows), excessive_shrinkage(expect, rows, before))


def _missing_columns(expect: Expectations, header: Sequence[str]) -> str:
    lacking = [column for column in expect.columns if column not in header]
    if not lacking:
        return ""
    has = ", ".join(header) or "no columns"
    return f"it lacks {', '.join(lacking)}, expected in expect.columns; it has {has}; correct either"


def _too_few(expect: Expectations, rows: int) -> str:
    if rows >= expect.min_rows:
        return ""
    return f"it holds {_rows(rows)}, fewer than expect.min_rows: {expect.min_rows}; fetch it again, or lower that"


def excessive_shrinkage(expect: Expectations, rows: int, before: int | None) -> str:
    """Why a delivery has too few rows, compared with the number `before`; "" where it has enough."""
    if not before:
        return ""
    lost = before - rows
    if not rows:
        return f"it lost all of its {_rows(before)}; if that is meant, mark them status: withdrawn"
    if 100 * lost > expect.shrink_at_most * before:
        return f"it shrank from {_rows(before)} to {rows}, by more than {in_full(expect.shrink_at_most)} %"
    return ""


def _rows(count: int) -> str:
    return f"{count} row" if count == 1 else f"{count} rows"
