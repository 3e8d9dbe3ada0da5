"""Files as offices and old programs write them: blanks as thousands marks, Ctrl-Z at the end, binary data."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import pytest

from dashboard.ingest.parse.decode import MAX_BYTES
from dashboard.ingest.parse.dialect import Dialect
from dashboard.ingest.reader import read
from dashboard.ingest.reading import Reading
from tests.command_line import watchfloor

TODAY = date(2026, 11, 21)
SPACED = Dialect(separator=";", decimal=",", thousands=" ")


def figures(cells: list[str], dialect: Dialect) -> list[float]:
    rows = "".join(f"2024-01-{day:02};{cell}\n" for day, cell in enumerate(cells, 1))
    reading = read(f"date;value\n{rows}".encode(), "x.csv", dialect, TODAY)
    assert reading.outcome == "accept", reading.quarantined
    return list(reading.rows["value"])


@pytest.mark.parametrize("blank", [" ", "\u00a0", "\u202f", "\u2009", "\u2007"])
def test_any_kind_of_blank_is_read_as_the_thousands_mark(blank: str) -> None:
    cells = ["1 299,99", "1 299", "-12 345 678", "5"]
    assert figures([cell.replace(" ", blank) for cell in cells], SPACED) == [1299.99, 1299, -12345678, 5]


def test_a_curved_apostrophe_is_read_as_the_thousands_mark() -> None:
    assert figures(["1\u2019234", "1'234.5"], Dialect(separator=";", thousands="'")) == [1234, 1234.5]


@pytest.mark.parametrize(
    ("cell", "dialect", "message"),
    [
        ("1\u00a0299", Dialect(separator=";"), '(with U+00A0) is not a plain number like 1234.5 (no thousands mark'),
        ("1\u00a0299", Dialect(separator=";"), '; write thousands: " " if that is how the file writes its numbers'),
        ("1\u2019299", Dialect(separator=";"), 'write thousands: "\'"'),
        ("1\u00a029", SPACED, "(with U+00A0) is not a plain number like 1 234,5"),
        ("\u00a05", SPACED, "(with U+00A0)"),
        ("\u22125", SPACED, "(with U+2212)"),
        ("1 29", SPACED, '"1 29" is not a plain number'),
    ],
)  # fmt: skip
def test_a_look_alike_in_a_number_is_named_by_its_code_point(cell: str, dialect: Dialect, message: str) -> None:
    (problem,) = read(f"date;value\n2024;{cell}\n".encode(), "x.csv", dialect, TODAY).quarantined
    assert message in problem.message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp437"])
@pytest.mark.parametrize("end", ["\x1a", "\x1a\x1a\x1a"])
def test_the_dos_end_of_file_character_is_no_row(encoding: str, end: str) -> None:
    data = f"date,value\r\n2024,5\r\n{end}".encode(encoding)
    reading = read(data, "x.csv", Dialect(encoding=encoding), TODAY)
    assert (reading.outcome, list(reading.rows["value"])) == ("accept", [5])
    within = read(b"date,value,note\n2024,5,a\x1ab\n", "x.csv", Dialect(), TODAY)
    assert "U+001A" in within.quarantined[0].message


def rejected(data: bytes) -> Reading:
    reading = read(data, "x.csv", Dialect(), TODAY)
    assert reading.rejected
    return reading


def test_binary_data_gets_no_suggested_encoding() -> None:
    for seed in range(20):
        (problem,) = rejected(random.Random(seed).randbytes(5_000)).rejected
        assert "perhaps encoding:" not in problem.message
    (problem,) = rejected(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256))).rejected
    assert "is a picture (PNG)" in problem.message
    (problem,) = rejected("date,value,note\n2024,5,항구에\n".encode("cp949")).rejected
    assert "perhaps encoding: cp949" in problem.message
    assert problem.line == 2


def test_inspect_checks_the_size_of_a_file_first(tmp_path: Path) -> None:
    with (tmp_path / "large.csv").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    run = watchfloor("inspect", "large.csv", folder=tmp_path)
    assert run.returncode == 1
    assert "rejected whole" in run.stdout
    assert "larger than 256 MB; split it" in run.stdout
