"""The definitions that the refresher goes by: those in force, remembered as the last good ones."""

from __future__ import annotations

from pathlib import Path

from dashboard.atomic_files import Stamp, stamp
from dashboard.catalog import Catalog, load_active_catalog, save_last_good
from dashboard.evidence import EvidenceError, claims_by_id, load_cards

Defined = tuple[Stamp, ...]


def in_force(path: Path, state: Path) -> Catalog:
    """The catalogue at `path`, with last good definitions for what is wrong in it, which are written down.

    CatalogError where nothing of it is or ever was good. The caller holds the lock.
    """
    definitions = load_active_catalog(path, _claims(path.parent / "seeds"), state)
    save_last_good(definitions, state)
    return definitions.catalog


def read_in_force(path: Path, state: Path) -> Catalog:
    """The same for whoever does not hold the lock: nothing is written down."""
    return load_active_catalog(path, _claims(path.parent / "seeds"), state).catalog


def defined_by(path: Path) -> Defined:
    """What tells whether the definitions may have changed: names, times and sizes of the files that they stand in."""
    return tuple(stamp(one) for one in (path, *sorted((path.parent / "seeds").glob("*.yaml"))))


def _claims(seeds: Path) -> set[str] | None:
    """The ids that `evidence:` may name; None where that cannot be told, and is not checked then."""
    if not seeds.is_dir():
        return None
    try:
        return set(claims_by_id(load_cards(seeds)))
    except EvidenceError:  # a card that cannot be read is said by `watchfloor evidence`; it stops no figures
        return None
