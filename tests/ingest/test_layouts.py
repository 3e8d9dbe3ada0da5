"""Layouts of publishers: declared in a few keys, read to the right rows, and refused where a file has another."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from dashboard.catalog.source import Source
from dashboard.ingest import Dialect, Reading, read
from tests.ingest.readings import words
from tests.test_architecture import PACKAGE

TODAY = date(2026, 11, 21)


def read_text(keys: str, text: str) -> Reading:
    source = Source.model_validate(yaml.safe_load(f"{{title: S, file: x.csv, {keys}}}"))
    return read(text.encode(), "x.csv", Dialect.of(source), TODAY)


_EXAMPLE = re.compile(r"### ([^\n]+)\n\n```yaml\n(.*?)```\n\n```text\n(.*?)```\n\nRows: ([^\n]+)\n", re.DOTALL)
LAYOUTS = {
    name: (", ".join(keys.splitlines()), text, re.findall("`(.+?)`", expected))
    for name, keys, text, expected in _EXAMPLE.findall((PACKAGE / "LAYOUTS.md").read_text(encoding="utf-8"))
}


def test_the_page_of_layouts_is_read_whole() -> None:
    assert len(LAYOUTS) == (PACKAGE / "LAYOUTS.md").read_text(encoding="utf-8").count("\n### ")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_declared_layout_is_read_to_the_right_rows(layout: str) -> None:
    keys, text, expected = LAYOUTS[layout]
    reading = read_text(keys, text)
    assert (reading.rejected, reading.quarantined, words(reading)) == ((), (), expected)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_dialect_is_the_same_after_the_journal(layout: str) -> None:
    source = Source.model_validate(yaml.safe_load(f"{{title: S, file: x.csv, {LAYOUTS[layout][0]}}}"))
    dialect = Dialect.of(source)
    assert Dialect.from_json(dialect.as_json()) == dialect
    assert hash(Dialect.from_json(dialect.as_json())) == hash(dialect)


def test_a_missing_figure_has_its_mark_as_the_reason() -> None:
    reading = read_text('missing: ["-", ""]', "date,value,note\n2024-01,-,\n2024-02,,\n2024-03,-,strike\n")
    assert list(reading.rows["note"]) == [
        'no figure: "-" stands in its place', "no figure: the cell is blank", "strike",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("keys", "text", "reason"),
    [
        ("", "date,value,x\n2024,1,2\n", "write other_columns: ignore"),
        ("", "2017-01-01,3\n", "write header: none"),
        ("separator: ';'", "sep=;\ndate;value\n2024;1\n", "write skip_lines: 1"),
        ("", "date,x\n2024,1\n", "where each row is an event, write value: 1"),
        ("skip_lines: 9", "date,value\n2024,1\n", "has no line 10"),
        ("header: none, cells: 2, columns: {date: 1, value: 2}", "2024,a,1\n", "3 cells, and the YAML says 2"),
        ("header: [date, value]", "2024,a,1\n", "3 cells, and the YAML says 2"),
        ('until: "^S"', "date,value\n2024-01,1\nS: x\n2024-02,2\n", "or until:"),
        ("wide: years, other_columns: ignore", "land,2014,2015*\nN,1,2\n", "may be a period"),
        ("wide: years, other_columns: ignore", "land,2014,'15\nN,1,2\n", "may be a period"),
        ("wide: years, other_columns: ignore", "land,2014,\uff12\uff10\uff11\uff15\nN,1,2\n", "may be a period"),
        ('wide: "%b", columns: {date: y}, other_columns: ignore', "y,Jan,Feb,March\n2024,1,2,3\n", "may be a period"),
        ("header: [date, value], skip_lines: 2", "# c\n2024-01,5\n2024-02,6\n", "correct skip_lines:"),
        ("header_line: 3", "2024-01,5\nx\ndate,value\n2024-02,6\n", "correct skip_lines:"),
        ("wide: months, other_columns: [land]", "land,total\nN,1\n", "unknown column"),
        ("wide: months, other_columns: ignore", "land,total\nN,1\n", "no column is a period, as wide: months declares"),
        ("columns: {value: kg}, other_columns: ignore", "date,kg,kg\n2024,1,2\n", "the column stands twice"),
        ("columns: {value: kg}, other_columns: ignore", "date,KG\n2024,1\n", "no such column"),
        ('split: {k: {by: ",", into: [a, b]}}, where: {a: x}', "date,value\n2024,1\n", "no such column"),
        ("columns: {value: qty}", "date, qty \n2024,1\n", 'write columns: {value: " qty "}'),
        (
            "columns: {value: qty}, other_columns: ignore",
            "date,qty\u00a0\n2024,1\n",
            r'write columns: {value: "qty\u00a0"}',
        ),
        ("where: {port: V}", "date,value, port\n2024,1,V\n", 'write where: {" port": ...}'),
        ("", "date , value\n2024,1\n", 'write columns: {date: "date "}'),
        ("", "date , value\n2024,1\n", 'write columns: {value: " value"}'),
    ],
)
def test_a_file_in_another_layout_is_rejected_with_the_line_to_write(keys: str, text: str, reason: str) -> None:
    reading = read_text(keys, text)
    assert reading.outcome == "reject"
    assert reason in " ".join(map(str, reading.rejected))


@pytest.mark.parametrize(
    ("keys", "cells", "reason"),
    [
        ('missing: ["-"]', "x", '"x" is not a plain number'),
        ("columns: {status: note}", "5,A", 'write flags: {"A": reported}'),
        ("columns: {status: note}", "5,Estimated", 'did you mean "estimated"? write flags: {"Estimated": reported}'),
        ("columns: {note: note}", ",A", 'missing: [""] in the YAML'),
        ("flags: {p: provisional}", "5 q", 'write flags: {"q": reported}'),
        ("", "12.5%", 'write flags: {"%": reported}'),
        ("", "US$ 12", 'write flags: {"US$": reported}'),
        ("", "(12)", "brackets make a figure negative"),
        ("", "> 100", "it is a bound"),
        ('split: {note: {by: "/", into: [a, b]}}', '5,"x/y/z"', "has 3 values, and split: names 2"),
    ],
)
def test_a_cell_that_nobody_declared_is_quarantined(keys: str, cells: str, reason: str) -> None:
    header = "date,value,note" if "," in cells else "date,value"
    reading = read_text(keys, f"{header}\n2024-01,{cells}\n")
    assert (reading.outcome, len(reading.rows)) == ("quarantine", 0)
    assert reason in str(reading.quarantined[0])


ORDERED = 'dates: "%d/%m/%Y"'


def test_no_day_is_read_where_the_file_shows_the_other_order() -> None:
    reading = read_text(ORDERED, "date,value\n01/02/2024,5\n02/13/2024,6\n")
    assert len(reading.rows) == 0
    assert 'write dates: "%m/%d/%Y"' in str(reading.quarantined[0])


def test_a_slip_is_the_fault_of_its_row_where_other_days_show_the_declared_order() -> None:
    reading = read_text(ORDERED, "date,value\n01/02/2024,5\n02/13/2024,6\n25/03/2024,7\n")
    assert words(reading) == ["2024-02-01 5", "2024-03-25 7"]


def test_a_day_after_its_year_is_never_taken_for_a_month() -> None:
    assert words(read_text('dates: "%Y-%m-%d"', "date,value\n2024-02-01,5\n2024-13-01,6\n")) == ["2024-02-01 5"]


def test_a_file_in_utf_8_is_said_to_be() -> None:
    source = Source.model_validate({"title": "S", "file": "x.csv", "encoding": "cp949"})
    reading = read("date,value,note\n2024,1,국가\n".encode(), "x.csv", Dialect.of(source), TODAY)
    assert "write encoding: utf-8" in str(reading.rejected[0])


def test_a_problem_of_a_wide_file_names_the_cell() -> None:
    reading = read_text("wide: years, columns: {subject: land}", "land,2014,2015\nNorth,10,x\n")
    assert [str(problem)[:20] for problem in reading.quarantined] == ['x.csv:2:3 2015: "x" ']


TABLES = {
    name: (keys, list(csv.reader(io.StringIO(text))), [word.rsplit(" · ")[0] for word in expected])
    for name, (keys, text, expected) in LAYOUTS.items()
    if not re.search("separator|format:", keys)
    and "value: 1" not in keys
    and "line" not in keys
    and "until" not in keys
}


@given(st.data(), st.sampled_from(sorted(TABLES)))
def test_a_file_whose_layout_changes_is_never_misread(data: st.DataObject, name: str) -> None:
    """Whatever column is added, taken out, renamed or moved: each row that is read is one that the file had stated."""
    keys, table, _ = TABLES[name]
    has_header = "header: [" not in keys and "header: none" not in keys
    changed = data.draw(st.sampled_from(["add", "drop", "rename", "move"] if has_header else ["add", "drop"]))
    place = data.draw(st.integers(0, len(table[0]) - 1))
    new = data.draw(st.sampled_from(["", "new", "9", "2013*", "value2"]))
    rows = [list(row) for row in table]
    for number, row in enumerate(rows):
        if changed == "add":
            row.insert(place, new)
        elif changed == "drop":
            del row[place]
        elif changed == "move":
            row.append(row.pop(place))
        elif not number:
            row[place] = new
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    before, after = (read_text(keys, LAYOUTS[name][1]), read_text(keys, text.getvalue()))
    lost = set(_periods(after)) - set(_periods(before))
    assert not lost or after.rejected, (keys, text.getvalue(), words(after))


def _periods(reading: Reading) -> list[tuple[Any, ...]]:
    rows = reading.rows.assign(value=reading.rows["value"].fillna(-1))
    return [(row["start"], row["end"], row["value"], row["status"]) for row in rows.to_dict("records")]


WHERE = {
    '{hs: {starts_with: "2710"}}': ["271012", "271019"],
    '{hs: {starts_with: ["2709", "271019"]}}': ["271019", "2709"],
    "{length: {from: 55, to: 120}}": ["271012"],
    '{length: {from: 121}, hs: {starts_with: "27"}}': ["271019"],
    "{day: {from: 2024-02, to: 2024}}": ["271019", "2709"],
    '{mmsi: {not: ""}}': ["271012", "2709"],
    '{mmsi: {not: ["", "412"]}}': ["271012"],
    "{hs: [271012, 2709]}": ["271012", "2709"],
}


@pytest.mark.parametrize("where", WHERE)
def test_rows_are_chosen_by_beginnings_ranges_and_exceptions(where: str) -> None:
    text = "day,hs,length,mmsi,value\n2024-01-31,271012,60.5,273,1\n2024-02-01,271019,121,,2\n"
    text += "2024-03-01,2709,54,412,3\n"
    reading = read_text(f"where: {where}, columns: {{date: day, note: hs}}, other_columns: ignore", text)
    assert (list(reading.rows["note"]), reading.quarantined) == (WHERE[where], ())


def test_a_journal_keeps_what_where_asks_for() -> None:
    for where in WHERE:
        source = Source.model_validate(yaml.safe_load(f"{{title: S, file: x.csv, where: {where}}}"))
        assert Dialect.from_json(Dialect.of(source).as_json()) == Dialect.of(source)


@pytest.mark.parametrize(
    ("where", "cell", "reason"),
    [
        ('{hs: {starts_with: "2710"}}', "27l012", 'which asks for "2710"'),
        ("{hs: {from: 5}}", "", 'it is no number or day; correct it, or list "" under where_not:'),
        ("{hs: {from: 5}}", "x", "it is no number or day"),
        ("{hs: {to: 2024-05}}", "May", "it is no number or day"),
    ],
)
def test_a_cell_that_may_be_meant_is_told(where: str, cell: str, reason: str) -> None:
    reading = read_text(f"where: {where}", f"date,hs,value\n2024,2710,1\n2024-01,{cell},2\n")
    assert reason in " ".join(map(str, reading.quarantined))


def test_a_range_that_no_row_lies_in_is_no_problem() -> None:
    reading = read_text("where: {length: {from: 55}}", "date,length,value\n2024,3,1\n")
    assert (reading.outcome, len(reading.rows)) == ("accept", 0)


def test_a_file_without_the_line_below_its_rows_may_be_cut_off() -> None:
    keys = 'until: "^Source$"'
    assert read_text(keys, "date,value\r\n2024-01,1\r\nSource\r\n").outcome == "accept"
    reading = read_text(keys, "date,value\n2024-01,1\n")
    assert (reading.outcome, reading.row_count) == ("quarantine", 1)
    assert "may be cut off" in str(reading.quarantined[0])


@pytest.mark.parametrize(
    ("keys", "cells"),
    [("thousands: ','", ('"12,345"', '"1,5"')), ("decimal: ',', thousands: '.'", ("12.345", "1.5"))],
)
def test_a_thousands_mark_is_in_doubt_where_another_figure_contradicts_it(keys: str, cells: tuple[str, str]) -> None:
    reading = read_text(keys, f"date,value\n2024-01,{cells[0]}\n2024-02,{cells[1]}\n")
    assert (reading.row_count, len(reading.quarantined)) == (0, 2)
    assert "may be a thousand times as much" in str(reading.quarantined[0])


def test_rows_that_differ_in_columns_of_no_use_are_no_repetition() -> None:
    """Two ports had three calls each; the second is not the first stated twice."""
    text = "date,port,value\n2024,A,3\n2024,B,3\n2024,B,3\n"
    reading = read_text("other_columns: ignore", text)
    assert (reading.row_count, len(reading.quarantined)) == (0, 2)
    assert words(read_text("columns: {subject: port}", text)) == ["2024 3 A", "2024 3 B"]


def test_two_times_of_a_day_are_one_event_of_a_subject() -> None:
    keys = 'kind: event, value: 1, columns: {date: t, subject: mmsi}, dates: "%Y-%m-%d %H:%M"'
    reading = read_text(keys, "t,mmsi\n2025-09-01 00:00,123\n2025-09-01 06:00,123\n2025-09-01 07:00,4\n")
    assert (words(reading), reading.quarantined) == (["2025-09-01 1 123", "2025-09-01 1 4"], ())


def test_a_cell_that_looks_like_an_exception_is_told() -> None:
    reading = read_text("where: {land: {not: World}}", "date,land,value\n2024,North,1\n2024,WORLD,9\n2024,World,9\n")
    assert words(reading) == ["2024 1"]
    assert "which leaves out" in str(reading.quarantined[0])


def test_a_number_as_a_mark_is_compared_as_a_number() -> None:
    reading = read_text('missing: ["-9999"]', "date,value\n2024-01,-9999.0\n2024-02,-9999\n2024-03,9999\n")
    assert words(reading) == ["2024-01 - missing", "2024-02 - missing", "2024-03 9999"]


def test_a_provisional_end_of_a_range_makes_it_provisional() -> None:
    reading = read_text("flags: {p: provisional, e: estimated}", "date,low,high\n2024,1 p,2 e\n")
    assert list(reading.rows["status"]) == ["provisional"]


@pytest.mark.parametrize(
    ("keys", "header", "row"),
    [
        ("", "date,value", "2024-02,9"),
        ("", "date,value", "2024-02,9,"),  # a cell too many
        ("", "date,value,note", "2024-02,9"),  # a cell too few
        ("", "date,value", "2024-02,?"),
        ("", "value,date", "9,2024-02"),
        ("columns: {date: [year, month]}", "year,month,value", "2024,2,9"),
        ("kind: event, value: 1, other_columns: ignore", "date,place", "2024-02,Kursk"),
        ("wide: years, columns: {subject: land}", "land,2014,2015", "North,,9"),
    ],
)
def test_no_row_below_the_table_is_lost(keys: str, header: str, row: str) -> None:
    known = ["2024-01"] * (header.count(",") + 1) if "wide" not in keys else ["South", "1", "2"]
    keys = f'until: "^Source"{", " if keys else ""}{keys}'
    reading = read_text(keys, f"{header}\n{','.join(known)}\nSource: x\n{row}\n")
    assert "stands outside the table" in " ".join(map(str, reading.rejected))


@pytest.mark.parametrize("scales", ["66", "36", "336"])
def test_another_scale_is_a_problem_and_no_figure(scales: str) -> None:
    rows = "".join(f"2024-0{month},5,{scale}\n" for month, scale in enumerate(scales, start=1))
    reading = read_text('where: {UNIT_MULT: "3"}', f"date,value,UNIT_MULT\n{rows}")
    assert (reading.outcome, reading.row_count) == ("quarantine", scales.count("3"))


def test_rows_of_another_scale_among_others_are_left_out() -> None:
    rows = "2024-01,5,3\n2024-02,5,6\n2024-03,5,3\n"
    assert words(read_text('where: {UNIT_MULT: "3"}', f"date,value,UNIT_MULT\n{rows}")) == ["2024-01 5", "2024-03 5"]


def test_a_scale_that_is_read_as_the_unit_stands_beside_its_figure() -> None:
    reading = read_text("columns: {unit: UNIT_MULT}", "date,value,UNIT_MULT\n2024-01,5,3\n2024-02,6,6\n")
    assert list(reading.rows["unit"]) == ["3", "6"]
