"""`watchfloor inspect`: what would become of a file, with which exit code, and what it says to write."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dashboard.analysis.file_inspection import as_json, in_force, inspected
from dashboard.catalog.source import Expectations, Source
from tests.command_line import watchfloor
from tests.refreshing import Place

TODAY = date(2026, 11, 21)
CATALOG = """version: 1
sources:
  port: {title: Port, file: port.csv, separator: ";", decimal: ",", thousands: ".", dates: "%d.%m.%Y", where: {port: V}}
indicators:
  x: {title: X, unit: bbl, sources: [port]}
"""


def said(text: str, **layout: Any) -> list[str]:
    source = Source(title="X", file="x.csv", **layout)
    return [str(one["message"]) for one in inspected(text.encode(), "x.csv", source, TODAY)[1]]


def test_json_holds_exactly_the_documented_keys(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("date,value,low,published_at\n2024-02,5,,2024-03-01\n2023-02-29,6,,\n")
    run = watchfloor("inspect", str(tmp_path / "x.csv"), "--json")
    result = json.loads(run.stdout)
    assert (run.returncode, list(result)) == (1, ["verdict", "rows", "quarantined", "problems"])
    assert result["verdict"] == "quarantine"
    expected = {
        "line": 2, "period_start": "2024-02-01", "period_end": "2024-02-29", "value": 5.0, "low": None, "high": None,
        "published_at": "2024-03-01", "received_at": None, "status": "reported",
    }  # fmt: skip
    assert {key: result["rows"][0][key] for key in expected} == expected
    assert result["quarantined"] == [
        {"line": 3, "column": "date", "value": "2023-02-29", "reason": '"2023-02-29" is not in the calendar'}
    ]
    assert result["problems"] == []


def test_the_exit_code_follows_the_verdict(tmp_path: Path) -> None:
    for content, code in (("date,value\n2024,5\n", 0), ("date,value\n2024,x\n", 1), ("<html>", 1)):
        (tmp_path / "x.csv").write_text(content)
        assert watchfloor("inspect", "x.csv", folder=tmp_path).returncode == code
    assert watchfloor("inspect", "nowhere.csv", folder=tmp_path).returncode == 2
    assert watchfloor("inspect", ".", folder=tmp_path).returncode == 2


def test_a_file_anywhere_is_read_as_the_source_declares(tmp_path: Path) -> None:
    (tmp_path / "indicators.yaml").write_text(CATALOG)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "new.csv").write_text("date;value;port\n07.03.2024;1.234,5;V\n07.03.2024;x;R\n")
    catalog = ("--catalog", str(tmp_path / "indicators.yaml"))
    run = watchfloor("inspect", "new.csv", "--source", "port", "--json", *catalog, folder=elsewhere)
    result = json.loads(run.stdout)
    assert (run.returncode, result["verdict"], result["rows"][0]["value"]) == (0, "accept", 1234.5)
    assert watchfloor("inspect", "new.csv", folder=elsewhere).returncode == 1
    slip = watchfloor("inspect", "new.csv", "--source", "prt", *catalog, folder=elsewhere)
    assert (slip.returncode, slip.stderr.strip()) == (2, 'no source prt; did you mean "port"?')
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["elsewhere", "indicators.yaml", "new.csv"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("date;value\n2024;5\n", 'write separator: ";"'),
        ("day;amount\n07.03.2024;1,5\n", 'write columns: {date: "day"}'),
        ("day;amount\n07.03.2024;1,5\n", 'write columns: {value: "amount"}'),
        ("date;value\n07.03.2024;1.234,5\n", 'write dates: "%d.%m.%Y" if the day comes first'),
        ("date;value\n07.03.2024;1.234,5\n2024;1.234,5\n", 'write decimal: "," and thousands: "."'),
        ("Date,Value\n2024,5\n", 'write columns: {date: "Date"}'),
        ("date,value\n2024-03-07,5\n", ""),
        ("date,value\n", "the file holds a header and no rows"),
    ],
)
def test_the_inspection_of_a_file_suggests_what_to_write(text: str, line: str) -> None:
    result = said(text)
    assert line in " | ".join(result)
    assert bool(result) == bool(line)


def test_a_where_that_selects_no_row_is_reported() -> None:
    (hint,) = said("date,value,port\n2024,5,Vostochniy\n", where={"port": "Vostochny"})
    asked = 'port: where: asks for port "Vostochny", and the rows of the file have "Vostochniy"'
    assert hint == f"{asked}; correct it if these are meant, else name them under where_not:"


def test_a_where_may_name_a_column_with_a_line_break() -> None:
    (hint,) = said('"the\nport",date,value\nVostochniy\u2028x,2024,5\n', where={"the\nport": "Vostochny"})
    assert r'the rows of the file have "Vostochniy\u2028x"' in hint


def test_a_column_with_a_line_break_may_be_mapped() -> None:
    assert r'the column "DATE\n" may be our date: write columns: {date: "DATE\n"}' in said('"DATE\n",value\n2024,5\n')


@pytest.mark.parametrize(
    ("expect", "message"),
    [
        (Expectations(min_rows=3), "it holds 1 row, fewer than expect.min_rows: 3"),
        (Expectations(columns=["port"]), "it lacks port, expected in expect.columns"),
        (Expectations(min_rows=1), ""),
    ],
)
def test_a_file_that_lacks_what_its_source_expects_would_be_rejected(expect: Expectations, message: str) -> None:
    source = Source(title="X", file="x.csv", expect=expect)
    result = as_json(*inspected(b"date,value\n2024,5\n2023,x\n", "x.csv", source, TODAY))
    assert message in " | ".join(one["message"] for one in result["problems"])
    assert result["verdict"] == ("reject" if message else "quarantine")
    assert (len(result["rows"]), len(result["quarantined"])) == (0 if message else 1, 1)


@pytest.mark.parametrize(("said", "file"), [("file: a.csv", "a.csv"), ("folder: drop", "drop/a.csv")])
def test_inspect_predicts_the_next_refresh(tmp_path: Path, said: str, file: str) -> None:
    place = Place(tmp_path)
    place.define(a=f"{said}, expect: {{shrink_at_most: 10}}")
    many, few = [f"2024-03-0{day},{day}" for day in range(1, 7)], ["2024-03-01,1"]
    for rows, verdict, outcome in ((many, "accept", "received"), (few, "reject", "rejected")):
        place.later(hours=1).write(file, *rows)
        result = json.loads(watchfloor("inspect", file, "--source", "a", "--json", folder=tmp_path).stdout)
        place.refresh()
        run = place.runs("a")[-1]
        assert (result["verdict"], run.outcome) == (verdict, outcome)
        said = [one["message"].partition("; held back then")[0] for one in result["problems"]]
        assert said == ([run.message] if run.message else [])
    assert run.message.startswith("it shrank from 6 rows to 1")


def test_the_bytes_in_force_are_not_judged_again(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.define(a="file: a.csv")
    data = place.write("a.csv", "2024-03-01,1").read_bytes()
    place.refresh()
    source = Source(title="A", file="a.csv", expect=Expectations(min_rows=9))
    before = in_force("a", source, tmp_path / "a.csv", place.state)
    assert [inspected(data, "a.csv", source, TODAY, one)[0].outcome for one in (before, None)] == ["accept", "reject"]


def test_a_new_file_of_a_folder_replaces_no_other_file(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.define(a="folder: drop")
    place.write("drop/a.csv", *[f"2024-03-0{day},{day}" for day in range(1, 7)])
    place.refresh()
    source = Source(title="A", folder="drop/")
    own = str(tmp_path / "elsewhere" / "a.csv")
    result = [in_force("a", source, Path(elsewhere), place.state) for elsewhere in ("drop/a.csv", own, "b.csv")]
    assert [one and one.file for one in result] == ["drop/a.csv", "drop/a.csv", None]


def test_a_file_of_another_format_gets_the_same_hints() -> None:
    records = json.dumps([{"day": "2024-01-01", "value": 5}])
    assert 'the column "day" may be our date: write columns: {date: "day"}' in said(records, format="json")
    nothing = "<table><tr><th>date<th>value</table>"
    assert said(nothing, format="html") == ["the file holds a header and no rows"]
    assert said("<p>Log in</p>", format="html") == [
        "has no table; see whether the address is right, and asks for no login"
    ]
