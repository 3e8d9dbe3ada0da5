"""The definitions in force: those of `indicators.yaml`, and last good ones for what is wrong in it.

The last good definitions are plain data in `definitions/good.json` of the state folder. The refresher writes them;
nothing ever writes to the officer's file.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from time import sleep
from typing import Any

from dashboard.atomic_files import private_folder, write_whole
from dashboard.catalog.active import parse_cache as cache
from dashboard.catalog.active.fallback import Good, all_last_good, with_last_good
from dashboard.catalog.catalog import Catalog
from dashboard.catalog.indicator import Indicator
from dashboard.catalog.loader import cached_catalog, read_content
from dashboard.catalog.origin_keys import lacks_secrets, masked_source, restored_source
from dashboard.catalog.source import Source
from dashboard.catalog.yaml_text.reader import read_yaml
from dashboard.domain import CatalogError, Problem

DEFINITIONS_FOLDER, FILE = "definitions", "good.json"
VERSION = 1
PAUSE = 0.1  # seconds; a file from which indicators vanished is looked at again, since it may still be being written
MOST_LOOKS = 20

_HEAD = f'{{"version": {VERSION}, "seal": "'.encode()
_BETWEEN, _END = b'", "good": ', b"}\n"
_SEAL = 64  # letters of a SHA-256


@dataclass(frozen=True)
class Memory:
    """What is remembered of a catalogue: the last good definition of each entry that was in force.

    `good` is None where nothing is. `made_of` names the file's content and the claims that it was taken from, `seal`
    tells it from every other. `problem` says why a memory that is there cannot be used.
    """

    good: Good | None = None
    fingerprint: str = ""
    checksum: str = ""
    problem: Problem | None = None


@dataclass(frozen=True, eq=False)
class ActiveCatalog:
    """The definitions in force of the catalogue at `path`, made of what `made_of` names; "" where nothing tells."""

    catalog: Catalog
    path: Path
    fingerprint: str
    memory: Memory

    @property
    def kept(self) -> Mapping[str, tuple[Problem, ...]]:
        """The indicators for which a last good definition stands, their own or of what they rest on, and why."""
        return self.catalog.fallbacks

    @property
    def unreadable(self) -> tuple[Problem, ...]:
        """Why the file as a whole cannot be read, so that all last good definitions stand."""
        return self.catalog.unreadable

    @property
    def is_saved(self) -> bool:
        """Whether the memory already holds all of them: there is nothing to write."""
        return bool(self.unreadable) or (bool(self.fingerprint) and self.fingerprint == self.memory.fingerprint)


def load_active_catalog(path: Path, claims: Collection[str] | None, state: Path) -> ActiveCatalog:
    """The definitions in force; `claims` are the ids that `evidence:` may name (None: not checked).

    What is deleted from a readable file is gone, at once. Raises CatalogError where the file cannot be read as a
    whole and nothing of it is remembered.
    """
    memory = _recall(path, state)
    for _ in range(MOST_LOOKS):
        content, found = _in_force(path, claims, memory)
        if content is None or not _has_lost_any(found):
            break
        sleep(PAUSE)
        if _content(path) == content:
            break
    return found


def save_last_good(definitions: ActiveCatalog, state: Path) -> None:
    """Write down the definitions in force as the last good ones. OSError leaves what was remembered before.

    One writer at a time: the caller holds the refresher's lock.
    """
    if definitions.is_saved:
        return
    good = {"catalog": _way(definitions.path, state), "made_of": definitions.fingerprint, **_to_remember(definitions)}
    body = json.dumps(good, ensure_ascii=False).encode()
    folder = private_folder(private_folder(state) / DEFINITIONS_FOLDER)
    write_whole(folder / FILE, _HEAD + _seal(body) + _BETWEEN + body + _END)


def last_good_file(state: Path) -> Path:
    return state / DEFINITIONS_FOLDER / FILE


def _in_force(path: Path, claims: Collection[str] | None, memory: Memory) -> tuple[bytes | None, ActiveCatalog]:
    """The definitions, and the file's content that they were made of; None where it was no catalogue at all."""
    told = [memory.problem] if memory.problem else []
    memory = _with_secrets(memory, path)
    content = None
    made_of = ""
    try:
        read_now = read_content(path)
        catalog = cached_catalog(read_now, path.name, path.parent, claims)
        content, made_of = read_now, cache.catalog_fingerprint(read_now, path.name, claims) or ""
        if catalog.problems and memory.good:
            catalog = _mixed(content, path, claims, memory, memory.good)
    except CatalogError as error:
        if memory.good is None:
            raise CatalogError((*error.problems, *told)) from error
        catalog = all_last_good(memory.good, path.name, path.parent, error.problems)
    catalog = replace(catalog, problems=tuple(sorted({*catalog.problems, *told}))) if told else catalog
    return content, ActiveCatalog(catalog, path, made_of, memory)


