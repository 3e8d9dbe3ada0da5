"""Every column of a row in one line: those of a CSV file, and those that its reading and its deliveries add.

The reader, the frame of rows, the comparison of deliveries, the reference and the tables of the pages derive from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

TEXT, FIGURE, INSTANT = "str", "float64", "datetime64[s]"  # dtypes of the frame of rows


@dataclass(frozen=True)
class Column:
    """name: in a CSV file and in the frame; dtype: in the frame, "" for a column that only CSV files have.

    role: what it holds. A `period` and an `instant` are days and times, a `figure` an end of the range, `status` one of
    a few words, `text` free text. `bookkeeping` says where the row stands and what became of it; two deliveries say the
    same about a row if all other columns agree. in_key: whether rows about one thing, published at one time, agree in
    it. meaning: for officers; "" where no CSV file may have the column. heading: over a text in the tables of rows, ""
    where it is shown with the figure.
    """

    name: str
    dtype: str
    role: Literal["period", "figure", "text", "status", "instant", "bookkeeping"]
    meaning: str = ""
    in_key: bool = False
    heading: str = ""


ROW_SCHEMA = (
    Column("date", "", "period", "The day, or the whole month or year: 2024-03-07, 2024-03, 2024."),
    Column("period_start", "", "period", "In place of `date`: the first day of any other span, or of a running total."),
    Column("period_end", "", "period", "With `period_start`: the last day of the span."),
    Column("source", TEXT, "bookkeeping"),
    Column("file", TEXT, "bookkeeping"),
    Column("line", "int64", "bookkeeping"),
    Column("start", INSTANT, "period", in_key=True),
    Column("end", INSTANT, "period", in_key=True),
    Column(
        "value", FIGURE, "figure",
        "The figure, a plain number like 1234.5; blank where only a range or a bound was given.",
    ),
    Column(
        "low", FIGURE, "figure",
        "The low end; alone beside an equal value it means “or more”. Blank counts as the value.",
    ),
    Column(
        "high", FIGURE, "figure",
        "The high end; alone it means “at most”. Blank counts as the value where low is blank too.",
    ),
    Column(
        "unit", TEXT, "text",
        "The indicator's, and blank is taken as that. Or one that the source has a factor for: then none may be blank. "
        "Events may count in a unit of their own.",
    ),
    Column(
        "subject", TEXT, "text",
        "What it is about, where that tells two rows of one day apart: a ship, an office.",
        in_key=True, heading="Subject",
    ),
    Column(
        "status", TEXT, "status",
        "reported (the default), estimated, provisional (never judged), withdrawn, or missing (no figure).",
    ),
    Column("published", TEXT, "instant"),  # as it was stated: a day, a month or a year, or a second in UTC
    Column(
        "published_at", INSTANT, "instant",
        "When its source published it: a day, a month or a year, which count as their end, or a time.",
        in_key=True,
    ),
    Column(
        "received_at", INSTANT, "instant",
        "When it came to us; used where nothing is known of its publication.",
    ),
    Column("known_at", INSTANT, "bookkeeping"),
    Column("held_from", INSTANT, "bookkeeping"),
    Column("held_until", INSTANT, "bookkeeping"),
    Column("accepted_at", INSTANT, "bookkeeping"),
    Column("citation", TEXT, "text", "The web address where it can be read.", heading="Citation"),
    Column("document", TEXT, "text", "The claim in seeds/ that says it, like 002.11.a.", heading="Claim"),
    Column(
        "note", TEXT, "text",
        "Who said it, via whom, qualifiers; for status missing the reason, which is required.",
        heading="Note",
    ),
)  # fmt: skip

COLUMNS = {column.name: column.meaning for column in ROW_SCHEMA if column.meaning}  # of a CSV file
DTYPES = {column.name: column.dtype for column in ROW_SCHEMA if column.dtype}  # of the frame of rows
TEXTS = tuple(column.name for column in ROW_SCHEMA if column.role == "text")
MEASURES = tuple(name for name in COLUMNS if name not in (*TEXTS, "status"))  # dates and numbers of a CSV file
ROW_KEY = tuple(column.name for column in ROW_SCHEMA if column.in_key)
THING = tuple(name for name in ROW_KEY if name != "published_at")  # the period and the subject that a row is about
STATUSES = ("reported", "estimated", "provisional", "withdrawn", "missing")
BOOKKEEPING = tuple(column.name for column in ROW_SCHEMA if column.role == "bookkeeping")
