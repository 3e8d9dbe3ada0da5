"""The texts that stand for definitions: whatever the order in the file, or with the order of mappings."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from dashboard.catalog.catalog import Catalog
from dashboard.catalog.indicator import Indicator
from dashboard.catalog.loader import load_catalog
from dashboard.catalog.source import Source


def mappings(kind: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The places below a type at which a YAML file may state a mapping with keys of its own."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            yield from mappings(field.annotation, (*path, name))
    if typing.get_origin(kind) is dict:
        yield path
    for part in typing.get_args(kind):
        yield from mappings(part, path)


@pytest.mark.parametrize("model", [Source, Indicator])
def test_mappings_stand_directly_in_an_entry(model: type[BaseModel]) -> None:
    paths = {path for path in mappings(model) if path[0] != "tests"}
    assert paths
    assert all(len(path) == 1 for path in paths)


def load(folder: Path, where: str, order: int = 1) -> Catalog:
    entries = [f"  {name}: {{title: A, file: {name}.csv, where: {where}}}" for name in ("a", "b")][::order]
    rule = "{title: X, unit: t, sources: [a], thresholds: [{severity: warning, above: 5}]}"
    path = folder / "indicators.yaml"
    path.write_text("\n".join(["version: 1", "sources:", *entries, "indicators:", f"  x: {rule}"]))
    catalog = load_catalog(path)
    assert not catalog.problems
    return catalog


def test_the_order_of_a_mapping_is_a_part_of_the_definition_and_not_of_the_data(tmp_path: Path) -> None:
    first, second = (load(tmp_path, where) for where in ("{port: Nampo, flag: A}", "{flag: A, port: Nampo}"))
    assert first.definitions["sources"]["a"] != second.definitions["sources"]["a"]
    assert first.definitions["indicators"] == second.definitions["indicators"]
    assert first.canonical_json == second.canonical_json


def test_the_order_of_entries_is_no_part_of_definitions(tmp_path: Path) -> None:
    first, second = (load(tmp_path, "{port: Nampo}", order) for order in (1, -1))
    assert first.definitions == second.definitions
    assert first.canonical_json == second.canonical_json
