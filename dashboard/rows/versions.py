"""Rows of successive deliveries -> rows that record from when until when each of them was held.

A delivery is the whole of a source (a file, an address), or of one file of its folder: rows that the delivery no longer
has are held until its receipt. A delivery with quarantined rows adds and revises, and removes nothing; a delivery of a
rolling file does not remove rows that are older than what such a file holds. A row that stays is one row, whatever its
line in the file. Rows are never deleted, so the state at any past instant can be reconstructed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from dashboard.domain import BOOKKEEPING, ROW_KEY, THING
from dashboard.domain.dates import Duration, day_of
from dashboard.rows.row_numbers import number_rows_of_both


@dataclass(frozen=True, eq=False)
class MergedRows:
    """The rows after a delivery, columns as in `domain.DTYPES`, and what the delivery changed.

    revised, dropped: of how many keys (period, subject, publication) the content was removed, and the delivery has
    something new about their period and subject, or nothing; added, removed: how many rows.
    """

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

    `held` is what the call before returned, or no rows; `delivery` the rows of the delivery; `file` names the file of
    which it is the whole, None where it is the whole of the source. A row is known from the earlier of what it states
    and the end of the day since which it is held; a row that states no publication and no receipt, since it is held. A
    clock that went back moves no receipt before a known one: the order of deliveries counts.

    What an incomplete delivery (not `is_complete`) lacks is unknown: rows held before stay, unless the delivery has
    other content for their key (period, subject, publication). A delivery that `holds` the newest periods only keeps
    rows in the same way if their period ended that long before its newest one, or earlier. With `is_accepted` a person
    let the delivery in: the rows that it removes are accepted as wrong, and so are those removed earlier that it lacks.
    """
    at = max(at, _newest(held["held_from"], at), _newest(held["held_until"], at))
    if is_accepted and is_complete:
        held = accept_missing(held, at, file)
    first, stop = _span_in_force(held, file)
    before = held.iloc[first:stop]
    match, lacking, new = _match_rows(before, delivery)
    stays = lacking.iloc[:0]
    if len(lacking) and not (is_complete and holds is None):
        may_stay = _has_dropped_off(lacking, delivery, holds) if is_complete and holds else np.ones(len(lacking), bool)
        is_kept = may_stay & ~_has_key_in(lacking, new)
        stays, lacking = lacking[is_kept], lacking[~is_kept]
    ended = lacking.assign(held_until=_filled(at, len(lacking)))
    ended = ended.assign(accepted_at=ended["held_until"]) if is_accepted else ended
    parts = [held.iloc[:first], held.iloc[stop:], ended, _with_instants(delivery, before, match, at), stays]
    rows = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    return MergedRows(rows, *_count_replaced(lacking, new), len(new), len(lacking))


def are_missing(rows: pd.DataFrame) -> np.ndarray:
    """bool: which figures are no longer held, and nothing accounts for it.

    A figure is accounted for by a held and judged row with the same figure, unit and status, by a row published later
    about the same period and subject, or by a person who said that the figure was wrong.
    """
    is_held = rows["held_until"].isna().to_numpy(bool)
    is_figure = rows[["low", "value", "high"]].notna().any(axis=1) & (rows["status"] != "provisional")
    is_missing = ~is_held & rows["accepted_at"].isna().to_numpy(bool) & is_figure.to_numpy(bool)
    if not is_missing.any():
        return is_missing
    lost, now = rows[is_missing], rows[is_held & (rows["status"] != "provisional").to_numpy(bool)]
    lost_figures, figures = number_rows_of_both(lost, now, (*ROW_KEY, "low", "value", "high", "unit", "status"))
    lost_things, things = number_rows_of_both(lost, now, THING)
    newest = np.full(_count(lost_things, things), np.datetime64("NaT", "s"))
    np.fmax.at(newest, things, _instants(now["published_at"]))
    is_replaced = newest[lost_things] > _instants(lost["published_at"])
    is_missing[is_missing] = ~np.isin(lost_figures, figures) & ~is_replaced
    return is_missing


