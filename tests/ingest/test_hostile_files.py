"""Hostile files, each with its expected outcome and reason, and the rows that are read beside bad ones."""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from dashboard.ingest.batch_reader import Delivery, read_all
from dashboard.ingest.layout.conditions import Condition
from dashboard.ingest.parse.dialect import Dialect
from dashboard.ingest.reader import read
from dashboard.ingest.reading import Reading

TODAY = date(2026, 11, 21)
NUMBER, DAY, CONTROL = "is not a plain number", "is not a day", "holds a control character"
CALENDAR, YEARS, TWO = "is not in the calendar", "is not in the years 1900 to 2199", " under a header of 2"

REFUSED_NUMBERS = {
    "1_234": NUMBER, "1e5": NUMBER, "1E5": NUMBER, "1e308": NUMBER, "1e400": NUMBER, "inf": NUMBER, "-inf": NUMBER,
    "Infinity": NUMBER, "nan": NUMBER, "NaN": NUMBER, "NA": NUMBER, "N/A": NUMBER, "null": NUMBER, "None": NUMBER,
    "-": NUMBER, "--": NUMBER, "--5": NUMBER, "+5": NUMBER, "5-": NUMBER, "(5)": NUMBER, ".5": NUMBER, "-.5": NUMBER,
    "5.": NUMBER, ".": NUMBER, "-.": NUMBER, "1.2.3": NUMBER, "1-2": NUMBER, "1..2": NUMBER, "00": NUMBER,
    "007": NUMBER, "-007": NUMBER, "00.5": NUMBER, "0x10": NUMBER, "0b1": NUMBER, "0o7": NUMBER, "5 ": NUMBER,
    " 5": NUMBER, "\t5": NUMBER, "5\u00a0": NUMBER, "1\u00a0234": NUMBER, "1\u202f234": NUMBER,
    "1 234": 'thousands: " "',
    "1'234": "thousands: \"'\"", "1.234.567": 'decimal: "," and thousands: "."',
    "5%": NUMBER, "$5": NUMBER, "€5": NUMBER,
    "5 bbl": NUMBER, "~5": NUMBER, ">5": NUMBER, "5-7": NUMBER, "five": NUMBER, "TRUE": NUMBER, "=1+1": NUMBER,
    "=cmd|' /C calc'!A0": NUMBER, "@SUM(A1)": NUMBER, "١٢٣": NUMBER, "１２３": NUMBER, "५": NUMBER, "²": NUMBER,
    "½": NUMBER, "Ⅻ": NUMBER, "−5": NUMBER, "5\u200b": NUMBER, "5\u200e": CONTROL, "\ufeff5": CONTROL,
    "5\x07": CONTROL, "5\x7f": CONTROL, "5\x85": CONTROL, "5\u2028": CONTROL, "1;5": NUMBER,
    "9999999999999999": "too large to be exact", "-1000000000000000.5": "too large to be exact",
    "1" * 400: "too large to be exact", "9" * 30_000: "too large to be exact",
}  # fmt: skip
REFUSED_QUOTED = {
    "1,5": 'write decimal: ","', "-1,5": 'write decimal: ","', "1.234,5": 'write decimal: "," and thousands: "."',
    "1,234": 'write decimal: "," (its comma is the decimal mark) or thousands: "," (it parts the thousands)',
    "1,234.5": 'write thousands: ","', "1,234,567": 'write thousands: ","',
    "1 234,5": 'write decimal: "," and thousands: " "',
    "12,34,567": NUMBER, "1,": NUMBER, ",5": NUMBER, "5\n": NUMBER, "5\r\n6": NUMBER, "5\r6": CONTROL, '"5"': NUMBER,
}  # fmt: skip
ACCEPTED_NUMBERS = {
    "0": 0, "-0": 0, "-0.0": 0, "5": 5, "-5": -5, "0.1": 0.1, "-0.5": -0.5, "1234567.891": 1234567.891, "0.500": 0.5,
    "999999999999999": 999999999999999, "0.30000000000000004": 0.30000000000000004, "0." + "0" * 300 + "1": 1e-301,
    "2.5000000000000000000000000000001": 2.5,
}  # fmt: skip
REFUSED_DAYS = {
    "01/02/2024": 'write dates: "%d/%m/%Y" if the day comes first, dates: "%m/%d/%Y" if the month comes first',
    "13/02/2024": 'write dates: "%d/%m/%Y" if the day comes first',
    "02/13/2024": 'write dates: "%m/%d/%Y" if the month comes first',
    "07.03.2024": '"%d.%m.%Y"', "7.3.24": '"%d.%m.%y"', "07-03-2024": '"%d-%m-%Y"', "2024/03/07": '"%Y/%m/%d"',
    "2024-3-7": '"%Y-%m-%d"', "20240307": '"%Y%m%d"', "32/13/2024": DAY, "7 March 2024": '"%d %B %Y"',
    "Mar-24": '"%b-%y"', "2024-Q5": DAY, "2024-W54": CALENDAR, "2024-03-07T00:00:00": "write dates: iso",
    "2024-03-07 00:00": "dates: iso", "2024-03-07Z": DAY, "2024-03-09/2024-03-07": "ends before it begins",
    "2024-03-07/08": DAY, "2024Q": DAY,
    " 2024-03-07": DAY, "2024-03-07 ": DAY, "45358": YEARS, "24-03-07": DAY, "2024-02-30": CALENDAR,
    "2023-02-29": CALENDAR, "1900-02-29": CALENDAR, "2024-13-01": CALENDAR, "2024-00-10": CALENDAR,
    "2024-01-00": CALENDAR, "2024-13": CALENDAR, "2024-00": CALENDAR, "0000-01-01": YEARS, "0001": YEARS, "0": YEARS,
    "1899-12-31": YEARS, "2200-01-01": YEARS, "9999-12-31": YEARS, "-2024-01-01": DAY, "+2024": DAY,
    "٢٠٢٤-٠٣-٠٧": DAY, "２０２４-03-07": DAY, "2024–03–07": DAY, "today": DAY, "": "required, but blank",
    "2024-03-07\x00": "NUL", "x" * 100_000: DAY, "2199-01-01": "lies in the future", "2026-11-22": "lies in the future",
    "2027": "lies in the future",
}  # fmt: skip
ACCEPTED_DAYS = (
    "2024-02-29", "2000-02-29", "1900-01-01", "2024-02", "2024", "2026-11-21", "2026-11", "2026", "2024-Q1", "2024Q4",
    "2020-W53", "2024W05", "2024-S1", "2024H2", "2024M03", "2024-M12", "2024-01-01/2024-01-31",
)  # fmt: skip


