"""What the figures of all sources follow from, in JSON: a line about the sources, and one for each indicator."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache

from pydantic import TypeAdapter

from dashboard.analysis import Figures, Finding, combine_findings
from dashboard.domain import RowCounts

_Sources = tuple[date, dict[str, RowCounts], dict[str, Finding]]
_Reader = tuple[str, dict[str, Finding]]


def findings_line(indicator: str, findings: Mapping[str, Finding]) -> bytes:
    """The line of one indicator: its sources as it finds them."""
    return _line(_reader_adapter().dump_python(((indicator, dict(findings)),), mode="json")[0])


def join_findings(
    as_of: date, counts: Mapping[str, RowCounts], unread: Mapping[str, Finding], lines: Iterable[bytes]
) -> bytes:
    """The JSON of all findings of a day, from those of sources that no indicator reads and the lines of the others."""
    head = _sources_adapter().dump_python((as_of, dict(counts), dict(unread)), mode="json")
    return b"\n".join([_line(head), *lines])


def split_findings(data: bytes) -> list[bytes]:
    """The lines of the indicators in the JSON of all findings."""
    return data.split(b"\n")[1:]


def figures_from_json(data: bytes) -> tuple[date, dict[str, Figures]]:
    """The day, and the figures of all sources then; ValueError where the bytes hold none."""
    head, *lines = data.split(b"\n")
    as_of, counts, unread = _sources_adapter().validate_json(head)
    readers = dict(_reader_adapter().validate_json(b"[" + b",".join(lines) + b"]"))
    return as_of, combine_findings(counts, unread, readers)


def _line(values: object) -> bytes:
    return json.dumps(values, ensure_ascii=False).encode()


@cache
def _sources_adapter() -> TypeAdapter[_Sources]:
    return TypeAdapter(_Sources)


@cache
def _reader_adapter() -> TypeAdapter[tuple[_Reader, ...]]:
    return TypeAdapter(tuple[_Reader, ...])
