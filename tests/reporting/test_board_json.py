"""The board's JSON and its schema agree, key by key and in order."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from dashboard.evaluation.evaluate import evaluate
from dashboard.reporting.board_json import board_as_json, board_schema
from tests.shipped import TODAY, shipped


def resolved(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """The schema that a reference points to; of a value that may be null, the schema of the value."""
    choices = [choice for choice in schema.get("anyOf", [schema]) if choice.get("type") != "null"]
    return definitions[choices[0]["$ref"].rsplit("/", 1)[-1]] if "$ref" in choices[0] else choices[0]


def unlike_schema(value: Any, schema: dict[str, Any], definitions: dict[str, Any], path: str = "") -> list[str]:
    """The paths of objects whose keys are not those of the schema, in its order. A key that is false by default may be
    left out."""
    schema = resolved(schema, definitions)
    if isinstance(value, list):
        return [each for entry in value for each in unlike_schema(entry, schema["items"], definitions, path)]
    if not isinstance(value, dict):
        return []
    if "properties" not in schema:
        entries = [(name, entry, schema["additionalProperties"]) for name, entry in value.items()]
    else:
        entries = [(name, entry, schema["properties"].get(name, {})) for name, entry in value.items()]
        keys = [name for name, own in schema["properties"].items() if name in value or own.get("default") is not False]
        if list(value) != keys:
            return [path]
    return [each for name, entry, own in entries for each in unlike_schema(entry, own, definitions, f"{path}.{name}")]


def test_the_schema_names_every_key_of_the_shipped_board_in_its_order() -> None:
    schema = board_schema()
    board = json.loads(board_as_json(evaluate(*shipped(), TODAY)))
    assert unlike_schema(board, schema, schema["$defs"]) == []


def test_a_key_that_the_schema_lacks_is_found() -> None:
    schema = board_schema()
    board = json.loads(board_as_json(evaluate(*shipped(), TODAY)))
    board["indicators"][0]["mood"] = "calm"
    assert unlike_schema(board, schema, schema["$defs"]) == [".indicators"]


def test_the_joined_parts_are_indented_as_one_text() -> None:
    catalog, rows = shipped()
    for own in (catalog, replace(catalog, indicators={})):
        text = board_as_json(evaluate(own, rows, TODAY))
        assert text == json.dumps(json.loads(text), indent=2, ensure_ascii=False)