def read_text(data: bytes | str, **dialect: Any) -> Reading:
    return read(data if isinstance(data, bytes) else data.encode(), "x.csv", Dialect(**dialect), TODAY)


def conditions(where: Mapping[str, tuple[str, ...]]) -> dict[str, Condition]:
    return {name: Condition(words) for name, words in where.items()}


def messages(reading: Reading) -> str:
    return " | ".join(map(str, (*reading.rejected, *reading.quarantined)))


@pytest.mark.parametrize(("cell", "reason"), REFUSED_NUMBERS.items())
def test_a_hostile_number_is_quarantined_and_the_next_row_is_read(cell: str, reason: str) -> None:
    reading = read_text(f"date,value\n2024-03-07,{cell}\n2024-03-08,6\n")
    assert (reading.outcome, list(reading.rows["value"])) == ("quarantine", [6.0])
    (bad,) = reading.quarantined
    assert (bad.line, bad.column, bad.path, bad.value) == (2, 2, "value", cell[:1000])
    assert reason in bad.message


@pytest.mark.parametrize(("cell", "reason"), REFUSED_QUOTED.items())
def test_a_hostile_number_in_quotes_is_quarantined(cell: str, reason: str) -> None:
    quoted = cell.replace('"', '""')
    reading = read_text(f'date,value\n2024-03-07,"{quoted}"\n2024-03-08,6\n')
    assert (reading.outcome, list(reading.rows["value"]), reading.quarantined[0].value) == ("quarantine", [6.0], cell)
    assert reason in messages(reading)


