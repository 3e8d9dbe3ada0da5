"""Spans of days in the words of the pages."""

from __future__ import annotations

from datetime import date

from dashboard.domain.dates import Period, parse_period
from dashboard.domain.text import span


def short_span(start: date, end: date) -> str:
    """`7 Mar to 5 Nov 2024`: the year once, where it is the same."""
    said = span(Period(start, end))
    return said.replace(f" {start.year} to ", " to ") if start.year == end.year else said


def written_span(text: str) -> str:
    """`2024`, `2024-03` or `2024-03-07/2024-11-05` as it is said: `2024`, `Mar 2024`, `7 Mar to 5 Nov 2024`."""
    ends = [parse_period(part) for part in text.split("/")]
    return short_span(ends[0].start, ends[-1].end)
