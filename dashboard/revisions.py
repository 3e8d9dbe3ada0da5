"""What a source said before and says now of the same thing: revisions, old and new."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from dashboard import words
from dashboard.periods import Period


@dataclass(frozen=True)
class Revision:
    """A figure that replaced another of the same source, period and subject; `new` None where it was withdrawn."""

    source: str
    period: Period
    subject: str
    old: str
    new: str | None
    known_at: date

    def __str__(self) -> str:
        about = f", {self.subject}" if self.subject else ""
        return (
            f"{self.source}, {words.span(self.period)}{about}: {self.old} → {self.new or 'withdrawn'} "
            f"({words.day(self.known_at)})"
        )


def find_revisions(rows: pd.DataFrame) -> list[Revision]:
    """The revisions among known rows, oldest first; a figure repeated unchanged is none, nor is a gap."""
    told = rows[rows["status"] != "provisional"].sort_values(["known_at", "line"], kind="stable")
    groups = told.groupby(["source", "start", "end", "subject"], sort=False)
    found = [revision for _, vintages in groups if len(vintages) > 1 for revision in _of_one(vintages)]
    return sorted(found, key=lambda one: (one.known_at, one.source, one.period))


def _of_one(vintages: pd.DataFrame) -> Iterator[Revision]:
    before: str | None = None
    for row in vintages.to_dict("records"):
        withdrawn = row["status"] == "withdrawn"
        if row["status"] == "missing" or (withdrawn and before is None):
            continue
        said = None if withdrawn else _figure(row)
        if before is not None and said != before:
            period = Period(row["start"].date(), row["end"].date())
            yield Revision(row["source"], period, row["subject"], before, said, row["known_at"].date())
        before = said


def _figure(row: dict[Hashable, Any]) -> str:
    low, value, high = (float(row[side]) for side in ("low", "value", "high"))
    return words.told(low, value, high, str(row["unit"]))