@pytest.mark.parametrize(("cell", "number"), ACCEPTED_NUMBERS.items())
def test_a_plain_number_is_read_exactly(cell: str, number: float) -> None:
    reading = read_text(f"date,value\n2024-03-07,{cell}\n")
    assert (reading.outcome, [*map(str, reading.rows["value"])]) == ("accept", [str(float(number))])


@pytest.mark.parametrize(("cell", "reason"), REFUSED_DAYS.items())
def test_a_hostile_day_is_refused(cell: str, reason: str) -> None:
    reading = read_text(f"date,value\n{cell},5\n2024-03-08,6\n")
    assert reading.outcome == ("reject" if "\x00" in cell else "quarantine")
    assert reason in messages(reading)


@pytest.mark.parametrize("cell", ACCEPTED_DAYS)
def test_a_day_in_the_calendar_is_accepted(cell: str) -> None:
    assert read_text(f"date,value\n{cell},5\n").outcome == "accept"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"\n\n \n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\ndate,value\n2024,5\n", "the first line is blank"),
        (b",,\n2024,5,6\n", "the first line is blank"),
        (b"2024-03-07,5\n2024-03-08,6\n", 'no header: the first line holds "2024-03-07"'),
        (b"date,5\n2024-03-08,6\n", 'no header: the first line holds "5"'),
        (b"date\n2024\n", "required: value"),
        (b"value\n5\n", "required: date"),
        (b"date;value\n2024-03-07;5\n", 'write separator: ";"'),
        (b"date\tvalue\n2024-03-07\t5\n", 'write separator: "\\t"'),
        (b"date|value\n2024-03-07|5\n", 'write separator: "|"'),
        (b"date,value,value\n2024,5,6\n", "the column stands twice"),
        (b"date,value,\n2024,5,\n", "a column without a name"),
        (b"Date,value\n2024,5\n", 'did you mean "date"?'),
        (b"date, value\n2024,5\n", 'did you mean "value", without the blanks?'),
        (b"date,value,extra\n2024,5,6\n", "extra: unknown column"),
        (b"date,value\xc2\xa0\n2024,5\n", "unknown column"),
        ((",".join(f"c{n}" for n in range(300)) + "\n").encode(), "280 more unknown columns"),
        (b'"date,value\n2024,5\n', "not CSV"),
        (b'"date"x,value\n2024,5\n', "not CSV: text follows a closing quotation mark; write quotation marks within"),
        (b"date,value\n2024,5\n2023,\"6\n", "ends within a quoted cell"),
        (b'date,value\n2024,5\n2023,"6"x\n', "not CSV"),
        (b"date,value\n2024-03-07,5\n2024-03", "ends within its last row"),
        (b"date,value,unit\r\n2024-03-07,5,bbl\r\n2024-03-08,6", "ends within its last row"),
        (b"date,value\n2024,5\x00\n", "NUL"),
        (b"date\x00,value\n2024,5\n", "NUL"),
        (b"date,value\n" + b"\x00" * 5000, "x.csv:2: holds a NUL byte, so it is damaged or no text of"),
        (b"<!DOCTYPE html><html><body>Not reading</body></html>", "HTML"),
        (b"\n\n  <html>\n", "HTML"),
        (b'\xef\xbb\xbf<?xml version="1.0"?>', "HTML or XML"),
        (b'{"error": "forbidden"}', "JSON"),
        (b'[{"date": "2024"}]', "JSON"),
        (gzip.compress(b"date,value\n2024,5\n", mtime=0)[:-3], "packed with gzip, and damaged or cut off"),
        (gzip.compress(gzip.compress(b"date,value\n2024,5\n", mtime=0), mtime=0), "compressed (gzip), not CSV"),
        (b"PK\x03\x04\x14\x00", "ZIP archive that cannot be read"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "old Excel"),
        (b"%PDF-1.7", "PDF"),
        (b"PAR1\x15\x04", "Parquet"),
        ("date,value,note\n2024,5,평양\n".encode("cp949"), "encoding: cp949"),
        ("date,value,note\n2024,5,Zürich\n".encode("latin-1"), "x.csv:2: is not UTF-8: byte 0xfc at position 24"),
        ("date,value\n2024,5\n".encode("utf-16"), "write encoding: utf-16"),
        ("date,value\n2024,5\n".encode("utf-16-le"), "NUL"),
        ("date,value\n2024,5\n".encode("utf-32"), "write encoding: utf-32"),
        (b"date,value,note\n2024,5,\xed\xa0\x80\n", "is not UTF-8"),
        (b"date,value,note\n2024,5,\xc0\xaf\n", "is not UTF-8"),
        (b"date,value,note\n2024,5,\xe2\x82", "is not UTF-8"),
        (b'date,value,note\n2024,5,a"b\n2023,6,"' + b"x" * 200_000 + b'"\n', "a cell of more than 131,072 characters"),
        (b"Error 503 Service Unavailable\n", "unknown column; take it out, or name it in columns:"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_trusted_is_rejected_whole(data: bytes, reason: str) -> None:
    reading = read_text(data)
    assert (reading.outcome, len(reading.rows), reading.quarantined) == ("reject", 0, ())
    assert reason in messages(reading)


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"\xef\xbb\xbfdate,value\n2024,5\n2023,6\n", [2, 3]),
        (b"date,value\r\n2024,5\r\n2023,6\r\n", [2, 3]),
        (b"date,value\r2024,5\r2023,6\r", [2, 3]),
        (b"date,value\n2024,5\r\n2023,6\r2022,7\n", [2, 3, 4]),
        (b"date,value,note\n2024,5,a\n2023,6,b", [2, 3]),
        (b'date,value\n2024,5\n2023,"6"', [2, 3]),
        (b"date,value\n\n\n2024,5\n\n2023,6\n\n\n", [4, 6]),
        (b"date,value\r\n\r\n2024,5\r\n", [3]),
        (b'"date","value"\n"2024","5"\n', [2]),
        (b'"date","value"\r\n"2024","5"\r\n"2023","6"', [2, 3]),
        (b'date,value,"no\nte"\n', None),
        (b'date,value,note\n2024,5,"a\nb\n\nc"\n2023,6,d\n', [2, 6]),
        (b'date,value,note\n2024,5,"a ""quoted"" word"\n2023,6,""\n', [2, 3]),
        (b'date,value,note\n2024,5,a"b\n2023,6,d\n', [2, 3]),
        (b'date,value,note\n2024,5,a "b" c\n2023,6,"x\ny"\n2022,7,\n', [2, 3, 5]),
        (b"date,value,note\n2024,5,=cmd|' /C calc'!A0\n", [2]),
        (b"date,value,note\n2024,5,<script>alert(1)</script>\n", [2]),
        (b"date,value,note\n2024,5,a\tb\n2023,6,c\n", [2, 3]),
        ("date,value,note\n2024,5,평양 Владивосток 🚢\n2023,6,\n".encode(), [2, 3]),
        (b"date,value,note\n2024,5," + b"x" * 100_000 + b"\n2023,6,\n", [2, 3]),
        (b"value,note,date\n5,,2024\n", [2]),
        (b"date,low\n2024,5\n", [2]),
        (b"period_start,period_end,value\n2024-01-01,2024-03-07,5\n", [2]),
        (b"date,value\n", []),
        (b"date,value", []),
        (b"date,value\r\n", []),
        (b"date,value\n\n\n", []),
    ],
)  # fmt: skip
def test_an_odd_but_unambiguous_file_is_read_with_its_true_lines(data: bytes, lines: list[int] | None) -> None:
    reading = read_text(data)
    if lines is None:
        assert "unknown column" in messages(reading)
        return
    assert (reading.outcome, list(reading.rows["line"])) == ("accept", lines), messages(reading)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("2024-03-07", "1 cell under a header of 2; a blank cell needs its separator too"),
        ("2024-03-07,5,", "3 cells under a header of 2; a comma inside a number or a text needs quotation marks"),
        ("2024-03-07,1,5", "3 cells under a header of 2"),
        (" ", "1 cell under a header of 2; a blank cell needs its separator too"),
        (",", "date: required, but blank"),
        (",5", "date: required, but blank"),
        ("2024-03-07,", "no figure"),
        ('"2024-03-07,5"', "1 cell under a header of 2; a blank cell needs its separator too"),
        ("2024-03-07;5", "1 cell under a header of 2; a blank cell needs its separator too"),
        ("date,value", '"date" is not a day'),
    ],
)
@pytest.mark.parametrize("other", ["2023,6", '"2023","6"', '2023,"6"'])
def test_a_bad_row_is_quarantined_between_good_ones(row: str, reason: str, other: str) -> None:
    reading = read_text(f"date,value\n2022,5\n{row}\n{other}\n")
    assert (reading.outcome, list(reading.rows["line"])) == ("quarantine", [2, 4])
    (bad,) = reading.quarantined
    assert bad.line == 3
    assert reason in str(bad)


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("citation", "javascript:alert(1)", "is not a web address"),
        ("citation", "https://", "is not a web address"),
        ("citation", "https://a b", "is not a web address"),
        ("citation", "https://a\u3000b", "is not a web address"),
        ("citation", "file:///etc/passwd", "is not a web address"),
        ("citation", "https://a<b", "is not a web address"),
        ("note", "a\u202eb", CONTROL),
        ("note", "a\x1bb", CONTROL),
        ("subject", "a\u2066b", CONTROL),
        ("unit", "b\x00bl", "NUL"),
        ("document", "\u200f", CONTROL),
        ("status", "Reported", 'did you mean "reported"?'),
        ("status", "missing", "missing, yet it has a figure"),
        ("published_at", "2023-03-06", "before its period began"),
        ("published_at", "2027-01-01", "lies in the future"),
        ("published_at", "yesterday", DAY),
        ("received_at", "01/02/2024", "dates:"),
    ],
)
def test_a_hostile_text_is_refused(column: str, cell: str, reason: str) -> None:
    reading = read_text(f"date,value,{column}\n2024-03-07,5,{cell}\n2024-03-08,6,\n")
    assert reading.outcome == ("reject" if "\x00" in cell else "quarantine")
    assert reason in messages(reading)