def _mixed(content: bytes, path: Path, claims: Collection[str] | None, memory: Memory, good: Good) -> Catalog:
    """The catalogue with last good definitions for what is wrong in it, from the cache where it was made before."""
    name = cache.catalog_fingerprint(content, path.name, claims, last_good=memory.checksum)
    if name and (known := cache.read(name, path.name, path.parent, content)):
        return known
    catalog, given = with_last_good(read_yaml(content.decode("utf-8-sig"), path.name), good, path.parent, claims)
    if name:
        cache.write(name, catalog, given)
    return catalog


def _has_lost_any(found: ActiveCatalog) -> bool:
    """Whether indicators are gone that were in force when the file was last remembered."""
    if found.memory.good is None or found.is_saved:
        return False
    present = {*found.catalog.indicators, *found.catalog.not_loaded}
    return not present.issuperset(found.memory.good["indicators"])


def _content(path: Path) -> bytes | None:
    try:
        return read_content(path)
    except CatalogError:
        return None


def _to_remember(definitions: ActiveCatalog) -> dict[str, dict[str, Any]]:
    """All that is in force, and the last good definitions of what the file names but nothing can bring back now."""
    catalog, good = definitions.catalog, definitions.memory.good or {"sources": {}, "indicators": {}}
    own = {name for name, indicator in catalog.indicators.items() if indicator.file}
    left_out = {"sources": _broken_sources(catalog), "indicators": catalog.not_loaded}
    in_force: dict[str, dict[str, Source | Indicator]] = {
        "sources": {name: source for name, source in catalog.sources.items() if name not in own},
        "indicators": {**catalog.indicators},
    }
    return {
        group: {
            **{name: masked_source(value) for name, value in good[group].items() if name in left_out[group]},
            **{name: masked_source(_plain(entry)) for name, entry in entries.items()},
        }
        for group, entries in in_force.items()
    }


def _with_secrets(memory: Memory, path: Path) -> Memory:
    """The memory with the secrets of addresses, which it does not keep: as they stand in the file, broken or not."""
    if memory.good is None or not any(map(lacks_secrets, memory.good["sources"].values())):
        return memory
    try:
        text = path.read_text("utf-8-sig", errors="replace")
    except OSError:
        text = ""
    sources = {name: restored_source(one, text) for name, one in memory.good["sources"].items()}
    return replace(memory, good={**memory.good, "sources": sources})


def _plain(entry: Source | Indicator) -> dict[str, Any]:
    """The plain values that the entry is valid for, as the YAML has them."""
    told: dict[str, Any] = entry.model_dump(mode="json", by_alias=True, exclude_unset=True)
    if told.get("file") and "sources" in told:
        del told["sources"]  # a source of its own; the loader makes it from file:
    return told


def _broken_sources(catalog: Catalog) -> set[str]:
    """The ids of sources that the file names and that are not in force."""
    named = {parts[1] for one in catalog.problems if (parts := one.path.split("."))[0] == "sources" and parts[1:]}
    return named - set(catalog.sources)


def _recall(path: Path, state: Path) -> Memory:
    """What is remembered of the catalogue at `path`; nothing where the memory is another one's."""
    file = last_good_file(state)
    try:
        data = file.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return Memory()
    except OSError as error:
        return _useless(file, f"cannot be read: {error}")
    seal, body = data[len(_HEAD) :][:_SEAL], data[len(_HEAD) + _SEAL + len(_BETWEEN) : -len(_END)]
    if data != _HEAD + _seal(body) + _BETWEEN + body + _END:
        return _useless(file, _what_is_wrong(data))
    good = json.loads(body)
    if not _is_way_to(good["catalog"], path, state):
        return Memory()
    values = {group: good[group] for group in ("sources", "indicators")}
    has_secrets = any(masked_source(one) != one for one in values["sources"].values())  # of the version before
    return Memory(values, "" if has_secrets else good["made_of"], seal.decode())


def _what_is_wrong(data: bytes) -> str:
    try:
        found = json.loads(data)
    except ValueError:
        found = None
    version = found.get("version") if isinstance(found, dict) else None
    if isinstance(version, int) and version != VERSION:
        return f"written by another version of Watchfloor (form {version}, not {VERSION})"
    return "damaged"


def _useless(file: Path, why: str) -> Memory:
    message = f"{why}; so no last good definition is known. The refresher writes it anew from the catalogue"
    return Memory(problem=Problem(str(file), 0, 0, "", message))


def _seal(body: bytes) -> bytes:
    return hashlib.sha256(body).hexdigest().encode()


def _way(path: Path, state: Path) -> str:
    """The way from the state to the catalogue, which stays when both are moved together."""
    return os.path.relpath(path.absolute(), state.absolute())


def _is_way_to(way: str, path: Path, state: Path) -> bool:
    if way == _way(path, state):
        return True
    try:
        return (state / way).samefile(path)
    except OSError:
        return False
