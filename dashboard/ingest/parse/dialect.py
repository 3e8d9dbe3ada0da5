"""The form in which a source's files are written, as its YAML declares it. Nothing is guessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dashboard.catalog import Source
from dashboard.domain import ROW_SCHEMA
from dashboard.ingest.layout.conditions import Condition
from dashboard.ingest.layout.declaration import PLAIN, Layout, file_names


@dataclass(frozen=True)
class Dialect:
    """How to read a source's files.

    columns: our column names to those of the file; where: columns of the file to what a row must have in them;
    where_not: the same columns to cells that are left out on purpose. dates: the forms of dates, None for ISO; zone:
    the time zone of times that state none, and of the day of each time; fiscal_year: its first day and which of its
    years names it, () for none. final_line_break: whether the last row of a whole file ends with one. counts: whether
    its figures count something and cannot be negative; marks_are_declared: whether the YAML says which mark is the
    decimal mark, so that it need not be assumed. layout: how its tables differ from plain ones.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    where: Mapping[str, Condition] = field(default_factory=dict)
    where_not: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    separator: str = ","
    decimal: str = "."
    thousands: str = ""
    encoding: str = "utf-8"
    dates: str | tuple[str, ...] | None = None
    zone: str = "UTC"
    fiscal_year: tuple[str, ...] = ()
    final_line_break: bool = True
    counts: bool = False
    marks_are_declared: bool = False
    layout: Layout = PLAIN

    def __hash__(self) -> int:
        """Equal for equal dialects; mappings have no hash of their own."""
        mappings = map(frozenset, (self.columns.items(), self.where.items(), self.where_not.items()))
        return hash((*mappings, self.separator, self.decimal, self.thousands, self.encoding, self.dates, self.layout))

    @classmethod
    def of(cls, source: Source) -> Dialect:
        dates = tuple(source.dates) if isinstance(source.dates, list) else source.dates
        return cls(
            columns=file_names(source),
            where={name: Condition.of(declared) for name, declared in source.where.items()},
            where_not=_as_tuples(source.where_not),
            separator=source.separator,
            decimal=source.decimal,
            thousands=source.thousands,
            encoding=source.encoding,
            dates=dates,
            zone=source.timezone if source.has_times else "UTC",
            fiscal_year=source.fiscal_years,
            final_line_break=source.final_line_break,
            counts=source.kind != "level",
            marks_are_declared="decimal" in source.model_fields_set,
            layout=Layout.of(source),
        )

    @property
    def period_names(self) -> set[str]:
        """The file's names of the columns of days, months and years."""
        own = {column.name for column in ROW_SCHEMA if column.meaning and column.role in ("period", "instant")}
        return {self.columns.get(column, column) for column in own}

    @property
    def date_forms(self) -> tuple[str, ...]:
        """The forms of dates that are declared, in order."""
        return (self.dates,) if isinstance(self.dates, str) else self.dates or ()

    def as_json(self) -> dict[str, Any]:
        """Plain values, which the journal stores with a delivery."""
        conditions = {name: condition.as_json() for name, condition in self.where.items()}
        plain = {**vars(self), "columns": dict(self.columns), "where": conditions}
        if plain.pop("where_not"):  # journals of earlier versions have none of these
            plain["where_not"] = _as_lists(self.where_not)
        if plain["zone"] == "UTC":
            del plain["zone"]
        if plain.pop("fiscal_year"):
            plain["fiscal_year"] = list(self.fiscal_year)
        if isinstance(self.dates, tuple):
            plain["dates"] = list(self.dates)
        if plain.pop("layout") != PLAIN:
            plain["layout"] = self.layout.as_json()
        return plain

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Dialect:
        where = {name: Condition.from_json(condition) for name, condition in plain.get("where", {}).items()}
        where_not, layout = _as_tuples(plain.get("where_not", {})), Layout.from_json(plain.get("layout", {}))
        lists = {name: tuple(value) for name, value in plain.items() if isinstance(value, list)}
        return cls(**{**plain, **lists, "where": where, "where_not": where_not, "layout": layout})


def _as_tuples(cells_by_column: Mapping[str, str | Sequence[str]]) -> dict[str, tuple[str, ...]]:
    return {name: (cells,) if isinstance(cells, str) else tuple(cells) for name, cells in cells_by_column.items()}


def _as_lists(cells_by_column: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    return {name: list(cells) for name, cells in cells_by_column.items()}
