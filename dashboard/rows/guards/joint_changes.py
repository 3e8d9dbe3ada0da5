"""Looks at the deliveries of many sources at once for changes that are worth comparing source by source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from dashboard.catalog import Source
from dashboard.ingest import Reading
from dashboard.rows.guards.revision_limits import FEWEST, CommonFigures
from dashboard.rows.merging.matching import JointRows
from dashboard.rows.row_numbers import number_rows
from dashboard.rows.row_spans import place_of
from dashboard.rows.store.stored_rows import StoredRows


@dataclass(frozen=True, eq=False)
class Replacement:
    """A delivery that replaces all rows of a source that are in force."""

    source: Source
    stored: StoredRows
    reading: Reading


def without_excessive_changes(replacements: Mapping[str, Replacement]) -> set[str]:
    """Sources of which `excessive_changes` has nothing to say, decided for all at once; of the others it may."""
    if not replacements:
        return set()
    each = [*replacements.values()]
    held = JointRows.of([one.stored.place for one in each])
    in_force = held.where(np.isnat(held.instants("held_until")))
    delivery = JointRows.of([place_of(one.reading) for one in each])
    is_quiet = _are_few_revised(in_force, delivery, each)
    is_remote = np.array([one.source.origin.is_remote for one in each])
    if is_remote.any():
        is_quiet &= ~is_remote | _are_newer(in_force, delivery, len(each))
    return {name for name, is_own_quiet in zip(replacements, is_quiet, strict=True) if is_own_quiet}


def _are_few_revised(in_force: JointRows, delivery: JointRows, each: list[Replacement]) -> np.ndarray:
    """bool by source: whether too few figures changed for a limit, and no factor can be common to them."""
    common, sources = CommonFigures.of(in_force, delivery), len(each)
    owner = common.owner

    def count(chosen: np.ndarray) -> np.ndarray:
        return np.bincount(owner[chosen], minlength=sources)

    figures, changed = np.bincount(owner, minlength=sources), count(common.is_changed)
    _, firsts = np.unique(number_rows((owner, common.after["subject"])), return_index=True)
    has_subjects = np.bincount(owner[firsts], minlength=sources) > 1
    may_have_factor = (count(common.differs) > 0) & ((count(common.stays) == 0) | has_subjects)
    at_most = np.array([one.source.expect.revise_at_most for one in each], float)
    return np.where(figures < FEWEST, True, ~may_have_factor & (100 * changed <= at_most * figures))


def _are_newer(in_force: JointRows, delivery: JointRows, sources: int) -> np.ndarray:
    """bool by source: whether a delivery is at least as new as the rows in force, so that it is no old copy: by its
    newest publication, or by its newest period where one of both states no publication."""
    published, ends = (
        [_newest(rows, column, sources) for rows in (in_force, delivery)] for column in ("published_at", "end")
    )
    is_stated = ~np.isnat(published[0]) & ~np.isnat(published[1])
    return np.where(is_stated, published[1] >= published[0], ends[1] >= ends[0])


def _newest(rows: JointRows, column: str, sources: int) -> np.ndarray:
    newest = np.full(sources, np.iinfo(np.int64).min)  # NaT
    np.maximum.at(newest, rows.owner, rows.instants(column).view(np.int64))
    return newest.view("datetime64[s]")
