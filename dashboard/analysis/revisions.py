"""Revisions: figures of a source that others replaced, and the figures that a delivery changed."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

import numpy as np

from dashboard.domain import THING, Figure
from dashboard.domain.dates import Period, day_of, end_of_day
from dashboard.domain.text import wording as words
from dashboard.evaluation import Evaluation
from dashboard.late_imports import pd
from dashboard.rows import KnownTimes, number_rows

DROPPED = "no longer among its rows"
_THING = [*THING]
_OWN = ["source", *THING]


@dataclass(frozen=True)
class Revision:
    """A figure that replaced another of the same source, period and subject; `new` None where it was withdrawn, and
    `DROPPED` where a delivery had neither it nor another in its place. is_assumed: whether `known_at` follows from an
    assumed publication."""

    source: str
    period: Period
    subject: str
    old: str
    new: str | None
    known_at: date
    is_assumed: bool = False

    def __str__(self) -> str:
        about = f", {self.subject}" if self.subject else ""
        return (
            f"{self.source}, {words.span(self.period)}{about}: {self.old} → {self.new or 'withdrawn'} "
            f"({words.day_known(self.known_at, is_assumed=self.is_assumed)})"
        )


def find_revisions(rows: pd.DataFrame, as_of: date) -> list[Revision]:
    """The revisions up to the end of a day, oldest first: what was published later, corrected in place, or dropped.

    `rows` are those known then or before, with those no longer held. A figure repeated unchanged is no revision, nor is
    a gap, nor one that comes back.
    """
    figures = _figures(rows)
    figures = figures[figures.duplicated(_OWN, keep=False) | figures["held_until"].notna()]
    if figures.empty:
        return []
    thing = number_rows(figures[name] for name in _OWN)
    seen = KnownTimes.of(figures, thing)
    # what was held later and not at first was known then, and not at its publication
    since = np.where(seen.gap_since < seen.gap_until, seen.gap_until, seen.since)
    figures = figures.assign(since=since, until=seen.until, is_assumed=seen.is_assumed)
    last = int(end_of_day(as_of).astype("datetime64[s]").astype(np.int64))
    rows_in_groups = figures.assign(thing=thing).sort_values("thing", kind="stable").to_dict("records")
    groups = groupby(rows_in_groups, key=lambda row: row["thing"])
    revisions = [each for _, vintages in groups for each in _revisions_of(list(vintages), last)]
    return sorted(revisions, key=lambda each: (each.known_at, each.source, each.period))


def revised_since(before: Evaluation, now: Evaluation, days: Period) -> list[Revision]:
    """What deliveries after the first and up to the last of the days made of figures that the earlier verdict rested
    on: corrected in place, or dropped."""
    if not len(now.dropped_rows) or not before.rests_on:
        return []
    about = {*_things(now.all_rows, now.dropped_rows)} & {*_things(before.all_rows, before.rests_on)}
    if not about:
        return []
    ever = now.rows_ever
    own = ever[[thing in about for thing in _things(ever, range(len(ever)))]]
    return [each for each in find_revisions(own, days.end) if each.known_at > days.start]


def _things(rows: pd.DataFrame, positions: Sequence[int] | np.ndarray) -> Iterator[tuple[object, ...]]:
    """The source, period and subject of the rows at some positions; column by column, for a frame would cost more."""
    return zip(*(rows[name].array.take(np.asarray(positions, int)) for name in _OWN), strict=True)


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
    before = _latest_figures(rows[own & ~(held_from >= at) & ~(held_until < at)])
    after = _latest_figures(rows[own & np.isnat(held_until)])
    source = str(rows["source"].iloc[0]) if len(rows) else ""
    return [
        Revision(source, Period(start.date(), end.date()), subject, old, after.get(key, DROPPED), day_of(at))
        for key, old in sorted(before.items())
        for start, end, subject in [key]
        if old is not None and after.get(key, DROPPED) != old
    ]


def _latest_figures(rows: pd.DataFrame) -> dict[tuple[pd.Timestamp, pd.Timestamp, str], str | None]:
    """The figure of each thing that was published last; None where it was withdrawn, no entry where there is none."""
    last = _figures(rows).drop_duplicates(_THING, keep="last")
    return {(row["start"], row["end"], row["subject"]): _stated(row) for row in last.to_dict("records")}


def _figures(rows: pd.DataFrame) -> pd.DataFrame:
    """Figures and withdrawals that are judged, in the order in which they were published."""
    figures = rows[~rows["status"].isin(["provisional", "missing"])]
    return figures.sort_values(["known_at", "published_at", "line"], kind="stable", na_position="first")


def _revisions_of(rows: Sequence[dict[Hashable, Any]], last: int) -> Iterator[Revision]:
    """The revisions of one thing up to an instant, from its rows in the order of publication."""
    instants = {int(row[name]) for row in rows for name in ("since", "until")}
    before: str | None = None
    for instant in sorted(each for each in instants if each <= last):
        held = [row for row in rows if row["since"] <= instant < row["until"]]
        stated = _stated(held[-1]) if held else DROPPED
        if before not in (None, DROPPED, stated):
            period = Period(rows[0]["start"].date(), rows[0]["end"].date())
            day = day_of(np.datetime64(instant, "s"))
            is_assumed = bool(held) and held[-1]["since"] == instant and bool(held[-1]["is_assumed"])
            yield Revision(str(rows[0]["source"]), period, rows[0]["subject"], str(before), stated, day, is_assumed)
        before = stated


def _stated(row: dict[Hashable, Any]) -> str | None:
    return None if row["status"] == "withdrawn" else _figure(row)


def _figure(row: dict[Hashable, Any]) -> str:
    low, value, high = (float(row[side]) for side in ("low", "value", "high"))
    return str(Figure.from_cells(low, value, high, str(row["unit"])))
