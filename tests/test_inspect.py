"""`watchfloor inspect`: what would become of a file, with which exit code, and what it says to write."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dashboard.inspecting import inspected
from dashboard.intake import Layout
from tests.test_cli import watchfloor

TODAY = date(2026, 11, 21)
CATALOG = """version: 1
sources:
  port: {title: Port, file: port.csv, separator: ";", decimal: ",", thousands: ".", dates: "%d.%m.%Y", where: {port: V}}
indicators:
  x: {title: X, unit: bbl, sources: [port]}
"""


def said(text: str, **layout: Any) -> list[str]:
    return [str(one["message"]) for one in inspected(text.encode(), "x.csv", Layout(**layout), TODAY)[1]]


def test_json_holds_exactly_what_was_promised(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("date,value,low,published_at\n2024-02,5,,2024-03-01\n2023-02-29,6,,\n")
    run = watchfloor("inspect", str(tmp_path / "x.csv"), "--json")
    found = json.loads(run.stdout)
    assert (run.returncode, list(found)) == (1, ["verdict", "rows", "quarantined", "problems"])
    assert found["verdict"] == "quarantine"
    expected = {
        "line": 2, "period_start": "2024-02-01", "period_end": "2024-02-29", "value": 5.0, "low": None, "high": None,
        "published_at": "2024-03-01", "received_at": None, "status": "reported",
    }  # fmt: skip
    assert {key: found["rows"][0][key] for key in expected} == expected
    assert found["quarantined"] == [
        {"line": 3, "column": "date", "value": "2023-02-29", "reason": '"2023-02-29" is not in the calendar'}
    ]
    assert found["problems"] == []


def test_the_exit_code_says_the_verdict(tmp_path: Path) -> None:
    for content, code in (("date,value\n2024,5\n", 0), ("date,value\n2024,x\n", 1), ("<html>", 1)):
        (tmp_path / "x.csv").write_text(content)
        assert watchfloor("inspect", "x.csv", folder=tmp_path).returncode == code
    assert watchfloor("inspect", "nowhere.csv", folder=tmp_path).returncode == 2
    assert watchfloor("inspect", ".", folder=tmp_path).returncode == 2


def test_a_file_is_read_as_a_source_declares_it_wherever_it_lies(tmp_path: Path) -> None:
    (tmp_path / "indicators.yaml").write_text(CATALOG)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "new.csv").write_text("date;value;port\n07.03.2024;1.234,5;V\n08.03.2024;x;R\n")
    catalog = ("--catalog", str(tmp_path / "indicators.yaml"))
    run = watchfloor("inspect", "new.csv", "--source", "port", "--json", *catalog, folder=elsewhere)
    found = json.loads(run.stdout)
    assert (run.returncode, found["verdict"], found["rows"][0]["value"]) == (0, "accept", 1234.5)
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
def test_a_look_at_the_file_says_what_to_write(text: str, line: str) -> None:
    found = said(text)
    assert line in " | ".join(found)
    assert bool(found) == bool(line)


def test_a_where_that_chooses_nothing_is_said() -> None:
    (hint,) = said("date,value,port\n2024,5,Vostochniy\n", where={"port": ("Vostochny",)})
    assert hint == 'where: asks for port "Vostochny", and the first rows of the file have "Vostochniy"'