@pytest.mark.parametrize("cell", ["https://대한민국.kr/자료?q=1#a", "http://x.y/%20(a)_[b]", "https://a/b,c"])
def test_a_web_address_in_any_script_is_accepted(cell: str) -> None:
    assert read_text(f'date,value,citation\n2024-03-07,5,"{cell}"\n').outcome == "accept"


def test_a_negative_amount_is_refused_where_figures_count_something() -> None:
    text = "date,value,low\n2024-01-01,5,-1\n2024-01-02,-0.0,0\n"
    assert read_text(text).outcome == "accept"
    reading = read_text(text, counts=True)
    assert [str(one) for one in reading.quarantined] == [
        "x.csv:2:3 low: an amount or a count cannot be negative; correct it, or write kind: level"
    ]


def test_a_long_file_with_mostly_bad_rows_is_rejected() -> None:
    bad, good = "2024-03-07,x\n" * 10_001, "".join(f"{1900 + n // 12}-{n % 12 + 1:02},1\n" for n in range(100))
    reading = read_text("date,value\n" + good + bad)
    assert "10,001 of 10,101 rows cannot be used, the first of them x.csv:102:2 value:" in messages(reading)
    assert reading.outcome == "reject"
    assert len(read_text("date,value\n" + good + "2024-03-07,x\n" * 10_000).quarantined) == 10_000


