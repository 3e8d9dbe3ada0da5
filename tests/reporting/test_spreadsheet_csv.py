"""CSV that may be opened in a spreadsheet without running what stands in it."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as some

from dashboard.reporting.spreadsheet_csv import as_csv, harmless

BEGINS = "=+-@\t\r＝＋－＠"


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("+49", "'+49"),
        ("-5", "'-5"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t'=1"),
        ("x;=1+1", "x;'=1+1"),
        ("x\n=1+1", "x\n'=1+1"),
        (" =1", " '=1"),
        ("＝1", "'＝1"),
        ("1_234", "1_234"),
        ("2026-13-05", "2026-13-05"),
        ("a=b", "a=b"),
        ("", ""),
    ],
)
def test_what_begins_like_a_formula_becomes_text(cell: str, written: str) -> None:
    assert harmless(cell) == written


@given(some.lists(some.text(some.sampled_from("=+-@\t\r\n ;,|\"'ab1＝"), max_size=8), min_size=1, max_size=4))
def test_no_cell_begins_a_formula_whatever_the_separator(cells: list[str]) -> None:
    text = as_csv(["first"] * len(cells), [cells])
    for separator in ",;|\t":
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            for cell in row:
                assert not cell.strip(' "').startswith(tuple("=+-@＝")), (separator, row)


def test_what_is_harmless_is_read_back_as_it_was() -> None:
    cells = ['he said "no"', "a, b", "two\nlines", "", "Ünïcode"]
    assert list(csv.reader(io.StringIO(as_csv(["x"] * 5, [cells]), newline="")))[1] == cells
