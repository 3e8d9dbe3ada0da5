"""Layouts of publishers: declared in a few keys, read to the right rows, and refused where a file has another."""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from dashboard.catalog.source import Source
from dashboard.ingest import Dialect, Reading, read
from tests.ingest.readings import words

TODAY = date(2026, 11, 21)


def read_text(keys: str, text: str) -> Reading:
    source = Source.model_validate(yaml.safe_load(f"{{title: S, file: x.csv, {keys}}}"))
    return read(text.encode(), "x.csv", Dialect.of(source), TODAY)


LAYOUTS = {
    "columns of no use": (
        "other_columns: ignore, columns: {date: year, value: kg}, where: {land: South}",
        "year,land,code,kg,dollars\n2017,North,12,21,47\n2017,South,12,18,34\n",
        ["2017 18"],
    ),
    "columns of no use with our names": (
        "other_columns: ignore, columns: {note: status}",
        "date,open,high,low,value,status,unit\n2017,1,9,1,5,closed,USD\n",
        ["2017 5"],
    ),
    "a column of no use with our name": (
        "other_columns: [citation]",
        "date,value,citation\n2017,5,as Smith (2012)\n",
        ["2017 5"],
    ),
    "columns of no use, named": (
        "other_columns: [code], columns: {date: year, value: kg}",
        "year,code,kg\n2017,12,21\n",
        ["2017 21"],
    ),
    "blank and repeated names in columns of no use": (
        "other_columns: ignore",
        "date,,value,x,x\n2017,a,21,b,c\n",
        ["2017 21"],
    ),
    "lines above the header": (
        "skip_lines: 3, columns: {value: figure}",
        '"Origin","Some office",\n\n"Made on","2017-10-30",\ndate,figure\n2017-01-01,3\n2017-02-01,4\n',
        ["2017-01-01 3", "2017-02-01 4"],
    ),
    "a header on a line": ("header_line: 2", "Some office\ndate,value\n2017-01,3\n", ["2017-01 3"]),
    "lines below the rows": (
        'until: "^Source"',
        'date,value\n2017-01,3\n2017-02,4\n\nSource: an office, its "figures"\nNotes: none',
        ["2017-01 3", "2017-02 4"],
    ),
    "no header": (
        "header: none, cells: 3, columns: {date: 1, subject: 2, value: 3}",
        "2017-01-01,North,3\n2017-02-01,North,4\n",
        ["2017-01-01 3 North", "2017-02-01 4 North"],
    ),
    "no header, named": (
        "header: [day, land, figure], columns: {date: day, value: figure}, where: {land: North}",
        "2017-01-01,North,3\n2017-01-01,South,4\n",
        ["2017-01-01 3"],
    ),
    "a filter by number of column": (
        "header: none, cells: 3, columns: {date: 1, value: 3}, where: {2: North}",
        "2017-01-01,North,3\n2017-01-01,South,4\n",
        ["2017-01-01 3"],
    ),
    "marks for no figure": (
        'missing: [".", "N/A", "-", ""]',
        "date,value\n2013-02-15,95.95\n2013-02-18,.\n2013-02-20,N/A\n2013-02-21,-\n2013-02-22,\n",
        ["2013-02-15 95.95", *(f"2013-02-{day} - missing" for day in (18, 20, 21, 22))],
    ),
    "flags behind figures": (
        "flags: {p: provisional, e: estimated, b: reported}",
        "date,value\n2026-08,7 b\n2026-09,117661.1 p\n2026-10,107608.3e\n2026-11,92630.7\n",
        ["2026-08 7", "2026-09 117661.1 provisional", "2026-10 107608.3 estimated", "2026-11 92630.7"],
    ),
    "marks of currency and share": (
        'flags: {"%": reported, "$": reported, "[1]": estimated}',
        "date,value\n2026-08,12.5%\n2026-09,$7\n2026-10,8 [1]\n",
        ["2026-08 12.5", "2026-09 7", "2026-10 8 estimated"],
    ),
    "a flag behind no figure": (
        'flags: {c: reported}, missing: [":"]',
        "date,value\n2026-09,: c\n2026-10,3\n",
        ["2026-09 - missing", "2026-10 3"],
    ),
    "flags beside figures": (
        "flags: {P: provisional, A: reported}, columns: {status: OBS_STATUS}",
        "date,value,OBS_STATUS\n2026-09,1,P\n2026-10,2,A\n2026-11,3,\n",
        ["2026-09 1 provisional", "2026-10 2", "2026-11 3"],
    ),
    "years as columns": (
        "wide: years, columns: {subject: land}",
        "land,2014,2015,2016\nNorth,10,11,12\nSouth,20,,22\n",
        ["2014 10 North", "2015 11 North", "2016 12 North", "2014 20 South", "2016 22 South"],
    ),
    "months as columns, with a compound key": (
        'wide: months, separator: "\\t", split: {"unit,geo\\\\TIME": {by: ",", into: [unit, geo]}}, '
        'where: {unit: T}, columns: {subject: geo}, missing: [":"], flags: {p: provisional}',
        "unit,geo\\TIME\t2024-01 \t2024-02 \nT,RU\t5 \t6 p\nT,KP\t: \t2\nTJ,RU\t1 \t1\n",
        ["2024-01 5 RU", "2024-02 6 RU provisional", "2024-01 - KP missing", "2024-02 2 KP"],
    ),
    "names of years in words": (
        'wide: "%Y [YR%Y]", other_columns: [Code], columns: {subject: Country}',
        "Country,Code,2014 [YR2014],2015 [YR2015]\nNorth,N,1,2\n",
        ["2014 1 North", "2015 2 North"],
    ),
    "quarters": ("kind: flow", "date,value\n2024-Q1,20\n", ["2024-01-01/2024-03-31 20"]),
    "months by name, published on a day": (
        'dates: ["%b %Y", "%Y-%m-%d"]',
        "date,value,published_at\nJan 2024,20,2024-02-15\nFeb 2024,21,Mar 2024\n",
        ["2024-01 20", "2024-02 21"],
    ),
    "months in six figures": (
        "dates: '%Y%m', columns: {date: period, value: qty}, other_columns: ignore",
        "period,reporterISO,qty\n202403,CHN,20\n202404,CHN,21\n",
        ["2024-03 20", "2024-04 21"],
    ),
    "times with an offset": (
        'dates: "%Y/%m/%d %H:%M:%S%z", columns: {value: portcalls_tanker}, other_columns: ignore',
        "date,year,portcalls_tanker\n2019/07/20 00:00:00+00,2019,3\n2019/07/21 00:00:00+00,2019,4\n",
        ["2019-07-20 3", "2019-07-21 4"],
    ),
    "detections with a time": (
        'kind: event, value: 1, dates: "%Y-%m-%d %H:%M:%S UTC", timezone: Asia/Seoul, '
        "columns: {date: timestamp, subject: scene_id}, other_columns: ignore",
        "scene_id,timestamp,lat\na,2026-03-04 09:31:12 UTC,42.7\nb,2026-03-04 21:31:12 UTC,42.7\n",
        ["2026-03-04 1 a", "2026-03-05 1 b"],
    ),
    "milliseconds": ("dates: epoch_ms", "date,value\n1563580800000,3\n", ["2019-07-20 3"]),
    "a span in a cell": (
        'dates: "%b-%b %Y"',
        "date,value\nJan-Mar 2024,3\nApr-Jun 2024,4\n",
        ["2024-01-01/2024-03-31 3", "2024-04-01/2024-06-30 4"],
    ),
    "fiscal years": (
        'fiscal_year: {begins: "04-01", named_by: last}',
        "date,value\nFY2023,3\n2023/24,4\n",
        ["2022-04-01/2023-03-31 3", "2023-04-01/2024-03-31 4"],
    ),
    "months by name as columns": (
        'wide: "%b-%y", columns: {subject: land}',
        "land,Jan-24,Feb-24\nNorth,1,2\n",
        ["2024-01 1 North", "2024-02 2 North"],
    ),
    "months as columns, years as rows": (
        'wide: "%b", columns: {date: Year}, other_columns: [Annual]',
        "Year,Jan,Feb,Mar,Annual\n2024,1,2,3,6\n2025,4,,5,9\n",
        ["2024-01 1", "2024-02 2", "2024-03 3", "2025-01 4", "2025-03 5"],
    ),
    "a day in three columns": (
        "columns: {date: [year, month, day]}",
        "year,month,day,value\n2024,3,7,5\n2024,11,12,6\n",
        ["2024-03-07 5", "2024-11-12 6"],
    ),
    "a month in two columns": ("columns: {date: [y, m]}", "y,m,value\n2024,3,5\n", ["2024-03 5"]),
    "a subject of several columns": (
        "columns: {subject: [ship, imo]}",
        "date,ship,imo,value\n2024,Angara,918,5\n2024,Maria,,6\n",
        ["2024 5 Angara · 918", "2024 6 Maria"],
    ),
    "events": (
        "kind: event, value: 1, columns: {date: day, note: text}, where: {kind: launch}",
        "day,kind,text\n2026-11-03,launch,first\n2026-11-06,launch,second\n2026-11-06,drill,third\n",
        ["2026-11-03 1 launch · first", "2026-11-06 1 launch · second"],
    ),
    "several events of a day": (
        "kind: event, value: 1, columns: {subject: id}, other_columns: ignore",
        "date,id,dead\n2026-11-06,a,2\n2026-11-06,b,2\n2026-11-06,b,2\n",
        ["2026-11-06 1 a", "2026-11-06 1 b"],
    ),
    "events whose number is of something else": (
        "kind: event, value: 1, columns: {date: event_date}, other_columns: ignore",
        "event_date,fatalities,event_type\n2026-11-07,2,Battles\n2026-11-07,0,Battles\n",
        ["2026-11-07 1 2 · Battles", "2026-11-07 1 0 · Battles"],
    ),
}


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
        ("", "date,x\n2024,1\n", "where each row is an event, write value: 1"),
        ("skip_lines: 9", "date,value\n2024,1\n", "has no line 10"),
        ("header: none, cells: 2, columns: {date: 1, value: 2}", "2024,a,1\n", "3 cells, and the YAML says 2"),
        ("header: [date, value]", "2024,a,1\n", "3 cells, and the YAML says 2"),
        ('until: "^S"', "date,value\n2024-01,1\nS: x\n2024-02,2\n", "correct until:"),
        ("wide: years, other_columns: ignore", "land,2014,2015*\nN,1,2\n", "may be a period"),
        ("wide: months, other_columns: [land]", "land,total\nN,1\n", "unknown column"),
        ("wide: months, other_columns: ignore", "land,total\nN,1\n", "no column is a period, as wide: months declares"),
        ("columns: {value: kg}, other_columns: ignore", "date,kg,kg\n2024,1,2\n", "the column stands twice"),
        ("columns: {value: kg}, other_columns: ignore", "date,KG\n2024,1\n", "no such column"),
        ('split: {k: {by: ",", into: [a, b]}}, where: {a: x}', "date,value\n2024,1\n", "no such column"),
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
        ("flags: {p: provisional}", "5 q", 'write flags: {"q": reported}'),
        ("", "12.5%", 'write flags: {"%": reported}'),
        ("", "US$ 12", 'write flags: {"US$": reported}'),
        ('split: {note: {by: "/", into: [a, b]}}', '5,"x/y/z"', "has 3 values, and split: names 2"),
    ],
)
def test_a_cell_that_nobody_declared_is_quarantined(keys: str, cells: str, reason: str) -> None:
    header = "date,value,note" if "," in cells else "date,value"
    reading = read_text(keys, f"{header}\n2024-01,{cells}\n")
    assert (reading.outcome, len(reading.rows)) == ("quarantine", 0)
    assert reason in str(reading.quarantined[0])


def test_a_problem_of_a_wide_file_names_the_cell() -> None:
    reading = read_text("wide: years, columns: {subject: land}", "land,2014,2015\nNorth,10,x\n")
    assert [str(problem)[:20] for problem in reading.quarantined] == ['x.csv:2:3 2015: "x" ']


TABLES = {
    name: (keys, list(csv.reader(io.StringIO(text))), [word.rsplit(" · ")[0] for word in expected])
    for name, (keys, text, expected) in LAYOUTS.items()
    if "separator" not in keys and "value: 1" not in keys and "line" not in name
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
