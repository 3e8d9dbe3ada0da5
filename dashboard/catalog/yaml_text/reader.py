"""Reads YAML text into plain values with the line and column of each, and refuses what YAML would silently change.

PyYAML's own loader keeps the last of two equal keys, reads `NO` as false, `1:30` as 90 and `010` as 8, and expands
aliases without bound. This reader walks the composed nodes, which know their lines and columns, and makes each of these
a problem that names the place and the remedy. The values are str, int, float, bool, None, list and dict; dates stay
text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from dashboard.catalog.yaml_text import slips
from dashboard.domain import CatalogError, Problem, truncated, with_short_quotations
from dashboard.domain.text import (
    code_point,
    first_hidden_character,
    mask_all,
    with_code_points,
    without_hidden_characters,
)

KeyPath = tuple[str | int, ...]  # keys and list positions from the top of the file to a value

MOST_BYTES = 32 * 1024 * 1024
DEEPEST = 20
_DIGITS_OF_A_GROUP = 3  # between the commas of 1,000,000

_PLAIN_INT = re.compile(r"[-+]?(0|[1-9][0-9_]{0,17})")
_PLAIN_FLOAT = re.compile(r"[-+]?([0-9][0-9_]*)?\.?[0-9]*([eE][-+]?[0-9]+)?")
_TAG = "tag:yaml.org,2002:"

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass
class Document:
    """The values of one YAML file, their lines and columns, and the problems found in reading it."""

    file: str
    value: object = None
    places: dict[KeyPath, tuple[int, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def problem(self, path: KeyPath, message: str, *, at: tuple[int, int] | None = None) -> Problem:
        """A problem at `path`; its line is that of the nearest ancestor that stands in the file."""
        line, column = at or self.place(path)
        return Problem(self.file, line, column, path_text(path), with_short_quotations(mask_all(message)))

    @property
    def problems_by_ancestor(self) -> Mapping[str, list[Problem]]:
        """For each path at which there is a problem, and each path above it, the problems."""
        problems: dict[str, list[Problem]] = {}
        for problem in self.problems:
            ends = [index for index, mark in enumerate(problem.path) if mark in ".["]
            for ancestor in dict.fromkeys([*(problem.path[:end] for end in ends), problem.path]):
                problems.setdefault(ancestor, []).append(problem)
        return problems

    def place(self, path: KeyPath) -> tuple[int, int]:
        """The line and column, from 1, of the value at `path` or of its nearest ancestor in the file."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, (1, 1))


