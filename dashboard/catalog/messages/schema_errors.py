"""Translates pydantic's errors about an entry into the words of the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ValidationError

from dashboard.catalog.entry import Entry
from dashboard.catalog.file_layout import Choice, PageTable, SplitCells
from dashboard.catalog.indicator import CapPeriod, Place
from dashboard.catalog.messages.expectations import describe_mismatch, quote_value
from dashboard.catalog.messages.renamed_keys import replacement_advice
from dashboard.catalog.messages.spelling import did_you_mean
from dashboard.catalog.rule_test import RuleTest
from dashboard.catalog.source import Expectations, Factor, SourceEnd
from dashboard.catalog.yaml_text.reader import Document, KeyPath
from dashboard.domain import Problem
from dashboard.fetch import NextPages
from dashboard.thresholds import KINDS, Threshold

_MOST_QUOTED = 20  # values of an entry that are tried in quotes; each costs as much as validating the entry
_NESTED: dict[str, type[Entry | NextPages]] = {
    "place": Place,
    "accumulate": CapPeriod,
    "ended": SourceEnd,
    "expect": Expectations,
    "table": PageTable,
    "next": NextPages,
}
_WORDS = ("str", "int")  # what may stand in place of a mapping
_TYPES_OF_WORDS = ("literal_error", "string_type", "int_type")
_NESTED_BY_NAME: dict[str, type[Entry]] = {
    "factors": Factor,
    "tests": RuleTest,
    "where": Choice,
    "split": SplitCells,
}


def schema_problems(
    document: Document, path: KeyPath, value: object, error: ValidationError, model: type[BaseModel]
) -> list[Problem]:
    """pydantic's errors about the entry at `path`, in the words of the catalogue, each with its place."""
    errors: dict[KeyPath, list[Any]] = {}
    messages: dict[KeyPath, str] = {}
    for detail in error.errors(include_url=False):
        below, has_tags = _path_in(value, detail["loc"])
        if (
            detail["type"] in ("literal_error", "string_type", "int_type")
            and isinstance(detail["input"], dict)
            and has_tags
        ):
            continue  # the value is a mapping, and this error is about the word that may stand in its place
        if detail["type"] == "union_tag_not_found" and (key := _misspelled_kind(detail["input"])):
            messages[(*below, key)] = f"unknown key{did_you_mean(key, [kind.key for kind in KINDS])}"
            continue
        errors.setdefault(below, []).append(detail)
    parents = {below[:-1] for below in errors}
    for below, details in errors.items():
        # where a text may stand and a list or a mapping does, an error inside it says all
        if not (below in parents and details[0]["type"] in ("string_type", "list_type")):
            messages.setdefault(below, _message(details, below, value, model))
    texts = [below for below in messages if below in errors and errors[below][0]["type"] == "string_type"]
    for below in texts[:_MOST_QUOTED]:
        messages[below] = _message_of_unquoted_text(below, value, model) or messages[below]
    return [document.problem((*path, *below), message) for below, message in sorted(messages.items(), key=str)]


def _message_of_unquoted_text(below: KeyPath, value: object, model: type[BaseModel]) -> str:
    """The message about a number or true or false in place of a text; "" where another message is better.

    The value is validated in quotes first, so that whoever follows the advice does not meet the next error.
    """
    unquoted = _value_at(value, below)
    if not isinstance(unquoted, (int, float)):
        return ""
    text = str(unquoted).lower() if isinstance(unquoted, bool) else str(unquoted)
    try:
        model.model_validate(_with_value_at(value, below, text))
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            if _path_in(value, detail["loc"])[0] == below:
                return str(detail["ctx"]["error"]) if detail["type"] == "value_error" else ""
    return f"expected text, found {quote_value(unquoted)}; put it in quotes"


def _value_at(value: Any, below: KeyPath) -> Any:
    for part in below:
        value = value[part]
    return value


def _with_value_at(value: Any, below: KeyPath, new: object) -> Any:
    """A copy of `value` with another value at one path."""
    if not below:
        return new
    copy = value.copy()
    copy[below[0]] = _with_value_at(value[below[0]], below[1:], new)
    return copy


def _path_in(value: object, location: tuple[str | int, ...]) -> tuple[KeyPath, bool]:
    """pydantic's location without its tags, the names of union members, and whether it had any."""
    below: list[str | int] = []
    had_tags = False
    if location[:1] == ("thresholds",) and len(location) > 2:
        location = (*location[:2], *location[3:])  # the tag of a threshold's kind, which is also one of its keys
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
    return isinstance(part, str) and (
        part in (SourceEnd.__name__, CapPeriod.__name__, PageTable.__name__, *_WORDS) or "[" in part
    )


def _misspelled_kind(threshold: object) -> str | None:
    """The key of a threshold that was probably meant as the key of a kind, like `abov`."""
    kinds = [kind.key for kind in KINDS]
    if not isinstance(threshold, dict) or any(key in threshold for key in kinds):
        return None
    return next((key for key in threshold if did_you_mean(key, kinds) and key not in Threshold.yaml_keys()), None)


def _message(details: Sequence[Any], below: KeyPath, value: object, model: type[BaseModel]) -> str:
    """The message about one place, of which pydantic reports several errors where several forms are allowed."""
    kind, actual = details[0]["type"], details[0]["input"]
    if kind == "missing":
        return "required, but missing"
    if kind == "extra_forbidden":
        key = str(below[-1])
        if advice := replacement_advice(key, actual):
            return f"{key} is no longer a key; {advice}"
        return f"unknown key{did_you_mean(key, _known_keys(below, value, model))}"
    if kind == "union_tag_not_found":
        return _message_of_no_kind(actual)
    if kind == "value_error":
        return str(details[0]["ctx"]["error"])
    return describe_mismatch(details)


def _known_keys(below: KeyPath, value: object, model: type[BaseModel]) -> list[str]:
    """The keys that may stand beside the one at `below`."""
    if len(below) == 3 and below[0] == "thresholds" and isinstance(value, dict):
        threshold = value["thresholds"][below[1]]
        return [key for kind in KINDS if kind.key in threshold for key in kind.yaml_keys()]
    if len(below) == 3 and below[0] in _NESTED_BY_NAME:
        return _NESTED_BY_NAME[str(below[0])].yaml_keys()
    if len(below) == 2:
        nested = _NESTED.get(str(below[0]))
        return nested.yaml_keys() if nested else []
    return list(model.model_fields)


def _message_of_no_kind(threshold: object) -> str:
    kinds = [kind.key for kind in KINDS]
    if not isinstance(threshold, dict):
        return f"expected a threshold such as {{severity: critical, above: 5}}, found {quote_value(threshold)}"
    several = [key for key in kinds if key in threshold]
    if several:
        return f"one threshold, one kind: split {' and '.join(several)} into thresholds of their own"
    return f"which kind of threshold? give one of {', '.join(kinds)}"
