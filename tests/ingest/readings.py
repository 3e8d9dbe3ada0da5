"""Readings in words, for tests."""

from __future__ import annotations

from typing import Any

import pandas as pd

from dashboard.domain.dates import Period
from dashboard.ingest import Reading


def words(reading: Reading) -> list[str]:
    """Each row as "2024-03 12 subject", with its status where it is not reported."""
    return [_in_words(row) for row in reading.rows.to_dict("records")]


def _in_words(row: dict[Any, Any]) -> str:
    period = Period(row["start"].date(), row["end"].date())
    figure = "-" if pd.isna(row["value"]) else f"{row['value']:.10g}"
    status = "" if row["status"] == "reported" else row["status"]
    return " ".join(part for part in (str(period), figure, row["subject"], status) if part)
