"""Rows of successive deliveries -> rows that say from when until when each of them was held.

A delivery is the whole of a source (a file, an address), or of one file of its folder: rows that it no longer holds
are held until its receipt. One in which rows are quarantined adds and revises, and takes nothing away; nor does one of
a rolling file take away rows that are older than what such a file holds. A row that stays is one row, whatever
its place in the file. Nothing is ever left out, so that every past instant can be answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from dashboard.domain.dates import Duration, day_of

_KEY = ("start", "end", "subject", "published_at")  # figures about one thing, told at one instant
_THING = ("start", "end", "subject")
_NOT_CONTENT = (  # where it stands, and what became of it when
    "source", "file", "line", "known_at", "held_from", "held_until", "accepted_at",
)  # fmt: skip
_MOST_CODES = 2**62


@dataclass(frozen=True, eq=False)
class MergedRows:
    """rows: those held before and those of the delivery, columns as in `intake.DTYPES`; revised, dropped: of how many
    keys (period, subject, publication) the content went, and something new came about their period and subject, or
    nothing did; began, ended: how many rows came and went."""

    rows: pd.DataFrame
    revised: int
    dropped: int
    added: int
    removed: int


def merge_delivery(
    held: pd.DataFrame,
    delivery: pd.DataFrame,
    at: np.datetime64,
    file: str | None = None,
    *,
    is_complete: bool = True,
    holds: Duration | None = None,
    is_accepted: bool = False,
) -> MergedRows:
    """The rows after a delivery that was received at `at`.

    `held` is what this gave before, or no rows; `delivery` the rows of the delivery; `file` names the one of which it
    is the whole, None where it is that of the source. A row is known from the earlier of what it states and the end of
    the day since which it is held; one that states no publication and no receipt, since it is held. A clock that went
    back moves no receipt before one that is known: the order of deliveries counts.

    Of one that is not complete (`is_complete`) nobody knows what it lacks: rows held before stay, but those of whose
    key (period, subject, publication) it has other content. Of one that `holds` the newest periods only, rows stay in
    the same way where their period ended that long before its newest one, or earlier. What goes with one that
    `is_accepted`, as a person said of it, is accepted as wrong; and what went before it, and it lacks as well.
    """
    at = max(at, _newest(held["held_from"], at), _newest(held["held_until"], at))
    if is_accepted and is_complete:
        held = accept_missing(held, at, file)
    first, stop = _in_force(held, file)
    before = held.iloc[first:stop]
    match, gone, new = _matches(before, delivery)
    stays = gone.iloc[:0]
    if len(gone) and not (is_complete and holds is None):
        is_lacking = _has_dropped_off(gone, delivery, holds) if is_complete and holds else np.ones(len(gone), bool)
        is_kept = is_lacking & ~_is_among(gone, new)
        stays, gone = gone[is_kept], gone[~is_kept]
    ended = gone.assign(held_until=_filled(at, len(gone)))
    ended = ended.assign(accepted_at=ended["held_until"]) if is_accepted else ended
    parts = [held.iloc[:first], held.iloc[stop:], ended, _held(delivery, before, match, at), stays]
    rows = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    return MergedRows(rows, *_replaced(gone, new), len(new), len(gone))


def are_missing(rows: pd.DataFrame) -> np.ndarray:
    """bool: which figures are no longer held, and nothing accounts for it: no row that is held and judged says the
    same, in the same unit and with the same status, or something published later about the same period and subject; and
    no person said that they were wrong."""
    is_held = rows["held_until"].isna().to_numpy(bool)
    is_figure = rows[["low", "value", "high"]].notna().any(axis=1) & (rows["status"] != "provisional")
    is_lost = ~is_held & rows["accepted_at"].isna().to_numpy(bool) & is_figure.to_numpy(bool)
    if not is_lost.any():
        return is_lost
    lost, now = rows[is_lost], rows[is_held & (rows["status"] != "provisional").to_numpy(bool)]
    said, _ = _codes(lost, now, (*_KEY, "low", "value", "high", "unit", "status"))
    things, count = _codes(lost, now, _THING)
    newest = np.full(count, np.datetime64("NaT", "s"))
    np.fmax.at(newest, things[len(lost) :], _instants(now["published_at"]))
    is_back = np.isin(said[: len(lost)], said[len(lost) :])
    is_lost[is_lost] = ~is_back & ~(newest[things[: len(lost)]] > _instants(lost["published_at"]))
    return is_lost


def accept_missing(held: pd.DataFrame, at: np.datetime64, file: str | None = None) -> pd.DataFrame:
    """The same rows once a person said at an instant that all those were wrong that are no longer held; of one file
    where that is named."""
    is_lost = held["held_until"].notna() & held["accepted_at"].isna()
    is_lost = is_lost if file is None else is_lost & (held["file"] == file)
    at = max(at, _newest(held["held_from"], at), _newest(held["held_until"], at), _newest(held["accepted_at"], at))
    return held.assign(accepted_at=np.where(is_lost, at, _instants(held["accepted_at"])))


def common_things(one: pd.DataFrame, other: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Where the newest rows stand, in both frames, about each period and subject that both speak of."""
    codes, count = _codes(one, other, _THING)
    here, there = (
        _newest_of(rows, own, count) for rows, own in zip((one, other), np.split(codes, [len(one)]), strict=True)
    )
    is_common = (here >= 0) & (there >= 0)
    return here[is_common], there[is_common]


