"""What a claimant said: a figure with the days it is about and its publication, never of two rows."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from dashboard.catalog import Source
from dashboard.gather import Gathered
from dashboard.model import ClaimedFigure, Series
from dashboard.periods import Period, day_of


def claim_at(series: Series, position: int, gathered: Gathered, sources: Mapping[str, Source]) -> ClaimedFigure:
    """The figure at a position of a line: that of the row that made it, or what several rows make together.

    The largest of several claims is one of them, with its own days; what was added up counts as known once its last
    part was.
    """
    row = int(series.row[position])
    if row < 0:
        return _of_line(series, position, series.notes.get(int(series.key[position]), series.title))
    name = gathered.table.source_of(row)
    own = [line for line in gathered.lines.get(name, ()) if (line.row == row).any()]
    if not own:  # the line was made of rows that the lines of now no longer hold
        return _of_line(series, position, sources[name].title)
    line, at = own[0], int(np.flatnonzero(own[0].row == row)[0])
    subject = str(gathered.table.subject[row])
    claimed = _of_line(line, at, line.title if line.origin else sources[name].title)
    published = gathered.table.published_at[row]
    return claimed._replace(
        source=name,
        published_at=None if np.isnat(published) else day_of(published),
        subject=subject,
        place=f"{gathered.table.file[row]}:{gathered.table.line[row]}",
    )


def _of_line(series: Series, position: int, claimant: str) -> ClaimedFigure:
    start, end = day_of(series.start[position]), day_of(series.stated_end[position])
    return ClaimedFigure(
        claimant=claimant,
        source=series.origin,
        low=float(series.low[position]),
        value=float(series.value[position]),
        high=float(series.high[position]),
        or_more=bool(series.or_more[position]),
        unit=series.unit,
        period=Period(start, end),
        published_at=None,
        known_on=day_of(series.known_at[position]),
        kind=series.kind,
    )
