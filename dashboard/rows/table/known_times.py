"""From which instant until which each row is known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dashboard.late_imports import pd
from dashboard.rows.row_numbers import number_rows
from dashboard.rows.table.assumed_publications import are_assumed

# instants as numbers of seconds: NaT is the least of all, and so "from ever" where it stands for that
_NEVER, _EVER = np.iinfo(np.int64).min, np.iinfo(np.int64).max


@dataclass(frozen=True, eq=False)
class KnownTimes:
    """The instants at which each row is known, in seconds: from `since` until before `until`, and not in the gap.

    A row is known from its publication, as long as it is held. At instants before anything was received about its key
    (source, period, subject, publication), a row held now is known from its publication all the same, since nothing
    contradicted it then. A correction in place is unknown between the receipt of the row that it corrects and its own
    receipt: that is its gap. A row whose publication is assumed is known from then on even where it is no longer held:
    it is of the first delivery, and the row that corrects it is known since its receipt only.
    """

    since: np.ndarray
    until: np.ndarray
    gap_since: np.ndarray
    gap_until: np.ndarray
    is_assumed: np.ndarray
    has_gaps: bool
    ends: bool

    @classmethod
    def of(cls, frame: pd.DataFrame, key: np.ndarray) -> KnownTimes:
        """The known times of a frame of rows; rows of one source, period and subject have the same `key`."""
        known, held, until, published = (
            frame[name].to_numpy("datetime64[s]").view(np.int64)
            for name in ("known_at", "held_from", "held_until", "published_at")
        )
        is_held = until == _NEVER
        until = np.where(is_held, _EVER, until)
        if (held == _NEVER).all():
            none = np.zeros(len(held), bool)
            return cls(known, until, held, held, none, has_gaps=False, ends=not is_held.all())
        is_assumed = are_assumed(frame)
        first = _first_receipts(held, key, published)
        since = np.where(is_held | is_assumed, known, np.maximum(known, held))
        since = np.where((since >= until) & (held < until), held, since)  # lost on the day of its publication
        gap_since = np.where(is_held, np.maximum(first, known), held)
        has_gaps = bool((gap_since < held).any())
        return cls(since, until, gap_since, held, is_assumed, has_gaps=has_gaps, ends=not is_held.all())

    def at(self, instant: np.datetime64, part: slice) -> np.ndarray:
        """bool: which rows of a part are known at an instant."""
        moment = instant.astype("datetime64[s]").view(np.int64)
        seen = self.since[part] <= moment
        if self.ends:
            seen &= moment < self.until[part]
        if self.has_gaps:
            seen &= (moment < self.gap_since[part]) | (moment >= self.gap_until[part])
        return np.asarray(seen)

    def ended_at(self, instant: np.datetime64, part: slice) -> np.ndarray:
        """bool: which rows of a part were known earlier and are no longer held at an instant."""
        until = self.until[part]
        return np.asarray((self.since[part] < until) & (until <= instant.astype("datetime64[s]").view(np.int64)))

    def changes(self, part: slice) -> np.ndarray:
        """The instants, in order, at which a row of a part becomes known, or ends: between them nothing changes."""
        since, until = self.since[part], self.until[part]
        instants = [since, until[(until != _EVER) & (since < until)]]
        if self.has_gaps:
            gap = self.gap_since[part] < self.gap_until[part]
            instants += [self.gap_since[part][gap], self.gap_until[part][gap]]
        return np.unique(np.concatenate(instants))


def _first_receipts(held: np.ndarray, key: np.ndarray, published: np.ndarray) -> np.ndarray:
    """For each row the first receipt of its key and publication; most rows are the only one of their key."""
    has_others = np.bincount(key)[key] > 1 if len(key) else key.astype(bool)
    first = held.copy()
    if has_others.any():
        numbers = number_rows((key[has_others], published[has_others]))
        order = np.argsort(numbers, kind="stable")
        starts = np.flatnonzero(np.append(True, np.diff(numbers[order]) > 0))
        first[has_others] = np.minimum.reduceat(held[has_others][order], starts)[numbers]
    return first
