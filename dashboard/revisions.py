"""What a source said before and says now of the same thing: revisions, old and new, and what a delivery changed."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from dashboard import words
from dashboard.periods import Period, day_of

DROPPED = "no longer in the delivery"
_THING = ["start", "end", "subject"]


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


def changed_by_last_delivery(rows: pd.DataFrame, received_at: np.datetime64) -> list[Revision]:
    """What the delivery that was received then made of figures held before, in the order of periods.

    `rows` are all of one source. A figure that is replaced by one published later counts too, and one that was dropped.
    """
    held_from, held_until = (rows[name].to_numpy("datetime64[s]") for name in ("held_from", "held_until"))
    instants = np.concatenate([held_from, held_until])
    at = np.fmax.reduce(instants, initial=received_at)  # later than the receipt where a clock went back
    touched = rows[(held_from == at) | (held_until == at)]
    keys = pd.MultiIndex.from_frame(touched[_THING]).unique()
    own = pd.MultiIndex.from_frame(rows[_THING]).isin(keys)
    before = _said(rows[own & ~(held_from >= at) & ~(held_until < at)])
    after = _said(rows[own & np.isnat(held_until)])
    source = str(rows["source"].iloc[0]) if len(rows) else ""
    return [
        Revision(source, Period(start.date(), end.date()), subject, old, after.get(key, DROPPED), day_of(at))
        for key, old in sorted(before.items())
        for start, end, subject in [key]
        if old is not None and after.get(key, DROPPED) != old
    ]


def _said(rows: pd.DataFrame) -> dict[tuple[pd.Timestamp, pd.Timestamp, str], str | None]:
    """The figure of each thing that was published last; None where it was withdrawn, no entry where there is none."""
    told = rows[~rows["status"].isin(["provisional", "missing"])].sort_values(["known_at", "line"], kind="stable")
    last = told.drop_duplicates(_THING, keep="last")
    return {
        (row["start"], row["end"], row["subject"]): None if row["status"] == "withdrawn" else _figure(row)
        for row in last.to_dict("records")
    }


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
