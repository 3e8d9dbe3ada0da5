"""The keys of a source that say how its files are written. They are declared, and nothing is guessed."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from dashboard.catalog.entry import Entry
from dashboard.domain import (
    AnchorText,
    CellRangeText,
    DatesText,
    EncodingText,
    PathText,
    RegexText,
    WideText,
    is_unwritten,
)
from dashboard.domain.dates import date_form


def _name(value: Any) -> Any:
    """The name of a column; YAML reads 2014 and the place of a column as numbers."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


Name = Annotated[str, BeforeValidator(_name)]


class SplitCells(Entry):
    """A column whose cells hold several values."""

    by: str = Field(default=",", min_length=1, description="The mark between the values.")
    into: list[str] = Field(min_length=2, description="A name for each value, to be used like a column's.")


class Choice(Entry):
    """Which cells of a column are chosen, where not by their exact words."""

    starts_with: Name | list[Name] = Field(default_factory=list, description='Their beginnings: "2710".')
    least: Name = Field(default="", alias="from", description="The smallest number, or the first day, month or year.")
    most: Name = Field(default="", alias="to", description="The largest number, or the last day, month or year.")
    is_not: Name | list[Name] = Field(default_factory=list, alias="not", description="Cells that are not chosen.")


class FiscalYear(Entry):
    """When the fiscal years of a file begin, and which year names one."""

    begins: AnchorText = Field(description='Their first day: "04-01".')
    named_by: Literal["first", "last"] | None = Field(
        default=None,
        description="Which of the two years that it touches names it: last, where FY2024 ends in 2024. Without, only "
        "cells that name both are read, like 2023/24.",
    )


class PageTable(Entry):
    """Which table of a page holds the figures, where there are several."""

    heading: str = Field(min_length=1, description="The words of its caption, or of the heading above it.")


class FileFormat(Entry):
    """What kind of file a source delivers, and where in it the rows stand."""

    format: Literal["csv", "json", "json_lines", "html", "xlsx"] = Field(
        exclude_if=is_unwritten,
        default="csv",
        description="What its files are: csv (any separator), json, json_lines (a record on each line), html (a table "
        "of a page), xlsx. Files packed with gzip, ZIP or Zstandard are unpacked.",
    )
    member: str = Field(
        exclude_if=is_unwritten,
        default="",
        description='The file to read of a ZIP archive that holds several: "*.csv", or its whole name.',
    )
    rows: PathText = Field(
        exclude_if=is_unwritten,
        default="",
        description="With json, where it is not the list itself: where the records stand: data[], or "
        "features[].attributes, or [1][]. [] is each entry of a list, [1] the second one.",
    )
    names: PathText = Field(
        exclude_if=is_unwritten,
        default="",
        description="With json, for records that are lists: where the names of their columns stand: "
        "dataset.column_names[].",
    )
    optional: list[str] = Field(
        exclude_if=is_unwritten,
        default_factory=list,
        description="With json: names that a record may lack; it then has a blank cell there. Otherwise a record that "
        "lacks a name which is used is not.",
    )
    table: int | PageTable | None = Field(
        exclude_if=is_unwritten,
        default=None,
        description="With html: which table of the page, where there are several: its number, or "
        "{heading: Deliveries}.",
    )
    footnotes: Literal["refuse", "ignore"] = Field(
        exclude_if=is_unwritten,
        default="refuse",
        description="With html: whether raised marks (footnotes) in its cells are left out.",
    )
    sheet: str = Field(
        default="", exclude_if=is_unwritten, description="With xlsx: the name of the sheet, where it has several."
    )
    range: CellRangeText = Field(
        exclude_if=is_unwritten,
        default="",
        description='With xlsx: where the table stands with its header: "B4:F90", or "B4:F" to the end.',
    )


