"""The YAML of a source for a file, as text to paste, which the real reader has tried."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import PurePath
from typing import Any

from pydantic import ValidationError

from dashboard.analysis.proposal.columns import find_roles
from dashboard.analysis.proposal.sample import Sample, take_sample
from dashboard.catalog import Source
from dashboard.domain.text import wording as words
from dashboard.ingest import Dialect, UntrustedError, read

_ORDER = (
    "format", "rows", "table", "sheet", "kind", "value", "columns", "where", "other_columns", "header", "cells",
    "skip_lines", "until", "wide", "split", "separator", "decimal", "thousands", "encoding", "dates",
    "missing", "flags",
)  # fmt: skip
_MOST_PROBLEMS = 3


def propose(data: bytes, file: str, today: date, *, is_address: bool = False) -> str:
    """The YAML to paste, with a comment for all that it cannot know."""
    try:
        sample = take_sample(data, file)
        find_roles(sample)
    except UntrustedError as error:
        reasons = "; ".join(problem.message for problem in error.problems) or "no table is seen in it"
        return f"# {file}: {reasons}\n"
    place = {"url" if is_address else "file": file if is_address else f"data/{PurePath(file).name}"}
    return "\n".join([*map(_printable, [*_lines(sample, file, place), *_tried(sample, data, file, today)]), ""])


def _printable(line: str) -> str:
    """A line in which no sign of the file ends it, or is none that YAML takes."""
    return "".join(sign if sign.isprintable() else " " for sign in line)


def _lines(sample: Sample, file: str, place: dict[str, str]) -> Iterator[str]:
    stem = PurePath(re.sub(r"[?#].*", "", file)).stem
    name = re.sub(r"[^a-z0-9]+", "_", stem.lower()).strip("_") or "source"
    yield "sources:"
    yield f"  {name if name[0].isalpha() else 'source_' + name}: # a short name of yours"
    yield f"    title: {_yaml(stem)} # its name on the board"
    yield from (f"    {key}: {_yaml(value)}" for key, value in place.items())
    if "kind" not in sample.keys:
        yield "    kind: level # flow for amounts of periods, level for counts at an instant; see the reference"
    for key in _ORDER:
        if key in sample.keys:
            comment = f" # {sample.comments[key]}" if key in sample.comments else ""
            yield f"    {key}: {_yaml(sample.keys[key])}{comment}"
        elif key in sample.comments:
            comment = sample.comments[key].removeprefix(f"{key}: ")
            yield f"    # {key}: {comment}"


def _tried(sample: Sample, data: bytes, file: str, today: date) -> Iterator[str]:
    """What the reader makes of the file with these keys."""
    try:
        source = Source.model_validate({"title": "t", "file": "x.csv", **sample.keys})
    except ValidationError as error:
        yield f"# these keys do not fit together: {error.errors()[0]['msg']}"
        return
    reading = read(data, file, Dialect.of(source), today)
    problems = [*reading.rejected, *reading.quarantined, *reading.near_misses]
    bad = f", {len(reading.quarantined)} not" if reading.quarantined else ""
    yield f"# with these lines {words.counted(reading.row_count, 'row')} of it can be used{bad}"
    yield from (f"#   {problem}" for problem in problems[:_MOST_PROBLEMS])


def _yaml(value: Any) -> str:
    """A value as YAML reads it, on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_yaml(key)}: {_yaml(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_yaml, value)) + "]"
    if isinstance(value, str) and not re.fullmatch(r"[A-Za-z_][\w ./-]*[\w]|[A-Za-z_]", value, re.ASCII):
        return json.dumps(value, ensure_ascii=not value.isprintable())
    if isinstance(value, str) and value.lower() in (
        "y",
        "n",
        "yes",
        "no",
        "on",
        "off",
        "true",
        "false",
        "null",
        "none",
    ):
        return value if value == "none" else json.dumps(value)
    return str(value)
