"""A column of strings as numbers for its different words: what repeats is looked at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_RUN = 8  # a column whose words stand in runs of this length or more on average is coded by its runs
_GLANCE = 4_096  # rows that are looked at for that


@dataclass(frozen=True, eq=False)
class Coded:
    """codes: for each row the position of its word in `words`."""

    codes: np.ndarray
    column: pa.Array  # of the different words

    @classmethod
    def of(cls, column: pa.Array) -> Coded:
        if _has_short_runs(column[:_GLANCE]):
            found = column.dictionary_encode()
            return cls(found.indices.to_numpy(), found.dictionary)
        runs = pc.run_end_encode(column)
        found = runs.values.dictionary_encode()
        lengths = np.diff(runs.run_ends.to_numpy(), prepend=0)
        return cls(np.repeat(found.indices.to_numpy(), lengths), found.dictionary)

    @classmethod
    def blank(cls, count: int) -> Coded:
        """A column that the file does not have."""
        return cls(np.zeros(count, np.int32), pa.array([""], pa.string()))

    @cached_property
    def words(self) -> list[str]:
        return list(self.column.to_pylist())

    def where(self, is_so: Callable[[str], bool]) -> np.ndarray:
        """bool for each row."""
        return self.each(np.array([is_so(word) for word in self.words], bool))

    def each(self, by_word: np.ndarray) -> np.ndarray:
        """What is known of each word, for each row."""
        return by_word[self.codes] if by_word.size else np.zeros(0, by_word.dtype)

    @property
    def strings(self) -> pa.Array:
        """For each row its word again."""
        if self.codes.size and (self.codes == self.codes[0]).all():
            return pa.repeat(self.column[int(self.codes[0])], self.codes.size)
        return pc.take(self.column, pa.array(self.codes))


def _has_short_runs(column: pa.Array) -> bool:
    return len(pc.run_end_encode(column).values) * _RUN > len(column)
