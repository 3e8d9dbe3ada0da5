"""One line of observations over time, as known at an instant: arrays, one entry an observation.

Low, value and high are float64 with NaN for unknown; days are datetime64[D]; instants are datetime64[s] in UTC.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np

from dashboard.domain.figure import Figure


@dataclass(frozen=True, eq=False)
class Series:
    """What one source, or a combination of sources, says over time, as known at an instant.

    All arrays have one entry an observation, ordered by `end`, then `known_at`. `low` and `high` are already
    filled with the value where the source gave none; `at_least` and `at_most` are the ends that somebody vouches
    for: NaN where a number stands alone and its source is not exact. An observation without any figure is a gap: its
    period is known to be missing. `end` is never after the day of `known_at`: what is published inside its own period
    (`stated_end`) can only be about the days up to then. Superseded vintages are present with `current` False, so
    that it can be said since when a verdict was known. `source` names the line; `origin` is the source's id, ""
    where several sources make one line. No change is taken across a day of `breaks`: from that day on the source
    counts in another way. `notes` say by `key` what an observation was made of, where it was computed. `gaps_speak`: a
    gap is what was found, since something is known of its period of which no figure could be made; `earlier_notes`
    those of superseded vintages, by key and instant in seconds. By key as well:
    `made_of` the rows that a computed observation rests on; `looked` the last day on which anybody looked, where an
    observation counts on without a look. `may_fall`: of multiples, which are of something that may still grow.
    `by_period`: each key is a period of a cap, which stands for itself: its breach is no other period's.
    `value_floor` and `high_floor` are what the value and the high end of a sum are at least: parts without one count
    with their low end, or with nothing. None where all parts have both.
    """

    source: str
    title: str
    start: np.ndarray
    end: np.ndarray
    low: np.ndarray
    value: np.ndarray
    high: np.ndarray
    at_least: np.ndarray
    at_most: np.ndarray
    or_more: np.ndarray  # bool: shown as "or more"
    partial: np.ndarray  # bool: a total that leaves days or members out, and so cannot show what was not reached
    known_at: np.ndarray
    current: np.ndarray  # bool
    key: np.ndarray  # int: the same for all vintages of one observation
    row: np.ndarray  # int: position in the frame of rows; -1 where several rows make one observation
    stated_end: np.ndarray
    unit: str = ""
    kind: str = "level"
    breaks: tuple[date, ...] = ()
    origin: str = ""
    gaps_speak: bool = False
    notes: Mapping[int, str] = field(default_factory=dict)
    value_floor: np.ndarray | None = None
    high_floor: np.ndarray | None = None
    earlier_notes: Mapping[tuple[int, int], str] = field(default_factory=dict)
    made_of: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    looked: Mapping[int, date] = field(default_factory=dict)
    may_fall: np.ndarray | None = None  # bool
    by_period: bool = False

    @classmethod
    def computed(cls, *, end: np.ndarray, **arrays: Any) -> Series:
        """A line of observations that no row made, each in one vintage; by the names of the fields, without those that
        follow from that."""
        count = len(end)
        arrays |= {
            "current": np.ones(count, bool),
            "key": np.arange(count),
            "row": np.full(count, -1),
            "stated_end": end,
        }
        return cls(end=end, **arrays)

    def __len__(self) -> int:
        return len(self.end)

    @property
    def windowed(self) -> bool:
        """Events and running totals: news that ages, not a state that lasts."""
        return self.kind in ("event", "cumulative_claim")

    @cached_property
    def is_revised(self) -> bool:
        """Whether any observation has more than one vintage."""
        return not bool(self.current.all())

    @cached_property
    def is_plain(self) -> bool:
        """Nothing superseded, missing or partial: what most long series are, and what can be judged fastest."""
        sides = [self.high, *(side for side in (self.low, self.value) if side is not self.high)]
        return not (self.is_revised or self.partial.any() or any(math.isnan(side.min(initial=0.0)) for side in sides))

    @cached_property
    def is_vouched_for(self) -> bool:
        """Whether anybody vouches for any low end: otherwise no low end can pass."""
        one_for_all = not self.at_least.strides[0]
        return not bool(np.isnan(self.at_least[:1] if one_for_all else self.at_least).all())

    @cached_property
    def known_by(self) -> np.ndarray:
        """The instants by which each observation and all before it were known."""
        instants = self.known_at.view(np.int64)  # much faster than on instants
        if (instants[1:] >= instants[:-1]).all():
            return self.known_at
        return np.asarray(np.maximum.accumulate(instants).view(self.known_at.dtype))

    @cached_property
    def is_sequential(self) -> bool:
        """Whether each period begins after the one before it has ended, so that the newest figure has the last word."""
        start, end = self.start.view(np.int64), self.end.view(np.int64)  # quicker to compare than days
        return bool((start[1:] > end[:-1]).all())

    @cached_property
    def last_words(self) -> np.ndarray:
        """Positions, in order, of the current figures about days after which no other figure begins.

        A year's average says nothing of its October: so the months after which none begins speak beside it. Of running
        totals since one day only the last speaks.
        """
        usable = np.flatnonzero(self.current if self.gaps_speak else self.current & self.has_figure)
        if not usable.size or (self.is_plain and self.is_sequential):
            return usable[-1:]
        speaking = np.asarray(usable[self.end[usable] >= self.start[usable].max()])
        if self.kind == "cumulative_claim":
            _, last = np.unique(self.start[speaking][::-1], return_index=True)
            return np.sort(speaking[len(speaking) - 1 - last])
        return speaking

    def figure(self, position: int) -> Figure:
        """The figure of the observation at a position."""
        low, value, high = (float(side[position]) for side in (self.low, self.value, self.high))
        return Figure(low, value, high, self.unit, bool(self.or_more[position]))

    def floor_at(self, position: int) -> float | None:
        """What the value at a position is at least, where it has none and more is known than its low end."""
        if self.value_floor is None or not math.isnan(self.value[position]):
            return None
        floor, low = float(self.value_floor[position]), float(self.low[position])
        return floor if math.isnan(low) or floor > low else None

    @cached_property
    def newest(self) -> int | None:
        """The position of the newest current figure, or of a newer gap that speaks."""
        usable = np.flatnonzero(self.current if self.gaps_speak else self.current & self.has_figure)
        return int(usable[-1]) if usable.size else None

    @cached_property
    def has_figure(self) -> np.ndarray:
        unknown = np.isnan(self.value)
        if unknown.any():
            unknown &= np.isnan(self.low) & np.isnan(self.high)
        return np.asarray(~unknown)

    def note(self, position: int) -> str:
        """What the observation at a position was made of; else the line's title."""
        key = int(self.key[position])
        if not self.current[position] and self.earlier_notes:
            return self.earlier_notes.get((key, int(self.known_at[position].astype(np.int64))), self.title)
        return self.notes.get(key, self.title)

    def take(self, chosen: np.ndarray) -> Series:
        """The observations that `chosen` (a mask or positions) picks, in that order."""
        given = {name: getattr(self, name) for name in SERIES_ARRAYS}
        given |= {name: getattr(self, name) for name in _FLOORS if getattr(self, name) is not None}
        taken = {id(array): _taken(array, chosen) for array in given.values()}  # what is one array stays one
        arrays: dict[str, Any] = {name: taken[id(array)] for name, array in given.items()}
        if self.may_fall is not None:
            arrays["may_fall"] = self.may_fall[chosen]
        return replace(self, **arrays)


SERIES_ARRAYS = (
    "start", "end", "low", "value", "high", "at_least", "at_most", "or_more", "partial", "known_at", "current", "key",
    "row", "stated_end",
)  # fmt: skip


_FLOORS = {"value_floor": "value", "high_floor": "high"}  # each with the side that stands for it where there is none


def _taken(array: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    taken = array[chosen]
    return taken if not len(array) or array.strides[0] else np.broadcast_to(array[0], taken.shape)


def joined(parts: Sequence[Series]) -> Series:
    """The observations of all parts, one part behind the other; the rest is the first part's."""
    arrays: dict[str, Any] = {name: np.concatenate([getattr(part, name) for part in parts]) for name in SERIES_ARRAYS}
    for name, side in _FLOORS.items():
        if any(getattr(part, name) is not None for part in parts):
            own = [getattr(part, side) if getattr(part, name) is None else getattr(part, name) for part in parts]
            arrays[name] = np.concatenate(own)
    return replace(parts[0], **arrays)
