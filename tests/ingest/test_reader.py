"""The reader is strict: it guesses nothing, places every problem, and keeps the valid rows."""

from __future__ import annotations

import math
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dashboard.catalog.loader import parse_catalog
from dashboard.ingest.frame import frame
from dashboard.ingest.parse.dialect import Dialect
from dashboard.ingest.reader import read
from dashboard.ingest.reading import Reading
from dashboard.rows.load import load_rows

TODAY = date(2026, 11, 21)


def read_text(text: str, **dialect: Any) -> Reading:
    return read(text.encode(), "x.csv", Dialect(**dialect), TODAY)


def problems(text: str, **renamed: str) -> list[str]:
    reading = read_text(text, columns=renamed)
    return [str(problem) for problem in (*reading.rejected, *reading.quarantined)]


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("1,5", 'x.csv:2:2 value: "1,5" is not a plain number'),
        ("1_234", "is not a plain number"),
        ("1 234", "is not a plain number"),
        ("NaN", "is not a plain number"),
        ("inf", "is not a plain number"),
        ("1e308", "is not a plain number"),
        ("0x10", "is not a plain number"),
        ("007", "is not a plain number"),
        (" 5", "is not a plain number"),
        ("-", "is not a plain number"),
        ("9999999999999999", "too large to be exact"),
    ],
)
def test_a_number_is_plain_or_refused(cell: str, reason: str) -> None:
    (message,) = problems(f'date,value\n2024-03-07,"{cell}"\n')
    assert reason in message


@pytest.mark.parametrize("cell", ["01/02/2024", "2024-02-30", "2024-3-1", "20240301", "March 2024", " 2024-03-01"])
def test_a_date_is_iso_and_in_the_calendar_or_refused(cell: str) -> None:
    (message,) = problems(f"date,value\n{cell},5\n")
    assert message.startswith(f'x.csv:2:1 date: "{cell}" is not')


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("2024-03-07,5,6,7,,,", "low, value and high are not in order"),
        ("2024-03-07,,,,,,", "no figure; write status missing"),
        ("2024-03-07,5,,,missing,,why", "missing, yet it has a figure"),
        ("2024-03-07,,,,missing,,", "a missing row says why in its note"),
        ("2024-03-07,5,,,provisory,,", 'did you mean "provisional"?'),
        ("2024-03-07,5,,,,2024-03-06,", "published 2024-03-06, before its period began"),
        ("2024-03-07,5,,,,2024-13,", "is not in the calendar"),
        ("2024-03-07,5,,", "4 cells under a header of 7"),
        ("2024-03-07,5,,,,,,8", "8 cells under a header of 7"),
        ("2024-03-07,5,,,,,a\x07b", "holds a control character, U+0007; take it out"),
    ],
)
def test_a_row_that_contradicts_itself_is_refused(row: str, reason: str) -> None:
    (message,) = problems(f"date,value,low,high,status,published_at,note\n{row}\n")
    assert message.startswith("x.csv:2")
    assert reason in message


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("date,valu", 'x.csv:1:2 valu: unknown column; did you mean "value"?'),
        ("date,value,value", "x.csv:1:3 value: the column stands twice; take one of them out"),
        ("value,unit", "required: date, or period_start and period_end"),
        ("date,unit", "required: value"),
        ("period_start,value", "required: date, or period_start and period_end"),
    ],
)
def test_a_delivery_with_a_bad_header_is_rejected(header: str, reason: str) -> None:
    reading = read_text(f"{header}\n2024,5,5\n")
    assert reading.outcome == "reject"
    assert reading.rows.empty
    assert reason in " | ".join(map(str, reading.rejected))


def test_valid_rows_are_kept_beside_bad_rows() -> None:
    reading = read_text("date,value\n2024-03-07,5\n2024-03-08,x\n2024-03-09,6\n")
    assert list(zip(reading.rows["line"], reading.rows["value"], strict=True)) == [(2, 5.0), (4, 6.0)]
    (problem,) = reading.quarantined
    assert (problem.line, problem.column, problem.path, problem.value) == (3, 2, "value", "x")


