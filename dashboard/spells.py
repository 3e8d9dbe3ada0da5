"""One threshold over one series: the spells in which it is pending, fires, recovers and ends.

Found from the crossings, so the work grows with the spells and not with the figures. What could not be judged is
left out before: it neither begins nor ends a spell.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dashboard.model import Assessment
from dashboard.periods import Duration, day_of
from dashboard.thresholds import NOT_JUDGED, Lifecycle, Threshold


@dataclass(frozen=True)
class Spell:
    """Positions in the series: of the first figure that passes, the first at which it fires (None while pending),
    the newest that passes, and the figure that ended it (None while it stands)."""

    threshold: int
    began: int
    fires: int | None
    last: int
    ended: int | None


def find_spells(assessment: Assessment, index: int, threshold: Threshold, window: Duration | None) -> list[Spell]:
    """The spells of `threshold`, number `index` of the assessment, oldest first.

    `window`: how long a passing figure counts as news; a later one after that begins a spell of its own.
    """
    series, passed, course = assessment.series, assessment.passed[index], threshold.lifecycle
    usable = np.flatnonzero(series.current & series.has_figure & (passed != NOT_JUDGED))
    raised = passed[usable] >= threshold.demanded
    if not raised.any():
        return []
    ends = course.recovered(series, passed)[usable]
    days = series.end[usable]
    found: list[Spell] = []
    for start, stop in _runs(raised, days, window):
        fires = _fires(days, start, stop, course)
        ended = _next(ends, stop) if fires is not None else (stop if stop < len(raised) else None)
        spell = Spell(index, start, fires, stop - 1, ended)
        if found and _continues(found[-1], spell, days, course, window):
            spell = Spell(index, found[-1].began, found[-1].fires, spell.last, ended)
            found.pop()
        found.append(spell)
    return [_located(spell, usable) for spell in found]


def _runs(raised: np.ndarray, days: np.ndarray, window: Duration | None) -> Iterator[tuple[int, int]]:
    """First and one-past-last positions of passing stretches; news apart by more than the window is apart."""
    edges = np.flatnonzero(np.diff(raised, prepend=False, append=False))
    for start, stop in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        for position in range(start + 1, stop) if window else ():
            if day_of(days[position]) > window.after(day_of(days[position - 1])):  # type: ignore[union-attr]
                yield start, position
                start = position
        yield start, stop


def _fires(days: np.ndarray, start: int, stop: int, course: Lifecycle) -> int | None:
    """The position at which a stretch has lasted long enough."""
    first = start + course.count - 1
    if course.lasting is not None:
        long_enough = np.datetime64(course.lasting.after(day_of(days[start])))
        first = max(first, start + int(np.searchsorted(days[start:stop], long_enough)))
    return first if first < stop else None


def _next(ends: np.ndarray, position: int) -> int | None:
    """The first figure from `position` on that ends a spell."""
    later = np.flatnonzero(ends[position:])
    return position + int(later[0]) if later.size else None


def _continues(before: Spell, now: Spell, days: np.ndarray, course: Lifecycle, window: Duration | None) -> bool:
    """Whether the earlier spell was still on, or still kept on, when this stretch began."""
    if before.fires is None:
        return False
    if before.ended is None or before.ended >= now.began:
        return window is None or day_of(days[now.began]) <= window.after(day_of(days[before.last]))
    return course.keep is not None and day_of(days[now.began]) <= course.keep.after(day_of(days[before.ended]))


def _located(spell: Spell, usable: np.ndarray) -> Spell:
    places = (spell.began, spell.fires, spell.last, spell.ended)
    began, fires, last, ended = (None if place is None else int(usable[place]) for place in places)
    assert began is not None
    assert last is not None
    return Spell(spell.threshold, began, fires, last, ended)
