"""The catalogue in force: `indicators.yaml` as it stands, with last good definitions in place of its broken entries."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from time import sleep
from typing import Any

from dashboard.catalog.active import parse_cache
from dashboard.catalog.active.fallback import last_good_alone, with_last_good
from dashboard.catalog.active.last_good import LastGood, read_last_good, with_secrets, write_last_good
from dashboard.catalog.builder import PlainEntries
from dashboard.catalog.catalog import Catalog
from dashboard.catalog.indicator import Indicator
from dashboard.catalog.loader import cached_catalog, read_content
from dashboard.catalog.source import Source
from dashboard.catalog.yaml_text.reader import read_yaml
from dashboard.domain import CatalogError

PAUSE = 0.1  # seconds between two readings of a file from which indicators vanished: it may still be being written
MOST_READINGS = 20


@dataclass(frozen=True, eq=False)
class ActiveCatalog:
    """The catalogue in force at `path`, and the last good definitions that were saved before.

    `fingerprint` is that of the file's content; "" where the file is no catalogue or this code has no fingerprint.
    """

    catalog: Catalog
    path: Path
    fingerprint: str
    last_good: LastGood

    @property
    def is_saved(self) -> bool:
        """Whether the saved last good definitions are those of this catalogue, so that nothing is to be written."""
        is_same = bool(self.fingerprint) and self.fingerprint == self.last_good.fingerprint
        return bool(self.catalog.unreadable) or is_same


def load_active_catalog(path: Path, claims: Collection[str] | None, state: Path) -> ActiveCatalog:
    """The catalogue in force; `claims` are the ids that `evidence:` may name (None: not checked).

    An entry that is deleted from a readable file is no longer in force. Raises CatalogError where the file as a whole
    cannot be read and no last good definitions are known.
    """
    last_good = read_last_good(path, state)
    for _ in range(MOST_READINGS):
        content, active = _load(path, claims, last_good)
        if content is None or not _has_lost_indicators(active):
            break
        sleep(PAUSE)
        if _content(path) == content:
            break
    return active


def save_last_good(active: ActiveCatalog, state: Path) -> None:
    """Save the definitions in force as the last good ones; OSError leaves those that were saved before.

    One writer at a time: the caller holds the refresher's lock.
    """
    if not active.is_saved:
        write_last_good(active.path, state, active.fingerprint, _entries_to_save(active))


def _load(path: Path, claims: Collection[str] | None, last_good: LastGood) -> tuple[bytes | None, ActiveCatalog]:
    """The catalogue in force, and the file's content that it was made from; None where the file is no catalogue."""
    more_problems = [last_good.problem] if last_good.problem else []
    last_good = with_secrets(last_good, path)
    content, fingerprint = None, ""
    try:
        read_now = read_content(path)
        catalog = cached_catalog(read_now, path.name, path.parent, claims)
        content, fingerprint = read_now, parse_cache.catalog_fingerprint(read_now, path.name, claims) or ""
        if catalog.problems and last_good.entries:
            catalog = _with_fallbacks(content, path, claims, last_good.checksum, last_good.entries)
    except CatalogError as error:
        if last_good.entries is None:
            raise CatalogError((*error.problems, *more_problems)) from error
        catalog = last_good_alone(last_good.entries, path.name, path.parent, error.problems)
    if more_problems:
        catalog = replace(catalog, problems=tuple(sorted({*catalog.problems, *more_problems})))
    return content, ActiveCatalog(catalog, path, fingerprint, last_good)


def _with_fallbacks(
    content: bytes, path: Path, claims: Collection[str] | None, checksum: str, last_good: PlainEntries
) -> Catalog:
    """The catalogue with last good definitions for its broken entries, from the cache where it is known there."""
    fingerprint = parse_cache.catalog_fingerprint(content, path.name, claims, last_good=checksum)
    if fingerprint and (cached := parse_cache.read(fingerprint, path.name, path.parent, content)):
        return cached
    document = read_yaml(content.decode("utf-8-sig"), path.name)
    catalog, plain_entries = with_last_good(document, last_good, path.parent, claims)
    if fingerprint:
        parse_cache.write(fingerprint, catalog, plain_entries)
    return catalog


def _has_lost_indicators(active: ActiveCatalog) -> bool:
    """Whether indicators that were in force when the last good definitions were saved are missing from the file."""
    if active.last_good.entries is None or active.is_saved:
        return False
    present = {*active.catalog.indicators, *active.catalog.not_loaded}
    return not present.issuperset(active.last_good.entries["indicators"])


def _content(path: Path) -> bytes | None:
    try:
        return read_content(path)
    except CatalogError:
        return None


def _entries_to_save(active: ActiveCatalog) -> PlainEntries:
    """All entries in force, and the last good definitions of those that the file names but that are not in force."""
    catalog, last_good = active.catalog, active.last_good.entries or {"sources": {}, "indicators": {}}
    made_from_file = {name for name, indicator in catalog.indicators.items() if indicator.file}
    in_force: dict[str, dict[str, Source | Indicator]] = {
        "sources": {name: source for name, source in catalog.sources.items() if name not in made_from_file},
        "indicators": {**catalog.indicators},
    }
    left_out = {"sources": _sources_left_out(catalog), "indicators": catalog.not_loaded}
    return {
        group: {
            **{name: values for name, values in last_good[group].items() if name in left_out[group]},
            **{name: _plain_values(entry) for name, entry in entries.items()},
        }
        for group, entries in in_force.items()
    }


def _plain_values(entry: Source | Indicator) -> dict[str, Any]:
    """The values from which the entry can be validated again, as the YAML has them."""
    values: dict[str, Any] = entry.model_dump(mode="json", by_alias=True, exclude_unset=True)
    if values.get("file") and "sources" in values:
        del values["sources"]  # the loader makes that source from file:
    return values


def _sources_left_out(catalog: Catalog) -> set[str]:
    """The ids of sources that have problems in the file and are not in force."""
    paths = (problem.path.split(".") for problem in catalog.problems)
    return {path[1] for path in paths if path[0] == "sources" and path[1:]} - set(catalog.sources)