def accept_missing(held: pd.DataFrame, at: np.datetime64, file: str | None = None) -> pd.DataFrame:
    """The same rows once a person said, at an instant, that all rows no longer held were wrong; of one file where that
    is named."""
    is_gone = held["held_until"].notna() & held["accepted_at"].isna()
    is_gone = is_gone if file is None else is_gone & (held["file"] == file)
    at = max(at, _newest(held["held_from"], at), _newest(held["held_until"], at), _newest(held["accepted_at"], at))
    return held.assign(accepted_at=np.where(is_gone, at, _instants(held["accepted_at"])))


def common_things(left: pd.DataFrame, right: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """The positions, in both frames, of the newest row about each period and subject that both have."""
    left_things, right_things = number_rows_of_both(left, right, THING)
    count = _count(left_things, right_things)
    left_newest, right_newest = _newest_rows(left, left_things, count), _newest_rows(right, right_things, count)
    is_common = (left_newest >= 0) & (right_newest >= 0)
    return left_newest[is_common], right_newest[is_common]


def _count(*numbers: np.ndarray) -> int:
    return 1 + max((int(part.max()) for part in numbers if part.size), default=-1)


def _newest_rows(rows: pd.DataFrame, things: np.ndarray, count: int) -> np.ndarray:
    """For each thing the position of its row that became known last, of equal ones the last line; -1 for no row."""
    instants = (_instants(rows[name]).view(np.int64) for name in ("published_at", "known_at"))
    order = np.lexsort((rows["line"].to_numpy(), *instants, things))
    position = np.full(count, -1)
    position[things[order]] = order  # of equal things the last one stays
    return position


def _span_in_force(held: pd.DataFrame, file: str | None) -> tuple[int, int]:
    """The rows of the newest delivery, which lie together: first position, and that after the last."""
    is_held = held["held_until"].isna().to_numpy(bool)
    if file is not None:
        is_held = is_held & (held["file"] == file).to_numpy(bool)
    positions = np.flatnonzero(is_held)
    if len(positions) and positions[-1] - positions[0] >= len(positions):
        raise ValueError("rows from elsewhere: those of the newest delivery do not lie together")
    return (int(positions[0]), int(positions[-1]) + 1) if len(positions) else (len(held), len(held))


def _with_instants(delivery: pd.DataFrame, before: pd.DataFrame, match: np.ndarray, at: np.datetime64) -> pd.DataFrame:
    """The rows of a delivery, with the instants of the matching rows that were held before."""
    stays = match >= 0
    held_from = _filled(at, len(delivery))
    held_from[stays] = _instants(before["held_from"])[match[stays]]
    known_at = np.minimum(_instants(delivery["known_at"]), _end_of_day(held_from))
    undated = delivery["published_at"].isna().to_numpy(bool) & delivery["received_at"].isna().to_numpy(bool)
    known_at[undated] = held_from[undated]
    none = _filled(np.datetime64("NaT", "s"), len(delivery))
    return delivery.assign(known_at=known_at, held_from=held_from, held_until=none)


def _match_rows(before: pd.DataFrame, delivery: pd.DataFrame) -> tuple[np.ndarray, pd.DataFrame, pd.DataFrame]:
    """For each row of the delivery the position of an equal row before, -1 for none; and the unmatched rows of both.

    Each row is matched with one of its equals at most. Most rows stand where they stood, counted from the first row or
    from the last: these are found by comparing, and only the others are looked up.
    """
    match = np.full(len(delivery), -1)
    here, there = np.arange(len(before)), np.arange(len(delivery))
    for match_some in (_match_in_place, _match_from_the_end, _match_anywhere):
        if before.empty or delivery.empty:
            break
        matched, matching = match_some(before, delivery)
        match[there[matching]] = here[matched]
        here, before = _without(matched, here, before)
        there, delivery = _without(matching, there, delivery)
    return match, before, delivery


def _without(positions: np.ndarray, numbers: np.ndarray, rows: pd.DataFrame) -> tuple[np.ndarray, pd.DataFrame]:
    """Numbers and rows without those at some positions."""
    if not len(positions):
        return numbers, rows
    left = np.delete(np.arange(len(rows)), positions)
    return numbers[left], rows.iloc[left]


Pairs = tuple[np.ndarray, np.ndarray]  # positions of matched rows, before and in the delivery


def _match_in_place(before: pd.DataFrame, delivery: pd.DataFrame) -> Pairs:
    count = min(len(before), len(delivery))
    same = np.flatnonzero(_are_equal(before.iloc[:count], delivery.iloc[:count]))
    return same, same


def _match_from_the_end(before: pd.DataFrame, delivery: pd.DataFrame) -> Pairs:
    count = min(len(before), len(delivery))
    same = np.flatnonzero(_are_equal(before.iloc[len(before) - count :], delivery.iloc[len(delivery) - count :]))
    return same + (len(before) - count), same + (len(delivery) - count)


def _match_anywhere(before: pd.DataFrame, delivery: pd.DataFrame) -> Pairs:
    """Each row is matched with one of its equals, in their order."""
    here, there = number_rows_of_both(before, delivery, _content(delivery))
    if max(np.bincount(here).max(), np.bincount(there).max()) > 1:
        nth = np.concatenate([_count_earlier(here), _count_earlier(there)])
        numbers = pd.factorize(np.concatenate([here, there]) * (int(nth.max()) + 1) + nth)[0]
        here, there = np.split(numbers, [len(before)])
    position = np.full(_count(here, there), -1)
    position[here] = np.arange(len(here))
    matching = np.flatnonzero(position[there] >= 0)
    return position[there[matching]], matching


def _are_equal(left: pd.DataFrame, right: pd.DataFrame) -> np.ndarray:
    """Which rows have the same content as the row at their position in the other frame; blanks are equal."""
    same = np.ones(len(left), bool)
    for column in _content(left):
        ours, theirs = left[column].array, right[column].array
        if left[column].dtype.kind in "fM":
            same &= np.asarray(ours == theirs) | (np.asarray(ours.isna()) & np.asarray(theirs.isna()))
        else:
            same &= np.asarray(ours == theirs, bool)
    return same


def _content(rows: pd.DataFrame) -> list[str]:
    return [name for name in rows.columns if name not in BOOKKEEPING]


def _has_key_in(lacking: pd.DataFrame, new: pd.DataFrame) -> np.ndarray:
    """Which rows have the key of a new one."""
    if lacking.empty or new.empty:
        return np.zeros(len(lacking), bool)
    return np.isin(*number_rows_of_both(lacking, new, ROW_KEY))


def _has_dropped_off(lacking: pd.DataFrame, delivery: pd.DataFrame, holds: Duration) -> np.ndarray:
    """Which rows are too old for a delivery of a rolling file to hold them still.

    The newest period of the delivery counts and not its receipt: a late delivery is no reason for more rows to be
    lacking.
    """
    if delivery.empty:
        return np.zeros(len(lacking), bool)
    newest = day_of(_instants(delivery["end"]).max())
    numbers, ends = pd.factorize(_instants(lacking["end"]))
    return np.array([holds.after(day_of(end)) <= newest for end in ends], bool)[numbers]


def _count_replaced(lacking: pd.DataFrame, new: pd.DataFrame) -> tuple[int, int]:
    """For how many removed keys the delivery has something new about their period and subject, and for how many not."""
    if lacking.empty:
        return 0, 0
    is_replaced = np.isin(*number_rows_of_both(lacking.drop_duplicates(list(ROW_KEY)), new, THING))
    return int(is_replaced.sum()), int((~is_replaced).sum())


def _count_earlier(numbers: np.ndarray) -> np.ndarray:
    """For each entry, how many equal ones stand before it."""
    order = np.argsort(numbers, kind="stable")
    ordered = numbers[order]
    first = np.searchsorted(ordered, ordered)
    counts = np.empty(len(numbers), np.int64)
    counts[order] = np.arange(len(numbers)) - first
    return counts


def _newest(instants: pd.Series, without_any: np.datetime64) -> np.datetime64:
    newest: np.datetime64 = np.fmax.reduce(_instants(instants), initial=without_any)
    return newest


def _end_of_day(instants: np.ndarray) -> np.ndarray:
    """As `domain.dates.end_of_day`, of each instant."""
    return instants.astype("datetime64[D]").astype("datetime64[s]") + np.timedelta64(86_399, "s")


def _filled(instant: np.datetime64, count: int) -> np.ndarray:
    return np.full(count, instant, "datetime64[s]")


def _instants(column: pd.Series) -> np.ndarray:
    return column.to_numpy("datetime64[s]")
