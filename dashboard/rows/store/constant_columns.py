"""Constant columns of a table are stored once; writing and reading them row by row is slow, and most columns are."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from dashboard.late_imports import pc

ConstantColumns = Mapping[str, str | None]  # by column the text of each row, None where all rows are blank


def drop_constant_columns(table: pa.Table) -> tuple[pa.Table, ConstantColumns]:
    """The table without the text columns whose rows are all equal and the columns without any value; and these."""
    constants = {
        name: _constant(table[name]) for name in table.column_names if table.num_rows and _is_constant(table[name])
    }
    return table.drop_columns(list(constants)), constants


def restore_constant_columns(table: pa.Table, constants: ConstantColumns, kinds: Mapping[str, pa.DataType]) -> pa.Table:
    """The table with its constant columns again, all columns in the order of `kinds`; raises KeyError or ArrowException
    where these columns do not fit the table."""
    for name, text in constants.items():
        table = table.append_column(name, pa.repeat(pa.scalar(text, kinds[name]), table.num_rows))
    return table.select(list(kinds))


def _is_constant(column: pa.ChunkedArray) -> bool:
    if column.null_count:
        return bool(column.null_count == len(column))
    is_text = pa.types.is_string(column.type) or pa.types.is_large_string(column.type)
    return is_text and bool(pc.all(pc.equal(column, column[0])).as_py())


def _constant(column: pa.ChunkedArray) -> str | None:
    text: str | None = column[0].as_py()
    return text