def test_a_file_that_is_too_large_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.ingest.parse.decode.MAX_BYTES", 10 * 2**20)
    assert "larger than 10 MB" in messages(read_text(b"date,value\n" + b"2024,5\n" * 2**21))


@pytest.mark.parametrize(
    ("header", "last", "where"),
    [
        ("date,value", "2026-11-10,50", {}),
        ("date,value", "2026-11-10,", {}),
        ("date,value,published_at", "2026-11-10,500,2026-11", {}),
        ("date,value,received_at", "2026-11-10,500,2026-11-1", {}),
        ("value,date", "500,2026-1", {}),
        ("value,period_start,period_end", "500,2026-11-01,2026-11-1", {}),
        ("date,low,high", "2026-11-10,5,50", {}),
        ("date,value,port", "2026-11-10,500,Vosto", {"port": ("Vostochny",)}),
    ],
)
def test_a_possibly_truncated_last_row_is_quarantined(
    header: str, last: str, where: dict[str, tuple[str, ...]]
) -> None:
    data = f"{header}\n{last}"
    batched = read_all([Delivery("a.csv", data.encode(), Dialect(where=conditions(where)))], TODAY)
    for reading in (read_text(data, where=conditions(where)), *batched):
        assert (reading.outcome, len(reading.rows)) == ("quarantine", 0)
        assert "it may be cut off" in messages(reading)
        assert "write final_line_break: false if its publisher never writes one" in messages(reading)
        assert reading.quarantined[0].line == 2
    dialect = Dialect(where=conditions(where), final_line_break=False)
    for reading in (
        read(data.encode(), "a.csv", dialect, TODAY),
        *read_all([Delivery("a.csv", data.encode(), dialect)], TODAY),
    ):
        assert "cut off" not in messages(reading)


