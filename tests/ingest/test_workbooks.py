"""Sheets of workbooks: declared in a few keys, read to the right rows, never misread."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime
from typing import Any

import openpyxl
import pytest

from tests.ingest.readings import opened, reasons, words, workbook


def far_cell(place: str) -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["date", "value"])
    book.active[place] = 1
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


FIGURES = [["date", "value"], [date(2024, 3, 7), 5], [datetime(2024, 3, 8), 0.25], ["2024-04", "7"], [None, None]]
WORKBOOKS = {
    "the only sheet": ("", workbook({"A": FIGURES}), ["2024-03-07 5", "2024-03-08 0.25", "2024-04 7"]),
    "a named sheet": ("sheet: B", workbook({"A": [["x"]], "B": FIGURES[:2]}), ["2024-03-07 5"]),
    "the only shown sheet": ("", workbook({"A": [["x"]], "B": FIGURES[:2]}, hidden=["A"]), ["2024-03-07 5"]),
    "a hidden sheet by its name": (
        "sheet: B",
        workbook({"A": [["x"]], "B": FIGURES[:2]}, hidden=["B"]),
        ["2024-03-07 5"],
    ),
    "days since 1904": ("", workbook({"A": FIGURES[:2]}, since_1904=True), ["2024-03-07 5"]),
    "a range": (
        "range: 'B3:C5'",
        workbook(
            {"A": [["Title"], [], ["n", "date", "value", "x"], [1, "2024-01", 5, 2], [1, "2024-02", 6, 2], [1, "no"]]}
        ),
        ["2024-01 5", "2024-02 6"],
    ),
    "a range to the end": (
        "range: 'B3:C'",
        workbook({"A": [["Title"], [], ["n", "date", "value", "x"], [1, "2024-01", 5, 2], [1, "2024-02", 6, 2]]}),
        ["2024-01 5", "2024-02 6"],
    ),
    "lines above": ("header_line: 3", workbook({"A": [["Title"], [], *FIGURES[:2]]}), ["2024-03-07 5"]),
    "merged keys": (
        "",
        workbook({"A": [["subject", "date", "value"], ["a", "2024-01", 5], [None, "2024-02", 6]]}, merged=["A2:A3"]),
        ["2024-01 5 a", "2024-02 6 a"],
    ),
    "years as columns": (
        "wide: years, columns: {subject: land}",
        workbook({"A": [["land", 2022, 2023], ["a", 1, None]]}),
        ["2022 1 a"],
    ),
    "an error as a mark": (
        "missing: ['#N/A']",
        workbook({"A": [["date", "value"], ["2024", "#N/A"]]}),
        ["2024 - missing"],
    ),
    "large and small numbers": (
        "other_columns: ignore",
        workbook({"A": [["date", "value", "unused"], ["2024", 1e-7, "=1/0"], ["2023", 123456789012.5]]}),
        ["2024 1e-07", "2023 1.23456789e+11"],
    ),
    "a decimal comma elsewhere": (
        "decimal: ','",
        workbook({"A": [["date", "value"], ["2024", 1.5], ["2023", "2,5"]]}),
        ["2024 1.5", "2023 2.5"],
    ),
}


@pytest.mark.parametrize("name", WORKBOOKS)
def test_a_workbook_is_read_to_the_right_rows(name: str) -> None:
    keys, data, expected = WORKBOOKS[name]
    reading = opened(f"format: xlsx, {keys}", data)
    assert (reasons(reading), words(reading)) == ("", expected)


def test_the_line_of_a_row_is_its_row_in_the_sheet() -> None:
    assert list(opened("format: xlsx, range: 'B3:C'", WORKBOOKS["a range to the end"][1]).rows["line"]) == [4, 5]


@pytest.mark.parametrize(
    ("keys", "data", "reason"),
    [
        ("", b"date,value\n2024,5\n", "is no xlsx workbook"),
        ("", b"PK\x03\x04 broken", "cannot be read"),
        ("", workbook({"A": FIGURES})[:-200], "cannot be read"),
        ("", workbook({"A": FIGURES, "B": FIGURES}), "has 2 sheets; name the right one in sheet:. It has A, B"),
        ("sheet: C", workbook({"A": FIGURES, "B": FIGURES}), 'has no sheet "C"; correct sheet:. It has A, B'),
        ("", workbook({"A": [["date", "value", "x"], ["2024", 5, 6]]}), "write other_columns: ignore"),
        ("header_line: 9", workbook({"A": FIGURES}), "has no row 9"),
        ("", far_cell("B1048576"), "has 1,048,576 rows of 2 columns; write where its table ends"),
        ("", far_cell("XFD4"), "has 4 rows of 16,384 columns"),
    ],
)
def test_a_workbook_that_is_not_as_declared_is_rejected_whole(keys: str, data: bytes, reason: str) -> None:
    reading = opened(f"format: xlsx, {keys}", data)
    assert reading.outcome == "reject"
    assert reason in reasons(reading)


@pytest.mark.parametrize(
    ("row", "merged", "reason"),
    [
        (["2024-02", "#REF!", "a"], [], '"#REF!" is not a plain number'),
        (["2024-02", 6, "#N/A"], [], "holds an error of Excel"),
        (["2024-02", "=B2+1", "a"], [], '"(a formula without a result)" is not a plain number'),
        (["2024-02", 6, "=C2"], [], "open the workbook in Excel and save it"),
        (["2024-02", 6, "a"], ["A3:B3"], "spans 1 rows and 2 columns"),
        (["2024-02", True, "a"], [], '"true" is not a plain number'),
        ([datetime(2024, 2, 1, 9, 30), 6, "a"], [], "2024-02-01 09:30:00"),
    ],
)
def test_a_row_of_a_workbook_that_is_not_plain_is_quarantined(row: list[Any], merged: list[str], reason: str) -> None:
    data = workbook({"A": [["date", "value", "subject"], ["2024-01", 5, "a"], row]}, merged=merged)
    reading = opened("format: xlsx", data)
    assert (reading.outcome, words(reading)) == ("quarantine", ["2024-01 5 a"])
    assert reason in reasons(reading)


def test_a_workbook_that_defines_entities_is_rejected() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook({"A": FIGURES}))) as old, zipfile.ZipFile(packed, "w") as new:
        for name in old.namelist():
            text = old.read(name)
            if name.startswith("xl/worksheets/"):
                text = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + text
            new.writestr(name, text)
    assert "defines entities" in reasons(opened("format: xlsx", packed.getvalue()))


@pytest.mark.parametrize(
    ("keys", "day", "shown_as", "expected"),
    [
        ("", datetime(2024, 3, 1), "yyyy-mm-dd", "2024-03-01"),
        ("", datetime(2024, 3, 1), "mmm-yy", "2024-03"),
        ("", datetime(2024, 3, 1), '[$-409]mmmm\\ yyyy" day"', "2024-03"),
        ("", datetime(2024, 1, 1), "yyyy", "2024"),
        ("", datetime(2024, 3, 7), "mmm-yy", "2024-03-07"),
        ("dates: '%b %Y'", datetime(2024, 3, 1), "dd/mm/yyyy", "2024-03"),
        ("dates: '%d.%m.%Y'", datetime(2024, 3, 7), "dd/mm/yyyy", "2024-03-07"),
    ],
)
def test_a_day_of_a_workbook_is_what_the_sheet_shows_or_the_yaml_declares(
    keys: str, day: datetime, shown_as: str, expected: str
) -> None:
    book = openpyxl.Workbook()
    book.active.append(["date", "value"])
    book.active.append([day, 5])
    book.active["A2"].number_format = shown_as
    data = io.BytesIO()
    book.save(data)
    assert words(opened(f"format: xlsx, {keys}", data.getvalue())) == [f"{expected} 5"]


def test_a_month_is_not_made_of_a_day() -> None:
    data = workbook({"A": [["date", "value"], [datetime(2024, 3, 7), 5]]})
    assert "2024-03-07" in reasons(opened("format: xlsx, dates: '%b %Y'", data))