def path_text(path: KeyPath) -> str:
    """A path as messages write it: `indicators.x.thresholds[1].above`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{_key_text(part)}" if text else _key_text(str(part))
    return text


def _key_text(key: str) -> str:
    """A key as messages write it, without secrets: a comma in an address within braces makes its rest a key."""
    text = with_code_points(key)
    return truncated(mask_all(text) if "=" in text or "@" in text or "%" in text or "://" in text else text, 100)


def is_under(problem: Problem, path: KeyPath) -> bool:
    """Whether a problem is that of the value at `path` or of a value inside it."""
    text = path_text(path)
    return problem.path == text or problem.path.startswith((f"{text}.", f"{text}["))


def read_yaml(text: str, file: str) -> Document:
    """The document in `text`; raises CatalogError where it is not YAML at all."""
    document = Document(file)
    if len(text.encode()) > MOST_BYTES:
        raise CatalogError((Problem(file, 0, 0, "", f"larger than {MOST_BYTES // 2**20} MB"),))
    if slip := slips.find_control_character(text):
        raise _not_yaml(file, *slip)
    try:
        tagged = _places_of_tags(text, file)
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        raise _not_yaml(file, *slips.explain_parser_error(text, error)) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise _not_yaml(file, 0, 0, str(error)) from error
    if node is not None:
        document.value = _NodeReader(document, text, tagged).read(node, ())
    return document


def _not_yaml(file: str, line: int, column: int, message: str) -> CatalogError:
    return CatalogError((Problem(file, line, column, "", f"not YAML: {message}"),))


def _places_of_tags(text: str, file: str) -> set[tuple[int, int]]:
    """The lines and columns of explicit tags; raises CatalogError where the text nests too deep.

    Composing nodes recurses in C, so a file that nests deep enough would end the process; parsing events does not.
    """
    depth = 0
    tagged = set()
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            line, column = _place(event)
            raise CatalogError((Problem(file, line, column, "", f"nested deeper than {DEEPEST} levels"),))
        if getattr(event, "tag", None) is not None:
            tagged.add(_place(event))
    return tagged


class _NodeReader:
    """Walks the nodes of one document and collects values, places and problems."""

    def __init__(self, document: Document, text: str, tagged: set[tuple[int, int]]) -> None:
        self._document, self._text = document, text
        self._tagged = tagged
        self._seen: set[int] = set()

    def read(self, node: yaml.Node, path: KeyPath) -> object:
        place = _place(node)
        self._document.places.setdefault(path, place)
        if id(node) in self._seen:
            place = self._document.places[
                path
            ]  # an alias has no place of its own; the node's place is that of the anchor
            return self._refuse(path, place, "aliases (*name) are not allowed; write the value again")
        self._seen.add(id(node))
        if _place(node) in self._tagged:
            return self._refuse(path, place, f"tags ({node.tag.replace(_TAG, '!!')}) are not allowed")
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.read(item, (*path, index)) for index, item in enumerate(node.value)]
        return self._scalar(node, path, place)

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, object]:
        values: dict[str, object] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node, path)
            if key is None:
                continue
            key_path = (*path, key)
            if key in values:
                first_line = self._document.places[key_path][0]
                self._refuse(key_path, _place(key_node), f"duplicate key; it already stands on line {first_line}")
                continue
            self._document.places[key_path] = _place(key_node)
            values[key] = self.read(value_node, key_path)
        return values

    def _key(self, node: yaml.Node, path: KeyPath) -> str | None:
        place = _place(node)
        if not isinstance(node, yaml.ScalarNode):
            self._refuse(path, place, "a key must be a word")
            return None
        if node.value == "<<":
            self._refuse(path, place, "merge keys (<<) are not allowed; write the values again")
            return None
        if not node.style and node.value.isdecimal() and len(node.value) == _DIGITS_OF_A_GROUP:
            advice = "the comma before it begins a new key; write the number without commas"
            self._refuse((*path, node.value), place, f"{node.value}: part of a number? {advice}")
            return None
        if (key := without_hidden_characters(node.value)) != node.value and node.value.strip(" ") != key:
            hidden = next(character for character in node.value if character not in key)
            self._refuse((*path, key), place, f"the key holds {code_point(hidden)}; take it out")
            return key
        return str(node.value)  # a key is always text: YAML would read `on:`, a key of `ended:`, as true

    def _scalar(self, node: yaml.Node, path: KeyPath, place: tuple[int, int]) -> object:
        text = str(node.value)
        if (hidden := first_hidden_character(text)) is not None:
            message = f"holds {code_point(text[hidden])}, which cannot be seen or turns text round; take it out"
            return self._refuse(path, self._place_of(text[hidden], node), message)
        kind = node.tag.removeprefix(_TAG)
        if isinstance(node, yaml.ScalarNode) and node.style is not None and kind == "str":
            return text
        if kind in ("str", "timestamp", "value"):
            return text
        if kind == "null":
            return None
        if kind == "bool":
            if text in ("true", "false"):
                return text == "true"
            boolean = str(yaml.SafeLoader.bool_values[text.lower()]).lower()
            advice = f'write "{text}" in quotes if it is text, or {boolean}'
            return self._refuse(path, place, f"YAML reads {text} as {boolean}; {advice}")
        if kind == "int":
            if _PLAIN_INT.fullmatch(text):
                return int(text.replace("_", ""))
            shown = truncated(text, 40)
            advice = f'write "{shown}" in quotes if it is text, or a plain number'
            return self._refuse(path, place, f"YAML does not read {shown} as written; {advice}")
        if kind == "float":
            if _PLAIN_FLOAT.fullmatch(text) and any(letter.isdigit() for letter in text):
                number = float(text.replace("_", ""))
                if math.isfinite(number):
                    return number
            return self._refuse(path, place, f'{text} is not a plain number; write "{text}" in quotes if it is text')
        return self._refuse(path, place, f"tags ({node.tag}) are not allowed")

    def _place_of(self, character: str, node: yaml.Node) -> tuple[int, int]:
        """The place of a character in the text of a node; the node's own place where the character is an escape."""
        begin, end = node.start_mark.index, node.end_mark.index
        index = self._text.find(character, begin, end)
        if index < 0:
            return _place(node)
        return self._text.count("\n", 0, index) + 1, index - self._text.rfind("\n", 0, index)

    def _refuse(self, path: KeyPath, place: tuple[int, int], message: str) -> object:
        """Adds the problem, and returns None as the value of what is refused."""
        self._document.problems.append(self._document.problem(path, message, at=place))
        return None


def _place(node: Any) -> tuple[int, int]:
    """Line and column, from 1, of a node or an event."""
    return node.start_mark.line + 1, node.start_mark.column + 1
