"""A large file of which `where:` asks for a part: read in pieces, to the same rows and problems as in one go."""

from __future__ import annotations

import gzip
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from io import BytesIO

import pandas as pd
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from dashboard.catalog.source import Source
from dashboard.ingest import Dialect, Reading, column_names, read
from dashboard.ingest.pieces import large_text
from dashboard.ingest.pieces.needed_rows import NeededRows
from tests.ingest.test_layouts import LAYOUTS

TODAY = date(2026, 11, 21)


@contextmanager
def pieces_of(size: int) -> Iterator[None]:
    """Within it, every text is a large one, and its pieces are of about this size."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(large_text, "LARGE_TEXT", 0)
        patch.setattr(large_text, "PIECE_BYTES", size)
        yield


def dialect_of(keys: str) -> Dialect:
    return Dialect.of(Source.model_validate(yaml.safe_load(f"{{title: S, file: x.csv, {keys}}}")))


def read_both_ways(data: bytes, keys: str, size: int) -> tuple[Reading, Reading]:
    dialect = dialect_of(keys)
    in_one_go = read(data, "x.csv", dialect, TODAY)
    with pieces_of(size):
        return in_one_go, read(data, "x.csv", dialect, TODAY)


def read_in_no_other_way(patch: pytest.MonkeyPatch) -> None:
    """Refuse what cannot be read in pieces, as a text is that is too large to be read in one go."""
    patch.setattr("dashboard.ingest.parse.open_table.MAX_BYTES", -1)


def assert_same(in_one_go: Reading, pieces: Reading) -> None:
    pd.testing.assert_frame_equal(in_one_go.rows, pieces.rows)
    for name in ("quarantined", "rejected", "near_misses", "notes"):
        assert getattr(pieces, name) == getattr(in_one_go, name), name


CODES = ["2710", "271012", "2710 ", "2709", "０2710", "2711", ""]
PLACES = ["north", "south", "North", 'the "far" east', "two\nlines", "east, west"]
ROW = st.tuples(
    st.sampled_from(["2024-01", "2024-02", "2023-12", "2025-03", "2024-01-07", "no day"]),
    st.sampled_from(CODES),
    st.sampled_from(PLACES),
    st.sampled_from(["1", "2.5", "x", "", "-3"]),
)
KEYS = [
    'where: {code: "2710"}',
    'where: {code: ["2710", "2709"]}, columns: {subject: place}',
    'where: {code: {starts_with: "2710"}}, where_not: {code: "2711"}',
    'where: {code: "2710", place: north}',
    "where: {place: {not: [south]}}, value: 1",
    "where: {value: {from: 2}}",
    'where: {code: "2710"}, until: "^Source", missing: ["x", ""]',
]


def as_csv(rows: list[tuple[str, ...]], end: str, *, quoted: bool) -> str:
    def cell(text: str) -> str:
        is_quoted = quoted or any(mark in text for mark in ',"\n')
        return '"' + text.replace('"', '""') + '"' if is_quoted else text

    return "".join(",".join(map(cell, row)) + end for row in [("date", "code", "place", "value"), *rows])


@given(
    rows=st.lists(ROW, max_size=40),
    keys=st.sampled_from(KEYS),
    size=st.sampled_from([8, 31, 120, 400]),
    end=st.sampled_from(["\n", "\r\n"]),
    tail=st.sampled_from(["", "2024-04,2710,north,5", "2024-04,2710\n", "Source: made up\n", "\x1a", "\n\n"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    quoted=st.booleans(),
)
def test_a_file_is_read_in_pieces_as_in_one_go(
    rows: list[tuple[str, ...]], keys: str, size: int, end: str, tail: str, encoding: str, quoted: bool
) -> None:
    data = (as_csv(rows, end, quoted=quoted) + tail).encode(encoding)
    declared = f"{keys}, other_columns: ignore" + (", encoding: utf-16" if encoding == "utf-16" else "")
    with pytest.MonkeyPatch.context() as patch:
        read_in_no_other_way(patch)
        assert_same(*read_both_ways(data, declared, size))


@pytest.mark.parametrize("row", ['x,2710,a "b" c,1', "2024-02,2710,nor\0th,1", 'x,2710,"north" ,1'])
def test_a_text_that_needs_to_be_read_in_one_go_is(row: str) -> None:
    data = f"date,code,place,value\n2024-01,2710,north,1\n{row}\n2024-03,2710,north,1\n".encode()
    assert_same(*read_both_ways(data, f"{KEYS[0]}, other_columns: ignore", 30))


@pytest.mark.parametrize("name", [name for name, (keys, _, _) in LAYOUTS.items() if "where" in keys])
@pytest.mark.parametrize("size", [8, 50])
def test_a_layout_is_read_in_pieces(name: str, size: int) -> None:
    keys, text, _ = LAYOUTS[name]
    assert_same(*read_both_ways(text.encode(), keys, size))


def test_lines_above_and_below_the_table_are_read_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    read_in_no_other_way(monkeypatch)
    text = "Trade of the world\n\n" + as_csv(
        [("2024-01", "2710", "n", "1"), ("2024-02", "9", "n", "1")], "\n", quoted=False
    )
    keys = 'where: {code: "2710"}, other_columns: ignore, header_line: 3, until: "^Source"'
    for below in ("Source: made up\nof, numbers\n" * 30, "Source: made up\n" * 30 + "2024-03,2710,n,5\n"):
        in_one_go, pieces = read_both_ways((text + below).encode(), keys, 20)
        assert_same(in_one_go, pieces)
    assert "stands outside the table" in str(pieces.rejected[0])
    monkeypatch.setattr("dashboard.ingest.parse.open_table._LONGEST_FOOTER", 100)
    _, pieces = read_both_ways((text + "Source: made up\n" * 30).encode(), keys, 20)
    assert "follow this line, which until: describes" in str(pieces.rejected[0])


@pytest.mark.parametrize("packing", ["gzip", "zip", "nothing"])
def test_a_packed_file_is_read_in_pieces(packing: str) -> None:
    text = as_csv([("2024-01", code, "north", "1") for code in ("2710", "2709") for _ in range(1)], "\n", quoted=False)
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("x.csv", text)
    data = {"gzip": gzip.compress(text.encode()), "zip": packed.getvalue(), "nothing": text.encode()}[packing]
    in_one_go, pieces = read_both_ways(data, 'where: {code: "2710"}, other_columns: ignore', 1)
    assert_same(in_one_go, pieces)
    assert list(pieces.rows["line"]) == [2]
    with pieces_of(1):
        assert column_names(data, dialect_of('where: {code: "2710"}')) == ["date", "code", "place", "value"]


def test_a_large_file_holds_no_more_than_the_rows_that_are_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[int] = []
    table = NeededRows.table
    monkeypatch.setattr(NeededRows, "table", lambda self: (kept.append(len((made := table(self)).lines)), made)[1])
    rows = [(f"20{year}-{month:02}", code, "north", "1") for year in range(10, 25) for month in range(1, 13)
            for code in ("2710", "2709", "2711", "2712")]  # fmt: skip
    in_one_go, pieces = read_both_ways(
        as_csv(rows, "\n", quoted=False).encode(), 'where: {code: "2710"}, other_columns: ignore', 10_000_000
    )
    assert_same(in_one_go, pieces)
    assert kept == [180 + 2 * 3]  # the selected, and the first and the last of each other code


@pytest.mark.parametrize(
    ("tail", "message"),
    [
        (b"\xff\xfe2024-01,2710,north,1\n", "is not UTF-8: byte 0xff"),
        (b'2024-01,2710,"north,1\n', "the file ends within a quoted cell"),
        (b"2024-01,2710", "the file ends within its last row"),
    ],
)
def test_a_large_file_with_a_fault_is_refused(tail: bytes, message: str) -> None:
    rows = [("2024-01", "2709", "north", "1")] * 50
    data = as_csv(rows, "\n", quoted=False).encode() + tail
    _, pieces = read_both_ways(data, 'where: {code: "2710"}, other_columns: ignore', 100)
    assert [message in str(problem) for problem in pieces.rejected] == [True]


def test_more_than_memory_holds_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.ingest.pieces.needed_rows.MAX_BYTES", 1000)
    monkeypatch.setattr("dashboard.ingest.pieces.needed_rows._MOST_BETWEEN", 10)
    rows = [("2024-01", "2710", f"place {number}", "1") for number in range(100)]
    data, keys = as_csv(rows, "\n", quoted=False).encode(), 'where: {code: "2710"}, columns: {subject: place}'
    _, pieces = read_both_ways(data, keys, 200)
    assert "ask for less, or split the file" in str(pieces.rejected[0])


def test_irregular_text_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dashboard.ingest.parse.open_table.MAX_BYTES", 10)
    _, pieces = read_both_ways(b'date,code,value\n2024-01,27"10,1\n', 'where: {code: "2710"}', 10)
    assert "is too large to be read so; split it" in str(pieces.rejected[0])
