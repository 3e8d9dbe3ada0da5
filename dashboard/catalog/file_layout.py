"""The keys of a source that say how its files are written. They are declared, and nothing is guessed."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from dashboard.catalog.entry import Entry
from dashboard.domain import DatesText, EncodingText


class FileLayout(Entry):
    """How the files of a source are written."""

    columns: dict[str, str] = Field(
        default_factory=dict, description="Other names of columns in its file: {value: bbl}."
    )
    where: dict[str, str | list[str]] = Field(
        default_factory=dict,
        description="Which rows of its file are read: {port: Vostochny}, by the file's own columns.",
    )
    where_not: dict[str, str | list[str]] = Field(
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
    dates: DatesText | None = Field(
        default=None,
        description='How its days are written where not as 2024-03-07: "%d.%m.%Y". Months and years: 2024-03, 2024.',
    )
    final_line_break: bool = Field(
        default=True,
        description="false: its publisher writes no line break after the last row, so a last row without one is used. "
        "Then a file that was cut off within its last cell cannot be recognised.",
    )
