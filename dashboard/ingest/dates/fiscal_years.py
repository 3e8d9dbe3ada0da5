"""Fiscal years, whose first day and whose name the YAML declares."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import NamedTuple

from dashboard.domain.dates import Anchor, Period

_NAMED = re.compile(r"(?:(?:FY ?)?(?P<first>\d{4})|FY ?(?P<short>\d{2}))(?:[/-](?P<last>\d{2}|\d{4}))?", re.ASCII)


class FiscalYears(NamedTuple):
    """begins: the first day, as `04-01`; named_by: whether a single year in a cell is the first or the last of the two
    that a fiscal year touches; "" where the YAML does not say it."""

    begins: str
    named_by: str

    def read(self, cell: str) -> Period | None:
        """The fiscal year `2023/24`, `2023-2024`, `FY2024`, `FY24` or `2024`; None for other cells."""
        match = _NAMED.fullmatch(cell)
        return self.of_years(int(match["first"] or f"20{match['short']}"), match["last"] or "", cell) if match else None

    def of_years(self, first: int, last: str, cell: str) -> Period:
        """The fiscal year that begins in `first` and ends in `last`; a single one counts as the YAML says."""
        if last:
            if int(last) != (first + 1) % (100 if len(last) == 2 else 10_000):
                raise ValueError(f'"{cell}" is no fiscal year: its two years do not follow each other')
        elif not self.named_by:
            line = f'fiscal_year: {{begins: "{self.begins}", named_by: last}}, or first'
            raise ValueError(f'"{cell}" names one year of the two that a fiscal year touches; write {line}')
        begin = first - 1 if not last and self.named_by == "last" else first
        anchor = Anchor.parse(self.begins)
        start = date(begin, anchor.month, anchor.day)
        return Period(start, date(begin + 1, anchor.month, anchor.day) - timedelta(days=1))
