"""Packed files: read as what they hold, or rejected whole."""

from __future__ import annotations

import gzip
import io
import zipfile

import pyarrow as pa
import pytest

from dashboard.ingest import column_names
from tests.ingest.readings import dialect_of, opened, reasons, words, workbook
from tests.ingest.test_workbooks import FIGURES

GOOD = b"date,value\n2024-01,5\n2024-02,6\n"


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
