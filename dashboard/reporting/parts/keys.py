"""Keys of sources and verdicts: equal keys on one day and in one version of this code mean equal rows and verdicts."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from dashboard.catalog import Catalog


def source_keys(catalog: Catalog, fingerprints: Mapping[str, object]) -> dict[str, str]:
    """By source a key of all that its rows and problems follow from: definition, place in the file, fingerprint."""
    definitions = catalog.definitions["sources"]
    keys = {}
    for name, source in catalog.sources.items():
        is_own = name in catalog.indicators and bool(catalog.indicators[name].file)
        place = catalog.file, catalog.places.get(name), is_own
        stated = sorted(source.model_fields_set)  # a default that is written out may settle what a number means
        keys[name] = _hash(definitions[name], stated, place, fingerprints[name])
    return keys


def verdict_keys(catalog: Catalog, keys_of_sources: Mapping[str, str]) -> dict[str, str]:
    """By indicator a key of all that its verdict follows from: its definition, the keys of its sources, the definitions
    of those that they repeat, and the keys of the indicators that it needs. "" where one of these keys is ""."""
    keys: dict[str, str] = {}
    for name in catalog.evaluation_order:
        indicator = catalog.indicators[name]
        sources = [*indicator.sources, *indicator.baselines]
        below = [*(keys_of_sources[source] for source in sources), *(keys[need] for need in indicator.needs)]
        repeated = [_repeated_definitions(catalog, source) for source in sources]
        keys[name] = _hash(catalog.definitions["indicators"][name], below, repeated) if all(below) else ""
    return keys


def _repeated_definitions(catalog: Catalog, source: str) -> list[str]:
    """The definitions of the sources that a source repeats, directly or through others."""
    chain: list[str] = []
    while (source := catalog.sources[source].repeats or "") in catalog.sources and source not in chain:
        chain.append(source)
    return [catalog.definitions["sources"][name] for name in chain]


def _hash(*inputs: object) -> str:
    return hashlib.sha256(repr(inputs).encode("utf-8", "backslashreplace")).hexdigest()
