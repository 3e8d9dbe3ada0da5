"""The lines of the journal: how a line of a source is written, checked, and attributed to its source if it is damaged.

A line holds the name of its source twice and ends with a checksum over itself, so that a changed byte anywhere in it is
detected, and one damaged spot still leaves a name to read, unless it is as long as a whole line.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

_TEXT = rb'"((?:[^"\\]|\\.)*)"'
_BEGINNING = re.compile(rb'\{"outcome":"([a-z ]+)","source":' + _TEXT + rb",")
_NAMES = re.compile(r'"(?:source|source_again|from)":"((?:[^"\\\x00-\x1f\udc80-\udcff]|\\.)*)"')
_UNREADABLE = re.compile(r"[\x00-\x1f\udc80-\udcff]")  # control characters and bytes that are no text: in no line
_HIDES_A_LINE = 40  # bytes; a line has more from its beginning to the end of its second name
_CHECKSUM = b',"checksum":"'
_TAIL = len(_CHECKSUM) + 16 + len(b'"}')


def line_of(outcome: str, source: str, fields: Mapping[str, Any]) -> bytes:
    """A line of the journal without its line break: the outcome first, so that lines are selected before parsing."""
    values = {"outcome": outcome, "source": source, **fields, "source_again": source}
    text = json.dumps(values, separators=(",", ":"), ensure_ascii=False)
    return with_checksum(text.encode("utf-8", "backslashreplace"))


def with_checksum(line: bytes) -> bytes:
    """A line as it is written: the checksum covers all bytes before it."""
    content = line[:-1]
    return b'%b%b%b"}' % (content, _CHECKSUM, _checksum_of(content))


def checksum(line: bytes) -> bytes:
    """The checksum that a line ends with."""
    return line[-18:-2]


def has_right_checksum(line: bytes) -> bool:
    """Whether a line ends as a written line does, and with the checksum of itself."""
    return line[-_TAIL:-18] == _CHECKSUM and line[-2:] == b'"}' and checksum(line) == _checksum_of(line[:-_TAIL])


def beginning(line: bytes) -> tuple[bytes, str, int] | None:
    """The outcome and the source of a line, and where its other fields begin; None where it is no journal's line."""
    match = _BEGINNING.match(line)
    return match and (match[1], _decoded(match[2]), match.end())


def names_in(damaged: bytes) -> set[str]:
    """The names of sources that can still be read in damaged lines, which may have swallowed other lines."""
    names = (match[1] for match in _NAMES.finditer(_text(damaged)))
    return {_decoded(name.encode("utf-8", "surrogateescape")) for name in names}


def may_hide_a_line(damaged: bytes) -> bool:
    """Whether a whole line may have been where nothing can be read between two names in damaged lines."""
    text, begin = _text(damaged), 0
    for end, following in [*(match.span() for match in _NAMES.finditer(text)), (len(text), 0)]:
        places = [match.start() for match in _UNREADABLE.finditer(text, begin, end)]
        if places and len(text[places[0] : places[-1]].encode("utf-8", "surrogateescape")) >= _HIDES_A_LINE:
            return True
        begin = following
    return False


def _text(damaged: bytes) -> str:
    return damaged.decode("utf-8", "surrogateescape")


def _checksum_of(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest()[:16].encode()


def _decoded(text: bytes) -> str:
    if b"\\" not in text:
        return text.decode("utf-8", "replace")
    try:
        return str(json.loads(b'"%b"' % text))
    except ValueError:
        return text.decode("utf-8", "replace")
