"""What `where:` asks of one column: certain words, words with certain beginnings, a range, or all words but some."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from dashboard.catalog import Choice


@dataclass(frozen=True)
class Condition:
    """words: the cells that are chosen; beginnings: those of the cells that are; excluded: the cells that are not,
    where all others are; least, most: the ends of a range of numbers or periods, "" for an open end."""

    words: tuple[str, ...] = ()
    beginnings: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    least: str = ""
    most: str = ""

    @classmethod
    def of(cls, declared: str | Sequence[str] | Choice) -> Condition:
        if not isinstance(declared, Choice):
            return cls(words=_as_tuple(declared))
        beginnings, excluded = _as_tuple(declared.starts_with), _as_tuple(declared.is_not)
        return cls((), beginnings, excluded, declared.least, declared.most)

    @property
    def is_range(self) -> bool:
        return bool(self.least or self.most)

    @property
    def names_words(self) -> bool:
        """Whether it names what is chosen, so that a file without any of that is not as expected."""
        return bool(self.words or self.beginnings)

    @property
    def chooses_several(self) -> bool:
        """Whether two chosen cells may differ."""
        return len(self.words) != 1

    @property
    def named(self) -> tuple[str, ...]:
        """The words and beginnings that it names."""
        return (*self.words, *self.beginnings)

    def names(self, word: str) -> bool:
        """Whether a cell has one of the words or beginnings, or none of the excluded words, whatever the range."""
        if self.words and word not in self.words:
            return False
        return word.startswith(self.beginnings or "") and word not in self.excluded

    def may_become(self, cut: str) -> bool:
        """Whether a cell that may be cut off can be the beginning of a chosen one."""
        if self.is_range or self.excluded:
            return True
        return any(word.startswith(cut) or cut.startswith(word) for word in self.named)

    def as_json(self) -> list[str] | dict[str, Any]:
        """A list of words, or what else is declared."""
        if self == Condition(self.words):
            return list(self.words)
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items() if value}

    @classmethod
    def from_json(cls, plain: Sequence[str] | Mapping[str, Any]) -> Condition:
        if not isinstance(plain, Mapping):
            return cls(tuple(plain))
        values: dict[str, Any] = {name: _frozen(value) for name, value in plain.items()}
        return cls(**values)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _as_tuple(words: str | Sequence[str]) -> tuple[str, ...]:
    return (words,) if isinstance(words, str) else tuple(words)
