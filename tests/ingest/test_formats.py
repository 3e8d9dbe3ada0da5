"""JSON, HTML pages, workbooks and packed files: declared in a few keys, read to the right rows, never misread."""

from __future__ import annotations

import csv
import gzip
import html
import io
import json
import zipfile
from datetime import date, datetime
from typing import Any

import openpyxl
import pyarrow as pa
import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from dashboard.catalog.source import Source
from dashboard.ingest import Dialect, Reading, column_names, read, read_all
from dashboard.ingest.batch_reader import Delivery
from tests.ingest.readings import words
from tests.ingest.test_layouts import TABLES

TODAY = date(2026, 11, 21)
GOOD = b"date,value\n2024-01,5\n2024-02,6\n"


def dialect_of(keys: str) -> Dialect:
    return Dialect.of(Source.model_validate(yaml.safe_load(f"{{title: S, file: x.csv, {keys}}}")))


def opened(keys: str, data: bytes | str) -> Reading:
    return read(data.encode() if isinstance(data, str) else data, "x", dialect_of(keys), TODAY)


def reasons(reading: Reading) -> str:
    return " ".join(map(str, (*reading.rejected, *reading.quarantined)))


PORTWATCH = json.dumps(
    {
        "fields": [{"name": "date", "type": "esriFieldTypeDateOnly"}],
        "features": [
            {"attributes": {"date": "2024-01-01", "portid": "port9", "portcalls_tanker": 3}},
            {"attributes": {"date": "2024-01-02", "portid": "port9", "portcalls_tanker": 4}},
        ],
    }
)
WORLD_BANK = json.dumps(
    [
        {"page": 1, "pages": 1, "total": 2},
        [
            {"indicator": {"id": "I", "value": "Crude"}, "country": {"id": "RU", "value": "Russia"}, "date": "2023",
             "value": 10.5, "unit": "", "obs_status": ""},
            {"indicator": {"id": "I", "value": "Crude"}, "country": {"id": "RU", "value": "Russia"}, "date": "2022",
             "value": None, "unit": "", "obs_status": ""},
        ],
    ]
)  # fmt: skip
COMTRADE = json.dumps(
    {
        "elapsedTime": "0.1 secs",
        "count": 2,
        "data": [
            {"period": "2024-03", "reporterISO": "CHN", "cmdCode": "2710", "netWgt": 1200.25, "isReported": False},
            {"period": "2024-04", "reporterISO": "CHN", "cmdCode": "2711", "netWgt": 7, "isReported": True},
        ],
        "error": "",
    }
)

