"""Readings in words, and files to read, for tests."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import openpyxl
import pandas as pd
import yaml

from dashboard.catalog.source import Source
from dashboard.domain.dates import Period
from dashboard.ingest import Dialect, Reading, read

TODAY = date(2026, 11, 21)


def dialect_of(keys: str) -> Dialect:
    return Dialect.of(Source.model_validate(yaml.safe_load(f"{{title: S, file: x.csv, {keys}}}")))


def opened(keys: str, data: bytes | str) -> Reading:
    return read(data.encode() if isinstance(data, str) else data, "x", dialect_of(keys), TODAY)


def reasons(reading: Reading) -> str:
    return " ".join(map(str, (*reading.rejected, *reading.quarantined)))


def words(reading: Reading) -> list[str]:
    """Each row as "2024-03 12 subject", with its status where it is not reported."""
    return [_in_words(row) for row in reading.rows.to_dict("records")]


def _in_words(row: dict[Any, Any]) -> str:
    period = Period(row["start"].date(), row["end"].date())
    figure = "-" if pd.isna(row["value"]) else f"{row['value']:.10g}"
    status = "" if row["status"] == "reported" else row["status"]
    return " ".join(part for part in (str(period), figure, row["subject"], status) if part)


def table_of(rows: str) -> str:
    return f"<table><tr><th>date<th>value<th>subject</tr>{rows}</table>"


def workbook(sheets: dict[str, list[list[Any]]], **changes: Any) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
        for merged in changes.get("merged", ()):
            sheet.merge_cells(merged)
        if title in changes.get("hidden", ()):
            sheet.sheet_state = "hidden"
    if changes.get("since_1904"):
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()