def test_a_possibly_truncated_publication_dates_no_row() -> None:
    reading = read_text("date,value,published_at\n2026-11-10,500,2026-11")
    assert reading.quarantined[0].known_at is None


def test_an_open_last_row_that_where_leaves_out_is_no_problem() -> None:
    reading = read_text(
        "date,value,port\n2026-11-10,5,Vostochny\n2026-11-10,500,Nakhodka", where={"port": Condition(("Vostochny",))}
    )
    assert reading.outcome == "accept"


def test_the_other_rows_of_an_open_file_are_read_in_a_batch() -> None:
    files = [("a.csv", b"date,value\n2024,5\n2023,6"), ("b.csv", b"date,value\n2024,7\n")]
    first, second = read_all([Delivery(file, data, Dialect()) for file, data in files], TODAY)
    assert ([*first.rows["value"]], first.outcome) == ([5.0], "quarantine")
    assert ([*second.rows["value"]], second.outcome) == ([7.0], "accept")


@pytest.mark.parametrize(
    ("figures", "is_read"),
    [
        (["12.345", "9.870"], False),  # European marks under the same YAML would be a thousand times as much
        (["12.345", "9.870", "1,234"], True),
        (["12.345", "9.8"], True),
        (["12.345", "0.870"], True),
        (["1,234", "870"], True),
        (["12", "345"], True),
    ],
)
def test_points_under_a_declared_thousands_mark_need_a_figure_that_proves_them(
    figures: list[str], is_read: bool
) -> None:
    rows = "".join(f'2024-{month:02},"{figure}"\n' for month, figure in enumerate(figures, 1))
    reading = read_text(f"date,value\n{rows}", thousands=",")
    assert (not reading.quarantined) == is_read
    assert is_read or 'write decimal: "."' in messages(reading)
    assert not read_text(f"date,value\n{rows}", thousands=",", marks_are_declared=True).quarantined
