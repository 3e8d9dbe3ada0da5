"""All formats together: the same table is read to the same rows, and any bytes are read or rejected."""

from __future__ import annotations

import csv
import html
import io
import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dashboard.ingest import Dialect, read_all
from dashboard.ingest.batch_reader import Delivery
from tests.ingest.readings import TODAY, dialect_of, opened, reasons, table_of, words, workbook
from tests.ingest.test_json_files import JSON_FILES
from tests.ingest.test_layouts import TABLES
from tests.ingest.test_packed_files import PACKED
from tests.ingest.test_pages import PAGES
from tests.ingest.test_workbooks import WORKBOOKS


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
    assume(all(cell == cell.strip() for row in changed for cell in row))  # pages show no blanks around a cell
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(changed)
    plain = opened(keys, text.getvalue())
    other = opened(f"{keys}, format: {form}", FORMS[form](changed))
    assert (words(other), bool(other.rejected)) == (words(plain), bool(plain.rejected)), (keys, text.getvalue())


@given(st.binary(max_size=200), st.sampled_from(["json", "json_lines", "html", "xlsx"]))
def test_any_bytes_are_read_or_rejected(noise: bytes, name: str) -> None:
    for data in (noise, b"[" + noise, b"<table><tr><td>" + noise, b"PK\x03\x04" + noise, b"\x1f\x8b" + noise):
        assert opened(f"format: {name}", data).outcome in ("reject", "quarantine", "accept")
