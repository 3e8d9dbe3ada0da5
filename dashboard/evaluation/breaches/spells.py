"""One threshold over one series: the spells in which it is pending, fires, recovers and ends.

Found from the crossings, so the work grows with the spells and not with the figures. What could not be judged is
left out before: it neither begins nor ends a spell. So is a figure that does not pass and whose period does not begin
after all that pass before it have ended: a year's average says nothing of the October that lies in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from dashboard.domain import Series
from dashboard.domain.dates import Duration, day_of
from dashboard.thresholds import NOT_JUDGED, Assessment, Lifecycle, Threshold


class Spell(NamedTuple):  # a tuple is created much faster than a dataclass, and there are ten thousands
    """Positions in the series: of the first figure that passes, the first at which it fires (None while pending),
    the newest that passes, and the figure that ended it (None while it stands)."""

    threshold: int
    began: int
    fires: int | None
    last: int
    ended: int | None


def find_spells(assessment: Assessment, index: int, threshold: Threshold, window: Duration | None) -> list[Spell]:
    """The spells of `threshold`, number `index` of the assessment, oldest first.

    `window`: how long a passing figure counts as news; a later one after that begins a spell of its own. A stretch
    that never fires is left out, but for one that is still pending.
    """
    series, passed, course = assessment.series, assessment.passed[index], threshold.lifecycle
    raised = passed >= threshold.demanded_end
    if not raised.any():
        return []
    ends, days = course.recoveries(series, passed), series.end
    if series.is_plain and series.is_sequential and passed.min() != NOT_JUDGED:
        line = _Line(days, *_stretches(raised, days, window), ends.nonzero()[0], course, window)
        return [Spell(index, *places) for places in line.spells(len(raised))]
    usable = heard(series, passed, threshold)
    raised, ends, days = raised[usable], ends[usable], days[usable]
    if not raised.any():
        return []  # only superseded figures pass
    line = _Line(days, *_stretches(raised, days, window), ends.nonzero()[0], course, window)
    return [_located(Spell(index, *places), usable) for places in line.spells(len(raised))]


def heard(series: Series, passed: np.ndarray, threshold: Threshold) -> np.ndarray:
    """Positions of the figures that count, could be judged, and have a say in whether the threshold is passed."""
    usable = passed != NOT_JUDGED
    if not series.is_plain:
        usable &= series.current & series.has_figure
    places = np.flatnonzero(usable)
    if series.is_plain and series.is_sequential:
        return places
    return np.asarray(places[after_all_before(series, places, passed[places] >= threshold.demanded_end)])


def after_all_before(series: Series, places: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """bool, for each of some positions in order: whether it is chosen, or its period begins after those of all chosen
    before it have ended.

    A running total since the same day as all chosen before it counts too, for it holds what they held.
    """
    start, end = series.start[places].view(np.int64), series.end[places].view(np.int64)
    least, most = np.iinfo(np.int64).min, np.iinfo(np.int64).max
    begins_later = start > np.maximum.accumulate(np.where(chosen, end, least))
    if series.kind == "cumulative_claim":
        since = (
            np.minimum.accumulate(np.where(chosen, start, most)),
            np.maximum.accumulate(np.where(chosen, start, least)),
        )
        begins_later |= (since[0] == start) & (since[1] == start)
    return np.asarray(chosen | begins_later)


def _stretches(raised: np.ndarray, days: np.ndarray, window: Duration | None) -> tuple[np.ndarray, np.ndarray]:
    """First and one-past-last positions of passing stretches; news apart by more than the window is apart."""
    edges = (raised[1:] != raised[:-1]).nonzero()[0] + 1
    if raised[0]:
        edges = np.concatenate(([0], edges))
    if raised[-1]:
        edges = np.concatenate((edges, [len(raised)]))
    starts, stops = edges[::2], edges[1::2]
    if window is None:
        return starts, stops
    passing = np.flatnonzero(raised)
    apart = [
        int(after)
        for before, after in pairwise(passing)
        if after == before + 1 and day_of(days[after]) > window.after(day_of(days[before]))
    ]
    return np.union1d(starts, apart).astype(int), np.union1d(stops, apart).astype(int)


@dataclass(frozen=True, eq=False)
class _Line:
    """The stretches of one line, and what begins and ends a spell in it; positions among the judged figures."""

    days: np.ndarray
    starts: np.ndarray
    stops: np.ndarray
    ends: np.ndarray  # positions of the figures that end a spell
    course: Lifecycle
    window: Duration | None

    def spells(self, count: int) -> list[tuple[int, int | None, int, int | None]]:
        """(began, fires, last, ended) of each spell."""
        fires = self._fires()
        firing = (fires < self.stops).nonzero()[0]
        if not firing.size:
            is_pending = self.stops[-1] == count
            return [(int(self.starts[-1]), None, count - 1, None)] if is_pending else []
        prolongs = self.window is not None or self.course.keep is not None
        ends = None if prolongs else self._first_ends(firing)
        starts, fire = self.starts[firing].tolist(), fires[firing].tolist()
        spells: list[tuple[int, int | None, int, int | None]] = []
        free = 0  # the first stretch that belongs to no spell yet
        for number, stretch in enumerate(firing.tolist()):
            if stretch >= free:
                last, ended = self._to_its_end(stretch) if ends is None else ends[number]
                spells.append((starts[number], fire[number], self.stops.item(last) - 1, ended))
                free = last + 1
        if free < len(self.starts) and self.stops[-1] == count:
            spells.append((int(self.starts[-1]), None, count - 1, None))
        return spells

    def _first_ends(self, stretches: np.ndarray) -> list[tuple[int, int | None]]:
        """For each stretch what `_to_its_end` says where nothing prolongs a spell but figures that pass."""
        after = self.ends.searchsorted(self.stops[stretches])
        ended = after < len(self.ends)
        ends = self.ends[after[ended]]  # the figures stand in order, so those without an end come last
        lasts = (self.starts.searchsorted(ends) - 1).tolist()
        unended = (len(self.starts) - 1, None)
        return [*zip(lasts, ends.tolist(), strict=True), *[unended] * (len(after) - len(ends))]

    def _fires(self) -> np.ndarray:
        """For each stretch the position at which it has lasted long enough, were it to last."""
        first = self.starts + (self.course.figures - 1)
        lasting = self.course.wait
        if lasting is None:
            return np.asarray(first)
        if lasting.months:
            enough = np.array([lasting.after(day_of(self.days[start])) for start in self.starts], "datetime64[D]")
        else:
            enough = self.days[self.starts] + np.timedelta64(lasting.days, "D")
        return np.asarray(np.maximum(first, self.days.searchsorted(enough)))

    def _to_its_end(self, stretch: int) -> tuple[int, int | None]:
        """The last stretch that belongs to the spell of a firing one, and the figure that ends it."""
        while True:
            after = int(self.ends.searchsorted(self.stops[stretch]))
            ended = int(self.ends[after]) if after < len(self.ends) else None
            following = len(self.starts) if ended is None else int(self.starts.searchsorted(ended))
            joined = self._joined(stretch, following)
            if joined < following - 1:
                return joined, None  # its news had aged before the next came
            if ended is None or following == len(self.starts) or not self._kept(ended, following):
                return joined, ended
            stretch = following

    def _joined(self, stretch: int, following: int) -> int:
        """Up to which stretch before `following` the news never aged."""
        if self.window is None:
            return following - 1
        while stretch + 1 < following and not self._apart(stretch):
            stretch += 1
        return stretch

    def _apart(self, stretch: int) -> bool:
        assert self.window is not None
        newest = day_of(self.days[self.stops[stretch] - 1])
        return day_of(self.days[self.starts[stretch + 1]]) > self.window.after(newest)

    def _kept(self, ended: int, following: int) -> bool:
        """Whether it is still kept on when the next stretch begins."""
        keep = self.course.keep
        return keep is not None and day_of(self.days[self.starts[following]]) <= keep.after(day_of(self.days[ended]))


def _located(spell: Spell, usable: np.ndarray) -> Spell:
    places = (spell.began, spell.fires, spell.last, spell.ended)
    began, fires, last, ended = (None if place is None else int(usable[place]) for place in places)
    assert began is not None
    assert last is not None
    return Spell(spell.threshold, began, fires, last, ended)
