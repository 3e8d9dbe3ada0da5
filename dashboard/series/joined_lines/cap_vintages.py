"""The totals of a cap's periods as they were known after each instant at which something about them became known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np

from dashboard.domain import Series, joined
from dashboard.domain.dates import Anchor, Period, day_of
from dashboard.series.joined_lines.cap_periods import days_of, lies_inside, split_by_period
from dashboard.series.joined_lines.cap_totals import totals_of_period
from dashboard.series.source_lines.source_series import as_known
from dashboard.thresholds import KnownTotal


def replay_totals(
    members: Sequence[Series], how: str, period: Period, as_of: date
) -> Iterator[tuple[np.datetime64, Series]]:
    """The period's running totals after each instant at which something about it became known, oldest first."""
    own = [member.take(np.flatnonzero(lies_inside(member, period))) for member in members]
    for instant in np.unique(np.concatenate([member.known_at for member in own])):
        totals = totals_of_period(
            [as_known(member, instant) for member in own], how, period, min(as_of, day_of(instant))
        )
        if len(totals):
            yield instant, totals


def known_totals(
    members: Sequence[Series], how: str, anchor: Anchor, as_of: date
) -> dict[Period, tuple[KnownTotal, ...]]:
    """For each period its totals, oldest first: one after each instant at which something about it became known."""
    days = np.sort(np.concatenate([member.end for member in members]))
    return {period: tuple(_known_totals(members, how, period, as_of)) for period, _, _ in split_by_period(days, anchor)}


def _known_totals(members: Sequence[Series], how: str, period: Period, as_of: date) -> Iterator[KnownTotal]:
    start, end = days_of(period)
    own = [member.take(np.flatnonzero((member.start <= end) & (member.end >= start))) for member in members]
    instants = np.unique(np.concatenate([member.known_at for member in own]))
    for instant in instants:
        known = [as_known(member, instant) for member in own]
        figures = totals_of_period(known, how, period, as_of)
        inside = joined([member.take(np.flatnonzero(member.current & lies_inside(member, period))) for member in known])
        gaps = joined([member.take(np.flatnonzero(member.current & ~member.has_figure)) for member in known])
        stands = instant == instants[-1]
        yield KnownTotal(
            since=instant,
            figure=figures.take(np.arange(len(figures))[-1:]),
            spans=np.stack([inside.start, inside.end], axis=1),
            missing=np.stack([gaps.start, gaps.end], axis=1),
            rows=tuple(map(int, inside.row)) if stands else (),
            missing_rows=tuple(map(int, gaps.row)) if stands else (),
            title=_claimant(known, figures) if how == "max" else "",
        )


def _claimant(members: Sequence[Series], totals: Series) -> str:
    """The claimant whose row the last total is; "" where several rows make it."""
    row = int(totals.row[-1]) if len(totals) else -1
    return next((member.title for member in members if row >= 0 and (member.row == row).any()), "")
