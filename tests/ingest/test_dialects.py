"""Declared dialects are read, undeclared ones are refused with advice; duplicates; batches of files."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from dashboard.catalog.source import Expectations, Source
from dashboard.ingest.batch_reader import Delivery, read_all
from dashboard.ingest.layout.conditions import Condition
from dashboard.ingest.parse.dialect import Dialect
from dashboard.ingest.reader import read
from dashboard.ingest.reading import Reading, concatenate_rows
from dashboard.rows.guards.expectations import unmet_expectations

TODAY = date(2026, 11, 21)


def read_text(text: str, **dialect: Any) -> Reading:
    declared = Dialect(**dialect)
    return read(text.encode(declared.encoding), "x.csv", declared, TODAY)


def read_together(texts: dict[str, bytes]) -> list[Reading]:
    return read_all([Delivery(file, data, Dialect()) for file, data in texts.items()], TODAY)


def messages(reading: Reading) -> list[str]:
    return [str(problem) for problem in (*reading.rejected, *reading.quarantined)]


@pytest.mark.parametrize(
    ("dialect", "cell", "number"),
    [
        ({"decimal": ","}, "1,5", 1.5),
        ({"decimal": ","}, "-1234,5", -1234.5),
        ({"decimal": ",", "thousands": "."}, "1.234,5", 1234.5),
        ({"decimal": ",", "thousands": "."}, "1234,5", 1234.5),
        ({"decimal": ",", "thousands": "."}, "1.234.567", 1234567),
        ({"decimal": ",", "thousands": " "}, "1 234", 1234),
        ({"thousands": ","}, "1,234,567.5", 1234567.5),
        ({"thousands": "'"}, "1'234.5", 1234.5),
        ({"thousands": ","}, "0.5", 0.5),
    ],
)
def test_a_number_is_read_in_its_declared_format(dialect: dict[str, str], cell: str, number: float) -> None:
    reading = read_text(f"date;value\n2024;{cell}\n", separator=";", **dialect)
    assert (reading.outcome, list(reading.rows["value"])) == ("accept", [number])


@pytest.mark.parametrize(
    ("dialect", "cell"),
    [
        ({"decimal": ","}, "1.5"),
        ({"decimal": ","}, "1.234,5"),
        ({"decimal": ",", "thousands": "."}, "1.23,5"),
        ({"decimal": ",", "thousands": "."}, "12.34"),
        ({"decimal": ",", "thousands": "."}, "1.5"),
        ({"decimal": ",", "thousands": "."}, "0.123"),
        ({"decimal": ",", "thousands": "."}, "1234.567"),
        ({"decimal": ",", "thousands": " "}, "1\u00a023"),
        ({"thousands": ","}, "1,23"),
        ({"thousands": ","}, ",123"),
        ({"thousands": ","}, "1,,234"),
    ],
)
def test_a_number_in_an_undeclared_format_is_refused(dialect: dict[str, str], cell: str) -> None:
    reading = read_text(f"date;value\n2024;{cell}\n", separator=";", **dialect)
    assert "as decimal: and thousands: declare" in messages(reading)[0]


@pytest.mark.parametrize(
    ("dates", "cell", "start"),
    [
        ("%d.%m.%Y", "07.03.2024", "2024-03-07"),
        ("%d.%m.%Y", "7.3.2024", "2024-03-07"),
        ("%d/%m/%Y", "01/02/2024", "2024-02-01"),
        ("%m/%d/%Y", "01/02/2024", "2024-01-02"),
        ("%m/%d/%y", "1/2/24", "2024-01-02"),
        ("%d.%m.%y", "01.02.99", "1999-02-01"),
        ("%Y%m%d", "20240229", "2024-02-29"),
        ("%d.%m.%Y", "2024-03", "2024-03-01"),
        ("%d.%m.%Y", "2024", "2024-01-01"),
        ("%Y-%m-%d", "2024-3-7", "2024-03-07"),
    ],
)
def test_a_day_is_read_in_its_declared_format(dates: str, cell: str, start: str) -> None:
    reading = read_text(f"date,value,published_at\n{cell},5,{cell}\n", dates=dates)
    assert (reading.outcome, str(reading.rows["start"][0])[:10]) == ("accept", start), messages(reading)
    assert reading.rows["published"][0] == (cell if len(cell) in (4, 7) else start)


@pytest.mark.parametrize(
    ("dates", "cell", "reason"),
    [
        ("%d.%m.%Y", "2024-03-07", "is not a day like 07.03.2024, as dates: declares"),
        ("%d/%m/%Y", "01/13/2024", '"01/13/2024" is not in the calendar'),
        ("%d/%m/%Y", "29/02/2023", '"29/02/2023" is not in the calendar'),
        ("%d.%m.%Y", "07/03/2024", "is not a day like"),
        ("%d.%m.%Y", "07.03.24", "is not a day like"),
        ("%d.%m.%Y", "07.03.1066", "is not in the years 1900 to 2199"),
        ("%Y%m%d", "2024037", "is not a day like 20240307"),
    ],
)
def test_a_day_in_an_undeclared_format_is_refused(dates: str, cell: str, reason: str) -> None:
    assert reason in messages(read_text(f"date,value\n{cell},5\n", dates=dates))[0]


@pytest.mark.parametrize("encoding", ["utf-8", "cp949", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "euc-kr"])
def test_text_is_read_in_its_declared_encoding(encoding: str) -> None:
    reading = read_text('date,value,note\n2024,5,"평양,\n라진"\n', encoding=encoding)
    assert (reading.outcome, list(reading.rows["note"])) == ("accept", ["평양,\n라진"]), messages(reading)


@pytest.mark.parametrize(
    ("data", "encoding", "reason"),
    [
        ("date,value\n".encode("utf-16-le"), "utf-16", "no byte order mark; write encoding: utf-16-le, or utf-16-be"),
        ("date,value\n".encode("utf-16"), "cp949", "begins as UTF-16 does; write encoding: utf-16"),
        ("date,value\n2024,5"[:-1].encode("utf-16")[:-1], "utf-16", "is not UTF-16"),
        ("date,value\n".encode("utf-32-le"), "utf-32", "no byte order mark; write encoding: utf-32-le, or utf-32-be"),
        (b"date,value,note\n2024,5,\xff\xff\n", "cp949", "is not CP949: byte 0xff"),
        ("date,value\n2024,5\n".encode("utf-16-be"), "utf-16-le", "unknown column"),
    ],
)
def test_text_in_an_undeclared_encoding_is_rejected(data: bytes, encoding: str, reason: str) -> None:
    reading = read(data, "x.csv", Dialect(encoding=encoding), TODAY)
    assert reading.outcome == "reject"
    assert reason in " | ".join(messages(reading))


@pytest.mark.parametrize("spelled", ["utf-8", "UTF-8", "utf8", "UTF_8", "U8", "utf 8", "utf-8-sig", "cp65001"])
def test_spellings_of_utf_8_are_equal_and_its_mark_is_no_part_of_the_header(spelled: str) -> None:
    expect = Expectations(columns=["date"])
    source = Source(title="S", file="s.csv", encoding=spelled, expect=expect)
    data = b"\xef\xbb\xbfdate,value,note\n2024,5,\xed\x8f\x89\n"
    reading = read(data, "s.csv", Dialect.of(source), TODAY)
    assert (source.encoding, reading.outcome, unmet_expectations(source, data, reading, None)) == (
        "utf-8",
        "accept",
        "",
    )


@pytest.mark.parametrize(
    "codec",
    ["punycode", "idna", "unicode_escape", "raw_unicode_escape", "rot13", "base64", "charmap", "undefined", "\0"],
)
def test_codecs_that_encode_no_files_are_refused(codec: str) -> None:
    with pytest.raises(ValidationError, match="is not how files are encoded, like utf-8, cp949 or utf-16"):
        Source(title="S", file="s.csv", encoding=codec)


PORTS = "date,value,port\n2024,5,Vostochny\n2023,x,Rajin\n2022,7,Vostochny\n2021,y,Vostochny\n"


def test_where_selects_rows_by_the_columns_of_the_file() -> None:
    reading = read_text(PORTS, where={"port": Condition(("Vostochny",))})
    assert list(reading.rows["line"]) == [2, 4]
    assert [(one.line, one.value) for one in reading.quarantined] == [(5, "y")]


def test_where_may_name_several_cells_and_several_columns() -> None:
    reading = read_text(PORTS, where={"port": Condition(("Vostochny", "Rajin")), "value": Condition(("5", "7", "x"))})
    assert (list(reading.rows["line"]), [one.line for one in reading.quarantined]) == ([2, 4], [3])
    assert read_text(PORTS, where={"port": Condition(("Nowhere",))}).near_misses


def test_a_column_that_where_names_must_be_there() -> None:
    (reason,) = messages(read_text("date,value\n2024,5\n", where={"port": Condition(("Vostochny",))}))
    assert reason == "x.csv:1 port: no such column, though the catalogue names it for where; correct its name there"


def test_a_renamed_column_is_named_as_in_the_file() -> None:
    (bad,) = read_text("Tag,bbl\n2024,x\n", columns={"date": "Tag", "value": "bbl"}).quarantined
    assert (bad.column, bad.path) == (2, "bbl")


def test_a_point_is_ambiguous_beside_a_decimal_comma() -> None:
    reading = read_text('date,value,low\n2024,"1.234,5",\n2023,1.234,\n2022,12.5,\n2021,7,1.234\n')
    assert list(reading.rows["line"]) == [4]
    assert [one.line for one in reading.quarantined] == [2, 3, 5]
    assert "may be a thousand times as much: line 2 is written with another decimal mark" in messages(reading)[1]


@pytest.mark.parametrize(
    ("figures", "lines"),
    [
        (["1.200", "1.500"], []),
        (["1.200"], []),
        (["-1.200", "7"], [3]),
        (["1.200", "1.5"], [2, 3]),
        (["1.200", "0.125"], [2, 3]),
        (["1.200", "1234.500"], [2, 3]),
        (["1.200.000", "1.500", "1.5"], [4]),
        (["1.200", "x.5"], []),
    ],
)
def test_an_ambiguous_point_is_read_where_another_figure_proves_the_decimal_mark(
    figures: list[str], lines: list[int]
) -> None:
    rows = [f"{2000 + number},{figure}\n" for number, figure in enumerate(figures)]
    text = "".join(["date,value\n", *rows])
    reading = read_text(text)
    assert list(reading.rows["line"]) == lines
    batched, other = read_together({"x.csv": text.encode(), "y.csv": b"date,value\n2024,1.5\n"})
    assert list(map(str, batched.quarantined)) == list(map(str, reading.quarantined))
    assert other.outcome == "accept"


def test_an_ambiguous_point_is_refused_until_the_yaml_declares_it() -> None:
    text = b"date,value\n2024,1.200\n2023,1.500\n"
    message, _ = messages(read_text(text.decode()))
    assert 'write decimal: "." if its point is the decimal mark, or decimal: "," and thousands: "." if' in message
    for written, figures in (({"decimal": "."}, [1.2, 1.5]), ({"decimal": ",", "thousands": "."}, [1200.0, 1500.0])):
        source = Source.model_validate({"title": "S", "file": "x.csv", **written})
        assert list(read(text, "x.csv", Dialect.of(source), TODAY).rows["value"]) == figures
    assert read(text, "x.csv", Dialect.of(Source(title="S", file="x.csv")), TODAY).outcome == "quarantine"


HEADER = "date,value,published_at,subject,status,note\n"


@pytest.mark.parametrize(
    ("rows", "lines", "quarantined"),
    [
        (["2024,5,2025,,,", "2024,5,2025,,,"], [2], {}),
        (["2024,5,2025,,,", "2024,6,2025,,,"], [], {2: "lines 2 and 3", 3: "lines 2 and 3"}),
        (["2024,5,2025,,,", "2024,6,2025,,,", "2024,5,2025,,,"], [], {2: "and 3", 3: "2 and"}),
        (["2024,5,2025,,,", "2024,5,2025,,,another note"], [], {2: "differ", 3: "differ"}),
        (["2024,5,,,,", "2024,6,,,,"], [], {2: "differ", 3: "differ"}),
        (["2024,5,2025,,,", "2024,6,2025-12-31,,,"], [], {2: "differ", 3: "differ"}),
        (["2024,5,2025,,,", "2024,6,2025-12-30,,,"], [2, 3], {}),
        (["2024,5,2025,A,,", "2024,6,2025,B,,"], [2, 3], {}),
        (["2024,5,2025,,,", "2024,6,2025,,provisional,"], [2, 3], {}),
        (["2024,5,2025,,,", "2024,6,2025,,,", "2024,7,2026,,,"], [2, 3, 4], {}),
        (["2024,5,2025,,,", "2024,x,2025,,,"], [2], {3: "plain number"}),
    ],
)
def test_repetitions_are_dropped_and_contradictions_are_quarantined(
    rows: list[str], lines: list[int], quarantined: dict[int, str]
) -> None:
    reading = read_text(HEADER + "\n".join(rows) + "\n")
    assert list(reading.rows["line"]) == lines
    assert [one.line for one in reading.quarantined] == list(quarantined)
    for problem, reason in zip(reading.quarantined, quarantined.values(), strict=True):
        assert reason in problem.message


def test_a_bad_row_is_known_when_it_was_published() -> None:
    reading = read_text("date,value,published_at\n07.03.2024,x,26.03.2024\n2024,5,\n2024,6,\n", dates="%d.%m.%Y")
    assert [one.known_at for one in reading.quarantined] == [date(2024, 3, 26), TODAY, TODAY]


def test_each_file_of_a_batch_keeps_its_problems_and_lines() -> None:
    texts = {
        "a.csv": "date,value\n2024,5\n2023,x\n", "b.csv": "date,value\n\n2024,5\n2024,6,7\n2022,1\n", "c.csv": "<html>",
        "d.csv": 'date,value\n2024,"5"\n', "e.csv": "date,value\n2024", "f.csv": "value,date\n5,2024\n",
        "g.csv": "date,value\n2024,5\n", "h.csv": "date,value\n", "i.csv": "date,value\r\n2024,5\r\n",
    }  # fmt: skip
    readings = read_together({file: text.encode() for file, text in texts.items()})
    assert [reading.outcome for reading in readings] == [
        "quarantine", "quarantine", "reject", "accept", "reject", "accept", "accept", "accept", "accept",
    ]  # fmt: skip
    assert [str(one).split(":")[:2] for one in (*readings[0].quarantined, *readings[1].quarantined)] == [
        ["a.csv", "3"], ["b.csv", "4"],
    ]  # fmt: skip
    rows = concatenate_rows(readings)
    assert [*zip(rows["file"], rows["line"], strict=True)] == [
        ("a.csv", 2), ("b.csv", 3), ("b.csv", 5), ("d.csv", 2), ("f.csv", 2), ("g.csv", 2), ("i.csv", 2),
    ]  # fmt: skip


def test_equal_rows_of_two_files_are_no_duplicates() -> None:
    same = b"date,value\n2024,5\n"
    deliveries = [Delivery(file, same, Dialect()) for file in ("a", "b", "b")]
    assert [reading.outcome for reading in read_all(deliveries, TODAY)] == ["accept"] * 3


def test_a_decimal_comma_may_stand_in_quoted_cells_between_commas() -> None:
    reading = read_text('date,value\n2024-01,"1,5"\n2024-02,"2,25"\n', decimal=",")
    assert list(reading.rows["value"]) == [1.5, 2.25]
    unquoted = read_text("date,value\n2024-01,1,5\n", decimal=",")
    assert (unquoted.row_count, len(unquoted.quarantined)) == (0, 1)
