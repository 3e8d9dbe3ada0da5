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

from dashboard.domain.dates.periods import Period
from dashboard.domain.figure import Figure


@dataclass(frozen=True, eq=False)
class Series:
    """The observations of one source, or of several combined, as known at an instant.

    Every array has one entry an observation, ordered by `end`, then `known_at`. Superseded vintages stay in the arrays
    with `current` False, so that "known since" can be answered. An observation without any figure is a gap: its period
    is known to be missing.

    low, value, high: the figure; a blank end is filled with the value. at_least, at_most: the ends that somebody
    vouches for, NaN for a bare number whose source is not exact. value_floor, high_floor: the least that the value and
    the high end of a sum can be, with parts that lack them counted at their low end; None where no part lacks any.
    start, end: the first and last day of the period; `end` is never after the day of `known_at`, since a publication
    inside its own period (`stated_end`) covers only the days before it.
    source: the name of the line. origin: the id of its source, "" for a line that combines several.
    breaks: days on which the source began to count differently; no change is measured across them.
    by_period: whether each key is a period of a cap, whose breach belongs to no other period.
    gap_counts_as_newest: whether a gap counts as the newest finding, because its figure could not be computed.
    may_fall: whether an observation is a multiple of something that may still grow.
    By key: `notes` names the parts of a computed observation (`earlier_notes` those of superseded vintages, by key and
    instant in seconds), `rows_behind` its rows, `last_looks` the last day on which somebody looked, where a delay grows
    without a look.
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
    partial: np.ndarray  # bool: the total lacks days or members, so it never proves that a level was not reached
    known_at: np.ndarray
    current: np.ndarray  # bool
    key: np.ndarray  # int: the same for all vintages of one observation
    row: np.ndarray  # int: position in the frame of rows; -1 where several rows make one observation
    stated_end: np.ndarray
    unit: str = ""
    kind: str = "level"
    breaks: tuple[date, ...] = ()
    origin: str = ""
    gap_counts_as_newest: bool = False
    notes: Mapping[int, str] = field(default_factory=dict)
    value_floor: np.ndarray | None = None
    high_floor: np.ndarray | None = None
    earlier_notes: Mapping[tuple[int, int], str] = field(default_factory=dict)
    rows_behind: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    last_looks: Mapping[int, date] = field(default_factory=dict)
    may_fall: np.ndarray | None = None  # bool
    by_period: bool = False

    @classmethod
    def computed(cls, *, end: np.ndarray, **arrays: Any) -> Series:
        """A line of computed observations, one vintage each; `arrays` are its other fields by name."""
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
        """Whether the figures are news that ages, as events and running totals are, and not a lasting state."""
        return self.kind in ("event", "cumulative_claim")

    @cached_property
    def is_revised(self) -> bool:
        """Whether any observation has more than one vintage."""
        return not bool(self.current.all())

    @cached_property
    def is_plain(self) -> bool:
        """Whether no observation is superseded, missing or partial. Most long series are plain, and fast to judge."""
        sides = [self.high, *(side for side in (self.low, self.value) if side is not self.high)]
        return not (self.is_revised or self.partial.any() or any(math.isnan(side.min(initial=0.0)) for side in sides))

    @cached_property
    def is_vouched_for(self) -> bool:
        """Whether anybody vouches for any low end; a low end without a voucher cannot pass."""
        is_broadcast = not self.at_least.strides[0]
        return not bool(np.isnan(self.at_least[:1] if is_broadcast else self.at_least).all())

    @cached_property
    def known_by(self) -> np.ndarray:
        """The instants by which each observation and all earlier ones were known."""
        instants = self.known_at.view(np.int64)  # integers compare much faster than instants
        if (instants[1:] >= instants[:-1]).all():
            return self.known_at
        return np.asarray(np.maximum.accumulate(instants).view(self.known_at.dtype))

    @cached_property
    def is_sequential(self) -> bool:
        """Whether each period begins after the previous one has ended, so that only the newest figure decides."""
        start, end = self.start.view(np.int64), self.end.view(np.int64)  # quicker to compare than days
        return bool((start[1:] > end[:-1]).all())

    @cached_property
    def last_words(self) -> np.ndarray:
        """The positions, in order, of current figures about days after which no other figure begins.

        A year's average says nothing about its October, so the latest months count beside it. Of running totals since
        one day only the last one counts.
        """
        usable = np.flatnonzero(self.current if self.gap_counts_as_newest else self.current & self.has_figure)
        if not usable.size or (self.is_plain and self.is_sequential):
            return usable[-1:]
        speaking = np.asarray(usable[self.end[usable] >= self.start[usable].max()])
        if self.kind == "cumulative_claim":
            _, last = np.unique(self.start[speaking][::-1], return_index=True)
            return np.sort(speaking[len(speaking) - 1 - last])
        return speaking

    def figure(self, position: int, unit: str | None = None) -> Figure:
        """The figure of the observation at a position, in the unit of the series unless another one is named."""
        low, value, high = self.low.item(position), self.value.item(position), self.high.item(position)
        return Figure(low, value, high, self.unit if unit is None else unit, self.or_more.item(position))

    def period(self, position: int) -> Period:
        """The days that the observation at a position is about, as its row states them."""
        return Period(self.start.item(position), self.stated_end.item(position))

    def floor_at(self, position: int) -> float | None:
        """The least that the value at a position can be, where it has no value and more than its low end is known."""
        if self.value_floor is None or not math.isnan(self.value[position]):
            return None
        floor, low = float(self.value_floor[position]), float(self.low[position])
        return floor if math.isnan(low) or floor > low else None

    @cached_property
    def newest(self) -> int | None:
        """The position of the newest current figure, or of a newer gap where gaps count as findings."""
        usable = np.flatnonzero(self.current if self.gap_counts_as_newest else self.current & self.has_figure)
        return int(usable[-1]) if usable.size else None

    @cached_property
    def has_figure(self) -> np.ndarray:
        unknown = np.isnan(self.value)
        if unknown.any():
            unknown &= np.isnan(self.low) & np.isnan(self.high)
        return np.asarray(~unknown)

    def note(self, position: int) -> str:
        """The parts of the observation at a position, in words; the line's title where no note names them."""
        key = int(self.key[position])
        if not self.current[position] and self.earlier_notes:
            return self.earlier_notes.get((key, int(self.known_at[position].astype(np.int64))), self.title)
        return self.notes.get(key, self.title)

    def take(self, chosen: np.ndarray) -> Series:
        """The observations that `chosen` (a mask or positions) picks, in that order."""
        present = {name: getattr(self, name) for name in SERIES_ARRAYS}
        present |= {name: getattr(self, name) for name in _FLOORS if getattr(self, name) is not None}
        taken = {id(array): _taken(array, chosen) for array in present.values()}  # shared arrays stay shared
        arrays: dict[str, Any] = {name: taken[id(array)] for name, array in present.items()}
        if self.may_fall is not None:
            arrays["may_fall"] = self.may_fall[chosen]
        return replace(self, **arrays)


SERIES_ARRAYS = (
    "start", "end", "low", "value", "high", "at_least", "at_most", "or_more", "partial", "known_at", "current", "key",
    "row", "stated_end",
)  # fmt: skip


_FLOORS = {"value_floor": "value", "high_floor": "high"}  # each with the side that replaces a missing floor


def _taken(array: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    taken = array[chosen]
    return taken if not len(array) or array.strides[0] else np.broadcast_to(array[0], taken.shape)


def joined(parts: Sequence[Series]) -> Series:
    """The observations of all parts in sequence; every other field is the first part's."""
    arrays: dict[str, Any] = {name: np.concatenate([getattr(part, name) for part in parts]) for name in SERIES_ARRAYS}
    for name, side in _FLOORS.items():
        if any(getattr(part, name) is not None for part in parts):
            own = [getattr(part, side) if getattr(part, name) is None else getattr(part, name) for part in parts]
            arrays[name] = np.concatenate(own)
    return replace(parts[0], **arrays)
