"""How offices and old programs write their files: blanks that part thousands, ends of files, bytes that are no text."""

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


def figures(cells: list[str], layout: Dialect) -> list[float]:
    rows = "".join(f"2024-01-{day:02};{cell}\n" for day, cell in enumerate(cells, 1))
    found = read(f"date;value\n{rows}".encode(), "x.csv", layout, TODAY)
    assert found.outcome == "accept", found.quarantined
    return list(found.rows["value"])


@pytest.mark.parametrize("blank", [" ", "\u00a0", "\u202f", "\u2009", "\u2007"])
def test_a_blank_that_parts_thousands_may_be_any_that_looks_like_one(blank: str) -> None:
    cells = ["1 299,99", "1 299", "-12 345 678", "5"]
    assert figures([cell.replace(" ", blank) for cell in cells], SPACED) == [1299.99, 1299, -12345678, 5]


def test_an_apostrophe_that_parts_thousands_may_be_curved() -> None:
    assert figures(["1\u2019234", "1'234.5"], Dialect(separator=";", thousands="'")) == [1234, 1234.5]


@pytest.mark.parametrize(
    ("cell", "layout", "said"),
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
def test_what_looks_like_a_number_and_is_none_is_named_by_its_code(cell: str, layout: Dialect, said: str) -> None:
    (one,) = read(f"date;value\n2024;{cell}\n".encode(), "x.csv", layout, TODAY).quarantined
    assert said in one.message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp437"])
@pytest.mark.parametrize("end", ["\x1a", "\x1a\x1a\x1a"])
def test_the_sign_with_which_dos_ends_a_file_is_no_row(encoding: str, end: str) -> None:
    data = f"date,value\r\n2024,5\r\n{end}".encode(encoding)
    found = read(data, "x.csv", Dialect(encoding=encoding), TODAY)
    assert (found.outcome, list(found.rows["value"])) == ("accept", [5])
    within = read(b"date,value,note\n2024,5,a\x1ab\n", "x.csv", Dialect(), TODAY)
    assert "U+001A" in within.quarantined[0].message


def rejected(data: bytes) -> Reading:
    found = read(data, "x.csv", Dialect(), TODAY)
    assert found.rejected
    return found


def test_bytes_that_are_no_text_are_not_taken_for_another_encoding() -> None:
    for seed in range(20):
        (one,) = rejected(random.Random(seed).randbytes(5_000)).rejected
        assert "perhaps encoding:" not in one.message
    (one,) = rejected(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256))).rejected
    assert "is a picture (PNG)" in one.message
    (one,) = rejected("date,value,note\n2024,5,항구에\n".encode("cp949")).rejected
    assert "perhaps encoding: cp949" in one.message
    assert one.line == 2


def test_inspect_looks_at_the_size_of_a_file_first(tmp_path: Path) -> None:
    with (tmp_path / "large.csv").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    run = watchfloor("inspect", "large.csv", folder=tmp_path)
    assert run.returncode == 1
    assert "rejected whole" in run.stdout
    assert "larger than 256 MB; split it" in run.stdout
