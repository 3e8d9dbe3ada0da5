"""Files with more bad rows than anybody reads: some are listed, the others counted, in little memory and time."""

from __future__ import annotations

from datetime import date

import pytest

from dashboard.ingest.parse.dialect import Dialect
from dashboard.ingest.parse.tokenized_csv import MAX_LISTED
from dashboard.ingest.reader import read
from dashboard.ingest.reading import Reading

TODAY = date(2026, 11, 21)
HEAD = "date,value,subject\n"


def read_text(text: str) -> Reading:
    return read((HEAD + text).encode(), "x.csv", Dialect(), TODAY)


def contradicting_rows(count: int) -> str:
    """Rows of which each two contradict each other."""
    return "".join(f"2024-01-01,{figure},{number}\n" for number in range(count // 2) for figure in (1, 2))


def valid_rows(count: int) -> str:
    return "".join(f"2024-01-01,1,s{number}\n" for number in range(count))


@pytest.mark.parametrize(
    ("bad", "more"),
    [
        (contradicting_rows(12_000), "2,000 more rows from here on contradict another one; none of them is used"),
        ("x\n" * 12_000, "1,999 more rows from here on are longer or shorter than the header"),
        ('x,"a"b\n' * 12_000, ""),
    ],
)
def test_bad_rows_beyond_ten_thousand_are_counted(bad: str, more: str) -> None:
    reading = read_text(bad + valid_rows(13_000))
    if not more:
        assert reading.outcome == "reject"
        return
    assert len(reading.rows) == 13_000
    assert sum(one.rows for one in reading.quarantined) == 12_000
    assert len(reading.quarantined) <= MAX_LISTED + 2
    assert [one.message for one in reading.quarantined if one.rows > 1] == [more]


def test_rows_between_many_ragged_rows_are_read() -> None:
    ragged = 'x,"a, ""b""\nc"\r\n' * 10_500 + "\r\n"
    reading = read_text(ragged + '2024-01-01,5,"a\nb"\r\n' + valid_rows(11_000) + "2024-01-03,7,last")
    assert (reading.rows["line"].iloc[0], reading.rows["subject"].iloc[0]) == (21_003, "a b")
    assert (len(reading.rows), reading.rows["line"].iloc[-1]) == (11_002, 32_005)
    assert sum(one.rows for one in reading.quarantined) == 10_500
    assert reading.quarantined[1].value == 'x,a, "b"\nc'
    assert read_text("x\n" * 20_000).outcome == "reject"


@pytest.mark.parametrize("bad", [contradicting_rows(14_000), "x\n" * 14_000])
def test_a_file_with_mostly_bad_rows_is_rejected_with_their_number(bad: str) -> None:
    (problem,) = read_text(bad + valid_rows(13_000)).rejected
    assert problem.message.startswith("14,000 of 27,000 rows cannot be used, the first of them x.csv:2")


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("blank", [0, 3, 9_000_000])
def test_lines_are_counted_through_any_number_of_blank_lines(ending: str, blank: int) -> None:
    blank = blank // len(ending)
    head = HEAD.replace("\n", ending)
    rows = f"2024-01-01,1,{ending}{ending * blank}2024-01-02,2,{ending}2024-01-03{ending * 2}"
    reading = read((head + rows).encode(), "x.csv", Dialect(), TODAY)
    assert list(reading.rows["line"]) == [2, 3 + blank]
    assert [one.line for one in reading.quarantined] == [4 + blank]
    assert read((head + ending * blank).encode(), "x.csv", Dialect(), TODAY).rows.empty


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a" * 5_000_000, 1),
        (HEAD + "2024,1,\n" + "," * 9_000_000, 3),
        (HEAD + '2024,1,"a\nb"\n' + "a" * 9_000_000 + "\n2023,1,\n", 4),
    ],
)
def test_an_overlong_line_is_refused_before_it_is_tokenized(text: str, line: int) -> None:
    (problem,) = read(text.encode(), "x.csv", Dialect(), TODAY).rejected
    assert problem.line == line
    assert "longer than 4 MB" in problem.message


def test_an_unclosed_quotation_mark_in_the_header_is_named_at_once() -> None:
    (problem,) = read(b'"date' + b"\n" * 50_000_000, "x.csv", Dialect(), TODAY).rejected
    assert (problem.line, "quotation mark never closed" in problem.message) == (1, True)