class FileLayout(FileFormat):
    """How the files of a source are written."""

    columns: dict[str, Name | list[Name]] = Field(
        default_factory=dict,
        description="Other names of columns in its file: {value: bbl}. Several, where a day or a subject stands in "
        "several: {date: [year, month, day]}. Numbers, from 1, where `header: none`.",
    )
    other_columns: Literal["refuse", "ignore"] | list[str] = Field(
        exclude_if=is_unwritten,
        default="refuse",
        description="Whether columns that nobody names may stand in its file: refuse, ignore, or the names of "
        "those that may. With ignore low, high, unit, subject and status are read only where `columns` names them: "
        "{status: status}.",
    )
    header: Literal["none"] | list[str] | None = Field(
        exclude_if=is_unwritten,
        default=None,
        description="For a file without a header: none, and its columns are numbered; or their names, in order.",
    )
    cells: int | None = Field(
        exclude_if=is_unwritten,
        default=None,
        ge=1,
        description="With `header: none`: how many cells a row has. A file with another number is then rejected, and "
        "not misread.",
    )
    header_line: int | None = Field(
        exclude_if=is_unwritten,
        default=None,
        ge=1,
        description="The line on which its header stands, where that is not the first.",
    )
    skip_lines: int = Field(
        exclude_if=is_unwritten,
        default=0,
        ge=0,
        description="How many lines stand above its header, or above its first row without one.",
    )
    until: RegexText = Field(
        exclude_if=is_unwritten,
        default="",
        description='A regular expression for the first line below its rows: "^Source".',
    )
    missing: list[str] = Field(
        exclude_if=is_unwritten,
        default_factory=list,
        description='Cells that stand where there is no figure: ["-", "x", ""]. Such a row has the status missing, and '
        "the cell as its reason.",
    )
    flags: dict[str, str] = Field(
        exclude_if=is_unwritten,
        default_factory=dict,
        description="What marks behind a figure, or in the column of the status, mean: {p: provisional, e: estimated}.",
    )
    value: Literal[1] | None = Field(
        exclude_if=is_unwritten,
        default=None,
        description="1: each row is an event and counts one. Two rows of a day with the same subject are one event; "
        "without a subject all cells of a row tell it from another.",
    )
    wide: WideText | None = Field(
        exclude_if=is_unwritten,
        default=None,
        description="For a file with a column for each period: years, halves, quarters, months, weeks, days or "
        'fiscal_years, or how their names are written: "%b %Y", "%Y [YR%Y]"; "%b" where a column `date` holds the '
        "years. A blank cell is no row.",
    )
    split: dict[str, SplitCells] = Field(
        exclude_if=is_unwritten,
        default_factory=dict,
        description='Columns whose cells hold several values: {"unit,geo": {by: ",", into: [unit, geo]}}.',
    )
    where: dict[Name, Name | list[Name] | Choice] = Field(
        default_factory=dict,
        description="Which rows of its file are read: {port: Vostochny}, by the file's own columns. Several cells: "
        '[Vostochny, Nakhodka]. Their beginning: {starts_with: "2710"}. Numbers or days: {from: 55, to: 120}. All but '
        'some: {not: ""}.',
    )
    where_not: dict[Name, Name | list[Name]] = Field(
        default_factory=dict,
        description="Cells in the columns of `where` that are left out on purpose, although they look like those that "
        "it asks for, or appeared when those disappeared: {port: Vostochny-2}.",
    )
    separator: Literal[",", ";", "\t", "|"] = Field(default=",", description="The mark between the cells.")
    decimal: Literal[".", ","] = Field(default=".", description="The decimal mark of its numbers.")
    thousands: Literal["", ",", ".", " ", "'"] = Field(
        default="", description="The thousands mark of its numbers; without it none is read."
    )
    encoding: EncodingText = Field(default="utf-8", description="How its text is encoded: utf-8, cp949, utf-16.")
    dates: DatesText | list[DatesText] | None = Field(
        default=None,
        description='How its dates are written where not as 2024-03-07: "%d.%m.%Y", "%b %Y", "%Y/%m/%d %H:%M:%S%z", '
        "iso (a day, or a time as in 2024-03-07T09:31Z), epoch_s or epoch_ms; several in a list, none of which may be "
        "read as another. %Y 2024, %y 24, %m 3 or 03, %b Mar, %B March (English), %d, %j day of the year, %q quarter, "
        "%h half, %G and %V ISO week, %H %M %S %f or %I %p, %z +00:00, and UTC as it stands. A part that stands twice "
        'makes a span: "%b-%b %Y". Read in any case: 2024, 2024-03, 2024M03, 2024-Q1, 2024-H1, 2024-S1, 2024-W05.',
    )
    fiscal_year: AnchorText | FiscalYear | None = Field(
        exclude_if=is_unwritten,
        default=None,
        description='For cells like 2023/24 or FY2024: the first day of its fiscal years, "04-01", or with it which '
        'year names one: {begins: "04-01", named_by: last}.',
    )
    final_line_break: bool = Field(
        default=True,
        description="false: its publisher writes no line break after the last row, so a last row without one is used. "
        "Then a file that was cut off within its last cell cannot be recognised.",
    )

    @property
    def date_forms(self) -> list[str]:
        """The forms of dates that are declared."""
        return [self.dates] if isinstance(self.dates, str) else self.dates or []

    @property
    def has_times(self) -> bool:
        """Whether its dates may have times of day."""
        return any(date_form(form).has_time for form in self.date_forms)

    @property
    def fiscal_years(self) -> tuple[str, ...]:
        """The first day of fiscal years, and which year names one, "" where only both do; () where it has none."""
        if self.fiscal_year is None:
            return ()
        if isinstance(self.fiscal_year, str):
            return self.fiscal_year, ""
        return self.fiscal_year.begins, self.fiscal_year.named_by or ""
