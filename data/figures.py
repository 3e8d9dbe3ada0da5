"""The published figures, row by row, and the account of what each was used for."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path


class FiguresError(Exception):
    """The figures file and the tables of this folder disagree; the message names the row or the selector."""


@dataclass(frozen=True)
class Figure:
    """One row of the figures file, as text, with its line number."""

    line: int
    series: str
    date: str
    period: str
    value: str
    low: str
    high: str
    unit: str
    source: str
    publisher: str
    published: str
    url: str
    verified: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.series}, {self.period or self.date or 'undated'}, {self.source!r}"

    @property
    def is_recalled(self) -> bool:
        return self.verified.startswith("recalled")

    @property
    def is_missing_report(self) -> bool:
        return "NOT REPORTED" in self.verified

    @property
    def said(self) -> str:
        """Who said it, via whom."""
        return self.source if self.publisher in self.source else f"{self.source}, via {self.publisher}"

    @property
    def what(self) -> str:
        """The thing counted, where the unit names it: "Yu Son" of "call: Yu Son (UN-listed)"."""
        return self.unit.partition(": ")[2].partition(" (")[0]


@dataclass(frozen=True)
class Rows:
    """Selects figure rows; each pattern is a glob, `when` holds if the period or the date matches."""

    series: str
    when: str = "*"
    who: str = "*"

    def __str__(self) -> str:
        return f"rows({self.series!r}, {self.when!r}, {self.who!r})"

    def match(self, figure: Figure) -> bool:
        return (
            fnmatchcase(figure.series, self.series)
            and (fnmatchcase(figure.period, self.when) or fnmatchcase(figure.date, self.when))
            and fnmatchcase(figure.source, self.who)
        )


rows = Rows

# Which uses a row may already have when it gets another one: nothing is shipped twice, or both shipped and not.
BESIDE = {"shipped": {"input"}, "input": {"input", "shipped"}, "not shipped": set()}


class Figures:
    """All figure rows, and for each the uses made of it: `shipped`, `input` or `not shipped`."""

    def __init__(self, figures: Iterable[Figure]) -> None:
        self.all = tuple(figures)
        self.uses: dict[Figure, set[str]] = defaultdict(set)

    @classmethod
    def read(cls, path: Path) -> Figures:
        with path.open(encoding="utf-8", newline="") as lines:
            return cls(Figure(number, **row) for number, row in enumerate(csv.DictReader(lines), start=2))

    def find(self, selector: Rows, use: str) -> list[Figure]:
        """The rows selected, at least one, marked with their use."""
        found = [figure for figure in self.all if selector.match(figure)]
        if not found:
            raise FiguresError(f"{selector} matches no row of the figures file")
        for figure in found:
            if clash := self.uses[figure] - BESIDE[use]:
                raise FiguresError(f"{selector}: {figure} is already {' and '.join(clash)}")
            self.uses[figure].add(use)
        return found

    def one(self, selector: Rows) -> Figure:
        found = self.find(selector, "input")
        if len(found) > 1:
            raise FiguresError(f"{selector} should match one row, but matches line {found[0].line} and others")
        return found[0]

    def unaccounted(self) -> list[Figure]:
        return [figure for figure in self.all if not self.uses[figure]]
