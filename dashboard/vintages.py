"""Rows of successive deliveries -> rows that say from when until when each of them was held.

A delivery is the whole of a source (a file, an address), or of one file of its folder: rows that it no longer holds
are held until its receipt. A row that stays is one row, whatever its place in the file. Nothing is ever left out, so
that every past instant can be answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

_KEY = ("start", "end", "subject", "published_at")  # figures about one thing, told at one instant
_NOT_CONTENT = ("source", "file", "line", "known_at", "held_from", "held_until")  # where it stands, and since when
_MOST_CODES = 2**62


@dataclass(frozen=True, eq=False)
class Arrival:
    """rows: those held before and those of the delivery, columns as in `intake.DTYPES`; revised: how many keys
    (period, subject, publication) have other content than before; began, ended: how many rows came and went."""

    rows: pd.DataFrame
    revised: int
    began: int
    ended: int


def arrive(held: pd.DataFrame, delivery: pd.DataFrame, at: np.datetime64, file: str | None = None) -> Arrival:
    """The rows after a delivery that was received at `at`.

    `held` is what this gave before, or no rows; `delivery` the rows of the delivery; `file` names the one of which it
    is the whole, None where it is that of the source. A row without publication and receipt is known since it is
    held. A clock that went back moves no receipt before one that is known: the order of deliveries counts.
    """
    at = max(at, _newest(held["held_from"], at), _newest(held["held_until"], at))
    was = held["held_until"].isna().to_numpy(bool)
    if file is not None:
        was = was & (held["file"] == file).to_numpy(bool)
    before = held[was]
    match = _matches(before, delivery)
    is_new = match < 0
    is_gone = np.ones(len(before), bool)
    is_gone[match[~is_new]] = False
    gone, new = before[is_gone], delivery[is_new]
    rows = pd.concat(
        [held[~was], gone.assign(held_until=_filled(at, len(gone))), _held(delivery, before, match, at)],
        ignore_index=True,
    )
    return Arrival(rows, _revised(gone, new), len(new), len(gone))


def _held(delivery: pd.DataFrame, before: pd.DataFrame, match: np.ndarray, at: np.datetime64) -> pd.DataFrame:
    """The rows of a delivery, with the instants of those that were held before."""
    stays = match >= 0
    held_from, known_at = _filled(at, len(delivery)), _instants(delivery["known_at"]).copy()
    held_from[stays] = _instants(before["held_from"])[match[stays]]
    undated = delivery["published_at"].isna().to_numpy(bool) & delivery["received_at"].isna().to_numpy(bool)
    known_at[undated] = held_from[undated]
    none = _filled(np.datetime64("NaT", "s"), len(delivery))
    return delivery.assign(known_at=known_at, held_from=held_from, held_until=none)


def _matches(before: pd.DataFrame, delivery: pd.DataFrame) -> np.ndarray:
    """For each row of the delivery the position of the same row before, -1 where there is none.

    Of equal rows each is matched with one, in their order.
    """
    if before.empty or delivery.empty:
        return np.full(len(delivery), -1)
    columns = [name for name in delivery.columns if name not in _NOT_CONTENT]
    codes, count = _codes(before, delivery, columns)
    here, there = np.split(codes, [len(before)])
    if len(here) and len(there) and max(np.bincount(here).max(), np.bincount(there).max()) > 1:
        nth = np.concatenate([_nth(here), _nth(there)])
        codes, values = pd.factorize(codes * (int(nth.max()) + 1) + nth)
        here, there = np.split(codes, [len(before)])
        count = len(values)
    place = np.full(count, -1)
    place[here] = np.arange(len(here))
    return np.asarray(place[there])


def _revised(gone: pd.DataFrame, new: pd.DataFrame) -> int:
    codes, _ = _codes(gone, new, _KEY)
    return len(np.intersect1d(codes[: len(gone)], codes[len(gone) :]))


def _codes(one: pd.DataFrame, other: pd.DataFrame, columns: Sequence[str]) -> tuple[np.ndarray, int]:
    """A number for each row of both, equal for those that agree in all columns; and above which all numbers lie."""
    codes, count = np.zeros(len(one) + len(other), np.int64), 1
    for column in columns:
        own, values = pd.factorize(pd.concat([one[column], other[column]], ignore_index=True), use_na_sentinel=False)
        if len(values) <= 1:
            continue
        if count * len(values) > _MOST_CODES:
            codes, told = pd.factorize(codes)
            count = len(told)
        codes, count = codes * len(values) + own, count * len(values)
    codes, told = pd.factorize(codes)
    return codes, len(told)


def _nth(codes: np.ndarray) -> np.ndarray:
    """Of each entry, how many equal ones stand before it."""
    order = np.argsort(codes, kind="stable")
    ordered = codes[order]
    first = np.searchsorted(ordered, ordered)
    found = np.empty(len(codes), np.int64)
    found[order] = np.arange(len(codes)) - first
    return found


def _newest(instants: pd.Series, without_any: np.datetime64) -> np.datetime64:
    found: np.datetime64 = np.fmax.reduce(_instants(instants), initial=without_any)
    return found


def _filled(instant: np.datetime64, count: int) -> np.ndarray:
    return np.full(count, instant, "datetime64[s]")


def _instants(column: pd.Series) -> np.ndarray:
    return column.to_numpy("datetime64[s]")
