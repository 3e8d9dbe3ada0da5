"""What every check yields, and the check of ids, which sources and indicators share."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dashboard.catalog.yaml_text.reader import KeyPath

Finding = tuple[KeyPath, str]  # path below the entry, and the message; the loader adds the line and column

_ID = re.compile(r"[a-z][a-z0-9_]*")
_LONGEST_ID = 100


def check_id(name: str) -> Iterator[Finding]:
    if not _ID.fullmatch(name):
        yield (), "an id is made of small letters, digits and _, and begins with a letter"
    elif len(name) > _LONGEST_ID:
        yield (), f"an id has at most {_LONGEST_ID} letters, for it names files"
