"""Rows of successive deliveries -> rows that record from when until when each of them was held.

A delivery is the whole of a source (a file, an address), or of one file of its folder: rows that the delivery no longer
has are held until its receipt. A delivery with quarantined rows adds and revises, and removes nothing; a delivery of a
rolling file does not remove rows that are older than what such a file holds. A row that stays is one row, whatever its
line in the file. Rows are never deleted, so the state at any past instant can be reconstructed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from dashboard.domain import ROW_KEY, THING
from dashboard.domain.dates import Duration, day_of
from dashboard.late_imports import pd
from dashboard.rows.merging.matching import JointRows, match_rows, number_joint_rows
from dashboard.rows.row_numbers import number_rows, number_rows_of_both


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


@dataclass(frozen=True)
class Receipt:
    """How a delivery was received.

    file: of which the delivery is the whole, None where it is the whole of the source. is_complete: whether all of its
    rows could be read. holds: for how long a rolling file holds its rows, None where it holds all. is_accepted: whether
    a person let it in. assumed_delay: how long after its period a new row is assumed to be published, None for no
    assumption.
    """

    at: np.datetime64
    file: str | None = None
    is_complete: bool = True
    holds: Duration | None = None
    is_accepted: bool = False
    assumed_delay: Duration | None = None


@dataclass(frozen=True, eq=False)
class JointMerge:
    """The rows of several sources after a delivery to each, and for each the numbers that `MergedRows` has."""

    rows: JointRows
    revised: np.ndarray
    dropped: np.ndarray
    added: np.ndarray
    removed: np.ndarray


def merge_delivery(held: pd.DataFrame, delivery: pd.DataFrame, receipt: Receipt) -> MergedRows:
    """The rows of one source after a delivery; see `merge_deliveries`."""
    merged = merge_deliveries(JointRows.of_one(held), JointRows.of_one(delivery), [receipt])
    counts = (int(numbers[0]) for numbers in (merged.revised, merged.dropped, merged.added, merged.removed))
    return MergedRows(merged.rows.frame, *counts)


def merge_deliveries(held: JointRows, delivery: JointRows, receipts: Sequence[Receipt]) -> JointMerge:
    """The rows of several sources after a delivery to each of them.

    `held` is what the call before returned, or no rows; `delivery` has the rows of the deliveries. A row is known from
    the earlier of what it states and the end of the day since which it is held; a row that states no publication and no
    receipt, since it is held, or since its assumed publication. A clock that went back moves no receipt before a known
    one: the order of deliveries counts.

    What an incomplete delivery lacks is unknown: rows held before stay, unless the delivery has other content for their
    key (period, subject, publication). A delivery that holds the newest periods only keeps rows in the same way if
    their period ended that long before its newest one, or earlier. Where a person let a delivery in, the rows that it
    removes are accepted as wrong, and so are those removed earlier that it lacks.
    """
    at = _not_before(_instants_of(receipts), held, "held_from", "held_until")
    held = _accept(
        held, [replace(receipt, is_accepted=receipt.is_accepted and receipt.is_complete) for receipt in receipts]
    )
    is_in_force = _is_in_force(held, receipts)
    before = held.where(is_in_force)
    match, lacking, new = match_rows(before, delivery)
    is_kept = _stay_in_force(lacking, delivery, new, receipts)
    stays, lacking = lacking.where(is_kept), lacking.where(~is_kept)
    parts = [
        held.where(~is_in_force), _ended(lacking, at, receipts), _with_instants(delivery, before, match, at, receipts),
        stays,
    ]  # fmt: skip
    revised, dropped = _count_replaced(lacking, new, len(receipts))
    return JointMerge(_joined(parts), revised, dropped, new.counts(len(receipts)), lacking.counts(len(receipts)))


def _joined(parts: Sequence[JointRows]) -> JointRows:
    """The rows of all parts by their source, in the order of the parts."""
    frames = [part.frame for part in parts if len(part)] or [parts[0].frame]
    rows, owner = pd.concat(frames, ignore_index=True), np.concatenate([part.owner for part in parts])
    if bool((owner[1:] >= owner[:-1]).all()):
        return JointRows(rows, owner)
    order = np.argsort(owner, kind="stable")
    return JointRows(rows.take(order).reset_index(drop=True), owner[order])


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


def accept_missing(held: pd.DataFrame, at: np.datetime64) -> pd.DataFrame:
    """The same rows once a person said, at an instant, that all rows no longer held were wrong."""
    return _accept(JointRows.of_one(held), [Receipt(at, is_accepted=True)]).frame


def _accept(held: JointRows, receipts: Sequence[Receipt]) -> JointRows:
    """The same rows, where those no longer held that an accepted delivery concerns were wrong."""
    if not any(receipt.is_accepted for receipt in receipts):
        return held
    is_accepted = np.array([receipt.is_accepted for receipt in receipts])[held.owner] & _is_concerned(held, receipts)
    is_gone = is_accepted & ~np.isnat(held.instants("held_until")) & np.isnat(held.instants("accepted_at"))
    at = _not_before(_instants_of(receipts), held, "held_from", "held_until", "accepted_at")
    return held.assign(accepted_at=np.where(is_gone, at[held.owner], held.instants("accepted_at")))


def common_things(left: JointRows, right: JointRows) -> tuple[np.ndarray, np.ndarray]:
    """The positions, in both, of the newest row about each period and subject of a source that both have."""
    left_things, right_things = number_joint_rows(left, right, THING)
    count = _count(left_things, right_things)
    left_newest, right_newest = _newest_rows(left, left_things, count), _newest_rows(right, right_things, count)
    is_common = (left_newest >= 0) & (right_newest >= 0)
    return left_newest[is_common], right_newest[is_common]


def _count(*numbers: np.ndarray) -> int:
    return 1 + max((int(part.max()) for part in numbers if part.size), default=-1)


def _newest_rows(rows: JointRows, things: np.ndarray, count: int) -> np.ndarray:
    """For each thing the position of its row that became known last, of equal ones the last line; -1 for no row."""
    instants = (rows.instants(name).view(np.int64) for name in ("published_at", "known_at"))
    order = np.lexsort((rows.frame["line"].to_numpy(), *instants, things))
    position = np.full(count, -1)
    position[things[order]] = order  # of equal things the last one stays
    return position


def _is_concerned(held: JointRows, receipts: Sequence[Receipt]) -> np.ndarray:
    """Which rows are of the source, or of the file, of which a delivery is the whole."""
    is_concerned = np.ones(len(held), bool)
    for number, receipt in enumerate(receipts):
        if receipt.file is not None:
            is_concerned &= (held.owner != number) | (held.frame["file"] == receipt.file).to_numpy(bool)
    return is_concerned


def _is_in_force(held: JointRows, receipts: Sequence[Receipt]) -> np.ndarray:
    """Which rows are of the newest delivery; those of one source lie together."""
    is_in_force: np.ndarray = np.isnat(held.instants("held_until")) & _is_concerned(held, receipts)
    numbers, owners = np.flatnonzero(is_in_force), held.owner[is_in_force]
    if ((np.diff(numbers) > 1) & (np.diff(owners) == 0)).any():
        raise ValueError("rows from elsewhere: those of the newest delivery do not lie together")
    return is_in_force


def _stay_in_force(lacking: JointRows, delivery: JointRows, new: JointRows, receipts: Sequence[Receipt]) -> np.ndarray:
    """Which of the rows that deliveries lack stay in force all the same."""
    may_stay: np.ndarray = ~np.array([receipt.is_complete for receipt in receipts], bool)[lacking.owner]
    for number in np.unique(lacking.owner).tolist():
        holds = receipts[number].holds
        if holds and receipts[number].is_complete:
            is_own = lacking.owner == number
            ends = delivery.instants("end")[delivery.owner == number]
            may_stay[is_own] = _has_dropped_off(lacking.instants("end")[is_own], ends, holds)
    return may_stay & ~_has_key_in(lacking, new) if may_stay.any() else may_stay


def _ended(lacking: JointRows, at: np.ndarray, receipts: Sequence[Receipt]) -> JointRows:
    """The rows once deliveries took them away."""
    until = at[lacking.owner]
    is_accepted = np.array([receipt.is_accepted for receipt in receipts], bool)[lacking.owner]
    accepted_at = np.where(is_accepted, until, lacking.instants("accepted_at"))
    return lacking.assign(held_until=until, accepted_at=accepted_at)


def _with_instants(
    delivery: JointRows, before: JointRows, match: np.ndarray, at: np.ndarray, receipts: Sequence[Receipt]
) -> JointRows:
    """The rows of deliveries, with the instants of the matching rows that were held before."""
    stays = match >= 0
    held_from = at[delivery.owner]
    held_from[stays] = before.instants("held_from")[match[stays]]
    known_at = np.minimum(delivery.instants("known_at"), _end_of_day(held_from))
    undated = np.isnat(delivery.instants("published_at")) & np.isnat(delivery.instants("received_at"))
    known_at[undated] = held_from[undated]
    known_at[stays & undated] = before.instants("known_at")[match[stays & undated]]
    for number, receipt in enumerate(receipts):
        if receipt.assumed_delay:
            is_new = undated & ~stays & (delivery.owner == number)
            assumed = _end_of_day(_days_after(delivery.instants("end")[is_new], receipt.assumed_delay))
            known_at[is_new] = np.minimum(assumed, held_from[is_new])
    none = np.full(len(delivery), np.datetime64("NaT", "s"))
    return delivery.assign(known_at=known_at, held_from=held_from, held_until=none)


def _days_after(ends: np.ndarray, delay: Duration) -> np.ndarray:
    """The day that lies so long after the end of each period."""
    numbers, days = pd.factorize(ends)
    return np.array([delay.after(day_of(day)) for day in days], "datetime64[D]")[numbers]


def _has_key_in(lacking: JointRows, new: JointRows) -> np.ndarray:
    """Which rows have the key of a new one."""
    if not len(lacking) or not len(new):
        return np.zeros(len(lacking), bool)
    return np.isin(*number_joint_rows(lacking, new, ROW_KEY))


def _has_dropped_off(lacking: np.ndarray, delivered: np.ndarray, holds: Duration) -> np.ndarray:
    """Which rows, by the ends of their periods, are too old for a delivery of a rolling file to hold them still.

    The newest period of the delivery counts and not its receipt: a late delivery is no reason for more rows to be
    lacking.
    """
    if not len(delivered):
        return np.zeros(len(lacking), bool)
    newest = day_of(delivered.max())
    numbers, ends = pd.factorize(lacking)
    return np.array([holds.after(day_of(end)) <= newest for end in ends], bool)[numbers]


def _count_replaced(lacking: JointRows, new: JointRows, sources: int) -> tuple[np.ndarray, np.ndarray]:
    """For how many removed keys of each source the delivery has something new about their period and subject, and for
    how many not."""
    if not len(lacking):
        return np.zeros(sources, np.int64), np.zeros(sources, np.int64)
    _, firsts = np.unique(number_rows((lacking.owner, *(lacking.frame[name] for name in ROW_KEY))), return_index=True)
    keys = lacking.take(np.sort(firsts))
    is_replaced = np.isin(*number_joint_rows(keys, new, THING))
    return keys.where(is_replaced).counts(sources), keys.where(~is_replaced).counts(sources)


def _instants_of(receipts: Sequence[Receipt]) -> np.ndarray:
    return np.array([receipt.at for receipt in receipts], "datetime64[s]")


def _not_before(at: np.ndarray, rows: JointRows, *columns: str) -> np.ndarray:
    """The instant of each source, or the newest one that its rows have, if that is later."""
    newest = at.astype(np.int64)
    for column in columns:
        np.maximum.at(newest, rows.owner, rows.instants(column).view(np.int64))  # NaT is the least of all
    return newest.view("datetime64[s]")


def _end_of_day(instants: np.ndarray) -> np.ndarray:
    """As `domain.dates.end_of_day`, of each instant."""
    return instants.astype("datetime64[D]").astype("datetime64[s]") + np.timedelta64(86_399, "s")


def _instants(column: pd.Series) -> np.ndarray:
    return column.to_numpy("datetime64[s]")
