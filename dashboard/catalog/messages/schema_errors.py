"""What pydantic finds wrong with an entry, in the words of the catalogue: what was found, and what was expected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from dashboard.catalog.indicator import CapPeriod, Place
from dashboard.catalog.messages import expectations
from dashboard.catalog.messages.renamed_keys import in_its_place
from dashboard.catalog.messages.spelling import did_you_mean
from dashboard.catalog.rule_test import RuleTest
from dashboard.catalog.source import Expectations, Factor, SourceEnd
from dashboard.catalog.yaml_text.reader import Document, KeyPath
from dashboard.domain import Problem
from dashboard.thresholds import KINDS, Threshold

_MOST_TRIED = 20  # values of an entry that are tried in quotes; each costs as much as reading the entry


def schema_problems(
    document: Document, path: KeyPath, value: object, error: ValidationError, model: type[BaseModel]
) -> list[Problem]:
    """pydantic's findings in the words of the catalogue, each at its place."""
    found: dict[KeyPath, list[Any]] = {}
    parents: set[KeyPath] = set()
    slips: dict[KeyPath, str] = {}
    for detail in error.errors(include_url=False):
        below, tags = _path_in(value, detail["loc"])
        if detail["type"] in ("literal_error", "string_type") and isinstance(detail["input"], dict) and tags:
            continue  # the word that a mapping might have been instead
        if detail["type"] == "union_tag_not_found" and (slip := _slipped_key(detail["input"])):
            slips[(*below, slip)] = f"unknown key{did_you_mean(slip, [kind.key for kind in KINDS])}"
            continue
        found.setdefault(below, []).append(detail)
        parents.add(below[:-1])
    # where a list or a text may stand, and a list does with a fault inside, the fault alone is told
    told = [one for one in found if not (one in parents and found[one][0]["type"] == "string_type")]
    said = {below: _message(found[below], below, value, model) for below in told}
    for below in [one for one in said if found[one][0]["type"] == "string_type"][:_MOST_TRIED]:
        said[below] = _in_quotes(below, value, model) or said[below]
    said |= slips
    return [document.problem((*path, *below), message) for below, message in sorted(said.items(), key=str)]


def _in_quotes(below: KeyPath, value: object, model: type[BaseModel]) -> str:
    """What is wrong with a number or word that should be text: tried in quotes, so that no advice goes in a circle."""
    given = _at(value, below)
    if not isinstance(given, (int, float)):
        return ""
    text = str(given).lower() if isinstance(given, bool) else str(given)
    try:
        model.model_validate(_with(value, below, text))
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            if _path_in(value, detail["loc"])[0] == below:
                return str(detail["ctx"]["error"]) if detail["type"] == "value_error" else ""
    return f"expected text, found {expectations.found(given)}; put it in quotes"


def _at(value: Any, below: KeyPath) -> Any:
    for part in below:
        value = value[part]
    return value


def _with(value: Any, below: KeyPath, new: object) -> Any:
    """A copy with another value at one place."""
    if not below:
        return new
    copy = value.copy()
    copy[below[0]] = _with(value[below[0]], below[1:], new)
    return copy


def _path_in(value: object, location: tuple[str | int, ...]) -> tuple[KeyPath, bool]:
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
    return isinstance(part, str) and (part in (SourceEnd.__name__, CapPeriod.__name__, "str") or "[" in part)


def _slipped_key(given: object) -> str | None:
    """The key of a threshold that was probably meant as a kind: `abov`."""
    keys = [kind.key for kind in KINDS]
    if not isinstance(given, dict) or any(key in given for key in keys):
        return None
    return next((key for key in given if did_you_mean(key, keys) and key not in Threshold.yaml_keys()), None)


def _message(details: Sequence[Any], below: KeyPath, value: object, model: type[BaseModel]) -> str:
    """What is wrong at one place, of which pydantic may say several things where several forms are allowed."""
    kind, given = details[0]["type"], details[0]["input"]
    if kind == "missing":
        return "required, but missing"
    if kind == "extra_forbidden":
        if mend := in_its_place(str(below[-1]), given):
            return f"{below[-1]} is no longer a key; {mend}"
        return f"unknown key{did_you_mean(str(below[-1]), _known_keys(below, value, model))}"
    if kind == "union_tag_not_found":
        return _no_kind(given)
    if kind == "value_error":
        return str(details[0]["ctx"]["error"])
    return expectations.expected_and_found(details)


def _known_keys(below: KeyPath, value: object, model: type[BaseModel]) -> list[str]:
    if len(below) == 3 and below[0] == "thresholds" and isinstance(value, dict):
        given = value["thresholds"][below[1]]
        return [name for kind in KINDS if kind.key in given for name in kind.yaml_keys()]
    if len(below) == 3 and below[0] == "factors":
        return Factor.yaml_keys()
    if len(below) == 3 and below[0] == "tests":
        return RuleTest.yaml_keys()
    if len(below) == 2:
        nested = {
            "place": Place.yaml_keys(),
            "accumulate": CapPeriod.yaml_keys(),
            "ended": SourceEnd.yaml_keys(),
            "expect": Expectations.yaml_keys(),
        }
        return nested.get(str(below[0]), [])
    return list(model.model_fields)


def _no_kind(given: object) -> str:
    keys = [kind.key for kind in KINDS]
    if not isinstance(given, dict):
        return f"expected a threshold such as {{severity: critical, above: 5}}, found {expectations.found(given)}"
    several = [key for key in keys if key in given]
    if several:
        return f"one threshold, one kind: split {' and '.join(several)} into thresholds of their own"
    return f"which kind of threshold? give one of {', '.join(keys)}"
