"""What a field of the catalogue expects and what it found, in our own words; pydantic's are for programmers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from dashboard.catalog.messages.written_numbers import yaml_number
from dashboard.domain import brief

_PLAIN_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_NO_WORDS = {"yes", "no", "on", "off", "true", "false", "y", "n", "null"}  # which YAML reads as something else
_GROUPED = re.compile(r"[-+]?[0-9]{1,3}([ ,._'\u00a0\u2009\u202f][0-9]{3})+([.,][0-9]+)?")
_KINDS = {
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


def expected_and_found(details: Iterable[Mapping[str, Any]]) -> str:
    """One sentence for all that pydantic says of one value, which may be of several forms."""
    said = list(details)
    wanted = dict.fromkeys(_expected(detail) for detail in said)
    given = said[0]["input"]
    return f"expected {', or '.join(wanted)}, found {found(given)}{_advice(said, given)}"


def found(given: object) -> str:
    """A value as an officer wrote it, not as Python has it."""
    if given is None:
        return "nothing"
    if isinstance(given, bool):
        return str(given).lower()
    if isinstance(given, str):
        return f'"{brief(given)}"' if given else "empty text"
    if isinstance(given, (list, tuple)):
        return f"a list of {len(given)}" if given else "an empty list"
    if isinstance(given, dict):
        return brief(f"keys with values ({', '.join(map(str, given))})", 80) if given else "empty braces {}"
    return str(given)


def _expected(detail: Mapping[str, Any]) -> str:
    kind, context = detail["type"], detail.get("ctx") or {}
    if kind in _KINDS:
        return _KINDS[kind]
    if kind in _BOUNDS:
        key, words = _BOUNDS[kind]
        bound = context[key]
        return f"{words} {int(bound) if bound == int(bound) else bound}"
    if kind == "literal_error":
        return str(context["expected"])
    return str(detail["msg"]).removeprefix("Input should be ")


def _advice(details: list[Mapping[str, Any]], given: object) -> str:
    kinds = {detail["type"] for detail in details}
    if kinds & {"float_type", "int_type"} and isinstance(given, str):
        return _advice_for_number(given, whole="float_type" not in kinds)
    if "bool_type" in kinds and given in ("true", "false"):
        return f"; write {given} without quotes"
    if "int_type" in kinds and isinstance(given, float) and given == int(given):
        return f"; write {int(given)}"
    if "list_type" in kinds and isinstance(given, str) and "string_type" not in kinds:
        is_word = _PLAIN_WORD.fullmatch(given) and given.lower() not in _NO_WORDS
        return f"; write [{given}]" if is_word else "; put it in brackets, [ ]"
    if "list_type" in kinds and isinstance(given, dict):
        return "; begin each item with a dash"
    return ""


def _advice_for_number(given: str, *, whole: bool) -> str:
    number = yaml_number(given)
    if number and not (whole and "." in number):
        return f"; write {number} without quotes"
    if _GROUPED.fullmatch(given):
        return "; write the digits without marks between them, and a point before decimals"
    return ""
