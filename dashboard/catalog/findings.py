"""What pydantic finds wrong with an entry, in the words of the catalogue: what was found, and what was expected."""

from __future__ import annotations

import math
from typing import Any

from pydantic import BaseModel, ValidationError

from dashboard.catalog.checks import did_you_mean
from dashboard.catalog.document import Document, Path
from dashboard.catalog.renamed_keys import in_its_place
from dashboard.catalog.schema import RuleTest
from dashboard.catalog.source import Expect, Factor
from dashboard.errors import Problem
from dashboard.thresholds import KINDS, Threshold


def schema_problems(
    document: Document, path: Path, value: object, error: ValidationError, model: type[BaseModel]
) -> list[Problem]:
    """pydantic's findings in the words of the catalogue, each at its place."""
    found: dict[Path, str] = {}
    for detail in error.errors(include_url=False):
        below, tags = _path_in(value, detail["loc"])
        if detail["type"] in ("literal_error", "string_type") and isinstance(detail["input"], dict) and tags:
            continue  # the word that a mapping might have been instead
        if detail["type"] == "union_tag_not_found" and (slip := _slipped_key(detail["input"])):
            found[(*below, slip)] = f"unknown key{did_you_mean(slip, [kind.key for kind in KINDS])}"
            continue
        found.setdefault(below, _message(detail, below, value, model))
    return [document.problem((*path, *below), message) for below, message in sorted(found.items(), key=str)]


def _path_in(value: object, location: tuple[str | int, ...]) -> tuple[Path, bool]:
    """pydantic's location without the names of union members, and whether it had any."""
    below: list[str | int] = []
    had_tags = False
    if location[:1] == ("thresholds",) and len(location) > 2:
        location = (*location[:2], *location[3:])  # the kind's tag, which is also one of its keys
    for index, part in enumerate(location):
        is_last = index == len(location) - 1
        if isinstance(value, dict) and (part in value or (is_last and isinstance(part, str))):
            if part in value or not _is_tag(part):
                below.append(part)
            else:
                had_tags = True
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int):
            below.append(part)
            value = value[part] if part < len(value) else None
        else:
            had_tags = True
    return tuple(below), had_tags


def _is_tag(part: str | int) -> bool:
    return isinstance(part, str) and (part in ("Ended", "Accumulate", "str") or "[" in part)


def _slipped_key(given: object) -> str | None:
    """The key of a threshold that was probably meant as a kind: `abov`."""
    keys = [kind.key for kind in KINDS]
    if not isinstance(given, dict) or any(key in given for key in keys):
        return None
    return next((key for key in given if did_you_mean(key, keys) and key not in Threshold.yaml_keys()), None)


def _message(detail: Any, below: Path, value: object, model: type[BaseModel]) -> str:
    kind, given = detail["type"], detail["input"]
    if kind == "missing":
        return "required, but missing"
    if kind == "extra_forbidden":
        if mend := in_its_place(str(below[-1]), given):
            return f"{below[-1]} is no longer a key; {mend}"
        return f"unknown key{did_you_mean(str(below[-1]), _known_keys(below, value, model))}"
    if kind == "union_tag_not_found":
        return _no_kind(given)
    if kind == "value_error":
        return str(detail["ctx"]["error"])
    said = str(detail["msg"]).removeprefix("Input should be ").replace("a valid", "a")
    shown = "nothing" if given is None else f'"{given}"' if isinstance(given, str) else _plainly(given)
    if kind in ("model_type", "dict_type", "model_attributes_type"):
        said = "keys with values"
    if said == "a number" and isinstance(given, str) and _is_number(given):
        shown += f"; write {float(given):g} without quotes"
    return f"expected {said}, found {shown[:80]}"


def _plainly(given: object) -> str:
    return str(given).lower() if isinstance(given, bool) else repr(given)


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _known_keys(below: Path, value: object, model: type[BaseModel]) -> list[str]:
    if len(below) == 3 and below[0] == "thresholds" and isinstance(value, dict):
        given = value["thresholds"][below[1]]
        return [name for kind in KINDS if kind.key in given for name in kind.yaml_keys()]
    if len(below) == 3 and below[0] == "factors":
        return Factor.yaml_keys()
    if len(below) == 3 and below[0] == "tests":
        return list(RuleTest.model_fields)
    if len(below) == 2:
        nested = {
            "place": ["name", "lat", "lon"],
            "accumulate": ["anchor"],
            "ended": ["on", "reason"],
            "expect": list(Expect.model_fields),
        }
        return nested.get(str(below[0]), [])
    return list(model.model_fields)


def _no_kind(given: object) -> str:
    keys = [kind.key for kind in KINDS]
    if not isinstance(given, dict):
        return f"expected a threshold such as {{severity: critical, above: 5}}, found {given!r}"
    several = [key for key in keys if key in given]
    if several:
        return f"one threshold, one kind: split {' and '.join(several)} into thresholds of their own"
    return f"which kind of threshold? give one of {', '.join(keys)}"