JSON_FILES = {
    "ArcGIS": (
        "format: json, rows: 'features[].attributes', columns: {value: portcalls_tanker}, where: {portid: port9}",
        PORTWATCH,
        ["2024-01-01 3", "2024-01-02 4"],
    ),
    "World Bank": (
        "format: json, rows: '[1][]', columns: {subject: country.value}, other_columns: ignore, missing: ['']",
        WORLD_BANK,
        ["2023 10.5 Russia", "2022 - Russia missing"],
    ),
    "Comtrade": (
        "format: json, rows: 'data[]', columns: {date: period, value: netWgt}, where: {cmdCode: '2710'}, "
        "other_columns: ignore",
        COMTRADE,
        ["2024-03 1200.25"],
    ),
    "the list itself": ("format: json", '[{"date": "2024-01", "value": 5}]', ["2024-01 5"]),
    "lists with names in another place": (
        "format: json, rows: 'dataset.0.data[]', names: 'dataset.0.columns[].name'",
        '{"dataset": [{"columns": [{"name": "date"}, {"name": "value"}], "data": [["2024-01", 5], ["2024-02", 6]]}]}',
        ["2024-01 5", "2024-02 6"],
    ),
    "lists under a list of names": ("format: json", '[["date", "value"], ["2024-01", "5"]]', ["2024-01 5"]),
    "lists without names": (
        "format: json, header: none, cells: 2, columns: {date: 1, value: 2}",
        '[["2024-01", 5], ["2024-02", 6]]',
        ["2024-01 5", "2024-02 6"],
    ),
    "a record on each line": (
        "format: json_lines",
        '{"date": "2024-01", "value": 5}\r\n\n{"value": 6, "date": "2024-02"}\n',
        ["2024-01 5", "2024-02 6"],
    ),
    "a record within the record of a line": (
        "format: json_lines, rows: properties",
        '{"properties": {"date": "2024-01", "value": 5}}\n',
        ["2024-01 5"],
    ),
    "numbers as they are written": (
        "format: json",
        '[{"date": "2024-01", "value": 0.1000}, {"date": "2024-02", "value": 1.25E+3}, '
        '{"date": "2024-03", "value": 12345678.9}, {"date": "2024-04", "value": 5e-1}]',
        ["2024-01 0.1", "2024-02 1250", "2024-03 12345678.9", "2024-04 0.5"],
    ),
    "numbers beside texts with a decimal comma": (
        "format: json, decimal: ',', thousands: '.'",
        '[{"date": "2024-01", "value": 1.500}, {"date": "2024-02", "value": "1.500"}]',
        ["2024-01 1.5", "2024-02 1500"],
    ),
    "a name that may be lacking": (
        "format: json, optional: [subject]",
        '[{"date": "2024-01", "value": 5, "subject": "a"}, {"date": "2024-02", "value": 6}]',
        ["2024-01 5 a", "2024-02 6"],
    ),
    "a lacking note": (
        "format: json",
        '[{"date": "2024-01", "value": 5, "note": "a"}, {"date": "2024-02", "value": 6}]',
        ["2024-01 5", "2024-02 6"],
    ),
    "a record that is null": (
        "format: json, columns: {subject: ship.name}, other_columns: ignore",
        '[{"date": "2024-01", "value": 5, "ship": {"name": "a"}}, {"date": "2024-02", "value": 6, "ship": null}]',
        ["2024-01 5 a", "2024-02 6"],
    ),
    "months as names": ("format: json, wide: months", '[{"2024-01": 5, "2024-02": null}]', ["2024-01 5"]),
    "events": (
        "format: json, kind: event, value: 1, columns: {subject: id}, other_columns: ignore",
        '[{"date": "2024-01-05", "id": 7, "dead": 2}, {"date": "2024-01-05", "id": 8, "dead": 0}]',
        ["2024-01-05 1 7", "2024-01-05 1 8"],
    ),
    "a name that all records lack": (
        "format: json, optional: [ship], columns: {subject: ship}",
        '[{"date": "2024-01", "value": 5}]',
        ["2024-01 5"],
    ),
    "no record": ("format: json, rows: 'data[]', columns: {value: kg}", '{"data": []}', []),
}


@pytest.mark.parametrize("name", JSON_FILES)
def test_json_is_read_to_the_right_rows(name: str) -> None:
    keys, text, expected = JSON_FILES[name]
    reading = opened(keys, text)
    assert (reasons(reading), words(reading)) == ("", expected)


