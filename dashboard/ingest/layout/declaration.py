"""What the YAML declares about the layout of a source's files, beside the marks and names of a plain table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

from dashboard.catalog import PageTable, Source
from dashboard.domain import COLUMNS
from dashboard.ingest.layout.wide_columns import lacks_year


class Split(NamedTuple):
    """A column of the file whose cells hold several values: its name, the mark between them, and their names."""

    column: str
    mark: str
    names: tuple[str, ...]


class Join(NamedTuple):
    """One of our columns that is made of several columns of the file."""

    column: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Layout:
    """The layout of a table where it is not the plain one: a header in the first line, one figure in each row.

    other_columns: whether columns that nobody names are ignored, or the names of those that are. header: the names of
    the columns of a file without a header; () for a file with one; None where numbers take the place of names.
    first_line: the line of the header, or of the first row where there is none. cells: the number of cells of each row
    where there is no header, None where it is not declared. until: a regular expression for the line below the last
    row. missing: cells of figures that mean "no figure". flags: marks of figures and the statuses that they stand for.
    counts_rows: whether each row is an event and counts one. wide: how the names of columns are written that are
    periods; "" where none is. format: what the files are. member: the file of a ZIP archive. rows, names, optional: of
    JSON: the paths of the records and of their names, and the names that a record may lack. table: of a page: the
    number or the heading of its table. sheet, range: of a workbook.
    """

    other_columns: bool | tuple[str, ...] = False
    header: tuple[str, ...] | None = ()
    first_line: int = 1
    cells: int | None = None
    until: str = ""
    missing: tuple[str, ...] = ()
    flags: tuple[tuple[str, str], ...] = ()
    counts_rows: bool = False
    wide: str = ""
    splits: tuple[Split, ...] = ()
    joins: tuple[Join, ...] = ()
    format: str = "csv"
    member: str = ""
    rows: str = ""
    names: str = ""
    optional: tuple[str, ...] = ()
    table: int | str | None = None
    ignores_footnotes: bool = False
    sheet: str = ""
    range: str = ""

    @classmethod
    def of(cls, source: Source) -> Layout:
        return cls(
            other_columns=_other_columns(source.other_columns),
            header=None if source.header == "none" else tuple(source.header or ()),
            first_line=source.header_line or 1 + source.skip_lines,
            cells=source.cells,
            until=source.until,
            missing=tuple(source.missing),
            flags=tuple(source.flags.items()),
            counts_rows=source.value is not None,
            wide=source.wide or "",
            splits=tuple(Split(name, split.by, tuple(split.into)) for name, split in source.split.items()),
            joins=tuple(Join(name, tuple(cells)) for name, cells in source.columns.items() if isinstance(cells, list)),
            format=source.format,
            member=source.member,
            rows=source.rows,
            names=source.names,
            optional=tuple(source.optional),
            table=source.table.heading if isinstance(source.table, PageTable) else source.table,
            ignores_footnotes=source.footnotes == "ignore",
            sheet=source.sheet,
            range=source.range,
        )

    @property
    def has_header(self) -> bool:
        return self.header == ()

    @property
    def is_plain_text(self) -> bool:
        """Whether the first line of a file is its header, all others are rows, and every column is one of the file."""
        is_plain = self.format == "csv" and self.has_header and self.first_line == 1
        return is_plain and not (self.until or self.splits or self.joins)

    @property
    def unit(self) -> str:
        """What the rows of a file are called in messages, which number them."""
        return {"csv": "line", "json": "record", "json_lines": "line"}.get(self.format, "row")

    @property
    def place_in_words(self) -> str:
        """Where a row stands, for messages about it; "" where its number is that of a line."""
        return {"json": "record {}", "html": "row {} of the table", "xlsx": "row {} of the sheet"}.get(self.format, "")

    def is_ignored(self, name: str) -> bool:
        """Whether a column that nobody names may stand in the file."""
        return self.other_columns if isinstance(self.other_columns, bool) else name in self.other_columns

    @property
    def parts(self) -> dict[str, tuple[str, ...]]:
        """The columns of the file of which each of our joined columns is made."""
        return dict(self.joins)

    def as_json(self) -> dict[str, Any]:
        """Plain values of what is not as in a plain table."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: _plain(value) for name, value in values.items() if value != getattr(PLAIN, name)}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> Layout:
        values = {name: _frozen(value) for name, value in plain.items()}
        splits = tuple(Split(*split) for split in values.pop("splits", ()))
        joins = tuple(Join(*join) for join in values.pop("joins", ()))
        return cls(**values, splits=splits, joins=joins)


PLAIN = Layout()


def file_names(source: Source) -> dict[str, str]:
    """The file's name for each of our columns that is one column of the file."""
    return {column: str(name) for column, name in source.columns.items() if not isinstance(name, list)}


_COMMON_NAMES = {"low", "high", "unit", "subject", "status"}


def our_columns(names: Mapping[str, str], layout: Layout) -> dict[str, str]:
    """The file's name for each of our columns that a file may have."""
    computed = {*layout.parts, *({"value", "low", "high"} if layout.counts_rows or layout.wide else ())}
    computed |= {"period_start", "period_end"} if layout.wide else set()
    computed |= {"date"} if layout.wide and not lacks_year(layout.wide) else set()
    if layout.other_columns is True:  # a column of the publisher's may have one of these names by chance
        computed |= _COMMON_NAMES - names.keys()
    elif layout.other_columns:
        computed |= set(layout.other_columns) - names.keys()
    return {column: names.get(column, column) for column in COLUMNS if column not in computed}


def _other_columns(declared: str | list[str]) -> bool | tuple[str, ...]:
    return declared == "ignore" if isinstance(declared, str) else tuple(declared)


def _plain(value: Any) -> Any:
    return [_plain(part) for part in value] if isinstance(value, tuple) else value


def _frozen(value: Any) -> Any:
    return tuple(_frozen(part) for part in value) if isinstance(value, list) else value
