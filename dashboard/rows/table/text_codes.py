"""A column of texts as numbers: each text is held once, however many rows have it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from dashboard.late_imports import pc, pd


@dataclass(frozen=True, eq=False)
class TextCodes:
    """`texts` are the different texts in the order in which they first come; `codes` says which each row has."""

    codes: np.ndarray
    texts: pa.LargeStringArray

    @classmethod
    def of(cls, column: pd.Series) -> TextCodes:
        """The codes of a column; a blank is an empty text."""
        cells = pa.array(column)
        cells = cells.combine_chunks() if isinstance(cells, pa.ChunkedArray) else cells
        encoded = pc.fill_null(cells, "").dictionary_encode()
        return cls(encoded.indices.to_numpy(), encoded.dictionary.cast(pa.large_string()))

    @property
    def names(self) -> np.ndarray:
        """The different texts as objects."""
        return np.asarray(self.texts.to_numpy(zero_copy_only=False), dtype=object)

    def decoded(self) -> np.ndarray:
        """The text of each row, as objects."""
        return np.asarray(self.names[self.codes])

    def equal(self, text: str) -> np.ndarray:
        """bool: which rows have a text."""
        return np.asarray((self.names == text)[self.codes])

    def ranks(self) -> np.ndarray:
        """Numbers of the rows that order as their texts do."""
        ranks = np.empty(len(self.texts), np.int64)
        ranks[pc.array_sort_indices(self.texts).to_numpy()] = np.arange(len(ranks))
        return np.asarray(ranks[self.codes])