def _newest_of(rows: pd.DataFrame, codes: np.ndarray, count: int) -> np.ndarray:
    """For each code where its row stands that became known last, of equal ones the last line; -1 where none does."""
    instants = (_instants(rows[name]).view(np.int64) for name in ("published_at", "known_at"))
    order = np.lexsort((rows["line"].to_numpy(), *instants, codes))
    place = np.full(count, -1)
    place[codes[order]] = order  # of equal codes the last one stays
    return place


def _in_force(held: pd.DataFrame, file: str | None) -> tuple[int, int]:
    """Where the rows of the newest delivery stand, which lie together: first position, and that after the last."""
    is_held = held["held_until"].isna().to_numpy(bool)
    if file is not None:
        is_held = is_held & (held["file"] == file).to_numpy(bool)
    places = np.flatnonzero(is_held)
    if len(places) and places[-1] - places[0] >= len(places):
        raise ValueError("rows that this did not make: those of the newest delivery do not lie together")
    return (int(places[0]), int(places[-1]) + 1) if len(places) else (len(held), len(held))


def _held(delivery: pd.DataFrame, before: pd.DataFrame, match: np.ndarray, at: np.datetime64) -> pd.DataFrame:
    """The rows of a delivery, with the instants of those that were held before."""
    stays = match >= 0
    held_from = _filled(at, len(delivery))
    held_from[stays] = _instants(before["held_from"])[match[stays]]
    known_at = np.minimum(_instants(delivery["known_at"]), _end_of_day(held_from))
    undated = delivery["published_at"].isna().to_numpy(bool) & delivery["received_at"].isna().to_numpy(bool)
    known_at[undated] = held_from[undated]
    none = _filled(np.datetime64("NaT", "s"), len(delivery))
    return delivery.assign(known_at=known_at, held_from=held_from, held_until=none)


def _matches(before: pd.DataFrame, delivery: pd.DataFrame) -> tuple[np.ndarray, pd.DataFrame, pd.DataFrame]:
    """For each row of the delivery the position of the same row before, -1 where there is none; and the rows of both
    that have none.

    Of equal rows each is matched with one. Most rows stand where they stood, counted from the first row or from the
    last: these are found by comparing, and only the others are looked for.
    """
    match = np.full(len(delivery), -1)
    here, there = np.arange(len(before)), np.arange(len(delivery))
    for matched in (_in_place, _from_the_end, _anywhere):
        if before.empty or delivery.empty:
            break
        one, other = matched(before, delivery)
        match[there[other]] = here[one]
        here, before = _without(one, here, before)
        there, delivery = _without(other, there, delivery)
    return match, before, delivery


