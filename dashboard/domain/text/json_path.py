"""Follows a path like `data[]`, `features[].attributes` or `[1][]` into JSON, or says where it leads nowhere."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

_STEP = re.compile(r"\[(\d*)\]|([^.\[\]]+)")
_MOST_NAMES, _DEEPEST_ADVICE, _SAMPLE = 10, 3, 120
EACH = -1
_PAGES = "watchfloor_pages"  # the only name of a file that holds the pages of a feed


class PathError(ValueError):
    """A path that leads nowhere, with what stands there instead."""


def follow(value: Any, path: str) -> Iterator[Any]:
    """The values at the end of a path. Raises PathError."""
    steps = [_step(bracketed, name) for bracketed, name in _STEP.findall(path)]
    return _follow(value, steps, "the file")


def _step(bracketed: str, name: str) -> str | int:
    return name or (int(bracketed) if bracketed else EACH)


def _follow(value: Any, steps: list[str | int], place: str) -> Iterator[Any]:
    if not steps:
        yield value
        return
    step, rest = steps[0], steps[1:]
    if step == EACH:
        if not isinstance(value, list):
            raise PathError(f"{place} is no list: {sample(value)}")
        for number, entry in enumerate(value, start=1):
            yield from _follow(entry, rest, f"entry {number} of {place}")
        return
    if isinstance(value, list) and isinstance(step, str) and step.isdecimal():
        step = int(step)
    if isinstance(value, list) and isinstance(step, int):
        if step >= len(value):
            raise PathError(f"{place} has {len(value)} entries, and the path asks for the one after {step}")
        yield from _follow(value[step], rest, f"[{step}]")
    elif isinstance(value, dict) and str(step) in value:
        yield from _follow(value[str(step)], rest, f'"{str(step)[:60]}"')
    else:
        raise PathError(f'{place} has no "{str(step)[:60]}": {sample(value)}')


def sample(value: Any) -> str:
    """The beginning of a value, as JSON."""
    text = json.dumps(value, ensure_ascii=False) if not isinstance(value, list | dict) or len(value) < 50 else ""
    if not text:
        text = "{" + ", ".join(list(value)[:_MOST_NAMES]) + ", ..." if isinstance(value, dict) else "a long list"
    return text if len(text) <= _SAMPLE else f"{text[:_SAMPLE]}..."


def paths_of_lists(value: Any, path: str = "", depth: int = 0) -> Iterator[str]:
    """The paths at which lists of records stand, for a message."""
    if isinstance(value, list):
        if value and isinstance(value[0], dict | list):
            yield f"{path}[]"
        entries = [(f"{path}[{number}]", entry) for number, entry in enumerate(value[:3]) if isinstance(entry, list)]
    else:
        entries = [(f"{path}.{name}".lstrip("."), entry) for name, entry in value.items()]
    if depth < _DEEPEST_ADVICE:
        for inner, entry in entries[:_MOST_NAMES]:
            if isinstance(entry, dict | list):
                yield from paths_of_lists(entry, inner, depth + 1)


def join_pages(pages: Iterable[bytes]) -> bytes:
    """A file that holds the pages of a feed, each byte for byte."""
    return b'{"%s": [\n%s\n]}\n' % (_PAGES.encode(), b",\n".join(pages))


def pages_of(document: Any) -> list[Any]:
    """The pages in a file, or the file as its only page."""
    pages = document.get(_PAGES) if isinstance(document, dict) and len(document) == 1 else None
    return pages if isinstance(pages, list) else [document]