@pytest.mark.parametrize(
    ("keys", "text", "reason"),
    [
        ("", '{"data": [{"date": "2024", "value": 1}]}', "write rows: data[]"),
        ("rows: 'data[]'", '{"error": {"code": 499, "message": "Token"}}', 'no "data": {"error": {"code": "499"'),
        ("rows: 'data[]'", '{"data": {"a": 1}}', "is no list"),
        ("rows: 'data'", '{"data": [5, 6]}', "correct rows:"),
        ("rows: '[4][]'", "[]", "has 0 entries"),
        ("", '[{"date": "2024", "value": 1', "is no JSON: Expecting"),
        ("", '[{"date": "2024", "value": 1}] x', "is no JSON: Extra data"),
        ("", '[{"date": "2024", "value": 1, "value": 2}]', '"value" stands twice in one record'),
        ("", '[{"date": "2024", "value": NaN}]', "holds NaN, which is no number"),
        ("", '[{"date": "2024", "value": -Infinity}]', "holds -Infinity, which is no number"),
        ("", "[" * 100_000, "nested too deeply"),
        ("", '{"a":' * 100_000, "nested too deeply"),
        ("", '[{"date": "2024", "value": 1, "note": ' + '{"a":' * 30 + "1" + "}" * 30 + "}]", "20 deep"),
        ("", '[{"date": "2024", "value": 1, "note": "\\ud800"}]', "half a character"),
        ("", '[{"date": "2024", "value": 1, "note": "\\u0000"}]', "holds a NUL"),
        ("", '[{"date": "2024", "value": 1, "x.y": 1, "x": {"y": 2}}]', "can be read in two ways"),
        ("", '[{"date": "2024", "value": 1, "extra": 1}]', "write other_columns: ignore"),
        ("", '[{"date": "2024", "value": 1}, 5]', "x:2: is no record with names"),
        ("", json.dumps([{f"k{n}": 1 for n in range(3_000)}]), "3,000 names in 1 records"),
        ("", "<html><body>Log in</body></html>", "is HTML or XML, not JSON"),
        ("", "", "empty"),
        ("", '{"class": "dataset", "id": ["geo"], "size": [1], "dimension": {}, "value": {"0": 1}}', "is JSON-stat"),
        ("names: 'n[]', rows: 'd[]'", '{"n": [null, "a"], "d": [["2024", 5]]}', "which is no name"),
    ],
)  # fmt: skip
def test_json_that_is_not_as_declared_is_rejected_whole(keys: str, text: str, reason: str) -> None:
    reading = opened(f"format: json, {keys}", text)
    assert reading.outcome == "reject"
    assert reason in reasons(reading)


@pytest.mark.parametrize(
    ("keys", "record", "reason"),
    [
        ("", '{"date": "2024-02", "value": 1e400, "subject": "a"}', '"1e400" is not a plain number'),
        ("", '{"date": "2024-02", "value": [1, 2], "subject": "a"}', "is not a plain number"),
        ("", '{"date": "2024-02", "value": true, "subject": "a"}', '"true" is not a plain number'),
        ("", '{"date": "2024-02", "value": null, "subject": "a"}', "value"),
        ("", '{"value": 6, "subject": "a"}', "required, but blank"),
        ("", '{"date": "2024-02", "value": 6}', "list it under optional:"),
        ("", '{"date": "2024-02", "value": 6, "subject": ["a"]}', "holds a list"),
        ("where: {port: V}", '{"date": "2024-02", "value": 6, "subject": "a"}', "x:2:4 port:"),
    ],
)
def test_a_record_that_is_not_plain_is_quarantined(keys: str, record: str, reason: str) -> None:
    first = '{"date": "2024-01", "value": 5, "subject": "a", "port": "V"}'
    reading = opened(f"format: json, other_columns: [port], {keys}", f"[{first}, {record}]")
    assert (reading.outcome, words(reading)) == ("quarantine", ["2024-01 5 a"])
    assert reason in reasons(reading)


PAGE = """<!DOCTYPE html><html><head><title>t</title><script>document.write("<table>")</script></head><body>
<h2>Menu</h2><table><tr><td>a</td></tr></table>
<h2>Deliveries of&nbsp;2024 <sup>1</sup></h2><p>As of today</p>
<table class=big><thead><tr><th rowspan=2>Month<th colspan=2>China</tr>
<tr><th>Tons<sup>2</sup></th><th>Barrels</th></tr>
</thead><tbody>
<tr><td>2024-01<td>1&nbsp;234<sup>3</sup><td>5</tr>
<tr><td> 2024-02 </td><td><b>2</b>34</td><td><span style="display:none">0006</span>6</td></tr>
</tbody></table>
<table><caption>Notes</caption><tr><td>x</td></tr></table>
</body></html>"""
PAGE_KEYS = (
    "format: html, table: {heading: Deliveries of 2024}, header_line: 2, footnotes: ignore, thousands: ' ', "
    "columns: {date: Month, value: Tons}, other_columns: ignore"
)