def _without(places: np.ndarray, numbers: np.ndarray, rows: pd.DataFrame) -> tuple[np.ndarray, pd.DataFrame]:
    """Numbers and rows without those at some places."""
    if not len(places):
        return numbers, rows
    left = np.delete(np.arange(len(rows)), places)
    return numbers[left], rows.iloc[left]


Pairs = tuple[np.ndarray, np.ndarray]  # positions of matched rows, before and in the delivery


def _in_place(before: pd.DataFrame, delivery: pd.DataFrame) -> Pairs:
    count = min(len(before), len(delivery))
    same = np.flatnonzero(_same(before.iloc[:count], delivery.iloc[:count]))
    return same, same


def _from_the_end(before: pd.DataFrame, delivery: pd.DataFrame) -> Pairs:
    count = min(len(before), len(delivery))
    same = np.flatnonzero(_same(before.iloc[len(before) - count :], delivery.iloc[len(delivery) - count :]))
    return same + (len(before) - count), same + (len(delivery) - count)


def _anywhere(before: pd.DataFrame, delivery: pd.DataFrame) -> Pairs:
    """Of equal rows each is matched with one, in their order."""
    codes, count = _codes(before, delivery, _content(delivery))
    here, there = np.split(codes, [len(before)])
    if max(np.bincount(here).max(), np.bincount(there).max()) > 1:
        nth = np.concatenate([_nth(here), _nth(there)])
        codes, values = pd.factorize(codes * (int(nth.max()) + 1) + nth)
        here, there = np.split(codes, [len(before)])
        count = len(values)
    place = np.full(count, -1)
    place[here] = np.arange(len(here))
    other = np.flatnonzero(place[there] >= 0)
    return place[there[other]], other


def _same(one: pd.DataFrame, other: pd.DataFrame) -> np.ndarray:
    """Which rows have the same content as those that stand at their place in the other frame; blanks are equal."""
    same = np.ones(len(one), bool)
    for column in _content(one):
        left, right = one[column].array, other[column].array
        if one[column].dtype.kind in "fM":
            same &= np.asarray(left == right) | (np.asarray(left.isna()) & np.asarray(right.isna()))
        else:
            same &= np.asarray(left == right, bool)
    return same


def _content(rows: pd.DataFrame) -> list[str]:
    return [name for name in rows.columns if name not in _NOT_CONTENT]


def _is_among(gone: pd.DataFrame, new: pd.DataFrame) -> np.ndarray:
    """Which rows have the key of one that is new."""
    if gone.empty or new.empty:
        return np.zeros(len(gone), bool)
    codes, _ = _codes(gone, new, _KEY)
    return np.isin(codes[: len(gone)], codes[len(gone) :])


def _has_dropped_off(gone: pd.DataFrame, delivery: pd.DataFrame, holds: Duration) -> np.ndarray:
    """Which rows are too old for a delivery of a rolling file to hold them still.

    Its own newest period counts and not its receipt: what is delivered late is no reason why more may be lacking.
    """
    if delivery.empty:
        return np.zeros(len(gone), bool)
    newest = day_of(_instants(delivery["end"]).max())
    codes, ends = pd.factorize(_instants(gone["end"]))
    return np.array([holds.after(day_of(end)) <= newest for end in ends], bool)[codes]


def _replaced(gone: pd.DataFrame, new: pd.DataFrame) -> tuple[int, int]:
    """Of how many keys that went something new came about their thing, and of how many nothing did."""
    if gone.empty:
        return 0, 0
    keys = gone.drop_duplicates(list(_KEY))
    things, _ = _codes(keys, new, _THING)
    is_replaced = np.isin(things[: len(keys)], things[len(keys) :])
    return int(is_replaced.sum()), int((~is_replaced).sum())


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


def _end_of_day(instants: np.ndarray) -> np.ndarray:
    """As `periods.end_of_day`, of each instant."""
    return instants.astype("datetime64[D]").astype("datetime64[s]") + np.timedelta64(86_399, "s")


def _filled(instant: np.datetime64, count: int) -> np.ndarray:
    return np.full(count, instant, "datetime64[s]")


def _instants(column: pd.Series) -> np.ndarray:
    return column.to_numpy("datetime64[s]")
