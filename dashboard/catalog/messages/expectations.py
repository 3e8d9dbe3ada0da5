"""Says in plain words what a field of the catalogue expects and what stands there; pydantic's are for programmers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from dashboard.catalog.messages.written_numbers import yaml_number
from dashboard.domain import truncated

_PLAIN_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_NOT_READ_AS_TEXT = {"yes", "no", "on", "off", "true", "false", "y", "n", "null"}
_GROUPED = re.compile(r"[-+]?[0-9]{1,3}([ ,._'\u00a0\u2009\u202f][0-9]{3})+([.,][0-9]+)?")
_WORDS = {
    "string_type": "text",
    "float_type": "a number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "keys with values",
    "model_type": "keys with values",
    "model_attributes_type": "keys with values",
    "string_too_short": "some text",
}
_BOUNDS = {
    "greater_than": ("gt", "a number greater than"),
    "greater_than_equal": ("ge", "a number of at least"),
    "less_than": ("lt", "a number less than"),
    "less_than_equal": ("le", "a number of at most"),
    "too_short": ("min_length", "a list of at least"),
    "too_long": ("max_length", "a list of at most"),
}


def describe_mismatch(details: Iterable[Mapping[str, Any]]) -> str:
    """One sentence for all errors that pydantic reports of one value, which may have several allowed forms."""
    errors = list(details)
    expected = dict.fromkeys(map(_expected, errors))
    value = errors[0]["input"]
    return f"expected {', or '.join(expected)}, found {quote_value(value)}{_advice(errors, value)}"


def quote_value(value: object) -> str:
    """A value as an officer wrote it in YAML, not as Python writes it."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{truncated(value)}"' if value else "empty text"
    if isinstance(value, (list, tuple)):
        return f"a list of {len(value)}" if value else "an empty list"
    if isinstance(value, dict):
        return truncated(f"keys with values ({', '.join(map(str, value))})", 80) if value else "empty braces {}"
    return str(value)


def _expected(detail: Mapping[str, Any]) -> str:
    kind, context = detail["type"], detail.get("ctx") or {}
    if kind in _WORDS:
        return _WORDS[kind]
    if kind in _BOUNDS:
        key, words = _BOUNDS[kind]
        bound = context[key]
        return f"{words} {int(bound) if bound == int(bound) else bound}"
    if kind == "literal_error":
        return str(context["expected"])
    return str(detail["msg"]).removeprefix("Input should be ")


def _advice(errors: list[Mapping[str, Any]], value: object) -> str:
    kinds = {detail["type"] for detail in errors}
    if kinds & {"float_type", "int_type"} and isinstance(value, str):
        return _advice_for_number(value, is_whole="float_type" not in kinds)
    if "bool_type" in kinds and value in ("true", "false"):
        return f"; write {value} without quotes"
    if "int_type" in kinds and isinstance(value, float) and value == int(value):
        return f"; write {int(value)}"
    if "list_type" in kinds and isinstance(value, str) and "string_type" not in kinds:
        is_word = _PLAIN_WORD.fullmatch(value) and value.lower() not in _NOT_READ_AS_TEXT
        return f"; write [{value}]" if is_word else "; put it in brackets, [ ]"
    if "list_type" in kinds and isinstance(value, dict):
        return "; begin each item with a dash"
    return ""


def _advice_for_number(text: str, *, is_whole: bool) -> str:
    number = yaml_number(text)
    if number and not (is_whole and "." in number):
        return f"; write {number} without quotes"
    if _GROUPED.fullmatch(text):
        return "; write the digits without marks between them, and a point before decimals"
    return ""
