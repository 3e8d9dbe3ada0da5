"""Columns of a table that say the same in every row: most of a source's, and dear to write and read row by row."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

ConstantColumns = Mapping[str, str | None]  # by column what each row says, None for nothing


def drop_constant_columns(table: pa.Table) -> tuple[pa.Table, ConstantColumns]:
    """The table without the columns of which all rows say the same, if they are words or nothing at all; and these."""
    found = {name: _said(table[name]) for name in table.column_names if table.num_rows and _is_alike(table[name])}
    return table.drop_columns(list(found)), found


def restore_constant_columns(table: pa.Table, alike: ConstantColumns, kinds: Mapping[str, pa.DataType]) -> pa.Table:
    """The table with them again, its columns in the order of `kinds`; raises KeyError or ArrowException where they do
    not go with it."""
    for name, said in alike.items():
        table = table.append_column(name, pa.repeat(pa.scalar(said, kinds[name]), table.num_rows))
    return table.select(list(kinds))


def _is_alike(column: pa.ChunkedArray) -> bool:
    if column.null_count:
        return bool(column.null_count == len(column))
    is_words = pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
    return is_words and bool(pc.all(pc.equal(column, column[0])).as_py())


def _said(column: pa.ChunkedArray) -> str | None:
    said: str | None = column[0].as_py()
    return said