def table_of(rows: str) -> str:
    return f"<table><tr><th>date<th>value<th>subject</tr>{rows}</table>"


PAGES = {
    "a table under a heading": (PAGE_KEYS, PAGE, ["2024-01 1234", "2024-02 234"]),
    "a table by its number": (
        PAGE_KEYS.replace("{heading: Deliveries of 2024}", "2"),
        PAGE,
        ["2024-01 1234", "2024-02 234"],
    ),
    "the only table": ("format: html", table_of("<tr><td>2024-01<td>5<td>a</tr>"), ["2024-01 5 a"]),
    "a caption": (
        "format: html, table: {heading: Two}",
        "<table><caption>One</caption><tr><td>x</table><table><caption> Two </caption><tr><th>date<th>value"
        "<tr><td>2024<td>5</table>",
        ["2024 5"],
    ),
    "a key over several rows": (
        "format: html",
        "<table><tr><th>subject<th>date<th>value</tr><tr><td rowspan=2>a<td>2024-01<td>5<tr><td>2024-02<td>6</table>",
        ["2024-01 5 a", "2024-02 6 a"],
    ),
    "a table within a table": (
        "format: html, table: 2",
        "<table><tr><td>" + table_of("<tr><td>2024-01<td>5<td>a") + "</td></tr></table>",
        ["2024-01 5 a"],
    ),
    "a note below": (
        "format: html, until: '^Source'",
        table_of("<tr><td>2024-01<td>5<td>a<tr><td colspan=3>Source: us"),
        ["2024-01 5 a"],
    ),
    "entities and comments": (
        "format: html, thousands: ','",
        table_of("<!-- <tr><td>2023<td>1<td> --><tr><td>2024&#45;01<td>5&#44;000<td>a &amp; b"),
        ["2024-01 5000 a & b"],
    ),
    "a heading over the middle, left out by where": (
        "format: html, where: {subject: a}",
        table_of("<tr><td colspan=3>2024<tr><td>2024-01<td>5<td>a"),
        ["2024-01 5 a"],
    ),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_read_to_the_right_rows(name: str) -> None:
    keys, text, expected = PAGES[name]
    reading = opened(keys, text)
    assert (reasons(reading), words(reading)) == ("", expected)


@pytest.mark.parametrize(
    ("keys", "text", "reason"),
    [
        ("", "<html><body>Please log in</body></html>", "has no table"),
        ("", "<html>" + "<!--" * 100_000 + table_of(""), "has no table"),
        ("", "<html>" + "<script " * 100_000 + table_of(""), "has no table"),
        ("table: {heading: x}", "<h2>a</h2><table><tr><td>1</table>" * 5_000, "and 4990 more"),
        ("", "date,value\n2024,5\n", "is no HTML page"),
        ("", PAGE, 'has 3 tables; name one with table:. It has 1 "Menu" (a), 2 "As of today" (Month, Ch'),
        ("table: 4", PAGE, "has no table 4"),
        ("table: {heading: Nothing}", PAGE, 'no table under the heading "Nothing"'),
        ("table: {heading: H}", f"<h2>H</h2>{table_of('')}{table_of('')}", '2 tables under the heading "H"'),
        ("", table_of("<tr><td>2024-01<td>5").removesuffix("</table>"), "was cut off"),
        ("", table_of("<tr><td>2024-01<td>50<td>a")[:-14], "was cut off"),
        ("", "<div>" * 5_000 + table_of("<tr><td>2024-01<td>5<td>a"), "is no HTML that can be read to its end"),
        ("", table_of("<tr>" + "<td colspan=1000>x" * 9), "no table of figures"),
        ("header_line: 9", table_of(""), "has no row 9"),
        ("", table_of("").replace("value", "amount"), "unknown column"),
    ],
)  # fmt: skip
def test_a_page_that_is_not_as_declared_is_rejected_whole(keys: str, text: str, reason: str) -> None:
    reading = opened(f"format: html, {keys}", text)
    assert reading.outcome == "reject"
    assert reason in reasons(reading)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("<tr><td>2024-02<td rowspan=2>6<td>a<tr><td>2024-03<td>a", "6 (of a cell that spans 2 rows and 1 columns"),
        ("<tr><td colspan=3>2024", "2024 (of a cell that spans 1 rows and 3 columns"),
        ("<tr><td>2024-02<td>12<sup>3</sup><td>a", '"12^3" is not a plain number'),
        ("<tr><td>2024-02<td><s>12</s>3<td>a", '"~123" is not a plain number'),
        ("<tr><td>2024-02<td>1<br>2<td>a", '"1 2" is not a plain number'),
        ("<tr><td>2024-02<td>1<table><tr><td>2</table><td>a", '"1 2" is not a plain number'),
        ("<tr><td>2024-02<td>6<td>a<sup>1</sup>", "write footnotes: ignore"),
        ("<tr><td>2024-02<td>6<td><del>a</del> b", "struck out"),
        ("<tr><td>2024-02<td>6", "2 cells under a header of 3"),
        ("<tr><td>2024-02<td>6<td>a<td>b", "4 cells under a header of 3"),
    ],
)
def test_a_row_of_a_page_that_is_not_plain_is_quarantined(row: str, reason: str) -> None:
    reading = opened("format: html, table: 1", table_of("<tr><td>2024-01<td>5<td>a</tr>" + row))
    assert (reading.outcome, words(reading)) == ("quarantine", ["2024-01 5 a"])
    assert reason in reasons(reading)


