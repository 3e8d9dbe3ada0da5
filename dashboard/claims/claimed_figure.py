"""The figure of one claim: with the days it is about, its claimant and its publication, never made of two rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np

from dashboard.catalog import Source
from dashboard.domain import UNITS_IN_WORDS, ClaimedFigure, Series
from dashboard.domain.dates import day_of
from dashboard.domain.text import wording as words
from dashboard.series import IndicatorInputs


def claim_at(series: Series, position: int, inputs: IndicatorInputs, sources: Mapping[str, Source]) -> ClaimedFigure:
    """The claimed figure at a position of a line: that of its row, or the figure that several rows make together.

    The largest of several claims is one of them, with its own days; a sum counts as known once its last part was.
    """
    row = int(series.row[position])
    if row < 0:
        return _computed_claim(series, position, series.note(position), inputs)
    name = inputs.table.source_of(row)
    place = _place_in_lines(series, position, inputs.lines.get(name, ()))
    if place is None:  # the line was made of rows that the present lines no longer hold
        return _computed_claim(series, position, sources[name].title, inputs)
    line, at = place
    subject = str(inputs.table.subject[row])
    claim = _computed_claim(line, at, sources[name].title, inputs)
    published = inputs.table.published_at[row]
    return claim._replace(
        source=name,
        published_at=None if np.isnat(published) else day_of(published),
        published=str(inputs.table.stated_publication[row]),
        scope=sources[name].scope,
        subject=subject,
        place=f"{inputs.table.file[row]}:{inputs.table.line[row]}",
        is_assumed=inputs.table.is_assumed(row),
    )


def _place_in_lines(series: Series, position: int, lines: Sequence[Series]) -> tuple[Series, int] | None:
    """The line of the source that holds the row of a figure, and where; mostly it is the figure's own line."""
    if any(line is series for line in lines):
        return series, position
    row = series.row.item(position)
    return next(((line, int(at[0])) for line in lines if (at := np.flatnonzero(line.row == row)).size), None)


def _computed_claim(series: Series, position: int, claimant: str, inputs: IndicatorInputs) -> ClaimedFigure:
    known_on = day_of(series.known_at[position])
    return ClaimedFigure(
        claimant=claimant,
        source=series.origin,
        figure=series.figure(position),
        period=series.period(position),
        published_at=None,
        known_on=known_on,
        kind=series.kind,
        value_floor=series.floor_at(position),
        may_fall=series.may_fall is not None and bool(series.may_fall[position]),
        last_look=series.last_looks.get(int(series.key[position])),
        is_assumed=known_on in inputs.assumed_days,
    )


def known_words(claim: ClaimedFigure) -> str:
    """When a figure was published; when it was known, where its row states no publication or several rows made it."""
    if claim.published_at:
        return f"published {published_words(claim)}"
    if claim.is_assumed and claim.place:
        return f"assumed published {words.day(claim.known_on)}"
    return f"known {words.day_known(claim.known_on, is_assumed=claim.is_assumed)}"


def with_known_day(claim: ClaimedFigure, day: date, inputs: IndicatorInputs) -> ClaimedFigure:
    """The claim, known since the later of its own day and another one."""
    if day <= claim.known_on:
        return claim
    return claim._replace(known_on=day, is_assumed=day in inputs.assumed_days)


def published_words(claim: ClaimedFigure) -> str:
    """When a figure was published, as precisely as its row states it: `2025`, `Mar 2019`, `5 Oct 2023`."""
    if claim.published_at is None:
        return words.day_known(claim.known_on, is_assumed=claim.is_assumed)
    return words.publication(claim.published) if claim.published else words.day(claim.published_at)


def day_of_publication(claim: ClaimedFigure) -> str:
    """The last day of a figure's publication, or the day on which it was known."""
    if claim.published_at:
        return words.day(claim.published_at)
    return words.day_known(claim.known_on, is_assumed=claim.is_assumed)


def is_in_words(claim: ClaimedFigure) -> bool:
    """Whether a single event states in its subject what happened, so that its number says nothing."""
    return claim.kind == "event" and bool(claim.subject) and claim.figure.unit in UNITS_IN_WORDS
