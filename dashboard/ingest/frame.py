"""Builds frames of rows with the columns and dtypes of `DTYPES`; one row is one line of a CSV file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from dashboard.domain import DTYPES


def frame(records: list[dict[str, Any]]) -> pd.DataFrame:
    """A frame of records whose keys are those of `DTYPES`."""
    return pd.DataFrame(records, columns=list(DTYPES)).astype(DTYPES) if records else _empty_frame().copy(deep=False)


@cache
def _empty_frame() -> pd.DataFrame:
    """The frame without rows: making it takes as long as reading a small file."""
    return pd.DataFrame([], columns=list(DTYPES)).astype(DTYPES)


def _blank_texts(count: int) -> pa.Array:
    """Blank texts in the form that pandas takes as it is; their zeros take no memory before somebody writes there."""
    return pa.LargeStringArray.from_buffers(count, pa.py_buffer(np.zeros(count + 1, np.int64)), pa.py_buffer(b""))


def frame_from_columns(texts: Mapping[str, pa.Array], is_kept: np.ndarray, **columns: np.ndarray) -> pd.DataFrame:
    """A frame of the kept rows of these columns. A missing column of text is blank, a missing instant NaT."""
    blank = _blank_texts(len(is_kept))
    table = pa.table({name: texts.get(name, blank) for name, dtype in DTYPES.items() if dtype == "str"})
    if not is_kept.all():
        table = table.filter(pa.array(is_kept))
        columns = {name: column[is_kept] for name, column in columns.items()}
    strings, never = table.to_pandas(), np.full(table.num_rows, np.datetime64("NaT", "s"))
    return pd.DataFrame(
        {
            name: strings[name] if dtype == "str" else columns.get(name, never).astype(dtype, copy=False)
            for name, dtype in DTYPES.items()
        },
        copy=False,
    )