def test_a_page_is_decoded_as_declared_and_not_as_it_says_itself() -> None:
    page = '<meta charset="utf-8">' + table_of("<tr><td>2024-01<td>5<td>평양")
    assert words(opened("format: html, encoding: cp949", page.encode("cp949"))) == ["2024-01 5 평양"]
    assert "encoding: cp949" in reasons(opened("format: html", page.encode("cp949")))


def workbook(sheets: dict[str, list[list[Any]]], **changes: Any) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
        for merged in changes.get("merged", ()):
            sheet.merge_cells(merged)
        if title in changes.get("hidden", ()):
            sheet.sheet_state = "hidden"
    if changes.get("since_1904"):
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


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


def zipped(members: dict[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return data.getvalue()


def zst(data: bytes) -> bytes:
    return bytes(pa.Codec("zstd").compress(data, asbytes=True))


PACKED = {
    "gzip": ("", gzip.compress(GOOD)),
    "gzip in two parts": ("", gzip.compress(GOOD[:11]) + gzip.compress(GOOD[11:])),
    "Zstandard": ("", zst(GOOD)),
    "ZIP": ("", zipped({"folder/": b"", "folder/x.csv": GOOD})),
    "ZIP with a named member": ("member: data.csv", zipped({"readme.txt": b"x", "data.csv": GOOD})),
    "ZIP with a pattern": ("member: 'data_*.csv'", zipped({"readme.csv": b"x", "data_2024.csv": GOOD})),
    "JSON in gzip": ("format: json", gzip.compress(b'[{"date":"2024-01","value":5},{"date":"2024-02","value":6}]')),
    "a workbook in ZIP": (
        "format: xlsx, member: '*.xlsx'",
        zipped({"a.xlsx": workbook({"A": [["date", "value"], ["2024-01", 5], ["2024-02", 6]]})}),
    ),
    "as it is": ("", GOOD),
}


@pytest.mark.parametrize("name", PACKED)
def test_a_packed_file_is_read_as_what_it_holds(name: str) -> None:
    keys, data = PACKED[name]
    reading = opened(keys, data)
    assert (reasons(reading), words(reading)) == ("", ["2024-01 5", "2024-02 6"])
    assert column_names(data, dialect_of(keys)) == ["date", "value"]


def encrypted(data: bytes) -> bytes:
    """The archive with the mark of a password on its members."""
    begin = data.index(b"PK\x01\x02") + 8
    return data[:6] + b"\x01" + data[7:begin] + b"\x01" + data[begin + 1 :]


@pytest.mark.parametrize(
    ("keys", "data", "reason"),
    [
        ("", gzip.compress(GOOD)[:-9], "packed with gzip, and damaged or cut off"),
        ("", gzip.compress(GOOD)[:-8] + b"\0" * 8, "packed with gzip, and damaged"),
        ("", gzip.compress(GOOD) + b"x", "packed with gzip, and damaged"),
        ("", zst(GOOD * 99)[:-5], "packed with Zstandard, and damaged or cut off"),
        ("", gzip.compress(b"0" * (257 << 20), 1), "larger than 256 MB"),
        ("", zipped({"a.csv": b"0" * (257 << 20)}), "larger than 256 MB"),
        ("", zst(b"0" * (257 << 20)), "larger than 256 MB"),
        ("", zipped({"a.csv": GOOD, "b.csv": GOOD}), "name the right one in member:. It holds a.csv, b.csv"),
        ("member: c.csv", zipped({"a.csv": GOOD}), "0 of its files match member: c.csv"),
        ("member: '*.csv'", zipped({"a.csv": GOOD, "b.csv": GOOD}), "2 of its files match"),
        ("member: a.csv", GOOD, "is no ZIP archive, and the YAML names member:"),
        ("", zipped({}), "holds 0 files"),
        ("", zipped({"../../etc/a.csv": GOOD}), "leads out of it"),
        ("", zipped({"a.zip": zipped({"a.csv": GOOD})}), "is a ZIP archive or an Excel file, not CSV"),
        ("", encrypted(zipped({"a.csv": GOOD})), "with a password"),
        ("", zipped({"a.csv": GOOD})[:-30], "cannot be read"),
        ("", workbook({"A": FIGURES}), "is an Excel file; write format: xlsx"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_packed_file_that_is_not_as_declared_is_rejected_whole(keys: str, data: bytes, reason: str) -> None:
    reading = opened(keys, data)
    assert reading.outcome == "reject"
    assert reason in reasons(reading)


def test_files_of_all_formats_are_read_together_as_one_by_one() -> None:
    files = [(keys, data) for keys, data in PACKED.values()] + [
        (keys, text.encode()) for keys, text, _ in PAGES.values()
    ]
    files += [(f"format: xlsx, {keys}", data) for keys, data, _ in WORKBOOKS.values()]
    deliveries = [Delivery("x", data, dialect_of(keys)) for keys, data in files]
    together = read_all(deliveries, TODAY)
    assert [words(reading) for reading in together] == [words(opened(keys, data)) for keys, data in files]


@pytest.mark.parametrize("keys", [keys for keys, *_ in (*JSON_FILES.values(), *PAGES.values(), *PACKED.values())])
def test_a_dialect_is_the_same_after_the_journal(keys: str) -> None:
    dialect = dialect_of(keys)
    assert Dialect.from_json(json.loads(json.dumps(dialect.as_json()))) == dialect


def test_a_problem_says_what_its_number_counts() -> None:
    assert reasons(opened("format: json", '[{"date": "2024", "value": "x"}]')).endswith("(record 1)")
    assert reasons(opened("format: html", table_of("<tr><td>2024<td>x<td>"))).endswith("(row 2 of the table)")
    data = workbook({"A": [[], ["date", "value"], ["2024", "x"]]})
    assert reasons(opened("format: xlsx, skip_lines: 1", data)).endswith("(row 3 of the sheet)")


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


def as_page(table: list[list[str]]) -> bytes:
    cells = ("".join(f"<td>{html.escape(cell)}</td>" for cell in row) for row in table)
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in cells)}</table>".encode()


FORMS = {
    "json": lambda table: json.dumps(table).encode(),
    "html": as_page,
    "xlsx": lambda table: workbook({"A": table}),
}


@pytest.mark.parametrize("form", FORMS)
@given(data=st.data(), name=st.sampled_from(sorted(TABLES)))
def test_a_table_says_the_same_in_all_formats_however_it_changes(form: str, data: st.DataObject, name: str) -> None:
    keys, table, _ = TABLES[name]
    changed = [list(row) for row in table]
    for _ in range(data.draw(st.integers(0, 2))):
        row = data.draw(st.integers(0, len(changed) - 1))
        place = data.draw(st.integers(0, len(changed[row]) - 1))
        changed[row][place] = data.draw(st.sampled_from(["x", "9", "", "2013", "2024-01", "1.5"]))
    assume(changed[0][-1])  # behind the last name of a CSV file stands a cell, behind that of a sheet nothing
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(changed)
    plain = opened(keys, text.getvalue())
    other = opened(f"{keys}, format: {form}", FORMS[form](changed))
    assert (words(other), bool(other.rejected)) == (words(plain), bool(plain.rejected)), (keys, text.getvalue())


RECORDS = [{"date": f"2024-{month:02}", "value": 10 + month, "ship": "ab"[month % 2]} for month in range(1, 7)]


@given(st.data())
def test_a_json_file_whose_records_change_is_never_misread(data: st.DataObject) -> None:
    """Whatever name is added, taken out or renamed in some records: each row read is one that the file had stated."""
    keys = "format: json, columns: {subject: ship}, other_columns: ignore"
    records = [dict(record) for record in RECORDS]
    for number in data.draw(st.lists(st.integers(0, 5), min_size=1)):
        name = data.draw(st.sampled_from(["date", "value", "ship"]))
        value = records[number].pop(name, None)
        match data.draw(st.sampled_from(["drop", "rename", "null", "list", "deeper"])):
            case "rename":
                records[number][f"{name}2"] = value
            case "null":
                records[number][name] = None
            case "list":
                records[number][name] = [value, value]
            case "deeper":
                records[number][name] = {"value": value}
    stated = set(words(opened(keys, json.dumps(RECORDS))))
    nameless = {word.rpartition(" ")[0] for word in stated}  # a ship that is null is none
    assert set(words(opened(keys, json.dumps(records)))) <= stated | nameless


@given(st.binary(max_size=200), st.sampled_from(["json", "json_lines", "html", "xlsx"]))
def test_any_bytes_are_read_or_rejected(noise: bytes, name: str) -> None:
    for data in (noise, b"[" + noise, b"<table><tr><td>" + noise, b"PK\x03\x04" + noise, b"\x1f\x8b" + noise):
        assert opened(f"format: {name}", data).outcome in ("reject", "quarantine", "accept")


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
@pytest.mark.parametrize("place", range(20, 400, 20))
def test_a_damaged_archive_of_any_method_is_an_error_of_its_file(method: int, place: int) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        archive.writestr(
            "a.csv", "date,value\n" + "".join(f"{year},{year * 7919 % 1009}\n" for year in range(1950, 2026))
        )
    data = bytearray(packed.getvalue())
    data[place % len(data)] ^= 0xFF
    reading = opened("", bytes(data))
    assert reading.rejected or reading.row_count


@pytest.mark.parametrize(
    "page",
    [
        "<div></table></div><table><tr><th>date<th>value<tr><td>2024-01<td>5<tr><td>2024-02<td>12",
        "<html><table><tr><th>date<th>value<tr><td>2024-01<td>5<tr><td>2024-02<td>12</html>",
    ],
)
def test_a_page_that_is_cut_within_a_table_is_rejected(page: str) -> None:
    assert "the page was cut off" in reasons(opened("format: html", page))


def test_a_record_without_its_figure_is_no_missing_figure() -> None:
    text = '[{"date": "2024-01", "value": 5}, {"date": "2024-02", "val": 9}, {"date": "2024-03", "value": null}]'
    reading = opened('format: json, missing: [""], other_columns: [val]', text)
    assert words(reading) == ["2024-01 5", "2024-03 - missing"]
    assert "list it under optional:" in reasons(reading)