def test_lines_are_counted_through_quoted_line_breaks_and_blank_lines() -> None:
    reading = read_text('date,value,note\n2024-03-07,5,"two\nlines"\n\n2024-03-08,6,\n')
    assert list(reading.rows["line"]) == [2, 5]


def test_a_publication_counts_from_the_end_of_its_stated_period() -> None:
    text = "date,value,published_at\n2023-09,1,2023-10\n2022,2,2023\n2024-03-07,3,2024-03-26\n"
    assert [known_at.isoformat() for known_at in read_text(text).rows["known_at"]] == [
        "2023-10-31T23:59:59", "2023-12-31T23:59:59", "2024-03-26T23:59:59",
    ]  # fmt: skip


def test_a_row_with_neither_publication_nor_receipt_is_known_from_today() -> None:
    reading = read_text("date,value,received_at\n2023-09,1,\n2023-10,1,2024-02-01\n").rows["known_at"]
    assert [str(known_at)[:10] for known_at in reading] == ["2026-11-21", "2024-02-01"]


def test_a_blank_stays_unknown_and_is_never_zero() -> None:
    (row,) = read_text("date,value,high\n2024,,7\n").rows.to_dict("records")
    assert math.isnan(row["value"])
    assert math.isnan(row["low"])


def test_a_header_alone_is_a_file_without_rows() -> None:
    for text in ("date,value\n", "date,value"):
        reading = read_text(text)
        assert (reading.outcome, len(reading.rows), dict(reading.rows.dtypes)) == ("accept", 0, dict(frame([]).dtypes))


def test_columns_may_have_other_names_and_a_missing_one_is_named() -> None:
    reading = read_text("date,bbl\n2024,5\n", columns={"value": "bbl"})
    assert list(reading.rows["value"]) == [5]
    message = " | ".join(problems("date,value\n2024,5\n", value="bbl"))
    assert "no such column, though the catalogue names it for value" in message


@pytest.mark.parametrize("text", ["", "\n\n", "\ufeff"])
def test_an_empty_file_is_a_problem(text: str) -> None:
    message = "x.csv: empty; it needs at least a header, so fetch it again or write one"
    assert problems(text) == [message]


def problems_of_file(tmp_path: Path, content: bytes | None) -> list[str]:
    if content is not None:
        (tmp_path / "x.csv").write_bytes(content)
    text = "version: 1\nindicators:\n  x: {title: X, file: x.csv}\n"
    rows = load_rows(parse_catalog(text, "indicators.yaml", tmp_path), TODAY)
    return [str(problem) for problem in rows.all_problems(TODAY)]


def test_a_missing_file_is_named_at_the_line_of_the_catalogue_that_names_it(tmp_path: Path) -> None:
    assert problems_of_file(tmp_path, None) == ["indicators.yaml:3:17 indicators.x.file: no such file: x.csv"]


def test_a_file_in_another_encoding_is_refused_not_guessed(tmp_path: Path) -> None:
    (message,) = problems_of_file(tmp_path, "date,value,note\n2024,5,Zürich\n".encode("latin-1"))
    assert message.startswith("x.csv:2: is not UTF-8: byte 0xfc")


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    assert problems_of_file(tmp_path, b"\xef\xbb\xbfdate,value\r\n2024,5\r\n") == []


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "secret.csv").write_text("date,value\n2024,5\n")
    (inside / "x.csv").symlink_to(tmp_path / "secret.csv")
    assert "leads out of the catalogue's folder" in problems_of_file(inside, None)[0]


def test_a_folder_in_place_of_a_file_is_one_problem(tmp_path: Path) -> None:
    (tmp_path / "x.csv").mkdir()
    assert "cannot be read" in problems_of_file(tmp_path, None)[0]


def test_a_field_longer_than_the_reader_allows_is_one_problem(tmp_path: Path) -> None:
    (message,) = problems_of_file(tmp_path, b"date,value,note\n2024,5," + b"x" * 200_000 + b"\n")
    assert "not CSV" in message
