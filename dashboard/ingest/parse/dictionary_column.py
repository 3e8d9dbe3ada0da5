"""A column of strings as codes into its distinct words, so that each word is parsed once and not once a row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa

from dashboard.late_imports import pc

_LONG_RUN = 8  # rows; a column whose equal words stand in runs of this average length is encoded run by run
_SAMPLE = 4_096  # rows that decide this


@dataclass(frozen=True, eq=False)
class DictionaryColumn:
    """codes: for each row the position of its word in `dictionary`, which holds the distinct words."""

    codes: np.ndarray
    dictionary: pa.Array

    @classmethod
    def encode(cls, column: pa.Array) -> DictionaryColumn:
        if _has_short_runs(column[:_SAMPLE]):
            encoded = column.dictionary_encode()
            return cls(encoded.indices.to_numpy(), encoded.dictionary)
        runs = pc.run_end_encode(column)
        encoded = runs.values.dictionary_encode()
        lengths = np.diff(runs.run_ends.to_numpy(), prepend=0)
        return cls(np.repeat(encoded.indices.to_numpy(), lengths), encoded.dictionary)

    @classmethod
    def blank(cls, count: int) -> DictionaryColumn:
        """The column of a file that does not have it."""
        return cls(np.zeros(count, np.int32), pa.array([""], pa.string()))

    @cached_property
    def words(self) -> list[str]:
        return list(self.dictionary.to_pylist())

    def rows_where(self, predicate: Callable[[str], bool]) -> np.ndarray:
        """bool for each row: whether the predicate holds for its word."""
        return self.per_row(np.array([predicate(word) for word in self.words], bool))

    def per_row(self, per_word: np.ndarray) -> np.ndarray:
        """Values for each word, as values for each row."""
        if per_word.size == 1:
            return np.full(self.codes.size, per_word[0])
        return per_word[self.codes] if per_word.size else np.zeros(0, per_word.dtype)

    def with_dictionary(self, dictionary: pa.Array) -> DictionaryColumn:
        """The same column with other words, some of which may have become equal."""
        encoded = dictionary.dictionary_encode()
        return DictionaryColumn(encoded.indices.to_numpy()[self.codes], encoded.dictionary)

    @property
    def strings(self) -> pa.Array:
        """The word of each row."""
        if self.codes.size and (self.codes == self.codes[0]).all():
            return pa.repeat(self.dictionary[int(self.codes[0])], self.codes.size)
        return pc.take(self.dictionary, pa.array(self.codes))


def _has_short_runs(column: pa.Array) -> bool:
    return len(pc.run_end_encode(column).values) * _LONG_RUN > len(column)
