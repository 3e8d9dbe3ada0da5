"""Builds frames of rows with the columns and dtypes of `DTYPES`; one row is one line of a CSV file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa

from dashboard.domain import DTYPES
from dashboard.late_imports import pd


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
    if not is_kept.all():
        kept = pa.array(is_kept)
        texts = {name: column.filter(kept) for name, column in texts.items()}
        columns = {name: column[is_kept] for name, column in columns.items()}
    count = int(np.count_nonzero(is_kept))
    blank, never = _blank_texts(count), np.full(count, np.datetime64("NaT", "s"))
    arrays = {
        name: _as_text(texts.get(name, blank)) if dtype == "str" else columns.get(name, never).astype(dtype, copy=False)
        for name, dtype in DTYPES.items()
    }
    return pd.DataFrame(arrays, copy=False)


def _as_text(column: pa.Array) -> pd.arrays.ArrowStringArray:
    """The column as pandas keeps it; `Table.to_pandas` does the same, which is slow for a short table."""
    chunks = pa.chunked_array([column.cast(pa.large_string())])
    return pd.arrays.ArrowStringArray(chunks, dtype=_text_dtype())  # type: ignore[call-arg]  # the stubs lack it


@cache
def _text_dtype() -> pd.StringDtype[Any]:
    """What pandas calls "str"."""
    return pd.StringDtype("pyarrow", na_value=np.nan)
